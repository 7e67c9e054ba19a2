//! What may be spent in a minute, by a token and by a provider.
//!
//! A budget holds a minute's worth and fills evenly. It counts on this server alone: of several, each lets through its own.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use remit_domain::Timestamp;

use super::Refused;
use crate::auth::Caller;

/// How many budgets are remembered before whole ones are forgotten.
const REMEMBERED: usize = 10_000;

/// A minute in microseconds.
const MINUTE: i64 = 60_000_000;

/// What is left of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BudgetState {
    /// What may be spent at once.
    pub(crate) remaining: u64,
    /// When the budget is whole again.
    pub(crate) resets: Timestamp,
}

/// One kind of budget, for all whom it is kept for.
#[derive(Debug)]
struct Budget {
    whole: u64,
    spent: Mutex<HashMap<String, Spent>>,
}

/// What one had spent, and when that was so, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Spent {
    cost: u64,
    at: i64,
}

impl Spent {
    /// What of it has not come back by now.
    fn now(self, whole: u64, now: i64) -> u64 {
        let passed = now.saturating_sub(self.at).clamp(0, MINUTE);
        let back = u128::from(whole) * u128::from(passed.unsigned_abs()) / u128::from(MINUTE.unsigned_abs());
        self.cost.saturating_sub(u64::try_from(back).unwrap_or(u64::MAX))
    }
}

impl Budget {
    fn new(whole: u64) -> Self {
        Self { whole, spent: Mutex::default() }
    }

    /// Takes a cost, or says after how many seconds it can be taken. What costs more than the whole is taken from a
    /// whole budget, and empties it.
    fn take(&self, name: &str, cost: u64, now: i64) -> Result<(), u64> {
        let mut all = self.spent();
        if all.len() >= REMEMBERED {
            all.retain(|_, spent| spent.now(self.whole, now) > 0);
        }
        let known = all.get(name).copied();
        // A request may be late to spend: what had come back by its time has come back once.
        let now = known.map_or(now, |known| now.max(known.at));
        let spent = known.map_or(0, |known| known.now(self.whole, now));
        let cost = cost.min(self.whole);
        let over = spent.saturating_add(cost).saturating_sub(self.whole);
        if over > 0 {
            let wait = u128::from(over) * 60 / u128::from(self.whole.max(1));
            return Err(u64::try_from(wait).unwrap_or(60) + 1);
        }
        all.insert(name.to_owned(), Spent { cost: spent + cost, at: now });
        Ok(())
    }

    /// Gives back what was taken for a cost and not used.
    fn give_back(&self, name: &str, cost: u64, used: u64) {
        let unused = cost.min(self.whole).saturating_sub(used);
        if let Some(spent) = self.spent().get_mut(name) {
            spent.cost = spent.cost.saturating_sub(unused);
        }
    }

    /// What is left, and in how many microseconds it is whole.
    fn state(&self, name: &str, now: i64) -> (u64, u64) {
        let spent = self.spent().get(name).map_or(0, |spent| spent.now(self.whole, now));
        let wait = u128::from(spent) * u128::from(MINUTE.unsigned_abs()) / u128::from(self.whole.max(1));
        (self.whole.saturating_sub(spent), u64::try_from(wait).unwrap_or_default())
    }

    /// What a holder of the lock left is whole: nothing in between can fail.
    fn spent(&self) -> MutexGuard<'_, HashMap<String, Spent>> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Both budgets of a request.
#[derive(Debug)]
pub(super) struct Budgets {
    tokens: Option<Budget>,
    providers: Option<Budget>,
}

impl Budgets {
    pub(super) fn new(token: Option<u64>, provider: Option<u64>) -> Self {
        Self { tokens: token.map(Budget::new), providers: provider.map(Budget::new) }
    }

    pub(super) fn take(&self, caller: &Caller, cost: u64, now: Timestamp) -> Result<(), Refused> {
        let now = now.as_microsecond();
        if let Some(tokens) = &self.tokens {
            tokens.take(&token(caller), cost, now).map_err(|wait| spent("token", wait))?;
        }
        if let Some(providers) = &self.providers
            && let Err(wait) = providers.take(caller.provider().as_str(), cost, now)
        {
            if let Some(tokens) = &self.tokens {
                tokens.give_back(&token(caller), cost, 0);
            }
            return Err(spent("provider", wait));
        }
        Ok(())
    }

    pub(super) fn give_back(&self, caller: &Caller, cost: u64, used: u64) {
        if let Some(tokens) = &self.tokens {
            tokens.give_back(&token(caller), cost, used);
        }
        if let Some(providers) = &self.providers {
            providers.give_back(caller.provider().as_str(), cost, used);
        }
    }

    /// The state of the budget that has less left.
    pub(super) fn state(&self, caller: &Caller, now: Timestamp) -> Option<BudgetState> {
        let micros = now.as_microsecond();
        let token = self.tokens.as_ref().map(|tokens| tokens.state(&token(caller), micros));
        let provider = self.providers.as_ref().map(|providers| providers.state(caller.provider().as_str(), micros));
        let (remaining, wait) = token.into_iter().chain(provider).min()?;
        let resets = Timestamp::from_microsecond(micros.saturating_add_unsigned(wait)).unwrap_or(now);
        Some(BudgetState { remaining, resets })
    }
}

/// What a token's budget is called: its own id where it has one, else whose it is.
fn token(caller: &Caller) -> String {
    let provider = caller.provider().as_str();
    match caller.jti() {
        Some(jti) => format!("{provider} {jti}"),
        None => format!("{provider} {} {}", caller.client_id(), caller.subject()),
    }
}

fn spent(whose: &str, wait: u64) -> Refused {
    Refused { message: format!("The budget of this {whose} is spent; come back in {wait} s."), retry_after: wait }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_fills_evenly() {
        let budget = Budget::new(600);
        assert_eq!(budget.take("a", 500, 0), Ok(()));
        assert_eq!(budget.take("a", 200, 0), Err(11), "100 more than there is, 10 a second");
        assert_eq!(budget.take("b", 600, 0), Ok(()), "another's is its own");
        assert_eq!(budget.state("a", 0), (100, 50_000_000));
        assert_eq!(budget.take("a", 200, 10_000_000), Ok(()));
        assert_eq!(budget.state("a", 10_000_000), (0, 60_000_000));
        assert_eq!(budget.state("a", 70_000_000), (600, 0));
        budget.give_back("a", 200, 50);
        assert_eq!(budget.state("a", 10_000_000), (150, 45_000_000));
    }

    #[test]
    fn what_costs_more_than_all_empties_a_whole_budget() {
        let budget = Budget::new(60);
        assert_eq!(budget.take("a", u64::MAX, 0), Ok(()));
        assert_eq!(budget.take("a", u64::MAX, 30_000_000), Err(31));
        assert_eq!(budget.take("a", u64::MAX, 60_000_000), Ok(()));
        budget.give_back("a", u64::MAX, 70);
        assert_eq!(budget.state("a", 60_000_000).0, 0, "it came to more than all");
        budget.give_back("a", 100, 20);
        assert_eq!(budget.state("a", 60_000_000).0, 40, "no more comes back than was taken");
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let budget = Budget::new(60);
        assert_eq!(budget.take("a", 60, 60_000_000), Ok(()));
        assert_eq!(budget.take("a", 1, 0), Err(2));
        assert_eq!(budget.take("b", 30, 60_000_000), Ok(()));
        assert_eq!(budget.take("b", 1, 0), Ok(()));
        assert_eq!(budget.state("b", 60_000_000).0, 29);
    }

    #[test]
    fn whole_budgets_are_forgotten() {
        let budget = Budget::new(60);
        for n in 0..REMEMBERED {
            budget.take(&n.to_string(), 1, 0).unwrap();
        }
        budget.take("last", 1, 60_000_000).unwrap();
        assert_eq!(budget.spent().len(), 1);
    }
}
