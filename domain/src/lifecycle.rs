//! The life of a version: draft, offered, accepted, withdrawn; and which version is in force at an instant.

use crate::words::{AgreementStatus, TermsStatus};
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
    /// The first instant after the last day; none: open-ended.
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

/// The version in force at an instant: the newest accepted one that has begun, unless its last day has passed (V1).
///
/// An amendment that ends does not bring back what it replaced.
#[must_use]
pub fn in_force(versions: &[Version], at: Timestamp) -> Option<&Version> {
    newest_begun(versions, at).filter(|version| version.ends.is_none_or(|ends| at < ends))
}

fn newest_begun(versions: &[Version], at: Timestamp) -> Option<&Version> {
    versions.iter().filter(|v| v.is_accepted() && v.has_begun(at)).max_by_key(|v| v.number)
}

/// How a version stands among its siblings at an instant.
#[must_use]
pub fn terms_status(version: &Version, versions: &[Version], at: Timestamp) -> TermsStatus {
    match version.stage {
        Stage::Draft => TermsStatus::Draft,
        Stage::Offered { .. } => TermsStatus::Offered,
        Stage::Withdrawn { .. } => TermsStatus::Withdrawn,
        Stage::Accepted { .. } if !version.has_begun(at) => TermsStatus::Scheduled,
        Stage::Accepted { .. } => match in_force(versions, at) {
            Some(current) if current.number == version.number => TermsStatus::InForce,
            _ => TermsStatus::Superseded,
        },
    }
}

/// How the agreement as a whole stands at an instant.
///
/// Active from the first acceptance, also before the first day; expired when the last accepted version is over.
#[must_use]
pub fn agreement_status(versions: &[Version], at: Timestamp) -> AgreementStatus {
    let newest_accepted = versions.iter().filter(|v| v.is_accepted()).max_by_key(|v| v.number);
    let offered = || versions.iter().any(|v| matches!(v.stage, Stage::Offered { .. }));
    match newest_accepted {
        Some(version) if version.ends.is_some_and(|ends| ends <= at) => AgreementStatus::Expired,
        Some(_) => AgreementStatus::Active,
        None if offered() => AgreementStatus::Offered,
        None => AgreementStatus::Draft,
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
        let versions = [accepted(1, 0, Some(100)), accepted(2, 40, Some(60))];
        for (day, number) in
            [(-1, None), (0, Some(1)), (39, Some(1)), (40, Some(2)), (59, Some(2)), (60, None), (99, None)]
        {
            assert_eq!(in_force(&versions, at(day)).map(|v| v.number), number, "day {day}");
        }
        assert_eq!(terms_status(&versions[1], &versions, at(10)), TermsStatus::Scheduled);
        assert_eq!(terms_status(&versions[0], &versions, at(10)), TermsStatus::InForce);
        assert_eq!(terms_status(&versions[0], &versions, at(50)), TermsStatus::Superseded);
        assert_eq!(terms_status(&versions[1], &versions, at(70)), TermsStatus::Superseded);
        assert_eq!(agreement_status(&versions, at(59)), AgreementStatus::Active);
        assert_eq!(agreement_status(&versions, at(60)), AgreementStatus::Expired);
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
        assert_eq!(agreement_status(&[], at(0)), AgreementStatus::Draft);
        assert_eq!(agreement_status(&[draft], at(0)), AgreementStatus::Draft);
        assert_eq!(agreement_status(&[offer], at(0)), AgreementStatus::Offered);
    }
}
