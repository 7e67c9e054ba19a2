//! Clocks follow what they follow from, and what happens to them is told once.

use remit::{app::App, store::Store};
use remit_domain::Timestamp;
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};

use crate::support::{NOW, Remit, User, both, code, fixtures, socket::Socket};

fn with(mut input: Value, field: &str, value: Value) -> Value {
    input[field] = value;
    input
}

fn ticket(id: &str, opened: &str) -> Value {
    json!({"ref": {"system": "psa", "id": id}, "agreement": {"code": "MSA-1"}, "title": id, "priority": "P2", "openedAt": opened})
}

async fn provider(remit: &Remit) -> User<'_> {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    fixtures::agreement_in_force(&admin, "MSA-1").await;
    admin
}

async fn record(user: &User<'_>, tickets: &[Value]) {
    let done = user.done("recordTickets", json!({"tickets": tickets}), "results { outcome errors { message } }").await;
    for result in done["results"].as_array().unwrap() {
        assert_eq!(result["errors"], json!([]));
    }
}

/// Lines of the report since 2026: `P2 RESPONSE 1/0/2 waited PT0S suspended PT1H`.
async fn report(user: &User<'_>) -> Vec<String> {
    let lines = "lines { priority milestone met breached running waited suspended suspendedTickets targetPercent }";
    let query = format!(
        "{{ agreement(by: {{code: \"MSA-1\"}}) {{ slaReport(from: \"2026-01-01T00:00:00Z\", to: \"2027-01-01T00:00:00Z\") {{ {lines} }} }} }}"
    );
    let report = user.ask(&query).await["agreement"]["slaReport"].clone();
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
    let line = |line: &Value| {
        format!(
            "{} {} {}/{}/{} waited {} suspended {}",
            text(line, "priority"),
            text(line, "milestone"),
            line["met"],
            line["breached"],
            line["running"],
            text(line, "waited"),
            text(line, "suspended")
        )
    };
    report["lines"].as_array().unwrap().iter().map(line).collect()
}

async fn due(user: &User<'_>, id: &str, milestone: &str) -> Value {
    let query =
        "query ($id: String!) { ticket(by: {external: {system: \"psa\", id: $id}}) { clocks { milestone due } } }";
    let ticket = user.ask_with(query, json!({"id": id})).await["ticket"].clone();
    let clocks = ticket["clocks"].as_array().unwrap();
    clocks.iter().find(|clock| clock["milestone"] == milestone).map_or(Value::Null, |clock| clock["due"].clone())
}

/// What the feed says of clocks, in order: `clock.warning RESOLUTION 50`.
async fn told(remit: &Remit) -> Vec<String> {
    let connection = Database::connect(remit.database_url()).await.unwrap();
    let sql = "SELECT event, milestone, percent FROM change WHERE event LIKE 'clock.%' ORDER BY epoch, transaction_id, sequence";
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await.unwrap();
    let line = |row: &sea_orm::QueryResult| {
        let percent: Option<i32> = row.try_get("", "percent").unwrap();
        let (event, milestone): (String, String) =
            (row.try_get("", "event").unwrap(), row.try_get("", "milestone").unwrap());
        format!("{event} {milestone}{}", percent.map(|percent| format!(" {percent}")).unwrap_or_default())
    };
    let lines = rows.iter().map(line).collect();
    connection.close().await.unwrap();
    lines
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Another server on the same database.
async fn server(remit: &Remit) -> App {
    App::new(Store::open(remit.database_url()).await.unwrap())
}

both! {
    async fn who_listens_is_told_what_happens_to_clocks(remit: Remit) {
        let admin = provider(&remit).await;
        let query = "subscription ($agreement: Ref, $client: Ref) { slaClockChanged(agreement: $agreement, client: $client) { ticket { title } clock { milestone state } kind percent at } }";
        let other = remit.beside().await;
        let mut socket = Socket::acknowledged(&other, &admin.token).await;
        socket.subscribe("ours", query, json!({"agreement": {"code": "MSA-1"}, "client": {"code": "NORTHWIND"}})).await;
        socket.subscribe("nobody's", query, json!({"agreement": {"code": "MSA-9"}})).await;
        socket.subscribe("now", "{ viewer { subject } }", json!({})).await;
        assert_eq!((socket.data("now").await["viewer"]["subject"].take(), socket.hear().await["type"].take()), (json!("tester"), json!("complete")));
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        record(&admin, &[ticket("t1", NOW)]).await;
        let started = told(&remit).await.len();
        assert!(started > 0);
        for _ in 0..started {
            let told = socket.data("ours").await["slaClockChanged"].take();
            assert_eq!((&told["ticket"], &told["kind"], &told["percent"], &told["at"]), (&json!({"title": "t1"}), &json!("STARTED"), &Value::Null, &json!(NOW)));
            assert_eq!(told["clock"]["state"], "RUNNING");
        }
        socket.silent().await;
        let blind = remit.user("acme", "changes:read");
        let mut socket = Socket::acknowledged(&remit, &blind.token).await;
        socket.subscribe("1", query, json!({})).await;
        assert_eq!(code(&socket.hear().await["payload"][0]), "FORBIDDEN tickets:read");
    }

    async fn terms_that_begin_in_the_past_change_clocks(remit: Remit) {
        let admin = provider(&remit).await;
        // Opened on the 12th and the 17th, both answered after two hours.
        let opened = |id: &str, day: &str| with(ticket(id, &format!("2026-11-{day}T15:00:00Z")), "events", json!([{"id": "r", "kind": "RESOLVED", "at": format!("2026-11-{day}T17:00:00Z")}]));
        record(&admin, &[opened("old", "12"), opened("new", "17")]).await;
        assert_eq!(report(&admin).await, ["P2 RESPONSE 0/2/0 waited PT0S suspended PT0S", "P2 RESOLUTION 2/0/0 waited PT0S suspended PT0S"]);
        // Signed late: from the 15th on four hours are enough.
        let slower: Vec<Value> = ["P1", "P2", "P3", "P4"].iter().map(|priority| json!({"priority": priority, "milestone": "RESPONSE", "within": "PT4H"})).collect();
        admin.done("putSlaTier", json!({"code": "SLOW", "name": "Slow", "targets": slower}), "").await;
        let of = json!({"agreement": {"code": "MSA-1"}});
        let draft = with(with(of.clone(), "effectiveFrom", json!("2026-11-15")), "tier", json!({"code": "SLOW"}));
        admin.done("draftTerms", draft, "").await;
        admin.done("offerTerms", of.clone(), "").await;
        admin.done("activateTerms", with(of.clone(), "acceptedBy", json!("Northwind")), "").await;
        assert_eq!(report(&admin).await, ["P2 RESPONSE 1/1/0 waited PT0S suspended PT0S", "P2 RESOLUTION 1/0/0 waited PT0S suspended PT0S"]);
        // Nothing is promised while the agreement is suspended.
        admin.done("suspendAgreement", with(with(of.clone(), "on", json!("2026-11-16")), "reason", json!("Unpaid")), "").await;
        assert_eq!(report(&admin).await, ["P2 RESPONSE 0/1/0 waited PT0S suspended PT0S", "P2 RESOLUTION 1/0/0 waited PT0S suspended PT0S"]);
        admin.done("resumeAgreement", with(of.clone(), "on", json!("2026-11-17")), "").await;
        assert_eq!(report(&admin).await, ["P2 RESPONSE 1/1/0 waited PT0S suspended PT0S", "P2 RESOLUTION 1/0/0 waited PT0S suspended PT0S"]);
        admin.done("terminateAgreement", with(with(of, "on", json!("2026-11-14")), "reason", json!("Sold")), "").await;
        assert_eq!(report(&admin).await, ["P2 RESPONSE 0/1/0 waited PT0S suspended PT0S", "P2 RESOLUTION 1/0/0 waited PT0S suspended PT0S"]);
    }

    async fn an_unmet_obligation_holds_clocks_and_the_report_says_so(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut draft = fixtures::draft("MSA-1");
        draft["obligations"] = json!([{"code": "FIREWALL", "title": "A firewall", "standard": "One is on.", "gatesServices": [{"code": "BACKUP"}], "effects": ["SLA_SUSPENDED"]}]);
        fixtures::agree(&admin, "MSA-1", draft).await;
        let of_service = |id: &str, service: &str| with(ticket(id, "2026-11-23T06:00:00Z"), "service", json!({"code": service}));
        record(&admin, &[of_service("b", "BACKUP"), of_service("h", "HELPDESK")]).await;
        let paused = "{ tickets(filter: {state: PAUSED}) { nodes { title } } }";
        assert_eq!(admin.ask(paused).await["tickets"]["nodes"], json!([]));
        let unmet = json!({"agreement": {"code": "MSA-1"}, "code": "FIREWALL", "state": "UNMET", "since": "2026-11-20T00:00:00Z"});
        admin.done("recordObligationStatus", unmet, "").await;
        assert_eq!(admin.ask(paused).await["tickets"]["nodes"], json!([{"title": "b"}]));
        assert_eq!((due(&admin, "b", "RESPONSE").await, due(&admin, "h", "RESPONSE").await), (Value::Null, json!("2026-11-23T14:00:00Z")));
        assert_eq!(told(&remit).await[4..], ["clock.paused RESPONSE", "clock.paused RESOLUTION"]);
        // An hour and a half after opening it is mended; the clock runs on with what was left.
        let later = server(&remit).await;
        later.catch_up_all(at("2026-11-23T14:30:00Z")).await.unwrap();
        assert_eq!(admin.ask(paused).await["tickets"]["nodes"], json!([{"title": "b"}]));
    }

    async fn the_report_says_which_obligations_took_time_out(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut draft = fixtures::draft("MSA-1");
        let duty = |code: &str, service: &str| json!({"code": code, "title": format!("A {code}"), "standard": "There is one.", "gatesServices": [{"code": service}], "effects": ["SLA_SUSPENDED"]});
        draft["obligations"] = json!([duty("FIREWALL", "BACKUP"), duty("ANTIVIRUS", "HELPDESK")]);
        fixtures::agree(&admin, "MSA-1", draft).await;
        let stands = |code: &str, state: &str, since: &str| json!({"agreement": {"code": "MSA-1"}, "code": code, "state": state, "since": since});
        for code in ["FIREWALL", "ANTIVIRUS"] {
            admin.done("recordObligationStatus", stands(code, "UNMET", "2026-11-20T00:00:00Z"), "").await;
        }
        let of_service = |id: &str, service: &str| with(ticket(id, NOW), "service", json!({"code": service}));
        record(&admin, &[of_service("b1", "BACKUP"), of_service("b2", "BACKUP"), of_service("h", "HELPDESK"), of_service("p", "PATCHING")]).await;
        // Doors open at eight; one is mended at nine, the other at eleven.
        let later = |clock: fn() -> Timestamp| remit.beside_at(clock);
        let at_nine = later(|| at("2026-11-23T14:00:00Z")).await;
        at_nine.admin("acme").done("recordObligationStatus", stands("ANTIVIRUS", "MET", "2026-11-23T14:00:00Z"), "").await;
        let at_eleven = later(|| at("2026-11-23T16:00:00Z")).await;
        at_eleven.admin("acme").done("recordObligationStatus", stands("FIREWALL", "MET", "2026-11-23T16:00:00Z"), "").await;
        let query = "{ agreement(by: {code: \"MSA-1\"}) { slaReport(from: \"2026-11-01T00:00:00Z\", to: \"2026-12-01T00:00:00Z\") {
            lines { milestone tickets suspended suspendedTickets suspensions { code clause title time tickets } } } } }";
        let line = |milestone: &str| json!({
            "milestone": milestone, "tickets": 4, "suspended": "PT7H", "suspendedTickets": 3,
            "suspensions": [
                {"code": "ANTIVIRUS", "clause": "4.2", "title": "A ANTIVIRUS", "time": "PT1H", "tickets": 1},
                {"code": "FIREWALL", "clause": "4.1", "title": "A FIREWALL", "time": "PT6H", "tickets": 2},
            ],
        });
        let expected = json!({"slaReport": {"lines": [line("RESPONSE"), line("RESOLUTION")]}});
        assert_eq!(at_eleven.admin("acme").ask(query).await["agreement"], expected);
        let own = at_eleven.portal("acme", "NORTHWIND", "agreements:read tickets:read");
        assert_eq!(own.ask(query).await["agreement"], expected);
    }

    async fn holidays_to_come_move_what_is_due(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut tier = fixtures::tier();
        for target in tier["targets"].as_array_mut().unwrap().iter_mut().filter(|target| target["priority"] == "P4") {
            target["within"] = json!("PT12H");
        }
        admin.done("putSlaTier", tier, "").await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        // Monday from eight on: an hour, and nine hours with three more of Tuesday.
        let slow = with(ticket("slow", "2026-11-23T11:00:00Z"), "priority", json!("P4"));
        record(&admin, &[ticket("soon", "2026-11-23T11:00:00Z"), slow]).await;
        let dues = async || [due(&admin, "soon", "RESPONSE").await, due(&admin, "slow", "RESPONSE").await];
        assert_eq!(dues().await, ["2026-11-23T14:00:00Z", "2026-11-24T16:00:00Z"]);
        let query = "{ tickets(filter: {dueBefore: \"2026-11-25T00:00:00Z\", milestone: RESPONSE, state: RUNNING}) { nodes { title } } }";
        assert_eq!(admin.ask(query).await["tickets"]["nodes"], json!([{"title": "soon"}, {"title": "slow"}]));
        // Nobody is there on Tuesday: the three hours are Wednesday's, in lists too.
        let mut calendar = fixtures::calendar();
        calendar["exceptions"].as_array_mut().unwrap().push(json!({"date": "2026-11-24", "name": "Storm"}));
        admin.done("putCalendar", calendar, "").await;
        assert_eq!(dues().await, ["2026-11-23T14:00:00Z", "2026-11-25T16:00:00Z"]);
        assert_eq!(admin.ask(query).await["tickets"]["nodes"], json!([{"title": "soon"}]));
    }

    async fn what_happens_by_itself_is_told_once_by_any_number_of_servers(remit: Remit) {
        let admin = provider(&remit).await;
        // One hour to respond and eight to mend, from Monday eight o'clock on.
        record(&admin, &[ticket("1", "2026-11-23T12:00:00Z")]).await;
        assert_eq!(told(&remit).await, ["clock.started RESPONSE", "clock.started RESOLUTION"]);
        let servers = [server(&remit).await, server(&remit).await, server(&remit).await];
        let pass = async |now: &str| {
            let [a, b, c] = [0, 1, 2].map(|place| servers[place].catch_up_all(at(now)));
            let (a, b, c) = tokio::join!(a, b, c);
            a.unwrap() + b.unwrap() + c.unwrap()
        };
        assert_eq!(pass("2026-11-23T13:29:59Z").await, 0);
        assert_eq!(pass("2026-11-23T13:30:00Z").await, 1);
        assert_eq!(told(&remit).await[2..], ["clock.warning RESPONSE 50"]);
        assert_eq!(pass("2026-11-23T13:30:00Z").await, 0);
        // A server whose clock is behind takes nothing back.
        assert_eq!(pass("2026-11-23T13:00:00Z").await, 0);
        // Nobody looked for a while.
        assert!(pass("2026-11-23T17:00:01Z").await > 0);
        let expected = ["clock.warning RESPONSE 75", "clock.warning RESPONSE 90", "clock.breached RESPONSE", "clock.warning RESOLUTION 50"];
        assert_eq!(told(&remit).await[3..], expected);
        // The rest is told when it is heard: here of what is long past, as of the server's own time.
        let events = json!([{"id": "r", "kind": "RESPONDED", "at": "2026-11-23T15:00:00Z"}, {"id": "x", "kind": "RESOLVED", "at": "2026-11-23T16:00:00Z"}]);
        record(&admin, &[with(ticket("1", "2026-11-23T12:00:00Z"), "events", events)]).await;
        assert_eq!(told(&remit).await[7..], ["clock.met RESOLUTION"]);
        assert_eq!(pass("2026-12-01T00:00:00Z").await, 0);
    }

    async fn what_a_ticket_goes_through_is_told(remit: Remit) {
        let admin = provider(&remit).await;
        let base = || ticket("1", "2026-11-20T21:00:00Z");
        let tell = async |events: Value| {
            let before = told(&remit).await.len();
            record(&admin, &[with(base(), "events", events)]).await;
            told(&remit).await[before..].to_vec()
        };
        let event = |id: &str, kind: &str, at: &str| json!([{"id": id, "kind": kind, "at": at}]);
        assert_eq!(tell(json!([{"id": "w", "kind": "WAITING", "at": "2026-11-20T21:10:00Z", "waitingFor": "CLIENT"}])).await, ["clock.started RESPONSE", "clock.breached RESPONSE", "clock.started RESOLUTION", "clock.paused RESOLUTION"]);
        assert_eq!(tell(event("r", "RESUMED", "2026-11-21T00:00:00Z")).await, ["clock.resumed RESOLUTION"]);
        assert_eq!(tell(event("x", "RESOLVED", "2026-11-22T00:00:00Z")).await, ["clock.met RESOLUTION"]);
        assert_eq!(tell(event("x", "RESOLVED", "2026-11-22T00:00:00Z")).await, [""; 0]);
        assert_eq!(tell(event("o", "REOPENED", "2026-11-22T10:00:00Z")).await, ["clock.resumed RESOLUTION"]);
        assert_eq!(tell(event("c", "CANCELLED", "2026-11-22T11:00:00Z")).await, ["clock.cancelled RESOLUTION"]);
        assert_eq!(NOW, "2026-11-23T12:00:00Z");
    }

    async fn a_wait_that_replaces_the_others_ends_them(remit: Remit) {
        let admin = provider(&remit).await;
        let parts = |replaces: bool| json!({"id": "p", "kind": "WAITING", "at": "2026-11-20T21:20:00Z", "waitingFor": "PARTS", "replaces": replaces});
        let client = json!({"id": "w", "kind": "WAITING", "at": "2026-11-20T21:10:00Z", "waitingFor": "CLIENT"});
        // Waiting for parts stops nothing here; waiting for the client goes on beside it, unless it was replaced.
        for (id, replaces, last) in [("1", false, "clock.paused RESOLUTION"), ("2", true, "clock.started RESOLUTION")] {
            record(&admin, &[with(ticket(id, "2026-11-20T21:00:00Z"), "events", json!([client, parts(replaces)]))]).await;
            assert_eq!(told(&remit).await.last().unwrap(), last);
        }
    }
}
