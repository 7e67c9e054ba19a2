//! The answer to whether something is covered.

use async_graphql::{Context, Object, Result, SimpleObject};
use remit_domain::{
    coverage,
    words::{CoverageVerdict, HoursClass, Milestone, Party},
};

use super::{Money, ObligationNode, TermsNode, rate, sections::CostShare, tier::SlaTarget};
use crate::{
    app::Answer,
    graphql::{scalars::DateTime, words::Word},
};

/// An answer in the API.
#[derive(Clone, Debug)]
pub(crate) struct CoverageDecision {
    decision: coverage::Decision,
    terms: Option<TermsNode>,
}

impl CoverageDecision {
    /// The answers of one request; their terms load together what they name.
    pub(crate) fn all(answers: Vec<Answer>) -> Vec<Self> {
        let records = answers.iter().filter_map(|answer| answer.terms.clone()).collect();
        let mut nodes = TermsNode::all(records);
        let decision = |Answer { decision, terms }| Self { decision, terms: terms.and_then(|_| nodes.next()) };
        answers.into_iter().map(decision).collect()
    }
}

/// Whether it is covered, who answers for it, until when, and what it costs.
#[Object]
impl CoverageDecision {
    /// Whether it is covered.
    async fn verdict(&self) -> Word<CoverageVerdict> {
        Word(self.decision.verdict)
    }

    /// The terms that decided; null when none were in force.
    async fn terms(&self) -> Option<&TermsNode> {
        self.terms.as_ref()
    }

    /// Who answers for the failure; null: no scenario was given, or the terms assign it to nobody.
    async fn responsible(&self) -> Option<Word<Party>> {
        self.decision.responsible.map(Word)
    }

    /// Who pays what; what is not listed falls to `responsible`.
    async fn costs(&self) -> Vec<CostShare> {
        self.decision.costs.iter().map(Into::into).collect()
    }

    /// Whether the provider is liable.
    async fn liable(&self) -> bool {
        self.decision.liable
    }

    /// The client's obligations that are unmet and past their grace.
    async fn unmet_obligations(&self, ctx: &Context<'_>) -> Result<Vec<ObligationNode>> {
        let Some(terms) = self.terms.as_ref().filter(|_| !self.decision.unmet.is_empty()) else {
            return Ok(Vec::new());
        };
        let all = terms.obligation_nodes(ctx).await?;
        Ok(self.decision.unmet.iter().filter_map(|place| all.get(*place).cloned()).collect())
    }

    /// The class of the hour; null without terms in force.
    async fn hours_class(&self) -> Option<Word<HoursClass>> {
        self.decision.hours_class.map(Word)
    }

    /// Whether the work is to be had at that time.
    async fn offered(&self) -> bool {
        self.decision.offered
    }

    /// Whether it costs more than the fee.
    async fn chargeable(&self) -> bool {
        self.decision.chargeable
    }

    /// What an hour costs, beyond included hours; null: nothing more, or not known (the reasons say which).
    async fn hourly_rate(&self) -> Option<Money> {
        self.decision.hourly_rate.map(rate)
    }

    /// When what is due.
    async fn deadlines(&self) -> Vec<Deadline<'_>> {
        self.decision.deadlines.iter().map(Deadline).collect()
    }

    /// When it opens next, after the instant asked about.
    async fn next_opening(&self) -> Option<DateTime> {
        self.decision.next_opening.map(DateTime)
    }

    /// Every part of the answer, with the clause it comes from, in the order in which it was decided; the near misses last.
    async fn reasons(&self) -> Vec<Reason> {
        self.decision.reasons.iter().map(Into::into).collect()
    }
}

/// A deadline in the API.
#[derive(Clone, Debug)]
pub(crate) struct Deadline<'a>(&'a coverage::Deadline);

/// One target applied to the instant asked about.
#[Object]
impl Deadline<'_> {
    /// What is due.
    async fn milestone(&self) -> Word<Milestone> {
        Word(self.0.milestone)
    }

    /// By when.
    async fn due(&self) -> DateTime {
        DateTime(self.0.due)
    }

    /// The target that was chosen.
    async fn target(&self) -> SlaTarget {
        (&self.0.target).into()
    }

    /// The proof: which stretches counted and which did not.
    async fn segments(&self) -> Vec<ClockSegment> {
        let segment = |segment: remit_domain::sla::ClockSegment| ClockSegment {
            from: DateTime(segment.from),
            to: DateTime(segment.to),
            counts: segment.counts,
            why: segment.why,
        };
        self.0.segments().into_iter().map(segment).collect()
    }
}

/// A stretch of time that counted or did not, and why. The counted ones add up to what was used.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct ClockSegment {
    /// Its first instant.
    from: DateTime,
    /// The first instant after it.
    to: DateTime,
    /// Whether it counted.
    counts: bool,
    /// Why.
    why: String,
}

/// Why a part of an answer is what it is.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Reason {
    /// What decided. Stable: branch on it.
    code: String,
    /// The clause it comes from.
    clause: Option<String>,
    /// The same in a sentence.
    text: String,
}

impl From<&coverage::Reason> for Reason {
    fn from(reason: &coverage::Reason) -> Self {
        Self { code: reason.code.as_str().into(), clause: reason.clause.clone(), text: reason.text.clone() }
    }
}
