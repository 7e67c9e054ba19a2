//! What the clocks of a ticket go by, and when unmet obligations suspend them (S8, S9, V9, V10).

use std::sync::Arc;

use jiff::Timestamp;

use super::{ObligationStates, StateChange, caller, liability, listing, standing::standing_as_known};
use crate::{
    sla::clock::{ClockRules, Suspended},
    terms::{AgreedTerms, Obligation},
    text::Code,
    ticket::About,
    words::{ObligationEffect, ObligationState},
};

/// What the clocks of a ticket go by, under the terms in force when it opened: the tier and hours of the line that brings
/// its service, else the terms' own. None: who asks may not, so nothing is promised (V10).
///
/// - `states`: what was recorded of the agreement's obligations.
#[must_use]
pub fn clock_rules<'a>(terms: &'a AgreedTerms, states: &ObligationStates, about: &About) -> Option<ClockRules<'a>> {
    let service = about.service.as_ref();
    let place = service.and_then(|service| listing::line_of(terms, service));
    if let Some(name) = about.caller.as_ref().filter(|_| !terms.sections.callers.is_empty()) {
        caller::named(terms, name, service, place)?;
    }
    let line = place.and_then(|place| terms.lines.get(place));
    let package = place.and_then(|place| terms.sections.services.get(place)).map(|line| &line.service);
    let gates = |o: &Obligation| {
        o.effects.contains(&ObligationEffect::SlaSuspended)
            && liability::is_gated_by(o, service, package, about.scenario)
    };
    let gating = terms.sections.obligations.iter().enumerate().filter(|(_, obligation)| gates(obligation));
    let suspended = gating.flat_map(|(place, obligation)| {
        let history = states.get(&obligation.code).map_or(&[][..], Vec::as_slice);
        suspensions(place, obligation, history)
    });
    Some(ClockRules {
        tier: line.map_or(&terms.tier, |line| &line.tier),
        calendar: line.map_or(&terms.calendar, |line| &line.calendar),
        target_calendars: &terms.target_calendars,
        suspended: suspended.collect(),
    })
}

/// The service whose own tier or hours judge a ticket; none: the terms' own do.
#[must_use]
pub fn scheme_of<'a>(terms: &'a AgreedTerms, about: &About) -> Option<&'a Code> {
    let place = about.service.as_ref().and_then(|service| listing::line_of(terms, service))?;
    let line = terms.sections.services.get(place)?;
    (line.tier.is_some() || line.calendar.is_some()).then_some(&line.service)
}

/// When an obligation bites for clocks: unmet, past its grace, and no earlier than that was recorded (V9). In order, apart.
///
/// - `place`: the obligation's place in the terms.
/// - `history`: what was recorded of it.
#[must_use]
pub fn suspensions(place: usize, obligation: &Obligation, history: &[StateChange]) -> Vec<Suspended> {
    let bites = |at: Timestamp| {
        let known = standing_as_known(history, at).filter(|known| known.state == ObligationState::Unmet);
        known.and_then(|known| liability::bites_from(obligation, known)).is_some_and(|from| from <= at)
    };
    let title: Arc<str> = obligation.title.as_str().into();
    let mut stretches: Vec<Suspended> = Vec::new();
    for at in edges(obligation, history) {
        let open = stretches.last_mut().filter(|last| last.until.is_none());
        match (bites(at), open) {
            (true, None) => {
                stretches.push(Suspended { from: at, until: None, obligation: place, title: Arc::clone(&title) });
            }
            (false, Some(open)) => open.until = Some(at),
            (true, Some(_)) | (false, None) => {}
        }
    }
    stretches
}

/// Every instant at which an obligation may begin or cease to bite, in order.
fn edges(obligation: &Obligation, history: &[StateChange]) -> Vec<Timestamp> {
    let of = |change: &StateChange| {
        let bites = liability::bites_from(obligation, *change);
        [Some(change.since), change.until, Some(change.recorded_at), bites]
    };
    let mut edges: Vec<Timestamp> = history.iter().flat_map(of).flatten().collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*, sample::select};

    use super::*;
    use crate::words::StatementStatus;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + hour * 3_600).unwrap()
    }

    fn obligation(grace_days: u32) -> Obligation {
        Obligation {
            code: "FIREWALL".parse().unwrap(),
            title: "A firewall".into(),
            standard: String::new(),
            gates_services: Vec::new(),
            gates_scenarios: Vec::new(),
            effects: vec![ObligationEffect::SlaSuspended],
            grace_days,
        }
    }

    fn change(state: ObligationState, since: i64, recorded: i64) -> StateChange {
        let status = StatementStatus::Recorded;
        StateChange { state, since: at(since), until: None, status, recorded_at: at(recorded) }
    }

    fn found(grace_days: u32, history: &[StateChange]) -> Vec<(i64, Option<i64>)> {
        let hour = |at: Timestamp| (at.as_second() - 1_767_225_600) / 3_600;
        let stretches = suspensions(0, &obligation(grace_days), history);
        stretches.iter().map(|stretch| (hour(stretch.from), stretch.until.map(hour))).collect()
    }

    #[test]
    fn clocks_stand_still_from_the_recorded_failure_past_its_grace() {
        use ObligationState::{Met, Unmet, Waived};
        assert_eq!(found(0, &[]), []);
        assert_eq!(found(0, &[change(Unmet, 10, 10)]), [(10, None)]);
        assert_eq!(found(1, &[change(Unmet, 10, 10), change(Met, 50, 60)]), [(34, Some(50))]);
        // Mended within its grace.
        assert_eq!(found(1, &[change(Unmet, 10, 10), change(Met, 30, 30)]), []);
        // Recorded long after: no earlier than that.
        assert_eq!(found(1, &[change(Unmet, 10, 100)]), [(100, None)]);
        let waiver = StateChange { until: Some(at(30)), ..change(Waived, 20, 20) };
        assert_eq!(found(0, &[change(Unmet, 10, 10), waiver]), [(10, Some(20)), (30, None)]);
    }

    fn some_change() -> impl Strategy<Value = StateChange> {
        let states = select(ObligationState::ALL);
        (states, 0_i64..200, 0_i64..250, option::weighted(0.2, 1_i64..80), select(StatementStatus::ALL)).prop_map(
            |(state, since, recorded, lasts, status)| {
                let until = lasts.filter(|_| state == ObligationState::Waived).map(|lasts| at(since + lasts));
                StateChange { until, status, ..change(state, since, recorded) }
            },
        )
    }

    proptest! {
        #[test]
        fn every_hour_is_in_a_stretch_or_not_as_the_rule_says(history in vec(some_change(), 0..6), grace_days in 0_u32..3) {
            let obligation = obligation(grace_days);
            let stretches = suspensions(0, &obligation, &history);
            for hour in 0..400 {
                let now = at(hour);
                let known = standing_as_known(&history, now).filter(|known| known.state == ObligationState::Unmet);
                let bites = known.is_some_and(|known| {
                    now >= at((known.since.as_second() - 1_767_225_600) / 3_600 + i64::from(grace_days) * 24)
                });
                let within = stretches.iter().any(|s| s.from <= now && s.until.is_none_or(|until| now < until));
                prop_assert_eq!(within, bites, "hour {}", hour);
            }
            for pair in stretches.windows(2) {
                prop_assert!(pair[0].until.is_some_and(|until| until < pair[1].from));
            }
        }
    }
}
