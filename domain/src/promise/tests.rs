//! The promise check against tables and slow oracles.

mod tickets;

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    calendar::{Exception, Exceptions, Hours, WallPeriod, WeeklyPeriod},
    time::{Duration, parse_instant},
    words::Weekday,
};

fn percent(text: &str) -> Percent {
    text.parse().expect(text)
}

fn minutes(count: i32) -> Duration {
    Duration::from_minutes(count)
}

/// A closed case that needs so many minutes of sixty.
fn closed(needs: i32) -> TimedCase {
    TimedCase { needs: minutes(needs), given: minutes(60), closed: true }
}

fn open(used: i32) -> TimedCase {
    TimedCase { closed: false, ..closed(used) }
}

#[test]
fn the_lower_end_is_that_of_the_wilson_interval_rounded_down() {
    // n/(n + z²) where everything was kept; the others from tables of the interval.
    for (kept, size, least) in [
        (0, 30, "0"),
        (30, 30, "88.64"),
        (29, 30, "83.32"),
        (20, 40, "35.19"),
        (95, 100, "88.82"),
        (381, 400, "92.70"),
        (1, 1, "20.65"),
        (999_999, 1_000_000, "99.99"),
        (4_000_000_000, 4_000_000_000, "99.99"),
    ] {
        assert_eq!(Sample { size, kept }.at_least(), Some(percent(least)), "{kept} of {size}");
    }
    assert_eq!(Sample::default().at_least(), None);
}

#[test]
fn thirty_cases_are_needed_and_all_is_never_shown() {
    let verdict =
        |kept, size, share| Evidence { sample: Sample { size, kept }, supported: None }.verdict(percent(share));
    for (kept, size, share, expected) in [
        (29, 29, "80", PromiseVerdict::Unproven),
        (0, 29, "95", PromiseVerdict::Unproven),
        (30, 30, "88.64", PromiseVerdict::Supported),
        (30, 30, "88.65", PromiseVerdict::Unproven),
        (30, 30, "100", PromiseVerdict::Unproven),
        (29, 30, "100", PromiseVerdict::Overpromised),
        (20, 40, "64.80", PromiseVerdict::Unproven),
        (20, 40, "64.81", PromiseVerdict::Overpromised),
        (0, 30, "0", PromiseVerdict::Supported),
        // z²/(n + z²) is 11.351 %.
        (0, 30, "11.351", PromiseVerdict::Unproven),
        (0, 30, "11.352", PromiseVerdict::Overpromised),
        (0, 0, "0", PromiseVerdict::Unproven),
    ] {
        assert_eq!(verdict(kept, size, share), expected, "{kept} of {size}, promised {share} %");
    }
}

#[test]
fn an_open_case_speaks_only_once_it_is_past_the_target() {
    let mut cases: Vec<TimedCase> = (1..=40).map(closed).collect();
    cases.extend([open(60), open(59), open(61), open(500)]);
    let evidence = Evidence::of_times(&cases, percent("80"));
    assert_eq!(evidence.sample, Sample { size: 42, kept: 40 });
    // Of 44 or fewer, 80 % needs the lower bound of 40 of 43: with a target of forty minutes four are past it.
    assert_eq!(evidence.supported, Some(minutes(59)));
    let without: Vec<TimedCase> = (1..=40).map(closed).collect();
    assert_eq!(Evidence::of_times(&without, percent("80")).supported, Some(minutes(37)));
    assert_eq!(Evidence::of_times(&without, Percent::ALL).supported, None);
    assert_eq!(Evidence::of_times(&without[..29], percent("50")).supported, None);
}

#[test]
fn what_is_kept_to_the_microsecond_is_kept() {
    let needs = |micros: i64| TimedCase { needs: Duration::from_micros(minutes(60).micros() + micros), ..closed(0) };
    let evidence = |micros| Evidence::of_times(&vec![needs(micros); 30], percent("80")).sample.kept;
    assert_eq!((evidence(0), evidence(1)), (30, 0));
}

#[test]
fn a_gap_has_a_case_for_each_time_something_was_to_be_done() {
    let hours = Duration::from_hours;
    let sample = |gaps: &[i32], open: &[i32], every: i32| {
        let list = |list: &[i32]| list.iter().map(|gap| hours(*gap)).collect::<Vec<_>>();
        Evidence::of_gaps(&list(gaps), &list(open), hours(every), percent("95")).sample
    };
    assert_eq!(sample(&[24, 24, 23], &[], 24), Sample { size: 3, kept: 3 });
    assert_eq!(sample(&[24, 60, 23], &[], 24), Sample { size: 5, kept: 3 });
    assert_eq!(sample(&[24], &[24], 24), Sample { size: 1, kept: 1 });
    assert_eq!(sample(&[24], &[49], 24), Sample { size: 3, kept: 1 });
    assert_eq!(sample(&[], &[], 24), Sample { size: 0, kept: 0 });
}

fn office(exceptions: &[Exception]) -> Calendar {
    let period =
        |opens: &str, closes: &str| WallPeriod::new(opens.parse().expect("opens"), closes.parse().expect("closes"));
    let days = &Weekday::ALL[..5];
    let weekly =
        days.iter().map(|day| WeeklyPeriod { weekday: *day, period: period("08:00", "17:00").expect("period") });
    let hours = Hours::new("Europe/Berlin", weekly.collect(), &[]).expect("hours");
    Calendar::compile(&hours, &Exceptions::new(exceptions.to_vec()).expect("exceptions"))
}

#[test]
fn hours_in_which_nobody_works_cannot_be_promised() {
    let from = parse_instant("2026-06-01T00:00:00Z").expect("instant");
    let christmas = Exception {
        date: "2026-12-25".parse().expect("date"),
        name: "Christmas".into(),
        holiday: true,
        periods: Vec::new(),
    };
    let (open, closed) = (office(&[]), office(&[christmas]));
    assert!(Staffing::new([], from).is_none());
    let staffed = Staffing::new([&closed], from).expect("staffed");
    assert_eq!(staffed.first_gap(Clock::BusinessHours, Some(&closed)), None);
    let gap = staffed.first_gap(Clock::BusinessHours, Some(&open)).expect("a gap");
    assert_eq!(gap.from().to_string(), "2026-12-25T07:00:00Z");
    assert_eq!(gap.to().to_string(), "2026-12-25T16:00:00Z");
    let night = staffed.first_gap(Clock::AroundTheClock, None).expect("a gap");
    assert_eq!((night.from(), night.to().to_string()), (from, "2026-06-01T06:00:00Z".to_owned()));
    assert_eq!(
        Staffing::new([&closed, &open], from).expect("staffed").first_gap(Clock::BusinessHours, Some(&open)),
        None
    );
}

/// The interval's ends as its formula gives them.
fn ends(kept: f64, size: f64) -> (f64, f64) {
    let (z, share) = (1.959_964_f64, kept / size);
    let middle = share + z * z / (2.0 * size);
    let spread = z * (share * (1.0 - share) / size + z * z / (4.0 * size * size)).sqrt();
    let whole = 1.0 + z * z / size;
    ((middle - spread) / whole, (middle + spread) / whole)
}

proptest! {
    #[test]
    fn a_share_lies_where_the_formula_puts_it(size in 1_u32..100_000, kept in any::<prop::sample::Index>(), millionths in 0_u64..=100_000_000) {
        let kept = u32::try_from(kept.index(size as usize + 1)).unwrap();
        let sample = Sample { size, kept };
        let share = Percent::from_parts(millionths);
        let (low, high) = ends(f64::from(kept), f64::from(size));
        let promised = millionths as f64 / 1e8;
        prop_assume!((promised - low).abs() > 1e-9 && (promised - high).abs() > 1e-9);
        let expected = if promised < low { Place::Reached } else if promised > high { Place::Beyond } else { Place::Between };
        prop_assert_eq!(sample.place_of(share), Some(expected));
        let shown = sample.at_least().unwrap();
        prop_assert_eq!(sample.place_of(shown), Some(Place::Reached));
        prop_assert_eq!(sample.place_of(Percent::from_parts(shown.parts() + 10_000)) == Some(Place::Reached), false);
    }

    #[test]
    fn the_supported_target_is_the_first_of_all_that_will_do(
        times in vec((0_i32..200, prop::bool::weighted(0.9)), 0..120), share in 1_u32..=99,
    ) {
        let share = percent(&share.to_string());
        let cases: Vec<TimedCase> = times.iter().map(|(needs, closed)| TimedCase { closed: *closed, ..self::closed(*needs) }).collect();
        let promised = |target: i32| {
            let cases: Vec<TimedCase> = cases.iter().map(|case| TimedCase { given: minutes(target), ..*case }).collect();
            Evidence::of_times(&cases, share)
        };
        let first = (0..200).find(|target| promised(*target).verdict(share) == PromiseVerdict::Supported);
        prop_assert_eq!(promised(60).supported, first.map(minutes));
    }

    #[test]
    fn the_supported_interval_is_the_first_of_all_that_will_do(
        gaps in vec(1_i64..40, 0..80), open in vec(0_i64..80, 0..3), share in 0_u32..=99,
    ) {
        let share = percent(&share.to_string());
        let list = |list: &[i64]| list.iter().map(|gap| Duration::from_micros(*gap)).collect::<Vec<_>>();
        let (gaps, open) = (list(&gaps), list(&open));
        let found = |every: i64| Evidence::of_gaps(&gaps, &open, Duration::from_micros(every), share);
        let first = (1..=80).find(|every| found(*every).verdict(share) == PromiseVerdict::Supported);
        prop_assert_eq!(found(24).supported, first.map(Duration::from_micros));
    }
}
