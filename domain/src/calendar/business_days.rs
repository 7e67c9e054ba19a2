//! Targets in business days, and wall-time windows (C7, R2).

use jiff::Timestamp;

use super::{
    Calendar, WeeklyPeriod,
    compiled::timestamp,
    definition::DAY,
    local::{DAY_MICROS, SECOND, date_of, day_of, starting_on},
};

/// A hundred years of days: how far ahead a business day is looked for.
const HORIZON_DAYS: i64 = 36_525;

impl Calendar {
    /// The end of the last period that starts on the n-th business day after the local date of `from` (C7).
    ///
    /// A business day is a local date on which one of its periods, as written, starts. A closing time that occurs twice is
    /// the later one; one that the clocks skip is the instant they are set. None for n = 0, or when there are not that
    /// many within 100 years.
    #[must_use]
    pub fn due_in_business_days(&self, from: Timestamp, n: u32) -> Option<Timestamp> {
        let today = self.day_at(from.as_microsecond());
        let days = today + 1..=today + HORIZON_DAYS;
        let closing = days.filter_map(|day| self.last_closing(day)).nth(usize::try_from(n).ok()?.checked_sub(1)?)?;
        timestamp(self.last_instant_before(closing))
    }

    /// Where the period that starts last on a day ends, on the line of wall time; none when none starts or the zone skips
    /// the day.
    fn last_closing(&self, day: i64) -> Option<i64> {
        let starting = starting_on(&self.hours, &self.exceptions, day);
        let (_, closes) = starting.into_iter().max()?;
        if self.day_at(self.start_of(date_of(day)).as_microsecond()) != day {
            return None;
        }
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

    /// Microseconds of wall time since Monday 00:00.
    fn place_in_week(&self, at: Timestamp) -> Option<i64> {
        let micros = at.as_microsecond();
        let (piece, _) = self.piece(self.piece_at(micros))?;
        let place = piece.local(micros);
        let week_day = (day_of(place) + 3).rem_euclid(7);
        Some(week_day * DAY_MICROS + place.rem_euclid(DAY_MICROS))
    }
}
