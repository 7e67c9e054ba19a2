//! Judgements of tickets, one by one: what is said of a time that is not one period for all (S10).

use remit_domain::{Timestamp, billing::JudgedTicket, words::ClockState};
use sea_orm::{ConnectionTrait, QueryResult, Value, prelude::Uuid};

use super::{Scope, Store, StoreError, padded, scope::Visible, statement, statuses::word};

/// Judgements that are written, those that time alone has made since, and those of before a clock was opened again; `?` are
/// the provider, the beginning, and the end, of the second the earlier of the end and now.
const JUDGED: [&str; 3] = [
    "SELECT agreement_id, milestone, state AS judged, ended_at AS at FROM ticket_clock \
     WHERE provider_id = ? AND state IN ('MET', 'BREACHED') AND ended_at >= ? AND ended_at < ?",
    "SELECT agreement_id, milestone, 'BREACHED' AS judged, due AS at FROM ticket_clock \
     WHERE provider_id = ? AND state = 'RUNNING' AND due >= ? AND due < ?",
    "SELECT agreement_id, milestone, judged, until_at AS at FROM ticket_clock_span \
     WHERE provider_id = ? AND judged IS NOT NULL AND until_at >= ? AND until_at < ?",
];

impl Store {
    /// How the tickets of some agreements were judged from an instant to another, as of a third. The scope was found to see
    /// the agreements.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn judgements(
        &self,
        scope: &Scope,
        agreements: &[Uuid],
        (from, to): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<Vec<(Uuid, JudgedTicket)>, StoreError> {
        if agreements.is_empty() || scope.visible() == Visible::Nothing {
            return Ok(Vec::new());
        }
        let agreements = padded(agreements);
        let owned = format!(" AND agreement_id IN ({})", vec!["?"; agreements.len()].join(", "));
        let (from, to, now) = (from.as_microsecond(), to.as_microsecond(), now.as_microsecond());
        let mut values: Vec<Value> = Vec::new();
        for until in [to, to.min(now), to] {
            values.extend([scope.provider().into(), from.into(), until.into()]);
            values.extend(agreements.iter().map(|id| Value::from(*id)));
        }
        let sql = JUDGED.map(|select| format!("{select}{owned}")).join(" UNION ALL ");
        let backend = self.reads().get_database_backend();
        let rows = self.reads().query_all_raw(statement(backend, &sql, values)).await?;
        rows.iter().map(judged).collect()
    }
}

fn judged(row: &QueryResult) -> Result<(Uuid, JudgedTicket), StoreError> {
    let agreement: Uuid = row.try_get("", "agreement_id")?;
    let unreadable = |why: String| StoreError::Unreadable { what: "clocks of agreement", id: agreement, why };
    let text = |name: &str| row.try_get::<String>("", name);
    let at = Timestamp::from_microsecond(row.try_get("", "at")?).map_err(|error| unreadable(error.to_string()))?;
    let state: ClockState = word(&text("judged")?).map_err(unreadable)?;
    let milestone = word(&text("milestone")?).map_err(unreadable)?;
    Ok((agreement, JudgedTicket { milestone, at, in_time: state == ClockState::Met }))
}
