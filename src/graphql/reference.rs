//! Naming an object by one of its handles.

use async_graphql::{Error, ID, InputObject, OneofObject, SimpleObject};

use super::{
    errors::bad_input,
    ids::{self, Kind},
};
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
                None => Handle::Id(Uuid::nil()),
            },
            Self::Code(code) => Handle::Code(code),
            Self::External(ExternalRefInput { system, id }) => Handle::External { system, id },
        })
    }

    /// The handle of a query's argument.
    pub(crate) fn required(self, kind: Kind, path: &[&str]) -> Result<Handle, Error> {
        let path: Vec<&str> = path.iter().copied().chain(["id"]).collect();
        self.handle(kind).map_err(|other| bad_input(&path, wrong_kind(kind, other)))
    }
}

/// What to say of an id of another kind.
pub(crate) fn wrong_kind(wanted: Kind, found: Kind) -> String {
    format!("this is the id of a {}, not of a {}", found.type_name(), wanted.type_name())
}
