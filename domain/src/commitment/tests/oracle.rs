//! Availability against an oracle that looks at every minute of nine days.

use std::collections::BTreeSet;

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{super::*, *};
use crate::{
    span::Spans,
    time::later,
    words::{AvailabilityBase, DownWhen},
};

/// Minutes of the window, and around it.
const WINDOW: std::ops::Range<i64> = 0..9 * 24 * 60;
const AROUND: std::ops::Range<i64> = -24 * 60..10 * 24 * 60;
const MEMBERS: [&str; 2] = ["MX1", "MX2"];

fn minute(count: i64) -> Timestamp {
    // The clocks of Berlin are set forward within the window.
    later(at("2026-03-24T23:00:00Z"), Duration::from_micros(count * 60_000_000)).unwrap()
}

/// An outage in minutes.
#[derive(Clone, Debug)]
struct Drawn {
    from: i64,
    to: i64,
    member: Option<usize>,
    excused: bool,
    /// Hours of notice, and where the plan begins and ends.
    planned: Option<(Option<i64>, i64, i64)>,
}

impl Drawn {
    fn outage(&self) -> Outage {
        let planned = |(notice, from, until): (Option<i64>, i64, i64)| Maintenance {
            announced_at: notice.map(|hours| minute(from - hours * 60)),
            from: minute(from),
            until: minute(until),
        };
        Outage {
            subject: "Mail".into(),
            from: minute(self.from),
            to: Some(minute(self.to)),
            member: self.member.map(|member| MEMBERS[member].to_owned()),
            cause: self.excused.then(|| "flood".to_owned()),
            maintenance: self.planned.map(planned),
        }
    }

    fn is_planned(&self, at: i64) -> bool {
        self.planned.is_some_and(|(_, from, until)| (from..until).contains(&at))
    }

    fn holds(&self, at: i64) -> bool {
        (self.from..self.to).contains(&at)
    }
}

fn some_outage() -> impl Strategy<Value = Drawn> {
    let place = AROUND.start..AROUND.end;
    let length = prop_oneof![1_i64..8, 1_i64..600, 1_i64..4000];
    let planned = (option::of(0_i64..40), -120_i64..120, 1_i64..900);
    (place, length, option::of(0_usize..2), prop::bool::weighted(0.15), option::weighted(0.5, planned)).prop_map(
        |(from, length, member, excused, planned)| {
            let planned = planned.map(|(notice, shift, long)| (notice, from + shift, from + shift + long));
            Drawn { from, to: (from + length).min(AROUND.end), member, excused, planned }
        },
    )
}

fn some_commitment() -> impl Strategy<Value = AvailabilityCommitment> {
    let hours = |most: i32| option::of((0..=most).prop_map(Duration::from_hours));
    let periods = vec((select(Weekday::ALL), 0_u32..20, 1_u32..5), 0..3);
    let formula =
        (select(DownWhen::ALL), option::of(1_i32..20), periods).prop_map(|(down_when, least, periods)| Formula {
            base: AvailabilityBase::Window,
            down_when,
            members: MEMBERS.map(str::to_owned).to_vec(),
            ignores_under: least.map(Duration::from_minutes),
            excused: vec!["Flood".into()],
            maintenance: periods
                .into_iter()
                .map(|(day, opens, long)| weekly(day, &format!("{opens:02}:00"), &format!("{:02}:00", opens + long)))
                .collect(),
            calendar: None,
        });
    (select(Clock::ALL), hours(30), hours(20), formula).prop_map(|(clock, notice, allowance, formula)| {
        AvailabilityCommitment {
            clock,
            maintenance_notice: notice,
            maintenance_allowance: allowance,
            formula,
            ..mail()
        }
    })
}

/// Whether something as a whole is down, from which outages hold a minute.
fn is_down(commitment: &AvailabilityCommitment, down: &[&Drawn]) -> bool {
    let member = |place: usize| down.iter().any(|outage| outage.member.is_none_or(|member| member == place));
    match commitment.formula.down_when {
        DownWhen::AnyMember => !down.is_empty(),
        DownWhen::AllMembers => member(0) && member(1),
    }
}

/// Q1, minute by minute.
fn downtime(commitment: &AvailabilityCommitment, calendar: &Calendar, drawn: &[Drawn], part: &Spans) -> i64 {
    let liable: Vec<&Drawn> = drawn.iter().filter(|outage| !outage.excused).collect();
    let counts = |at: i64| {
        let open = commitment.clock == Clock::AroundTheClock || calendar.is_open(minute(at));
        open && WINDOW.contains(&at) && part.iter().any(|span| span.holds(minute(at)))
    };
    let in_time = |outage: &Drawn| match (commitment.maintenance_notice, outage.planned) {
        (None, _) => commitment.maintenance_allowance.is_some(),
        (Some(notice), Some((Some(hours), ..))) => Duration::from_hours(hours as i32) >= notice,
        (Some(_), _) => false,
    };
    // Short outages, measured as they happened.
    let mut short: BTreeSet<i64> = BTreeSet::new();
    let mut run: Vec<i64> = Vec::new();
    for at in AROUND.start..=AROUND.end {
        let held: Vec<&Drawn> = liable.iter().copied().filter(|outage| outage.holds(at)).collect();
        if is_down(commitment, &held) {
            run.push(at);
        } else {
            if commitment.formula.ignores_under.is_some_and(|least| Duration::from_minutes(run.len() as i32) < least) {
                short.extend(run.iter().copied());
            }
            run.clear();
        }
    }
    let mut left = commitment.maintenance_allowance.map(|most| most.micros() / 60_000_000);
    let mut down = 0;
    for at in WINDOW.filter(|at| counts(*at)) {
        let in_weekly = calendar.lies_in(&commitment.formula.maintenance, minute(at));
        let held: Vec<&Drawn> = liable.iter().copied().filter(|outage| outage.holds(at)).collect();
        let announced = |outage: &Drawn| outage.is_planned(at) && in_time(outage);
        let mut free = false;
        if !in_weekly && held.iter().any(|outage| announced(outage)) {
            free = left != Some(0);
            left = left.map(|left| (left - 1).max(0));
        }
        let counted: Vec<&Drawn> = held
            .into_iter()
            .filter(|outage| !(in_weekly && outage.is_planned(at) || free && announced(outage)))
            .collect();
        down += i64::from(is_down(commitment, &counted) && !short.contains(&at));
    }
    down
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_minute_is_downtime_as_the_definition_says(
        commitment in some_commitment(), drawn in vec(some_outage(), 0..9), begins in -500_i64..4000, hole in 0_i64..9000,
    ) {
        let calendar = office("Europe/Berlin");
        let whole = Span::new(minute(WINDOW.start), minute(WINDOW.end)).unwrap();
        let part: Spans = [(begins, hole), (hole + 300, WINDOW.end)]
            .iter().filter_map(|(from, to)| Span::new(minute(*from), minute(*to))).collect();
        let part = part.and(&Some(whole).into());
        let outages: Vec<Outage> = drawn.iter().map(Drawn::outage).collect();
        let window = Measured { calendar: &calendar, whole, part: &part, now: at("2026-06-01T00:00:00Z") };
        let found = availability(&commitment, window, &outages);
        prop_assert_eq!(found.downtime.micros() / 60_000_000, downtime(&commitment, &calendar, &drawn, &part));
        // Stretches are apart, and those that count are the downtime.
        let counted = found.segments.iter().filter(|s| s.counts).filter_map(|s| Span::new(s.from, s.to));
        prop_assert_eq!(counted.collect::<Spans>().length(), found.downtime);
        prop_assert!(found.segments.windows(2).all(|pair| pair[0].to <= pair[1].from));
        // Any order and any repetition gives the same.
        let mut again: Vec<Outage> = outages.iter().rev().chain(&outages).cloned().collect();
        again.rotate_left(outages.len() / 2);
        prop_assert_eq!(availability(&commitment, window, &again), found);
    }
}
