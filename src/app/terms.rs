//! The life of terms: drafted, offered, activated, withdrawn.

use std::sync::Arc;

use remit_domain::{
    Date, Timestamp,
    calendar::Calendar,
    lifecycle::{Refusal, Renewal, Stage, Version},
    readiness::Finding,
    terms::{
        AvailabilityCommitment, BackupCommitment, CreditPolicy, Exclusion, ExtraHours, IncludedService, Indexation,
        NamedCaller, Obligation, PerformanceExpectation, Pin, RecoveryCommitment, Responsibility, Sections, Term,
        TerminationTrigger,
    },
    text::Code,
    words::RenewalKind,
};

use super::{
    AgreementRef, App, Catalogue, Failure, Outcome, Session, UserError, UserErrorCode,
    names::readiness,
    open::{Open, refuse},
    promises,
};
use crate::store::{AgreementRecord, ChangeKind, ServiceRole, TermsNames, TermsRecord, Uuid};

/// A field of an input: none leaves what is there as it is.
pub type Given<T> = Option<T>;

/// What a draft is to say; sections that are not given stay.
#[derive(Clone, Debug, Default)]
pub struct DraftTerms {
    /// First day.
    pub effective_from: Given<Option<Date>>,
    /// Last day.
    pub effective_until: Given<Option<Date>>,
    /// Business hours.
    pub calendar: Given<Option<Pin>>,
    /// Response times.
    pub tier: Given<Option<Pin>>,
    /// What happens when the term ends.
    pub renewal: Given<Option<Renewal>>,
    /// Who may ask for service.
    pub callers: Given<Vec<NamedCaller>>,
    /// How prices may rise.
    pub indexation: Given<Option<Indexation>>,
    /// What holds for all service credits together.
    pub credit_policy: Given<Option<CreditPolicy>>,
    /// When broken promises end the agreement.
    pub termination_triggers: Given<Vec<TerminationTrigger>>,
    /// What is done.
    pub services: Given<Vec<IncludedService>>,
    /// What is not done.
    pub exclusions: Given<Vec<Exclusion>>,
    /// What other hours cost.
    pub extra_hours: Given<Option<ExtraHours>>,
    /// Who answers for what.
    pub responsibilities: Given<Vec<Responsibility>>,
    /// What the client owes.
    pub obligations: Given<Vec<Obligation>>,
    /// What is expected.
    pub performance: Given<Vec<PerformanceExpectation>>,
    /// How much of the time things are there.
    pub availability: Given<Vec<AvailabilityCommitment>>,
    /// How fast failures get fixed.
    pub recovery: Given<Vec<RecoveryCommitment>>,
    /// How often backups run.
    pub backups: Given<Vec<BackupCommitment>>,
}

impl DraftTerms {
    fn apply(self, term: &mut Term, sections: &mut Sections) {
        /// Replaces what is given.
        fn set<T>(place: &mut T, given: Given<T>) {
            if let Some(value) = given {
                *place = value;
            }
        }
        set(&mut term.from, self.effective_from);
        set(&mut term.until, self.effective_until);
        set(&mut sections.calendar, self.calendar);
        set(&mut sections.tier, self.tier);
        set(&mut sections.renewal, self.renewal);
        set(&mut sections.callers, self.callers);
        set(&mut sections.indexation, self.indexation);
        set(&mut sections.credit_policy, self.credit_policy);
        set(&mut sections.termination_triggers, self.termination_triggers);
        set(&mut sections.services, self.services);
        set(&mut sections.exclusions, self.exclusions);
        set(&mut sections.extra_hours, self.extra_hours);
        set(&mut sections.responsibilities, self.responsibilities);
        set(&mut sections.obligations, self.obligations);
        set(&mut sections.performance, self.performance);
        set(&mut sections.availability, self.availability);
        set(&mut sections.recovery, self.recovery);
        set(&mut sections.backups, self.backups);
    }
}

/// The client's acceptance.
#[derive(Clone, Debug)]
pub struct ActivateTerms {
    /// Who accepted.
    pub accepted_by: String,
    /// When; none: now.
    pub accepted_at: Option<Timestamp>,
    /// Why it is accepted although it guarantees more than history supports.
    pub accept_overpromise: Option<String>,
}

/// Why terms are taken back.
#[derive(Clone, Debug)]
pub struct WithdrawTerms {
    /// Why.
    pub reason: String,
}

impl App {
    /// Writes the given sections into the open draft, or into one opened from the newest terms.
    ///
    /// The days are not taken over from accepted terms, since an amendment begins later; those of withdrawn terms are.
    ///
    /// # Errors
    /// Refused when the agreement is unknown or has changed since `revision`, when an offer stands open, or when the
    /// last day would lie before the first.
    pub async fn draft_terms(
        &self,
        session: &Session,
        reference: AgreementRef,
        draft: DraftTerms,
    ) -> Outcome<(AgreementRecord, TermsRecord)> {
        let mut open = self.open(session, reference).await?;
        if let Some(end) = &open.agreement.termination {
            let text = format!("the agreement was terminated on {}: make a new one", end.on);
            return Err(refuse(UserErrorCode::Conflict, "agreement", text));
        }
        let pending = open.pending();
        if pending.as_ref().is_some_and(|terms| terms.version.stage != Stage::Draft) {
            let text = "an offer stands open: withdraw it before drafting anew";
            return Err(refuse(UserErrorCode::NotADraft, "agreement", text));
        }
        let mut terms = pending.clone().unwrap_or_else(|| open_draft(&open));
        let mut sections = (*terms.sections).clone();
        draft.apply(&mut terms.term, &mut sections);
        check_days(terms.term, sections.renewal.as_ref())?;
        terms.sections = Arc::new(sections);
        if let Some(before) = &pending
            && before.term == terms.term
            && before.sections == terms.sections
        {
            return Ok((open.agreement, terms));
        }
        let catalogue = self.catalogue(session, &[&*terms.sections]).await?;
        let (kind, event) = match pending {
            Some(_) => (ChangeKind::Updated, "terms.changed"),
            None => (ChangeKind::Created, "terms.drafted"),
        };
        open.write(&terms).await?;
        open.tx.set_names(terms.id, &names(&terms.sections, &catalogue)).await?;
        let codes: Vec<String> = terms.sections.obligations.iter().map(|o| o.code.to_string()).collect();
        open.tx.set_obligations(terms.id, &codes).await?;
        open.finish(terms, kind, event).await
    }

    /// Freezes the draft: revisions, components and days are written in, and the client can read it.
    ///
    /// Offering what stands offered already changes nothing.
    ///
    /// # Errors
    /// Refused when there is no draft, or readiness has a blocking finding: one refusal for each.
    pub async fn offer_terms(
        &self,
        session: &Session,
        reference: AgreementRef,
    ) -> Outcome<(AgreementRecord, TermsRecord)> {
        let mut open = self.open(session, reference).await?;
        let pending = open
            .pending()
            .ok_or_else(|| refuse(UserErrorCode::NotADraft, "agreement", "there is no draft to offer"))?;
        let mut terms = match pending.version.stage {
            Stage::Draft => pending,
            _ => return Ok((open.agreement, pending)),
        };
        let catalogue = self.catalogue(session, &[&*terms.sections]).await?;
        let blocking: Vec<UserError> = readiness(&terms, open.agreement.currency, open.newest_accepted(), &catalogue)
            .into_iter()
            .filter(|finding| finding.rule.blocking)
            .map(not_ready)
            .collect();
        if !blocking.is_empty() {
            return Err(Failure::Refused(blocking));
        }
        let calendar = terms.sections.calendar.as_ref().and_then(|pin| catalogue.compiled(pin));
        terms.ends_on = last_day(terms.term, terms.sections.renewal.as_ref());
        (terms.version.begins, terms.version.ends) =
            days(terms.term.from, terms.ends_on, calendar.map(|calendar| &**calendar));
        terms.version.stage = Stage::Offered { at: session.now };
        open.tx.set_names(terms.id, &names(&terms.sections, &catalogue)).await?;
        terms.sections = Arc::new(pinned(&terms.sections, &catalogue));
        open.write(&terms).await?;
        open.finish(terms, ChangeKind::Updated, "terms.offered").await
    }

    /// The client accepted the offer. Accepting again in the same words changes nothing.
    ///
    /// # Errors
    /// Refused when nothing stands offered, when the acceptance lies in the future, when terms that begin no earlier were
    /// accepted meanwhile, or when a guarantee is beyond what history supports and no reason is given.
    pub async fn activate_terms(
        &self,
        session: &Session,
        reference: AgreementRef,
        activate: ActivateTerms,
    ) -> Outcome<(AgreementRecord, TermsRecord)> {
        // The past is looked through before the agreement's turn is taken: that may take its time.
        let checked = self.overpromised(session, &reference.agreement).await?;
        let mut open = self.open(session, reference).await?;
        let at = activate.accepted_at.unwrap_or(session.now);
        if at > session.now {
            return Err(refuse(UserErrorCode::Invalid, "acceptedAt", "an acceptance cannot lie in the future"));
        }
        let offered = open.pending().filter(|terms| matches!(terms.version.stage, Stage::Offered { .. }));
        let Some(mut terms) = offered else {
            return match open.newest_accepted() {
                Some(same) if is_same_acceptance(same, &activate) => Ok((open.agreement.clone(), same.clone())),
                _ => Err(refuse(UserErrorCode::Conflict, "agreement", "nothing stands offered")),
            };
        };
        let accepted_from = open.newest_accepted().and_then(|accepted| accepted.version.begins);
        if accepted_from.is_some_and(|before| terms.version.begins.is_some_and(|begins| begins <= before)) {
            let text = "the terms begin no later than those accepted before them";
            return Err(refuse(UserErrorCode::TermsOverlap, "agreement", text));
        }
        let Some((_, promises)) = checked.filter(|(checked, _)| *checked == terms.id) else {
            let text = "another offer was made meanwhile: read it, then decide";
            return Err(refuse(UserErrorCode::StaleRevision, "agreement", text));
        };
        let overpromise = promises::accepted(session, terms.id, promises, activate.accept_overpromise)?;
        let accepted = terms.version.stage.accept(activate.accepted_by, at);
        terms.version.stage = accepted.map_err(stage_refusal)?;
        open.write(&terms).await?;
        if let Some(overpromise) = &overpromise {
            open.tx.add_overpromise(overpromise).await?;
        }
        if let Some(from) = terms.version.begins {
            open.recheck(from).await?;
        }
        self.recharge_all(session, &mut open.tx, open.agreement.id).await?;
        let done = open.finish(terms, ChangeKind::Updated, "terms.activated").await?;
        self.catch_up(session).await?;
        Ok(done)
    }

    /// Takes the draft or offer back. Withdrawing again for the same reason changes nothing.
    ///
    /// # Errors
    /// Refused when there is neither.
    pub async fn withdraw_terms(
        &self,
        session: &Session,
        reference: AgreementRef,
        withdraw: WithdrawTerms,
    ) -> Outcome<(AgreementRecord, TermsRecord)> {
        let mut open = self.open(session, reference).await?;
        let Some(mut terms) = open.pending() else {
            let is_same =
                |stage: &Stage| matches!(stage, Stage::Withdrawn { reason, .. } if *reason == withdraw.reason);
            return match open.versions.first() {
                Some(newest) if is_same(&newest.version.stage) => Ok((open.agreement.clone(), newest.clone())),
                _ => Err(refuse(UserErrorCode::Conflict, "agreement", "there is neither a draft nor an offer")),
            };
        };
        terms.version.stage = terms.version.stage.withdraw(withdraw.reason, session.now).map_err(stage_refusal)?;
        open.write(&terms).await?;
        open.finish(terms, ChangeKind::Updated, "terms.withdrawn").await
    }
}

/// A draft that says what the newest terms say.
fn open_draft(open: &Open) -> TermsRecord {
    let newest = open.versions.first();
    let withdrawn = newest.filter(|terms| matches!(terms.version.stage, Stage::Withdrawn { .. }));
    let number = newest.map_or(0, |terms| terms.version.number) + 1;
    TermsRecord {
        id: Uuid::now_v7(),
        agreement_id: open.agreement.id,
        version: Version { number, stage: Stage::Draft, begins: None, ends: None },
        term: withdrawn.map(|terms| terms.term).unwrap_or_default(),
        ends_on: None,
        sections: newest.map(|terms| Arc::clone(&terms.sections)).unwrap_or_default(),
    }
}

fn is_same_acceptance(terms: &TermsRecord, activate: &ActivateTerms) -> bool {
    match &terms.version.stage {
        Stage::Accepted { by, at, .. } => {
            *by == activate.accepted_by && activate.accepted_at.is_none_or(|accepted_at| accepted_at == *at)
        }
        _ => false,
    }
}

fn not_ready(finding: Finding) -> UserError {
    let overlap = finding.rule.code == "TERMS_OVERLAP";
    let code = if overlap { UserErrorCode::TermsOverlap } else { UserErrorCode::NotReady };
    UserError { code, message: format!("{}: {}", finding.rule.code, finding.message), path: finding.path }
}

fn stage_refusal(refusal: Refusal) -> Failure {
    let code = match refusal {
        Refusal::NotADraft => UserErrorCode::NotADraft,
        Refusal::NotOffered | Refusal::Accepted => UserErrorCode::Conflict,
    };
    refuse(code, "agreement", refusal.to_string())
}

/// Holds the written days to each other.
fn check_days(term: Term, renewal: Option<&Renewal>) -> Outcome<()> {
    if let (Some(from), Some(until)) = (term.from, term.until)
        && until < from
    {
        let text = format!("the last day {until} lies before the first day {from}");
        return Err(refuse(UserErrorCode::Invalid, "effectiveUntil", text));
    }
    if term.until.is_some() && renewal.is_some_and(|renewal| renewal.first_term_months.is_some()) {
        let text = "the last day is written, so the first term's months cannot be: set one of the two to null";
        return Err(refuse(UserErrorCode::Invalid, "renewal", text));
    }
    Ok(())
}

/// The last day, unless another term begins by itself.
fn last_day(term: Term, renewal: Option<&Renewal>) -> Option<Date> {
    term.last_day(renewal).filter(|_| renewal.is_none_or(|renewal| renewal.kind == RenewalKind::ByHand))
}

/// The first instant, and the first one after the last day, in the zone of the terms' calendar.
fn days(
    from: Option<Date>,
    until: Option<Date>,
    calendar: Option<&Calendar>,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let start = |date: Date| calendar.map(|calendar| calendar.start_of(date));
    let after = |date: Date| start(date.tomorrow().ok()?);
    (from.and_then(start), until.and_then(after))
}

/// The sections with each name at the revision and each package with the components it has now.
fn pinned(sections: &Sections, catalogue: &Catalogue) -> Sections {
    let tier = |pin: &Pin| catalogue.tier(pin).map(|record| Pin { revision: Some(record.revision), ..pin.clone() });
    let calendar = |pin: &Pin| catalogue.calendar(pin).map(|r| Pin { revision: Some(r.revision), ..pin.clone() });
    let mut pinned = sections.clone();
    pinned.calendar = sections.calendar.as_ref().and_then(calendar);
    pinned.tier = sections.tier.as_ref().and_then(tier);
    pinned.target_calendars = catalogue.target_calendars(sections).iter().filter_map(calendar).collect();
    for commitment in &mut pinned.availability {
        commitment.formula.calendar = commitment.formula.calendar.as_ref().and_then(calendar);
    }
    for rule in pinned.extra_hours.iter_mut().flat_map(|policy| &mut policy.rates) {
        rule.calendar = rule.calendar.as_ref().and_then(calendar);
    }
    for line in &mut pinned.services {
        line.components = Some(catalogue.components(line).to_vec());
        line.calendar = line.calendar.as_ref().and_then(calendar);
        line.tier = line.tier.as_ref().and_then(tier);
    }
    pinned
}

/// What the sections name, as ids.
fn names(sections: &Sections, catalogue: &Catalogue) -> TermsNames {
    let mut services = Vec::new();
    let mut name = |role, code: &'_ Code| {
        if let Some(record) = catalogue.service(code.as_str()) {
            services.push((role, record.id));
        }
    };
    for line in &sections.services {
        name(ServiceRole::Included, &line.service);
        catalogue.components(line).iter().for_each(|code| name(ServiceRole::Component, code));
    }
    sections.exclusions.iter().filter_map(|e| e.service.as_ref()).for_each(|code| name(ServiceRole::Excluded, code));
    sections.callers.iter().flat_map(|c| &c.services).for_each(|code| name(ServiceRole::Gated, code));
    sections.obligations.iter().flat_map(|o| &o.gates_services).for_each(|code| name(ServiceRole::Gated, code));
    TermsNames {
        services,
        tiers: sections.tiers().filter_map(|pin| Some(catalogue.tier(pin)?.tier_id)).collect(),
        calendars: sections
            .calendars()
            .chain(&catalogue.target_calendars(sections))
            .filter_map(|pin| Some(catalogue.calendar(pin)?.calendar_id))
            .collect(),
    }
}
