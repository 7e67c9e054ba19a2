//! When broken promises allow a party to end an agreement.

use serde_json::{Value, json};

use crate::support::{User, both, code, fixtures, turns::settle};

const RIGHTS: &str = "query ($at: DateTime) { agreement(by: {code: \"MSA-1\"}) { terminationRights(at: $at) { allowed earliest trigger { clause title party measure }
    months { firstDay lastDay measuredPercent bad } } } }";

fn trigger(title: &str, measure: &str, below: &str, times: u32) -> Value {
    json!({"title": title, "party": "CLIENT", "measure": measure, "belowPercent": below, "times": times, "withinPeriods": 3, "noticeDays": 30})
}

/// An agreement since July that may be ended after two months of three in which mail, answers or backups were bad.
async fn agreed(admin: &User<'_>, number: &str) {
    let mut draft = fixtures::draft(number);
    draft["effectiveFrom"] = json!("2026-07-01");
    draft["terminationTriggers"] = json!([
        trigger("Mail fails", "AVAILABILITY", "99", 2),
        trigger("Nobody answers", "RESPONSE", "50", 1),
        trigger("Nobody mends", "RESOLUTION", "50", 1),
        trigger("Backups fail", "BACKUP", "80", 2),
    ]);
    fixtures::agree(admin, number, draft).await;
    let watch = json!({"agreement": {"code": number}, "subject": "Mail", "since": "2026-01-01T05:00:00Z"});
    admin.done("watchSubject", watch, "").await;
}

async fn down(admin: &User<'_>, day: &str) {
    let outage = json!({"ref": {"system": "monitor", "id": day}, "agreement": {"code": "MSA-1"}, "subject": "mail",
        "startedAt": format!("{day}T00:00:00Z"), "endedAt": format!("{day}T20:00:00Z")});
    admin.done("recordOutages", json!({"outages": [outage]}), "").await;
}

/// Each trigger as `title allowed earliest`, with the bad ones of its months.
async fn stand(user: &User<'_>, at: Value) -> Vec<String> {
    let rights = user.ask_with(RIGHTS, json!({"at": at})).await["agreement"]["terminationRights"].clone();
    let line = |right: &Value| {
        let months = right["months"].as_array().unwrap();
        let bad: Vec<&str> = months
            .iter()
            .filter(|month| month["bad"] == true)
            .map(|month| &month["firstDay"].as_str().unwrap()[..7])
            .collect();
        format!(
            "{} {} {} of {}: {}",
            right["trigger"]["title"].as_str().unwrap(),
            right["allowed"],
            right["earliest"].as_str().unwrap_or("-"),
            months.len(),
            bad.join(" ")
        )
    };
    rights.as_array().unwrap().iter().map(line).collect()
}

async fn events(admin: &User<'_>) -> usize {
    settle(admin.remit).await;
    let feed = admin.ask("{ changes(first: 500, types: [AGREEMENT]) { nodes { event } } }").await;
    feed["changes"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["event"] == "agreement.terminable")
        .count()
}

both! {
    async fn enough_bad_months_allow_to_end_it(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        agreed(&admin, "MSA-1").await;
        down(&admin, "2026-08-11").await;
        // One of two answers in September was late, and nothing was mended; in October all of it was in time.
        for (day, answered) in [("2026-09-08", "14:10"), ("2026-09-09", "19:00"), ("2026-09-10", "19:00"), ("2026-10-06", "14:10")] {
            let event = |kind: &str, at: &str| json!({"id": kind, "kind": kind, "at": format!("{day}T{at}:00Z")});
            let mended = if day == "2026-10-06" { vec![event("RESOLVED", "15:00")] } else { Vec::new() };
            let events: Vec<Value> = mended.into_iter().chain([event("RESPONDED", answered)]).collect();
            let ticket = json!({"ref": {"system": "psa", "id": day}, "agreement": {"code": "MSA-1"}, "title": "x", "priority": "P2", "openedAt": format!("{day}T14:00:00Z"), "events": events});
            admin.done("recordTickets", json!({"tickets": [ticket]}), "").await;
        }
        let run = |day: &str, outcome: &str| json!({"ref": {"system": "monitor", "id": format!("run {day}")}, "agreement": {"code": "MSA-1"}, "subject": "servers", "startedAt": format!("{day}T07:00:00Z"), "endedAt": format!("{day}T08:00:00Z"), "outcome": outcome});
        let runs = json!([run("2026-08-03", "FAILED"), run("2026-09-03", "FAILED"), run("2026-09-04", "SUCCEEDED"), run("2026-10-03", "SUCCEEDED")]);
        admin.done("recordBackupRuns", json!({"runs": runs}), "").await;
        assert_eq!(stand(&admin, Value::Null).await, [
            "Mail fails false - of 3: 2026-08",
            "Nobody answers true 2026-12-24 of 3: 2026-09",
            "Nobody mends true 2026-12-24 of 3: 2026-09",
            "Backups fail true 2026-12-24 of 3: 2026-08 2026-09",
        ]);
        // Mail was bad a second time, which was told of only now.
        down(&admin, "2026-10-13").await;
        assert_eq!(stand(&admin, Value::Null).await[0], "Mail fails true 2026-12-24 of 3: 2026-08 2026-10");
        // As of any instant, by the months that were over then; a month is over with its last instant.
        let mail = |at: &'static str| {
            let asked = stand(&admin, json!(at));
            async move { asked.await.swap_remove(0) }
        };
        assert_eq!(mail("2026-11-01T03:59:59Z").await, "Mail fails false - of 3: 2026-08");
        assert_eq!(mail("2026-11-01T04:00:00Z").await, "Mail fails true 2026-12-02 of 3: 2026-08 2026-10");
        assert_eq!(mail("2026-08-15T00:00:00Z").await, "Mail fails false - of 1: ");
        assert_eq!(mail("2027-08-15T00:00:00Z").await, mail("2026-11-23T12:00:00Z").await, "what is to come is not known");
        assert_eq!(stand(&admin, json!("2026-06-15T00:00:00Z")).await, Vec::<String>::new());
        let month = admin.ask_with(RIGHTS, json!({})).await["agreement"]["terminationRights"][0].clone();
        assert_eq!(month["trigger"], json!({"clause": "5.2.1", "title": "Mail fails", "party": "CLIENT", "measure": "AVAILABILITY"}));
        assert_eq!(month["months"][0], json!({"firstDay": "2026-08-01", "lastDay": "2026-08-31", "measuredPercent": "97.311827", "bad": true}));
        assert_eq!(month["months"][1], json!({"firstDay": "2026-09-01", "lastDay": "2026-09-30", "measuredPercent": "100", "bad": false}));
        // Closing the month with which it came about says so, once.
        for (from, told) in [("2026-07-01", 0), ("2026-08-01", 0), ("2026-09-01", 1), ("2026-10-01", 2), ("2026-10-01", 2)] {
            admin.done("closeBillingPeriod", json!({"agreement": {"code": "MSA-1"}, "from": from}), "").await;
            assert_eq!(events(&admin).await, told, "{from}");
        }
    }

    async fn the_client_sees_it_and_nothing_is_known_of_nothing(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        agreed(&admin, "MSA-1").await;
        let portal = remit.portal("acme", "NORTHWIND", "agreements:read tickets:read");
        assert_eq!(stand(&portal, Value::Null).await[1], "Nobody answers false - of 3: ");
        let months = portal.ask_with(RIGHTS, json!({})).await["agreement"]["terminationRights"][1]["months"].clone();
        assert_eq!(months[0]["measuredPercent"], Value::Null);
        let reader = remit.portal("acme", "NORTHWIND", "agreements:read");
        assert_eq!(code(&reader.refused(RIGHTS, json!({})).await[0]), "FORBIDDEN tickets:read");
        admin.done("suspendAgreement", json!({"agreement": {"code": "MSA-1"}, "on": "2026-11-01", "reason": "unpaid"}), "").await;
        assert_eq!(stand(&admin, Value::Null).await, Vec::<String>::new(), "no terms are in force");
    }

    async fn ten_agreements_cost_as_many_statements_as_one(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        for place in 1..=10 {
            agreed(&admin, &format!("MSA-{place}")).await;
        }
        down(&admin, "2026-08-11").await;
        let query = "query ($first: Int) { agreements(first: $first) { nodes { terminationRights { allowed months { bad } } } } }";
        let mut counts = Vec::new();
        for first in [1, 10] {
            let before = remit.store.statements();
            admin.ask_with(query, json!({"first": first})).await;
            counts.push(remit.store.statements() - before);
        }
        assert_eq!(counts[0], counts[1]);
    }
}
