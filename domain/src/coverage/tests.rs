//! Decisions, a line a case.

mod price;

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::{
    AskedService, Decision, ObligationStates, Question, ReasonCode, StateChange, decide_coverage, most_favourable,
    standing,
};
use crate::{
    Timestamp,
    calendar::{Calendar, Exceptions, Hours},
    decimal,
    money::{Currency, Rate},
    sla::Tier,
    terms::{AgreedLine, AgreedTerms, Sections},
    time::parse_instant,
    words::{
        ComponentClass, CoverageVerdict, FailureScenario, HoursClass, ObligationState, Party, Priority, StatementStatus,
    },
};

fn at(text: &str) -> Timestamp {
    parse_instant(text).unwrap()
}

/// Terms as they are stored, with some sections replaced.
fn agreed(changes: &Value) -> AgreedTerms {
    let rate = |code: &str, class: &[&str], treatment: Value| {
        json!({"code": code, "item_code": null, "hours_class": class, "priority": [], "work_kind": [], "role": [], "during": [],
               "treatment": treatment, "minimum": null, "increment": null, "call_out": null})
    };
    let responsible = |scenario: &str, component: Value, party: &str| json!({"scenario": scenario, "component": component, "party": party, "duties": "Mends it.", "exclusions": null, "costs": []});
    let line = |service: &str| json!({"service": service, "components": [], "quantity": 1, "unit_price": null, "note": null, "tier": null, "calendar": null});
    let mut sections = json!({
        "calendar": {"code": "OFFICE", "revision": 1}, "tier": {"code": "GOLD", "revision": 1},
        "services": [line("HELP"), line("CARE")],
        "exclusions": [
            {"title": "Projects", "reason": "Quoted apart.", "service": "PROJECTS", "scenario": null, "component": null},
            {"title": "Coffee", "reason": "", "service": null, "scenario": "USER_ERROR", "component": "WORKSTATION"},
            {"title": "Acts of God", "reason": "For readers.", "service": null, "scenario": null, "component": null},
        ],
        "extra_hours": {
            "rates": [rate("H", &["HOLIDAY"], json!("NOT_OFFERED")), rate("X", &["AFTER_HOURS", "WEEKEND"], json!({"MULTIPLIER": "1.5"})), rate("B", &["BUSINESS"], json!("IN_FEE"))],
            "roles": [{"role": "engineer", "hourly": {"amount": "150", "currency": "USD2"}}],
            "rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT0S", "increment": "PT1M"},
            "included": null,
        },
        "responsibilities": [responsible("HARDWARE_FAILURE", Value::Null, "SHARED"), responsible("HARDWARE_FAILURE", json!("WORKSTATION"), "CLIENT"),
            responsible("SYSTEM_FAILURE", Value::Null, "PROVIDER"), responsible("NETWORK_FAILURE", Value::Null, "THIRD_PARTY")],
        "obligations": [], "performance": [], "availability": [], "recovery": [], "backups": [],
    });
    for (name, value) in changes.as_object().unwrap() {
        sections[name] = value.clone();
    }
    let sections: Sections = serde_json::from_value(sections).unwrap();
    let weekly: Vec<Value> = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]
        .iter()
        .map(|day| json!({"weekday": day, "opens": "09:00", "closes": "17:00"}))
        .collect();
    let hours: Hours =
        serde_json::from_value(json!({"zone": "UTC", "weekly": weekly, "weekend": ["SATURDAY", "SUNDAY"]})).unwrap();
    let exceptions: Exceptions =
        serde_json::from_value(json!([{"date": "2026-12-25", "name": "Christmas", "holiday": true, "periods": []}]))
            .unwrap();
    let target = json!({"priority": "P1", "milestone": "RESPONSE", "limit": {"WITHIN": {"time": "PT1H", "clock": "BUSINESS_HOURS"}}, "opened_in": [], "strength": "TARGET", "attainment": "95"});
    let tier: Tier = serde_json::from_value(
        json!({"targets": [target], "waiting": [], "credits": [], "credit_cap": null, "credit_minimum_tickets": 1}),
    )
    .unwrap();
    let (calendar, tier) = (Arc::new(Calendar::compile(&hours, &exceptions)), Arc::new(tier));
    let components = |service: &str| {
        if service == "CARE" { vec!["PATCH".parse().unwrap(), "BACKUP".parse().unwrap()] } else { Vec::new() }
    };
    let lines = sections.services.iter().map(|line| AgreedLine {
        components: components(line.service.as_str()),
        calendar: Arc::clone(&calendar),
        tier: Arc::clone(&tier),
    });
    AgreedTerms {
        currency: Currency::new("USD", 2).unwrap(),
        lines: lines.collect(),
        rate_calendars: Vec::new(),
        availability_calendars: Vec::new(),
        target_calendars: BTreeMap::new(),
        calendar,
        tier,
        sections: Arc::new(sections),
    }
}

const MONDAY: &str = "2026-11-23T10:00:00Z";
const EVENING: &str = "2026-11-23T20:00:00Z";

fn ask(service: &str, instant: &str) -> Question {
    let service = match service {
        "" => AskedService::Unsaid,
        "?" => AskedService::Unknown,
        code => AskedService::Known(code.parse().unwrap()),
    };
    Question {
        service,
        priority: None,
        scenario: None,
        component: None,
        role: None,
        work_kind: None,
        channel: None,
        delivery: None,
        caller: None,
        work: None,
        at: at(instant),
    }
}

fn decide(terms: &AgreedTerms, question: &Question) -> Decision {
    decide_coverage(terms, 1, &ObligationStates::new(), None, question)
}

fn codes(decision: &Decision) -> Vec<ReasonCode> {
    decision.reasons.iter().map(|reason| reason.code).collect()
}

#[test]
fn what_is_listed_decides_and_exclusions_outrank() {
    use CoverageVerdict::{Excluded, Included, NotListed};
    let terms = agreed(&json!({}));
    for (service, scenario, component, verdict, code) in [
        ("HELP", None, None, Included, ReasonCode::ServiceIncluded),
        ("PATCH", None, None, Included, ReasonCode::PackageIncludes),
        ("PROJECTS", None, None, Excluded, ReasonCode::Excluded),
        ("OTHER", None, None, NotListed, ReasonCode::NotListed),
        ("?", None, None, NotListed, ReasonCode::ServiceUnknown),
        ("HELP", Some(FailureScenario::UserError), Some(ComponentClass::Workstation), Excluded, ReasonCode::Excluded),
        ("HELP", Some(FailureScenario::UserError), Some(ComponentClass::Server), Included, ReasonCode::ServiceIncluded),
        ("", Some(FailureScenario::UserError), Some(ComponentClass::Workstation), Excluded, ReasonCode::Excluded),
        ("", Some(FailureScenario::HardwareFailure), None, Included, ReasonCode::ScenarioDecides),
        ("", Some(FailureScenario::NetworkFailure), None, NotListed, ReasonCode::ScenarioDecides),
        ("", None, None, NotListed, ReasonCode::ScenarioDecides),
    ] {
        let decision = decide(&terms, &Question { scenario, component, ..ask(service, MONDAY) });
        assert_eq!((decision.verdict, codes(&decision)[1]), (verdict, code), "{service} {scenario:?} {component:?}");
        assert!(decision.verdict == Included || !decision.liable);
    }
}

#[test]
fn near_misses_come_last_and_name_the_one_condition() {
    let terms = agreed(&json!({}));
    let near = |question: Question| {
        let decision = decide(&terms, &question);
        let first = decision
            .reasons
            .iter()
            .position(|reason| reason.code == ReasonCode::NearMiss)
            .unwrap_or(decision.reasons.len());
        assert!(decision.reasons[first..].iter().all(|reason| reason.code == ReasonCode::NearMiss));
        decision.reasons[first..].iter().map(|reason| reason.text.clone()).collect::<Vec<_>>()
    };
    // An exclusion of something else altogether is none.
    assert_eq!(near(ask("HELP", MONDAY)), Vec::<String>::new());
    let left_out = Question { scenario: Some(FailureScenario::UserError), ..ask("HELP", MONDAY) };
    assert_eq!(near(left_out), ["The exclusion \"Coffee\" would apply but for the component."]);
    // A question without a service leaves open whether it is the excluded one.
    assert!(near(ask("", MONDAY)).contains(&"The exclusion \"Projects\" would apply but for the service.".to_owned()));
}

#[test]
fn liability_follows_the_most_specific_responsibility() {
    let terms = agreed(&json!({}));
    for (scenario, component, party, liable) in [
        (None, None, None, true),
        (Some(FailureScenario::HardwareFailure), None, Some(Party::Shared), true),
        (Some(FailureScenario::HardwareFailure), Some(ComponentClass::Workstation), Some(Party::Client), false),
        (Some(FailureScenario::HardwareFailure), Some(ComponentClass::Server), Some(Party::Shared), true),
        (Some(FailureScenario::SystemFailure), None, Some(Party::Provider), true),
        (Some(FailureScenario::NetworkFailure), None, Some(Party::ThirdParty), false),
        (Some(FailureScenario::DataLoss), None, None, false),
    ] {
        let decision = decide(&terms, &Question { scenario, component, ..ask("HELP", MONDAY) });
        assert_eq!((decision.responsible, decision.liable), (party, liable), "{scenario:?} {component:?}");
        assert_eq!(
            codes(&decision).contains(&ReasonCode::ScenarioUnassigned),
            scenario == Some(FailureScenario::DataLoss)
        );
    }
}

fn change(state: ObligationState, since: &str, recorded: &str) -> StateChange {
    StateChange { state, since: at(since), until: None, status: StatementStatus::Recorded, recorded_at: at(recorded) }
}

#[test]
fn obligations_bite_after_their_grace_and_no_sooner() {
    let obligation = json!([{"code": "DISK", "title": "A disk", "standard": "Is there.", "gates_services": ["CARE"], "gates_scenarios": ["DATA_LOSS"],
        "effects": ["NOT_LIABLE", "SLA_SUSPENDED", "CHARGEABLE"], "grace_days": 2}]);
    let terms = agreed(&json!({"obligations": obligation}));
    use ObligationState::{Met, Unknown, Unmet, Waived};
    use ReasonCode::{ObligationInGrace, ObligationRecordedLate, ObligationUnknown, ObligationUnmet, ObligationWaived};
    let since = "2026-11-20T00:00:00Z";
    let unmet = change(Unmet, since, since);
    for (history, instant, reason, liable, chargeable, suspended) in [
        (vec![], "2026-11-23T10:00:00Z", Some(ObligationUnknown), true, false, false),
        (vec![change(Unknown, since, since)], "2026-11-23T10:00:00Z", Some(ObligationUnknown), true, false, false),
        (vec![change(Met, since, since)], "2026-11-23T10:00:00Z", None, true, false, false),
        (vec![change(Waived, since, since)], "2026-11-23T10:00:00Z", Some(ObligationWaived), true, false, false),
        (vec![unmet], "2026-11-19T10:00:00Z", Some(ObligationUnknown), true, false, false),
        (vec![unmet], "2026-11-20T10:00:00Z", Some(ObligationInGrace), true, false, false),
        (
            vec![change(Unmet, "2026-11-21T10:00:00Z", since)],
            "2026-11-23T09:59:59Z",
            Some(ObligationInGrace),
            true,
            false,
            false,
        ),
        (
            vec![change(Unmet, "2026-11-21T10:00:00Z", since)],
            "2026-11-23T10:00:00Z",
            Some(ObligationUnmet),
            false,
            true,
            true,
        ),
        // Said again, it has been unmet from the beginning.
        (
            vec![unmet, change(Unmet, "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z")],
            "2026-11-23T10:00:00Z",
            Some(ObligationUnmet),
            false,
            true,
            true,
        ),
        (
            vec![unmet, change(Met, "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z")],
            "2026-11-23T10:00:00Z",
            None,
            true,
            false,
            false,
        ),
        // Recorded after the instant: liability goes, what costs money or stops clocks does not.
        (
            vec![change(Unmet, since, "2026-11-30T00:00:00Z")],
            "2026-11-23T10:00:00Z",
            Some(ObligationRecordedLate),
            false,
            false,
            false,
        ),
    ] {
        let states = ObligationStates::from([("DISK".parse().unwrap(), history.clone())]);
        let question = Question { priority: Some(Priority::P1), ..ask("PATCH", instant) };
        let decision = decide_coverage(&terms, 1, &states, None, &question);
        let about: Vec<ReasonCode> =
            codes(&decision).into_iter().filter(|code| code.as_str().starts_with("OBLIGATION")).collect();
        assert_eq!(about.last().copied(), reason, "{history:?} {instant}");
        let suspends = codes(&decision).contains(&ReasonCode::SlaSuspended);
        assert_eq!(
            (decision.liable, decision.chargeable, suspends),
            (liable, chargeable, suspended),
            "{history:?} {instant}"
        );
        assert_eq!(decision.unmet.is_empty(), liable);
        let unmet = decision.reasons.iter().find(|reason| reason.code == ObligationUnmet);
        let text = unmet.map_or("", |reason| &reason.text);
        let named = ["NOT_LIABLE", "CHARGEABLE", "SLA_SUSPENDED"].map(|effect| text.contains(effect));
        assert_eq!(named, [!liable, chargeable, suspended], "{history:?} {instant}");
        assert_eq!(decision.deadlines.is_empty(), suspended);
    }
    // What it does not gate, it does not touch; the scenario gates too.
    let states = ObligationStates::from([("DISK".parse().unwrap(), vec![unmet])]);
    assert!(decide_coverage(&terms, 1, &states, None, &ask("HELP", MONDAY)).liable);
    let lost = Question { scenario: Some(FailureScenario::DataLoss), ..ask("HELP", MONDAY) };
    assert_eq!(decide_coverage(&terms, 1, &states, None, &lost).unmet, [0]);
}

#[test]
fn of_equal_instants_the_last_record_counts() {
    let since = "2026-11-20T00:00:00Z";
    let history = [
        change(ObligationState::Unmet, since, "2026-11-22T00:00:00Z"),
        change(ObligationState::Met, since, "2026-11-21T00:00:00Z"),
    ];
    assert_eq!(standing(&history, at(MONDAY)).map(|s| s.state), Some(ObligationState::Unmet));
    assert_eq!(standing(&history, at("2026-11-19T00:00:00Z")), None);
    // The same sent again was not recorded later for that.
    let again = [change(ObligationState::Unmet, since, since), change(ObligationState::Unmet, since, MONDAY)];
    assert_eq!(standing(&again, at(MONDAY)).map(|s| s.recorded_at), Some(at(since)));
    // A correction takes a recovery back: it has been unmet from the beginning.
    let (first, met) = ("2026-11-01T00:00:00Z", "2026-11-05T00:00:00Z");
    let corrected = [
        change(ObligationState::Unmet, first, first),
        change(ObligationState::Met, met, met),
        change(ObligationState::Unmet, met, "2026-11-06T00:00:00Z"),
    ];
    assert_eq!(standing(&corrected, at(MONDAY)).map(|s| s.since), Some(at(first)));
}

#[test]
fn deadlines_need_a_priority_and_a_target() {
    let terms = agreed(&json!({}));
    for (priority, count, code) in [
        (None, 0, ReasonCode::NoPriority),
        (Some(Priority::P1), 1, ReasonCode::Target),
        (Some(Priority::P2), 0, ReasonCode::NoTarget),
    ] {
        let decision = decide(&terms, &Question { priority, ..ask("HELP", EVENING) });
        assert_eq!((decision.deadlines.len(), codes(&decision).contains(&code)), (count, true));
        assert_eq!(decision.hours_class, Some(HoursClass::AfterHours));
        assert_eq!(decision.next_opening, Some(at("2026-11-24T09:00:00Z")));
        assert!(decision.deadlines.iter().all(|deadline| deadline.due == at("2026-11-24T10:00:00Z")));
    }
}

#[test]
fn the_better_answer_for_the_client_comes_first() {
    let terms = agreed(&json!({}));
    let decision =
        |service: &str, instant: &str, scenario| decide(&terms, &Question { scenario, ..ask(service, instant) });
    let none = Decision::not_in_force(super::Reason::new(ReasonCode::NotInForce, None, ""));
    let order = [
        decision("HELP", MONDAY, None),
        decision("HELP", EVENING, None),
        decision("HELP", MONDAY, Some(FailureScenario::NetworkFailure)),
        decision("OTHER", MONDAY, None),
        decision("OTHER", EVENING, None),
        decision("PROJECTS", MONDAY, None),
        none,
    ];
    for pair in order.windows(2) {
        let places = |pair: [&Decision; 2]| most_favourable(pair.into_iter());
        assert_eq!((places([&pair[0], &pair[1]]), places([&pair[1], &pair[0]])), (Some(0), Some(1)));
    }
}

#[test]
fn rates_are_compared_within_one_currency() {
    let terms = agreed(&json!({}));
    let priced = |amount: &str, currency: &str| {
        let rate = Rate::new(decimal::parse(amount).unwrap(), Currency::new(currency, 2).unwrap()).unwrap();
        Decision { hourly_rate: Some(rate), ..decide(&terms, &ask("HELP", EVENING)) }
    };
    let chosen = |of: &[(&str, &str)]| {
        let decisions: Vec<Decision> = of.iter().map(|(amount, currency)| priced(amount, currency)).collect();
        most_favourable(decisions.iter())
    };
    assert_eq!(chosen(&[("100", "EUR"), ("90", "EUR"), ("90.00", "EUR")]), Some(1));
    assert_eq!(chosen(&[("100", "EUR"), ("90", "USD")]), Some(0), "neither is lower, so the first number is");
    assert_eq!(chosen(&[("100", "EUR"), ("90", "USD"), ("95", "EUR")]), Some(1));
    assert_eq!(chosen(&[]), None);
    // One that is not offered is not better than one that costs something.
    let refused = Decision { offered: false, chargeable: false, hourly_rate: None, ..priced("1", "EUR") };
    assert_eq!(most_favourable([&refused, &priced("500", "EUR")].into_iter()), Some(1));
}
