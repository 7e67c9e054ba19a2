//! How the feed is asked for.

use async_graphql::{Error, ErrorExtensions, Result};

use super::{
    errors::bad_input,
    paging::{Slice, changes_place},
    scalars::Duration,
    types::SubjectType,
};
use crate::store::{FeedQuestion, Gone, Place, Subject};

/// The longest that a question may wait for an answer.
const WAIT_MAX: remit_domain::Duration = remit_domain::Duration::from_minutes(1);

/// What the arguments ask for.
///
/// # Errors
/// BAD_USER_INPUT for a bad count, and for a cursor that is none of the feed.
pub(crate) fn question(
    first: Option<i32>,
    after: Option<&str>,
    types: Option<Vec<SubjectType>>,
) -> Result<FeedQuestion> {
    let limit = Slice { first, ..Slice::default() }.limit()?;
    Ok(FeedQuestion { after: after.map(place).transpose()?, subjects: subjects(types), limit })
}

/// The place that a cursor of the feed names.
///
/// # Errors
/// BAD_USER_INPUT for a cursor of something else.
pub(crate) fn place(cursor: &str) -> Result<Place> {
    changes_place(cursor).ok_or_else(|| bad_input(&["after"], "is no cursor of the change feed"))
}

/// The kinds of objects that are asked for, each once; none: all.
pub(crate) fn subjects(types: Option<Vec<SubjectType>>) -> Option<Vec<Subject>> {
    let asked: Vec<Subject> = types?.into_iter().map(Into::into).collect();
    Some(Subject::ALL.into_iter().filter(|subject| asked.contains(subject)).collect())
}

/// How long the answer may be waited for.
///
/// # Errors
/// BAD_USER_INPUT beyond a minute.
pub(crate) fn waiting(wait: Option<&Duration>) -> Result<std::time::Duration> {
    let Some(&Duration(wait)) = wait else { return Ok(std::time::Duration::ZERO) };
    if wait > WAIT_MAX {
        return Err(bad_input(&["wait"], format!("must be at most {WAIT_MAX}, not {wait}")));
    }
    Ok(std::time::Duration::from_micros(wait.micros().try_into().unwrap_or_default()))
}

/// The feed cannot be read on from a cursor.
pub(crate) fn gone(why: Gone) -> Error {
    let why = match why {
        Gone::Expired => "What followed this cursor is no longer kept.",
        Gone::Ahead => "The feed does not reach this cursor: the database was restored from an older copy.",
    };
    Error::new(format!("{why} Take `head`, read everything once, and follow the feed from there.")).extend_with(
        |_, extensions| {
            extensions.set("code", "CURSOR_EXPIRED");
            extensions.set("inputPath", vec!["after"]);
        },
    )
}
