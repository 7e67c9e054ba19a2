//! Reading the feed from a place on.

use remit_domain::{Timestamp, words::Milestone};
use remit_entity::change;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Value, prelude::Uuid};

use super::{ChangeKind, ClockMark, Place, Subject};
use crate::store::{Page, Scope, Store, StoreError, scope::Visible, statement};

/// What the feed says: a change and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRecord {
    /// Its own id.
    pub id: Uuid,
    /// Where it stands.
    pub place: Place,
    /// The kind of object.
    pub subject: Subject,
    /// Which: of a tier or calendar the revision.
    pub subject_id: Uuid,
    /// Whether it came into being, became another, or is gone.
    pub kind: ChangeKind,
    /// What happened in words of the subject.
    pub event: String,
    /// The agreement it belongs to.
    pub agreement: Option<Uuid>,
    /// The client it belongs to.
    pub client: Option<Uuid>,
    /// The clock of a ticket that it is about.
    pub clock: Option<ClockMark>,
    /// When.
    pub at: Timestamp,
}

/// Which stretch of the feed is asked for.
#[derive(Clone, Debug)]
pub struct FeedQuestion {
    /// Only what comes behind this place; none: all that is kept.
    pub after: Option<Place>,
    /// Only these kinds of objects; none: all.
    pub subjects: Option<Vec<Subject>>,
    /// How many at most.
    pub limit: u64,
}

/// What reading the feed comes to.
#[derive(Clone, Debug)]
pub enum FeedPage {
    /// The changes, in order.
    Page(Page<ChangeRecord>),
    /// It cannot be read on from that place without leaving something out.
    Gone(Gone),
}

/// Why the feed cannot be read on from a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// What came next is no longer kept.
    Expired,
    /// The feed does not reach so far: the database was restored from an older copy.
    Ahead,
}

/// Where the feed stands, beside a place that somebody read to.
struct Bounds {
    epoch: i64,
    /// On SQLite the last sequence given out, on PostgreSQL the oldest transaction still running.
    edge: i64,
    /// The newest change that is no longer kept.
    floor: Option<Place>,
}

impl Store {
    /// What happened behind a place, as far as it is final: no change that is still being written can come before it.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn changes(&self, scope: &Scope, question: &FeedQuestion) -> Result<FeedPage, StoreError> {
        let page = read(self.reads(), scope.provider(), scope.visible(), question).await?;
        // Only now: what is forgotten meanwhile is then noticed.
        match question.after {
            Some(after) => {
                let gone = self.gone(scope, after, question.subjects.as_deref()).await?;
                Ok(gone.map_or(FeedPage::Page(page), FeedPage::Gone))
            }
            None => Ok(FeedPage::Page(page)),
        }
    }

    /// The place of the newest change that is final, kept or forgotten; the beginning, if there never was one.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn feed_head(&self, scope: &Scope) -> Result<Place, StoreError> {
        head(self.reads(), scope.provider()).await
    }

    /// The place of the newest change that is no longer kept; the beginning, if all are.
    ///
    /// - `subjects`: of these kinds of objects; none: of any.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn feed_floor(&self, scope: &Scope, subjects: Option<&[Subject]>) -> Result<Place, StoreError> {
        Ok(self.bounds(scope, subjects).await?.floor.unwrap_or(Place::BEGINNING))
    }

    /// Why the feed cannot be read on from a place, if so.
    async fn gone(
        &self,
        scope: &Scope,
        after: Place,
        subjects: Option<&[Subject]>,
    ) -> Result<Option<Gone>, StoreError> {
        let bounds = self.bounds(scope, subjects).await?;
        if bounds.floor.is_some_and(|floor| after < floor) {
            return Ok(Some(Gone::Expired));
        }
        let ahead = match self.reads().get_database_backend() {
            _ if after.epoch > bounds.epoch => true,
            _ if after.epoch < bounds.epoch => {
                let known = after == Place::BEGINNING || bounds.floor.is_some_and(|floor| floor >= after);
                !known && !self.epoch_reaches(scope, after).await?
            }
            DbBackend::Postgres => after.transaction >= bounds.edge,
            _ => after.sequence > bounds.edge,
        };
        Ok(ahead.then_some(Gone::Ahead))
    }

    async fn bounds(&self, scope: &Scope, subjects: Option<&[Subject]>) -> Result<Bounds, StoreError> {
        let backend = self.reads().get_database_backend();
        let edge = match backend {
            DbBackend::Postgres => EDGE,
            _ => "f.last_sequence",
        };
        let (of_subjects, mut values) = (among(subjects), vec![Value::from(scope.provider())]);
        values.extend(subjects.into_iter().flatten().map(|subject| Value::from(subject.as_str())));
        let sql = format!(
            "SELECT f.epoch AS epoch, {edge} AS edge, p.epoch AS floor_epoch, p.transaction_id, p.sequence FROM feed f \
             LEFT JOIN (SELECT epoch, transaction_id, sequence FROM change_floor WHERE provider_id = ?{of_subjects} \
             ORDER BY epoch DESC, transaction_id DESC, sequence DESC LIMIT 1) AS p ON TRUE"
        );
        let row = self.reads().query_one_raw(statement(backend, &sql, values)).await?;
        let Some(row) = row else { return Ok(Bounds { epoch: 0, edge: 0, floor: None }) };
        let forgotten = row.try_get::<Option<i64>>("", "floor_epoch")?.is_some();
        let floor = forgotten.then(|| Place::read(&row, "floor_epoch"));
        Ok(Bounds { epoch: row.try_get("", "epoch")?, edge: row.try_get("", "edge")?, floor: floor.transpose()? })
    }

    /// Whether an earlier epoch has a change at or behind a place: if not, a reader has seen what was lost since.
    async fn epoch_reaches(&self, scope: &Scope, place: Place) -> Result<bool, StoreError> {
        let backend = self.reads().get_database_backend();
        let sql = "SELECT 1 AS found FROM change WHERE provider_id = ? AND epoch = ? \
                   AND (transaction_id, sequence) >= (?, ?) LIMIT 1";
        let [epoch, transaction, sequence] = place.values();
        let values = vec![scope.provider().into(), epoch, transaction, sequence];
        Ok(self.reads().query_one_raw(statement(backend, sql, values)).await?.is_some())
    }
}

/// The oldest transaction still running: everything below it is final. It may run in any database of the cluster.
pub(super) const EDGE: &str = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

/// The condition that a change is final.
fn is_final(backend: DbBackend) -> String {
    match backend {
        // The transactions of earlier epochs were of another cluster, and are over.
        DbBackend::Postgres => format!(" AND (epoch < (SELECT epoch FROM feed) OR transaction_id < {EDGE})"),
        // There is one writer, and what it has not committed nobody sees.
        _ => String::new(),
    }
}

fn among(subjects: Option<&[Subject]>) -> String {
    match subjects {
        None => String::new(),
        Some([]) => " AND 1 = 0".to_owned(),
        Some(some) => format!(" AND subject IN ({})", vec!["?"; some.len()].join(", ")),
    }
}

/// Reads what is final behind a place. One statement: what it sees and where it stops are of one instant.
pub(super) async fn read<C: ConnectionTrait>(
    connection: &C,
    provider: &str,
    visible: Visible,
    question: &FeedQuestion,
) -> Result<Page<ChangeRecord>, StoreError> {
    let nothing = || Ok(Page { items: Vec::new(), more: false });
    let client = match visible {
        _ if question.subjects.as_ref().is_some_and(Vec::is_empty) => return nothing(),
        Visible::All => None,
        Visible::Client(client) => Some(client),
        Visible::Nothing => return nothing(),
    };
    let backend = connection.get_database_backend();
    let limit = i64::try_from(question.limit.saturating_add(1)).unwrap_or(i64::MAX);
    let after = question.after.unwrap_or(Place::BEGINNING);
    let order = "ORDER BY epoch, transaction_id, sequence LIMIT ?";
    let of_client = if client.is_some() { " AND client_id = ?" } else { "" };
    let final_ones = is_final(backend);
    let mut values: Vec<Value> = Vec::new();
    let mut stretch = |subject: Option<Subject>| {
        values.push(provider.into());
        values.extend(subject.map(|subject| Value::from(subject.as_str())));
        values.extend(after.values());
        values.extend(client.map(Value::from));
        values.push(limit.into());
        let of_subject = if subject.is_some() { " AND subject = ?" } else { "" };
        format!(
            "SELECT * FROM change WHERE provider_id = ?{of_subject} AND (epoch, transaction_id, sequence) > (?, ?, ?)\
             {of_client}{final_ones} {order}"
        )
    };
    // Each kind by its own index: else a kind that seldom changes is looked for in everything that happened since.
    let sql = match &question.subjects {
        None => stretch(None),
        Some(subjects) => {
            let each = subjects.iter().enumerate();
            let each =
                each.map(|(place, &subject)| format!("SELECT * FROM ({}) AS kind{place}", stretch(Some(subject))));
            let all = each.collect::<Vec<_>>().join(" UNION ALL ");
            values.push(limit.into());
            format!("{all} {order}")
        }
    };
    let rows = change::Entity::find().from_raw_sql(statement(backend, &sql, values)).all(connection).await?;
    let mut items: Vec<ChangeRecord> = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    let limit = usize::try_from(question.limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    Ok(Page { items, more })
}

/// The place of the newest change that is final, kept or forgotten: a cursor there is good, for nothing lies behind it.
pub(super) async fn head<C: ConnectionTrait>(connection: &C, provider: &str) -> Result<Place, StoreError> {
    let backend = connection.get_database_backend();
    let order = "ORDER BY epoch DESC, transaction_id DESC, sequence DESC LIMIT 1";
    let newest = |table: &str, condition: &str| {
        format!("SELECT epoch, transaction_id, sequence FROM {table} WHERE provider_id = ?{condition} {order}")
    };
    let (kept, forgotten) = (newest("change", &is_final(backend)), newest("change_floor", ""));
    let sql = format!(
        "SELECT * FROM (SELECT * FROM ({kept}) AS kept UNION ALL SELECT * FROM ({forgotten}) AS forgotten) AS newest {order}"
    );
    let values = vec![provider.into(); 2];
    match connection.query_one_raw(statement(backend, &sql, values)).await? {
        Some(row) => Ok(Place::read(&row, "epoch")?),
        None => Ok(Place::BEGINNING),
    }
}

impl TryFrom<change::Model> for ChangeRecord {
    type Error = StoreError;

    fn try_from(row: change::Model) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: "change", id: row.id, why };
        let subject = Subject::read(&row.subject).ok_or_else(|| unreadable(format!("the subject {}", row.subject)))?;
        let kind = ChangeKind::read(&row.kind).ok_or_else(|| unreadable(format!("the kind {}", row.kind)))?;
        let at = Timestamp::from_microsecond(row.at).map_err(|error| unreadable(error.to_string()))?;
        let milestone = |text: &str| Milestone::ALL.iter().copied().find(|milestone| milestone.as_str() == text);
        let percent = row.percent.and_then(|percent| u8::try_from(percent).ok());
        let clock = row.milestone.as_deref().and_then(milestone).map(|milestone| ClockMark { milestone, percent });
        Ok(Self {
            id: row.id,
            place: Place::of(&row),
            subject,
            subject_id: row.subject_id,
            kind,
            event: row.event,
            agreement: row.agreement_id,
            client: row.client_id,
            clock,
            at,
        })
    }
}
