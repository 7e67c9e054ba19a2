//! Which events a webhook gets.

/// The most characters of a filter.
const FILTER_MAX: usize = 64;

/// Whether a text names events: `terms.activated` one of them, `terms.*` all of `terms`.
#[must_use]
pub fn is_filter(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let Some((subject, what)) = text.split_once('.') else { return false };
    text.len() <= FILTER_MAX && word(subject) && (what == "*" || word(what))
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
        for text in ["", "*", "terms", "terms.", ".activated", "terms.act*", "*.activated", "a.b.c", "t.é"] {
            assert!(!is_filter(text), "{text}");
        }
        assert!(!is_filter(&format!("terms.{}", "x".repeat(64))));
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
