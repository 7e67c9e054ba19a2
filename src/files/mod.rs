//! Agreements as files: the whole agreement in names and codes, in TOML or JSON, to be kept beside code and compared.
//!
//! A file holds what `createAgreement` and `draftTerms` take, and may bring along what `putService`, `putSlaTier`,
//! `putCalendar` and `putClient` take. Everything goes through the API, as any other software's writes do, so a file can
//! say what the API can, and is refused where the API refuses it.

mod apply;
mod file;
mod plan;
mod source;

pub use apply::{Applied, Readiness, apply, check, export};
pub use file::{AgreementFile, Form};
pub use plan::Plan;
pub use source::Source;

use crate::{graphql::ApiError, store::StoreError};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file is not what it must be.
    #[error("{0}")]
    Malformed(String),
    /// The API refuses what the file says: a line for each refusal.
    #[error("{}", .0.join("\n"))]
    Refused(Vec<String>),
    /// There is no such agreement.
    #[error("{provider} has no agreement {number}{}", .version.map(|version| format!(" with a version {version}")).unwrap_or_default())]
    Unknown {
        /// The provider.
        provider: String,
        /// The agreement's number.
        number: String,
        /// The version that was asked for.
        version: Option<u32>,
    },
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The program's own schema is at fault.
    #[error(transparent)]
    Schema(#[from] ApiError),
    /// A folder for a throw-away database cannot be made.
    #[error("no throw-away database can be made: {0}")]
    Folder(#[from] std::io::Error),
}
