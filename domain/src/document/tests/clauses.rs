//! Clauses that many agreements do without.

#![allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]

use serde_json::{Value, json};

use super::{
    super::markdown,
    fixture::{Terms, everything},
    sections::says,
};

/// The document of everything, with the tier's and the sections' fields replaced.
fn with(sections: Value, tier: Value) -> String {
    let mut all = everything();
    all.as_object_mut().unwrap().extend(sections.as_object().unwrap().clone());
    markdown(&Terms::with_tier(all, &tier).document())
}

#[test]
fn what_is_not_agreed_is_left_out() {
    let text = markdown(&Terms::new().document());
    for title in ["1.3", "1.4", "2.5", "2.6", "2.7", "5.1", "5.2"] {
        assert!(!text.contains(&format!("### {title} ")), "{title}");
    }
}

#[test]
fn callers_and_renewal_are_said() {
    let callers = json!([{"name": "A. Person", "services": ["HELP"], "may_approve": true}, {"name": "Front desk", "services": [], "may_approve": false}]);
    let renewal =
        json!({"kind": "AUTOMATIC", "months": 12, "first_term_months": 36, "notice": {"months": 2, "days": 0}});
    let text = with(json!({"callers": callers, "renewal": renewal}), json!({}));
    says(
        &text,
        &[
            "### 1.3 Who may ask for service",
            "#### 1.3.1 A. Person",
            "- **For:** Help desk (HELP)",
            "- **Work that costs extra:** may ask for it",
            "#### 1.3.2 Front desk",
            "- **For:** all services",
            "### 1.4 When the term ends",
            "- **First term:** 36 months",
            "- **Each further term:** 12 months",
            "- **At the end of a term:** another one begins, unless one of the parties declines it at least 2 months before its end",
        ],
    );
    let by_hand =
        json!({"kind": "BY_HAND", "months": 1, "first_term_months": null, "notice": {"months": 0, "days": 0}});
    says(
        &with(json!({"renewal": by_hand}), json!({})),
        &["- **At the end of a term:** the agreement ends, unless both parties renew it by its last day"],
    );
}

#[test]
fn how_a_ticket_goes_on_is_said() {
    let target = json!({"priority": "P5", "milestone": "RESPONSE", "limit": {"WITHIN": {"time": "PT1H", "clock": "BUSINESS_HOURS"}}, "opened_in": [],
        "channels": ["phone", "chat"], "delivery": "ON_SITE", "calendar": "NIGHT", "strength": "TARGET", "attainment": "95"});
    let tier = json!({"targets": [target],
        "updates": [{"priority": "P1", "every": "PT30M", "clock": "AROUND_THE_CLOCK"}],
        "escalations": [{"priority": "P1", "after": "PT4H", "clock": "BUSINESS_HOURS", "to": "Head of service", "action": "Calls the client."}]});
    let text = with(json!({}), tier);
    says(
        &text,
        &[
            "Night hours (NIGHT) are further hours, for the clauses that name them.",
            "| 2.2.1 | P5 | Response | within 1 business hour, in the hours of Night hours | at any time, by phone or chat, for work on site | Target | 95 % |",
            "### 2.5 How often you hear how a ticket stands",
            "- **Told:** at least once in 30 minutes around the clock",
            "### 2.6 Who is brought in when a ticket is not resolved",
            "- **When:** 4 business hours after the opening",
            "- **Who:** Head of service",
            "- **What happens:** Calls the client.",
        ],
    );
    assert!(
        text.contains("P5 response within 1 business hour, by phone or chat, for work on site, for 95 % of tickets"),
        "{text}"
    );
}

#[test]
fn what_holds_for_all_prices_and_credits_is_said() {
    let indexation =
        json!({"index": "consumer prices", "applies_to": ["FEES", "RATES"], "cap": "3", "every_months": 12});
    let policy =
        json!({"month_cap": "20", "year_cap": "100", "year_basis": "MEAN_MONTH_BEFORE", "claim_within_days": 7});
    let triggers = json!([{"title": "Chronic failure", "party": "CLIENT", "measure": "AVAILABILITY", "below": "99", "times": 2, "within_periods": 3, "notice_days": 30}]);
    let text =
        with(json!({"indexation": indexation, "credit_policy": policy, "termination_triggers": triggers}), json!({}));
    says(
        &text,
        &[
            "### 2.7 How prices may rise",
            "The fees of services and the hourly rates may rise with consumer prices, at most once in 12 months and by at most 3 % each time. A rise is stated in new terms.",
            "### 5.1 All service credits together",
            "- Those of a month are at most 20 % of its fee.",
            "- Those of a calendar year are at most 100 % of the mean monthly fee of the year before.",
            "- They have to be claimed within 7 days after the month, or are lost.",
            "All credits of a month together are at most 15 % of its fee. 5.1 caps them further.",
            "#### 5.2.1 Chronic failure",
            "- **When:** The share of the time that something promised in 7.1 is there is below 99 % in 2 of 3 months in a row",
            "- **Who may end the agreement:** the client",
            "- **Notice:** 30 days",
        ],
    );
}

#[test]
fn how_an_availability_is_reckoned_is_said() {
    let formula = json!({"base": "THIRTY_DAYS", "down_when": "ALL_MEMBERS", "members": ["Line A", "Line B"], "ignores_under": "PT5M", "excused": ["war", "the client's own acts"],
        "maintenance": [{"weekday": "SUNDAY", "opens": "02:00", "closes": "06:00"}], "calendar": {"code": "NIGHT", "revision": 1}});
    let line = json!([{"subject": "Lines", "percent": "99.9", "window": "CALENDAR_MONTH", "clock": "BUSINESS_HOURS", "maintenance_notice": null, "maintenance_allowance": null, "strength": "TARGET",
        "credits": [{"from": null, "below": "99", "credit": "10"}], "formula": formula,
        "credit_triggers": [{"at_most": "96.5", "times": 3, "within_periods": 6, "credit": "6"}], "credit_per": {"each": "PT30M", "credit": "5"}}]);
    says(
        &with(json!({"availability": line}), json!({})),
        &[
            "- **Reckoned by:** months of thirty days, 43,200 minutes, however long the month is",
            "- **Hours:** Night hours",
            "- **Members:** Line A and Line B; down only when all of them are",
            "- **Short outages:** shorter than 5 minutes, they do not count",
            "- **No downtime:** what is due to war or the client's own acts",
            "- **Maintenance windows:** Sunday 02:00–06:00; it is no downtime then",
            "- **Service credit:** 6 % if it is at most 96.5 % in 3 of 6 periods in a row",
            "- **Service credit:** 5 % for each 30 minutes of downtime, or part of it, beyond what is allowed",
        ],
    );
}
