//! Months that are closed and invoiced, and hours that were bought.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

/// What becomes of the charges.
const CHARGES: &str =
    "{ agreement(by: {code: \"NUMBER\"}) { charges { nodes { status invoiceRef released { reason } } } } }";
const FILTERED: &str = "query ($filter: ChargeFilter) { charges(filter: $filter) { totalCount } }";
const HOURS: &str = "{ agreement(by: {code: \"NUMBER\"}) { prepaidHours { code note } hours(asOf: \"2026-11-20T12:00:00Z\") { available } } }";

pub(super) fn cases() -> Vec<Case> {
    [listed(), closed(), invoiced(), bought()].concat()
}

/// Fifty minutes on a Saturday of October, and the months up to that one are closed.
fn october(name: &'static str) -> Case {
    let entry = json!({"ref": {"system": "psa", "id": "NUMBER"}, "agreement": {"code": "NUMBER"}, "role": "engineer",
        "startedAt": "2026-10-17T16:00:00Z", "endedAt": "2026-10-17T16:50:00Z"});
    let close = json!({"agreement": {"code": "NUMBER"}, "from": "2026-10-01", "withEarlier": true});
    field(name).then("recordTimeEntries", json!({"entries": [entry]})).then("closeBillingPeriod", close)
}

fn listed() -> Vec<Case> {
    let lists = |name, first: Value, other: Value| {
        let of_agreement = |more: Value| {
            let mut filter = json!({"agreement": {"code": "NUMBER"}});
            filter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"filter": filter})
        };
        october(name).seen(Look::Variables(FILTERED, of_agreement(first), of_agreement(other)))
    };
    vec![
        lists("ChargeFilter.agreement", json!({}), json!({"agreement": {"code": "NOPE"}})),
        lists("ChargeFilter.client", json!({"client": {"code": "NORTHWIND"}}), json!({"client": {"code": "FABRIKAM"}})),
        lists("ChargeFilter.kind", json!({"kind": ["EXTRA_HOURS"]}), json!({"kind": ["OVERAGE"]})),
        lists("ChargeFilter.status", json!({"status": ["FINAL"]}), json!({"status": ["INVOICED"]})),
        lists("ChargeFilter.periodFrom", json!({"periodFrom": "2026-10-31"}), json!({"periodFrom": "2026-11-01"})),
        lists("ChargeFilter.periodUntil", json!({"periodUntil": "2026-10-01"}), json!({"periodUntil": "2026-09-30"})),
    ]
}

fn closed() -> Vec<Case> {
    let closes = |name, place, value| october(name).change(place, value).seen(Look::Query(CHARGES));
    vec![
        closes("CloseBillingPeriodInput.agreement", "/steps/4/with/agreement", json!({"code": "NOPE"})),
        closes("CloseBillingPeriodInput.from", "/steps/4/with/from", json!("2026-09-01")),
        // September is open.
        closes("CloseBillingPeriodInput.withEarlier", "/steps/4/with/withEarlier", json!(false)),
    ]
}

fn invoiced() -> Vec<Case> {
    let marks = |name| {
        october(name)
            .learning("{ agreement(by: {code: \"NUMBER\"}) { charges { nodes { id } } } }")
            .then("markChargesInvoiced", json!({"charges": ["LEARNT"], "invoiceRef": "INV-NUMBER"}))
            .seen(Look::Query(CHARGES))
    };
    let releases = |name, place, value| {
        marks(name)
            .then("releaseInvoice", json!({"invoiceRef": "INV-NUMBER", "reason": "A typing error."}))
            .change(place, value)
    };
    vec![
        marks("MarkChargesInvoicedInput.charges").change("/steps/6/with/charges", json!([])),
        marks("MarkChargesInvoicedInput.invoiceRef").change("/steps/6/with/invoiceRef", json!("OTHER-NUMBER")),
        releases("ReleaseInvoiceInput.invoiceRef", "/steps/7/with/invoiceRef", json!("OTHER-NUMBER")),
        releases("ReleaseInvoiceInput.reason", "/steps/7/with/reason", json!("The client asked.")),
    ]
}

/// Five hours on top of those that are included, seen on a day of November.
fn bought() -> Vec<Case> {
    let block = json!({"agreement": {"code": "NUMBER"}, "code": "BLOCK", "hours": "PT5H", "from": "2026-11-01", "until": "2026-12-31", "paid": true, "note": "PO 7"});
    let buys = |name, place, value| {
        field(name).then("putPrepaidHours", block.clone()).change(place, value).seen(Look::Query(HOURS))
    };
    vec![
        buys("PutPrepaidHoursInput.agreement", "/steps/3/with/agreement", json!({"code": "NOPE"})),
        buys("PutPrepaidHoursInput.code", "/steps/3/with/code", json!("OTHER")),
        buys("PutPrepaidHoursInput.hours", "/steps/3/with/hours", json!("PT6H")),
        buys("PutPrepaidHoursInput.from", "/steps/3/with/from", json!("2026-12-01")),
        buys("PutPrepaidHoursInput.until", "/steps/3/with/until", json!("2026-11-10")),
        buys("PutPrepaidHoursInput.paid", "/steps/3/with/paid", json!(false)),
        buys("PutPrepaidHoursInput.note", "/steps/3/with/note", json!("PO 8")),
    ]
}
