//! What the availability commitments of an agreement earned in a period (R9, Q2).

use std::collections::HashMap;

use super::{Account, Earning, Period};
use crate::{
    calendar::Calendar,
    commitment::{Asked, Judged, JudgedAvailability, Outage, availability_outcome},
    document,
    share::Share,
    span::{Span, Spans},
    terms::{AvailabilityCommitment, clause},
    text::folded,
    time::{Duration, later},
    words::{CommitmentState, PromiseStrength, Window},
};

/// What was recorded of the things that are promised to be there.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The outages, by subject as it is compared.
    pub outages: HashMap<String, Vec<Outage>>,
    /// The time of which it is known whether a subject was there.
    pub known: HashMap<String, Spans>,
}

/// A commitment with the time in which some version that is in force says it.
struct Said<'a> {
    clause: String,
    line: &'a AvailabilityCommitment,
    calendar: &'a Calendar,
    in_force: Spans,
}

/// What the commitments earn by the windows that end in a period, each window in one period.
pub(super) fn earnings(account: &Account<'_>, period: &Period, observed: &Observed) -> Vec<Earning> {
    let promised = said(account, period).into_iter();
    let firm = promised.filter(|said| said.line.strength != PromiseStrength::BestEffort);
    firm.flat_map(|said| {
        let windows = ended(&said, period, observed);
        windows.into_iter().flat_map(move |window| of_window(&said, &window)).collect::<Vec<_>>()
    })
    .filter(Earning::is_something)
    .collect()
}

/// The least that was reached by a commitment in the windows that end in a period; none: nothing is known of any.
pub(super) fn least(account: &Account<'_>, period: &Period, observed: &Observed) -> Option<Share> {
    let windows = said(account, period).into_iter().flat_map(|said| ended(&said, period, observed));
    let known = windows.filter(|window| matches!(window.state, CommitmentState::Kept | CommitmentState::NotKept));
    known.filter_map(|window| window.measured.availability.attained()).min_by(|a, b| a.compare(*b))
}

/// The commitments of all versions that are in force in a period; one that several versions say alike is one.
fn said<'a>(account: &Account<'a>, period: &Period) -> Vec<Said<'a>> {
    let mut found: Vec<Said<'a>> = Vec::new();
    let mut versions: Vec<usize> = (0..account.terms.len()).collect();
    versions.sort_by_key(|place| std::cmp::Reverse(account.terms.get(*place).map(|version| version.number)));
    for version in versions.into_iter().filter_map(|place| account.terms.get(place)) {
        let agreed = &*version.agreed;
        let Some(stretch) = looked_at(&agreed.sections.availability, period) else { continue };
        let in_force = account.life.in_force_within(Some(version.number), stretch);
        for (place, line) in agreed.sections.availability.iter().enumerate() {
            match found.iter_mut().find(|said| said.line == line) {
                Some(same) => same.in_force = same.in_force.or(&in_force),
                None => found.push(Said {
                    clause: clause::availability(place),
                    line,
                    calendar: agreed.hours_of_availability(place),
                    in_force: in_force.clone(),
                }),
            }
        }
    }
    found
}

/// The windows of a commitment that end in a period. Of rolling thirty days that is the one that ends with its last day.
fn ended(said: &Said<'_>, period: &Period, observed: &Observed) -> Vec<Judged<JudgedAvailability>> {
    let nothing = Spans::default();
    let Some(stretch) = Span::new(period.from, period.to) else { return Vec::new() };
    let about = folded(&said.line.subject);
    let outages = observed.outages.get(&about).map_or(&[][..], Vec::as_slice);
    let known = observed.known.get(&about).unwrap_or(&nothing);
    let asked = Asked { stretch, now: period.to, in_force: &said.in_force };
    let mut windows = availability_outcome(said.line, said.calendar, asked, outages, known);
    let ends_within = |end| period.from < end && end <= period.to;
    windows.retain(|window| window.days.span(said.calendar).is_some_and(|whole| ends_within(whole.to())));
    match said.line.window {
        Window::Rolling30Days => windows.pop().into_iter().collect(),
        Window::CalendarMonth | Window::CalendarQuarter | Window::CalendarYear => windows,
    }
}

fn of_window(said: &Said<'_>, window: &Judged<JudgedAvailability>) -> Vec<Earning> {
    let promise = document::availability_promise(said.line);
    let last = window.days.after.yesterday().unwrap_or(window.days.first);
    let earning = |earned: &crate::commitment::Earned| Earning {
        clause: said.clause.clone(),
        percent: earned.credit,
        text: format!(
            "{promise}. From {} to {} {}; that earns {} % of the fee.",
            document::date(window.days.first),
            document::date(last),
            earned.why,
            earned.credit
        ),
    };
    window.measured.credits.iter().map(earning).collect()
}

/// The time whose outages can matter for what is judged in a period: its windows, and those that triggers look back at.
#[must_use]
pub fn looked_at(commitments: &[AvailabilityCommitment], period: &Period) -> Option<Span> {
    let days = |line: &AvailabilityCommitment| {
        let windows = line.credit_triggers.iter().map(|trigger| trigger.within_periods.get()).max().unwrap_or(1);
        let window = match line.window {
            Window::CalendarMonth | Window::Rolling30Days => 31,
            Window::CalendarQuarter => 92,
            Window::CalendarYear => 366,
        };
        // One more, since a window may reach into the period before.
        i32::try_from(windows.saturating_add(1)).unwrap_or(i32::MAX).saturating_mul(window)
    };
    let most = commitments.iter().map(days).max().unwrap_or(0).min(MOST_DAYS);
    let from = later(period.from, Duration::ZERO.minus(Duration::from_hours(most.saturating_mul(24))));
    Span::new(from.unwrap_or(period.from), period.to)
}

/// The most days that are looked back: a hundred years.
const MOST_DAYS: i32 = 36_600;
