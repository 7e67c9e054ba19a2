//! Hours bought on top, their balance, and the ledger of every draw.

use serde_json::{Value, json};

use super::{
    charges, lines,
    periods::{hours, pooled},
    work::record,
};
use crate::support::{User, both, fixtures};

async fn put(admin: &User<'_>, code: &str, hours: &str, from: &str, until: Value, paid: bool) -> Value {
    let input = json!({"agreement": {"code": "MSA-1"}, "code": code, "hours": hours, "from": from, "until": until, "paid": paid, "note": "PO 7"});
    admin.done("putPrepaidHours", input, "prepaidHours { code hours from until paid note }").await["prepaidHours"]
        .clone()
}

/// What is left as of an instant: the sum, and each lot as `of left`.
async fn balance(admin: &User<'_>, as_of: &str) -> (String, Vec<String>) {
    let query = "query ($asOf: DateTime!) { agreement(by: {code: \"MSA-1\"}) { hours(asOf: $asOf) { available lots { ofPeriod prepaid until left } } } }";
    let hours = admin.ask_with(query, json!({"asOf": as_of})).await["agreement"]["hours"].clone();
    let lot = |lot: &Value| {
        format!("{} {}", lot["prepaid"].as_str().or(lot["ofPeriod"].as_str()).unwrap(), lot["left"].as_str().unwrap())
    };
    (hours["available"].as_str().unwrap().to_owned(), hours["lots"].as_array().unwrap().iter().map(lot).collect())
}

both! {
    async fn blocks_cover_what_the_month_does_not(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        pooled(&admin, "MSA-1", "2026-11-01").await;
        record(&admin, json!([hours("a", "2026-11-07", 8), hours("b", "2026-11-14", 8)])).await;
        let charged = |found: &Value| lines(found).pop().unwrap();
        assert_eq!(charged(&charges(&admin, json!({})).await), "b OVERAGE WEEKEND PT8H PT2H PT6H 120.00 720.00");
        // Bought and not paid for: it covers nothing yet. Paid, it covers from its first day on.
        let block = put(&admin, "BLOCK-1", "PT5H", "2026-11-01", json!("2026-11-30"), false).await;
        assert_eq!(block, json!({"code": "BLOCK-1", "hours": "PT5H", "from": "2026-11-01", "until": "2026-11-30", "paid": false, "note": "PO 7"}));
        assert_eq!(charged(&charges(&admin, json!({})).await), "b OVERAGE WEEKEND PT8H PT2H PT6H 120.00 720.00");
        put(&admin, "BLOCK-1", "PT5H", "2026-11-01", json!("2026-11-30"), true).await;
        assert_eq!(charged(&charges(&admin, json!({})).await), "b OVERAGE WEEKEND PT8H PT7H PT1H 120.00 120.00");
        put(&admin, "BLOCK-2", "PT10H", "2026-11-10", Value::Null, true).await;
        assert_eq!(charged(&charges(&admin, json!({})).await), "b EXTRA_HOURS WEEKEND PT8H PT8H PT0S 120.00 0.00");
        // The block that expires first is drawn first, then the month's hours, which December could use, then the other.
        let query = "{ charges { nodes { draws { ofPeriod prepaid hours } } } agreement(by: {code: \"MSA-1\"}) { prepaidHours { code } periods { nodes { hours { event ofPeriod prepaid hours } } } } }";
        let found = admin.ask(query).await;
        let draw = |draw: &Value| format!("{} {}", draw["prepaid"].as_str().or(draw["ofPeriod"].as_str()).unwrap(), draw["hours"].as_str().unwrap());
        let drawn: Vec<Vec<String>> = found["charges"]["nodes"].as_array().unwrap().iter().map(|charge| charge["draws"].as_array().unwrap().iter().map(draw).collect()).collect();
        assert_eq!(drawn, [vec!["BLOCK-1 PT5H", "2026-11-01 PT3H"], vec!["2026-11-01 PT7H", "BLOCK-2 PT1H"]]);
        let ledger: Vec<String> = found["agreement"]["periods"]["nodes"][0]["hours"].as_array().unwrap().iter().map(|line| format!("{} {}", line["event"].as_str().unwrap(), draw(line))).collect();
        assert_eq!(ledger, ["ADDED 2026-11-01 PT10H", "ADDED BLOCK-1 PT5H", "ADDED BLOCK-2 PT10H", "DRAWN 2026-11-01 PT10H", "DRAWN BLOCK-1 PT5H", "DRAWN BLOCK-2 PT1H"]);
        assert_eq!(found["agreement"]["prepaidHours"], json!([{"code": "BLOCK-1"}, {"code": "BLOCK-2"}]));
        // As of an instant: less what was begun by then, and no block before its first day, which begins at five by UTC.
        assert_eq!(balance(&admin, "2026-11-05T00:00:00Z").await, ("PT15H".into(), vec!["BLOCK-1 PT5H".into(), "2026-11-01 PT10H".into()]));
        assert_eq!(balance(&admin, "2026-11-10T04:59:59Z").await.0, "PT7H");
        assert_eq!(balance(&admin, "2026-11-10T05:00:00Z").await.0, "PT17H");
        assert_eq!(balance(&admin, "2026-11-20T00:00:00Z").await, ("PT9H".into(), vec!["BLOCK-2 PT9H".into()]));
        assert_eq!(balance(&admin, "2026-12-02T00:00:00Z").await, ("PT19H".into(), vec!["2026-12-01 PT10H".into(), "BLOCK-2 PT9H".into()]));
        // Coverage counts on them.
        let asked = "{ coverage(input: {agreement: {code: \"MSA-1\"}, service: {code: \"HELPDESK\"}, work: \"PT10H\", at: \"2026-11-21T10:00:00Z\"}) { estimate { amount { amount } } } }";
        assert_eq!(admin.ask(asked).await["coverage"]["estimate"]["amount"]["amount"], "120.00");
    }

    async fn a_block_that_cannot_be_is_refused(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        pooled(&admin, "MSA-1", "2026-11-01").await;
        for (changes, refused) in [
            (json!({"agreement": {"code": "MSA-9"}}), "NOT_FOUND input.agreement"),
            (json!({"hours": "PT0S"}), "INVALID input.hours"),
            (json!({"until": "2026-10-31"}), "INVALID input.until"),
            (json!({"code": " "}), "INVALID input.code"),
        ] {
            let mut input = json!({"agreement": {"code": "MSA-1"}, "code": "B", "hours": "PT1H", "from": "2026-11-01", "paid": true});
            input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            assert_eq!(admin.denied("putPrepaidHours", input).await, [refused]);
        }
        let portal = remit.portal("acme", "NORTHWIND", "charges:read agreements:read");
        let seen = portal.ask("{ agreement(by: {code: \"MSA-1\"}) { hours { available } prepaidHours { code } } }").await;
        assert_eq!(seen["agreement"], json!({"hours": {"available": "PT10H"}, "prepaidHours": []}));
    }
}
