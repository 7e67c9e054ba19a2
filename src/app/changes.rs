//! Reading the change feed, waiting for what comes, and reading along.

use std::time::Duration;

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use tokio::time::{Instant, timeout_at};

use super::{App, Session};
use crate::store::{
    ChangeRecord, FeedPage, FeedQuestion, Follower, Gone, Heard, Place, Scope, Store, StoreError, Subject,
};

/// How many changes are read at once by who catches up.
const CATCHING_UP: u64 = 100;

/// Somebody who reads along: first what he has not seen, then what comes.
#[derive(Debug)]
pub struct Reading {
    store: Store,
    follower: Follower,
    subjects: Option<Vec<Subject>>,
    /// Up to where he has read.
    place: Place,
    is_behind: bool,
}

/// What comes next for somebody who reads along.
#[derive(Clone, Debug)]
pub enum Next {
    /// Changes, in order.
    Changes(Vec<ChangeRecord>),
    /// It cannot be read on without leaving something out.
    Gone(Gone),
    /// The server is about to end.
    Closing,
}

impl Reading {
    /// Waits for the changes that come next and that a caller sees. Nothing is lost when the waiting is given up.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn next(&mut self, scope: &Scope) -> Result<Next, StoreError> {
        loop {
            if self.is_behind {
                let (after, subjects) = (Some(self.place), self.subjects.clone());
                let question = FeedQuestion { after, subjects, limit: CATCHING_UP };
                match self.store.changes(scope, &question).await? {
                    FeedPage::Gone(why) => return Ok(Next::Gone(why)),
                    FeedPage::Page(page) => {
                        self.is_behind = page.more;
                        if let Some(last) = page.items.last() {
                            self.place = last.place;
                            return Ok(Next::Changes(page.items));
                        }
                    }
                }
            }
            match self.follower.hear().await {
                Heard::Closing => return Ok(Next::Closing),
                Heard::TooMuch => self.is_behind = true,
                Heard::Changes(changes) => {
                    let place = self.place;
                    let new: Vec<ChangeRecord> = changes.iter().filter(|c| c.place > place).cloned().collect();
                    self.place = new.last().map_or(place, |last| last.place);
                    let asked = |c: &ChangeRecord| self.subjects.as_ref().is_none_or(|some| some.contains(&c.subject));
                    let seen: Vec<ChangeRecord> = new.into_iter().filter(|c| asked(c) && scope.sees(c)).collect();
                    if !seen.is_empty() {
                        return Ok(Next::Changes(seen));
                    }
                }
            }
        }
    }
}

/// Somebody who has read all there is, and waits for more.
#[derive(Debug)]
pub struct Waiting {
    follower: Follower,
    after: Option<Place>,
    subjects: Option<Vec<Subject>>,
    until: Instant,
}

impl Waiting {
    /// Waits until some of these may find something. Not so where the time of all is up, or the server is about to end.
    pub async fn any(waiting: &mut [Self]) -> bool {
        let mut all: FuturesUnordered<_> = waiting.iter_mut().map(Self::hear).collect();
        while let Some(heard) = all.next().await {
            if heard {
                return true;
            }
        }
        false
    }

    async fn hear(&mut self) -> bool {
        let Self { follower, after, subjects, until } = self;
        let concerns = |change: &ChangeRecord| {
            after.is_none_or(|after| change.place > after)
                && subjects.as_ref().is_none_or(|some| some.contains(&change.subject))
        };
        let something = async {
            loop {
                match follower.hear().await {
                    Heard::Changes(changes) if changes.iter().any(concerns) => return true,
                    Heard::Changes(_) => {}
                    Heard::TooMuch => return true,
                    Heard::Closing => return false,
                }
            }
        };
        timeout_at(*until, something).await.unwrap_or(false)
    }
}

impl App {
    /// Begins to read along.
    ///
    /// - `after`: from behind this place; none: only what comes from now on.
    /// - `subjects`: only these kinds of objects; none: all.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn read_along(
        &self,
        scope: &Scope,
        after: Option<Place>,
        subjects: Option<Vec<Subject>>,
    ) -> Result<Reading, StoreError> {
        let follower = self.store.follow(scope).await?;
        let place = after.unwrap_or_else(|| follower.start());
        Ok(Reading { store: self.store.clone(), follower, subjects, place, is_behind: after.is_some() })
    }

    /// What happened behind a place; where nothing did and the caller would wait for it, what to wait by before asking again.
    ///
    /// - `wait`: how long the caller waits, of which no more counts than the token is good for.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn changes(
        &self,
        session: &Session,
        question: &FeedQuestion,
        wait: Duration,
    ) -> Result<(FeedPage, Option<Waiting>), StoreError> {
        let good_for = session.caller.expires_at().saturating_sub(session.now.as_second());
        let wait = wait.min(Duration::from_secs(good_for.try_into().unwrap_or_default()));
        if wait.is_zero() || question.limit == 0 {
            return Ok((self.store.changes(&session.scope, question).await?, None));
        }
        // First follow, then read: what comes between the two is heard.
        let follower = self.store.follow(&session.scope).await?;
        let found = self.store.changes(&session.scope, question).await?;
        let is_empty = matches!(&found, FeedPage::Page(page) if page.items.is_empty());
        let (after, subjects, until) = (question.after, question.subjects.clone(), Instant::now() + wait);
        Ok((found, is_empty.then(|| Waiting { follower, after, subjects, until })))
    }
}
