//! Targets in business days, and wall-time windows (C7, R2).

use jiff::Timestamp;

use super::{
    Calendar, Exceptions, Hours, WeeklyPeriod,
    compiled::{Piece, timestamp},
    definition::DAY,
    local::{DAY_MICROS, SECOND, date_of, day_number, day_of, starting_on, weekday_of},
};
use crate::span::Spans;

/// A hundred years of days: how far ahead a business day is looked for.
const HORIZON_DAYS: i64 = 36_525;
/// 1970-01-01 was a Thursday: the number of the Monday before it.
const MONDAY: i64 = -3;

/// How many business days lie before a day, at the same cost for any day (C8): the week's, put right by the dates that
/// differ from it.
#[derive(Clone, Debug)]
pub(super) struct BusinessDays {
    /// From Monday on, how many of the week's business days lie before a day; the eighth is how many there are.
    before_in_week: [i64; 8],
    /// The dates that differ from the week, sorted, each with what they and those before them add.
    differing: Box<[(i64, i64)]>,
}

impl BusinessDays {
    pub(super) fn new(hours: &Hours, exceptions: &Exceptions, pieces: &[Piece]) -> Self {
        let of_week = |day: i64| hours.weekly().iter().any(|period| period.weekday == weekday_of(day));
        let mut before_in_week = [0; 8];
        let mut count = 0;
        for (day, before) in (MONDAY..).zip(&mut before_in_week) {
            *before = count;
            count += i64::from(of_week(day));
        }
        let skipped = skipped(pieces);
        let mut days: Vec<i64> = exceptions.iter().map(|exception| day_number(exception.date)).collect();
        days.extend(&skipped);
        days.sort_unstable();
        days.dedup();
        let mut added = 0;
        let differing = days.into_iter().map(|day| {
            let starts = !skipped.contains(&day) && !starting_on(hours, exceptions, day).is_empty();
            added += i64::from(starts) - i64::from(of_week(day));
            (day, added)
        });
        Self { before_in_week, differing: differing.collect() }
    }

    fn before(&self, day: i64) -> i64 {
        let (week, place) = ((day - MONDAY).div_euclid(7), (day - MONDAY).rem_euclid(7));
        let [.., a_week] = self.before_in_week;
        let in_week = usize::try_from(place).ok().and_then(|place| self.before_in_week.get(place));
        let differing = self.differing.partition_point(|(differs, _)| *differs < day).checked_sub(1);
        let added = differing.and_then(|place| self.differing.get(place)).map_or(0, |(_, added)| *added);
        week * a_week + in_week.copied().unwrap_or_default() + added
    }

    /// The n-th business day after a day, within the horizon.
    fn nth_after(&self, day: i64, n: u32) -> Option<i64> {
        if n == 0 {
            return None;
        }
        let wanted = self.before(day + 1) + i64::from(n);
        let (mut low, mut high) = (day + 1, day + 1 + HORIZON_DAYS);
        // The first day with so many business days up to it.
        while low < high {
            let middle = low.midpoint(high);
            if self.before(middle + 1) < wanted { low = middle + 1 } else { high = middle }
        }
        (low <= day + HORIZON_DAYS).then_some(low)
    }

    pub(super) fn size_bytes(&self) -> usize {
        size_of_val(&*self.differing)
    }
}

/// The dates that a zone has left out, as Samoa did with 30 December 2011.
fn skipped(pieces: &[Piece]) -> Vec<i64> {
    let jumps = pieces.iter().zip(pieces.iter().skip(1));
    jumps
        .flat_map(|(before, after)| day_of(before.local(after.from - 1)) + 1..day_of(after.local(after.from)))
        .collect()
}

impl Calendar {
    /// The end of the last period that starts on the n-th business day after the local date of `from` (C7).
    ///
    /// A business day is a local date on which one of its periods, as written, starts. A closing time that occurs twice is
    /// the later one; one that the clocks skip is the instant they are set. None for n = 0, or when there are not that
    /// many within 100 years.
    #[must_use]
    pub fn due_in_business_days(&self, from: Timestamp, n: u32) -> Option<Timestamp> {
        let day = self.business_days.nth_after(self.day_at(from.as_microsecond()), n)?;
        timestamp(self.last_instant_before(self.last_closing(day)?))
    }

    /// Where the period that starts last on a day ends, on the line of wall time; none when none starts.
    fn last_closing(&self, day: i64) -> Option<i64> {
        let starting = starting_on(&self.hours, &self.exceptions, day);
        let (_, closes) = starting.into_iter().max()?;
        // The tail is the next date's only if that has no exception of its own (C1).
        let cut = closes > DAY && self.exceptions.of(date_of(day + 1)).is_some();
        Some(day * DAY_MICROS + if cut { DAY } else { closes } * SECOND)
    }

    /// The end of the last instants whose wall time lies before a place.
    fn last_instant_before(&self, place: i64) -> i64 {
        let mut at = self.piece_at(place + 2 * DAY_MICROS);
        while let Some((piece, end)) = self.piece(at) {
            let instant = piece.instant(place);
            if instant > piece.from || at == 0 {
                return instant.min(end);
            }
            at -= 1;
        }
        place
    }

    /// Whether the wall time of an instant lies in one of some weekly periods; no exception changes that.
    #[must_use]
    pub fn lies_in(&self, periods: &[WeeklyPeriod], at: Timestamp) -> bool {
        let Some(place) = self.place_in_week(at) else { return false };
        let second = place.div_euclid(SECOND);
        periods.iter().any(|period| {
            let (opens, closes) = period.seconds();
            (opens..closes).contains(&second) || (opens..closes).contains(&(second + 7 * DAY))
        })
    }

    /// The instants between two others at which one of some weekly periods begins or ends, as long as no clock is set and
    /// no midnight passes between them.
    pub(crate) fn edges_within(&self, periods: &[WeeklyPeriod], from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
        let Some(place) = self.place_in_week(from) else { return Vec::new() };
        let week = 7 * DAY * SECOND;
        let edges = periods.iter().flat_map(|period| <[i64; 2]>::from(period.seconds()));
        let after = edges.map(|edge| (edge * SECOND - place).rem_euclid(week)).filter(|after| *after > 0);
        let instants = after.filter_map(|after| timestamp(from.as_microsecond().checked_add(after)?));
        instants.filter(|edge| *edge < to).collect()
    }

    /// When some weekly periods are, between two instants and in the calendar's zone; no exception changes that.
    #[must_use]
    pub fn weekly_spans(&self, periods: &[WeeklyPeriod], from: Timestamp, to: Timestamp) -> Spans {
        // Each by itself: they may overlap, as a calendar's hours may not.
        let alone = |period: &WeeklyPeriod| Hours::new(self.hours.zone(), vec![*period], &[]).ok();
        let calendars = periods.iter().filter_map(alone).map(|hours| Self::compile(&hours, &Exceptions::default()));
        calendars.fold(Spans::default(), |all, calendar| all.or(&calendar.open_spans(from, to)))
    }

    /// Microseconds of wall time since Monday 00:00.
    fn place_in_week(&self, at: Timestamp) -> Option<i64> {
        let micros = at.as_microsecond();
        let (piece, _) = self.piece(self.piece_at(micros))?;
        let place = piece.local(micros);
        let week_day = (day_of(place) + 3).rem_euclid(7);
        Some(week_day * DAY_MICROS + place.rem_euclid(DAY_MICROS))
    }
}
