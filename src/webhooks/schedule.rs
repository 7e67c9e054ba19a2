//! When a message that was not taken is tried again, and when it is given up.

use std::time::Duration;

use aws_lc_rs::rand;

const SECOND: u64 = 1;
const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

/// How long after each failed attempt the next one is made, in seconds: 75 hours and 35 minutes in all.
const DELAYS: [u64; 9] =
    [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// How many attempts a message has.
pub const ATTEMPTS_MOST: u32 = DELAYS.len() as u32 + 1;

/// The fewest attempts of a message that had to wait for others before it: they take two hours and a half.
const ATTEMPTS_LEAST: u32 = 5;

/// How long a message that had to wait is tried.
const AGE_MOST: Duration = Duration::from_secs(72 * HOUR);

/// The longest wait that a receiver can ask for.
const ASKED_MOST: Duration = Duration::from_secs(24 * HOUR);

/// Where in its leeway a delay lies, from none of it to all of it; drawn anew for each, so that receivers that were down
/// are not called by everybody at one instant.
#[derive(Clone, Copy, Debug)]
pub struct Jitter(pub u8);

impl Jitter {
    /// One of the system's randomness; where that fails, none.
    #[must_use]
    pub fn draw() -> Self {
        let mut byte = [0];
        // A delay without leeway is as good as any.
        rand::fill(&mut byte).ok();
        Self(byte[0])
    }
}

/// How long to wait for the next attempt; none: the message is given up.
///
/// The delay is up to a fifth longer than planned, by `jitter`.
///
/// - `failures`: how many attempts failed, the last one counted.
/// - `age`: how long the message has been there. One that waited behind others that were given up had its three days, and
///   has five attempts.
/// - `asked`: how long the receiver asked to be left alone; up to a day it is.
#[must_use]
pub fn retry_after(failures: u32, age: Duration, jitter: Jitter, asked: Option<Duration>) -> Option<Duration> {
    if age >= AGE_MOST && failures >= ATTEMPTS_LEAST {
        return None;
    }
    let place = usize::try_from(failures.checked_sub(1)?).ok()?;
    let planned = Duration::from_secs(*DELAYS.get(place)?);
    let delay = planned + planned * u32::from(jitter.0) / (5 * u32::from(u8::MAX));
    Some(delay.max(asked.unwrap_or_default().min(ASKED_MOST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(failures: u32, age_hours: u64) -> Option<Duration> {
        retry_after(failures, Duration::from_secs(age_hours * HOUR), Jitter(0), None)
    }

    #[test]
    fn a_message_is_tried_ten_times_over_three_days() {
        let mut since = Duration::ZERO;
        let mut attempts = 1;
        while let Some(delay) = retry_after(attempts, since, Jitter(0), None) {
            since += delay;
            attempts += 1;
        }
        assert_eq!((attempts, since.as_secs()), (10, 75 * HOUR + 35 * MINUTE + 5));
    }

    #[test]
    fn a_message_that_had_to_wait_has_five_attempts_at_least() {
        let attempts = |age| (1..).find(|failures| planned(*failures, age).is_none()).unwrap();
        assert_eq!((attempts(0), attempts(71), attempts(72), attempts(10_000)), (10, 10, 5, 5));
        assert_eq!(planned(0, 0), None, "nothing failed");
    }

    #[test]
    fn a_delay_is_up_to_a_fifth_longer() {
        for failures in 1..ATTEMPTS_MOST {
            let [none, half, all] =
                [0, 128, 255].map(|jitter| retry_after(failures, Duration::ZERO, Jitter(jitter), None).unwrap());
            assert_eq!(all, none + none / 5);
            assert!(none < half && half < all);
        }
    }

    #[test]
    fn a_receiver_is_left_alone_for_as_long_as_it_asks_up_to_a_day() {
        let asked =
            |seconds| retry_after(1, Duration::ZERO, Jitter(0), Some(Duration::from_secs(seconds))).unwrap().as_secs();
        assert_eq!((asked(0), asked(5), asked(6), asked(90), asked(u64::MAX)), (5, 5, 6, 90, 24 * HOUR));
    }
}
