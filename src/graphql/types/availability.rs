//! How much of the time things are there, how that is reckoned, and what falling short of it earns.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Result, SimpleObject};
use remit_domain::{
    calendar::Calendar,
    commitment::Days,
    lifecycle::Stage,
    span::{Span, Spans},
    terms::{self, clause},
    words::{AvailabilityBase, Clock, DownWhen, PromiseStrength, Window},
};

use super::{CalendarNode, TermsNode, calendar::OpenPeriod, terms::Named, tier::ServiceCreditStep};
use crate::graphql::{
    scalars::{Date, Decimal, Duration},
    words::Word,
};

/// How much of the time something is there.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct AvailabilityCommitment {
    /// The clause.
    clause: String,
    /// What.
    subject: String,
    /// How much of the window, in percent.
    percent: Decimal,
    /// Over which time.
    window: Word<Window>,
    /// Which hours count.
    clock: Word<Clock>,
    /// The hours in which it is promised. Null: the terms' own, or every hour.
    calendar: Option<CalendarNode>,
    /// What the percentage is of.
    base: Word<AvailabilityBase>,
    /// When something of several members counts as down.
    down_when: Word<DownWhen>,
    /// The members; empty: it is one thing.
    members: Vec<String>,
    /// Outages shorter than this are no downtime.
    ignores_outages_under: Option<Duration>,
    /// Causes that are no downtime.
    excused: Vec<String>,
    /// Times of every week in which maintenance is no downtime, without notice and beside the allowance.
    maintenance_windows: Vec<OpenPeriod>,
    /// Maintenance announced this long before does not count as downtime, up to the allowance; an overrun does.
    maintenance_notice: Option<Duration>,
    /// How much announced maintenance a window has.
    maintenance_allowance: Option<Duration>,
    /// How firmly it is promised.
    strength: Word<PromiseStrength>,
    /// What is credited when it is not kept.
    credits: Vec<ServiceCreditStep>,
    /// Credits for several bad periods.
    credit_triggers: Vec<CreditTrigger>,
    /// A credit for each stretch of downtime beyond what is allowed.
    credit_per: Option<UnitCredit>,
    #[graphql(skip)]
    reckoned: Option<Reckoned>,
}

/// What an availability is reckoned by.
#[derive(Clone, Debug)]
struct Reckoned {
    terms: TermsNode,
    commitment: terms::AvailabilityCommitment,
    calendar: Arc<Calendar>,
}

#[ComplexObject]
impl AvailabilityCommitment {
    /// How long it may be down in the window that a date lies in: the share that is not promised, of the hours that count.
    /// Of a window in which the terms begin or end, only the part in which they are in force counts. Null: the terms name no
    /// calendar yet, or are not in force in that window.
    async fn allowed_downtime(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A date in the window; of rolling thirty days the last.")] on: Date,
    ) -> Result<Option<Duration>> {
        let Some(Reckoned { terms, commitment, calendar }) = &self.reckoned else { return Ok(None) };
        let Some(whole) = Days::around(commitment.window, on.0).span(calendar) else { return Ok(None) };
        let part = terms.in_force_within(ctx, calendar, whole).await?;
        Ok((!part.is_empty()).then(|| Duration(commitment.allowed_downtime(calendar, whole, &part))))
    }
}

impl TermsNode {
    /// The part of a window in which the version is in force; of one that was not accepted, in which it would be.
    async fn in_force_within(&self, ctx: &Context<'_>, calendar: &Calendar, whole: Span) -> Result<Spans> {
        let terms = self.record();
        if matches!(terms.version.stage, Stage::Accepted { .. }) {
            let life = self.agreement_node(ctx).await?.life(ctx).await?;
            return Ok(life.in_force_within(Some(terms.version.number), whole));
        }
        // A renewal moves the last day.
        let until = terms.term.until.filter(|_| terms.sections.renewal.is_none());
        let term = terms::Term { until, ..terms.term };
        Ok(term.within(calendar, whole).into())
    }
}

impl AvailabilityCommitment {
    pub(crate) fn new(
        place: usize,
        commitment: &terms::AvailabilityCommitment,
        terms: &TermsNode,
        named: &Named,
    ) -> Self {
        let formula = &commitment.formula;
        let calendar = formula.calendar.as_ref().and_then(|pin| named.catalogue.calendar(pin));
        let hours = formula.calendar.as_ref().or(terms.record().sections.calendar.as_ref());
        let reckoned = hours.and_then(|pin| named.catalogue.compiled(pin));
        Self {
            clause: clause::availability(place),
            subject: commitment.subject.clone(),
            percent: Decimal(commitment.percent.to_string()),
            window: Word(commitment.window),
            clock: Word(commitment.clock),
            calendar: calendar.cloned().map(CalendarNode),
            base: Word(formula.base),
            down_when: Word(formula.down_when),
            members: formula.members.clone(),
            ignores_outages_under: formula.ignores_under.map(Duration),
            excused: formula.excused.clone(),
            maintenance_windows: formula.maintenance.iter().map(Into::into).collect(),
            maintenance_notice: commitment.maintenance_notice.map(Duration),
            maintenance_allowance: commitment.maintenance_allowance.map(Duration),
            strength: Word(commitment.strength),
            credits: commitment.credits.iter().map(Into::into).collect(),
            credit_triggers: commitment.credit_triggers.iter().map(Into::into).collect(),
            credit_per: commitment.credit_per.map(Into::into),
            reckoned: reckoned.map(|calendar| Reckoned {
                terms: terms.clone(),
                commitment: commitment.clone(),
                calendar: Arc::clone(calendar),
            }),
        }
    }
}

/// So many bad periods within so many earn a credit.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct CreditTrigger {
    /// A period is bad when its attainment is at most this share, in percent.
    at_most_percent: Decimal,
    /// How many bad periods.
    times: i32,
    /// Within how many in a row.
    within_periods: i32,
    /// The credit, in percent of the period's recurring fee.
    credit_percent: Decimal,
}

impl From<&terms::CreditTrigger> for CreditTrigger {
    fn from(trigger: &terms::CreditTrigger) -> Self {
        Self {
            at_most_percent: Decimal(trigger.at_most.to_string()),
            times: trigger.times.get().cast_signed(),
            within_periods: trigger.within_periods.get().cast_signed(),
            credit_percent: Decimal(trigger.credit.to_string()),
        }
    }
}

/// A credit for each stretch of downtime, or part of one, beyond what is allowed.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct UnitCredit {
    /// The stretch.
    each: Duration,
    /// The credit for one, in percent of the period's recurring fee.
    credit_percent: Decimal,
}

impl From<terms::CreditPer> for UnitCredit {
    fn from(per: terms::CreditPer) -> Self {
        Self { each: Duration(per.each), credit_percent: Decimal(per.credit.to_string()) }
    }
}
