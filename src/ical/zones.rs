//! What a file calls time zones.

use std::collections::BTreeMap;

use super::{lines::Line, moment::is_zone};

/// Names that Outlook and Exchange give to zones, with the zone that each means where it is named after a country or
/// the larger part of one.
///
/// Source: Unicode CLDR, supplemental data `windowsZones`, territory 001.
const WINDOWS: [(&str, &str); 36] = [
    ("AUS Central Standard Time", "Australia/Darwin"),
    ("AUS Eastern Standard Time", "Australia/Sydney"),
    ("Alaskan Standard Time", "America/Anchorage"),
    ("Arabian Standard Time", "Asia/Dubai"),
    ("Atlantic Standard Time", "America/Halifax"),
    ("Canada Central Standard Time", "America/Regina"),
    ("Cen. Australia Standard Time", "Australia/Adelaide"),
    ("Central Europe Standard Time", "Europe/Budapest"),
    ("Central European Standard Time", "Europe/Warsaw"),
    ("Central Standard Time", "America/Chicago"),
    ("China Standard Time", "Asia/Shanghai"),
    ("E. Australia Standard Time", "Australia/Brisbane"),
    ("E. South America Standard Time", "America/Sao_Paulo"),
    ("Eastern Standard Time", "America/New_York"),
    ("FLE Standard Time", "Europe/Kiev"),
    ("GMT Standard Time", "Europe/London"),
    ("GTB Standard Time", "Europe/Bucharest"),
    ("Greenwich Standard Time", "Atlantic/Reykjavik"),
    ("Hawaiian Standard Time", "Pacific/Honolulu"),
    ("India Standard Time", "Asia/Kolkata"),
    ("Israel Standard Time", "Asia/Jerusalem"),
    ("Mountain Standard Time", "America/Denver"),
    ("New Zealand Standard Time", "Pacific/Auckland"),
    ("Newfoundland Standard Time", "America/St_Johns"),
    ("Pacific Standard Time", "America/Los_Angeles"),
    ("Romance Standard Time", "Europe/Paris"),
    ("Russian Standard Time", "Europe/Moscow"),
    ("Singapore Standard Time", "Asia/Singapore"),
    ("South Africa Standard Time", "Africa/Johannesburg"),
    ("Tasmania Standard Time", "Australia/Hobart"),
    ("Tokyo Standard Time", "Asia/Tokyo"),
    ("Turkey Standard Time", "Europe/Istanbul"),
    ("US Mountain Standard Time", "America/Phoenix"),
    ("UTC", "UTC"),
    ("W. Australia Standard Time", "Australia/Perth"),
    ("W. Europe Standard Time", "Europe/Berlin"),
];

/// The zones that a file can name.
pub(super) struct Zones<'a> {
    calendar: &'a str,
    /// Names that the file itself explains.
    own: BTreeMap<String, String>,
}

impl<'a> Zones<'a> {
    /// - `calendar`: the calendar's zone, in which wall times without a zone are read.
    /// - `lines`: the file, whose VTIMEZONEs may say which zone they are by `X-LIC-LOCATION`.
    pub(super) fn new(calendar: &'a str, lines: &[Line]) -> Self {
        let (mut own, mut named) = (BTreeMap::new(), None);
        for line in lines {
            match line.name.as_str() {
                "BEGIN" | "END" if line.says(&line.name, "VTIMEZONE") => named = None,
                "TZID" => named = Some(line.value.trim().to_owned()),
                "X-LIC-LOCATION" => {
                    own.extend(named.take().zip(is_zone(line.value.trim())));
                }
                _ => {}
            }
        }
        Self { calendar, own }
    }

    pub(super) fn calendar(&self) -> &str {
        self.calendar
    }

    /// The IANA name of what a file names.
    pub(super) fn named(&self, name: &str) -> Option<String> {
        let windows = WINDOWS.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name));
        is_zone(name).or_else(|| self.own.get(name).cloned()).or_else(|| windows.map(|(_, zone)| (*zone).to_owned()))
    }
}
