//! How much of the time things are there, how that is reckoned, and what falling short of it earns.

use std::num::NonZeroU32;

use async_graphql::InputObject;
use remit_domain::{
    terms,
    words::{AvailabilityBase, Clock, DownWhen, PromiseStrength, Window},
};

use super::{
    Ref,
    commitments::some_time,
    hours::{OpenPeriodInput, labels, weekly},
    name,
    names::{Names, Wanted},
    number, optional,
    tier::{ServiceCreditStepInput, credit_steps, percent},
};
use crate::{
    app::{Problems, UserErrorCode},
    graphql::{
        scalars::{Decimal, Duration},
        words::Word,
    },
};

/// The most periods that a trigger looks at: ten years of months.
const PERIODS_MAX: i32 = 120;

/// How much of the time something is there.
#[derive(Debug, InputObject)]
pub(crate) struct AvailabilityCommitmentInput {
    /// What.
    subject: String,
    /// How much of the window, in percent.
    percent: Decimal,
    /// Over which time.
    window: Word<Window>,
    /// Which hours count.
    #[graphql(default_with = "Word(Clock::AroundTheClock)")]
    clock: Word<Clock>,
    /// The hours in which it is promised, with BUSINESS_HOURS. Left out: the terms' own.
    calendar: Option<Ref>,
    /// What the percentage is of.
    #[graphql(default_with = "Word(AvailabilityBase::Window)")]
    base: Word<AvailabilityBase>,
    /// When something of several members counts as down.
    #[graphql(default_with = "Word(DownWhen::AnyMember)")]
    down_when: Word<DownWhen>,
    /// The members; left out: it is one thing.
    members: Option<Vec<String>>,
    /// Outages shorter than this are no downtime.
    ignores_outages_under: Option<Duration>,
    /// Causes that are no downtime.
    excused: Option<Vec<String>>,
    /// Times of every week in which maintenance is no downtime, without notice and beside the allowance.
    maintenance_windows: Option<Vec<OpenPeriodInput>>,
    /// Maintenance announced this long before does not count as downtime, up to the allowance; an overrun does.
    maintenance_notice: Option<Duration>,
    /// How much announced maintenance a window has.
    maintenance_allowance: Option<Duration>,
    /// How firmly it is promised.
    #[graphql(default_with = "Word(PromiseStrength::Target)")]
    strength: Word<PromiseStrength>,
    /// What is credited when it is not kept.
    credits: Option<Vec<ServiceCreditStepInput>>,
    /// Credits for several bad periods.
    credit_triggers: Option<Vec<CreditTriggerInput>>,
    /// A credit for each stretch of downtime beyond what is allowed.
    credit_per: Option<UnitCreditInput>,
}

impl AvailabilityCommitmentInput {
    pub(super) fn wanted(&self, wanted: &mut Wanted) {
        self.calendar.iter().for_each(|named| wanted.calendar(named));
    }

    pub(super) fn read(self, p: &mut Problems, names: &Names) -> Option<terms::AvailabilityCommitment> {
        let formula = Reckoning {
            clock: self.clock.0,
            calendar: self.calendar,
            base: self.base.0,
            down_when: self.down_when.0,
            members: self.members,
            ignores_outages_under: self.ignores_outages_under,
            excused: self.excused,
            maintenance_windows: self.maintenance_windows,
        };
        let formula = formula.read(p, names);
        let subject = name(p, "subject", self.subject);
        let share = percent(p, "percent", &self.percent);
        let credits = p.at("credits", |p| credit_steps(p, self.credits.unwrap_or_default()));
        let triggers =
            p.at("creditTriggers", |p| p.each(self.credit_triggers.unwrap_or_default(), |p, trigger| trigger.read(p)));
        let per = optional(self.credit_per, |per| p.at("creditPer", |p| per.read(p)));
        Some(terms::AvailabilityCommitment {
            subject: subject?,
            percent: share?,
            window: self.window.0,
            clock: self.clock.0,
            maintenance_notice: self.maintenance_notice.map(|notice| notice.0),
            maintenance_allowance: self.maintenance_allowance.map(|allowance| allowance.0),
            strength: self.strength.0,
            credits: credits?,
            formula: formula?,
            credit_triggers: triggers?,
            credit_per: per?,
        })
    }
}

/// The fields that say how an availability is reckoned.
struct Reckoning {
    clock: Clock,
    calendar: Option<Ref>,
    base: AvailabilityBase,
    down_when: DownWhen,
    members: Option<Vec<String>>,
    ignores_outages_under: Option<Duration>,
    excused: Option<Vec<String>>,
    maintenance_windows: Option<Vec<OpenPeriodInput>>,
}

impl Reckoning {
    fn read(self, p: &mut Problems, names: &Names) -> Option<terms::Formula> {
        if self.clock == Clock::AroundTheClock && self.calendar.is_some() {
            let text = "a calendar of its own goes with BUSINESS_HOURS";
            p.at("calendar", |p| p.refuse(UserErrorCode::Invalid, text));
        }
        let calendar = optional(self.calendar, |named| p.at("calendar", |p| names.calendar(p, named)));
        let members = labels(p, "members", self.members);
        if self.down_when == DownWhen::AllMembers && members.as_ref().is_some_and(|members| members.len() < 2) {
            let text = "ALL_MEMBERS needs at least two members";
            p.at("members", |p| p.refuse(UserErrorCode::Invalid, text));
        }
        let excused = labels(p, "excused", self.excused);
        let windows = p.at("maintenanceWindows", |p| weekly(p, self.maintenance_windows.unwrap_or_default()));
        let ignored = optional(self.ignores_outages_under, |time| some_time(p, "ignoresOutagesUnder", &time));
        Some(terms::Formula {
            base: self.base,
            down_when: self.down_when,
            members: members?,
            ignores_under: ignored?,
            excused: excused?,
            maintenance: windows?,
            calendar: calendar?,
        })
    }
}

/// So many bad periods within so many earn a credit.
#[derive(Debug, InputObject)]
pub(crate) struct CreditTriggerInput {
    /// A period is bad when its attainment is at most this share, in percent.
    at_most_percent: Decimal,
    /// How many bad periods.
    times: i32,
    /// Within how many in a row.
    within_periods: i32,
    /// The credit, in percent of the period's recurring fee.
    credit_percent: Decimal,
}

impl CreditTriggerInput {
    fn read(self, p: &mut Problems) -> Option<terms::CreditTrigger> {
        let at_most = percent(p, "atMostPercent", &self.at_most_percent);
        let credit = percent(p, "creditPercent", &self.credit_percent);
        let (times, within) = times_within(p, self.times, self.within_periods)?;
        Some(terms::CreditTrigger { at_most: at_most?, times, within_periods: within, credit: credit? })
    }
}

/// How many periods of how many in a row, at the fields `times` and `withinPeriods`.
pub(super) fn times_within(p: &mut Problems, times: i32, within: i32) -> Option<(NonZeroU32, NonZeroU32)> {
    let times_read = number(p, "times", times, 1, PERIODS_MAX).and_then(NonZeroU32::new);
    let within_read = number(p, "withinPeriods", within, 1, PERIODS_MAX).and_then(NonZeroU32::new);
    if times > within {
        p.at("times", |p| p.refuse(UserErrorCode::Invalid, "more bad periods than there are periods"));
    }
    Some((times_read?, within_read?))
}

/// A credit for each stretch of downtime, or part of one, beyond what is allowed.
#[derive(Debug, InputObject)]
pub(crate) struct UnitCreditInput {
    /// The stretch.
    each: Duration,
    /// The credit for one, in percent of the period's recurring fee.
    credit_percent: Decimal,
}

impl UnitCreditInput {
    fn read(self, p: &mut Problems) -> Option<terms::CreditPer> {
        let each = some_time(p, "each", &self.each);
        let credit = percent(p, "creditPercent", &self.credit_percent);
        Some(terms::CreditPer { each: each?, credit: credit? })
    }
}
