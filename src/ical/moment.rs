//! Dates and wall times as a file writes them.

use remit_domain::{
    Date, DateTime, Timestamp,
    calendar::{instant_of, wall_of, zone_name},
};

use super::{IcalError, lines::Line, zones::Zones};

/// When something is: a whole day, or a wall time in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Midnight where it is a whole day.
    pub(super) wall: DateTime,
    /// An IANA name; none: a whole day.
    pub(super) zone: Option<String>,
}

impl Moment {
    /// The moments of a line such as `EXDATE;TZID=Europe/Berlin:20261224T120000,20261231T120000`.
    pub(super) fn all(line: &Line, zones: &Zones<'_>) -> Result<Vec<Self>, IcalError> {
        if line.parameter("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("PERIOD")) {
            return Err(line.error("periods are not read: give dates"));
        }
        line.value.split(',').map(|text| Self::read(text.trim(), line, zones)).collect()
    }

    /// The one moment of a line.
    pub(super) fn one(line: &Line, zones: &Zones<'_>) -> Result<Self, IcalError> {
        Self::read(line.value.trim(), line, zones)
    }

    /// Reads `20261224`, `20261224T120000`, `20261224T120000Z`.
    pub(super) fn read(text: &str, line: &Line, zones: &Zones<'_>) -> Result<Self, IcalError> {
        let bad = || {
            let shown: String = text.chars().take(40).collect();
            line.error(format!("{shown:?} is no date such as 20261224 or 20261224T120000"))
        };
        let (digits, is_utc) = text.strip_suffix(['Z', 'z']).map_or((text, false), |digits| (digits, true));
        let (date, time) = digits.split_once(['T', 't']).map_or((digits, None), |(date, time)| (date, Some(time)));
        let [year, month, day] = numbers(date, [4, 2, 2]).ok_or_else(bad)?;
        let date = Date::new(year, narrow(month), narrow(day)).map_err(|_| bad())?;
        let Some(time) = time else {
            return if is_utc { Err(bad()) } else { Ok(Self { wall: date.at(0, 0, 0, 0), zone: None }) };
        };
        let [hour, minute, second] = numbers(time, [2, 2, 2]).ok_or_else(bad)?;
        if hour > 23 || minute > 59 || second > 60 {
            return Err(bad());
        }
        // A leap second is the last second of its minute.
        let wall = date.at(narrow(hour), narrow(minute), narrow(second.min(59)), 0);
        let zone = match line.parameter("TZID") {
            _ if is_utc => "UTC".to_owned(),
            Some(name) => zones.named(name).ok_or_else(|| unknown(name, line))?,
            None => zones.calendar().to_owned(),
        };
        Ok(Self { wall, zone: Some(zone) })
    }

    /// Whether it is a whole day.
    pub(super) fn is_day(&self) -> bool {
        self.zone.is_none()
    }

    /// The wall time at the same instant in another zone; that of a whole day is the same everywhere.
    pub(super) fn wall_in(&self, zone: &str) -> DateTime {
        let moved = |from: &str| instant_of(self.wall, from).and_then(|instant: Timestamp| wall_of(instant, zone));
        // Both names were looked up when they were read.
        self.zone.as_deref().filter(|from| *from != zone).and_then(|from| moved(from).ok()).unwrap_or(self.wall)
    }
}

fn unknown(name: &str, line: &Line) -> IcalError {
    let shown: String = name.chars().take(60).collect();
    line.error(format!("TZID {shown:?} is no IANA time zone such as Europe/Berlin; put one in its place"))
}

/// Numbers of so many digits each, with nothing between.
fn numbers(text: &str, lengths: [usize; 3]) -> Option<[i16; 3]> {
    if text.len() != lengths.iter().sum::<usize>() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (first, rest) = text.split_at(lengths[0]);
    let (second, third) = rest.split_at(lengths[1]);
    Some([first.parse().ok()?, second.parse().ok()?, third.parse().ok()?])
}

/// A number of two digits.
fn narrow(number: i16) -> i8 {
    i8::try_from(number).unwrap_or_default()
}

/// Whether a name is a zone's.
pub(super) fn is_zone(name: &str) -> Option<String> {
    zone_name(name).ok()
}
