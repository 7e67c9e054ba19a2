//! What the benches of a whole server share: its insides on each database, and how a figure is said.

use remit::{
    app::{App, Session},
    auth::{Caller, ProviderCode},
    demo::Folder,
    graphql::{Api, Taken, request::GraphqlRequest},
    store::Store,
};
use remit_domain::Timestamp;
use serde_json::{Map, Value, json};

/// Measures on SQLite in a file of its own, and where `REMIT_BENCH_DATABASE_URL` names an empty database on that too.
pub(crate) fn on_each_database<F: Future<Output = ()>>(measure: impl Fn(Scene) -> F) {
    // Asked for its list of tests, a bench without a harness has none.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = Folder::new().expect("a folder");
    let sqlite = format!("sqlite://{}", folder.path().join("bench.db").display());
    let other = std::env::var("REMIT_BENCH_DATABASE_URL").ok();
    for url in [Some(sqlite), other].into_iter().flatten() {
        println!("{}", url.split_once(':').map_or("", |(kind, _)| kind));
        runtime.block_on(async { measure(Scene::new(&url).await).await });
    }
}

/// A server's insides.
pub(crate) struct Scene {
    pub(crate) api: Api,
    pub(crate) session: Session,
}

impl Scene {
    async fn new(url: &str) -> Self {
        let store = Store::open(url).await.expect("a database");
        store.migrate().await.expect("tables");
        let api = Api::new(App::new(store)).expect("an API");
        let now: Timestamp = "2026-11-23T18:00:00Z".parse().expect("an instant");
        let caller = Caller::operator(ProviderCode::new("bench").expect("a provider"), now.as_second());
        let session = api.app().session(caller, now).await.expect("a session");
        Self { api, session }
    }

    /// Asks something that must succeed; the answer.
    pub(crate) async fn ask(&self, query: String, variables: Map<String, Value>) -> String {
        let request = GraphqlRequest { query, variables, ..GraphqlRequest::default() };
        let reply = self.api.answer(self.session.clone(), &request, Taken::All).await;
        assert!(!reply.body.contains("\"errors\":[{"), "{}", &reply.body[..reply.body.len().min(2_000)]);
        reply.body.to_string()
    }

    /// Calls a mutation that must succeed.
    pub(crate) async fn put(&self, mutation: &str, input: Value, selection: &str) -> String {
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} errors {{ code message }} }} }}"
        );
        self.ask(query, Map::from_iter([("input".to_owned(), input)])).await
    }
}

/// Says the median and the least of some rounds, in milliseconds.
pub(crate) fn say(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    println!("  {what}: {:.1} ms (least {:.1})", times[times.len() / 2], times[0]);
}

/// A service, hours, a tier and a client.
pub(crate) async fn catalogue(scene: &Scene) {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
    let weekly: Vec<Value> =
        days.iter().map(|day| json!({"weekday": day, "opens": "08:00", "closes": "17:00"})).collect();
    let targets: Vec<Value> = ["P1", "P2", "P3", "P4"]
        .iter()
        .map(|p| json!({"priority": p, "milestone": "RESPONSE", "within": "PT4H"}))
        .collect();
    let calendar = json!({"code": "C", "name": "C", "timeZone": "America/New_York", "weekly": weekly});
    scene.put("putService", json!({"code": "HELPDESK", "name": "Help desk", "kind": "SUPPORT"}), "").await;
    scene.put("putCalendar", calendar, "").await;
    scene.put("putSlaTier", json!({"code": "T", "name": "T", "targets": targets}), "").await;
    scene.put("putClient", json!({"code": "K", "name": "K"}), "").await;
}

/// An agreement in force that says everything, with hours included or without.
pub(crate) async fn agreement(scene: &Scene, number: &str, from: &str, pool: bool) {
    let rate = |class: &str, multiplier: &str| json!({"hoursClass": [class], "treatment": "MULTIPLIER", "multiplier": multiplier});
    let included = pool.then(|| json!({"perPeriod": "PT40H", "rolloverPeriods": 1, "draws": [{"factor": "1"}]}));
    let responsible = |scenario: &str| json!({"scenario": scenario, "party": "PROVIDER", "duties": "Mends it."});
    let expected = |component: &str| json!({"component": component, "metric": "uptime", "comparator": "AT_LEAST", "value": "99", "unit": "%", "window": "CALENDAR_MONTH", "measuredBy": "PROVIDER"});
    let responsibilities =
        ["HARDWARE_FAILURE", "NETWORK_FAILURE", "SOFTWARE_GLITCH", "SYSTEM_FAILURE"].map(responsible);
    let performance = ["HARDWARE", "THIRD_PARTY_SYSTEM", "WORKSTATION"].map(expected);
    let draft = json!({
        "agreement": {"code": number}, "effectiveFrom": from, "calendar": {"code": "C"}, "tier": {"code": "T"},
        "services": [{"service": {"code": "HELPDESK"}, "unitPrice": {"amount": "900", "currency": "USD"}}],
        "exclusions": [{"title": "Consumables", "reason": "Bought by the client."}],
        "obligations": [{"code": "O", "title": "A standard", "standard": "Is met.", "gatesServices": [{"code": "HELPDESK"}]}],
        "responsibilities": responsibilities,
        "extraHours": {"roles": [{"role": "engineer", "hourly": {"amount": "150", "currency": "USD"}}], "included": included,
            "rounding": {"increment": "PT15M"},
            "rates": [rate("HOLIDAY", "2"), rate("WEEKEND", "2"), rate("AFTER_HOURS", "1.5"), rate("BUSINESS", "1")]},
        "performance": performance,
        "recovery": [{"scenario": "SYSTEM_FAILURE", "fixWithin": "PT8H"}],
        "backups": [{"subject": "Servers", "every": "PT24H", "retentionDays": 30}],
    });
    let create = json!({"number": number, "title": number, "client": {"code": "K"}, "currency": "USD"});
    let of = || json!({"agreement": {"code": number}});
    scene.put("createAgreement", create, "").await;
    scene.put("draftTerms", draft, "").await;
    scene.put("offerTerms", of(), "").await;
    scene.put("activateTerms", json!({"agreement": {"code": number}, "acceptedBy": "the client's board"}), "").await;
}
