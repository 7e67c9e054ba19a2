//! What is kept, and how it is found again.
//!
//! Architecture invariant: nothing else names sea-orm. Every call takes a [`Scope`], which only a verified caller has, so
//! a query without a tenant cannot be written. Nothing here decides a rule.
//!
//! Reads go to a pool; a write is a [`Tx`], which commits its rows and its change-feed rows together or not at all. In a
//! request that has a key ([`KeyedTurn`]) both go through one transaction, which commits with the answer.

mod accounts;
mod agreement_filter;
mod agreements;
mod api_clients;
mod at_hand;
mod audit;
mod billing_periods;
mod by_place;
mod calendars;
mod charge_lists;
mod charges;
mod clients;
mod clocks;
mod conn;
mod due;
mod entry_tickets;
mod error;
mod external;
mod facts;
mod feed;
mod found_agreements;
mod judged;
mod keyed;
mod life;
mod overlaps;
mod overpromises;
mod page;
mod prepaid_hours;
mod revisions;
mod revocations;
mod rows;
mod said;
mod scope;
mod services;
mod sla;
mod statuses;
mod terms;
mod ticket_history;
mod ticket_pages;
mod tickets;
mod tiers;
mod time_entries;
mod together;
mod tx;
mod watched;
mod webhooks;

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use at_hand::AtHand;
use conn::Conn;
use feed::Hub;
use found_agreements::FoundTogether;
use keyed::Part;
use remit_domain::Timestamp;
use remit_entity::provider;
use remit_migration::{Migrator, MigratorTrait};
use said::Said;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, EntityTrait, QueryOrder,
    QuerySelect, Select, Statement,
};

pub use accounts::AccountRows;
pub use agreement_filter::AgreementFilter;
pub use agreements::{AgreementRecord, Standing, Termination};
pub use api_clients::{ApiClientRecord, ClaimedClient, SecretRecord};
pub use audit::{Actor, AuditFilter, AuditRecord, AuditedKind, Note};
pub use billing_periods::{PeriodRecord, period_id};
pub use calendars::CalendarRecord;
pub use charge_lists::ChargeFilter;
pub use charges::{ChargeRecord, ChargesOf, DrawRecord, ReasonRecord, ReleaseRecord, stored_reasons};
pub use clients::ClientRecord;
pub use clocks::{ClockRecord, SuspendedBy};
pub use due::{DueTicket, Recheck};
pub use error::StoreError;
pub use external::ExternalRef;
pub use facts::{FactFilter, FactRecord, subject_of};
pub use feed::{
    Blocker, Change, ChangeKind, ChangeRecord, ClockMark, FeedPage, FeedQuestion, FeedStanding, Follower, Following,
    Gone, Heard, NoPlace, Place, Rung, Subject,
};
pub use found_agreements::AgreementName;
pub use keyed::{ANSWERS_KEPT, Begun, KeptAnswer, KeyedTurn};
pub use life::{RenewalDecision, RenewalRecord, SuspensionRecord};
pub use overpromises::{OverpromiseRecord, OverpromisedClause};
pub use page::{Page, Window};
pub use prepaid_hours::BlockRecord;
pub use revocations::{RevocationRecord, RevokedThen};
pub use rows::Rows;
pub use scope::{Handle, Scope};
pub use services::{ServiceFilter, ServiceRecord};
pub use sla::{SlaLine, SlaSuspension};
pub use statuses::{Judgement, StatusRecord};
pub use terms::{ObligationRecord, ServiceRole, TermsNames, TermsRecord};
pub use ticket_history::TicketsOf;
pub use ticket_pages::{TicketFilter, TicketPlace};
pub use tickets::TicketRecord;
pub use tiers::TierRecord;
pub use time_entries::{EntriesOf, SegmentRecord, TimeEntryRecord};
pub(crate) use together::Together;
pub use tx::Tx;
pub use uuid::Uuid;
pub use watched::WatchedRecord;
pub use webhooks::{
    Attempt, Backlog, Behind, Claimed, Delivered, DeliveryFilter, DeliveryRecord, DeliveryState, DueWebhook, Fate,
    KeyRecord, Queued, WebhookRecord, WebhooksWaiting,
};

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    pools: Arc<Pools>,
    reads: Conn,
    writes: Conn,
    /// What it is a part of, if that is more than one write.
    part: Part,
    statements: Arc<AtomicU64>,
    hub: Arc<Hub>,
    said: Said,
    found: Arc<FoundTogether>,
}

#[derive(Debug)]
struct Pools {
    reads: DatabaseConnection,
    writes: DatabaseConnection,
    at_hand: Option<Arc<AtHand>>,
}

impl Pools {
    /// What reads, and what writes, outside the transaction of a request.
    fn conns(&self) -> (Conn, Conn) {
        let reads = match &self.at_hand {
            Some(at_hand) => Conn::AtHand(Arc::clone(at_hand), self.reads.clone()),
            None => Conn::Pool(self.reads.clone()),
        };
        (reads, Conn::Pool(self.writes.clone()))
    }
}

impl Store {
    /// Opens a database by its URL: `sqlite://FILE` or `postgres://…`. A SQLite file that is not there is made.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be reached.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let statements = Arc::new(AtomicU64::new(0));
        let counted = |mut connection: DatabaseConnection| {
            let statements = Arc::clone(&statements);
            connection.set_metric_callback(move |_| {
                statements.fetch_add(1, Ordering::Relaxed);
            });
            connection
        };
        let writes = counted(Database::connect(options(url, Use::Writing)).await?);
        let reads = counted(Database::connect(options(url, Use::Reading)).await?);
        let at_hand = (reads.get_database_backend() == DbBackend::Postgres).then(|| {
            let options = reads.get_postgres_connection_pool().connect_options();
            Arc::new(AtHand::new((*options).clone(), Arc::clone(&statements)))
        });
        let pools = Pools { reads, writes, at_hand };
        let (reads, writes) = pools.conns();
        let hub = Arc::new(Hub::new(reads.clone(), pools.reads.clone()));
        let (said, found) = (Said::default(), Arc::new(FoundTogether::new(FOUND_WITHIN)));
        Ok(Self { pools: Arc::new(pools), reads, writes, part: Part::Whole, statements, hub, said, found })
    }

    /// The codes of the first providers, by code; for the operator, who has not said which one is meant.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn first_providers(&self, limit: u64) -> Result<Vec<String>, StoreError> {
        let codes = provider::Entity::find().select_only().column(provider::Column::Id);
        let codes = codes.order_by_asc(provider::Column::Id).limit(limit).into_tuple();
        Ok(codes.all(self.reads()).await?)
    }

    /// Brings the tables to the newest step, and counts a new epoch when the database stands on another cluster.
    ///
    /// # Errors
    /// [`StoreError`] when a step fails; the steps before it stay done.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // All or nothing: whatever interrupts it, the next start finds a database as it was. Servers that start together
        // take turns; on SQLite the one writer, on PostgreSQL a lock that ends with the transaction.
        let all = self.writes.begin().await?;
        if all.get_database_backend() == DbBackend::Postgres {
            all.execute_unprepared("SELECT pg_advisory_xact_lock(7236968)").await?;
        }
        Migrator::up(&all, None).await?;
        feed::settle_epoch(&all).await?;
        Ok(all.commit().await?)
    }

    /// Takes every step back: the tables are gone, with all that they held.
    ///
    /// # Errors
    /// [`StoreError`] when a step cannot be taken back.
    pub async fn unmigrate(&self) -> Result<(), StoreError> {
        Ok(Migrator::down(&self.pools.writes, None).await?)
    }

    /// Ends every connection.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not let go.
    pub async fn close(self) -> Result<(), StoreError> {
        if let Some(at_hand) = &self.pools.at_hand {
            at_hand.close().await;
        }
        self.pools.reads.clone().close().await?;
        Ok(self.pools.writes.clone().close().await?)
    }

    /// Whether the database answers and has every step.
    pub async fn is_ready(&self) -> bool {
        let question = Statement::from_string(self.reads.get_database_backend(), "SELECT 1");
        self.reads.query_one_raw(question).await.is_ok()
            && Migrator::get_pending_migrations(&self.pools.reads).await.is_ok_and(|pending| pending.is_empty())
    }

    /// Begins a write of what is agreed, on behalf of a caller; its provider comes into being if this is its first.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn begin(&self, scope: &Scope, at: Timestamp) -> Result<Tx, StoreError> {
        Tx::begin(self, scope, at, tx::Turn::Alone).await
    }

    /// Begins a write of what happens, such as tickets and time. It goes beside others of its kind: before it reads what
    /// it decides by, it takes the agreements concerned, here or where it finds out ([`Tx::take_agreements`]).
    ///
    /// - `agreements`: those that are known to be concerned.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn begin_recording(&self, scope: &Scope, at: Timestamp, agreements: &[Uuid]) -> Result<Tx, StoreError> {
        Tx::begin(self, scope, at, tx::Turn::BesideOthers(agreements)).await
    }

    /// The same on behalf of several, each of whom can begin one alone: it fails where it would have to wait for long.
    ///
    /// - `others`: on whose behalf each agreement is written to.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer, or somebody else's turn takes too long.
    pub async fn begin_recording_for(
        &self,
        others: HashMap<Uuid, Scope>,
        scope: &Scope,
        at: Timestamp,
        agreements: &[Uuid],
    ) -> Result<Tx, StoreError> {
        let tx = Tx::begin(self, scope, at, tx::Turn::ForSeveral(agreements)).await?;
        Ok(tx.on_behalf_of(others))
    }

    /// The revision of a provider's catalogue, which every write of a service, a tier, a calendar or a client raises: what was
    /// looked up at one holds as long as it stands. A query is told the one that it saw first. None in the transaction of a
    /// request, which may be taken back with its own.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn catalogue_revision(&self, scope: &Scope) -> Result<Option<i64>, StoreError> {
        if !self.reads_committed() {
            return Ok(None);
        }
        if let Some(seen) = scope.catalogue().and_then(OnceLock::get) {
            return Ok(Some(*seen));
        }
        let revision: Option<i64> = revision_of_catalogue(scope).into_tuple().one(self.reads()).await?;
        let revision = revision.unwrap_or_default();
        Ok(Some(scope.catalogue().map_or(revision, |seen| *seen.get_or_init(|| revision))))
    }

    /// How many statements were sent since the store was opened; tests hold queries to a constant number of them.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Whether each write is whole by itself, and not a part of a request's transaction.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self.part, Part::Whole)
    }

    fn reads(&self) -> &Conn {
        &self.reads
    }

    /// Whether what is read cannot be taken back.
    fn reads_committed(&self) -> bool {
        !matches!(self.part, Part::Request(_))
    }

    fn writes(&self) -> &Conn {
        &self.writes
    }

    fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }
}

fn revision_of_catalogue(scope: &Scope) -> Select<provider::Entity> {
    provider::Entity::find_by_id(scope.provider()).select_only().column(provider::Column::CatalogueRevision)
}

/// How long a request waits for a statement of another, to go with the next one.
const FOUND_WITHIN: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, PartialEq)]
enum Use {
    Reading,
    Writing,
}

/// How long to wait for a connection before the database counts as out of reach. By default only small requests, which are
/// soon done with it, wait for another's.
const REACHED_WITHIN: Duration = Duration::from_secs(4);
/// The same of SQLite, whose one writer waits for the disk.
const WRITTEN_WITHIN: Duration = Duration::from_secs(10);

/// SQLite has one writer, which waits for the disk. The pools are two on PostgreSQL too: a write that reads meanwhile
/// can then never wait for connections that other writes hold.
fn options(url: &str, used_for: Use) -> ConnectOptions {
    let sqlite = url.starts_with("sqlite:");
    let connections = match used_for {
        Use::Writing if sqlite => 1,
        // Most of what reads does so by connections at hand.
        Use::Reading if !sqlite => 4,
        _ => 16,
    };
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .test_before_acquire(false)
        .connect_timeout(REACHED_WITHIN)
        .acquire_timeout(if sqlite { WRITTEN_WITHIN } else { REACHED_WITHIN })
        .max_connections(connections)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(WRITTEN_WITHIN)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                // In KiB where negative. Every ticket is written to a dozen places of the indexes; with what SQLite takes by
                // itself most of them are read from the file again, once there are some hundred thousand.
                .pragma("cache_size", if used_for == Use::Writing { "-32768" } else { "-2000" })
        });
    options
}

/// Turns ids into a list for `IN`, padded to a power of two so that few distinct statements are prepared.
fn padded<T: Clone>(values: &[T]) -> Vec<T> {
    let mut list = values.to_vec();
    if let Some(last) = values.last() {
        list.resize(values.len().next_power_of_two(), last.clone());
    }
    list
}

/// Reads a stored JSON document.
fn document<'a, T: serde::Deserialize<'a>>(what: &'static str, id: Uuid, text: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable { what, id, why: error.to_string() })
}

/// Writes a JSON document; the domain's types have no form that JSON lacks.
fn to_document<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Statement(DbErr::Json(error.to_string())))
}

/// A statement with its values, in the words of the backend: `?` stands for each value in turn.
fn statement(backend: DbBackend, sql: &str, values: Vec<sea_orm::Value>) -> Statement {
    let mut numbered = String::with_capacity(sql.len() + 8);
    let mut count = 0;
    for part in sql.split_inclusive('?') {
        match part.strip_suffix('?') {
            Some(before) if backend == DbBackend::Postgres => {
                count += 1;
                numbered.push_str(&format!("{before}${count}"));
            }
            _ => numbered.push_str(part),
        }
    }
    Statement::from_sql_and_values(backend, numbered, values)
}
