//! Running a prepared request: in a task of its own, and no longer than it may.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::{Request, Response};
use futures_util::future::BoxFuture;
use tokio::{task::JoinHandle, time::timeout};
use tracing::{Instrument as _, Span, error, warn};

use crate::graphql::{
    context::Serving,
    request::{OperationKind, Prepared},
    scopes::Roots,
};

/// What became of a request that was let in.
pub(crate) enum Ran {
    /// It ran to its end.
    Done(Box<Response>),
    /// It panicked.
    Panicked,
    /// Its time was up.
    Late {
        /// The field that was being worked on.
        reached: Vec<String>,
        /// Whether it may have written.
        writing: bool,
    },
}

/// The field that was last seen reading or writing, as far as its first two levels: what a deadline tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reached(Arc<Mutex<[Option<String>; 2]>>);

impl Reached {
    /// Puts a field down.
    pub(crate) fn at(&self, path: [Option<&str>; 2]) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.each_ref().map(Option::as_deref) != path {
            *last = path.map(|name| name.map(str::to_owned));
        }
    }

    fn take(&self) -> Vec<String> {
        let last = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        last.into_iter().flatten().collect()
    }
}

/// The request for the engine, with all that its resolvers find in their context.
pub(super) fn equipped(serving: Serving, prepared: Prepared, reached: Reached) -> Request {
    let is_mutation = prepared.kind == OperationKind::Mutation;
    let roots = Roots { fields: Arc::clone(&prepared.roots), is_mutation };
    prepared.into_request().data(serving).data(roots).data(reached)
}

/// Runs a request, which keeps its turn until it has ended.
///
/// It has a task of its own: what panics takes this request with it and nothing else, and a write that has begun is
/// finished although its caller has gone or its time is up. A query ends with whoever asked.
///
/// - `work`: what runs it, boxed, for it is large and would be moved more than once; and what it has reached.
/// - `writing`: whether it may write.
/// - `turn`: what it keeps until it has ended.
pub(crate) async fn run(
    (work, reached): (BoxFuture<'static, Response>, Reached),
    writing: bool,
    turn: impl Send + 'static,
    within: Duration,
) -> Ran {
    let work = async move {
        let response = work.await;
        drop(turn);
        response
    };
    let mut task = Running { task: tokio::spawn(work.instrument(Span::current())), ends_with_caller: !writing };
    match timeout(within, &mut task.task).await {
        Ok(Ok(response)) => Ran::Done(Box::new(response)),
        Ok(Err(failed)) => {
            error!(error = %failed, "a request panicked");
            Ran::Panicked
        }
        Err(_) => {
            let reached = reached.take();
            warn!(path = reached.join("."), "a request took too long");
            Ran::Late { reached, writing }
        }
    }
}

/// A task that is ended with whoever waits for it, if it may be.
struct Running {
    task: JoinHandle<Response>,
    ends_with_caller: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ends_with_caller {
            self.task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptySubscription, Object, Schema};
    use tokio::sync::oneshot;

    use super::*;

    struct Query;

    #[Object]
    impl Query {
        async fn fine(&self) -> i32 {
            1
        }

        async fn panics(&self) -> i32 {
            let nothing = Vec::<i32>::new();
            nothing.first().copied().expect("the secret of a panic")
        }

        async fn slow(&self) -> i32 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            1
        }
    }

    struct Mutation;

    #[Object]
    impl Mutation {
        async fn slow(&self) -> i32 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            1
        }
    }

    /// Runs a document; what became of it, and whether its turn was given back within a second.
    async fn ran(document: &str, within: Duration) -> (Ran, bool) {
        let engine = Schema::new(Query, Mutation, EmptySubscription);
        let (turn, given_back) = oneshot::channel::<()>();
        let reached = Reached::default();
        reached.at([Some("slow"), None]);
        let writing = document.starts_with("mutation");
        let document = document.to_owned();
        let work = Box::pin(async move { engine.execute(document).await });
        let ran = run((work, reached), writing, turn, within).await;
        (ran, timeout(Duration::from_secs(1), given_back).await.is_ok())
    }

    #[tokio::test]
    async fn a_panic_is_this_requests_own() {
        let long = Duration::from_secs(10);
        assert!(matches!(ran("{ fine panics }", long).await, (Ran::Panicked, true)));
        assert!(matches!(ran("{ fine }", long).await, (Ran::Done(_), true)));
    }

    #[tokio::test]
    async fn what_takes_too_long_says_where_it_was() {
        for (document, may_write) in [("{ slow }", false), ("mutation { slow }", true)] {
            let (ran, given_back) = ran(document, Duration::from_millis(5)).await;
            let Ran::Late { reached, writing } = ran else { panic!("{document} was in time") };
            assert_eq!((reached, writing, given_back), (vec!["slow".to_owned()], may_write, true));
        }
    }
}
