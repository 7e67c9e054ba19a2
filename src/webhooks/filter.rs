//! Which events a webhook gets.

/// Every event of the feed.
const EVENTS: &[&str] = &[
    "service.put",
    "tier.put",
    "calendar.put",
    "client.put",
    "agreement.created",
    "agreement.updated",
    "agreement.suspended",
    "agreement.resumed",
    "agreement.terminated",
    "agreement.renewed",
    "agreement.renewalDeclined",
    "terms.drafted",
    "terms.changed",
    "terms.offered",
    "terms.activated",
    "terms.withdrawn",
    "obligation.recorded",
    "obligation.attested",
    "obligation.confirmed",
    "obligation.rejected",
    "agreement.terminable",
    "agreement.watched",
    "outage.recorded",
    "backupRun.recorded",
    "measurement.recorded",
    "outage.deleted",
    "backupRun.deleted",
    "measurement.deleted",
    "ticket.recorded",
    "ticket.deleted",
    "clock.started",
    "clock.paused",
    "clock.resumed",
    "clock.warning",
    "clock.met",
    "clock.breached",
    "clock.cancelled",
    "time.recorded",
    "time.deleted",
    "charge.made",
    "charge.changed",
    "charge.removed",
    "charge.invoiced",
    "charge.released",
    "agreement.hoursPut",
    "period.closed",
];

/// Whether a text names events that there are: `terms.activated` one of them, `terms.*` all of `terms`.
#[must_use]
pub fn is_filter(text: &str) -> bool {
    match text.strip_suffix(".*") {
        Some(subject) => EVENTS.iter().filter_map(|event| event.split_once('.')).any(|(of, _)| of == subject),
        None => EVENTS.contains(&text),
    }
}

/// Whether one of the filters lets an event through; where there is none, every event is.
#[must_use]
pub fn lets_through(filters: &[String], event: &str) -> bool {
    let one = |filter: &String| match filter.strip_suffix('*') {
        Some(subject) => event.starts_with(subject),
        None => filter == event,
    };
    filters.is_empty() || filters.iter().any(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_an_event_or_all_of_a_subject() {
        for text in ["terms.activated", "terms.*", "agreement.renewalDeclined"] {
            assert!(is_filter(text), "{text}");
        }
        for text in [
            "",
            "*",
            "terms",
            "terms.",
            ".activated",
            "terms.act*",
            "*.activated",
            "a.b.c",
            "t.é",
            "nope.*",
            ".*",
            "term.*",
            "terms.gone",
        ] {
            assert!(!is_filter(text), "{text}");
        }
    }

    /// The page lists the events, and no others can be asked for.
    #[test]
    fn the_events_are_those_of_the_page() {
        let page = include_str!("../../docs/rules/feed.md");
        let (_, rest) = page.split_once("## Events").unwrap();
        let (table, _) = rest.split_once("Where the rules leave room").unwrap();
        let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
        let listed: Vec<&str> =
            rows.flat_map(|row| row.split('·')).map(|event| event.trim_matches([' ', '`'])).collect();
        assert_eq!(listed, EVENTS);
    }

    #[test]
    fn a_filter_lets_through_what_it_names() {
        let filters = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        for (texts, event, expected) in [
            (&[][..], "terms.activated", true),
            (&["terms.activated"], "terms.activated", true),
            (&["terms.activated"], "terms.activated_again", false),
            (&["terms.offered", "terms.activated"], "terms.activated", true),
            (&["terms.*"], "terms.withdrawn", true),
            (&["terms.*"], "termsheet.withdrawn", false),
            (&["agreement.*"], "terms.activated", false),
        ] {
            assert_eq!(lets_through(&filters(texts), event), expected, "{texts:?} {event}");
        }
    }
}
