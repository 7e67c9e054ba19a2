//! What users can do: one function a use case, each with who asks and when.
//!
//! Architecture invariant: no GraphQL, no HTTP, no SQL, no clock. A use case reads what it needs through the store, asks
//! the domain, and writes in one transaction. What the rules or the catalogue refuse is a [`UserError`]; what went wrong
//! underneath is a [`StoreError`].

mod agreed;
mod agreements;
mod calendar_import;
mod calendars;
mod catalogue;
mod changes;
mod clocks;
mod coverage;
mod document;
mod life;
mod names;
mod obligations;
mod open;
mod refusal;
mod terms;
mod tickets;

use std::sync::Arc;

use remit_domain::{Timestamp, calendar::Calendar};

pub use agreed::{Agreed, InForce};
pub use agreements::{CreateAgreement, UpdateAgreement};
pub use calendar_import::{Doing, ImportExceptions, Imported, NewCalendar};
pub use catalogue::{PutCalendar, PutClient, PutService, PutTier};
pub use clocks::ClockTerms;
pub use coverage::{Answer, AskedAgreement, CoverageRequest};
pub use document::{Standing, WantedVersion, document, findings};
pub use life::{DeclineRenewal, Ending, RenewAgreement, current_term, life};
pub use names::Catalogue;
pub use obligations::{JudgeStatus, RecordStatus};
pub use open::AgreementRef;
pub use refusal::{Failure, Outcome, Path, Problems, UserError, UserErrorCode};
pub use terms::{ActivateTerms, DraftTerms, Given, WithdrawTerms};
pub use tickets::{RecordTicket, RecordedTicket};

use crate::{
    auth::Caller,
    store::{CalendarRecord, Scope, Store, StoreError},
};
use calendars::CompiledCalendars;

/// Of how much of a clock's time the feed is told unless the settings say otherwise, in percent.
const WARNINGS: [u8; 3] = [50, 75, 90];

/// The use cases, on a store.
#[derive(Clone, Debug)]
pub struct App {
    store: Store,
    calendars: CompiledCalendars,
    /// Of how much of a clock's time the feed is told, in percent, rising.
    warnings: Arc<[u8]>,
}

/// Who asks, what that caller may touch, and when.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who asks.
    pub caller: Caller,
    /// Whose rows the caller may touch.
    pub scope: Scope,
    /// When.
    pub now: Timestamp,
}

impl App {
    /// The use cases on a store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, calendars: CompiledCalendars::default(), warnings: WARNINGS.into() }
    }

    /// The same, telling of other shares of a clock's time.
    ///
    /// - `percentages`: from 1 to 99, in any order.
    #[must_use]
    pub fn warning_at(mut self, percentages: &[u8]) -> Self {
        let rising: std::collections::BTreeSet<u8> = percentages.iter().copied().collect();
        self.warnings = rising.into_iter().collect();
        self
    }

    /// The store, for reading; what is written goes through a use case.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// A calendar, ready to be asked.
    #[must_use]
    pub fn calendar(&self, record: &CalendarRecord) -> Arc<Calendar> {
        self.calendars.get(record)
    }

    /// Begins to serve a caller.
    ///
    /// # Errors
    /// [`StoreError`] when the caller's client cannot be looked up.
    pub async fn session(&self, caller: Caller, now: Timestamp) -> Result<Session, StoreError> {
        let scope = self.store.scope(&caller).await?;
        Ok(Session { caller, scope, now })
    }
}
