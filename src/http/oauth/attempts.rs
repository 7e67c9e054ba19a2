//! Failed attempts to get a token: how many are answered before whoever fails has to wait.
//!
//! No secret is found by trying; what this keeps off is the load, and a log full of it. An attempt is counted for the
//! address it came from and for the API client it named. Where an API client got a token from the same address lately it
//! is not held back, so that nobody shuts it out by failing in its name.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

use quick_cache::sync::Cache;

use crate::auth::ApiClientId;

/// How many addresses and API clients are remembered, the least active forgotten first.
const REMEMBERED: usize = 16 * 1024;
/// How long a success is remembered, in seconds: as long as a token holds at most.
const TRUSTED_SECONDS: i64 = 86_400;

/// How many failures may come at once, and how many seconds give one back.
#[derive(Clone, Copy)]
struct Allowance {
    burst: f64,
    seconds_each: f64,
}

/// Ten at once, then ten a minute: a person mending a configuration never meets it.
const OF_CLIENT: Allowance = Allowance { burst: 10.0, seconds_each: 6.0 };
/// Thirty at once, then thirty a minute: several API clients may share an address.
const OF_ADDRESS: Allowance = Allowance { burst: 30.0, seconds_each: 2.0 };

/// Who fails.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Who {
    Client(ApiClientId),
    /// None: the connection does not say.
    Address(Option<IpAddr>),
}

/// What is left of an allowance.
#[derive(Clone, Copy, Debug)]
struct Left {
    failures: f64,
    at: i64,
}

/// Failed attempts, and successes, as far as they are remembered.
#[derive(Debug)]
pub(crate) struct Attempts {
    failed: Cache<Who, Arc<Mutex<Left>>>,
    succeeded: Cache<(ApiClientId, Option<IpAddr>), i64>,
}

impl Default for Attempts {
    fn default() -> Self {
        Self { failed: Cache::new(REMEMBERED), succeeded: Cache::new(REMEMBERED) }
    }
}

impl Attempts {
    /// Whether an attempt is answered now.
    ///
    /// - `client`: whose name it is made in, if that can be one.
    /// - `now`: unix seconds.
    ///
    /// # Errors
    /// After how many seconds it would be.
    pub(super) fn admit(&self, client: Option<&ApiClientId>, address: Option<IpAddr>, now: i64) -> Result<(), u64> {
        let address = address.map(network);
        let lately = |at: i64| now.abs_diff(at) < TRUSTED_SECONDS.unsigned_abs();
        if client.is_some_and(|id| self.succeeded.get(&(id.clone(), address)).is_some_and(lately)) {
            return Ok(());
        }
        let of_client = client.map(|id| self.wait(&Who::Client(id.clone()), OF_CLIENT, now)).unwrap_or_default();
        let wait = self.wait(&Who::Address(address), OF_ADDRESS, now).max(of_client);
        if wait == 0 { Ok(()) } else { Err(wait) }
    }

    /// Counts a failure.
    pub(super) fn failed(&self, client: Option<&ApiClientId>, address: Option<IpAddr>, now: i64) {
        self.count(&Who::Address(address.map(network)), OF_ADDRESS, now);
        if let Some(id) = client {
            self.count(&Who::Client(id.clone()), OF_CLIENT, now);
        }
    }

    /// Remembers a success.
    pub(super) fn succeeded(&self, client: ApiClientId, address: Option<IpAddr>, now: i64) {
        self.succeeded.insert((client, address.map(network)), now);
    }

    /// After how many seconds one more failure is allowed; 0: now.
    fn wait(&self, who: &Who, allowance: Allowance, now: i64) -> u64 {
        let Some(left) = self.failed.get(who) else { return 0 };
        let left = left.lock().unwrap_or_else(PoisonError::into_inner).at(allowance, now);
        let lacking = (1.0 - left.failures).max(0.0);
        (lacking * allowance.seconds_each).ceil() as u64
    }

    fn count(&self, who: &Who, allowance: Allowance, now: i64) {
        let fresh = || Ok::<_, Infallible>(Arc::new(Mutex::new(Left { failures: allowance.burst, at: now })));
        let Ok(left) = self.failed.get_or_insert_with(who, fresh);
        let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.at(allowance, now);
        left.failures = (left.failures - 1.0).max(0.0);
    }
}

impl Left {
    /// What is left at an instant. A clock that was set back gives nothing back.
    fn at(self, allowance: Allowance, now: i64) -> Self {
        let passed = now.saturating_sub(self.at).max(0) as f64;
        Self { failures: (self.failures + passed / allowance.seconds_each).min(allowance.burst), at: now }
    }
}

/// Whom an address belongs to, as far as it tells: of IPv6 a whole /64, which everybody has to themselves.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn id(text: &str) -> ApiClientId {
        text.parse().unwrap()
    }

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn whoever_fails_too_often_waits_for_the_next_attempt() {
        let (attempts, psa) = (Attempts::default(), id("acme.psa"));
        let from = address("192.0.2.1");
        for _ in 0..10 {
            assert_eq!(attempts.admit(Some(&psa), from, NOW), Ok(()));
            attempts.failed(Some(&psa), from, NOW);
        }
        assert_eq!(attempts.admit(Some(&psa), from, NOW), Err(6));
        assert_eq!(attempts.admit(Some(&psa), from, NOW + 2), Err(4));
        assert_eq!(attempts.admit(Some(&psa), from, NOW + 6), Ok(()));
        attempts.failed(Some(&psa), from, NOW + 6);
        assert_eq!(attempts.admit(Some(&psa), from, NOW + 6), Err(6));
        assert_eq!(attempts.admit(Some(&psa), from, NOW - 100), Err(6), "a clock set back gives nothing back");
        assert_eq!(attempts.admit(Some(&id("acme.crm")), from, NOW + 6), Ok(()), "another API client");
        assert_eq!(attempts.admit(Some(&id("zenith.psa")), from, NOW + 6), Ok(()), "another provider's");
    }

    #[test]
    fn an_address_that_tries_many_names_waits_too() {
        let attempts = Attempts::default();
        let from = address("2001:db8::1");
        for n in 0..30 {
            attempts.failed(Some(&id(&format!("acme.c{n}"))), from, NOW);
        }
        assert_eq!(attempts.admit(Some(&id("acme.new")), from, NOW), Err(2));
        assert_eq!(attempts.admit(None, address("2001:db8::ffff:2"), NOW), Err(2), "its neighbour is itself");
        assert_eq!(attempts.admit(None, address("2001:db8:0:1::1"), NOW), Ok(()));
        assert_eq!(attempts.admit(None, None, NOW), Ok(()));
    }

    #[test]
    fn nobody_is_shut_out_by_failures_in_their_name() {
        let (attempts, psa) = (Attempts::default(), id("acme.psa"));
        let (home, attacker) = (address("192.0.2.1"), address("198.51.100.9"));
        attempts.succeeded(psa.clone(), home, NOW);
        for _ in 0..50 {
            attempts.failed(Some(&psa), attacker, NOW);
            attempts.failed(None, home, NOW);
        }
        assert!(attempts.admit(Some(&psa), attacker, NOW).is_err() && attempts.admit(None, home, NOW).is_err());
        assert_eq!(attempts.admit(Some(&psa), home, NOW + 86_399), Ok(()));
        attempts.failed(Some(&psa), attacker, NOW + 86_400);
        assert_eq!(attempts.admit(Some(&id("acme.crm")), home, NOW), Err(2), "the trust is that client's alone");
    }
}
