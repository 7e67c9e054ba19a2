//! The number of SQL statements of a query follows from what it selects, never from how many rows there are.

use serde_json::json;

use crate::support::{Remit, both, fixtures};

/// Everything that hangs on agreements.
const COMPLETE: &str = "query ($first: Int!) { agreements(first: $first) { totalCount pageInfo { endCursor } edges { cursor node {
    id number title status currency revision externalRefs { id } client { id code externalRefs { id } agreements(first: 3) { totalCount nodes { number } } }
    pending { version } terms { id version status agreement { number } effectiveFrom acceptedBy
      calendar { id code weekly { opens } exceptions { date } } tier { id targets { within } waiting { reason } credits { creditPercent } }
      services { clause quantity service { id code externalRefs { id } components { code } } components { code } unitPrice { amount } tier { id } calendar { id } }
      exclusions { clause service { code } } extraHours { rates { code } roles { role } rounding { increment } included { perPeriod } }
      responsibilities { clause costs { item } } obligations { id code gatesServices { code } state } performance { clause } availability { clause } recovery { clause } backups { clause }
      readiness { ready findings { code } } document }
    versions { version status html: document(format: HTML) } } } } }";

/// How many statements a server sends that has answered nothing yet, and how many rows it answers with; asked again, it
/// sends no more.
async fn statements(remit: &Remit, query: &str, first: i32) -> (u64, usize) {
    let fresh = remit.beside_at(remit.clock).await;
    let user = fresh.admin("acme");
    let mut counts = Vec::new();
    let mut rows = 0;
    for _ in 0..2 {
        let before = fresh.store.statements();
        let answer = user.ask_with(query, json!({"first": first})).await;
        counts.push(fresh.store.statements() - before);
        rows = answer["agreements"]["edges"].as_array().unwrap().len();
    }
    assert!(counts[1] <= counts[0], "{counts:?}");
    (counts[0], rows)
}

both! {
    async fn fifty_complete_agreements_cost_no_more_statements_than_one(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        for place in 0..50 {
            fixtures::agreement_in_force(&admin, &format!("MSA-{place:02}")).await;
        }
        let (one, rows) = statements(&remit, COMPLETE, 1).await;
        assert_eq!(rows, 1);
        let (fifty, rows) = statements(&remit, COMPLETE, 50).await;
        assert_eq!(rows, 50);
        assert_eq!(one, fifty);
        // A document is written of what the terms load, with the client's name.
        let mut undocumented = COMPLETE.replace("agreement { number }", "agreement { number client { name } }");
        for document in [" document }", " html: document(format: HTML)"] {
            undocumented = undocumented.replace(document, if document.ends_with('}') { " }" } else { "" });
        }
        assert_eq!(fifty, statements(&remit, &undocumented, 50).await.0);
        println!("the complete graph of agreements takes {fifty} statements");
        let hours = "query ($first: Int!) { agreements(first: $first) { edges { node { prepaidHours { code } hours(asOf: \"2026-11-20T00:00:00Z\") { available lots { prepaid } } } } } }";
        for place in 0..50 {
            let block = json!({"agreement": {"code": format!("MSA-{place:02}")}, "code": "BLOCK", "hours": "PT5H", "from": "2026-11-01", "paid": true});
            admin.done("putPrepaidHours", block, "").await;
        }
        assert_eq!(statements(&remit, hours, 1).await.0, statements(&remit, hours, 50).await.0);
        let entry = |place: usize| json!({"ref": {"system": "psa", "id": place.to_string()}, "agreement": {"code": format!("MSA-{place:02}")}, "role": "engineer", "startedAt": "2026-11-14T15:00:00Z", "endedAt": "2026-11-14T16:00:00Z"});
        admin.done("recordTimeEntries", json!({"entries": (0..50).map(entry).collect::<Vec<_>>()}), "").await;
        let billing = "query ($first: Int!) { agreements(first: $first) { edges { node { periods(first: 20) { totalCount nodes { from closed total { amount } hours { event } } }
            charges(first: 5, filter: {client: {code: \"NORTHWIND\"}}) { totalCount nodes { client { code } draws { prepaid } timeEntry { role } } } } } } }";
        assert_eq!(statements(&remit, billing, 1).await.0, statements(&remit, billing, 50).await.0);
        let found = admin.ask_with(billing, json!({"first": 50})).await;
        for edge in found["agreements"]["edges"].as_array().unwrap() {
            let (charges, periods) = (&edge["node"]["charges"], &edge["node"]["periods"]);
            assert_eq!((&charges["totalCount"], &charges["nodes"][0]["draws"][0]["prepaid"]), (&json!(1), &json!("BLOCK")));
            assert_eq!((&periods["totalCount"], &periods["nodes"][10]["hours"][1]["event"]), (&json!(11), &json!("DRAWN")));
        }
        let question = |place: usize| json!({"agreement": {"code": format!("MSA-{place:02}")}, "service": {"code": "BACKUP"}, "priority": "P1", "at": "2026-11-23T15:00:00Z"});
        let query = "query ($inputs: [CoverageInput!]!) { coverages(inputs: $inputs) { verdict terms { version } deadlines { due } reasons { code } } }";
        let mut counts = Vec::new();
        for count in [1, 50] {
            let before = remit.store.statements();
            admin.ask_with(query, json!({"inputs": (0..count).map(question).collect::<Vec<_>>()})).await;
            counts.push(remit.store.statements() - before);
        }
        assert_eq!(counts[0], counts[1]);
    }

    async fn what_agreements_are_called_is_read_with_the_revision_of_the_catalogue(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        for number in ["MSA-1", "MSA-2"] {
            fixtures::agreement_in_force(&admin, number).await;
            let entry = json!({"ref": {"system": "psa", "id": number}, "agreement": {"code": number}, "role": "engineer",
                "startedAt": "2026-11-02T06:00:00Z", "endedAt": "2026-11-02T07:00:00Z"});
            admin.done("recordTimeEntries", json!({"entries": [entry]}), "").await;
        }
        let count = async |query: &str| {
            admin.ask(query).await;
            let before = remit.store.statements();
            let found = admin.ask(query).await;
            assert_eq!(found["charges"]["nodes"].as_array().unwrap().len(), 2);
            remit.store.statements() - before
        };
        assert_eq!(count("{ charges { nodes { client { name } agreement { id number title } } } }").await, 2);
        assert_eq!(count("{ charges { nodes { client { name } agreement { number title revision } } } }").await, 3);
    }

    async fn the_tickets_of_twenty_charges_cost_no_more_statements_than_one(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let agreement = json!({"code": "MSA-1"});
        let entry = |place: usize| json!({"ref": {"system": "psa", "id": format!("E{place}")}, "agreement": agreement, "role": "engineer", "ticket": {"external": {"system": "psa", "id": format!("T{place}")}},
            "startedAt": format!("2026-11-{:02}T06:00:00Z", 1 + place), "endedAt": format!("2026-11-{:02}T07:00:00Z", 1 + place)});
        let ticket = |place: usize, title: &str, priority: &str| json!({"ref": {"system": "psa", "id": format!("T{place}")}, "agreement": agreement, "title": title, "priority": priority, "openedAt": "2026-11-01T00:00:00Z"});
        admin.done("recordTimeEntries", json!({"entries": (0..20).map(entry).collect::<Vec<_>>()}), "").await;
        let mut counts = Vec::new();
        let mut record = async |tickets: Vec<serde_json::Value>| {
            let before = remit.store.statements();
            admin.done("recordTickets", json!({"tickets": tickets}), "").await;
            counts.push(remit.store.statements() - before);
        };
        record((0..20).map(|place| ticket(place, "New", "P3")).collect()).await;
        record(vec![ticket(0, "New", "P1")]).await;
        record((0..20).map(|place| ticket(place, "New", "P2")).collect()).await;
        // What work does not ask about asks nothing of it.
        record((0..20).map(|place| ticket(place, "Another title", "P2")).collect()).await;
        assert_eq!(counts[1], counts[2]);
        assert!(counts[3] < counts[2], "{counts:?}");
        println!("recording tickets that work names takes {counts:?} statements");
        let query = "query ($first: Int!) { charges(first: $first) { nodes { service { code } ticket { title } timeEntry { ticket { title client { code } } } } } }";
        let mut counts = Vec::new();
        for first in [1, 20] {
            let before = remit.store.statements();
            let found = admin.ask_with(query, json!({"first": first})).await;
            assert_eq!(found["charges"]["nodes"].as_array().unwrap().len(), first);
            counts.push(remit.store.statements() - before);
        }
        assert_eq!(counts[0], counts[1]);
    }
}
