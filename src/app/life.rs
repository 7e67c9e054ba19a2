//! What happens to an agreement in the course of time: suspended, resumed, terminated, renewed.

use std::sync::Arc;

use remit_domain::{
    Date, Timestamp,
    calendar::Calendar,
    lifecycle::{CurrentTerm, Life, Suspension},
    words::RenewalKind,
};

use super::{
    AgreementRef, App, Catalogue, Outcome, Session, UserErrorCode,
    agreements::change,
    open::{Open, refuse},
};
use crate::store::{
    AgreementRecord, ChangeKind, RenewalDecision, RenewalRecord, SuspensionRecord, Termination, TermsRecord, Uuid,
};

/// What an agreement and its newest accepted terms came to.
type Changed = (AgreementRecord, TermsRecord);

/// From a day on nothing of the agreement holds, for a while.
#[derive(Clone, Debug)]
pub struct Suspend {
    /// The first day without it.
    pub on: Date,
    /// The first day with it again; none: not said yet.
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
}

impl Suspend {
    /// Whether this was said before, whatever was said of its end since.
    fn is_known_as(&self, known: &SuspensionRecord) -> bool {
        known.from_on == self.on
            && known.reason == self.reason
            && self.until.is_none_or(|until| known.until_on == Some(until))
    }

    /// Whether some day lies in both.
    fn overlaps(&self, known: &SuspensionRecord) -> bool {
        known.until_on.is_none_or(|until| self.on < until) && self.until.is_none_or(|until| known.from_on < until)
    }
}

/// From a day on nothing of the agreement holds.
#[derive(Clone, Debug)]
pub struct Ending {
    /// The first day without it.
    pub on: Date,
    /// Why.
    pub reason: String,
}

/// Another term, agreed by hand.
#[derive(Clone, Debug)]
pub struct RenewAgreement {
    /// Its last day.
    pub until: Date,
    /// Who agreed for the client.
    pub accepted_by: String,
}

/// The term that would begin by itself is not to.
#[derive(Clone, Debug)]
pub struct DeclineRenewal {
    /// The day on which notice was given; none: today.
    pub on: Option<Date>,
    /// Who gave it.
    pub said_by: String,
    /// Why.
    pub reason: String,
}

/// An agreement on the line of time.
#[must_use]
pub fn life<'a>(
    agreement: &AgreementRecord,
    versions: impl IntoIterator<Item = &'a TermsRecord>,
    suspensions: impl IntoIterator<Item = &'a SuspensionRecord>,
) -> Life {
    Life {
        versions: versions.into_iter().map(|terms| terms.version.clone()).collect(),
        suspensions: suspensions.into_iter().map(|record| record.suspension).collect(),
        terminated: agreement.termination.as_ref().map(|end| end.at),
    }
}

/// The term of an agreement that runs now, by its newest accepted terms; none: open-ended.
#[must_use]
pub fn current_term(
    agreement: &AgreementRecord,
    terms: &TermsRecord,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Option<CurrentTerm> {
    let calendar = catalogue.compiled(terms.sections.calendar.as_ref()?)?;
    let standing = &agreement.standing;
    let ends_on = standing.ends_on.or_else(|| standing.renews?.ends_on(calendar.date_at(now)))?;
    let renewal = terms.sections.renewal.filter(|_| agreement.termination.is_none());
    // What was declined in time cannot be decided any more.
    let renewal = renewal.filter(|renewal| standing.renews.is_some() || renewal.kind == RenewalKind::ByHand);
    let next = renewal.and_then(|renewal| renewal.ends(terms.term)?.ends_on(ends_on.tomorrow().ok()?));
    let decide_by = renewal.and_then(|renewal| renewal.decide_by(ends_on));
    Some(CurrentTerm { ends_on, decide_by, next_ends_on: next, renewal: renewal.map(|renewal| renewal.kind) })
}

/// An agreement with accepted terms that is being changed.
struct Accepted {
    open: Open,
    terms: TermsRecord,
    calendar: Arc<Calendar>,
}

impl Accepted {
    fn today(&self, session: &Session) -> Date {
        self.calendar.date_at(session.now)
    }

    /// The first instant of a day within the agreement's life.
    ///
    /// - `field`: where the day was said.
    fn start_of(&self, field: &'static str, on: Date) -> Outcome<Timestamp> {
        let at = self.calendar.start_of(on);
        let first = self.open.versions.iter().filter_map(|terms| Some((terms.version.begins?, terms.term.from?))).min();
        if let Some((_, from)) = first.filter(|(begins, _)| at < *begins) {
            return Err(refuse(UserErrorCode::Invalid, field, format!("the agreement begins only on {from}")));
        }
        if let Some(last) = self.open.agreement.standing.ends_on.filter(|last| *last < on) {
            return Err(refuse(UserErrorCode::Conflict, field, format!("the agreement ends on {last} already")));
        }
        Ok(at)
    }

    /// Tells the feed what happened to the agreement, and commits.
    ///
    /// Charges and clocks follow: what holds when has become another (R7, R8, S8).
    ///
    /// - `from`: the instant from which on that is so.
    async fn finish(mut self, app: &App, session: &Session, from: Timestamp, event: &'static str) -> Outcome<Changed> {
        self.open.write_agreement().await?;
        self.open.recheck(from).await?;
        let Open { mut tx, agreement, .. } = self.open;
        tx.changed(change(&agreement, ChangeKind::Updated, event));
        app.recharge_all(session, &mut tx, agreement.id).await?;
        tx.commit().await?;
        app.catch_up(session).await?;
        Ok((agreement, self.terms))
    }

    fn unchanged(self) -> Outcome<Changed> {
        Ok((self.open.agreement, self.terms))
    }
}

impl App {
    async fn open_accepted(&self, session: &Session, reference: AgreementRef) -> Outcome<Accepted> {
        let open = self.open(session, reference).await?;
        let Some(terms) = open.newest_accepted().cloned() else {
            let text = "no terms were accepted yet: withdraw the draft or offer instead";
            return Err(refuse(UserErrorCode::Conflict, "agreement", text));
        };
        let catalogue = self.catalogue(session, &[&*terms.sections]).await?;
        let calendar = terms.sections.calendar.as_ref().and_then(|pin| catalogue.compiled(pin)).cloned();
        let calendar =
            calendar.ok_or_else(|| refuse(UserErrorCode::Conflict, "agreement", "its terms name no calendar"))?;
        Ok(Accepted { open, terms, calendar })
    }

    /// Suspends an agreement from a day on, or from one to another. The same again changes nothing.
    ///
    /// # Errors
    /// Refused when nothing was accepted, it does not hold on these days, they are in the wrong order, or it is suspended on
    /// one of them already.
    pub async fn suspend_agreement(
        &self,
        session: &Session,
        reference: AgreementRef,
        suspend: Suspend,
    ) -> Outcome<Changed> {
        let mut accepted = self.open_accepted(session, reference).await?;
        let known = accepted.open.tx.suspensions(accepted.open.agreement.id).await?;
        if known.iter().any(|known| suspend.is_known_as(known)) {
            return accepted.unchanged();
        }
        if suspend.until.is_some_and(|until| until <= suspend.on) {
            return Err(refuse(UserErrorCode::Invalid, "until", "must be a day after the first without the agreement"));
        }
        let from = accepted.start_of("on", suspend.on)?;
        let until = suspend.until.map(|until| accepted.start_of("until", until)).transpose()?;
        if let Some(other) = known.iter().find(|known| suspend.overlaps(known)) {
            let until = other.until_on.map(|until| format!(" to {until}")).unwrap_or_default();
            let is_before = suspend.until.is_none() && suspend.on < other.from_on;
            let hint = if is_before { "; say `until` for one that was over before" } else { "" };
            let text = format!("the agreement is suspended from {}{until} already{hint}", other.from_on);
            return Err(refuse(UserErrorCode::Conflict, "on", text));
        }
        let suspension = SuspensionRecord {
            id: Uuid::now_v7(),
            agreement_id: accepted.open.agreement.id,
            from_on: suspend.on,
            until_on: suspend.until,
            suspension: Suspension { from, until },
            reason: suspend.reason,
        };
        accepted.open.tx.add_suspension(&suspension).await?;
        accepted.open.agreement.was_suspended = true;
        accepted.finish(self, session, from, "agreement.suspended").await
    }

    /// Lets a suspended agreement hold again from a day on. The same again changes nothing.
    ///
    /// # Errors
    /// Refused when it is not suspended, or the day is not after the one it was suspended on.
    pub async fn resume_agreement(&self, session: &Session, reference: AgreementRef, on: Date) -> Outcome<Changed> {
        let accepted = self.open_accepted(session, reference).await?;
        let known = accepted.open.tx.suspensions(accepted.open.agreement.id).await?;
        let Some(mut open) = known.iter().find(|s| s.until_on.is_none()).cloned() else {
            return match known.last() {
                Some(last) if last.until_on == Some(on) => accepted.unchanged(),
                _ => Err(refuse(UserErrorCode::Conflict, "agreement", "the agreement is not suspended")),
            };
        };
        if on <= open.from_on {
            let text =
                format!("the agreement is suspended from {} on, so it can be resumed from the next day", open.from_on);
            return Err(refuse(UserErrorCode::Invalid, "on", text));
        }
        open.suspension.until = Some(accepted.start_of("on", on)?);
        open.until_on = Some(on);
        accepted.open.tx.update_suspension(&open).await?;
        accepted.finish(self, session, open.suspension.from, "agreement.resumed").await
    }

    /// Ends an agreement before its time. The same again changes nothing; while its day is to come, it can be moved.
    ///
    /// # Errors
    /// Refused when nothing was accepted, it does not hold on that day, or it was terminated before today.
    pub async fn terminate_agreement(
        &self,
        session: &Session,
        reference: AgreementRef,
        terminate: Ending,
    ) -> Outcome<Changed> {
        let mut accepted = self.open_accepted(session, reference).await?;
        let mut before = None;
        if let Some(old) = accepted.open.agreement.termination.take() {
            if old.on == terminate.on && old.reason == terminate.reason {
                accepted.open.agreement.termination = Some(old);
                return accepted.unchanged();
            }
            if old.on <= accepted.today(session) {
                let text = format!("the agreement was terminated on {} already", old.on);
                return Err(refuse(UserErrorCode::Conflict, "on", text));
            }
            before = Some(old.at);
            accepted.open.restate();
        }
        let at = accepted.start_of("on", terminate.on)?;
        let Ending { on, reason } = terminate;
        accepted.open.agreement.termination = Some(Termination { on, at, reason });
        accepted.finish(self, session, before.map_or(at, |before| before.min(at)), "agreement.terminated").await
    }

    /// Agrees on another term by hand. The same again changes nothing.
    ///
    /// # Errors
    /// Refused when nothing was accepted, it was terminated, it has no end or renews by itself, or the day is not after
    /// its end.
    pub async fn renew_agreement(
        &self,
        session: &Session,
        reference: AgreementRef,
        renew: RenewAgreement,
    ) -> Outcome<Changed> {
        let accepted = self.open_accepted(session, reference).await?;
        if let Some(end) = &accepted.open.agreement.termination {
            let text = format!("the agreement was terminated on {}: make a new one", end.on);
            return Err(refuse(UserErrorCode::Conflict, "agreement", text));
        }
        let Some(ends_on) = accepted.terms.ends_on else {
            let text = "the agreement has no end to renew it at";
            return Err(refuse(UserErrorCode::Conflict, "agreement", text));
        };
        if renew.until == ends_on {
            return accepted.unchanged();
        }
        if renew.until < ends_on {
            let text = format!("the agreement holds until {ends_on} already");
            return Err(refuse(UserErrorCode::Invalid, "until", text));
        }
        let (decision, said_by) = (RenewalDecision::Renewed, renew.accepted_by);
        self.extend(session, accepted, renew.until, decision, said_by, "agreement.renewed").await
    }

    /// Lets the agreement end at the first end that notice on a day is in time for. Declining again changes nothing.
    ///
    /// # Errors
    /// Refused when nothing was accepted, it was terminated, or it does not renew by itself.
    pub async fn decline_renewal(
        &self,
        session: &Session,
        reference: AgreementRef,
        decline: DeclineRenewal,
    ) -> Outcome<Changed> {
        let accepted = self.open_accepted(session, reference).await?;
        let renewal = accepted.terms.sections.renewal.filter(|renewal| renewal.kind == RenewalKind::Automatic);
        if renewal.is_some() && accepted.terms.ends_on.is_some() {
            return accepted.unchanged();
        }
        let Some((renewal, ends)) = renewal.zip(accepted.open.agreement.standing.renews) else {
            let text = "the agreement does not renew by itself";
            return Err(refuse(UserErrorCode::Conflict, "agreement", text));
        };
        let on = decline.on.unwrap_or_else(|| accepted.today(session));
        let in_time = renewal.first_end_after(&ends, on);
        let ends_on = in_time.ok_or_else(|| refuse(UserErrorCode::Invalid, "on", "no term ends after that day"))?;
        let (decision, said_by) = (RenewalDecision::Declined { reason: decline.reason }, decline.said_by);
        self.extend(session, accepted, ends_on, decision, said_by, "agreement.renewalDeclined").await
    }

    /// Gives the newest accepted terms another last day.
    async fn extend(
        &self,
        session: &Session,
        mut accepted: Accepted,
        ends_on: Date,
        decision: RenewalDecision,
        said_by: String,
        event: &'static str,
    ) -> Outcome<Changed> {
        let before = accepted.terms.version.ends;
        accepted.terms.ends_on = Some(ends_on);
        accepted.terms.version.ends = ends_on.tomorrow().ok().map(|after| accepted.calendar.start_of(after));
        accepted.open.replace(&accepted.terms).await?;
        let renewal = RenewalRecord {
            id: Uuid::now_v7(),
            agreement_id: accepted.open.agreement.id,
            terms_id: accepted.terms.id,
            decision,
            ends_on,
            said_by,
            at: session.now,
        };
        accepted.open.tx.add_renewal(&renewal).await?;
        let from = [before, accepted.terms.version.ends].into_iter().flatten().min().unwrap_or(session.now);
        accepted.finish(self, session, from, event).await
    }
}
