//! What users can do: one function a use case, each with who asks and when.
//!
//! Architecture invariant: no GraphQL, no HTTP, no SQL, no clock. A use case reads what it needs through the store, asks
//! the domain, and writes in one transaction. What the rules or the catalogue refuse is a [`UserError`]; what went wrong
//! underneath is a [`StoreError`].

mod agreed;
mod agreements;
mod api_clients;
mod billing;
mod calendar_import;
mod calendars;
mod catalogue;
mod changes;
mod clocks;
mod commitments;
mod coverage;
mod document;
mod facts;
mod known;
mod life;
mod names;
mod obligations;
mod open;
mod promises;
mod recovery;
mod refusal;
mod revocations;
mod shelf;
mod terms;
mod tickets;
mod webhooks;

use std::sync::Arc;

pub use remit_domain::words::RecordOutcome;
use remit_domain::{Timestamp, calendar::Calendar};
use tokio::sync::Semaphore;

pub use agreed::{Agreed, InForce};
pub use agreements::{CreateAgreement, UpdateAgreement};
pub use api_clients::{NotGranted, PutApiClient, RotateApiClient, TOKEN_SECONDS_MAX, TOKEN_SECONDS_MIN};
pub use billing::{
    ChargeLine, ClosePeriod, EntryResult, MarkInvoiced, NewEntry, PeriodHours, PutPrepaidHours, Quote, RecordEntry,
    RecordItem, ReleaseInvoice, RerateLine, Rerating, TerminationRight,
};
pub use calendar_import::{Doing, ImportExceptions, Imported, NewCalendar};
pub use catalogue::{PutCalendar, PutClient, PutService, PutTier};
pub use changes::{Next, Reading, Waiting};
pub use clocks::{ClockTerms, clock_change_kind};
pub use commitments::CommitmentReport;
pub use coverage::{Answer, AskedAgreement, CoverageRequest};
pub use document::{Standing, WantedVersion, document, findings};
pub use facts::{FactItem, RecordFact, RecordedFact, WatchSubject};
pub use life::{DeclineRenewal, Ending, RenewAgreement, Suspend, current_term, life};
pub use names::Catalogue;
pub use obligations::{JudgeStatus, RecordStatus};
pub use open::AgreementRef;
pub use promises::{AskRehearsal, PromiseCheck, Rehearsed, RehearsedLine, RehearsedMonth};
pub use recovery::RecoveryReport;
pub use refusal::{Failure, Outcome, Path, Problems, UserError, UserErrorCode};
pub use revocations::{Revoke, RevokedTokens};
pub use terms::{ActivateTerms, DraftTerms, Given, WithdrawTerms};
pub use tickets::{RecordTicket, RecordedTicket};
pub use webhooks::{PutWebhook, Replay, RotateSecret, Sent, WithSecret};

use crate::{
    auth::Caller,
    outbound::GuardedClient,
    store::{CalendarRecord, Scope, Store, StoreError},
};
use billing::Recordings;
use calendars::CompiledCalendars;
use revocations::KnownRevocations;
use shelf::Shelves;

/// Of how much of a clock's time the feed is told unless the settings say otherwise, in percent.
const WARNINGS: [u8; 3] = [50, 75, 90];

/// The use cases, on a store.
#[derive(Clone, Debug)]
pub struct App {
    store: Store,
    calendars: CompiledCalendars,
    shelves: Shelves,
    /// What webhooks are sent with, on a server that delivers.
    outbound: Option<GuardedClient>,
    revocations: KnownRevocations,
    /// Whose turn it is to try a webhook out, which waits for somebody else's server.
    trials: Arc<Semaphore>,
    /// Of how much of a clock's time the feed is told, in percent, rising.
    warnings: Arc<[u8]>,
    recordings: Arc<Recordings>,
    /// How many uses of secrets are being put down.
    uses: Arc<Semaphore>,
}

/// Who asks, what that caller may touch, and when.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// Whose rows the caller may touch.
    pub scope: Scope,
    /// When.
    pub now: Timestamp,
}

impl Session {
    /// The same for what changes nothing of the catalogue: it may take that as it was when it first looked.
    #[must_use]
    pub fn of_query(self) -> Self {
        Self { scope: self.scope.of_query(), ..self }
    }

    /// The same at another time.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { now: to_microseconds(now), ..self }
    }

    /// The same within a request, whose id goes into the audit trail.
    #[must_use]
    pub fn of_request(self, id: impl Into<String>) -> Self {
        Self { scope: self.scope.of_request(id), ..self }
    }
}

/// How many webhooks are tried out at once: far fewer than requests run at once.
const TRIALS: usize = 4;
/// How many uses of secrets are put down at once.
const USES: usize = 16;

impl App {
    /// The use cases on a store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            calendars: CompiledCalendars::default(),
            shelves: Shelves::default(),
            outbound: None,
            revocations: KnownRevocations::default(),
            trials: Arc::new(Semaphore::new(TRIALS)),
            warnings: WARNINGS.into(),
            recordings: Arc::default(),
            uses: Arc::new(Semaphore::new(USES)),
        }
    }

    /// The same use cases on another view of the store.
    #[must_use]
    pub fn on(&self, store: Store) -> Self {
        Self { store, ..self.clone() }
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
    /// - `now`: to the microsecond, which is the finest that is kept and told; what is finer is left off.
    ///
    /// # Errors
    /// [`StoreError`] when the caller's client cannot be looked up.
    pub async fn session(&self, caller: impl Into<Arc<Caller>>, now: Timestamp) -> Result<Session, StoreError> {
        let caller = caller.into();
        let scope = self.store.scope(&caller).await?;
        Ok(Session { caller, scope, now: to_microseconds(now) })
    }
}

fn to_microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}
