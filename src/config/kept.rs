//! How long something is kept.

use std::{fmt, str::FromStr, time::Duration};

/// A time for which something is kept, from a second to a hundred years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept(Duration);

impl Kept {
    /// The time.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }
}

/// The text is no such time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time is a whole number with s, m, h or d, such as 90d, and at most 36500d")]
pub struct KeptError;

impl FromStr for Kept {
    type Err = KeptError;

    fn from_str(text: &str) -> Result<Self, KeptError> {
        let unit = match text.as_bytes().last() {
            Some(b's') => 1,
            Some(b'm') => 60,
            Some(b'h') => 3600,
            Some(b'd') => 86_400,
            _ => return Err(KeptError),
        };
        let digits = &text[..text.len() - 1];
        let number: u64 = match digits.bytes().all(|byte| byte.is_ascii_digit()) {
            true => digits.parse().map_err(|_| KeptError)?,
            false => return Err(KeptError),
        };
        let seconds = number.checked_mul(unit).filter(|seconds| (1..=36_500 * 86_400).contains(seconds));
        seconds.map(|seconds| Self(Duration::from_secs(seconds))).ok_or(KeptError)
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_with_a_unit() {
        for (text, seconds) in
            [("1s", 1), ("90m", 5400), ("36h", 129_600), ("90d", 7_776_000), ("36500d", 3_153_600_000)]
        {
            assert_eq!(text.parse::<Kept>().unwrap().duration().as_secs(), seconds);
        }
        for text in ["", "d", "0d", "90", "1.5h", "-1d", "+1d", "1w", "36501d", "99999999999999999999d", "1 d", "ä"] {
            assert_eq!(text.parse::<Kept>(), Err(KeptError), "{text}");
        }
    }
}
