//! When a repeated event comes again.

use remit_domain::DateTime;
use rrule::RRuleSet;

use super::{IcalError, lines::Line, moment::Moment, zones::Zones};

/// The most times that one event is taken.
const MOST: u16 = 20_000;

/// The wall times at which a rule makes an event come again until some wall time, in the zone of its start.
///
/// Wall times are counted as if they were UTC, so that nine o'clock stays nine o'clock when the clocks change.
///
/// # Errors
/// [`IcalError`] for a rule that cannot be read, repeats within a day, or never ends counting.
pub(super) fn repeated(
    rule: &Line,
    start: &Moment,
    until: DateTime,
    zones: &Zones<'_>,
) -> Result<Vec<DateTime>, IcalError> {
    if !rule.value.is_ascii() {
        return Err(rule.error("a rule is written in ASCII"));
    }
    let parts: Vec<String> = rule
        .value
        .split(';')
        .filter(|part| !part.trim().is_empty())
        .map(|part| {
            let part = part.trim().to_ascii_uppercase();
            match part.split_once('=') {
                Some(("UNTIL", text)) => Ok(format!("UNTIL={}", last(text, rule, start, zones)?)),
                Some(("FREQ", "SECONDLY" | "MINUTELY" | "HOURLY")) => Err(rule.error("it repeats within a day")),
                Some(("COUNT" | "INTERVAL", "0")) => Err(rule.error(format!("{part} repeats nothing"))),
                _ => Ok(part),
            }
        })
        .collect::<Result<_, _>>()?;
    let text = format!("DTSTART:{}Z\nRRULE:{}", spelled(start.wall), parts.join(";"));
    let set: RRuleSet = text.parse().map_err(|error: rrule::RRuleError| rule.error(error.to_string()))?;
    let Ok(span) = std::time::Duration::try_from(until.duration_since(start.wall)) else { return Ok(Vec::new()) };
    let first = *set.get_dt_start();
    let found = set.before(first + span).all(MOST);
    if found.limited {
        return Err(rule.error("it repeats too often, or never"));
    }
    let later = |at: i64| start.wall.checked_add(std::time::Duration::from_secs(u64::try_from(at).ok()?)).ok();
    Ok(found.dates.iter().filter_map(|date| later(date.timestamp() - first.timestamp())).collect())
}

/// The last wall time that a rule may give, as UTC: the end of the day where it is said as a day.
fn last(text: &str, rule: &Line, start: &Moment, zones: &Zones<'_>) -> Result<String, IcalError> {
    let until = Moment::read(text, rule, zones)?;
    let wall = match (&start.zone, until.is_day()) {
        (_, true) => until.wall.date().at(23, 59, 59, 0),
        (Some(zone), false) => until.wall_in(zone),
        (None, false) => until.wall,
    };
    Ok(format!("{}Z", spelled(wall)))
}

/// `20261224T120000`.
fn spelled(wall: DateTime) -> String {
    wall.to_string().replace(['-', ':'], "")
}
