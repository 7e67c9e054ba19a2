//! How a time went, counted by the database (S10).

use std::collections::{BTreeMap, btree_map::Entry};

use remit_domain::{
    Duration, Percent, Timestamp,
    words::{Milestone, Priority},
};
use sea_orm::{ConnectionTrait, QueryResult, Value, prelude::Uuid};

use super::{
    Scope, Store, StoreError, SuspendedBy, clocks::suspended_by, padded, scope::Visible, statement, statuses::word,
};

/// How the clocks of one priority, milestone and promised share went in a time.
#[derive(Clone, Debug, PartialEq)]
pub struct SlaLine {
    /// The agreement.
    pub agreement_id: Uuid,
    /// The priority they were judged by, or stand under.
    pub priority: Priority,
    /// The milestone.
    pub milestone: Milestone,
    /// The share that must meet the target.
    pub target: Percent,
    /// Judged in the time, and met.
    pub met: u64,
    /// Judged in the time, and breached.
    pub breached: u64,
    /// Not judged at the end of the time.
    pub running: u64,
    /// Counted time that waiting took out of these clocks.
    pub waited: Duration,
    /// Counted time that unmet obligations took out of them.
    pub suspended: Duration,
    /// How many of them unmet obligations held.
    pub held: u64,
    /// What each obligation took out, in the order of their codes.
    pub suspensions: Vec<SlaSuspension>,
}

/// What one unmet obligation took out of a line's clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaSuspension {
    /// The obligation, and how much in all.
    pub by: SuspendedBy,
    /// Of how many clocks.
    pub clocks: u64,
}

impl SlaLine {
    /// What lines are told apart by.
    fn key(&self) -> (Uuid, Priority, Milestone, Percent) {
        (self.agreement_id, self.priority, self.milestone, self.target)
    }

    /// Takes in more clocks of the same line.
    fn add(&mut self, more: Self) {
        self.met += more.met;
        self.breached += more.breached;
        self.running += more.running;
        self.waited = self.waited.plus(more.waited);
        self.suspended = self.suspended.plus(more.suspended);
        self.held += more.held;
        for other in more.suspensions {
            match self.suspensions.iter_mut().find(|own| own.by.obligation() == other.by.obligation()) {
                Some(own) => {
                    own.by.time = own.by.time.plus(other.by.time);
                    own.clocks += other.clocks;
                }
                None => self.suspensions.push(other),
            }
        }
    }
}

/// A clock's present span as a row of the sum: `?` are the beginning, the end, and the earlier of the end and now.
const PRESENT: &str = "SELECT agreement_id, priority, milestone, attainment, waited, suspended, suspended_by, \
    CASE WHEN state = 'MET' AND ended_at >= ? AND ended_at < ? THEN 1 ELSE 0 END AS met, \
    CASE WHEN state = 'BREACHED' AND ended_at >= ? AND ended_at < ? \
        OR state = 'RUNNING' AND due >= ? AND due < ? THEN 1 ELSE 0 END AS breached, \
    CASE WHEN span_from < ? AND (ended_at IS NULL OR ended_at >= ?) \
        AND NOT (state = 'RUNNING' AND due IS NOT NULL AND due < ?) THEN 1 ELSE 0 END AS running \
    FROM ticket_clock WHERE provider_id = ?";

/// The spans before it.
const EARLIER: &str = "SELECT agreement_id, priority, milestone, attainment, 0 AS waited, 0 AS suspended, \
    NULL AS suspended_by, \
    CASE WHEN judged = 'MET' AND until_at >= ? AND until_at < ? THEN 1 ELSE 0 END AS met, \
    CASE WHEN judged = 'BREACHED' AND until_at >= ? AND until_at < ? THEN 1 ELSE 0 END AS breached, \
    CASE WHEN from_at < ? AND until_at >= ? THEN 1 ELSE 0 END AS running \
    FROM ticket_clock_span WHERE provider_id = ?";

impl Store {
    /// How the clocks of some agreements went from an instant to another, as of a third.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn sla_lines(
        &self,
        scope: &Scope,
        agreements: &[Uuid],
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<SlaLine>, StoreError> {
        if agreements.is_empty() || scope.visible() == Visible::Nothing {
            return Ok(Vec::new());
        }
        let agreements = padded(agreements);
        let (from, to, now) = (from.as_microsecond(), to.as_microsecond(), now.as_microsecond());
        // What is due at the end, or now, is not breached yet.
        let by = to.min(now);
        let marks = vec!["?"; agreements.len()].join(", ");
        let owned = format!(" AND agreement_id IN ({marks})");
        let bound = if scope.client().is_some() { " AND client_id = ?" } else { "" };
        let sql = format!(
            "SELECT agreement_id, priority, milestone, attainment, suspended_by, CAST(SUM(met) AS BIGINT) AS met, \
             CAST(SUM(breached) AS BIGINT) AS breached, CAST(SUM(running) AS BIGINT) AS running, \
             CAST(SUM(waited) AS BIGINT) AS waited, CAST(SUM(suspended) AS BIGINT) AS suspended, \
             CAST(SUM(CASE WHEN suspended > 0 THEN 1 ELSE 0 END) AS BIGINT) AS held \
             FROM ({PRESENT}{owned}{bound} UNION ALL {EARLIER}{owned}) AS clocks \
             WHERE met + breached + running > 0 GROUP BY agreement_id, priority, milestone, attainment, suspended_by"
        );
        let ids = || agreements.iter().map(|id| Value::from(*id));
        let mut values: Vec<Value> = [from, to, from, to, from, by, to, to, by].map(Into::into).into();
        values.push(scope.provider().into());
        values.extend(ids());
        values.extend(scope.client().map(Value::from));
        values.extend([from, to, from, to, to, to].map(Value::from));
        values.push(scope.provider().into());
        values.extend(ids());
        let backend = self.reads().get_database_backend();
        let rows = self.reads().query_all_raw(statement(backend, &sql, values)).await?;
        together(rows.iter().map(line))
    }
}

/// Lines from their parts: clocks that nothing suspended come as one part, others as one for each way in which they were.
fn together(parts: impl Iterator<Item = Result<SlaLine, StoreError>>) -> Result<Vec<SlaLine>, StoreError> {
    let mut lines: BTreeMap<_, SlaLine> = BTreeMap::new();
    for part in parts {
        let part = part?;
        match lines.entry(part.key()) {
            Entry::Vacant(place) => {
                place.insert(part);
            }
            Entry::Occupied(line) => line.into_mut().add(part),
        }
    }
    let in_order = |mut line: SlaLine| {
        line.suspensions.sort_by(|a, b| a.by.obligation().cmp(&b.by.obligation()));
        line
    };
    Ok(lines.into_values().map(in_order).collect())
}

fn line(row: &QueryResult) -> Result<SlaLine, StoreError> {
    let agreement_id: Uuid = row.try_get("", "agreement_id")?;
    let unreadable = |why: String| StoreError::Unreadable { what: "clocks of agreement", id: agreement_id, why };
    let text = |name: &str| row.try_get::<String>("", name);
    let number = |name: &str| row.try_get::<i64>("", name);
    let held = number("held")?;
    let by = suspended_by(agreement_id, row.try_get::<Option<String>>("", "suspended_by")?.as_deref())?;
    let of_each = |one: SuspendedBy| {
        let time = Duration::from_micros(one.time.micros().saturating_mul(held));
        SlaSuspension { by: SuspendedBy { time, ..one }, clocks: held.unsigned_abs() }
    };
    Ok(SlaLine {
        agreement_id,
        priority: word(&text("priority")?).map_err(unreadable)?,
        milestone: word(&text("milestone")?).map_err(unreadable)?,
        target: text("attainment")?
            .parse()
            .map_err(|error: remit_domain::decimal::DecimalError| unreadable(error.to_string()))?,
        met: number("met")?.unsigned_abs(),
        breached: number("breached")?.unsigned_abs(),
        running: number("running")?.unsigned_abs(),
        waited: Duration::from_micros(number("waited")?),
        suspended: Duration::from_micros(number("suspended")?),
        held: held.unsigned_abs(),
        suspensions: by.into_iter().map(of_each).collect(),
    })
}
