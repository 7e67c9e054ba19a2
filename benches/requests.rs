//! What a request costs, and where it goes. `cargo bench -p remit`.
//!
//! The agreement page (terms with tier, 4 targets, 12 services, 6 obligations) and a coverage question on the same
//! agreement, each asked through the whole API but HTTP, on SQLite; beside them the parts: the document's checks, the
//! store's statements, the rules alone on loaded terms, and the token. All in one run, so the shares can be read off, and
//! whether a name of another provider's takes as long as one of nothing.

use std::sync::LazyLock;

use divan::{Bencher, black_box};
use remit::{
    app::{App, AskedAgreement, CoverageRequest, Session},
    auth::{Caller, KeySet, ProviderCode, SigningKey, TokenRequest, Verifier},
    demo::Folder,
    graphql::{Api, Taken, request::GraphqlRequest},
    store::{Handle, Store},
};
use remit_domain::{
    Currency, Timestamp,
    coverage::{AskedService, ObligationStates, Question, decide_coverage},
    terms::AgreedTerms,
    words::{FailureScenario, Priority},
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const PAGE: &str =
    "{ agreement(by: {code: \"A\"}) { number title status client { code name } terms { version effectiveFrom
    calendar { code timeZone } tier { code targets { priority milestone within businessDays } }
    services { clause quantity unitPrice { amount currency } service { code name kind } }
    obligations { clause code title standard gatesServices { code } effects graceDays } } } }";

const COVERAGE: &str = "{ coverage(input: {agreement: {code: \"A\"}, service: {code: \"S7\"}, priority: P2, scenario: HARDWARE_FAILURE,
    at: \"2026-11-23T15:00:00Z\"}) { verdict responsible liable hoursClass chargeable hourlyRate { amount } deadlines { milestone due } reasons { code clause text } } }";

fn main() {
    divan::main();
}

/// A server's insides on a SQLite file, with the agreement in it.
struct Scene {
    runtime: Runtime,
    api: Api,
    session: Session,
    agreed: AgreedTerms,
    /// The id of an agreement of another provider.
    foreign: String,
    _folder: Folder,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let folder = Folder::new().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("bench.db").display());
    let (api, session, agreed, foreign) = runtime.block_on(async {
        let store = Store::open(&url).await.expect("a database");
        store.migrate().await.expect("tables");
        let api = Api::new(App::new(store)).expect("an API");
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().expect("an instant");
        let (session, other) = (session(&api, "bench", now).await, session(&api, "other", now).await);
        for (mutation, input) in inputs() {
            put(&api, &session, mutation, input.clone()).await;
            put(&api, &other, mutation, input).await;
        }
        let query =
            GraphqlRequest { query: "{ agreement(by: {code: \"A\"}) { id } }".into(), ..GraphqlRequest::default() };
        let found: Value = serde_json::from_str(&api.answer(other, &query, Taken::All).await.body).expect("JSON");
        let foreign = found["data"]["agreement"]["id"].as_str().expect("an id").to_owned();
        let versions =
            api.app().store().versions(&session.scope, &agreements(&api, &session).await).await.expect("versions");
        let sections = &versions[0].sections;
        let catalogue = api.app().catalogue(&session, &[&**sections]).await.expect("names");
        let agreed = catalogue.agree(sections, Currency::new("USD", 2).expect("a currency")).expect("terms");
        (api, session, agreed, foreign)
    });
    Scene { runtime, api, session, agreed, foreign, _folder: folder }
});

async fn session(api: &Api, provider: &str, now: Timestamp) -> Session {
    let caller = Caller::operator(ProviderCode::new(provider).expect("a provider"), now.as_second());
    api.app().session(caller, now).await.expect("a session")
}

async fn agreements(api: &Api, session: &Session) -> Vec<remit::store::Uuid> {
    let found =
        api.app().store().find_agreements(&session.scope, &[Handle::Code("A".into())]).await.expect("agreements");
    found.into_values().map(|agreement| agreement.id).collect()
}

async fn put(api: &Api, session: &Session, mutation: &str, input: Value) {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!("mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ errors {{ message path }} }} }}");
    let variables = serde_json::Map::from_iter([("input".to_owned(), input)]);
    let request = GraphqlRequest { query, variables, ..GraphqlRequest::default() };
    let reply = api.answer(session.clone(), &request, Taken::All).await;
    assert!(reply.body.contains("\"errors\":[]"), "{mutation}: {}", reply.body);
}

fn inputs() -> Vec<(&'static str, Value)> {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
    let weekly: Vec<Value> =
        days.iter().map(|day| json!({"weekday": day, "opens": "08:00", "closes": "17:00"})).collect();
    let targets: Vec<Value> = ["P1", "P2", "P3", "P4"]
        .iter()
        .map(|p| json!({"priority": p, "milestone": "RESPONSE", "within": "PT4H"}))
        .collect();
    let mut inputs: Vec<(&str, Value)> = (0..12)
        .map(|n| ("putService", json!({"code": format!("S{n}"), "name": format!("Service {n}"), "kind": "SUPPORT"})))
        .collect();
    inputs.push(("putCalendar", json!({"code": "C", "name": "C", "timeZone": "America/New_York", "weekly": weekly})));
    inputs.push(("putSlaTier", json!({"code": "T", "name": "T", "targets": targets})));
    inputs.push(("putClient", json!({"code": "K", "name": "K"})));
    inputs.push(("createAgreement", json!({"number": "A", "title": "A", "client": {"code": "K"}, "currency": "USD"})));
    inputs.push(("draftTerms", draft()));
    inputs.push(("offerTerms", json!({"agreement": {"code": "A"}})));
    inputs.push(("activateTerms", json!({"agreement": {"code": "A"}, "acceptedBy": "the client's board"})));
    inputs
}

fn draft() -> Value {
    let price = json!({"amount": "25.00", "currency": "USD"});
    let services: Vec<Value> =
        (0..12).map(|n| json!({"service": {"code": format!("S{n}")}, "quantity": n + 1, "unitPrice": price})).collect();
    let obligations: Vec<Value> = (0..6)
        .map(|n| json!({"code": format!("O{n}"), "title": "A standard", "standard": "Is met.", "gatesServices": [{"code": format!("S{n}")}], "graceDays": 7}))
        .collect();
    let responsible = |scenario: &str| json!({"scenario": scenario, "party": "PROVIDER", "duties": "Mends it."});
    let expected = |component: &str| json!({"component": component, "metric": "uptime", "comparator": "AT_LEAST", "value": "99", "unit": "%", "window": "CALENDAR_MONTH", "measuredBy": "PROVIDER"});
    let rate = |class: &str, multiplier: &str| json!({"hoursClass": [class], "treatment": "MULTIPLIER", "multiplier": multiplier});
    let responsibilities =
        ["HARDWARE_FAILURE", "NETWORK_FAILURE", "SOFTWARE_GLITCH", "SYSTEM_FAILURE"].map(responsible);
    let expectations = ["HARDWARE", "THIRD_PARTY_SYSTEM", "WORKSTATION"].map(expected);
    json!({
        "agreement": {"code": "A"}, "effectiveFrom": "2026-01-01", "calendar": {"code": "C"}, "tier": {"code": "T"},
        "services": services, "obligations": obligations,
        "exclusions": [{"title": "Consumables", "reason": "Bought by the client."}],
        "responsibilities": responsibilities,
        "extraHours": {"roles": [{"role": "engineer", "hourly": {"amount": "150", "currency": "USD"}}],
            "rates": [rate("HOLIDAY", "2"), rate("WEEKEND", "2"), rate("AFTER_HOURS", "1.5"), rate("BUSINESS", "1")]},
        "performance": expectations,
        "recovery": [{"scenario": "SYSTEM_FAILURE", "fixWithin": "PT8H"}],
        "backups": [{"subject": "Servers", "every": "PT24H", "retentionDays": 30}],
    })
}

fn answer(bencher: Bencher<'_, '_>, query: &str) {
    let scene = &*SCENE;
    let request = GraphqlRequest { query: query.into(), ..GraphqlRequest::default() };
    bencher.bench(|| {
        let reply = scene.runtime.block_on(scene.api.answer(scene.session.clone(), &request, Taken::All));
        assert!(!reply.body.contains("\"errors\""), "{}", reply.body);
        black_box(reply)
    });
}

#[divan::bench]
fn page_whole_api(bencher: Bencher<'_, '_>) {
    answer(bencher, PAGE);
}

#[divan::bench]
fn page_document_checks(bencher: Bencher<'_, '_>) {
    let scene = &*SCENE;
    let request = GraphqlRequest { query: PAGE.into(), ..GraphqlRequest::default() };
    bencher.bench(|| black_box(scene.api.check(&request)));
}

#[divan::bench]
fn page_statements(bencher: Bencher<'_, '_>) {
    let scene = &*SCENE;
    let (app, scope) = (scene.api.app(), &scene.session.scope);
    bencher.bench(|| {
        scene.runtime.block_on(async {
            let ids = agreements(&scene.api, &scene.session).await;
            let versions = app.store().versions(scope, &ids).await.expect("versions");
            let sections: Vec<_> = versions.iter().map(|terms| &*terms.sections).collect();
            black_box(app.catalogue(&scene.session, &sections).await.expect("names"));
            black_box(app.store().obligations(scope, &versions).await.expect("obligations"));
        });
    });
}

#[divan::bench]
fn coverage_whole_api(bencher: Bencher<'_, '_>) {
    answer(bencher, COVERAGE);
}

#[divan::bench]
fn coverage_use_case(bencher: Bencher<'_, '_>) {
    let scene = &*SCENE;
    let question = CoverageRequest {
        by: AskedAgreement::Agreement(Handle::Code("A".into())),
        service: Some(Handle::Code("S7".into())),
        priority: Some(Priority::P2),
        scenario: Some(FailureScenario::HardwareFailure),
        component: None,
        role: None,
        work_kind: None,
        channel: None,
        delivery: None,
        caller: None,
        work: None,
        at: scene.session.now,
    };
    let asked = [question];
    bencher.bench(|| {
        black_box(scene.runtime.block_on(scene.api.app().coverage(&scene.session, &asked)).expect("an answer"))
    });
}

#[divan::bench]
fn coverage_rules_alone(bencher: Bencher<'_, '_>) {
    let scene = &*SCENE;
    let question = Question {
        service: AskedService::Known("S7".parse().expect("a code")),
        priority: Some(Priority::P2),
        scenario: Some(FailureScenario::HardwareFailure),
        component: None,
        role: None,
        work_kind: None,
        channel: None,
        delivery: None,
        caller: None,
        work: None,
        at: scene.session.now,
    };
    let states = ObligationStates::new();
    bencher.bench(|| black_box(decide_coverage(&scene.agreed, 1, &states, None, black_box(&question))));
}

/// What is not the caller's is answered like what is not there, and as fast: the two must not differ by more than 5 %.
#[divan::bench(args = ["foreign", "unknown"])]
fn page_of_what_is_not_ones_own(bencher: Bencher<'_, '_>, which: &str) {
    let scene = &*SCENE;
    let id = if which == "foreign" { scene.foreign.as_str() } else { "agr_0193f0000000700080000000000000ff" };
    answer(bencher, &PAGE.replace("{code: \"A\"}", &format!("{{id: \"{id}\"}}")));
}

/// A token of the server's own, of the usual length, and who takes it.
fn token() -> (String, Verifier) {
    let key = SigningKey::generate().expect("a key");
    let request = TokenRequest {
        provider: ProviderCode::new("bench").expect("a provider"),
        scopes: "catalogue:read clients:read agreements:read coverage:read tickets:read time:read"
            .parse()
            .expect("scopes"),
        client: None,
        subject: "psa".into(),
        client_id: "bench".into(),
        ttl: "1h".parse().expect("a time"),
        cut: None,
    };
    let token = request.sign(&key, "remit", "remit", 1_800_000_000).expect("a token");
    (token, Verifier::new(KeySet::from(&key), "remit", "remit"))
}

#[divan::bench]
fn token_never_seen(bencher: Bencher<'_, '_>) {
    let (token, verifier) = token();
    // What does not hold is not kept: a token that has run out is verified each time, to the last step but one.
    bencher.bench(|| black_box(verifier.verify(black_box(&token), 1_900_000_000).is_err()));
}

#[divan::bench]
fn token_seen_before(bencher: Bencher<'_, '_>) {
    let (token, verifier) = token();
    assert!(verifier.verify(&token, 1_800_000_000).is_ok());
    bencher.bench(|| black_box(verifier.verify(black_box(&token), 1_800_000_000)));
}
