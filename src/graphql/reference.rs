//! Naming an object by one of its handles.

use async_graphql::{ID, InputObject, OneofObject, SimpleObject};

use super::ids::{self, Kind};
use crate::store::{self, Handle, Uuid};

/// What another system calls an object. Unique per provider, object type, system and id.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct ExternalRef {
    /// The system, in the provider's words.
    system: String,
    /// The object's id there.
    id: String,
}

impl From<&store::ExternalRef> for ExternalRef {
    fn from(reference: &store::ExternalRef) -> Self {
        Self { system: reference.system.clone(), id: reference.id.clone() }
    }
}

/// What another system calls an object.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ExternalRefInput {
    /// The system, in the provider's words.
    pub(crate) system: String,
    /// The object's id there.
    pub(crate) id: String,
}

/// Names an object by exactly one of its handles. The code of an agreement is its number.
#[derive(Clone, Debug, OneofObject)]
pub(crate) enum Ref {
    /// Its id.
    Id(ID),
    /// Its code.
    Code(String),
    /// What another system calls it.
    External(ExternalRefInput),
}

/// The handle of nothing: no object has this id.
const NOTHING: Handle = Handle::Id(Uuid::nil());

impl Ref {
    /// The handle, for an object of a kind; an id that is none of ours names nothing.
    ///
    /// # Errors
    /// The kind that the id is of, where it is of another.
    pub(crate) fn handle(self, kind: Kind) -> Result<Handle, Kind> {
        Ok(match self {
            Self::Id(id) => match ids::read(&id) {
                Some((found, uuid)) if found == kind => Handle::Id(uuid),
                Some((other, _)) => return Err(other),
                None => NOTHING,
            },
            Self::Code(code) => Handle::Code(code),
            Self::External(ExternalRefInput { system, id }) => Handle::External { system, id },
        })
    }

    /// The handle of a query's argument; an id of another kind names nothing, and is answered so.
    pub(crate) fn named(self, kind: Kind) -> Handle {
        self.handle(kind).unwrap_or(NOTHING)
    }
}

/// What to say of an id of another kind.
pub(crate) fn wrong_kind(wanted: Kind, found: Kind) -> String {
    format!("this is the id of a {}, not of a {}", found.type_name(), wanted.type_name())
}
