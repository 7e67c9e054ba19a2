//! Pools, periods that close, adjustments, invoices.

use serde_json::{Value, json};

use super::{
    charges, lines,
    work::{entry, record, recorded, rejected},
};
use crate::support::{User, both, fixtures};

/// An agreement whose every hour costs 100.00 and draws from 10 hours a month, which roll over for one month.
pub(super) async fn pooled(admin: &User<'_>, number: &str, from: &str) {
    let included = json!({"perPeriod": "PT10H", "rolloverPeriods": 1, "draws": [{"factor": "1"}], "overageHourly": {"amount": "120", "currency": "USD"}});
    priced(admin, number, from, included).await;
}

/// An agreement whose every hour costs 100.00, with these included.
pub(super) async fn priced(admin: &User<'_>, number: &str, from: &str, included: Value) {
    let mut draft = fixtures::draft(number);
    draft["effectiveFrom"] = json!(from);
    draft["extraHours"] = json!({
        "rates": [{"treatment": "MULTIPLIER", "multiplier": "1"}],
        "roles": [{"role": "engineer", "hourly": {"amount": "100", "currency": "USD"}}],
        "included": included,
    });
    let create = json!({"number": number, "title": "x", "client": {"code": "NORTHWIND"}, "currency": "USD"});
    admin.done("createAgreement", create, "").await;
    admin.done("draftTerms", draft, "").await;
    admin.done("offerTerms", json!({"agreement": {"code": number}}), "").await;
    admin.done("activateTerms", json!({"agreement": {"code": number}, "acceptedBy": "x"}), "").await;
}

/// Work of some hours on a Saturday, from 10:00 UTC on: all of one class.
pub(super) fn hours(id: &str, day: &str, hours: u32) -> Value {
    entry(id, &format!("{day}T10:00:00Z"), &format!("{day}T{:02}:00:00Z", 10 + hours))
}

async fn close(admin: &User<'_>, from: &str) -> Value {
    let selection = "period { id from closed closedAt total { amount } }";
    let closed =
        admin.done("closeBillingPeriod", json!({"agreement": {"code": "MSA-1"}, "from": from}), selection).await;
    closed["period"].clone()
}

const SEPTEMBER: &str = "2026-09-12";
const OCTOBER: &str = "2026-10-10";
const NOVEMBER: &str = "2026-11-14";

both! {
    async fn late_work_moves_the_hours_of_later_periods(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        pooled(&admin, "MSA-1", "2026-09-01").await;
        // October has its 10 hours and 6 of September's, and uses 13 of them.
        record(&admin, json!([hours("oct", OCTOBER, 13), hours("sep", SEPTEMBER, 4)])).await;
        assert_eq!(lines(&charges(&admin, json!({})).await), [
            "sep EXTRA_HOURS WEEKEND PT4H PT4H PT0S 120.00 0.00",
            "oct EXTRA_HOURS WEEKEND PT13H PT13H PT0S 120.00 0.00",
        ]);
        // Late work in September takes hours from October, which is open and charged anew.
        record(&admin, json!([hours("late", "2026-09-19", 5)])).await;
        assert_eq!(lines(&charges(&admin, json!({})).await), [
            "sep EXTRA_HOURS WEEKEND PT4H PT4H PT0S 120.00 0.00",
            "late EXTRA_HOURS WEEKEND PT5H PT5H PT0S 120.00 0.00",
            "oct OVERAGE WEEKEND PT13H PT11H PT2H 120.00 240.00",
        ]);
        // The next period is touched only where the hours it begins with change.
        let feed = |remit: &crate::support::Remit| remit.store.statements();
        let before = feed(&remit);
        record(&admin, json!([hours("late", "2026-09-19", 5)])).await;
        assert!(feed(&remit) - before < 30);
    }

    async fn coverage_knows_the_hours_that_are_left(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        pooled(&admin, "MSA-1", "2026-10-01").await;
        let ask = |at: &str, work: &str| {
            let input = json!({"agreement": {"code": "MSA-1"}, "service": {"code": "HELPDESK"}, "at": at, "work": work});
            let query = "query ($input: CoverageInput!) { coverage(input: $input) { chargeable hourlyRate { amount } estimate { amount { amount } segments { included charged } } reasons { code } } }";
            let asked = admin.ask_with(query, json!({"input": input}));
            async move {
                let answer = asked.await["coverage"].clone();
                let pool = answer["reasons"].as_array().unwrap().iter().filter_map(|r| r["code"].as_str()).find(|code| code.starts_with("POOL")).unwrap().to_owned();
                (pool, answer["chargeable"].clone(), answer["estimate"]["amount"]["amount"].clone(), answer["hourlyRate"]["amount"].clone())
            }
        };
        let (covers, exhausted) = ("POOL_COVERS".to_owned(), "POOL_EXHAUSTED".to_owned());
        // November has October's 10 hours and its own.
        assert_eq!(ask("2026-11-21T15:00:00Z", "PT12H").await, (covers.clone(), json!(false), json!("0.00"), json!("120.00")));
        record(&admin, json!([hours("oct", OCTOBER, 8), hours("nov", NOVEMBER, 11)])).await;
        assert_eq!(ask("2026-11-21T15:00:00Z", "PT1H").await, (covers.clone(), json!(false), json!("0.00"), json!("120.00")));
        assert_eq!(ask("2026-11-21T15:00:00Z", "PT3H").await, (covers.clone(), json!(true), json!("240.00"), json!("120.00")));
        record(&admin, json!([hours("rest", "2026-11-15", 1)])).await;
        assert_eq!(ask("2026-11-21T15:00:00Z", "PT1H").await, (exhausted, json!(true), json!("120.00"), json!("120.00")));
        // October has 2 left, which are November's to use; December begins with nothing but its own.
        assert_eq!(ask("2026-12-05T15:00:00Z", "PT11H").await, (covers, json!(true), json!("120.00"), json!("120.00")));
    }

    async fn a_closed_period_never_changes_and_the_difference_is_an_adjustment(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        pooled(&admin, "MSA-1", "2026-09-01").await;
        record(&admin, json!([hours("sep", SEPTEMBER, 4), hours("oct", OCTOBER, 13)])).await;
        let period = close(&admin, "2026-09-01").await;
        assert_eq!((&period["from"], &period["closed"], &period["closedAt"], &period["total"]["amount"]), (&json!("2026-09-01"), &json!(true), &json!("2026-11-23T12:00:00Z"), &json!("0.00")));
        assert_eq!(close(&admin, "2026-09-01").await, period);
        close(&admin, "2026-10-01").await;
        let closed = charges(&admin, json!({"periodUntil": "2026-10-31"})).await;
        assert!(closed["nodes"].as_array().unwrap().iter().all(|charge| charge["status"] == "FINAL"));
        // Late September work: October's charge is another now, and November carries the difference.
        record(&admin, json!([hours("late", "2026-09-19", 5), hours("nov", NOVEMBER, 1)])).await;
        assert_eq!(charges(&admin, json!({"periodUntil": "2026-10-31"})).await, closed);
        let open = charges(&admin, json!({"periodFrom": "2026-11-01"})).await;
        assert_eq!(lines(&open), [
            "late ADJUSTMENT WEEKEND PT5H PT5H PT0S 120.00 0.00",
            "oct ADJUSTMENT WEEKEND -PT13H -PT13H PT0S 120.00 0.00",
            "oct ADJUSTMENT WEEKEND PT13H PT11H PT2H 120.00 240.00",
            "nov EXTRA_HOURS WEEKEND PT1H PT1H PT0S 120.00 0.00",
        ]);
        let adjustments = &open["nodes"];
        assert_eq!((&adjustments[0]["forPeriod"]["from"], &adjustments[1]["forPeriod"]["from"], &adjustments[1]["period"]["from"]), (&json!("2026-09-01"), &json!("2026-10-01"), &json!("2026-11-01")));
        assert_eq!((&adjustments[0]["adjusts"], &adjustments[1]["adjusts"]["id"]), (&Value::Null, &closed["nodes"][1]["id"]));
        assert_eq!(adjustments[1]["reasons"][0]["code"], "ADJUSTS");
        // Taken back, all is as it was billed.
        let mut gone = hours("late", "2026-09-19", 5);
        gone["deleted"] = json!(true);
        record(&admin, json!([gone])).await;
        assert_eq!(lines(&charges(&admin, json!({"periodFrom": "2026-11-01"})).await), ["nov EXTRA_HOURS WEEKEND PT1H PT1H PT0S 120.00 0.00"]);
    }

    async fn an_amendment_that_reaches_back_charges_anew(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        record(&admin, json!([hours("sep", SEPTEMBER, 1), hours("oct", OCTOBER, 1)])).await;
        for month in 1..=9 {
            close(&admin, &format!("2026-{month:02}-01")).await;
        }
        let dearer = json!({"rates": [{"treatment": "MULTIPLIER", "multiplier": "2"}], "roles": [{"role": "engineer", "hourly": {"amount": "150", "currency": "USD"}}]});
        admin.done("draftTerms", json!({"agreement": {"code": "MSA-1"}, "effectiveFrom": "2026-09-01", "extraHours": dearer}), "").await;
        admin.done("offerTerms", json!({"agreement": {"code": "MSA-1"}}), "").await;
        admin.done("activateTerms", json!({"agreement": {"code": "MSA-1"}, "acceptedBy": "x"}), "").await;
        assert_eq!(lines(&charges(&admin, json!({})).await), [
            "sep EXTRA_HOURS WEEKEND PT1H PT0S PT1H 225.00 225.00",
            "sep ADJUSTMENT WEEKEND PT1H PT0S PT1H 300.00 300.00",
            "sep ADJUSTMENT WEEKEND -PT1H PT0S -PT1H 225.00 -225.00",
            "oct EXTRA_HOURS WEEKEND PT1H PT0S PT1H 300.00 300.00",
        ]);
        // Suspended from the middle of October: the work in it is out of scope.
        admin.done("suspendAgreement", json!({"agreement": {"code": "MSA-1"}, "on": "2026-10-05", "reason": "unpaid"}), "").await;
        assert_eq!(lines(&charges(&admin, json!({"periodFrom": "2026-10-01", "kind": ["OUT_OF_SCOPE"]})).await), ["oct OUT_OF_SCOPE WEEKEND PT1H PT0S PT1H 150.00 150.00"]);
    }

    async fn periods_close_in_order_and_only_when_they_are_over(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        pooled(&admin, "MSA-1", "2026-09-01").await;
        let denied = |agreement: &str, from: &str| admin.denied("closeBillingPeriod", json!({"agreement": {"code": agreement}, "from": from}));
        assert_eq!(denied("MSA-9", "2026-09-01").await, ["NOT_FOUND input.agreement"]);
        assert_eq!(denied("MSA-1", "2026-09-02").await, ["INVALID input.from"]);
        assert_eq!(denied("MSA-1", "2026-08-01").await, ["NOT_FOUND input.from"]);
        assert_eq!(denied("MSA-1", "2026-11-01").await, ["INVALID input.from"]);
        assert_eq!(denied("MSA-1", "2026-12-01").await, ["INVALID input.from"]);
        assert_eq!(denied("MSA-1", "2026-10-01").await, ["CONFLICT input.from"]);
        let with_earlier = json!({"agreement": {"code": "MSA-1"}, "from": "2026-10-01", "withEarlier": true});
        admin.done("closeBillingPeriod", with_earlier, "").await;
        let periods = admin.ask("{ agreement(by: {code: \"MSA-1\"}) { periods { nodes { from closed } } } }").await;
        let closed: Vec<bool> = periods["agreement"]["periods"]["nodes"].as_array().unwrap().iter().map(|period| period["closed"].as_bool().unwrap()).collect();
        assert_eq!(closed, [true, true, false]);
    }

    async fn an_agreement_that_ended_has_one_more_period_and_then_none(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        pooled(&admin, "MSA-1", "2026-08-01").await;
        admin.done("terminateAgreement", json!({"agreement": {"code": "MSA-1"}, "on": "2026-09-20", "reason": "sold"}), "").await;
        record(&admin, json!([hours("aug", "2026-08-08", 1)])).await;
        for month in ["2026-08-01", "2026-09-01"] {
            close(&admin, month).await;
        }
        record(&admin, json!([hours("late", "2026-08-15", 12)])).await;
        assert_eq!(lines(&charges(&admin, json!({"periodFrom": "2026-10-01"})).await), ["late ADJUSTMENT WEEKEND PT12H PT9H PT3H 120.00 360.00"]);
        close(&admin, "2026-10-01").await;
        assert_eq!(admin.denied("closeBillingPeriod", json!({"agreement": {"code": "MSA-1"}, "from": "2026-11-01"})).await, ["NOT_FOUND input.from"]);
        assert_eq!(rejected(&admin, hours("too-late", "2026-08-22", 1)).await, ["PERIOD_CLOSED"]);
        let mut gone = hours("late", "2026-08-15", 12);
        gone["deleted"] = json!(true);
        assert_eq!(rejected(&admin, gone).await, ["PERIOD_CLOSED"]);
        // Work after the end has a period of its own, at the plain rate.
        recorded(&admin, hours("after", "2026-11-07", 1)).await;
        assert_eq!(lines(&charges(&admin, json!({"periodFrom": "2026-11-01"})).await), ["after OUT_OF_SCOPE WEEKEND PT1H PT0S PT1H 100.00 100.00"]);
    }

    async fn charges_stand_on_one_invoice(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        pooled(&admin, "MSA-1", "2026-09-01").await;
        record(&admin, json!([hours("a", SEPTEMBER, 11), hours("b", "2026-09-13", 1), hours("c", NOVEMBER, 1)])).await;
        close(&admin, "2026-09-01").await;
        let ids: Vec<Value> = charges(&admin, json!({})).await["nodes"].as_array().unwrap().iter().map(|charge| charge["id"].clone()).collect();
        let mark = |charges: Vec<&Value>, invoice: &str| json!({"charges": charges, "invoiceRef": invoice});
        assert_eq!(admin.denied("markChargesInvoiced", mark(vec![&ids[0], &ids[2], &json!("chg_00000000000070008000000000000000"), &json!("x")], "INV-1")).await, ["INVALID input.charges.1", "NOT_FOUND input.charges.2", "NOT_FOUND input.charges.3"]);
        assert_eq!(admin.denied("markChargesInvoiced", mark(vec![&ids[0]], " ")).await, ["INVALID input.invoiceRef"]);
        let selection = "charges { id status invoiceRef released { invoiceRef reason } }";
        let done = admin.done("markChargesInvoiced", mark(vec![&ids[1], &ids[0]], "INV-1"), selection).await;
        assert_eq!((&done["charges"][0]["id"], &done["charges"][1]), (&ids[1], &json!({"id": ids[0], "status": "INVOICED", "invoiceRef": "INV-1", "released": null})));
        assert_eq!(admin.done("markChargesInvoiced", mark(vec![&ids[1], &ids[0]], "INV-1"), selection).await, done);
        assert_eq!(admin.denied("markChargesInvoiced", mark(vec![&ids[0]], "INV-2")).await, ["CONFLICT input.charges.0"]);
        assert_eq!(admin.denied("releaseInvoice", json!({"invoiceRef": "INV-9", "reason": "x"})).await, ["NOT_FOUND input.invoiceRef"]);
        let release = json!({"invoiceRef": "INV-1", "reason": "Wrong address."});
        let released = admin.done("releaseInvoice", release.clone(), selection).await;
        assert_eq!(released["charges"].as_array().unwrap().len(), 2);
        assert_eq!(released["charges"][0]["released"], json!({"invoiceRef": "INV-1", "reason": "Wrong address."}));
        assert_eq!(admin.done("releaseInvoice", release, selection).await, released);
        let again = admin.done("markChargesInvoiced", mark(vec![&ids[0]], "INV-2"), selection).await;
        assert_eq!(again["charges"][0]["status"], "INVOICED");
    }
}
