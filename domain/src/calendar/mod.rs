//! When it is open, of which class an hour is, and when so much open time has passed (C1–C8).
//!
//! [`Hours`] and [`Exceptions`] are what is written down; [`Calendar`] is both compiled, the form that answers. Terms pin
//! hours; exceptions stay live, so that next year's holidays reach the terms in force.

mod business_days;
mod compiled;
mod definition;
mod local;
mod merge;
mod segments;
mod stretches;
#[cfg(test)]
pub(crate) mod tests;
mod wall;

use jiff::tz::{TimeZone, TimeZoneDatabase};

pub use compiled::Calendar;
pub(crate) use compiled::timestamp;
pub(crate) use definition::weekday_place;
pub use definition::{CalendarError, Exception, Exceptions, Hours, WallPeriod, WeeklyPeriod};
pub use merge::{Clash, Merged};
pub use segments::{Segment, Why};
pub use stretches::{Stretch, StretchError, closing, opening};
pub use wall::{instant_of, wall_of};

/// The canonical spelling of an IANA time zone name.
///
/// # Errors
/// [`CalendarError::UnknownZone`] for anything else: offsets, POSIX strings and the machine's own zone included.
pub fn zone_name(name: &str) -> Result<String, CalendarError> {
    let zone = zone(name)?;
    zone.iana_name().map(str::to_owned).ok_or_else(|| CalendarError::UnknownZone(name.chars().take(60).collect()))
}

/// The zone of an IANA name.
fn zone(name: &str) -> Result<TimeZone, CalendarError> {
    let unknown = || CalendarError::UnknownZone(name.chars().take(60).collect());
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+'));
    if !plain || name.eq_ignore_ascii_case("Etc/Unknown") {
        return Err(unknown());
    }
    TimeZoneDatabase::bundled().get(name).map_err(|_| unknown())
}
