//! Each section: given terms, expected lines.

use serde_json::{Value, json};

use super::{
    super::{OwnNames, Successor, html, markdown, write},
    fixture::{Terms, everything},
};
use crate::{
    lifecycle::Stage,
    readiness::{Finding, RULES},
    words::TermsStatus,
};

/// Holds that a document has each of some lines.
#[track_caller]
pub(super) fn says(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "{line:?} is not in\n{text}");
    }
}

/// The document of everything, with one section replaced.
fn with(section: &str, value: Value) -> String {
    let mut sections = everything();
    sections[section] = value;
    markdown(&Terms::of(sections).document())
}

fn everything_said() -> String {
    markdown(&Terms::new().document())
}

#[test]
fn the_front_says_who_what_and_since_when() {
    says(
        &everything_said(),
        &[
            "# Managed services",
            "- **Provider:** acme",
            "- **Client:** Northwind (NW)",
            "- **Agreement:** MSA-1",
            "- **Version:** 2",
            "- **Status:** In force",
            "- **First day:** 1 January 2026",
            "- **Last day:** none: open-ended",
            "- **Accepted:** for the client by the board on 15 December 2025, 05:00 (America/New_York)",
        ],
    );
}

#[test]
fn a_draft_says_that_it_is_one_and_what_is_missing() {
    let mut terms = Terms::new();
    (terms.version.stage, terms.status) = (Stage::Draft, TermsStatus::Draft);
    let rule = RULES.iter().find(|rule| rule.code == "SCENARIO_UNASSIGNED").unwrap();
    terms.findings =
        vec![Finding { rule, message: "Nobody is responsible for HARDWARE_FAILURE.".into(), path: Vec::new() }];
    let text = markdown(&terms.document());
    says(
        &text,
        &[
            "> **This is a draft.** It is no offer, it binds nobody, and it can still change.",
            "- **Accepted:** not yet",
            "### What is missing",
            "This draft cannot be offered before these are settled:",
            "- **Chapter 3:** Nobody is responsible for hardware failure.",
        ],
    );
    (terms.version.stage, terms.status) =
        (Stage::Offered { at: crate::time::parse_instant("2026-01-01T00:00:00Z").unwrap() }, TermsStatus::Offered);
    let offer = markdown(&terms.document());
    says(&offer, &["> **This is an offer.** It binds nobody until the client has accepted it."]);
    assert!(!offer.contains("What is missing"));
}

#[test]
fn services_say_what_they_hold_cost_and_leave_out() {
    says(
        &everything_said(),
        &[
            "#### 1.1.1 Help desk (HELP)",
            "- **Quantity:** 25 × seat",
            "- **Price:** USD 18.50 each, together USD 462.50 a month",
            "#### 1.1.2 Server care (CARE)",
            "- **Holds:** PATCH and Off-site backup (BACKUP)",
            "- **Price:** USD 1,240.00 a month",
            "- **Excluded from it:** 1.2.3 Old backups",
            "- **But:** once 4.1 “A backup disk” has not been met for 7 days: the provider is not liable for Off-site backup (BACKUP) and data loss",
            "The fee for all of them is USD 1,702.50 a month.",
        ],
    );
}

#[test]
fn what_is_excluded_is_a_clause_like_what_is_included() {
    let text = everything_said();
    says(
        &text,
        &[
            "#### 1.2.1 Projects",
            "- **Why:** Quoted apart.",
            "- **Concerns:** PROJECTS",
            "- **Concerns:** User error of workstations",
        ],
    );
    assert!(text.contains("What is neither included nor excluded is not listed."));
    says(&with("exclusions", json!([])), &["Nothing is excluded by name."]);
}

#[test]
fn hours_targets_and_what_stops_the_clock() {
    let text = everything_said();
    says(
        &text,
        &[
            "- **Business hours:** Monday to Friday 09:00–17:00 (Europe/Berlin)",
            "- **Weekends:** Saturday and Sunday, while closed",
            "| 24 December 2026 | Christmas Eve | 09:00–12:00 | no |",
            "| 25 December 2026 | Christmas | closed | yes |",
            "| 2.2.1 | P1 | Response | within 15 minutes around the clock | after hours or on weekends | Guarantee | 99.5 % |",
            "| 2.2.2 | P2 | Resolution | within 4 business hours | at any time | Target | 95 % |",
            "| 2.2.3 | P3 | Response | by the end of the 2nd business day after | at any time | Target | 95 % |",
            "- for the client: the times for resolution, workaround and plan stop",
            "- for parts: the time for resolution stops",
            "- while 4.2 “Access” is not met: for Help desk (HELP)",
        ],
    );
    assert!(!text.contains("25 December 2025"), "a date before the first day does not matter");
}

#[test]
fn dates_after_a_version_was_replaced_do_not_reach_it() {
    let terms = Terms::new();
    let mut subject = terms.subject();
    subject.successor = Some(Successor { number: 3, from: Some("2026-12-25".parse().unwrap()) });
    let text = markdown(&write(&subject));
    says(
        &text,
        &[
            "- **Replaced by:** version 3 from 25 December 2026",
            "| 24 December 2026 | Christmas Eve | 09:00–12:00 | no |",
        ],
    );
    assert!(!text.contains("| 25 December 2026"));
}

#[test]
fn a_service_with_hours_and_times_of_its_own_has_them_said() {
    let terms = Terms::new();
    let mut subject = terms.subject();
    let own = OwnNames { components: Vec::new(), calendar: subject.calendar, tier: subject.tier };
    subject.lines[0] = own;
    (subject.calendar, subject.tier) = (None, None);
    let document = write(&subject);
    says(
        &markdown(&document),
        &[
            "- **Business hours:** Office hours, see 2.1",
            "- **Response times:** Gold, see 2.2",
            "Not said yet.",
            "1.1.1 Help desk (HELP) has business hours of its own.",
            "1.1.1 Help desk (HELP) has response times of its own. Their numbers are read with its own: 2.2.1 of this service.",
            "Response times Gold of 1.1.1 Help desk (HELP)",
            "- 2.2.2 P2 resolution within 4 business hours, for 95 % of tickets, for Help desk (HELP)",
            "Service credits for response times Gold, for Help desk (HELP)",
        ],
    );
    (subject.calendar, subject.tier) = (subject.lines[0].calendar, subject.lines[0].tier);
    let page = html(&write(&subject));
    assert_eq!(page.matches("id=\"clause-2-2-1\"").count(), 1, "a place is marked once");
}

#[test]
fn prices_are_sentences() {
    says(
        &everything_said(),
        &[
            "#### 2.3.1 Holidays",
            "- Holidays: not to be had.",
            "- Weekends: one and a half times the role's hourly rate, at least 1 hour, then in steps of 15 minutes.",
            "- **engineer:** USD 225.00 an hour",
            "- Business hours: in the fee, nothing more to pay.",
            "| engineer | USD 150.00 |",
            "All work on one ticket on one day is taken together and rounded up in steps of 15 minutes. Time in the fee is neither rounded nor charged.",
        ],
    );
    let mut policy = everything()["extra_hours"].clone();
    let rule = &mut policy["rates"][1];
    (rule["treatment"], rule["call_out"]) =
        (json!({"HOURLY": {"amount": "99", "currency": "USD2"}}), json!({"minor": 8000, "currency": "USD2"}));
    (rule["priority"], rule["role"], rule["work_kind"], rule["item_code"]) =
        (json!(["P1", "P2"]), json!(["engineer"]), json!(["repair"]), json!("I-7"));
    rule["during"] = json!([{"weekday": "SATURDAY", "opens": "08:00", "closes": "12:00"}]);
    says(
        &with("extra_hours", policy),
        &[
            "- Weekends, Saturday 08:00–12:00, priority P1 or P2, work of engineer, kind of work repair: USD 99.00 an hour, at least 1 hour, then in steps of 15 minutes.",
            "- **Call-out:** USD 80.00, once for what is charged together",
            "- **Code:** X, item I-7",
        ],
    );
}

#[test]
fn included_hours_say_how_they_are_used_and_lost() {
    says(
        &everything_said(),
        &[
            "- **Each calendar month brings:** 10 hours",
            "- **Business hours:** an hour worked uses 1 hour",
            "- **Unused hours:** can be used in the month after, then they are lost; at most 5 hours are carried over",
            "- **Beyond these hours:** USD 140.00 an hour",
        ],
    );
    says(&with("extra_hours", Value::Null), &["No number of hours is paid for in the fee."]);
}

#[test]
fn each_failure_has_somebody_or_nobody() {
    says(
        &everything_said(),
        &[
            "#### 3.1 Hardware failure",
            "- **Who answers:** Provider and client together; the provider is liable.",
            "- **Does:** Fits the part.",
            "- **Does not do:** The part itself.",
            "- **Who pays:** Parts: the client. Anything else: provider and client together.",
            "#### 3.3 Power failure of servers",
            "- **Who answers:** The client. The provider is not liable.",
            "Nobody is named for these, so the provider is not liable for them:",
            "- Security incident",
        ],
    );
}

#[test]
fn requirements_say_what_happens_while_they_are_not_met() {
    says(
        &everything_said(),
        &[
            "#### 4.1 A backup disk (DISK)",
            "- **To be met:** It has room.",
            "- **It is for:** Off-site backup (BACKUP) and data loss",
            "- **Days of grace:** 7",
            "- **While it is not met:** The provider is not liable for Off-site backup (BACKUP) and data loss.",
            "- **While it is not met:** Work on Help desk (HELP) is charged, although the fee covers it.",
        ],
    );
}

#[test]
fn promises_stand_by_firmness_with_their_credits_and_what_takes_them_away() {
    says(
        &everything_said(),
        &[
            "### Guarantee: owed, and falling short has consequences",
            "- 2.2.1 P1 response within 15 minutes around the clock, if opened after hours or on weekends, for 99.5 % of tickets",
            "- 7.2.1 Data loss of servers: fixed within 8 business hours",
            "### Best effort: tried, not promised",
            "| from 90 % to below 95 % | 5 % |",
            "| below 90 % | 10 % |",
            "A promise earns credits in a month with at least 5 tickets that it was judged by.",
            "All credits of a month together are at most 15 % of its fee.",
            "- while 4.2 “Access” is not met: the times promised for Help desk (HELP) do not count; work on Help desk (HELP) is charged, although the fee covers it",
        ],
    );
}

#[test]
fn each_promise_stands_under_its_firmness() {
    let text = everything_said();
    let at = |line: &str| text.find(line).unwrap();
    let firmnesses = ["### Guarantee: ", "### Target: ", "### Best effort: "].map(at);
    assert!(firmnesses.is_sorted(), "{firmnesses:?}");
    let guaranteed = at("- 2.2.1 P1 response within 15 minutes");
    assert!(firmnesses[0] < guaranteed && guaranteed < firmnesses[1], "a guarantee stands elsewhere");
    let aimed_at = at("- 7.2.1 Data loss of servers: fixed");
    assert!(firmnesses[1] < aimed_at && aimed_at < firmnesses[2], "a target stands elsewhere");
}

#[test]
fn expectations_and_commitments_have_their_numbers() {
    says(
        &everything_said(),
        &[
            "#### 6.1 Hardware: servers reachable",
            "- **Expected:** at least 99.5 %, measured over each calendar month",
            "#### 7.1.1 Mail",
            "- **Promised:** at least 99.9 % of all hours in each calendar month",
            "- **Maintenance:** announced at least 72 hours before, it does not count as downtime, up to 4 hours in each calendar month; what is over counts",
            "| from 99 % to below 99.9 % | 5 % |",
            "#### 7.2.1 Data loss of servers",
            "- **Fixed:** within 8 business hours of the failure",
            "- **Who answers:** 3.2 data loss: the provider",
            "#### 7.3.1 Servers",
            "- **Runs:** at least once in 24 hours",
            "- **Kept for:** 30 days",
            "- **Off site:** a copy is kept elsewhere",
            "- **Trial restore:** none is promised",
            "- **Restored:** within 2 hours",
        ],
    );
}

#[test]
fn an_empty_draft_is_a_document_with_all_seven_chapters() {
    let nothing = json!({"calendar": null, "tier": null, "services": [], "exclusions": [], "extra_hours": null, "responsibilities": [],
        "obligations": [], "performance": [], "availability": [], "recovery": [], "backups": []});
    let text = markdown(&Terms::of(nothing).document());
    let chapters = text.lines().filter(|line| line.starts_with("## ")).count();
    assert_eq!(chapters, 7);
    says(
        &text,
        &[
            "No service is included.",
            "Nothing is required of the client.",
            "No service credits are promised.",
            "No backups are promised.",
        ],
    );
}
