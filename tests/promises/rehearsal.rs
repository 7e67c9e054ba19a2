//! Response times held against the provider's own tickets: of a draft, and of a tier that nobody has yet.

use serde_json::{Value, json};

use super::{catalogue, check, offer, promise};
use crate::support::{User, both, code, fixtures};

/// Forty urgent tickets in each of two months, the n-th of them answered after n minutes out of twenty, all mended within an
/// hour.
async fn past(admin: &User<'_>) {
    fixtures::agreement_in_force(admin, "OLD-1").await;
    for month in ["09", "10"] {
        let ticket = |place: usize| {
            let (day, minute) = (place % 20 + 1, place % 20 + 1);
            let at = |time: &str| format!("2026-{month}-{day:02}T{time}:00Z");
            json!({
                "ref": {"system": "psa", "id": format!("{month}-{place}")}, "agreement": {"code": "OLD-1"}, "title": "Down", "priority": "P1",
                "scenario": "SYSTEM_FAILURE", "openedAt": at("14:00"),
                "events": [
                    {"id": "1", "kind": "RESPONDED", "at": at(&format!("14:{minute:02}"))},
                    {"id": "2", "kind": "RESOLVED", "at": at("15:00")},
                ]
            })
        };
        admin.done("recordTickets", json!({"tickets": (0..40).map(ticket).collect::<Vec<_>>()}), "").await;
    }
}

/// A tier that promises an answer within ten minutes.
async fn fast(admin: &User<'_>) {
    let target = |priority: &str| json!({"priority": priority, "milestone": "RESPONSE", "within": "PT10M", "clock": "AROUND_THE_CLOCK", "strength": "GUARANTEE"});
    let credits = json!([{"fromPercent": "50", "belowPercent": "95", "creditPercent": "10"}, {"belowPercent": "50", "creditPercent": "25"}]);
    let targets = json!(["P1", "P2", "P3", "P4"].map(target));
    admin.done("putSlaTier", json!({"code": "FAST", "name": "Fast", "targets": targets, "credits": credits}), "").await;
}

const REHEARSE: &str = "query ($input: RehearseInput!) { rehearse(input: $input) { from to tickets verdict creditPercent
    lines { priority milestone met breached running attainmentPercent promise { clause promise verdict reason sampleSize kept attainableAtLeastPercent supportedTarget } }
    months { firstDay lastDay creditPercent credit { amount currency } reasons { code text } } } }";

async fn rehearse(user: &User<'_>, more: Value) -> Value {
    let mut input = json!({"tier": {"code": "FAST"}, "calendar": {"code": "OFFICE"}});
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    user.ask_with(REHEARSE, json!({"input": input})).await["rehearse"].take()
}

both! {
    async fn a_draft_is_compared_with_the_providers_own_tickets(remit: Remit) {
        let admin = catalogue(&remit).await;
        past(&admin).await;
        offer(&admin, "MSA-1", |_| ()).await;
        let found = check(&admin, "MSA-1").await;
        let response = promise(&found, "2.2.1");
        // 80 of 80: 80 / (80 + 1.959964²) is 95.41 %. With 19 minutes 76 of 80 would have been answered in time.
        assert_eq!((&response["sampleSize"], &response["kept"], &response["verdict"]), (&json!(80), &json!(80), &json!("SUPPORTED")));
        assert_eq!((&response["attainableAtLeastPercent"], &response["supportedTarget"]), (&json!("95.41"), &json!("PT20M")));
        assert_eq!(response["reason"], "Of 80 tickets of the last 365 days 80 would have kept it: 95.41 % or more is held at 95 % confidence, 95 % is promised.");
        // Nobody asked for a P2.
        assert_eq!((&promise(&found, "2.2.3")["sampleSize"], &promise(&found, "2.2.3")["verdict"]), (&json!(0), &json!("UNPROVEN")));
        assert_eq!(promise(&found, "2.2.3")["reason"], "No tickets of the last 365 days speak of it.");
        // The failures of systems, each mended within an hour.
        let recovery = promise(&found, "7.2.1");
        assert_eq!((&recovery["sampleSize"], &recovery["kept"], &recovery["verdict"]), (&json!(80), &json!(80), &json!("SUPPORTED")));
        // Another provider's tickets say nothing here.
        let other = remit.admin("other");
        fixtures::catalogue(&other).await;
        offer(&other, "MSA-1", |_| ()).await;
        assert_eq!(promise(&check(&other, "MSA-1").await, "2.2.1")["sampleSize"], 0);
    }

    async fn a_guarantee_of_response_beyond_the_tickets_needs_a_reason(remit: Remit) {
        let admin = catalogue(&remit).await;
        past(&admin).await;
        fast(&admin).await;
        offer(&admin, "MSA-1", |draft| draft["tier"] = json!({"code": "FAST"})).await;
        let accept = json!({"agreement": {"code": "MSA-1"}, "acceptedBy": "Northwind's board"});
        let payload = admin.call("activateTerms", accept.clone(), "").await;
        assert_eq!(payload["errors"], json!([{
            "code": "OVERPROMISED", "path": ["input", "acceptOverpromise"],
            "message": "2.2.1 P1 response within 10 minutes around the clock, for 95 % of tickets: Of 80 tickets of the last 365 days 40 would have kept it: at 95 % confidence that is less than the 95 % that is promised.",
        }]));
        let mut with_reason = accept;
        with_reason["acceptOverpromise"] = json!("Two more people start in December.");
        let done = admin.done("activateTerms", with_reason, "terms { acceptedOverpromise { reason promises { clause } } }").await;
        assert_eq!(done["terms"]["acceptedOverpromise"], json!({"reason": "Two more people start in December.", "promises": [{"clause": "2.2.1"}]}));
    }

    async fn a_tier_is_rehearsed_with_past_tickets(remit: Remit) {
        let admin = catalogue(&remit).await;
        past(&admin).await;
        fast(&admin).await;
        let found = rehearse(&admin, json!({"agreement": {"code": "OLD-1"}})).await;
        assert_eq!((&found["from"], &found["to"], &found["tickets"]), (&json!("2025-11-01T04:00:00Z"), &json!("2026-11-01T04:00:00Z"), &json!(80)));
        let line = &found["lines"][0];
        assert_eq!((&line["priority"], &line["milestone"], &line["met"], &line["breached"], &line["running"]), (&json!("P1"), &json!("RESPONSE"), &json!(40), &json!(40), &json!(0)));
        assert_eq!((&line["attainmentPercent"], &line["promise"]["verdict"], &line["promise"]["supportedTarget"]), (&json!("50"), &json!("OVERPROMISED"), &json!("PT20M")));
        assert_eq!((&found["lines"][1]["met"], &found["lines"][1]["attainmentPercent"]), (&json!(0), &Value::Null));
        assert_eq!(found["verdict"], "OVERPROMISED");
        // Half of September's and half of October's tickets: 10 % of 25 × 18.50 + 240 each.
        let months = found["months"].as_array().unwrap();
        assert_eq!((months.len(), &months[0]["firstDay"], &months[11]["lastDay"]), (12, &json!("2025-11-01"), &json!("2026-10-31")));
        let earned: Vec<(&Value, &Value)> = months.iter().map(|month| (&month["creditPercent"], &month["credit"]["amount"])).collect();
        assert_eq!(earned[9..], [(&json!("0"), &Value::Null), (&json!("10"), &json!("-70.25")), (&json!("10"), &json!("-70.25"))]);
        assert_eq!((&found["creditPercent"], &months[11]["reasons"][0]["code"]), (&json!("20"), &json!("CREDIT_EARNED")));
        // Of a client, of fewer months, of nobody; without an agreement there is no fee.
        let found = rehearse(&admin, json!({"client": {"code": "NORTHWIND"}, "months": 1})).await;
        assert_eq!((&found["tickets"], &found["creditPercent"], &found["months"][0]["credit"]), (&json!(40), &json!("10"), &Value::Null));
        admin.done("putClient", json!({"code": "FABRIKAM", "name": "Fabrikam"}), "").await;
        assert_eq!(rehearse(&admin, json!({"client": {"code": "FABRIKAM"}})).await["tickets"], 0);
        for nothing in [json!({"client": {"code": "NOPE"}}), json!({"tier": {"code": "NOPE"}}), json!({"calendar": {"code": "NOPE"}}), json!({"agreement": {"code": "NOPE"}})] {
            assert_eq!(rehearse(&admin, nothing).await, Value::Null);
        }
        for months in [0, 37] {
            let input = json!({"input": {"tier": {"code": "FAST"}, "calendar": {"code": "OFFICE"}, "months": months}});
            let errors = admin.refused(REHEARSE, input).await;
            assert_eq!(errors[0]["extensions"]["code"], "BAD_USER_INPUT", "{errors:?}");
        }
        let own = remit.portal("acme", "NORTHWIND", "capability:read");
        let input = json!({"input": {"tier": {"code": "FAST"}, "calendar": {"code": "OFFICE"}}});
        assert_eq!(code(&own.refused(REHEARSE, input).await[0]), "FORBIDDEN capability:read");
    }
}
