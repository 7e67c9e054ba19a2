//! The life of a version: draft, offered, accepted, withdrawn; and of an agreement: which version is in force at an
//! instant, suspended, terminated, renewed.

mod renewal;

pub use renewal::{CurrentTerm, Notice, Renewal, TermEnds};

use crate::{
    span::{Span, Spans},
    words::{AgreementStatus, TermsStatus},
};
use jiff::Timestamp;

/// How far a version has come, with the facts that are true from there on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is being written.
    Draft,
    /// It is frozen and the client can read it.
    Offered {
        /// Since when.
        at: Timestamp,
    },
    /// The client has accepted it.
    Accepted {
        /// When it was offered.
        offered_at: Timestamp,
        /// Who accepted.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// It will not come into force.
    Withdrawn {
        /// When it was offered, if it was: then the client has read it.
        offered_at: Option<Timestamp>,
        /// Why.
        reason: String,
        /// When.
        at: Timestamp,
    },
}

/// Why a version cannot move on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only a draft can be changed and offered.
    #[error("these terms are not a draft any more")]
    NotADraft,
    /// Only an offer can be accepted.
    #[error("these terms have not been offered")]
    NotOffered,
    /// What was accepted is ended by newer terms, not taken back.
    #[error("these terms were accepted and can only be replaced by newer ones")]
    Accepted,
}

impl Stage {
    /// When the client could read it first; none: it never could.
    #[must_use]
    pub fn offered_at(&self) -> Option<Timestamp> {
        match self {
            Self::Draft => None,
            Self::Offered { at } => Some(*at),
            Self::Accepted { offered_at, .. } => Some(*offered_at),
            Self::Withdrawn { offered_at, .. } => *offered_at,
        }
    }

    /// Whether the client can read it and has not answered.
    #[must_use]
    pub const fn is_offered(&self) -> bool {
        matches!(self, Self::Offered { .. })
    }

    /// Freezes a draft for the client to read.
    ///
    /// # Errors
    /// [`Refusal::NotADraft`] unless it is one.
    pub fn offer(self, at: Timestamp) -> Result<Self, Refusal> {
        match self {
            Self::Draft => Ok(Self::Offered { at }),
            _ => Err(Refusal::NotADraft),
        }
    }

    /// The client accepts.
    ///
    /// # Errors
    /// [`Refusal::NotOffered`] unless the terms stand offered.
    pub fn accept(self, by: String, at: Timestamp) -> Result<Self, Refusal> {
        match self {
            Self::Offered { at: offered_at } => Ok(Self::Accepted { offered_at, by, at }),
            _ => Err(Refusal::NotOffered),
        }
    }

    /// Takes a draft or an offer back.
    ///
    /// # Errors
    /// [`Refusal::Accepted`] once accepted, [`Refusal::NotADraft`] when already withdrawn.
    pub fn withdraw(self, reason: String, at: Timestamp) -> Result<Self, Refusal> {
        match self {
            Self::Draft => Ok(Self::Withdrawn { offered_at: None, reason, at }),
            Self::Offered { at: offered } => Ok(Self::Withdrawn { offered_at: Some(offered), reason, at }),
            Self::Accepted { .. } => Err(Refusal::Accepted),
            Self::Withdrawn { .. } => Err(Refusal::NotADraft),
        }
    }
}

/// A version on the line of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Counted from 1; a greater number outranks a smaller one from the day it begins.
    pub number: u32,
    /// How far it has come.
    pub stage: Stage,
    /// The first instant, known once the calendar is pinned.
    pub begins: Option<Timestamp>,
    /// The first instant after the last day, renewals by hand included; none: open-ended or renewing by itself.
    pub ends: Option<Timestamp>,
}

impl Version {
    fn is_accepted(&self) -> bool {
        matches!(self.stage, Stage::Accepted { .. })
    }

    fn has_begun(&self, at: Timestamp) -> bool {
        self.begins.is_some_and(|begins| begins <= at)
    }
}

/// A time in which nothing of an agreement holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// The first instant without the agreement.
    pub from: Timestamp,
    /// The first instant with it again; none: not said yet.
    pub until: Option<Timestamp>,
}

impl Suspension {
    /// Whether the agreement is suspended at an instant.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// An agreement on the line of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// Its versions, in any order.
    pub versions: Vec<Version>,
    /// When it was suspended.
    pub suspensions: Vec<Suspension>,
    /// The first instant after it was terminated.
    pub terminated: Option<Timestamp>,
}

impl Life {
    /// The version in force at an instant: the newest accepted one that has begun, unless its last day has passed, or the
    /// agreement is suspended or terminated (V1, V7).
    ///
    /// An amendment that ends does not bring back what it replaced.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> Option<&Version> {
        self.unsuspended(at).filter(|_| !self.is_suspended(at))
    }

    /// When a version is in force, within a stretch of time; none: when any is.
    #[must_use]
    pub fn in_force_within(&self, number: Option<u32>, stretch: Span) -> Spans {
        let of_versions = self.versions.iter().flat_map(|version| [version.begins, version.ends]);
        let of_suspensions = self.suspensions.iter().flat_map(|s| [Some(s.from), s.until]);
        let changes = of_versions.chain(of_suspensions).chain([self.terminated]).flatten();
        let mut edges: Vec<Timestamp> = changes.filter(|edge| stretch.holds(*edge)).collect();
        edges.extend([stretch.from(), stretch.to()]);
        edges.sort_unstable();
        let is_meant =
            |at: Timestamp| self.in_force(at).is_some_and(|version| number.is_none_or(|n| version.number == n));
        let pieces = edges.windows(2).filter_map(|pair| Span::new(*pair.first()?, *pair.get(1)?));
        pieces.filter(|piece| is_meant(piece.from())).collect()
    }

    /// The version that holds at an instant, were the agreement not suspended.
    fn unsuspended(&self, at: Timestamp) -> Option<&Version> {
        let begun = self.versions.iter().filter(|v| v.is_accepted() && v.has_begun(at)).max_by_key(|v| v.number);
        begun.filter(|version| version.ends.is_none_or(|ends| at < ends) && !self.is_terminated(at))
    }

    fn is_suspended(&self, at: Timestamp) -> bool {
        self.suspensions.iter().any(|suspension| suspension.holds(at))
    }

    fn is_terminated(&self, at: Timestamp) -> bool {
        self.terminated.is_some_and(|terminated| terminated <= at)
    }

    /// How a version stands among its siblings at an instant. A suspension changes nothing of it.
    #[must_use]
    pub fn terms_status(&self, version: &Version, at: Timestamp) -> TermsStatus {
        match version.stage {
            Stage::Draft => TermsStatus::Draft,
            Stage::Offered { .. } => TermsStatus::Offered,
            Stage::Withdrawn { .. } => TermsStatus::Withdrawn,
            Stage::Accepted { .. } if !version.has_begun(at) && !self.is_terminated(at) => TermsStatus::Scheduled,
            Stage::Accepted { .. } => match self.unsuspended(at) {
                Some(current) if current.number == version.number => TermsStatus::InForce,
                _ => TermsStatus::Superseded,
            },
        }
    }

    /// How the agreement as a whole stands at an instant.
    ///
    /// Active from the first acceptance, also before the first day; expired when the last accepted version is over.
    #[must_use]
    pub fn status(&self, at: Timestamp) -> AgreementStatus {
        let newest_accepted = self.versions.iter().filter(|v| v.is_accepted()).max_by_key(|v| v.number);
        let offered = || self.versions.iter().any(|v| matches!(v.stage, Stage::Offered { .. }));
        match newest_accepted {
            Some(_) if self.is_terminated(at) => AgreementStatus::Terminated,
            Some(version) if version.ends.is_some_and(|ends| ends <= at) => AgreementStatus::Expired,
            Some(_) if self.is_suspended(at) => AgreementStatus::Suspended,
            Some(_) => AgreementStatus::Active,
            None if offered() => AgreementStatus::Offered,
            None => AgreementStatus::Draft,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + day * 86_400).expect("instant")
    }

    fn accepted(number: u32, begins: i64, ends: Option<i64>) -> Version {
        let stage = Stage::Accepted { offered_at: at(0), by: "board".into(), at: at(0) };
        Version { number, stage, begins: Some(at(begins)), ends: ends.map(at) }
    }

    #[test]
    fn the_newest_version_that_has_begun_is_in_force() {
        let life = Life { versions: vec![accepted(1, 0, Some(100)), accepted(2, 40, Some(60))], ..Life::default() };
        let status = |place: usize, day| life.terms_status(&life.versions[place], at(day));
        for (day, number) in
            [(-1, None), (0, Some(1)), (39, Some(1)), (40, Some(2)), (59, Some(2)), (60, None), (99, None)]
        {
            assert_eq!(life.in_force(at(day)).map(|v| v.number), number, "day {day}");
        }
        assert_eq!(status(1, 10), TermsStatus::Scheduled);
        assert_eq!(status(0, 10), TermsStatus::InForce);
        assert_eq!(status(0, 50), TermsStatus::Superseded);
        assert_eq!(status(1, 70), TermsStatus::Superseded);
        assert_eq!(life.status(at(59)), AgreementStatus::Active);
        assert_eq!(life.status(at(60)), AgreementStatus::Expired);
    }

    #[test]
    fn a_version_moves_only_forward() {
        let offered = Stage::Draft.offer(at(0)).expect("offer");
        assert_eq!(Stage::Draft.accept("a".into(), at(0)), Err(Refusal::NotOffered));
        assert_eq!(offered.clone().offer(at(1)), Err(Refusal::NotADraft));
        let accepted = offered.clone().accept("a".into(), at(1)).expect("accept");
        assert_eq!(accepted.withdraw("no".into(), at(2)), Err(Refusal::Accepted));
        let withdrawn = offered.withdraw("no".into(), at(2)).expect("withdraw");
        assert_eq!(withdrawn.clone().withdraw("no".into(), at(2)), Err(Refusal::NotADraft));
        assert_eq!(withdrawn.accept("a".into(), at(3)), Err(Refusal::NotOffered));
    }

    #[test]
    fn an_agreement_without_accepted_terms_is_a_draft_or_an_offer() {
        let draft = Version { number: 1, stage: Stage::Draft, begins: None, ends: None };
        let offer = Version { stage: Stage::Offered { at: at(0) }, ..draft.clone() };
        let status = |versions: &[Version]| Life { versions: versions.to_vec(), ..Life::default() }.status(at(0));
        assert_eq!(status(&[]), AgreementStatus::Draft);
        assert_eq!(status(&[draft]), AgreementStatus::Draft);
        assert_eq!(status(&[offer]), AgreementStatus::Offered);
    }

    #[test]
    fn nothing_is_in_force_while_suspended_or_once_terminated() {
        let suspensions =
            vec![Suspension { from: at(10), until: Some(at(20)) }, Suspension { from: at(30), until: None }];
        let mut life = Life { versions: vec![accepted(1, 0, Some(50))], suspensions, terminated: None };
        for (day, in_force, status) in [
            (9, true, AgreementStatus::Active),
            (10, false, AgreementStatus::Suspended),
            (19, false, AgreementStatus::Suspended),
            (20, true, AgreementStatus::Active),
            (30, false, AgreementStatus::Suspended),
            (50, false, AgreementStatus::Expired),
        ] {
            assert_eq!((life.in_force(at(day)).is_some(), life.status(at(day))), (in_force, status), "day {day}");
        }
        assert_eq!(life.terms_status(&life.versions[0], at(15)), TermsStatus::InForce);
        let stretch = Span::new(at(5), at(60)).expect("stretch");
        let within = |life: &Life, number| -> Vec<(Timestamp, Timestamp)> {
            life.in_force_within(number, stretch).iter().map(|span| (span.from(), span.to())).collect()
        };
        assert_eq!(within(&life, Some(1)), [(at(5), at(10)), (at(20), at(30))]);
        assert_eq!((within(&life, None), within(&life, Some(2))), (within(&life, Some(1)), Vec::new()));
        life.terminated = Some(at(25));
        assert_eq!(within(&life, None), [(at(5), at(10)), (at(20), at(25))]);
        for (day, in_force, status) in [
            (15, false, AgreementStatus::Suspended),
            (24, true, AgreementStatus::Active),
            (25, false, AgreementStatus::Terminated),
            (60, false, AgreementStatus::Terminated),
        ] {
            assert_eq!((life.in_force(at(day)).is_some(), life.status(at(day))), (in_force, status), "day {day}");
        }
        assert_eq!(life.terms_status(&life.versions[0], at(25)), TermsStatus::Superseded);
    }
}
