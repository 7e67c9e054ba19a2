//! Content lines: folded lines put together, each taken apart into name, parameters and value.
//!
//! Source: RFC 5545, section 3.1.

use super::IcalError;

/// A content line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it begins, counted from 1.
    pub(super) number: usize,
    /// In capitals.
    pub(super) name: String,
    /// Names in capitals, values without quotes.
    parameters: Vec<(String, String)>,
    pub(super) value: String,
}

impl Line {
    /// A parameter's value.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(named, _)| named == name).map(|(_, value)| value.as_str())
    }

    /// Whether the line is of that name and value, in any case.
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        self.name == name && self.value.trim().eq_ignore_ascii_case(value)
    }

    /// The value as text, on one line: escapes read, line breaks made blanks.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut letters = self.value.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some('n' | 'N') => text.push(' '),
                    Some(other) => text.push(other),
                    None => text.push('\\'),
                },
                control if control.is_control() => text.push(' '),
                other => text.push(other),
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// An error on this line.
    pub(super) fn error(&self, problem: impl Into<String>) -> IcalError {
        IcalError { line: self.number, problem: problem.into() }
    }
}

/// The content lines of a text; lines may end in any of the three ways, and a mark of byte order is passed over.
///
/// # Errors
/// [`IcalError`] at the first line that is none.
pub(super) fn lines(text: &str) -> Result<Vec<Line>, IcalError> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let mut unfolded: Vec<(usize, String)> = Vec::new();
    for (number, line) in (1..).zip(text.split('\n')) {
        match (line.strip_prefix([' ', '\t']), unfolded.last_mut()) {
            (Some(rest), Some((_, before))) => before.push_str(rest),
            _ if line.trim().is_empty() => {}
            _ => unfolded.push((number, line.to_owned())),
        }
    }
    unfolded.into_iter().map(|(number, line)| split(number, &line)).collect()
}

fn split(number: usize, line: &str) -> Result<Line, IcalError> {
    let shown: String = line.chars().take(60).collect();
    let bad = || IcalError { line: number, problem: format!("{shown:?} is no line of an iCalendar file, NAME:value") };
    let mut quoted = false;
    let colon = line.find(|letter| {
        quoted ^= letter == '"';
        letter == ':' && !quoted
    });
    let (head, value) = line.split_at(colon.ok_or_else(bad)?);
    let mut parts = outside_quotes(head).into_iter();
    let name = parts.next().filter(|name| is_name(name)).ok_or_else(bad)?.to_ascii_uppercase();
    let parameter = |part: &str| {
        let (name, value) = part.split_once('=').filter(|(name, _)| is_name(name))?;
        Some((name.to_ascii_uppercase(), value.trim_matches('"').to_owned()))
    };
    let parameters = parts.map(parameter).collect::<Option<_>>().ok_or_else(bad)?;
    Ok(Line { number, name, parameters, value: value.strip_prefix(':').unwrap_or_default().to_owned() })
}

/// The parts of a head between semicolons that stand in no quotes.
fn outside_quotes(head: &str) -> Vec<&str> {
    let mut quoted = false;
    head.split(|letter| {
        quoted ^= letter == '"';
        letter == ';' && !quoted
    })
    .collect()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
