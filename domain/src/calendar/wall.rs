//! From the wall time of one zone to that of another.

use jiff::{Timestamp, civil::DateTime};

use super::{CalendarError, zone};

/// The instant of a wall time in a zone; of one that comes twice the earlier, of one that is skipped the later.
///
/// # Errors
/// [`CalendarError::UnknownZone`].
pub fn instant_of(wall: DateTime, zone_name: &str) -> Result<Timestamp, CalendarError> {
    let ambiguous = zone(zone_name)?.to_ambiguous_timestamp(wall);
    // No zone shifts a wall time beyond what a timestamp holds, but for the very ends of time.
    Ok(ambiguous.compatible().unwrap_or(Timestamp::MAX))
}

/// The wall time of an instant in a zone.
///
/// # Errors
/// [`CalendarError::UnknownZone`].
pub fn wall_of(instant: Timestamp, zone_name: &str) -> Result<DateTime, CalendarError> {
    Ok(zone(zone_name)?.to_datetime(instant))
}
