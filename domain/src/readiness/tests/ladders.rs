//! Steps of credits, and of targets and escalation beside one another.

use serde_json::json;

use super::{FROM, complete, findings, tier};

#[test]
fn an_attainment_that_two_steps_hold_is_an_overlap_also_where_one_has_no_lower_end() {
    let found = |ladder: &[(Option<&str>, &str, &str)]| findings(complete(), tier("TARGET", ladder), FROM, &[]);
    // 92 is below 99 and from 90 to 95; 85 would earn 5 %, 92 twice that.
    let open_and_closed = [(None, "99", "5"), (Some("90"), "95", "10")];
    assert_eq!(found(&open_and_closed), ["CREDIT_STEPS_OVERLAP tier", "CREDIT_STEPS_ORDER tier"]);
    assert_eq!(found(&[(Some("90"), "95", "10"), (None, "99", "5")]), found(&open_and_closed));
    // One that ends where the other begins is below it.
    assert_eq!(found(&[(None, "90", "10"), (Some("90"), "95", "5")]), Vec::<String>::new());
    assert_eq!(found(&[(None, "90.1", "10"), (Some("90"), "95", "5")]), ["CREDIT_STEPS_OVERLAP tier"]);
    // Rungs below the closed step, and one beside it.
    let ladder = [(Some("95"), "99", "5"), (None, "95", "10"), (None, "90", "25")];
    assert_eq!(found(&ladder), Vec::<String>::new());
}

#[test]
fn each_thing_is_a_finding_of_its_own() {
    let gaps = [(Some("99"), "99.9", "5"), (Some("95"), "98.9", "10"), (Some("90"), "94.9", "25")];
    assert_eq!(findings(complete(), tier("TARGET", &gaps), FROM, &[]), ["CREDIT_STEPS_GAP tier"; 2]);

    let mut inverted = tier("TARGET", &[]);
    let target = |priority: &str, milestone: &str, time: &str| json!({"priority": priority, "milestone": milestone, "limit": {"WITHIN": {"time": time, "clock": "BUSINESS_HOURS"}}, "opened_in": [], "strength": "GUARANTEE", "attainment": "100"});
    inverted["targets"] = json!([
        target("P1", "RESPONSE", "PT2H"),
        target("P2", "RESPONSE", "PT1H"),
        target("P3", "RESPONSE", "PT1H"),
        target("P4", "RESPONSE", "PT2H"),
        target("P1", "RESOLUTION", "PT9H"),
        target("P2", "RESOLUTION", "PT8H"),
        target("P3", "RESOLUTION", "PT7H"),
        target("P4", "RESOLUTION", "PT2H"),
    ]);
    let found = findings(complete(), inverted, FROM, &[]);
    let count = |code: &str| found.iter().filter(|found| **found == format!("{code} tier")).count();
    // P1's response; the resolutions of P1, P2 and P3; P4 is answered when it has to be fixed.
    assert_eq!((count("TARGET_INVERTED"), count("RESPONSE_AFTER_RESOLUTION"), count("GUARANTEE_OF_ALL")), (4, 1, 8));

    let mut unordered = tier("TARGET", &[]);
    let step = |after: &str| json!({"priority": "P1", "after": after, "clock": "BUSINESS_HOURS", "to": "Head of service", "action": "Calls."});
    unordered["escalations"] = json!([step("PT3H"), step("PT2H"), step("PT1H")]);
    assert_eq!(findings(complete(), unordered, FROM, &[]), ["ESCALATION_ORDER tier"; 2]);
}
