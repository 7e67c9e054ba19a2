//! What can be read and checked: quotes, what other terms would have charged, statements, exports.

use serde_json::{Value, json};

use super::{
    charges, lines,
    periods::{hours, pooled},
    work::{entry, record},
};
use crate::support::{both, code, command, fixtures};

const QUOTE: &str = "query ($input: QuoteInput!) { quote(input: $input) { periodFrom agreement { number } amount { amount } change { amount }
    segments { hoursClass treatment worked charged amount { amount } } charges { kind hoursClass worked included charged hourlyRate { amount } amount { amount } reasons { code } } } }";

fn asked(from: &str, to: &str) -> Value {
    json!({"agreement": {"code": "MSA-1"}, "service": {"code": "HELPDESK"}, "role": "engineer", "startedAt": from, "endedAt": to})
}

both! {
    async fn work_is_quoted_before_it_is_done(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let evening = asked("2026-12-02T16:00:00-05:00", "2026-12-02T18:00:00-05:00");
        let quote = admin.ask_with(QUOTE, json!({"input": evening})).await["quote"].clone();
        assert_eq!((&quote["periodFrom"], &quote["amount"]["amount"], &quote["change"]["amount"]), (&json!("2026-12-01"), &json!("225.00"), &json!("225.00")));
        assert_eq!(quote["segments"][0], json!({"hoursClass": "BUSINESS", "treatment": "IN_FEE", "worked": "PT1H", "charged": "PT0S", "amount": {"amount": "0.00"}}));
        assert_eq!((&quote["charges"][0]["kind"], &quote["charges"][0]["reasons"][0]["code"]), (&json!("EXTRA_HOURS"), &json!("IN_FORCE")));
        assert_eq!(charges(&admin, json!({})).await["totalCount"], 0, "nothing is stored");
        // Before the agreement, or under one that is not there: nothing can be said.
        for (input, expected) in [
            (asked("2025-12-02T16:00:00-05:00", "2025-12-02T18:00:00-05:00"), Value::Null),
            (json!({"agreement": {"code": "MSA-9"}, "role": "x", "startedAt": "2026-12-02T16:00:00Z", "endedAt": "2026-12-02T17:00:00Z"}), Value::Null),
        ] {
            assert_eq!(admin.ask_with(QUOTE, json!({"input": input})).await["quote"], expected);
        }
        let backwards = asked("2026-12-02T18:00:00-05:00", "2026-12-02T16:00:00-05:00");
        assert_eq!(code(&admin.refused(QUOTE, json!({"input": backwards})).await[0]), "BAD_USER_INPUT input.endedAt");
        let mut stranger = evening.clone();
        stranger["role"] = json!("zzz");
        let refused = admin.refused(QUOTE, json!({"input": stranger})).await;
        assert_eq!((code(&refused[0]).as_str(), &refused[0]["message"]), ("BAD_USER_INPUT input.role", &json!("the terms know no role \"zzz\", only engineer")));
        // A portal may ask about its own agreement.
        let portal = remit.portal("acme", "NORTHWIND", "charges:read agreements:read");
        assert_eq!(portal.ask_with(QUOTE, json!({"input": evening})).await["quote"]["amount"], quote["amount"]);
    }

    async fn other_terms_are_tried_on_a_period(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        record(&admin, json!([entry("sat", "2026-10-10T10:00:00Z", "2026-10-10T11:00:00Z"), entry("day", "2026-10-07T15:00:00Z", "2026-10-07T16:00:00Z")])).await;
        let dearer = json!({"rates": [{"hoursClass": ["WEEKEND", "HOLIDAY"], "treatment": "MULTIPLIER", "multiplier": "2"}, {"treatment": "MULTIPLIER", "multiplier": "1"}], "roles": [{"role": "engineer", "hourly": {"amount": "150", "currency": "USD"}}]});
        let draft = admin.done("draftTerms", json!({"agreement": {"code": "MSA-1"}, "effectiveFrom": "2027-01-01", "extraHours": dearer}), "terms { id }").await;
        let query = "query ($terms: ID!) { rerate(agreement: {code: \"MSA-1\"}, period: \"2026-10-01\", terms: $terms) { periodFrom terms { version status } before { amount } after { amount } difference { amount }
            lines { timeEntry { externalRef { id } } hoursClass before { amount } after { amount } difference { amount } } } }";
        let found = admin.ask_with(query, json!({"terms": draft["terms"]["id"]})).await["rerate"].clone();
        assert_eq!((&found["before"]["amount"], &found["after"]["amount"], &found["difference"]["amount"]), (&json!("225.00"), &json!("450.00"), &json!("225.00")));
        let line = |id: &str, class: &str, before: &str, after: &str, difference: &str| json!({"timeEntry": {"externalRef": {"id": id}}, "hoursClass": class, "before": {"amount": before}, "after": {"amount": after}, "difference": {"amount": difference}});
        assert_eq!(found["lines"], json!([line("day", "BUSINESS", "0.00", "150.00", "150.00"), line("sat", "WEEKEND", "225.00", "300.00", "75.00")]));
        assert_eq!(lines(&charges(&admin, json!({})).await).len(), 1, "nothing is stored");
    }

    async fn a_client_reads_its_statement(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let mut job = entry("<b>T-7</b>", "2026-10-10T10:00:00Z", "2026-10-10T11:00:00Z");
        (job["technician"], job["note"]) = (json!("tech-7"), json!("the server room was locked"));
        record(&admin, json!([job])).await;
        let portal = remit.portal("acme", "NORTHWIND", "charges:read agreements:read");
        let query = "{ agreement(by: {code: \"MSA-1\"}) { periods(first: 20) { nodes { from statement } } } }";
        let periods = portal.ask(query).await;
        let october = periods["agreement"]["periods"]["nodes"].as_array().unwrap().iter().find(|period| period["from"] == "2026-10-01").unwrap();
        let page = october["statement"].as_str().unwrap();
        for said in ["Statement for October 2026", "This period is not closed.", "Northwind", "on a weekend, extra hours", "USD 225.00", "Rule R2: 150.00 USD for engineer times 1.5 is 225.00 USD an hour. [2.3.2]", "&lt;b&gt;T-7&lt;/b&gt;"] {
            assert!(page.contains(said), "{said}\n{page}");
        }
        for hidden in ["tech-7", "locked", "<b>T-7", "<script"] {
            assert!(!page.contains(hidden), "{hidden}");
        }
    }

    async fn a_statement_speaks_to_people(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        pooled(&admin, "MSA-1", "2026-09-01").await;
        record(&admin, json!([hours("sep", "2026-09-12", 12)])).await;
        admin.done("closeBillingPeriod", json!({"agreement": {"code": "MSA-1"}, "from": "2026-09-01"}), "").await;
        let block = json!({"agreement": {"code": "MSA-1"}, "code": "BLOCK-1", "hours": "PT5H", "from": "2026-10-01", "paid": true});
        admin.done("putPrepaidHours", block, "").await;
        record(&admin, json!([hours("oct", "2026-10-10", 11), hours("sep", "2026-09-12", 13)])).await;
        let periods = admin.ask("{ agreement(by: {code: \"MSA-1\"}) { periods(first: 20) { nodes { from statement } } } }").await;
        let page = periods["agreement"]["periods"]["nodes"][1]["statement"].as_str().unwrap();
        for said in [
            "10 h were drawn from the hours of October 2026.",
            "1 h were drawn from the prepaid block BLOCK-1.",
            "on a weekend, correction",
            "What was billed for September 2026 changed after it was closed (on a weekend, beyond the hours paid for).",
            "Billed: 12 h worked, 10 h covered, 2 h charged, 240.00 USD. Now: 13 h worked, 10 h covered, 3 h charged, 360.00 USD.",
            "The difference: 1 h worked, 0 h covered, 1 h charged, 120.00 USD.",
        ] {
            assert!(page.contains(said), "{said}\n{page}");
        }
        for word in ["PT", "WEEKEND", "EXTRA_HOURS", "OVERAGE", "ADJUSTMENT", "a prepaid block"] {
            assert!(!page.contains(word), "{word}\n{page}");
        }
    }

    async fn a_closed_month_is_exported_the_same_each_time(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let client = json!({"code": "NORTHWIND", "name": "=Northwind, Inc.", "externalRefs": [{"system": "stripe", "id": "cus_1"}]});
        admin.done("putClient", client, "").await;
        record(&admin, json!([entry("sat", "2026-10-10T10:00:00Z", "2026-10-10T11:00:00Z"), entry("eve", "2026-10-07T22:00:00Z", "2026-10-07T22:20:00Z"), entry("nov", "2026-11-07T22:00:00Z", "2026-11-07T22:20:00Z")])).await;
        let folder = tempfile::tempdir().unwrap();
        let export = |format: &str, period: &str, more: &str| {
            let line = format!("export charges --provider acme --period {period} --format {format} {more}");
            command::run(&remit, folder.path().to_owned(), command::words(&line))
        };
        let open = export("csv", "2026-10", "").await;
        assert!(open.well && open.out.lines().count() == 1, "provisional charges are not written: {open:?}");
        assert_eq!(export("csv", "2026-10", "--provisional").await.out.lines().count(), 3);
        admin.done("closeBillingPeriod", json!({"agreement": {"code": "MSA-1"}, "from": "2026-10-01", "withEarlier": true}), "").await;
        let csv = export("csv", "2026-10", "").await.out;
        assert_eq!(csv, export("csv", "2026-10", "").await.out);
        let rows: Vec<&str> = csv.lines().collect();
        assert!(rows[0].starts_with("id,period,for_period,status,kind,client,client_name"), "{csv}");
        assert!(rows[1].contains(",2026-10,2026-10,FINAL,EXTRA_HOURS,NORTHWIND,\"'=Northwind, Inc.\",MSA-1,PSA,eve,HELPDESK,engineer,AFTER_HOURS,R2,,2026-10-07T22:00:00Z,2026-10-07T22:20:00Z,0.333333,0,0.333333,225.00,75.00,USD"), "{csv}");
        let json_line = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        let jsonl = export("jsonl", "2026-10", "").await.out;
        let first = json_line(jsonl.lines().next().unwrap());
        assert_eq!((&first["amount"], &first["timeEntry"]["id"], &first["reasons"][0]["code"]), (&json!("75.00"), &json!("eve"), &json!("IN_FORCE")));
        let ids: Vec<Value> = charges(&admin, json!({"periodUntil": "2026-10-31"})).await["nodes"].as_array().unwrap().iter().map(|charge| charge["id"].clone()).collect();
        let stripe = export("stripe", "2026-10", "").await.out;
        let events: Vec<Value> = stripe.lines().map(json_line).collect();
        assert_eq!(events[0], json!({"event_name": "R2", "identifier": ids[0], "timestamp": 1_791_410_400, "payload": {"stripe_customer_id": "cus_1", "value": "7500"}}));
        assert_eq!(export("chargebee", "2026-10", "").await.out, "subscription_id,item_price_id,usage_date,quantity,note\r\nMSA-1,R2,2026-10-07,0.333333,Extra hours at 225.00 USD an hour: 75.00 USD\r\nMSA-1,R2,2026-10-10,1,Extra hours at 225.00 USD an hour: 225.00 USD\r\n");
        let books = export("quickbooks", "2026-10", "").await.out;
        assert!(books.lines().nth(2).unwrap().starts_with("MSA-1-2026-10,\"'=Northwind, Inc.\",2026-10-31,2026-10-31,R2,\"Extra hours, worked on a weekend, begun 10 October 2026, 06:00 (America/New_York), PSA sat\",1,225.00,225.00,USD,2026-10-10"), "{books}");
        let wrong = export("csv", "2026-13", "").await;
        assert!(!wrong.well && wrong.error.contains("2026-11"), "{wrong:?}");
    }
}
