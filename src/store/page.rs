//! Lists by keyset: a page begins behind a key, never at a count.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, prelude::Uuid};

use super::StoreError;

/// Which stretch of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// How many at most.
    pub limit: u64,
    /// Only what comes behind this key.
    pub after: Option<String>,
    /// Only what comes before this key.
    pub before: Option<String>,
    /// Whether the last ones of the stretch are wanted instead of the first.
    pub from_end: bool,
}

/// A stretch of a list, in its order.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// What it holds.
    pub items: Vec<T>,
    /// Whether there is more in the direction of reading.
    pub more: bool,
}

impl<T> Page<T> {
    /// Puts a stretch that was read with one item too many into its order.
    pub(super) fn cut(mut items: Vec<T>, window: &Window) -> Self {
        let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        if window.from_end {
            items.reverse();
        }
        Self { items, more }
    }
}

/// The id that a key of a page by ids stands for; a key that is none stands before all of them.
pub(super) fn at_key(key: &str) -> Uuid {
    Uuid::try_parse(key).unwrap_or_default()
}

/// The rows of a page, and one more, ordered by a column that is unique within the selection.
pub(super) fn windowed<E: EntityTrait>(rows: Select<E>, key: E::Column, window: &Window) -> Select<E> {
    let mut rows = rows;
    if let Some(after) = &window.after {
        rows = rows.filter(key.gt(after.as_str()));
    }
    if let Some(before) = &window.before {
        rows = rows.filter(key.lt(before.as_str()));
    }
    let ordered = if window.from_end { rows.order_by_desc(key) } else { rows.order_by_asc(key) };
    ordered.limit(window.limit.saturating_add(1))
}

/// Reads a page of rows ordered by a column that is unique within the selection.
pub(super) async fn page<E, C>(
    rows: Select<E>,
    key: E::Column,
    window: &Window,
    connection: &C,
) -> Result<Page<E::Model>, StoreError>
where
    E: EntityTrait,
    C: ConnectionTrait,
{
    let found = windowed(rows, key, window).all(connection).await?;
    Ok(Page::cut(found, window))
}
