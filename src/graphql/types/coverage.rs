//! The answer to whether something is covered.

use std::borrow::Cow;

use async_graphql::{Context, Object, Result, SimpleObject};
use remit_domain::{
    coverage, rating,
    terms::ExtraHours,
    words::{CoverageVerdict, HoursClass, Milestone, Party, RateTreatment},
};

use super::{
    Money, ObligationNode, TermsNode, rate,
    sections::CostShare,
    tier::{EscalationStep, SlaTarget},
};
use crate::{
    app::Answer,
    graphql::{
        plain::plain,
        scalars::{DateTime, Duration},
        words::Word,
    },
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

/// Who is brought in when, as long as it is not resolved.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct EscalationDue {
    /// When.
    due: DateTime,
    /// The step of the tier.
    step: EscalationStep,
}

impl From<&coverage::EscalationDue> for EscalationDue {
    fn from(escalation: &coverage::EscalationDue) -> Self {
        Self { due: DateTime(escalation.due), step: (&escalation.step).into() }
    }
}

/// What work comes to.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct Estimate {
    /// Its stretches, in order.
    segments: Vec<RatedSegment>,
    /// The plain sum.
    amount: Money,
}

/// A stretch of work of one class of hours under one rule, priced.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct RatedSegment {
    /// Its first instant.
    pub(super) from: DateTime,
    /// The first instant after it.
    pub(super) to: DateTime,
    /// The class of the hour.
    pub(super) hours_class: Word<HoursClass>,
    /// What the rule does with it; NOT_OFFERED also where no rule matches.
    pub(super) treatment: Word<RateTreatment>,
    /// Time worked.
    pub(super) worked: Duration,
    /// Rounded time that included hours cover.
    pub(super) included: Duration,
    /// Rounded time less what is included.
    pub(super) charged: Duration,
    /// What an hour costs; null: nothing.
    pub(super) hourly_rate: Option<Money>,
    /// What the stretch comes to, a call-out fee included.
    pub(super) amount: Money,
}

impl RatedSegment {
    fn new(segment: &rating::RatedSegment, policy: Option<&ExtraHours>) -> Self {
        let rule = segment.rule.and_then(|place| policy?.rates.get(place));
        Self {
            from: DateTime(segment.from),
            to: DateTime(segment.to),
            hours_class: Word(segment.class),
            treatment: Word(rule.map_or(RateTreatment::NotOffered, |rule| rule.treatment.word())),
            worked: Duration(segment.worked),
            included: Duration(segment.included),
            charged: Duration(segment.charged),
            hourly_rate: segment.rate.map(rate),
            amount: segment.amount.into(),
        }
    }
}

/// Whether it is covered, who answers for it, until when, and what it costs.
#[Object(crate = "crate::graphql::plain")]
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

    /// What the work comes to, with the hours that are left as it is asked; null: no length was given, or its price is not
    /// known, which the reasons then say.
    async fn estimate(&self) -> Option<Estimate> {
        self.decision.estimate.as_ref().map(|estimate| {
            let policy = self.terms.as_ref().and_then(|terms| terms.record().sections.extra_hours.as_ref());
            let segment = |segment: &rating::RatedSegment| RatedSegment::new(segment, policy);
            Estimate { segments: estimate.segments.iter().map(segment).collect(), amount: estimate.amount.into() }
        })
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

    /// When somebody says how it stands, for the first time; null: that is not promised.
    async fn next_update_due(&self) -> Option<DateTime> {
        self.decision.next_update.map(DateTime)
    }

    /// Who is brought in when, as long as it is not resolved.
    async fn escalations(&self) -> Vec<EscalationDue> {
        self.decision.escalations.iter().map(Into::into).collect()
    }

    /// When it opens next, after the instant asked about.
    async fn next_opening(&self) -> Option<DateTime> {
        self.decision.next_opening.map(DateTime)
    }

    /// Every part of the answer, with the clause it comes from, in the order in which it was decided; the near misses last.
    async fn reasons(&self) -> Vec<Reason<'_>> {
        self.decision.reasons.iter().map(Into::into).collect()
    }
}

plain! {
    CoverageDecision:
    "verdict" => verdict,
    "responsible" => responsible,
    "liable" => liable,
    "hoursClass" => hours_class,
    "offered" => offered,
    "chargeable" => chargeable,
    "hourlyRate" => hourly_rate,
    "deadlines" => deadlines,
    "nextUpdateDue" => next_update_due,
    "nextOpening" => next_opening,
    "reasons" => reasons,
}

/// A deadline in the API.
#[derive(Clone, Debug)]
pub(crate) struct Deadline<'a>(&'a coverage::Deadline);

/// One target applied to the instant asked about.
#[Object(crate = "crate::graphql::plain")]
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
        self.0.segments().into_iter().map(Into::into).collect()
    }
}

plain! {
    Deadline<'_>:
    "milestone" => milestone,
    "due" => due,
}

/// A stretch of time that counted or did not, and why. The counted ones add up to what was used.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
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

impl From<remit_domain::sla::ClockSegment> for ClockSegment {
    fn from(segment: remit_domain::sla::ClockSegment) -> Self {
        let remit_domain::sla::ClockSegment { from, to, counts, why } = segment;
        Self { from: DateTime(from), to: DateTime(to), counts, why }
    }
}

/// Why a part of an answer is what it is.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::plain")]
pub(crate) struct Reason<'a> {
    /// What decided. Stable: branch on it.
    code: Cow<'a, str>,
    /// The clause it comes from.
    clause: Option<Cow<'a, str>>,
    /// The same in a sentence.
    text: Cow<'a, str>,
}

plain! {
    Reason<'_>:
    "code" => code,
    "clause" => clause,
    "text" => text,
}

impl Reason<'static> {
    /// A reason that outlives what it was decided with.
    pub(crate) fn kept(reason: &coverage::Reason) -> Self {
        Self {
            code: reason.code.as_str().into(),
            clause: reason.clause.clone().map(Cow::Owned),
            text: reason.text.clone().into(),
        }
    }
}

impl<'a> From<&'a coverage::Reason> for Reason<'a> {
    fn from(reason: &'a coverage::Reason) -> Self {
        let clause = reason.clause.as_deref().map(Cow::Borrowed);
        Self { code: reason.code.as_str().into(), clause, text: reason.text.as_str().into() }
    }
}

impl<'a> From<crate::store::ReasonRecord<'a>> for Reason<'a> {
    fn from(reason: crate::store::ReasonRecord<'a>) -> Self {
        Self { code: reason.code, clause: reason.clause, text: reason.text }
    }
}
