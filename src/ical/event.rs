//! One VEVENT.

use remit_domain::{DateTime, text};

use super::{IcalError, lines::Line, moment::Moment, repeat::repeated, zones::Zones};

/// An event as it is written, with the lines that say when.
#[derive(Debug)]
pub(super) struct Event<'a> {
    begin: &'a Line,
    lines: Vec<&'a Line>,
}

/// How long an event lasts, in wall time.
type Length = std::time::Duration;

const DAY: Length = Length::from_secs(86_400);

impl<'a> Event<'a> {
    pub(super) fn new(begin: &'a Line, lines: Vec<&'a Line>) -> Self {
        Self { begin, lines }
    }

    /// Where it begins in the file.
    pub(super) fn line(&self) -> usize {
        self.begin.number
    }

    fn all(&self, name: &'static str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().copied().filter(move |line| line.name == name)
    }

    /// The one line of a name.
    fn one(&self, name: &'static str) -> Result<Option<&'a Line>, IcalError> {
        let mut found = self.all(name);
        match (found.next(), found.next()) {
            (_, Some(second)) => Err(second.error(format!("a second {name} in one event"))),
            (first, None) => Ok(first),
        }
    }

    /// What it is called; an event without a name is `Closed`.
    pub(super) fn name(&self) -> Result<String, IcalError> {
        let Some(line) = self.one("SUMMARY")? else { return Ok("Closed".into()) };
        let name = line.text();
        if name.is_empty() {
            return Ok("Closed".into());
        }
        text::named(&name, text::NAME_MAX).map_err(|error| line.error(format!("SUMMARY {error}")))?;
        Ok(name)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.lines.iter().any(|line| line.says("STATUS", "CANCELLED"))
    }

    /// Whether it takes up no time in its owner's day.
    pub(super) fn is_free(&self) -> bool {
        self.lines.iter().any(|line| line.says("TRANSP", "TRANSPARENT"))
    }

    /// Whether its description begins with the word by which Google marks a day that nobody has off.
    pub(super) fn is_observance(&self) -> bool {
        self.all("DESCRIPTION").any(|line| line.text().starts_with("Observance"))
    }

    pub(super) fn uid(&self) -> Option<&'a str> {
        self.all("UID").map(|line| line.value.trim()).next()
    }

    /// The time of a repeated event in whose place this one stands.
    pub(super) fn replaces(&self, zones: &Zones<'_>) -> Result<Option<Moment>, IcalError> {
        self.one("RECURRENCE-ID")?.map(|line| Moment::one(line, zones)).transpose()
    }

    pub(super) fn start(&self, zones: &Zones<'_>) -> Result<Moment, IcalError> {
        let line = self.one("DTSTART")?.ok_or_else(|| self.begin.error("the event has no DTSTART"))?;
        Moment::one(line, zones)
    }

    /// How long it lasts: until DTEND, for DURATION, else a day where it is a day, else no time.
    pub(super) fn length(&self, start: &Moment, zones: &Zones<'_>) -> Result<Length, IcalError> {
        let usual = if start.is_day() { DAY } else { Length::ZERO };
        match (self.one("DTEND")?, self.one("DURATION")?) {
            (Some(_), Some(line)) => Err(line.error("an event has DTEND or DURATION, not both")),
            (None, None) => Ok(usual),
            (None, Some(line)) => duration(line).map(|length| length.max(usual)),
            (Some(line), None) => {
                let end = Moment::one(line, zones)?;
                if end.is_day() != start.is_day() {
                    return Err(line.error("DTSTART and DTEND must both be dates or both be times"));
                }
                let wall = start.zone.as_deref().map_or(end.wall, |zone| end.wall_in(zone));
                let length = Length::try_from(wall.duration_since(start.wall));
                // Some programs end a day on itself.
                length.map(|length| length.max(usual)).map_err(|_| line.error("it ends before it begins"))
            }
        }
    }

    /// The wall times at which it begins until some wall time, in the zone of its start.
    ///
    /// - `replaced`: times at which other events stand in its place.
    pub(super) fn starts(
        &self,
        start: &Moment,
        until: DateTime,
        replaced: &[&Moment],
        zones: &Zones<'_>,
    ) -> Result<Vec<DateTime>, IcalError> {
        if let Some(line) = self.all("EXRULE").next() {
            return Err(line.error("EXRULE is no longer part of iCalendar: say the dates by EXDATE"));
        }
        let mut found = vec![start.wall];
        if let Some(rule) = self.one("RRULE")? {
            found.extend(repeated(rule, start, until, zones)?);
        }
        let zone = start.zone.as_deref().unwrap_or_else(|| zones.calendar());
        for line in self.all("RDATE") {
            found.extend(Moment::all(line, zones)?.iter().map(|moment| moment.wall_in(zone)));
        }
        let mut out: Vec<Moment> = replaced.iter().map(|moment| (*moment).clone()).collect();
        for line in self.all("EXDATE") {
            out.extend(Moment::all(line, zones)?);
        }
        let is_out = |wall: &DateTime| out.iter().any(|moment| is_at(*wall, start, moment, zone));
        found.retain(|wall| *wall <= until && !is_out(wall));
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}

/// Whether a moment names a beginning; where either is a day, by its date.
fn is_at(wall: DateTime, start: &Moment, moment: &Moment, zone: &str) -> bool {
    let named = moment.wall_in(zone);
    if start.is_day() || moment.is_day() { named.date() == wall.date() } else { named == wall }
}

/// Reads `P1D`, `P2W`, `PT4H30M`.
fn duration(line: &Line) -> Result<Length, IcalError> {
    let bad = || line.error(format!("{:?} is no duration such as P1D or PT4H", line.value));
    let text = line.value.trim().trim_start_matches('+');
    let mut seconds: u64 = 0;
    let mut number = String::new();
    for letter in text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or_else(bad)?.chars() {
        let worth = match letter {
            'T' if number.is_empty() => continue,
            'W' => 7 * 86_400,
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            digit if digit.is_ascii_digit() && number.len() < 6 => {
                number.push(digit);
                continue;
            }
            _ => return Err(bad()),
        };
        seconds += worth * number.parse::<u64>().map_err(|_| bad())?;
        number.clear();
    }
    if number.is_empty() { Ok(Length::from_secs(seconds)) } else { Err(bad()) }
}
