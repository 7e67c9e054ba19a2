//! Refusals as data: what a rule or the catalogue says no to, with a stable code and the place in the input.

use crate::store::StoreError;

/// Where in an input something is: field names, and places counted from 0.
pub type Path = Vec<String>;

/// What a mutation comes to.
pub type Outcome<T> = Result<T, Failure>;

/// Why nothing was done.
#[derive(Debug)]
pub enum Failure {
    /// The input is at fault, or a rule says no. Never empty.
    Refused(Vec<UserError>),
    /// The server is at fault.
    Fault(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::KeyReused => {
                let text = "the Idempotency-Key was sent with another request, or by a token with other scopes, before: \
                            another request takes another key";
                UserError::new(UserErrorCode::IdempotencyMismatch, &[], text).into()
            }
            fault => Self::Fault(fault),
        }
    }
}

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// The kind of refusal.
    pub code: UserErrorCode,
    /// What is wrong and what to do.
    pub message: String,
    /// Where in the input.
    pub path: Path,
}

/// The kinds of refusal. Stable: integrators branch on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserErrorCode {
    /// A name names nothing.
    NotFound,
    /// The name is taken by something else.
    AlreadyExists,
    /// The value is not one that can be.
    Invalid,
    /// It does not go with how things stand.
    Conflict,
    /// The agreement has changed since it was read.
    StaleRevision,
    /// The terms are no draft (any more).
    NotADraft,
    /// The draft has blocking findings.
    NotReady,
    /// The terms would begin no later than those accepted before.
    TermsOverlap,
    /// A guarantee is beyond what history supports.
    Overpromised,
    /// The billing period is closed, and nothing is left that could be charged for it.
    PeriodClosed,
    /// The request's key was used for another request.
    IdempotencyMismatch,
}

impl UserError {
    /// A refusal at a place of the input.
    #[must_use]
    pub fn new(code: UserErrorCode, path: &[&str], message: impl Into<String>) -> Self {
        Self { code, message: message.into(), path: path.iter().map(|&part| part.to_owned()).collect() }
    }
}

impl From<UserError> for Failure {
    fn from(error: UserError) -> Self {
        Self::Refused(vec![error])
    }
}

/// Collects what is wrong with an input, with the path to where the reading is.
#[derive(Debug)]
pub struct Problems {
    path: Path,
    found: Vec<UserError>,
}

impl Problems {
    /// Begins at the argument that holds the input.
    #[must_use]
    pub fn of(argument: &str) -> Self {
        Self { path: vec![argument.to_owned()], found: Vec::new() }
    }

    /// Reads something at a field or place below.
    pub fn at<T>(&mut self, part: impl std::fmt::Display, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(part.to_string());
        let value = read(self);
        self.path.pop();
        value
    }

    /// Reads every item of a list; none when one of them is wrong.
    pub fn each<T, U>(&mut self, items: Vec<T>, mut read: impl FnMut(&mut Self, T) -> Option<U>) -> Option<Vec<U>> {
        let read: Vec<Option<U>> =
            items.into_iter().enumerate().map(|(place, item)| self.at(place, |here| read(here, item))).collect();
        read.into_iter().collect()
    }

    /// Takes a value, or puts down at a field why it is none.
    pub fn take<T, E: std::fmt::Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        self.at(field, |here| here.check(value))
    }

    /// Takes a value, or puts down why it is none.
    pub fn check<T, E: std::fmt::Display>(&mut self, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.refuse(UserErrorCode::Invalid, error.to_string())).ok()
    }

    /// Puts down a refusal here.
    pub fn refuse(&mut self, code: UserErrorCode, message: impl Into<String>) {
        self.found.push(UserError { code, message: message.into(), path: self.path.clone() });
    }

    /// The path to where the reading is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The value, unless something was wrong.
    ///
    /// # Errors
    /// Everything that was put down.
    pub fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<UserError>> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ if self.found.is_empty() => {
                self.refuse(UserErrorCode::Invalid, "cannot be read");
                Err(self.found)
            }
            _ => Err(self.found),
        }
    }
}
