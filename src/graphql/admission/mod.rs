//! Who may ask now: what a token and a provider may spend, and whose turn it is.

mod budget;
mod crowd;
mod fair;

use remit_domain::Timestamp;

pub(crate) use budget::BudgetState;
use budget::Budgets;
use crowd::{Bystander, Crowd};
pub(crate) use fair::Turn;
use fair::{Fair, Full};

use crate::auth::Caller;

/// What is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmissionRules {
    /// What the requests of one token may cost in a minute; none: as much as they like.
    pub token_budget: Option<u64>,
    /// What all requests of one provider may cost in a minute; none: as much as they like.
    pub provider_budget: Option<u64>,
    /// How many requests run at once: 16, small ones counted half and large ones twice. More would not be done sooner on a few
    /// cores, and each holds memory; small ones hold little, and the more there are, the more of them share a statement.
    pub running: usize,
    /// How many requests of one provider wait for their turn: 512, which a server works off in about a second. Half as many
    /// more may wait for changes: one change wakes them all, and leaves others room.
    pub waiting: usize,
}

impl Default for AdmissionRules {
    fn default() -> Self {
        Self { token_budget: None, provider_budget: None, running: 16, waiting: 512 }
    }
}

/// A request was not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Why, for the caller.
    pub(crate) message: String,
    /// After how many seconds it may be let in.
    pub(crate) retry_after: u64,
}

/// Lets requests in.
#[derive(Debug)]
pub(crate) struct Admission {
    budgets: Budgets,
    fair: Fair,
    crowd: Crowd,
}

impl Admission {
    pub(crate) fn new(rules: &AdmissionRules) -> Self {
        let budgets = Budgets::new(rules.token_budget, rules.provider_budget);
        Self { budgets, fair: Fair::new(rules.running, rules.waiting), crowd: Crowd::new(rules.waiting.div_ceil(2)) }
    }

    /// Takes a cost from the budgets, or says when it can be taken.
    ///
    /// # Errors
    /// [`Refused`] when a budget has too little left.
    pub(crate) fn spend(&self, caller: &Caller, cost: u64, now: Timestamp) -> Result<(), Refused> {
        self.budgets.take(caller, cost, now)
    }

    /// Gives back what was taken for a cost and not used.
    pub(crate) fn give_back(&self, caller: &Caller, cost: u64, used: u64) {
        self.budgets.give_back(caller, cost, used);
    }

    /// What is left of the narrower budget; none if there is none.
    pub(crate) fn state(&self, caller: &Caller, now: Timestamp) -> Option<BudgetState> {
        self.budgets.state(caller, now)
    }

    /// Waits for a turn. Providers take turns by what theirs have cost, so that one that floods waits for itself.
    ///
    /// # Errors
    /// [`Refused`] when as many of its requests wait already as may.
    pub(crate) async fn turn(&self, caller: &Caller, cost: u64) -> Result<Turn, Refused> {
        let message = || "Too many requests of this provider are waiting; come back in a second.".to_owned();
        let turn = self.fair.turn(caller.provider().as_str(), cost).await;
        turn.map_err(|Full| Refused { message: message(), retry_after: 1 })
    }

    /// A place among those who wait for what is still to happen.
    ///
    /// # Errors
    /// [`Refused`] when as many of the provider wait already as may.
    pub(crate) fn stand_by(&self, caller: &Caller) -> Result<Bystander, Refused> {
        let message = || "Too many requests of this provider wait for changes; come back in 5 s.".to_owned();
        let found = self.crowd.join(caller.provider().as_str());
        found.ok_or_else(|| Refused { message: message(), retry_after: 5 })
    }

    /// How many requests run, and how many wait.
    pub(crate) fn load(&self) -> (usize, usize) {
        self.fair.load()
    }
}
