//! What every resolver finds in its context.

use std::sync::Arc;

use async_graphql::{Context, QueryPathNode, QueryPathSegment, Result};

use super::serve::Reached;
use crate::app::{App, Session};

/// The use cases and who asks, for one request.
#[derive(Clone, Debug)]
pub(crate) struct Serving {
    pub(crate) app: Arc<App>,
    pub(crate) session: Session,
}

impl Serving {
    /// What a resolver asks for before it reads or writes, so a deadline can tell which did last.
    pub(crate) fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        if let (Some(reached), Some(path)) = (ctx.data_opt::<Reached>(), &ctx.path_node) {
            reached.at(outermost(path));
        }
        ctx.data::<Self>()
    }
}

/// The first two of the names that lead to a field.
fn outermost<'a>(path: &'a QueryPathNode<'a>) -> [Option<&'a str>; 2] {
    let (mut first, mut second) = (None, None);
    for node in [path].into_iter().chain(path.parents()) {
        if let QueryPathSegment::Name(name) = node.segment {
            (first, second) = (Some(name), first);
        }
    }
    [first, second]
}
