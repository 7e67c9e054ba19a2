//! Drafts: each section that is given replaces the one there is.

use std::num::NonZeroU32;

use async_graphql::{InputObject, MaybeUndefined};
use remit_domain::{
    terms,
    words::{ComponentClass, CostItem, FailureScenario, ObligationEffect, Party},
};

use super::{
    DAYS_MAX, Ref,
    availability::AvailabilityCommitmentInput,
    commitments::{BackupCommitmentInput, PerformanceExpectationInput, RecoveryCommitmentInput},
    given,
    hours::{ExtraHoursPolicyInput, MoneyInput},
    lifecycle::agreement_ref,
    name,
    names::{Names, Wanted},
    number, optional,
    promises::{CreditPolicyInput, IndexationInput, NamedCallerInput, TerminationTriggerInput},
    prose,
    renewal::RenewalInput,
};
use crate::{
    app::{AgreementRef, DraftTerms, Problems, UserErrorCode},
    graphql::{
        scalars::Date,
        words::{Word, unworded},
    },
};

/// The most clauses a section has.
const CLAUSES_MAX: usize = 500;

/// What a draft is to say. A section left out stays as it is; null clears it.
#[derive(Debug, InputObject)]
pub(crate) struct DraftTermsInput {
    /// The agreement.
    agreement: Ref,
    /// Its revision when it was read; left out: whatever it is.
    revision: Option<i32>,
    /// The first day, by the zone of the calendar.
    effective_from: MaybeUndefined<Date>,
    /// The last day, included; null: open-ended.
    effective_until: MaybeUndefined<Date>,
    /// Business hours. A code follows the newest revision until the terms are offered; an id means that very one.
    calendar: MaybeUndefined<Ref>,
    /// Response times. A code follows the newest revision until the terms are offered; an id means that very one.
    tier: MaybeUndefined<Ref>,
    /// What happens when the term ends. Null: it ends, if it has an end.
    renewal: MaybeUndefined<RenewalInput>,
    /// Who may ask for service. Empty: anyone of the client's.
    callers: MaybeUndefined<Vec<NamedCallerInput>>,
    /// What is done.
    services: MaybeUndefined<Vec<IncludedServiceInput>>,
    /// What is not done.
    exclusions: MaybeUndefined<Vec<ExclusionInput>>,
    /// What work outside the fee costs.
    extra_hours: MaybeUndefined<ExtraHoursPolicyInput>,
    /// How prices may rise. Null: only as the client agrees.
    indexation: MaybeUndefined<IndexationInput>,
    /// Who answers for which failure.
    responsibilities: MaybeUndefined<Vec<ResponsibilityInput>>,
    /// What the client's systems must meet.
    obligations: MaybeUndefined<Vec<ObligationInput>>,
    /// What holds for all service credits together.
    credit_policy: MaybeUndefined<CreditPolicyInput>,
    /// When broken promises end the agreement.
    termination_triggers: MaybeUndefined<Vec<TerminationTriggerInput>>,
    /// What is expected of hardware, third-party systems and workstations.
    performance: MaybeUndefined<Vec<PerformanceExpectationInput>>,
    /// How much of the time things are there.
    availability: MaybeUndefined<Vec<AvailabilityCommitmentInput>>,
    /// How fast failures get fixed.
    recovery: MaybeUndefined<Vec<RecoveryCommitmentInput>>,
    /// How often backups run.
    backups: MaybeUndefined<Vec<BackupCommitmentInput>>,
}

impl DraftTermsInput {
    /// The names that have to be looked up before the input is read.
    pub(crate) fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        if let MaybeUndefined::Value(reference) = &self.calendar {
            wanted.calendar(reference);
        }
        if let MaybeUndefined::Value(reference) = &self.tier {
            wanted.tier(reference);
        }
        for line in self.services.as_opt_ref().flatten().into_iter().flatten() {
            wanted.service(&line.service);
            line.tier.iter().for_each(|reference| wanted.tier(reference));
            line.calendar.iter().for_each(|reference| wanted.calendar(reference));
        }
        if let MaybeUndefined::Value(policy) = &self.extra_hours {
            policy.calendars().for_each(|reference| wanted.calendar(reference));
        }
        let availability = self.availability.as_opt_ref().flatten().into_iter().flatten();
        availability.for_each(|commitment| commitment.wanted(&mut wanted));
        let callers = self.callers.as_opt_ref().flatten().into_iter().flatten();
        callers.for_each(|caller| caller.wanted(&mut wanted));
        let exclusions = self.exclusions.as_opt_ref().flatten().into_iter().flatten();
        exclusions.filter_map(|e| e.service.as_ref()).for_each(|reference| wanted.service(reference));
        let obligations = self.obligations.as_opt_ref().flatten().into_iter().flatten();
        obligations.flat_map(|o| o.gates_services.iter().flatten()).for_each(|reference| wanted.service(reference));
        wanted
    }

    pub(crate) fn read(self, p: &mut Problems, names: &Names) -> Option<(AgreementRef, DraftTerms)> {
        let reference = agreement_ref(p, self.agreement, self.revision);
        let date = |field: MaybeUndefined<Date>| given(field.map_value(|date| Some(date.0)), || None);
        let calendar = clearable(self.calendar, |r| p.at("calendar", |p| names.calendar(p, r)));
        let tier = clearable(self.tier, |r| p.at("tier", |p| names.tier(p, r)));
        let renewal = clearable(self.renewal, |renewal| p.at("renewal", |p| renewal.read(p)));
        let services = section(p, "services", self.services, |p, line| line.read(p, names));
        let exclusions = section(p, "exclusions", self.exclusions, |p, exclusion| exclusion.read(p, names));
        let extra_hours = clearable(self.extra_hours, |policy| p.at("extraHours", |p| policy.read(p, names)));
        let responsibilities = section(p, "responsibilities", self.responsibilities, |p, r| r.read(p));
        let obligations = section(p, "obligations", self.obligations, |p, obligation| obligation.read(p, names));
        let performance = section(p, "performance", self.performance, |p, expectation| expectation.read(p));
        let availability = section(p, "availability", self.availability, |p, commitment| commitment.read(p, names));
        let recovery = section(p, "recovery", self.recovery, |p, commitment| commitment.read(p));
        let backups = section(p, "backups", self.backups, |p, commitment| commitment.read(p));
        let callers = section(p, "callers", self.callers, |p, caller| caller.read(p, names));
        let indexation = clearable(self.indexation, |indexation| p.at("indexation", |p| indexation.read(p)));
        let credit_policy = clearable(self.credit_policy, |policy| p.at("creditPolicy", |p| policy.read(p)));
        let triggers = section(p, "terminationTriggers", self.termination_triggers, |p, trigger| trigger.read(p));
        refuse_repeated(p, "callers", callers.as_ref(), |c| c.name.clone(), "the caller");
        refuse_repeated(p, "obligations", obligations.as_ref(), |o| o.code.to_string(), "the code");
        let scenario = |r: &terms::Responsibility| format!("{} {:?}", r.scenario, r.component);
        refuse_repeated(p, "responsibilities", responsibilities.as_ref(), scenario, "the scenario and component");
        let draft = DraftTerms {
            effective_from: date(self.effective_from),
            effective_until: date(self.effective_until),
            calendar: calendar?,
            tier: tier?,
            renewal: renewal?,
            callers: callers?,
            indexation: indexation?,
            credit_policy: credit_policy?,
            termination_triggers: triggers?,
            services: services?,
            exclusions: exclusions?,
            extra_hours: extra_hours?,
            responsibilities: responsibilities?,
            obligations: obligations?,
            performance: performance?,
            availability: availability?,
            recovery: recovery?,
            backups: backups?,
        };
        Some((reference?, draft))
    }
}

/// A field that null clears.
fn clearable<T, U>(field: MaybeUndefined<T>, read: impl FnOnce(T) -> Option<U>) -> Option<Option<Option<U>>> {
    match field {
        MaybeUndefined::Undefined => Some(None),
        MaybeUndefined::Null => Some(Some(None)),
        MaybeUndefined::Value(value) => read(value).map(|value| Some(Some(value))),
    }
}

/// A section of clauses; null empties it.
fn section<T, U>(
    p: &mut Problems,
    field: &str,
    clauses: MaybeUndefined<Vec<T>>,
    read: impl FnMut(&mut Problems, T) -> Option<U>,
) -> Option<Option<Vec<U>>> {
    optional(given(clauses, Vec::new), |list| {
        p.at(field, |p| {
            if list.len() > CLAUSES_MAX {
                p.refuse(UserErrorCode::Invalid, format!("there are {}, at most {CLAUSES_MAX} are taken", list.len()));
                return None;
            }
            p.each(list, read)
        })
    })
}

/// Refuses a second clause that says what an earlier one says already.
fn refuse_repeated<T>(
    p: &mut Problems,
    field: &str,
    clauses: Option<&Option<Vec<T>>>,
    key: impl Fn(&T) -> String,
    what: &str,
) {
    let mut seen: Vec<String> = Vec::new();
    for (place, clause) in clauses.into_iter().flatten().flatten().enumerate() {
        let key = key(clause);
        if seen.contains(&key) {
            let refuse = |p: &mut Problems| p.refuse(UserErrorCode::Invalid, format!("{what} is given twice"));
            p.at(field, |p| p.at(place, refuse));
        }
        seen.push(key);
    }
}

/// A service that the fee buys.
#[derive(Debug, InputObject)]
pub(crate) struct IncludedServiceInput {
    /// Which service.
    service: Ref,
    /// How many units, at least one.
    #[graphql(default = 1)]
    quantity: i32,
    /// Price of one unit per month.
    unit_price: Option<MoneyInput>,
    /// A remark.
    note: Option<String>,
    /// A tier of its own. Left out: the terms' own.
    tier: Option<Ref>,
    /// Business hours of its own. Left out: the terms' own.
    calendar: Option<Ref>,
}

impl IncludedServiceInput {
    fn read(self, p: &mut Problems, names: &Names) -> Option<terms::IncludedService> {
        let service = p.at("service", |p| names.service(p, self.service));
        let quantity = number(p, "quantity", self.quantity, 1, i32::MAX).and_then(NonZeroU32::new);
        let unit_price = optional(self.unit_price, |price| price.rate(p, "unitPrice"));
        let note = optional(self.note, |note| prose(p, "note", note));
        let tier = optional(self.tier, |reference| p.at("tier", |p| names.tier(p, reference)));
        let calendar = optional(self.calendar, |reference| p.at("calendar", |p| names.calendar(p, reference)));
        Some(terms::IncludedService {
            service: service?,
            components: None,
            quantity: quantity?,
            unit_price: unit_price?,
            note: note?,
            tier: tier?,
            calendar: calendar?,
        })
    }
}

/// What the provider does not do. It matches when every field it names equals the question's; one that names none is for
/// readers.
#[derive(Debug, InputObject)]
pub(crate) struct ExclusionInput {
    /// What it is called.
    title: String,
    /// Why it is excluded.
    reason: String,
    /// The service it names.
    service: Option<Ref>,
    /// The failure it names.
    scenario: Option<Word<FailureScenario>>,
    /// The kind of thing it names.
    component: Option<Word<ComponentClass>>,
}

impl ExclusionInput {
    fn read(self, p: &mut Problems, names: &Names) -> Option<terms::Exclusion> {
        let title = name(p, "title", self.title);
        let reason = prose(p, "reason", self.reason);
        let service = optional(self.service, |reference| p.at("service", |p| names.service(p, reference)));
        Some(terms::Exclusion {
            title: title?,
            reason: reason?,
            service: service?,
            scenario: self.scenario.map(|word| word.0),
            component: self.component.map(|word| word.0),
        })
    }
}

/// Who answers for a failure; one with a component outranks one without.
#[derive(Debug, InputObject)]
pub(crate) struct ResponsibilityInput {
    /// The failure.
    scenario: Word<FailureScenario>,
    /// The kind of thing. Left out: all that is not named elsewhere.
    component: Option<Word<ComponentClass>>,
    /// Who answers.
    party: Word<Party>,
    /// What that party does.
    duties: String,
    /// What it does not do.
    exclusions: Option<String>,
    /// Who pays what; what is not listed falls to `party`.
    costs: Option<Vec<CostShareInput>>,
}

/// Who pays for one item.
#[derive(Debug, InputObject)]
pub(crate) struct CostShareInput {
    /// What costs.
    item: Word<CostItem>,
    /// Who pays.
    party: Word<Party>,
}

impl ResponsibilityInput {
    fn read(self, p: &mut Problems) -> Option<terms::Responsibility> {
        let duties = prose(p, "duties", self.duties);
        let exclusions = optional(self.exclusions, |text| prose(p, "exclusions", text));
        let mut seen: Vec<CostItem> = Vec::new();
        let costs = p.at("costs", |p| {
            p.each(self.costs.unwrap_or_default(), |p, share| {
                if seen.contains(&share.item.0) {
                    p.refuse(UserErrorCode::Invalid, format!("{} is shared twice", share.item.0));
                    return None;
                }
                seen.push(share.item.0);
                Some(terms::CostShare { item: share.item.0, party: share.party.0 })
            })
        });
        Some(terms::Responsibility {
            scenario: self.scenario.0,
            component: self.component.map(|word| word.0),
            party: self.party.0,
            duties: duties?,
            exclusions: exclusions?,
            costs: costs?,
        })
    }
}

/// A standard the client's systems or conduct must meet.
#[derive(Debug, InputObject)]
pub(crate) struct ObligationInput {
    /// Its code, the same in all versions: states belong to it.
    code: String,
    /// What it is called.
    title: String,
    /// What must be met.
    standard: String,
    /// The services it gates.
    gates_services: Option<Vec<Ref>>,
    /// The failures it gates.
    gates_scenarios: Option<Vec<Word<FailureScenario>>>,
    /// What happens to what it gates while it is unmet. Left out: NOT_LIABLE.
    effects: Option<Vec<Word<ObligationEffect>>>,
    /// Days of 24 hours from the failure to the effects.
    #[graphql(default = 0)]
    grace_days: i32,
}

impl ObligationInput {
    fn read(self, p: &mut Problems, names: &Names) -> Option<terms::Obligation> {
        let code = super::code(p, "code", &self.code);
        let title = name(p, "title", self.title);
        let standard = prose(p, "standard", self.standard);
        let services = p.at("gatesServices", |p| {
            p.each(self.gates_services.unwrap_or_default(), |p, reference| names.service(p, reference))
        });
        let effects = self.effects.map_or(vec![ObligationEffect::NotLiable], |list| unworded(Some(list)));
        if effects.is_empty() {
            p.at("effects", |p| p.refuse(UserErrorCode::Invalid, "an obligation without effects says nothing"));
        }
        let grace_days = number(p, "graceDays", self.grace_days, 0, DAYS_MAX);
        Some(terms::Obligation {
            code: code?,
            title: title?,
            standard: standard?,
            gates_services: services?,
            gates_scenarios: unworded(self.gates_scenarios),
            effects,
            grace_days: grace_days?,
        })
    }
}
