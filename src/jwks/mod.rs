//! The keys of an outside issuer: fetched, kept, and renewed while tokens are verified by them.
//!
//! | when | what |
//! |---|---|
//! | at the start | the set is read; a file must hold one, a URL may be out of reach |
//! | a token names a key that is not known | the set is read anew, once for all requests that wait for it |
//! | every 5 minutes, or as the answer's `max-age` says, from 1 minute to 1 hour; of a file, every minute | the same, so that keys that were taken out are gone |
//! | after a failure | again in 15 seconds; the keys that are known stay |
//!
//! Never more than two reads in 30 seconds, whatever tokens say. Architecture invariant: nothing else connects to an
//! issuer. Time is handed in, so that tests need not wait.

mod pace;
mod source;
#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::Mutex;

use crate::{
    auth::{JwksError, KeySet, Keyring, PublishedKeys},
    config::KeySource,
};
use pace::Schedule;
pub use source::SourceError;
use source::{Found, Source, TIMEOUT};

/// How often it is seen whether the keys are due.
const TICK: Duration = Duration::from_secs(5);

/// Why the keys could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The issuer or the file gave nothing.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It gave something else.
    #[error(transparent)]
    Jwks(#[from] JwksError),
}

/// An outside issuer's keys.
#[derive(Debug)]
pub struct OutsideKeys {
    source: Source,
    ring: Arc<Keyring>,
    /// How many times the source was read.
    looks: AtomicU64,
    known: AtomicBool,
    state: Mutex<State>,
}

/// What whoever reads the source holds meanwhile; the others wait for what comes of it.
#[derive(Debug, Default)]
struct State {
    schedule: Schedule,
    /// What was said last of a failure, or of the keys: the log says each once.
    said: String,
}

impl OutsideKeys {
    /// The keys that `source` publishes; none is known before they are looked for.
    ///
    /// # Errors
    /// [`SourceError::Client`] when this machine cannot open connections as they must be.
    pub fn new(source: KeySource) -> Result<Arc<Self>, SourceError> {
        Self::with_timeout(source, TIMEOUT)
    }

    fn with_timeout(source: KeySource, timeout: Duration) -> Result<Arc<Self>, SourceError> {
        Ok(Arc::new(Self {
            source: Source::new(source, timeout)?,
            ring: Arc::default(),
            looks: AtomicU64::new(0),
            known: AtomicBool::new(false),
            state: Mutex::default(),
        }))
    }

    /// Where a verifier finds them.
    #[must_use]
    pub fn ring(&self) -> Arc<Keyring> {
        Arc::clone(&self.ring)
    }

    /// Whether keys were ever read. They stay known while the issuer is down.
    #[must_use]
    pub fn are_known(&self) -> bool {
        self.known.load(Ordering::Acquire)
    }

    /// How many times the source was read until now, for [`look_again`](Self::look_again).
    #[must_use]
    pub fn looks(&self) -> u64 {
        self.looks.load(Ordering::Acquire)
    }

    /// Reads the source for the first time.
    ///
    /// # Errors
    /// [`LookError`], also logged.
    pub async fn load(&self, now: i64) -> Result<(), LookError> {
        let mut state = self.state.lock().await;
        state.schedule.take_turn(now);
        self.look(&mut state, now).await
    }

    /// Reads the source if the keys are due.
    ///
    /// - `now`: unix seconds.
    pub async fn tend(&self, now: i64) {
        let mut state = self.state.lock().await;
        if state.schedule.is_due(now) && state.schedule.take_turn(now) {
            drop(self.look(&mut state, now).await);
        }
    }

    /// Reads the source since a token names a key that is not known; whether it was read since `seen`.
    ///
    /// Waits for a read that is under way instead of beginning another, and begins none out of turn.
    ///
    /// - `seen`: what [`looks`](Self::looks) said before the key was found unknown.
    /// - `now`: unix seconds.
    pub async fn look_again(self: &Arc<Self>, seen: u64, now: i64) -> bool {
        let this = Arc::clone(self);
        // A task of its own: a caller who hangs up would else take a turn and leave nothing behind.
        let look = tokio::spawn(async move {
            let mut state = this.state.lock().await;
            if this.looks() == seen && state.schedule.take_turn(now) {
                drop(this.look(&mut state, now).await);
            }
        });
        drop(look.await);
        self.looks() != seen
    }

    async fn look(&self, state: &mut State, now: i64) -> Result<(), LookError> {
        let found = self.source.read().await.map_err(LookError::from);
        let read = found.and_then(|Found { body, keep }| Ok((PublishedKeys::read(&body)?, keep)));
        let done = match read {
            Ok((published, keep)) => {
                state.schedule.keep(now, keep);
                state.say_known(&self.source, &published);
                self.ring.replace(published.keys);
                self.known.store(true, Ordering::Release);
                Ok(())
            }
            Err(error) => {
                state.schedule.retry(now);
                // Whoever takes all keys out means that none holds any more.
                if let LookError::Jwks(JwksError::NoneUsable(_)) = &error {
                    self.ring.replace(KeySet::default());
                }
                state.say_failed(&self.source, &error, self.are_known());
                Err(error)
            }
        };
        self.looks.fetch_add(1, Ordering::AcqRel);
        done
    }
}

impl State {
    fn say_known(&mut self, source: &Source, published: &PublishedKeys) {
        let keys: Vec<_> = published.keys.iter().map(|key| format!("{:?} ({})", key.kid(), key.alg())).collect();
        let left_out: Vec<_> = published.left_out.iter().map(ToString::to_string).collect();
        let (keys, left_out) = (keys.join(", "), left_out.join("; "));
        if self.is_new(format!("{keys}; {left_out}")) {
            tracing::info!(%source, %keys, %left_out, "the issuer's keys are read");
        }
    }

    fn say_failed(&mut self, source: &Source, error: &LookError, are_known: bool) {
        let none_left = matches!(error, LookError::Jwks(JwksError::NoneUsable(_)));
        let stay = are_known && !none_left;
        let consequence = if stay { "those that are known stay" } else { "no token of the issuer is taken" };
        if self.is_new(error.to_string()) {
            tracing::warn!(%source, %error, "the issuer's keys cannot be read; {consequence}");
        }
    }

    fn is_new(&mut self, text: String) -> bool {
        let is_new = self.said != text;
        self.said = text;
        is_new
    }
}

/// Keeps the keys fresh until it is dropped.
///
/// - `clock`: the time in unix seconds.
pub async fn keep_fresh(keys: Arc<OutsideKeys>, clock: impl Fn() -> i64) {
    loop {
        keys.tend(clock()).await;
        tokio::time::sleep(TICK).await;
    }
}
