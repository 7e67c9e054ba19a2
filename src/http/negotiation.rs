//! In which form a request comes and its answer goes.

use axum::http::{HeaderMap, HeaderValue, header};

/// The forms of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `application/graphql-response+json`: the status says whether the request was executed.
    GraphqlResponse,
    /// `application/json`: a well-formed request is answered 200 whatever became of it.
    Json,
}

impl Form {
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    /// The form that the caller likes best; none when it takes neither. One that says nothing takes plain JSON.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        let mut says_nothing = true;
        for Range { kind, weight, readable } in ranges(headers) {
            says_nothing = false;
            let form = match kind.as_str() {
                "application/graphql-response+json" => Self::GraphqlResponse,
                "application/json" | "application/*" | "*/*" => Self::Json,
                _ => continue,
            };
            if readable && weight > 0.0 && best.is_none_or(|(found, _)| weight > found) {
                best = Some((weight, form));
            }
        }
        if says_nothing {
            return Some(Self::Json);
        }
        best.map(|(_, form)| form)
    }
}

/// Whether the caller takes an answer as an event stream. Whoever takes that at all is given it: it is named for nothing else.
pub(super) fn takes_events(headers: &HeaderMap) -> bool {
    ranges(headers).any(|Range { kind, weight, readable }| kind == "text/event-stream" && readable && weight > 0.0)
}

/// What a caller takes.
struct Range {
    /// In lower case.
    kind: String,
    weight: f32,
    /// Whether it is UTF-8, as all answers are.
    readable: bool,
}

fn ranges(headers: &HeaderMap) -> impl Iterator<Item = Range> {
    let ranges = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    ranges.flat_map(|value| value.split(',')).map(str::trim).filter(|range| !range.is_empty()).map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut range = Range { kind, weight: 1.0, readable: true };
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => range.weight = value.trim().parse().unwrap_or(0.0),
                "charset" => range.readable = value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"),
                _ => {}
            }
        }
        range
    })
}

/// Whether a body is JSON in UTF-8, as its sender says. Forms and plain text are not, so no page of another site can
/// send one without asking first.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let mut parts = value.split(';').map(str::trim);
    let json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &header::HeaderName, value: Option<&str>) -> HeaderMap {
        value.into_iter().map(|value| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn the_form_follows_the_accept_header() {
        use Form::{GraphqlResponse, Json};
        for (accept, form) in [
            (None, Some(Json)),
            (Some("*/*"), Some(Json)),
            (Some("application/*"), Some(Json)),
            (Some("application/json"), Some(Json)),
            (Some("application/json; charset=utf-8"), Some(Json)),
            (Some("application/graphql-response+json"), Some(GraphqlResponse)),
            (Some("application/graphql-response+json, application/json;q=0.9"), Some(GraphqlResponse)),
            (Some("application/json, application/graphql-response+json;q=0.5"), Some(Json)),
            (Some("text/html, */*;q=0.1"), Some(Json)),
            (Some("text/html"), None),
            (Some("application/json;q=0"), None),
            (Some("application/json; charset=latin-1"), None),
        ] {
            assert_eq!(Form::accepted(&headers(&header::ACCEPT, accept)), form, "{accept:?}");
        }
    }

    #[test]
    fn an_event_stream_is_asked_for_by_name() {
        for (accept, wanted) in [
            ("text/event-stream", true),
            ("Text/Event-Stream; charset=utf-8", true),
            ("application/json, text/event-stream;q=0.9", true),
            ("application/json, text/event-stream;q=0", false),
            ("text/event-stream; charset=latin-1", false),
            ("*/*", false),
            ("text/*", false),
            ("application/json", false),
        ] {
            assert_eq!(takes_events(&headers(&header::ACCEPT, Some(accept))), wanted, "{accept}");
        }
    }

    #[test]
    fn only_json_in_utf8_is_a_body() {
        for (kind, taken) in [
            (Some("application/json"), true),
            (Some("Application/JSON; charset=UTF-8"), true),
            (Some("application/json; charset=latin-1"), false),
            (Some("text/plain"), false),
            (Some("application/x-www-form-urlencoded"), false),
            (None, false),
        ] {
            assert_eq!(is_json(&headers(&header::CONTENT_TYPE, kind)), taken, "{kind:?}");
        }
    }
}
