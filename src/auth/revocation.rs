//! Tokens that hold and are taken no more.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use remit_domain::Timestamp;
use tokio::sync::watch;

use super::Caller;

/// Which tokens of a provider are revoked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Revocable {
    /// The one with this id (`jti`).
    Token(String),
    /// All of this subject that were issued before an instant.
    Subject(String, Timestamp),
    /// All of this software (`client_id`) that were issued before an instant.
    Software(String, Timestamp),
}

/// A revocation, as it bears on tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Which tokens.
    pub what: Revocable,
    /// Whether it is of all that there were, and not only of those before an instant that was said.
    pub is_cut: bool,
}

/// What is revoked at one provider.
#[derive(Clone, Debug, Default)]
struct AtProvider {
    tokens: HashSet<String>,
    subjects: HashMap<String, Named>,
    software: HashMap<String, Named>,
}

/// What is revoked of one name.
#[derive(Clone, Copy, Debug, Default)]
struct Named {
    /// How often all that there were.
    cuts: u64,
    /// What was issued before, by the latest of all.
    before: Option<Timestamp>,
    /// The same by the latest of those that are no cuts.
    said: Option<Timestamp>,
}

impl AtProvider {
    fn add(&mut self, Revocation { what, is_cut }: Revocation) {
        let (named, before) = match what {
            Revocable::Token(jti) => {
                self.tokens.insert(jti);
                return;
            }
            Revocable::Subject(name, before) => (self.subjects.entry(name).or_default(), before),
            Revocable::Software(name, before) => (self.software.entry(name).or_default(), before),
        };
        named.before = named.before.max(Some(before));
        if is_cut {
            named.cuts += 1;
        } else {
            named.said = named.said.max(Some(before));
        }
    }

    fn refuses(&self, caller: &Caller) -> bool {
        let issued = i128::from(caller.issued_at()) * 1_000_000;
        let falls = |before: Option<Timestamp>| before.is_some_and(|at| issued < i128::from(at.as_microsecond()));
        let named = [self.subjects.get(caller.subject()), self.software.get(caller.client_id())];
        let mut named = named.into_iter().flatten();
        caller.jti().is_some_and(|jti| self.tokens.contains(jti))
            || match caller.cut() {
                None => named.any(|named| falls(named.before)),
                // It says itself which cuts it has come after, so no clock is asked.
                Some(cut) => {
                    named.clone().map(|named| named.cuts).sum::<u64>() > cut || named.any(|named| falls(named.said))
                }
            }
    }
}

/// What is revoked, of every provider.
///
/// A provider's revocations say nothing of another's tokens, whatever names they share.
#[derive(Clone, Debug, Default)]
pub struct Revoked(HashMap<String, AtProvider>);

impl FromIterator<(String, Revocation)> for Revoked {
    /// Of pairs of a provider's code and what it has revoked.
    fn from_iter<I: IntoIterator<Item = (String, Revocation)>>(revocations: I) -> Self {
        let mut revoked = Self::default();
        for (provider, revocation) in revocations {
            revoked.0.entry(provider).or_default().add(revocation);
        }
        revoked
    }
}

/// What is revoked, as far as is known: shared by the verifier, by connections that outlive a request, and by whoever
/// reads the database anew.
#[derive(Debug)]
pub struct Revocations {
    revoked: RwLock<Arc<Revoked>>,
    changes: watch::Sender<()>,
}

impl Default for Revocations {
    fn default() -> Self {
        Self { revoked: RwLock::default(), changes: watch::Sender::new(()) }
    }
}

impl Revocations {
    /// Whether a caller's token is revoked. Costs a fraction of a microsecond.
    #[must_use]
    pub fn refuse(&self, caller: &Caller) -> bool {
        let revoked = self.revoked.read().unwrap_or_else(PoisonError::into_inner);
        revoked.0.get(caller.provider().as_str()).is_some_and(|there| there.refuses(caller))
    }

    /// Puts what is revoked in place of what was known.
    pub fn replace(&self, revoked: Revoked) {
        *self.revoked.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(revoked);
        self.changes.send_replace(());
    }

    /// Tells each time that something may have been revoked: a connection that outlives a request asks then whether its
    /// caller is still taken ([`refuse`](Self::refuse)), and ends when not.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    /// Somebody at `acme` with the operator's names, whose token was issued at 1000.
    fn caller() -> Caller {
        Caller::operator("acme".parse().unwrap(), 1_000)
    }

    fn refused(revoked: &[(&str, Revocable)]) -> bool {
        let known = Revocations::default();
        let cut = |what: &Revocable| Revocation { what: what.clone(), is_cut: true };
        known.replace(revoked.iter().map(|(provider, what)| ((*provider).to_owned(), cut(what))).collect());
        known.refuse(&caller())
    }

    #[test]
    fn a_token_that_says_so_falls_by_what_came_after_it_whatever_the_clocks_say() {
        let software = |seconds, is_cut| {
            let what = Revocable::Software("remit".into(), at(seconds));
            ("acme".to_owned(), Revocation { what, is_cut })
        };
        let subject = |seconds| {
            let what = Revocable::Subject("operator".into(), at(seconds));
            ("acme".to_owned(), Revocation { what, is_cut: true })
        };
        for (cut, revoked, falls) in [
            (0, vec![], false),
            (0, vec![software(500, true)], true),
            (1, vec![software(2_000, true)], false),
            (1, vec![software(2_000, true), software(2_000, true)], true),
            (1, vec![software(500, true), subject(500)], true),
            (2, vec![software(2_000, true), subject(2_000)], false),
            (1, vec![software(2_000, true), software(500, false)], false),
            (1, vec![software(2_000, true), software(1_001, false)], true),
        ] {
            let known = Revocations::default();
            known.replace(revoked.iter().cloned().collect());
            let caller = Caller { cut: Some(cut), ..caller() };
            assert_eq!(known.refuse(&caller), falls, "{cut} {revoked:?}");
        }
    }

    #[test]
    fn a_token_falls_by_its_id_its_subject_or_its_software() {
        let half = Timestamp::from_microsecond(1_000_500_000).unwrap();
        for (what, falls) in [
            (Revocable::Token("operator".into()), true),
            (Revocable::Token("other".into()), false),
            (Revocable::Subject("operator".into(), at(1_001)), true),
            (Revocable::Subject("operator".into(), half), true),
            (Revocable::Subject("operator".into(), at(1_000)), false),
            (Revocable::Subject("other".into(), at(2_000)), false),
            (Revocable::Subject("remit".into(), at(2_000)), false),
            (Revocable::Software("remit".into(), at(1_001)), true),
            (Revocable::Software("remit".into(), at(1_000)), false),
            (Revocable::Software("operator".into(), at(2_000)), false),
        ] {
            assert_eq!(refused(&[("acme", what.clone())]), falls, "{what:?}");
            assert!(!refused(&[("zenith", what.clone())]), "another provider's: {what:?}");
        }
        assert!(!refused(&[]));
    }

    #[test]
    fn the_latest_instant_counts_in_whatever_order_they_come() {
        let subject = |seconds| ("acme", Revocable::Subject("operator".into(), at(seconds)));
        assert!(refused(&[subject(2_000), subject(500)]) && refused(&[subject(500), subject(2_000)]));
        assert!(!refused(&[subject(500), subject(900)]));
    }

    #[test]
    fn whoever_listens_is_told() {
        let known = Revocations::default();
        let changes = known.changes();
        assert!(!changes.has_changed().unwrap());
        known.replace(Revoked::default());
        assert!(changes.has_changed().unwrap());
    }
}
