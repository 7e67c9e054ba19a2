//! Of which shares of a clock's time the feed tells.

use std::{collections::BTreeSet, str::FromStr};

/// The most shares that are told of.
const SHARES_MAX: usize = 10;

/// Shares of a clock's time in percent, rising.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warnings(Vec<u8>);

impl Warnings {
    /// The shares.
    #[must_use]
    pub fn percentages(&self) -> &[u8] {
        &self.0
    }
}

/// The text is no such list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("up to {SHARES_MAX} whole percentages from 1 to 99 with commas between, such as 50,75,90, or none")]
pub struct WarningsError;

impl FromStr for Warnings {
    type Err = WarningsError;

    fn from_str(text: &str) -> Result<Self, WarningsError> {
        if text == "none" {
            return Ok(Self(Vec::new()));
        }
        let share = |part: &str| {
            let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u8>().ok().filter(|share| plain && (1..=99).contains(share)).ok_or(WarningsError)
        };
        let shares = text.split(',').map(|part| share(part.trim())).collect::<Result<BTreeSet<u8>, _>>()?;
        if shares.len() > SHARES_MAX { Err(WarningsError) } else { Ok(Self(shares.into_iter().collect())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_whole_percentages() {
        for (text, shares) in [("50,75,90", &[50, 75, 90][..]), ("none", &[]), ("99, 1,50,50", &[1, 50, 99])] {
            assert_eq!(text.parse::<Warnings>().unwrap().percentages(), shares);
        }
        for text in ["", "0", "100", "50,", "+50", "fifty", "50;75", "1,2,3,4,5,6,7,8,9,10,11", "None", "999"] {
            assert_eq!(text.parse::<Warnings>(), Err(WarningsError), "{text}");
        }
    }
}
