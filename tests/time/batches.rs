//! What is wrong with one entry is said of that one, and keeps no other back.

use serde_json::{Value, json};

use super::{
    charges, lines,
    work::{entry, record, rejected},
};
use crate::support::{both, fixtures};

both! {
    async fn one_bad_entry_of_five_hundred_keeps_no_other_back(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        let job = |place: usize| {
            let (day, hour, minute) = (1 + place / 60, place % 60 / 10, place % 10);
            let to = if place == 250 { minute } else { minute + 1 };
            entry(&format!("e{place:03}"), &format!("2026-11-{day:02}T{hour:02}:{minute:02}:30Z"), &format!("2026-11-{day:02}T{hour:02}:{to:02}:30Z"))
        };
        let batch: Vec<Value> = (0..500).map(job).collect();
        let results = record(&admin, json!(batch)).await;
        let results = results.as_array().unwrap();
        assert_eq!(results.len(), 500);
        for (place, result) in results.iter().enumerate() {
            assert_eq!(result["ref"]["id"], format!("e{place:03}"));
            let expected = if place == 250 { "REJECTED" } else { "CREATED" };
            assert_eq!(result["outcome"], expected, "{result}");
        }
        assert_eq!((&results[250]["errors"][0]["code"], &results[250]["errors"][0]["path"]), (&json!("INVALID"), &json!(["input", "entries", "250", "endedAt"])));
        assert_eq!(charges(&admin, json!({})).await["totalCount"], 499);
        // Sent again, mended: the one is new, the others are as they were.
        let mended: Vec<Value> = (0..500).map(|place| if place == 250 { job(251) } else { job(place) }).collect();
        let mut mended = json!(mended);
        mended[250]["ref"]["id"] = json!("e250");
        let results = record(&admin, mended).await;
        let outcomes: Vec<&str> = results.as_array().unwrap().iter().map(|result| result["outcome"].as_str().unwrap()).collect();
        assert_eq!((outcomes[250], outcomes.iter().filter(|outcome| **outcome == "UNCHANGED").count()), ("CREATED", 499));
        assert_eq!(charges(&admin, json!({})).await["totalCount"], 500);
    }

    async fn a_role_without_a_rate_is_refused_where_the_price_follows_from_it(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut draft = fixtures::draft("MSA-1");
        // A specialist has a price on weekends alone.
        draft["extraHours"]["rates"].as_array_mut().unwrap().insert(0, json!({"role": ["specialist"], "hoursClass": ["WEEKEND"], "treatment": "HOURLY", "hourly": {"amount": "400", "currency": "USD"}}));
        fixtures::agree(&admin, "MSA-1", draft).await;
        let job = |id: &str, from: &str, to: &str, service: &str| {
            let mut job = entry(id, &format!("2026-11-{from}:00Z"), &format!("2026-11-{to}:00Z"));
            (job["role"], job["service"]["code"]) = (json!("specialist"), json!(service));
            job
        };
        assert_eq!(record(&admin, json!([job("weekend", "14T15:00", "14T16:00", "HELPDESK"), job("fee", "16T15:00", "16T16:00", "HELPDESK")])).await[1]["outcome"], "CREATED");
        assert_eq!(lines(&charges(&admin, json!({})).await), ["weekend EXTRA_HOURS WEEKEND PT1H PT0S PT1H 400.00 400.00"]);
        // In the evening a multiple of its rate would be charged; for what is excluded its rate itself.
        for refused in [job("evening", "17T01:00", "17T02:00", "HELPDESK"), job("excluded", "16T15:00", "16T16:00", "PROJECTS")] {
            let results = record(&admin, json!([refused])).await;
            let error = &results[0]["errors"][0];
            assert_eq!((&error["code"], &error["path"][3]), (&json!("INVALID"), &json!("role")));
            assert!(error["message"].as_str().unwrap().contains("has no rate"), "{error}");
        }
        let mut not_billable = job("evening", "17T01:00", "17T02:00", "HELPDESK");
        not_billable["billing"] = json!("NOT_BILLABLE");
        assert_eq!(record(&admin, json!([not_billable])).await[0]["outcome"], "CREATED");
        let mut unknown = job("unknown", "14T15:00", "14T16:00", "HELPDESK");
        unknown["role"] = json!("janitor");
        assert_eq!(rejected(&admin, unknown).await, ["INVALID"]);
    }

    async fn an_entry_may_go_to_a_client_without_an_agreement(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        fixtures::agreement_in_force(&admin, "MSA-1").await;
        admin.done("putClient", json!({"code": "SOUTHWIND", "name": "Southwind"}), "").await;
        let mut job = entry("a", "2026-11-18T18:00:00-05:00", "2026-11-18T19:00:00-05:00");
        record(&admin, json!([job])).await;
        assert_eq!(charges(&admin, json!({})).await["totalCount"], 1);
        (job["agreement"], job["client"]) = (Value::Null, json!({"code": "SOUTHWIND"}));
        let result = record(&admin, json!([job])).await[0].clone();
        assert_eq!((&result["outcome"], &result["timeEntry"]["agreement"], &result["timeEntry"]["segments"]), (&json!("UPDATED"), &Value::Null, &json!([])));
        assert_eq!(charges(&admin, json!({})).await["totalCount"], 0);
    }
}
