//! What work costs.

use serde_json::{Value, json};

use super::world::{Case, Look, field};

/// In New York: Monday at seven in the evening, Friday at two in the afternoon, Saturday at noon, Thanksgiving at ten.
const EVENING: &str = "2026-11-24T00:00:00Z";
const FRIDAY: &str = "2026-11-20T19:00:00Z";
const SATURDAY: &str = "2026-11-21T17:00:00Z";
const HOLIDAY: &str = "2026-11-26T15:00:00Z";

pub(super) fn cases() -> Vec<Case> {
    [rules(), rounding(), included_hours()].concat()
}

fn rules() -> Vec<Case> {
    let rule = |name, place, value| field(name).change(place, value);
    let usd = |amount: &str| json!({"amount": amount, "currency": "USD"});
    let twenty_minutes = json!({"at": HOLIDAY, "work": "PT20M"});
    let friday = json!([{"weekday": "FRIDAY", "opens": "12:00", "closes": "17:00"}]);
    vec![
        rule(
            "ExtraHoursPolicyInput.rates",
            "/steps/0/with/extraHours/rates/2",
            json!({"hoursClass": ["AFTER_HOURS", "WEEKEND"], "treatment": "IN_FEE"}),
        )
        .decides(json!({"at": SATURDAY})),
        rule(
            "ExtraHoursPolicyInput.roles",
            "/steps/0/with/extraHours/roles",
            json!([{"role": "engineer", "hourly": usd("160")}]),
        )
        .decides(json!({"at": SATURDAY})),
        rule("ExtraHoursPolicyInput.rounding", "/steps/0/with/extraHours/rounding", Value::Null)
            .decides(json!({"at": SATURDAY, "work": "PT20M"})),
        rule("ExtraHoursPolicyInput.included", "/steps/0/with/extraHours/included", Value::Null)
            .decides(json!({"at": EVENING, "role": "planner", "workKind": "telephone"})),
        rule("RoleRateInput.role", "/steps/0/with/extraHours/roles/0/role", json!("technician"))
            .decides(json!({"at": SATURDAY})),
        rule("RoleRateInput.hourly", "/steps/0/with/extraHours/roles/0/hourly", usd("151"))
            .decides(json!({"at": SATURDAY})),
        rule("MoneyInput.amount", "/steps/0/with/extraHours/rates/1/hourly/amount", json!("91"))
            .decides(json!({"workKind": "project"})),
        rule("MoneyInput.currency", "/steps/0/with/extraHours/rates/1/hourly/currency", json!("EUR")).finds(),
        rule("RateRuleInput.code", "/steps/0/with/extraHours/rates/2/code", json!("OTHER")).written(),
        rule("RateRuleInput.callOut", "/steps/0/with/extraHours/rates/0/callOut", usd("81"))
            .decides(twenty_minutes.clone()),
        rule("RateRuleInput.hoursClass", "/steps/0/with/extraHours/rates/2/hoursClass", json!(["AFTER_HOURS"]))
            .decides(json!({"at": SATURDAY})),
        rule("RateRuleInput.calendar", "/steps/0/with/extraHours/rates/2/calendar", json!({"code": "NIGHT"}))
            .decides(json!({"at": EVENING})),
        rule("RateRuleInput.during", "/steps/0/with/extraHours/rates/1/during", friday)
            .decides(json!({"workKind": "project", "at": EVENING})),
        rule("RateRuleInput.priority", "/steps/0/with/extraHours/rates/2/priority", json!(["P2"]))
            .decides(json!({"at": SATURDAY})),
        rule("RateRuleInput.workKind", "/steps/0/with/extraHours/rates/1/workKind", json!(["planning"]))
            .decides(json!({"workKind": "project", "at": FRIDAY})),
        rule("RateRuleInput.role", "/steps/0/with/extraHours/rates/2/role", json!(["planner"]))
            .decides(json!({"at": SATURDAY})),
        rule("RateRuleInput.treatment", "/steps/0/with/extraHours/rates/3/treatment", json!("NOT_OFFERED"))
            .decides(json!({})),
        rule("RateRuleInput.multiplier", "/steps/0/with/extraHours/rates/2/multiplier", json!("1.6"))
            .decides(json!({"at": SATURDAY})),
        rule("RateRuleInput.hourly", "/steps/0/with/extraHours/rates/1/hourly", usd("92"))
            .decides(json!({"workKind": "project"})),
        rule("RateRuleInput.minimum", "/steps/0/with/extraHours/rates/0/minimum", json!("PT3H"))
            .decides(twenty_minutes),
        rule("RateRuleInput.increment", "/steps/0/with/extraHours/rates/0/increment", json!("PT30M"))
            .decides(json!({"at": HOLIDAY, "work": "PT2H10M"})),
    ]
}

fn rounding() -> Vec<Case> {
    let rounds = |name, place, value, work: &str| {
        field(name).change(place, value).decides(json!({"at": SATURDAY, "work": work}))
    };
    vec![
        rounds(
            "RoundingRuleInput.order",
            "/steps/0/with/extraHours/rounding/order",
            json!("MINIMUM_THEN_ROUND"),
            "PT20M",
        ),
        rounds("RoundingRuleInput.minimum", "/steps/0/with/extraHours/rounding/minimum", json!("PT1H30M"), "PT20M"),
        rounds("RoundingRuleInput.increment", "/steps/0/with/extraHours/rounding/increment", json!("PT15M"), "PT1H5M"),
        // A job from the evening before into the holiday meets two minima.
        field("RoundingRuleInput.minima")
            .change("/steps/0/with/extraHours/rounding/minima", json!("LARGEST"))
            .decides(json!({"at": "2026-11-26T04:50:00Z", "work": "PT20M"})),
    ]
}

fn included_hours() -> Vec<Case> {
    let telephone = |more: Value| {
        let mut question = json!({"at": EVENING, "role": "planner", "workKind": "telephone", "work": "PT8H"});
        question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        question
    };
    let draws = |name, place, value| field(name).change(place, value).decides(telephone(json!({})));
    let usd = |amount: &str| json!({"amount": amount, "currency": "USD"});
    vec![
        draws("IncludedHoursInput.perPeriod", "/steps/0/with/extraHours/included/perPeriod", json!("PT4H")),
        draws("IncludedHoursInput.draws", "/steps/0/with/extraHours/included/draws", json!([])),
        field("IncludedHoursInput.overageHourly")
            .change("/steps/0/with/extraHours/included/overageHourly", usd("141"))
            .decides(telephone(json!({"work": null}))),
        draws("DrawRuleInput.hoursClass", "/steps/0/with/extraHours/included/draws/0/hoursClass", json!(["WEEKEND"])),
        draws("DrawRuleInput.role", "/steps/0/with/extraHours/included/draws/0/role", json!(["engineer"])),
        draws("DrawRuleInput.workKind", "/steps/0/with/extraHours/included/draws/0/workKind", json!(["chat"])),
        draws("DrawRuleInput.factor", "/steps/0/with/extraHours/included/draws/0/factor", json!("3")),
        // What rates may rise by is asked of rates that are charged.
        field("IndexationInput.appliesTo")
            .change("/steps/0/with/indexation/appliesTo", json!(["FEES"]))
            .decides(json!({"at": SATURDAY})),
        field("IndexationInput.index").change("/steps/0/with/indexation/index", json!("wages")).written(),
        amended("IndexationInput.capPercent", "/steps/0/with/indexation/capPercent", json!("30")),
        amended("IndexationInput.everyMonths", "/steps/0/with/indexation/everyMonths", json!(24))
            .given("/steps/0/with/indexation/capPercent", json!("30")),
        amended("DraftTermsInput.indexation", "/steps/0/with/indexation", Value::Null),
        amended("IncludedServiceInput.unitPrice", "/steps/3/with/services/0/unitPrice/amount", json!("18.50")),
    ]
}

/// A change that shows in an amendment, a year later, whose help desk costs more.
fn amended(name: &'static str, place: &'static str, value: Value) -> Case {
    let dearer = json!({"agreement": {"code": "NUMBER"}, "effectiveFrom": "2027-01-01", "services": [{"service": {"code": "HELPDESK"}, "quantity": 25, "unitPrice": {"amount": "20.00", "currency": "USD"}}]});
    field(name).given("/steps/3", json!({"do": "draftTerms", "with": dearer})).change(place, value).seen(Look::Findings)
}
