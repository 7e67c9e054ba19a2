//! Entries that say of one person that they worked twice at once.

use std::collections::HashSet;

use remit_domain::{
    Timestamp,
    span::{Span, Spans},
};
use remit_entity::time_entry::Column as C;
use sea_orm::{
    ColumnTrait, Condition, JoinType, QueryFilter, QuerySelect, QueryTrait,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait},
};

use super::{Scope, Store, StoreError, document, padded, time_entries::visible};

/// When an entry begins and ends, and its breaks.
type Stored = (i64, i64, String);

/// The other entry of a pair.
const OTHER: &str = "other";

impl Store {
    /// Of some entries, those whose technician worked on another one at some of the same time; in breaks nobody works.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn overlapping_time_entries(&self, scope: &Scope, ids: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let other = |column: &'static str| Expr::col((OTHER, column));
        let mut pairs = visible(scope)
            .select_only()
            .columns([C::Id, C::StartedAt, C::EndedAt, C::Breaks])
            .filter(C::Id.is_in(padded(ids)));
        QueryTrait::query(&mut pairs).exprs([other("started_at"), other("ended_at"), other("breaks")]).join_as(
            JoinType::InnerJoin,
            "time_entry",
            OTHER,
            is_about_the_same_time(scope),
        );
        let pairs: Vec<(Uuid, i64, i64, String, i64, i64, String)> = pairs.into_tuple().all(self.reads()).await?;
        let mut found = HashSet::new();
        for (id, from, to, breaks, other_from, other_to, other_breaks) in pairs {
            let own = worked(id, (from, to, breaks))?;
            if !own.and(&worked(id, (other_from, other_to, other_breaks))?).is_empty() {
                found.insert(id);
            }
        }
        Ok(found)
    }
}

/// That the other entry is the same technician's, and begins before the one at hand ends, and ends after that begins. None is
/// longer than a day.
fn is_about_the_same_time(scope: &Scope) -> Condition {
    const DAY: i64 = 86_400_000_000;
    let (own, other) =
        (|column: &'static str| Expr::col(("time_entry", column)), |column: &'static str| Expr::col((OTHER, column)));
    Condition::all()
        .add(other("provider_id").eq(scope.provider()))
        .add(other("technician").eq(own("technician")))
        .add(other("started_at").lt(own("ended_at")))
        .add(other("started_at").gt(own("started_at").sub(DAY)))
        .add(other("ended_at").gt(own("started_at")))
        .add(other("id").ne(own("id")))
        .add(other("deleted").eq(false))
}

/// When somebody worked: the time of an entry without its breaks.
fn worked(id: Uuid, (from, to, breaks): Stored) -> Result<Spans, StoreError> {
    let span = |(from, to): (i64, i64)| {
        Span::new(Timestamp::from_microsecond(from).ok()?, Timestamp::from_microsecond(to).ok()?)
    };
    let breaks: Vec<(i64, i64)> = document("breaks of the time entry", id, &breaks)?;
    let breaks: Spans = breaks.into_iter().filter_map(span).collect();
    Ok(Spans::from(span((from, to))).without(&breaks))
}
