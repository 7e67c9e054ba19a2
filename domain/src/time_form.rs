//! Instants as other systems write them: wall times of a zone, in a form of their own.

use jiff::{Timestamp, fmt::strtime::BrokenDownTime, tz::TimeZone};

use crate::time::{TimeError, parse_instant};

/// How a source writes instants.
#[derive(Clone, Debug)]
pub struct TimeForm {
    /// In the letters of `strftime`; none: RFC 3339.
    form: Option<String>,
    zone: TimeZone,
}

/// Why a source's instants cannot be read so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeFormError {
    /// There is no such zone.
    #[error("{0:?} is no IANA time zone")]
    Zone(String),
    /// Text that follows the form would not be an instant.
    #[error("{0:?} gives no date and time: a form is such as %d/%m/%Y %H:%M")]
    Form(String),
}

impl TimeForm {
    /// Instants by a form in the letters of `strftime`, as wall times of an IANA zone unless the form holds an offset. A date
    /// alone is its midnight.
    ///
    /// - `form`: none: RFC 3339.
    ///
    /// # Errors
    /// [`TimeFormError`] when there is no such zone, or the form gives no instants.
    pub fn new(form: Option<&str>, zone: &str) -> Result<Self, TimeFormError> {
        let found = TimeZone::get(zone).map_err(|_| TimeFormError::Zone(zone.to_owned()))?;
        let read = Self { form: form.map(str::to_owned), zone: found };
        if let Some(form) = form {
            // What the form writes it must read.
            let sample = jiff::civil::DateTime::constant(2020, 10, 21, 13, 14, 15, 0);
            let zoned =
                sample.to_zoned_datetime(read.zone.clone()).map_err(|_| TimeFormError::Form(form.to_owned()))?;
            let written = jiff::fmt::strtime::format(form, &zoned);
            let is_read = written.is_ok_and(|written| read.read(&written).is_ok());
            if !is_read {
                return Err(TimeFormError::Form(form.to_owned()));
            }
        }
        Ok(read)
    }

    /// Reads an instant. A wall time that is there twice when clocks go back is the earlier; one that is left out when
    /// they go forward lies as far after the change.
    ///
    /// # Errors
    /// [`TimeError`] when the text is not of the form, or lies beyond the years that are kept.
    pub fn read(&self, text: &str) -> Result<Timestamp, TimeError> {
        let Some(form) = &self.form else { return parse_instant(text) };
        let malformed = || TimeError::Malformed {
            text: text.chars().take(60).collect(),
            expected: "a time of the form that is given",
        };
        let parts = BrokenDownTime::parse(form, text).map_err(|_| malformed())?;
        let at = match parts.offset() {
            Some(_) => parts.to_timestamp().map_err(|_| malformed())?,
            None => {
                let wall = parts.to_datetime().map_err(|_| malformed())?;
                self.zone.to_ambiguous_timestamp(wall).compatible().map_err(|_| malformed())?
            }
        };
        parse_instant(&at.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: Option<&str>, zone: &str, text: &str) -> Option<String> {
        TimeForm::new(form, zone).unwrap().read(text).ok().map(|at| at.to_string())
    }

    #[test]
    fn wall_times_of_a_zone_are_instants() {
        let form = Some("%d/%m/%Y %H:%M");
        for (zone, text, instant) in [
            ("Europe/Lisbon", "29/2/2016 01:16", "2016-02-29T01:16:00Z"),
            ("Europe/Berlin", "05/03/2016 12:00", "2016-03-05T11:00:00Z"),
            // Twice when clocks go back, and left out when they go forward.
            ("Europe/Berlin", "25/10/2026 02:30", "2026-10-25T00:30:00Z"),
            ("Europe/Berlin", "29/03/2026 02:30", "2026-03-29T01:30:00Z"),
        ] {
            assert_eq!(read(form, zone, text).as_deref(), Some(instant), "{text} in {zone}");
        }
        for bad in ["", "?", "29/2/2015 01:16", "2016-02-29T01:16:00Z", "29/2/2016 01:16 x", "1/1/1850 00:00"] {
            assert_eq!(read(form, "UTC", bad), None, "{bad}");
        }
    }

    #[test]
    fn an_offset_outranks_the_zone() {
        let form = Some("%Y-%m-%d %H:%M:%S %z");
        assert_eq!(read(form, "Asia/Tokyo", "2026-01-02 03:04:05 +0100").unwrap(), "2026-01-02T02:04:05Z");
        assert_eq!(read(None, "Asia/Tokyo", "2026-01-02T03:04:05+01:00").unwrap(), "2026-01-02T02:04:05Z");
    }

    #[test]
    fn a_form_must_give_instants() {
        for bad in ["%H:%M", "%d/%m", "%m/%Y %H:%M", "at noon", "%Q", "%"] {
            assert_eq!(TimeForm::new(Some(bad), "UTC").err(), Some(TimeFormError::Form(bad.into())), "{bad}");
        }
        assert_eq!(TimeForm::new(None, "Mars/Base").err(), Some(TimeFormError::Zone("Mars/Base".into())));
    }
}
