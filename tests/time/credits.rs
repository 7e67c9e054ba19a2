//! Service credits: made when a period closes, adjusted by what comes later.

use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};

use super::work::{entry, record};
use crate::support::{Remit, User, both, command, fixtures};

/// Half of the second priority's answers may be late for 5 % of the fee, which is 702.50; fewer in time earn 10 %.
fn tier() -> Value {
    let mut tier = fixtures::tier();
    tier["credits"] = json!([{"fromPercent": "50", "belowPercent": "95", "creditPercent": "5"}, {"belowPercent": "50", "creditPercent": "10"}]);
    tier["creditCapPercent"] = json!("12");
    tier["creditMinimumTickets"] = json!(3);
    tier
}

/// An agreement since a day, under which mail earns credits as well.
async fn agreed<'a>(remit: &'a Remit, from: &str, policy: Value) -> User<'a> {
    let admin = remit.admin("acme");
    fixtures::catalogue(&admin).await;
    admin.done("putSlaTier", tier(), "").await;
    let mut draft = fixtures::draft("MSA-1");
    draft["effectiveFrom"] = json!(from);
    draft["creditPolicy"] = policy;
    draft["availability"] = json!([{
        "subject": "Mail", "percent": "99.9", "window": "CALENDAR_MONTH",
        "credits": [{"fromPercent": "99", "belowPercent": "99.9", "creditPercent": "5"}, {"belowPercent": "99", "creditPercent": "10"}],
    }]);
    fixtures::agree(&admin, "MSA-1", draft).await;
    admin
        .done(
            "watchSubject",
            json!({"agreement": {"code": "MSA-1"}, "subject": "Mail", "since": "2026-01-01T05:00:00Z"}),
            "",
        )
        .await;
    admin
}

/// A ticket of the second priority, opened at ten in New York, and when it was answered; resolved in time.
async fn ticket(user: &User<'_>, day: &str, answered: &str) {
    let event = |id: &str, kind: &str, at: &str| json!({"id": id, "kind": kind, "at": format!("{day}T{at}:00Z")});
    let ticket = json!({
        "ref": {"system": "psa", "id": day}, "agreement": {"code": "MSA-1"}, "title": "It is slow", "priority": "P2",
        "openedAt": format!("{day}T14:00:00Z"), "events": [event("r", "RESPONDED", answered), event("z", "RESOLVED", "18:00")],
    });
    let done = user.done("recordTickets", json!({"tickets": [ticket]}), "results { errors { message } }").await;
    assert_eq!(done["results"][0]["errors"], json!([]));
}

async fn outage(user: &User<'_>, day: &str, to: &str, deleted: bool) {
    let outage = json!({"ref": {"system": "monitor", "id": day}, "agreement": {"code": "MSA-1"}, "subject": "mail",
        "startedAt": format!("{day}T10:00:00Z"), "endedAt": format!("{day}T{to}:00Z"), "deleted": deleted});
    let done = user.done("recordOutages", json!({"outages": [outage]}), "results { errors { message } }").await;
    assert_eq!(done["results"][0]["errors"], json!([]));
}

async fn close(user: &User<'_>, from: &str) -> Value {
    let selection = "period { from total { amount } }";
    let input = json!({"agreement": {"code": "MSA-1"}, "from": from, "withEarlier": true});
    user.done("closeBillingPeriod", input, selection).await["period"]["total"]["amount"].clone()
}

async fn charges(user: &User<'_>) -> Vec<Value> {
    let query = "{ charges(filter: {kind: [SERVICE_CREDIT, ADJUSTMENT]}) { nodes { id kind status claimBy period { from } forPeriod { from } adjusts { id }
        timeEntry { id } service { id } rateRule { code } hoursClass from to worked included charged hourlyRate { amount } amount { amount currency } reasons { code clause text } } } }";
    user.ask(query).await["charges"]["nodes"].as_array().unwrap().clone()
}

/// Each as `KIND month it stands in, month it is for, amount`.
async fn lines(user: &User<'_>) -> Vec<String> {
    let line = |charge: &Value| {
        let text = |of: &Value| of.as_str().unwrap().to_owned();
        let month = |of: &Value| text(&of["from"])[..7].to_owned();
        format!(
            "{} {} {} {}",
            text(&charge["kind"]),
            month(&charge["period"]),
            month(&charge["forPeriod"]),
            text(&charge["amount"]["amount"])
        )
    };
    charges(user).await.iter().map(line).collect()
}

/// October: two of three answers in time, and mail away for an hour and a half.
async fn october(user: &User<'_>) {
    ticket(user, "2026-10-05", "14:30").await;
    ticket(user, "2026-10-06", "16:00").await;
    ticket(user, "2026-10-07", "14:30").await;
    outage(user, "2026-10-10", "11:30", false).await;
}

both! {
    async fn a_month_that_fell_short_is_credited_when_it_closes(remit: Remit) {
        let admin = agreed(&remit, "2026-10-01", Value::Null).await;
        october(&admin).await;
        assert_eq!(lines(&admin).await, Vec::<String>::new(), "an open period has no credit");
        assert_eq!(close(&admin, "2026-10-01").await, "-70.25");
        let made = charges(&admin).await;
        let credit = &made[0];
        assert_eq!((&credit["kind"], &credit["status"], &credit["amount"]), (&json!("SERVICE_CREDIT"), &json!("FINAL"), &json!({"amount": "-70.25", "currency": "USD"})));
        for of_work in ["timeEntry", "service", "rateRule", "hoursClass", "from", "to", "hourlyRate", "adjusts", "claimBy"] {
            assert_eq!(credit[of_work], Value::Null, "{of_work}");
        }
        assert_eq!(credit["reasons"], json!([
            {"code": "CREDIT_EARNED", "clause": "2.2.3", "text": "P2 response within 1 business hour, for 95 % of tickets: 2 of 3 were in time, 66.666666 %; below 95 % that earns 5 % of the fee."},
            {"code": "CREDIT_EARNED", "clause": "7.1.1", "text": "Mail: there at least 99.9 % of all hours in each calendar month. From 1 October 2026 to 31 October 2026 99.798387 % was reached, below 99.9 %; that earns 5 % of the fee."},
            {"code": "AMOUNT", "clause": null, "text": "10 % of the fee of 702.50 USD are 70.25 USD."},
        ]));
        // Closing again changes nothing, and it stands on an invoice like any other charge.
        assert_eq!(close(&admin, "2026-10-01").await, "-70.25");
        assert_eq!(charges(&admin).await, made);
        admin.done("markChargesInvoiced", json!({"charges": [credit["id"]], "invoiceRef": "INV-1"}), "").await;
        crate::support::turns::settle(&remit).await;
        let events = admin.ask("{ changes(first: 500, types: [CHARGE]) { nodes { event kind } } }").await;
        assert_eq!(events["changes"]["nodes"], json!([{"event": "charge.made", "kind": "CREATED"}, {"event": "charge.invoiced", "kind": "UPDATED"}]));
        let statement = admin.ask("{ agreement(by: {code: \"MSA-1\"}) { periods { nodes { statement } } } }").await;
        let page = statement["agreement"]["periods"]["nodes"][0]["statement"].as_str().unwrap();
        for said in ["Service credit", "service credit", "-70.25", "2 of 3 were in time", "99.798387 %"] {
            assert!(page.contains(said), "{said} is not in {page}");
        }
        // The client sees it too.
        let portal = remit.portal("acme", "NORTHWIND", "charges:read");
        assert_eq!(lines(&portal).await, ["SERVICE_CREDIT 2026-10 2026-10 -70.25"]);
    }

    async fn too_few_tickets_and_kept_promises_earn_nothing(remit: Remit) {
        let admin = agreed(&remit, "2026-10-01", Value::Null).await;
        ticket(&admin, "2026-10-05", "16:00").await;
        ticket(&admin, "2026-10-06", "16:00").await;
        outage(&admin, "2026-10-10", "10:30", false).await;
        assert_eq!(close(&admin, "2026-10-01").await, "0.00");
        assert_eq!(lines(&admin).await, Vec::<String>::new());
        // A third is told of late: none of three was in time.
        ticket(&admin, "2026-10-07", "16:00").await;
        assert_eq!(lines(&admin).await, ["ADJUSTMENT 2026-11 2026-10 -70.25"]);
        assert_eq!(charges(&admin).await[0]["adjusts"], Value::Null);
    }

    async fn what_comes_late_adjusts_the_credit_of_a_closed_month(remit: Remit) {
        let admin = agreed(&remit, "2026-10-01", Value::Null).await;
        october(&admin).await;
        close(&admin, "2026-10-01").await;
        let credited = "SERVICE_CREDIT 2026-10 2026-10 -70.25".to_owned();
        // The answer was in time after all.
        ticket(&admin, "2026-10-06", "14:45").await;
        assert_eq!(lines(&admin).await, [credited.clone(), "ADJUSTMENT 2026-11 2026-10 35.12".into()]);
        let all = charges(&admin).await;
        let adjustment = &all[1];
        assert_eq!((&adjustment["status"], &adjustment["adjusts"]["id"], &adjustment["worked"]), (&json!("PROVISIONAL"), &all[0]["id"], &json!("PT0S")));
        let codes: Vec<&str> = adjustment["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect();
        // What it comes to now, then the difference.
        assert_eq!(codes, ["ADJUSTS", "CREDIT_EARNED", "AMOUNT", "AMOUNT"]);
        // Mail was not away: nothing is left to be credited; then it was, for longer.
        outage(&admin, "2026-10-10", "11:30", true).await;
        assert_eq!(lines(&admin).await, [credited.clone(), "ADJUSTMENT 2026-11 2026-10 70.25".into()]);
        outage(&admin, "2026-10-10", "23:30", false).await;
        assert_eq!(lines(&admin).await, std::slice::from_ref(&credited), "10 % as before, by the deeper step");
        // Nobody watched: nothing is known of October but from the outage on.
        let unwatched = json!({"agreement": {"code": "MSA-1"}, "subject": "Mail", "since": "2026-01-01T05:00:00Z", "until": "2026-09-01T05:00:00Z"});
        admin.done("watchSubject", unwatched, "").await;
        assert_eq!(lines(&admin).await, std::slice::from_ref(&credited), "downtime that is known to be too much is enough");
        // A ticket that is gone leaves too few.
        ticket(&admin, "2026-10-06", "16:00").await;
        assert_eq!(lines(&admin).await, [credited.clone(), "ADJUSTMENT 2026-11 2026-10 -14.05".into()], "15 %, capped at 12 %");
        let gone = json!({"ref": {"system": "psa", "id": "2026-10-06"}, "agreement": {"code": "MSA-1"}, "title": "x", "priority": "P2", "openedAt": "2026-10-06T14:00:00Z", "deleted": true});
        admin.done("recordTickets", json!({"tickets": [gone]}), "").await;
        assert_eq!(lines(&admin).await, std::slice::from_ref(&credited));
        // Work that is recorded late leaves the credit alone.
        record(&admin, json!([entry("sat", "2026-10-10T10:00:00Z", "2026-10-10T11:00:00Z")])).await;
        assert_eq!(lines(&admin).await, [credited, "ADJUSTMENT 2026-11 2026-10 225.00".into()]);
    }

    async fn a_new_price_changes_what_a_closed_month_was_credited(remit: Remit) {
        let admin = agreed(&remit, "2026-09-01", Value::Null).await;
        october(&admin).await;
        close(&admin, "2026-10-01").await;
        let services = json!([{"service": {"code": "HELPDESK"}, "quantity": 10, "unitPrice": {"amount": "18.50", "currency": "USD"}}, {"service": {"code": "CARE"}}]);
        admin.done("draftTerms", json!({"agreement": {"code": "MSA-1"}, "effectiveFrom": "2026-10-01", "services": services}), "").await;
        admin.done("offerTerms", json!({"agreement": {"code": "MSA-1"}}), "").await;
        admin.done("activateTerms", json!({"agreement": {"code": "MSA-1"}, "acceptedBy": "x"}), "").await;
        // 10 % of 185.00 now.
        assert_eq!(lines(&admin).await, ["SERVICE_CREDIT 2026-10 2026-10 -70.25", "ADJUSTMENT 2026-11 2026-10 51.75"]);
        let reasons = charges(&admin).await[1]["reasons"].clone();
        assert!(reasons.as_array().unwrap().iter().any(|reason| reason["code"] == "FEE_UNKNOWN"), "{reasons:#}");
    }

    async fn caps_of_the_month_and_of_the_year_limit_all_credits_together(remit: Remit) {
        let policy = json!({"monthCapPercent": "9", "yearCapPercent": "4", "yearBasis": "FEES_OF_YEAR", "claimWithinDays": 7});
        let admin = agreed(&remit, "2026-09-01", policy).await;
        for day in ["2026-09-08", "2026-09-09", "2026-09-10"] {
            ticket(&admin, day, "16:00").await;
        }
        october(&admin).await;
        close(&admin, "2026-10-01").await;
        // 9 % of 702.50 for September; 4 % of the four months' fees are 112.40, so that 49.17 are left for October.
        assert_eq!(lines(&admin).await, ["SERVICE_CREDIT 2026-09 2026-09 -63.23", "SERVICE_CREDIT 2026-10 2026-10 -49.17"]);
        let all = charges(&admin).await;
        assert_eq!((&all[0]["claimBy"], &all[1]["claimBy"]), (&json!("2026-10-07"), &json!("2026-11-07")));
        let capped = |place: usize| all[place]["reasons"].as_array().unwrap().iter().filter(|r| r["code"] == "CREDIT_CAPPED").map(|r| (r["clause"].clone(), r["text"].clone())).collect::<Vec<_>>();
        assert_eq!(capped(0), [(json!("5.1"), json!("All credits of a month: 10 % were earned, at most 9 % are given."))]);
        assert_eq!(capped(1)[1], (json!("5.1"), json!("All credits of a year are at most 4 % of the fees of that year, which are 2810.00 USD: 63.23 USD were given for months before, 49.17 USD are left.")));
        assert_eq!(all[0]["reasons"].as_array().unwrap().last().unwrap()["text"], "It has to be claimed by 7 October 2026, or is lost.");
        // September was not so bad: October's share of the year grows.
        ticket(&admin, "2026-09-08", "14:30").await;
        ticket(&admin, "2026-09-09", "14:30").await;
        assert_eq!(lines(&admin).await[2..], ["ADJUSTMENT 2026-11 2026-09 28.10", "ADJUSTMENT 2026-11 2026-10 -14.06"]);
    }

    async fn the_scheduler_being_late_changes_no_credit(remit: Remit) {
        let admin = agreed(&remit, "2026-10-01", Value::Null).await;
        // Never answered: late by themselves, whoever has noticed.
        for day in ["2026-10-05", "2026-10-06", "2026-10-07"] {
            let ticket = json!({"ref": {"system": "psa", "id": day}, "agreement": {"code": "MSA-1"}, "title": "x", "priority": "P3", "openedAt": format!("{day}T14:00:00Z")});
            admin.done("recordTickets", json!({"tickets": [ticket]}), "").await;
        }
        assert_eq!(close(&admin, "2026-10-01").await, "-70.25");
    }

    async fn a_charge_that_is_neither_work_nor_a_credit_cannot_be_written(remit: Remit) {
        let admin = agreed(&remit, "2026-10-01", Value::Null).await;
        october(&admin).await;
        record(&admin, json!([entry("sat", "2026-10-10T10:00:00Z", "2026-10-10T11:00:00Z")])).await;
        close(&admin, "2026-10-01").await;
        let connection = Database::connect(remit.database_url()).await.unwrap();
        for wrong in [
            "amount = 1 WHERE kind = 'SERVICE_CREDIT'",
            "worked = 1 WHERE kind = 'SERVICE_CREDIT'",
            "hours_class = 'BUSINESS' WHERE kind = 'SERVICE_CREDIT'",
            "kind = 'EXTRA_HOURS' WHERE kind = 'SERVICE_CREDIT'",
            "kind = 'ADJUSTMENT' WHERE kind = 'SERVICE_CREDIT'",
            "kind = 'SERVICE_CREDIT' WHERE kind = 'EXTRA_HOURS'",
            "time_entry_id = NULL WHERE kind = 'EXTRA_HOURS'",
            "adjusts_kind = 'OVERAGE' WHERE kind = 'EXTRA_HOURS'",
        ] {
            assert!(connection.execute_unprepared(&format!("UPDATE charge SET {wrong}")).await.is_err(), "{wrong}");
        }
        connection.execute_unprepared("UPDATE charge SET invoice_ref = 'x' WHERE kind = 'SERVICE_CREDIT'").await.unwrap();
        connection.close().await.unwrap();
    }

    async fn a_credit_is_exported_as_what_it_is(remit: Remit) {
        let admin = agreed(&remit, "2026-10-01", Value::Null).await;
        october(&admin).await;
        close(&admin, "2026-10-01").await;
        let id = charges(&admin).await[0]["id"].as_str().unwrap().to_owned();
        let folder = tempfile::tempdir().unwrap();
        let export = |format: &str| {
            let line = format!("export charges --provider acme --period 2026-10 --format {format}");
            command::run(&remit, folder.path().to_owned(), command::words(&line))
        };
        let csv = export("csv").await.out;
        assert_eq!(csv.lines().nth(1).unwrap(), format!("{id},2026-10,2026-10,FINAL,SERVICE_CREDIT,NORTHWIND,Northwind,MSA-1,,,,,,,,,,0,0,0,,-70.25,USD"));
        let jsonl: Value = serde_json::from_str(&export("jsonl").await.out).unwrap();
        assert_eq!((&jsonl["amount"], &jsonl["timeEntry"], &jsonl["reasons"][0]["code"]), (&json!("-70.25"), &Value::Null, &json!("CREDIT_EARNED")));
        let stripe: Value = serde_json::from_str(&export("stripe").await.out).unwrap();
        assert_eq!(stripe, json!({"object": "invoiceitem", "customer": "NORTHWIND", "amount": -7025, "currency": "usd", "description": "Service credit", "metadata": {"charge": id}}));
        let usages = export("chargebee").await;
        assert_eq!((usages.out.lines().count(), usages.well), (1, true));
        assert!(usages.error.contains("-70.25 USD is no usage, since it is negative"), "{usages:?}");
        let books = export("quickbooks").await.out;
        assert_eq!(books.lines().nth(1).unwrap(), "MSA-1-2026-10,Northwind,2026-10-31,2026-10-31,SERVICE_CREDIT,Service credit,1,-70.25,-70.25,USD,2026-10-31");
    }
}
