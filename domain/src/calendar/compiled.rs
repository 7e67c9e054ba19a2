//! Questions to a calendar, answered at the same cost for a day and for ten years (C8).
//!
//! Open time since the first instant is a function of the instant. It is kept in pieces: between two changes of the
//! zone's offset, and within or outside a special day, it grows as the open wall time of one pattern does. A binary
//! search finds the piece, another the place in the pattern; the inverse is found in the same way.

use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};

use super::{
    business_days::BusinessDays,
    definition::{CalendarError, Exception, Exceptions, Hours},
    local::{DAY_MICROS, LocalLine, SECOND, date_of, day_number, day_of, weekday_of},
};
use crate::{
    time::{Duration, FIRST_YEAR, LAST_YEAR},
    words::HoursClass,
};

/// How far ahead an opening or a due time is looked for (C4).
const HORIZON_YEARS: i16 = 100;

/// A calendar ready to be asked.
#[derive(Clone, Debug)]
pub struct Calendar {
    pub(super) hours: Hours,
    pub(super) exceptions: Exceptions,
    pub(super) line: LocalLine,
    pub(super) pieces: Box<[Piece]>,
    pub(super) business_days: BusinessDays,
}

/// A stretch of instants with one offset and one pattern. All times are microseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// Its first instant.
    pub(super) from: i64,
    /// Open time before it.
    open: i64,
    /// What to add to the pattern's open time to get open time since the beginning.
    base: i64,
    /// Seconds from UTC to wall time.
    offset: i32,
    /// One more than the special day's index; 0 is the week.
    special: u32,
}

impl Piece {
    pub(super) fn local(&self, at: i64) -> i64 {
        at + i64::from(self.offset) * SECOND
    }

    pub(super) fn instant(&self, place: i64) -> i64 {
        place - i64::from(self.offset) * SECOND
    }

    pub(super) fn special(&self) -> Option<usize> {
        usize::try_from(self.special).ok()?.checked_sub(1)
    }
}

impl Calendar {
    /// Compiles hours and exceptions: about a thousand pieces for a zone with summer time.
    #[must_use]
    pub fn compile(hours: &Hours, exceptions: &Exceptions) -> Self {
        let line = LocalLine::new(hours, exceptions);
        let pieces = pieces(&hours.time_zone(), &line);
        let business_days = BusinessDays::new(hours, exceptions, &pieces);
        Self { hours: hours.clone(), exceptions: exceptions.clone(), line, pieces, business_days }
    }

    /// Memory it holds, about.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let exceptions: usize = self.exceptions.iter().map(|e| 64 + e.name.len() + e.periods.len() * 8).sum();
        size_of::<Self>()
            + size_of_val(&*self.pieces)
            + self.line.size_bytes()
            + self.business_days.size_bytes()
            + exceptions
            + self.hours.weekly().len() * 12
    }

    /// The hours it was compiled from.
    #[must_use]
    pub fn hours(&self) -> &Hours {
        &self.hours
    }

    /// The place of the piece that holds an instant.
    pub(super) fn piece_at(&self, at: i64) -> usize {
        self.pieces.partition_point(|piece| piece.from <= at).saturating_sub(1)
    }

    /// A piece with the instant that ends it.
    pub(super) fn piece(&self, place: usize) -> Option<(&Piece, i64)> {
        let piece = self.pieces.get(place)?;
        Some((piece, self.pieces.get(place + 1).map_or(i64::MAX, |next| next.from)))
    }

    fn open_before(&self, at: i64) -> i64 {
        match self.pieces.get(self.piece_at(at)) {
            Some(piece) => piece.base + self.line.open_before(piece.special(), piece.local(at)),
            None => 0,
        }
    }

    /// Whether it is open (C1).
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.is_open_at(at.as_microsecond())
    }

    pub(super) fn is_open_at(&self, at: i64) -> bool {
        let Some(piece) = self.pieces.get(self.piece_at(at)) else { return false };
        let place = piece.local(at);
        self.line.at_or_after(piece.special(), place).is_some_and(|(opens, _)| opens <= place)
    }

    /// Of which class the hour is (C6).
    #[must_use]
    pub fn hours_class(&self, at: Timestamp) -> HoursClass {
        let at = at.as_microsecond();
        if self.exception_at(at).is_some_and(|exception| exception.holiday) {
            HoursClass::Holiday
        } else if self.is_open_at(at) {
            HoursClass::Business
        } else if self.hours.weekend().contains(&weekday_of(self.day_at(at))) {
            HoursClass::Weekend
        } else {
            HoursClass::AfterHours
        }
    }

    /// The exception of the date that an instant lies on.
    pub(super) fn exception_at(&self, at: i64) -> Option<&Exception> {
        let piece = self.pieces.get(self.piece_at(at))?;
        let day = self.line.special_day(piece.special()?)?;
        self.exceptions.of(date_of(day))
    }

    pub(super) fn day_at(&self, at: i64) -> i64 {
        self.pieces.get(self.piece_at(at)).map_or(0, |piece| day_of(piece.local(at)))
    }

    /// The number of the local day of an instant: days since 1970-01-01.
    pub(crate) fn day_number_at(&self, at: Timestamp) -> i64 {
        self.day_at(at.as_microsecond())
    }

    /// The local date of an instant.
    #[must_use]
    pub fn date_at(&self, at: Timestamp) -> Date {
        date_of(self.day_at(at.as_microsecond()))
    }

    /// The first instant of a local date; of a date that the zone skips, the first one after it.
    #[must_use]
    pub fn start_of(&self, date: Date) -> Timestamp {
        let place = day_number(date) * DAY_MICROS;
        let mut at = self.piece_at(place - 2 * DAY_MICROS);
        while let Some((piece, end)) = self.piece(at) {
            let instant = piece.instant(place).max(piece.from);
            if instant < end {
                return timestamp(instant).unwrap_or(Timestamp::MAX);
            }
            at += 1;
        }
        Timestamp::MAX
    }

    /// When it next goes from closed to open, after the instant; none within 100 years.
    #[must_use]
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        let (start, limit) = (at.as_microsecond(), horizon(at));
        let mut closed = start;
        while self.is_open_at(closed) {
            closed = self.change_after(closed);
            if closed > limit {
                return None;
            }
        }
        self.open_from(closed).filter(|opening| *opening <= limit).and_then(timestamp)
    }

    /// Where the state that holds at an instant may next change: its end within its piece.
    fn change_after(&self, at: i64) -> i64 {
        let Some((piece, end)) = self.piece(self.piece_at(at)) else { return i64::MAX };
        let place = piece.local(at);
        match self.line.at_or_after(piece.special(), place) {
            // A week that never closes has no change to look for, week by week.
            _ if self.line.is_always_open(piece.special()) => end,
            Some((opens, _)) if opens > place => piece.instant(opens).min(end),
            Some((_, closes)) => piece.instant(closes).min(end),
            None => end,
        }
    }

    /// The first open instant from `at` on.
    fn open_from(&self, at: i64) -> Option<i64> {
        let mut place = self.piece_at(at);
        while let Some((piece, end)) = self.piece(place) {
            let from = at.max(piece.from);
            if let Some((opens, _)) = self.line.at_or_after(piece.special(), piece.local(from)) {
                let opening = piece.instant(opens).max(from);
                if opening < end {
                    return Some(opening);
                }
            }
            place += 1;
        }
        None
    }

    /// How much open time lies between two instants (C3, C5).
    ///
    /// # Errors
    /// [`CalendarError::Backwards`] when `to` lies before `from`.
    pub fn open_time(&self, from: Timestamp, to: Timestamp) -> Result<Duration, CalendarError> {
        let (from, to) = (from.as_microsecond(), to.as_microsecond());
        if to < from {
            return Err(CalendarError::Backwards);
        }
        Ok(Duration::from_micros(self.open_before(to) - self.open_before(from)))
    }

    /// The earliest instant by which `within` of open time has passed since `from` (C4).
    ///
    /// Running out exactly at closing is due at closing. No time at all is due at once when open, else at the next
    /// opening. None when it does not open that long within 100 years.
    #[must_use]
    pub fn due(&self, from: Timestamp, within: Duration) -> Option<Timestamp> {
        let start = from.as_microsecond();
        let due = match within.micros() {
            micros if micros <= 0 => self.open_from(start)?,
            micros => self.instant_of(self.open_before(start).checked_add(micros)?)?,
        };
        if due <= horizon(from) { timestamp(due) } else { None }
    }

    /// The first instant before which so much is open.
    fn instant_of(&self, open: i64) -> Option<i64> {
        let place = self.pieces.partition_point(|piece| piece.open < open).checked_sub(1)?;
        let (piece, end) = self.piece(place)?;
        let instant = piece.instant(self.line.place_of(piece.special(), open - piece.base)?);
        // Special days may open less than is asked for.
        (instant >= piece.from && instant <= end).then_some(instant)
    }
}

/// The last instant that is looked at from another.
fn horizon(from: Timestamp) -> i64 {
    let wall = TimeZone::UTC.to_datetime(from);
    let later = jiff::Span::new().try_years(HORIZON_YEARS).ok().and_then(|years| wall.checked_add(years).ok());
    let later = later.and_then(|later| TimeZone::UTC.to_timestamp(later).ok());
    later.map_or(i64::MAX, Timestamp::as_microsecond)
}

pub(crate) fn timestamp(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok()
}

fn pieces(zone: &TimeZone, line: &LocalLine) -> Box<[Piece]> {
    let midnight = |year: i16| TimeZone::UTC.to_timestamp(date(year, 1, 1).at(0, 0, 0, 0));
    // A day and more before the first instant, and beyond the horizon of the last one.
    let start = midnight(FIRST_YEAR - 1).unwrap_or(Timestamp::MIN);
    let end = midnight(LAST_YEAR + HORIZON_YEARS + 2).unwrap_or(Timestamp::MAX);
    let mut offsets = vec![(start.as_microsecond(), zone.to_offset(start).seconds())];
    for transition in zone.following(start).take_while(|transition| transition.timestamp() < end) {
        let offset = transition.offset().seconds();
        if offsets.last().is_none_or(|(_, last)| *last != offset) {
            offsets.push((transition.timestamp().as_microsecond(), offset));
        }
    }
    let mut pieces = Pieces { line, made: Vec::with_capacity(offsets.len()), open: 0 };
    for (place, (from, offset)) in offsets.iter().enumerate() {
        let to = offsets.get(place + 1).map_or(end.as_microsecond(), |(next, _)| *next);
        pieces.stretch(*from, to, *offset);
    }
    pieces.made.into()
}

/// Pieces in the making, with the open time before the next one.
struct Pieces<'a> {
    line: &'a LocalLine,
    made: Vec<Piece>,
    open: i64,
}

impl Pieces<'_> {
    /// Adds the pieces of a stretch with one offset: its special days, and the weeks between them.
    fn stretch(&mut self, from: i64, to: i64, offset: i32) {
        let shift = i64::from(offset) * SECOND;
        let mut at = from;
        for index in self.line.specials_within(from + shift, to + shift) {
            let Some(day) = self.line.special_day(index) else { continue };
            let (begins, ends) = (day * DAY_MICROS - shift, (day + 1) * DAY_MICROS - shift);
            self.piece(at, begins.max(from), offset, None);
            self.piece(begins.max(from), ends.min(to), offset, Some(index));
            at = ends.min(to);
        }
        self.piece(at, to, offset, None);
    }

    fn piece(&mut self, from: i64, to: i64, offset: i32, special: Option<usize>) {
        if from >= to {
            return;
        }
        let shift = i64::from(offset) * SECOND;
        let before = self.line.open_before(special, from + shift);
        let special_number = special.and_then(|index| u32::try_from(index + 1).ok()).unwrap_or_default();
        self.made.push(Piece { from, open: self.open, base: self.open - before, offset, special: special_number });
        self.open += self.line.open_before(special, to + shift) - before;
    }
}
