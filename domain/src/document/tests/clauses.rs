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

/// The part on service credits.
fn credits(changes: Value, of_tier: Value) -> String {
    let text = with(changes, of_tier);
    let part = text.split_once("\n### Service credits\n").expect("credits are spoken of").1;
    part.split("\n#").next().unwrap_or_default().to_owned()
}

#[test]
fn credits_are_said_where_some_are_promised() {
    const NONE: &str = "No service credits are promised.";
    const OF_TICKETS: &str = "A promise earns credits in a month with at least 5 tickets that it was judged by.";
    const OF_TIME: &str = "Those for availability stand in 7.1.";
    for (tickets, time, said) in [
        (false, false, &[NONE][..]),
        (true, false, &[OF_TICKETS]),
        (false, true, &[OF_TIME]),
        (true, true, &[OF_TICKETS, OF_TIME]),
    ] {
        let availability = if time { everything()["availability"].clone() } else { json!([]) };
        let of_tier = if tickets { json!({}) } else { json!({"credits": []}) };
        let text = credits(json!({"availability": availability}), of_tier);
        let found: Vec<&str> = text.lines().filter(|line| [NONE, OF_TICKETS, OF_TIME].contains(line)).collect();
        assert_eq!(found, said, "{text}");
    }
}

#[test]
fn every_cap_on_credits_is_said() {
    let policy = |month: Value, year: Value| json!({"month_cap": month, "year_cap": year, "year_basis": "MEAN_MONTH_BEFORE", "claim_within_days": null});
    let policies = [
        (json!(null), false),
        (policy(json!(null), json!(null)), false),
        (policy(json!("20"), json!(null)), true),
        (policy(json!(null), json!("100")), true),
    ];
    for (policy, caps) in policies {
        for cap in [json!("15"), json!(null)] {
            let said = match (cap.is_string(), caps) {
                (true, true) => "All credits of a month together are at most 15 % of its fee. 5.1 caps them further.",
                (true, false) => "All credits of a month together are at most 15 % of its fee.",
                (false, true) => "All of them together are capped by 5.1.",
                (false, false) => "There is no cap on them.",
            };
            let text = credits(json!({"credit_policy": policy}), json!({"credit_cap": cap}));
            assert_eq!(text.lines().rfind(|line| !line.is_empty()), Some(said), "{policy} {text}");
        }
    }
}

#[test]
fn a_requirement_takes_away_what_it_is_for_and_nothing_else() {
    let text = with(json!({}), json!({}));
    let mut heading = "";
    let mut but = Vec::new();
    for line in text.lines() {
        if line.starts_with('#') {
            heading = line;
        } else if let Some(requirement) = line.strip_prefix("- **But:** ") {
            but.push((heading.trim_start_matches('#').trim(), requirement.contains("“Access”")));
        }
    }
    let expected = [
        ("1.1.1 Help desk (HELP)", true),
        ("1.1.2 Server care (CARE)", false),
        ("3.2 Data loss", false),
        ("7.2.1 Data loss of servers", false),
    ];
    assert_eq!(but, expected, "{text}");
}
