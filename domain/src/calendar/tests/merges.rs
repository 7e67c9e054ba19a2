//! Taking in exceptions from outside.

use proptest::prelude::*;

use super::{super::*, exceptions};

fn list(texts: &[&str]) -> Exceptions {
    Exceptions::new(exceptions(texts)).unwrap()
}

/// How many were added, replaced, kept, begun, and the same.
fn counts(merged: &Merged) -> [usize; 5] {
    [merged.added.len(), merged.replaced.len(), merged.kept.len(), merged.begun.len(), merged.same]
}

#[test]
fn what_is_there_stays_unless_it_is_to_be_replaced() {
    let there = list(&["2026-12-24 09:00-12:00", "2026-12-25 holiday"]);
    let coming = || exceptions(&["2026-12-24 holiday", "2026-12-25 holiday", "2026-12-26 holiday"]);
    let kept = there.merge(coming(), Clash::Keep, None).unwrap();
    assert_eq!(counts(&kept), [1, 0, 1, 0, 1]);
    assert_eq!(kept.exceptions, list(&["2026-12-24 09:00-12:00", "2026-12-25 holiday", "2026-12-26 holiday"]));
    let replaced = there.merge(coming(), Clash::Replace, None).unwrap();
    assert_eq!(counts(&replaced), [1, 1, 0, 0, 1]);
    assert_eq!(replaced.exceptions, Exceptions::new(coming()).unwrap());
}

#[test]
fn dates_that_have_begun_stay_as_they_are_save_their_names() {
    let there = list(&["2026-11-20 holiday"]);
    let mut coming =
        exceptions(&["2026-11-20 holiday", "2026-11-22 holiday", "2026-11-23 holiday", "2026-11-24 holiday"]);
    coming[0].name = "Another name".into();
    let merged = there.merge(coming, Clash::Replace, Some("2026-11-23".parse().unwrap())).unwrap();
    assert_eq!(counts(&merged), [1, 1, 0, 2, 0]);
    assert_eq!(merged.exceptions.first_difference(&there), Some("2026-11-24".parse().unwrap()));
}

#[test]
fn two_of_one_date_are_refused() {
    let coming = exceptions(&["2026-12-24 holiday", "2026-12-24 09:00-12:00"]);
    assert!(matches!(list(&[]).merge(coming, Clash::Keep, None), Err(CalendarError::SameDate { place: 1, .. })));
}

proptest! {
    #[test]
    fn a_second_time_changes_nothing_and_nothing_is_lost(
        there in prop::collection::btree_map(1_i8..=28, any::<bool>(), 0..10),
        coming in prop::collection::btree_map(1_i8..=28, any::<bool>(), 0..10),
        begun in prop::option::of(1_i8..=28),
        replace in any::<bool>(),
    ) {
        let exception = |(day, holiday): (i8, bool)| Exception {
            date: jiff::civil::date(2026, 12, day), name: "a day".into(), holiday, periods: Vec::new(),
        };
        let there = Exceptions::new(there.into_iter().map(exception).collect()).unwrap();
        let coming: Vec<Exception> = coming.into_iter().map(exception).collect();
        let clash = if replace { Clash::Replace } else { Clash::Keep };
        let begun = begun.map(|day| jiff::civil::date(2026, 12, day));
        let first = there.merge(coming.clone(), clash, begun).unwrap();
        let second = first.exceptions.merge(coming.clone(), clash, begun).unwrap();
        prop_assert_eq!(&second.exceptions, &first.exceptions);
        prop_assert!(!second.changes());
        prop_assert_eq!(counts(&first).iter().sum::<usize>(), coming.len());
        prop_assert!(there.iter().all(|old| first.exceptions.iter().any(|new| new.date == old.date)));
        prop_assert!(begun.is_none_or(|begun| first.exceptions.first_difference(&there).is_none_or(|date| date > begun)));
    }
}
