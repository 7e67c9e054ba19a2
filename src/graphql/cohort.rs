//! Objects that were loaded together load what they relate to together.
//!
//! A [`Cohort`] is what one statement brought. The first of its members that is asked for a relation loads it for all of
//! them, the others wait for that; so the number of statements of a query follows from what it selects, never from how
//! many rows there are, and no list of selected fields has to be kept in step with the resolvers.

use std::{ops::Deref, sync::Arc};

/// What one statement brought, with room for what it relates to.
#[derive(Debug)]
pub(crate) struct Cohort<T, R> {
    pub(crate) items: Vec<T>,
    pub(crate) related: R,
}

/// One member of a cohort.
#[derive(Debug)]
pub(crate) struct Member<T, R> {
    pub(crate) cohort: Arc<Cohort<T, R>>,
    place: usize,
}

impl<T, R> Clone for Member<T, R> {
    fn clone(&self) -> Self {
        Self { cohort: Arc::clone(&self.cohort), place: self.place }
    }
}

impl<T, R: Default> Member<T, R> {
    /// The members of a new cohort.
    pub(crate) fn all(items: Vec<T>) -> impl Iterator<Item = Self> {
        let places = 0..items.len();
        let cohort = Arc::new(Cohort { items, related: R::default() });
        places.map(move |place| Self { cohort: Arc::clone(&cohort), place })
    }
}

impl<T, R> Member<T, R> {
    /// What relates to the whole cohort.
    pub(crate) fn related(&self) -> &R {
        &self.cohort.related
    }

    /// All that were loaded together.
    pub(crate) fn siblings(&self) -> &[T] {
        &self.cohort.items
    }
}

impl<T, R> Deref for Member<T, R> {
    type Target = T;

    fn deref(&self) -> &T {
        // A place comes from `all`, which counts the items.
        &self.cohort.items[self.place]
    }
}
