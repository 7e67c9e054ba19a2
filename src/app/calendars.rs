//! Compiled calendars, kept: a revision with one state of its exceptions never changes.

use std::sync::Arc;

use quick_cache::{Weighter, sync::Cache};
use remit_domain::calendar::Calendar;

use crate::store::{CalendarRecord, Uuid};

/// The most memory that compiled calendars take: about seven hundred with summer time.
const BYTES_MAX: u64 = 24 * 1024 * 1024;
/// What one takes, about; only for the cache's own tables.
const BYTES_USUAL: u64 = 32 * 1024;

/// A revision, and the state of the exceptions that it was compiled with.
type Key = (Uuid, i64);

/// Compiled calendars by what they were compiled from.
#[derive(Clone, Debug)]
pub(super) struct CompiledCalendars(Arc<Cache<Key, Arc<Calendar>, Size>>);

/// Weighs a calendar by its memory.
#[derive(Clone, Copy, Debug)]
struct Size;

impl Weighter<Key, Arc<Calendar>> for Size {
    fn weight(&self, _: &Key, calendar: &Arc<Calendar>) -> u64 {
        u64::try_from(calendar.size_bytes()).unwrap_or(u64::MAX)
    }
}

impl Default for CompiledCalendars {
    fn default() -> Self {
        let expected = usize::try_from(BYTES_MAX / BYTES_USUAL).unwrap_or(usize::MAX);
        Self(Arc::new(Cache::with_weighter(expected, BYTES_MAX, Size)))
    }
}

impl CompiledCalendars {
    /// The calendar of a record, compiled now or before.
    pub(super) fn get(&self, record: &CalendarRecord) -> Arc<Calendar> {
        let key = (record.id, record.exceptions_revision);
        self.0.get(&key).unwrap_or_else(|| {
            let calendar = Arc::new(record.compile());
            self.0.insert(key, Arc::clone(&calendar));
            calendar
        })
    }
}
