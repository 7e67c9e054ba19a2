//! Work that names a ticket is rated by what the ticket says (R0), whichever comes first (R7).

use serde_json::{Value, json};

use super::{
    charges, lines,
    work::{entry, record, rejected},
};
use crate::support::{User, both, code, fixtures};

/// An agreement whose fee pays for office hours, and whose other hours cost 100.00; what is urgent costs twice that. What one
/// ticket takes on a day is rounded to an hour together.
pub(super) async fn by_priority(admin: &User<'_>) {
    fixtures::catalogue(admin).await;
    agreed(admin, "MSA-1").await;
}

async fn agreed(admin: &User<'_>, number: &str) {
    let mut draft = fixtures::draft(number);
    draft["extraHours"] = json!({
        "rates": [
            {"code": "URGENT", "priority": ["P1"], "treatment": "MULTIPLIER", "multiplier": "2"},
            {"code": "OFFICE", "hoursClass": ["BUSINESS"], "treatment": "IN_FEE"},
            {"code": "ANY", "treatment": "MULTIPLIER", "multiplier": "1"},
        ],
        "roles": [{"role": "engineer", "hourly": {"amount": "100", "currency": "USD"}}],
        "rounding": {"aggregate": "TICKET_DAY", "increment": "PT1H"},
    });
    fixtures::agree(admin, number, draft).await;
}

/// A ticket of MSA-1, opened at the beginning of the month.
pub(super) fn ticket(id: &str, priority: &str) -> Value {
    json!({"ref": {"system": "PSA", "id": id}, "agreement": {"code": "MSA-1"}, "title": id, "priority": priority, "openedAt": "2026-11-01T00:00:00Z"})
}

#[allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]
pub(super) fn with(mut input: Value, changes: Value) -> Value {
    input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    input
}

/// Work on a ticket under MSA-1 that names no service itself.
fn work(id: &str, ticket: &str, from: &str, to: &str) -> Value {
    let named = json!({"service": null, "ticket": {"external": {"system": "PSA", "id": ticket}}});
    with(entry(id, &format!("2026-11-{from}:00Z"), &format!("2026-11-{to}:00Z")), named)
}

pub(super) async fn tell(admin: &User<'_>, tickets: Value) {
    let done = admin.done("recordTickets", json!({"tickets": tickets}), "results { errors { code message } }").await;
    assert!(done["results"].as_array().unwrap().iter().all(|result| result["errors"] == json!([])), "{done}");
}

async fn charged(admin: &User<'_>) -> Vec<String> {
    lines(&charges(admin, json!({})).await)
}

both! {
    async fn either_may_come_first(remit: Remit) {
        let (first, second) = (remit.admin("first"), remit.admin("second"));
        by_priority(&first).await;
        by_priority(&second).await;
        // Urgent from the ninth on, at ten.
        let urgent = json!({"events": [{"id": "e1", "kind": "PRIORITY_CHANGED", "at": "2026-11-09T10:00:00Z", "priority": "P1"}]});
        let tickets = json!([
            with(ticket("T1", "P3"), urgent),
            with(ticket("T2", "P3"), json!({"service": {"code": "PROJECTS"}})),
            with(ticket("T3", "P3"), json!({"scenario": "USER_ERROR", "component": "WORKSTATION"})),
        ]);
        let entries = json!([
            work("a", "T1", "09T08:00", "09T08:20"),
            work("b", "T1", "09T09:00", "09T09:20"),
            work("c", "T1", "09T11:00", "09T11:20"),
            // Its own word counts more than the ticket's.
            with(work("d", "T1", "10T11:00", "10T12:00"), json!({"priority": "P4"})),
            work("e", "T2", "11T16:00", "11T17:00"),
            work("f", "T3", "12T16:00", "12T17:00"),
            work("g", "T4", "13T11:00", "13T11:20"),
            work("h", "T4", "13T12:00", "13T12:20"),
        ]);
        tell(&first, tickets.clone()).await;
        record(&first, entries.clone()).await;
        record(&second, entries).await;
        // Nothing is known of the tickets yet; what is for one of them is rounded together all the same.
        let before = charged(&second).await;
        assert_eq!(before.len(), 6);
        assert_eq!(before[..3], ["a EXTRA_HOURS AFTER_HOURS PT20M PT0S PT20M 100.00 33.33", "b EXTRA_HOURS AFTER_HOURS PT20M PT0S PT20M 100.00 33.34", "c EXTRA_HOURS AFTER_HOURS PT20M PT0S PT20M 100.00 33.33"]);
        tell(&second, tickets).await;
        let expected = [
            "a EXTRA_HOURS AFTER_HOURS PT20M PT0S PT20M 100.00 33.33",
            "b EXTRA_HOURS AFTER_HOURS PT20M PT0S PT20M 100.00 33.34",
            "c EXTRA_HOURS AFTER_HOURS PT20M PT0S PT20M 200.00 66.67",
            "d EXTRA_HOURS AFTER_HOURS PT1H PT0S PT1H 100.00 100.00",
            "e OUT_OF_SCOPE BUSINESS PT1H PT0S PT1H 100.00 100.00",
            "f OUT_OF_SCOPE BUSINESS PT1H PT0S PT1H 100.00 100.00",
            "g EXTRA_HOURS AFTER_HOURS PT20M PT0S PT20M 100.00 33.33",
            "h EXTRA_HOURS AFTER_HOURS PT20M PT0S PT40M 100.00 66.67",
        ];
        assert_eq!(charged(&first).await, expected);
        assert_eq!(charged(&second).await, expected);
        let query = "{ charges { nodes { ticket { title } service { code } timeEntry { ticket { priority externalRef { id } } } } } }";
        let seen = second.ask(query).await["charges"]["nodes"].clone();
        assert_eq!(seen[4], json!({"ticket": {"title": "T2"}, "service": {"code": "PROJECTS"}, "timeEntry": {"ticket": {"priority": "P3", "externalRef": {"id": "T2"}}}}));
        assert_eq!(seen[6], json!({"ticket": null, "service": null, "timeEntry": {"ticket": null}}));
        // A correction is followed, and so is that there is no such ticket.
        tell(&second, json!([with(ticket("T4", "P1"), json!({"changedAt": "2026-11-20T00:00:00Z"}))])).await;
        assert_eq!(charged(&second).await[6], "g EXTRA_HOURS AFTER_HOURS PT20M PT0S PT20M 200.00 66.67");
        tell(&second, json!([with(ticket("T4", "P1"), json!({"deleted": true}))])).await;
        assert_eq!(charged(&second).await, expected);
    }

    async fn a_ticket_that_comes_after_the_month_was_closed_is_an_adjustment(remit: Remit) {
        let admin = remit.admin("acme");
        by_priority(&admin).await;
        let job = json!({"startedAt": "2026-10-05T11:00:00Z", "endedAt": "2026-10-05T12:00:00Z"});
        record(&admin, json!([with(work("a", "T1", "09T08:00", "09T09:00"), job)])).await;
        admin.done("closeBillingPeriod", json!({"agreement": {"code": "MSA-1"}, "from": "2026-10-01", "withEarlier": true}), "").await;
        tell(&admin, json!([with(ticket("T1", "P1"), json!({"openedAt": "2026-10-01T00:00:00Z"}))])).await;
        // Another rule of price is another charge: the one comes to nothing, the other is new.
        assert_eq!(charged(&admin).await, [
            "a EXTRA_HOURS AFTER_HOURS PT1H PT0S PT1H 100.00 100.00",
            "a ADJUSTMENT AFTER_HOURS -PT1H PT0S -PT1H 100.00 -100.00",
            "a ADJUSTMENT AFTER_HOURS PT1H PT0S PT1H 200.00 200.00",
        ]);
        let kinds = admin.ask("{ charges(filter: {periodFrom: \"2026-11-01\"}) { nodes { kind forPeriod { from } ticket { title } } } }").await;
        assert_eq!(kinds["charges"]["nodes"][0], json!({"kind": "ADJUSTMENT", "forPeriod": {"from": "2026-10-01"}, "ticket": {"title": "T1"}}));
    }

    async fn work_goes_where_its_ticket_goes(remit: Remit) {
        let admin = remit.admin("acme");
        by_priority(&admin).await;
        agreed(&admin, "MSA-2").await;
        admin.done("putClient", json!({"code": "SOUTHWIND", "name": "Southwind"}), "").await;
        let alone = |id: &str| with(work(id, "T1", "09T08:00", "09T09:00"), json!({"agreement": null}));
        assert_eq!(rejected(&admin, alone("a")).await, ["NOT_FOUND"]);
        tell(&admin, json!([ticket("T1", "P3")])).await;
        let id = admin.ask("{ ticket(by: {external: {system: \"PSA\", id: \"T1\"}}) { id } }").await["ticket"]["id"].clone();
        let entries = json!([alone("a"), with(alone("b"), json!({"ticket": {"id": id}})), work("said", "T1", "10T08:00", "10T09:00")]);
        let results = record(&admin, entries).await;
        assert_eq!((&results[0]["timeEntry"]["agreement"]["number"], &results[1]["timeEntry"]["agreement"]["number"]), (&json!("MSA-1"), &json!("MSA-1")));
        let refs = async |agreement: &str| {
            let found = charges(&admin, json!({"agreement": {"code": agreement}})).await;
            found["nodes"].as_array().unwrap().iter().map(|c| c["timeEntry"]["externalRef"]["id"].as_str().unwrap().to_owned()).collect::<String>()
        };
        assert_eq!((refs("MSA-1").await, refs("MSA-2").await), ("absaid".into(), String::new()));
        tell(&admin, json!([with(ticket("T1", "P3"), json!({"agreement": {"code": "MSA-2"}}))])).await;
        assert_eq!((refs("MSA-1").await, refs("MSA-2").await), ("said".into(), "ab".into()));
        // What of it is another client's is not for the work of this one.
        let other = with(work("x", "T1", "11T08:00", "11T09:00"), json!({"agreement": null, "client": {"code": "SOUTHWIND"}}));
        assert_eq!(rejected(&admin, other).await, ["INVALID"]);
        // To a client without an agreement, and back.
        tell(&admin, json!([with(ticket("T1", "P1"), json!({"agreement": null, "client": {"code": "SOUTHWIND"}}))])).await;
        assert_eq!((refs("MSA-1").await, refs("MSA-2").await), ("said".into(), String::new()));
        assert_eq!(charged(&admin).await, ["said EXTRA_HOURS AFTER_HOURS PT1H PT0S PT1H 100.00 100.00"]);
        tell(&admin, json!([ticket("T1", "P1")])).await;
        assert_eq!(charged(&admin).await.len(), 3);
        assert_eq!(charged(&admin).await[2], "said EXTRA_HOURS AFTER_HOURS PT1H PT0S PT1H 200.00 200.00");
    }

    async fn a_client_sees_the_ticket_as_it_may_elsewhere(remit: Remit) {
        let admin = remit.admin("acme");
        by_priority(&admin).await;
        admin.done("putClient", json!({"code": "SOUTHWIND", "name": "Southwind"}), "").await;
        record(&admin, json!([work("a", "T1", "09T08:00", "09T09:00"), work("b", "T2", "10T08:00", "10T09:00")])).await;
        let elsewhere = with(ticket("T2", "P3"), json!({"agreement": null, "client": {"code": "SOUTHWIND"}}));
        tell(&admin, json!([ticket("T1", "P3"), elsewhere])).await;
        let query = "{ charges { nodes { ticket { title } timeEntry { ticket { title } } } } }";
        let scopes = "charges:read time:read tickets:read";
        let seen = remit.portal("acme", "NORTHWIND", scopes).ask(query).await["charges"]["nodes"].clone();
        assert_eq!(seen, json!([{"ticket": {"title": "T1"}, "timeEntry": {"ticket": {"title": "T1"}}}, {"ticket": null, "timeEntry": {"ticket": null}}]));
        assert_eq!(remit.portal("acme", "SOUTHWIND", scopes).ask(query).await["charges"]["nodes"], json!([]));
        let refused = remit.portal("acme", "NORTHWIND", "charges:read time:read").refused(query, json!({})).await;
        assert_eq!(code(&refused[0]), "FORBIDDEN tickets:read");
    }
}
