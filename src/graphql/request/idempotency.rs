//! What a caller calls a request, so that it can be sent again without harm.

use std::fmt;

use super::RequestError;

/// The most characters of a key.
const KEY_MAX: usize = 255;

/// What a caller calls a request: the header `Idempotency-Key`.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the header: a text in quotes, as the header's draft has it, or the bare text that most clients send.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` when it is no key.
    pub fn read(header: &str) -> Result<Self, RequestError> {
        let text = header.trim();
        let key = match text.strip_prefix('"') {
            Some(quoted) => quoted.strip_suffix('"').and_then(unquoted),
            None => Some(text.to_owned()),
        };
        let key = key
            .filter(|key| (1..=KEY_MAX).contains(&key.len()) && key.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        key.map(Self).ok_or_else(|| {
            RequestError::request("`Idempotency-Key` is a text of 1 to 255 visible characters, such as a UUID.")
        })
    }

    /// The key of one request of a batch.
    #[must_use]
    pub fn at(&self, place: usize) -> Self {
        Self(format!("{}\n{place}", self.0))
    }

    /// The key's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What answers are sealed by is shown nowhere.
impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdempotencyKey(…)")
    }
}

/// The text between quotes: `\"` and `\\` stand for what follows the stroke, and nothing else may be escaped.
fn unquoted(quoted: &str) -> Option<String> {
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.push(characters.next().filter(|next| matches!(next, '"' | '\\'))?),
            '"' => return None,
            other => text.push(other),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_in_quotes_and_without() {
        let long = "k".repeat(255);
        for (header, key) in [
            ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
            ("\"8e03978e\"", "8e03978e"),
            ("  a b ", "a b"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (&long, &long),
        ] {
            assert_eq!(IdempotencyKey::read(header).unwrap().as_str(), key, "{header}");
        }
        for header in ["", "  ", "\"\"", "\"a", "\"a\"b\"", r#""a\b""#, "a\tb", "schlüssel", &"k".repeat(256)] {
            assert!(IdempotencyKey::read(header).is_err(), "{header}");
        }
        assert!(!format!("{:?}", IdempotencyKey::read("secret").unwrap()).contains("secret"));
    }
}
