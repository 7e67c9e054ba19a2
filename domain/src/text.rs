//! Bounded texts: what people and systems write into an agreement.

use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::time::by_text;

/// The most characters a code has.
pub const CODE_MAX: usize = 64;
/// The most characters a name or title has.
pub const NAME_MAX: usize = 200;
/// The most characters a clause's text has.
pub const CLAUSE_MAX: usize = 10_000;

/// Why a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but blanks where something must be said.
    #[error("must not be empty")]
    Empty,
    /// More characters than the place has.
    #[error("has {found} characters, at most {max} are taken")]
    TooLong {
        /// How many there are.
        found: usize,
        /// How many are taken.
        max: usize,
    },
    /// A control character, or one with a meaning of its own that nobody sees.
    #[error("holds the control character U+{0:04X}")]
    Control(u32),
    /// Blanks around a code, which nobody would find again.
    #[error("begins or ends with a blank")]
    Padded,
}

/// What an object is called by other systems: 1 to 64 visible characters, unique per provider and type, never changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(Arc<str>);

impl Code {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = TextError;
    fn from_str(text: &str) -> Result<Self, TextError> {
        named(text, CODE_MAX)?;
        if text.trim() != text {
            return Err(TextError::Padded);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for Code {
    fn borrow(&self) -> &str {
        &self.0
    }
}

by_text!(Code);

/// Holds a one-line text that must say something to `max` characters.
///
/// # Errors
/// [`TextError`] when it is blank, longer, or has control characters.
pub fn named(text: &str, max: usize) -> Result<(), TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    bounded(text, max, &[])
}

/// Holds a text of several lines, which may be empty, to `max` characters.
///
/// # Errors
/// [`TextError`] when it is longer or has control characters other than line breaks and tabs.
pub fn prose(text: &str, max: usize) -> Result<(), TextError> {
    bounded(text, max, &['\n', '\r', '\t'])
}

/// A text as it is compared where people write the same in other capitals or with other blanks.
#[must_use]
pub fn folded(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn bounded(text: &str, max: usize, allowed: &[char]) -> Result<(), TextError> {
    let found = text.chars().count();
    if found > max {
        return Err(TextError::TooLong { found, max });
    }
    match text.chars().find(|c| c.is_control() && !allowed.contains(c)) {
        Some(control) => Err(TextError::Control(control.into())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_short_visible_and_unpadded() {
        for good in ["SRV-1", "Ärger 7", "x", &"y".repeat(64)] {
            assert_eq!(good.parse::<Code>().map(|c| c.to_string()), Ok(good.to_owned()));
        }
        for (bad, error) in [
            ("", TextError::Empty),
            ("   ", TextError::Empty),
            (" a", TextError::Padded),
            ("a\0b", TextError::Control(0)),
            ("a\nb", TextError::Control(10)),
            (&"z".repeat(10_000), TextError::TooLong { found: 10_000, max: 64 }),
        ] {
            assert_eq!(bad.parse::<Code>(), Err(error));
        }
    }

    #[test]
    fn capitals_and_blanks_make_no_difference() {
        assert_eq!(folded("  Microsoft\t365  MAIL "), folded("microsoft 365 mail"));
        assert_ne!(folded("mail 1"), folded("mail1"));
    }

    #[test]
    fn prose_has_lines_and_may_be_empty() {
        assert_eq!(prose("", 10), Ok(()));
        assert_eq!(prose("a\nb\tc", 10), Ok(()));
        assert_eq!(prose("a\u{7}", 10), Err(TextError::Control(7)));
    }
}
