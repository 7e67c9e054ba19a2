//! How obligations stand: recorded by the provider, attested by the client, judged by the provider.

use remit_domain::{
    Timestamp,
    coverage::StateChange,
    words::{ObligationState, StatementStatus},
};

use super::{App, Failure, Outcome, Session, UserError, UserErrorCode, life, open::refuse};
use crate::store::{
    AgreementRecord, Change, ChangeKind, Handle, Judgement, Recheck, StatusRecord, Subject, TermsRecord, Tx, Uuid,
};

/// How an obligation stands from an instant on.
#[derive(Clone, Debug)]
pub struct RecordStatus {
    /// The agreement.
    pub agreement: Handle,
    /// The obligation's code.
    pub code: String,
    /// How it stands.
    pub state: ObligationState,
    /// Since when.
    pub since: Timestamp,
    /// Of a waiver, the first instant without it.
    pub until: Option<Timestamp>,
    /// What shows it.
    pub evidence: Option<String>,
}

/// What the provider says of a client's word.
#[derive(Clone, Debug)]
pub struct JudgeStatus {
    /// What was attested.
    pub status: Uuid,
    /// CONFIRMED or REJECTED.
    pub verdict: StatementStatus,
    /// Why.
    pub reason: Option<String>,
}

/// The version that shows an obligation, and the obligation's code.
type Shown = (TermsRecord, String);

impl App {
    /// Puts down how an obligation stands. What a caller bound to a client says is attested, and counts once confirmed.
    /// The same again changes nothing.
    ///
    /// # Errors
    /// Refused when agreement or obligation are not there, or the instants cannot be.
    pub async fn record_status(&self, session: &Session, record: RecordStatus) -> Outcome<Shown> {
        check_instants(&record, session.now)?;
        let tx = self.begin_visible(session).await?;
        let agreement = tx.agreement(&record.agreement).await?.filter(|agreement| is_visible(session, agreement));
        let agreement = agreement.ok_or_else(|| refuse(UserErrorCode::NotFound, "agreement", "no such agreement"))?;
        let shown = self.version_with(session, &tx, &agreement, &record.code).await?;
        let terms =
            shown.ok_or_else(|| refuse(UserErrorCode::NotFound, "code", "the agreement has no such obligation"))?;
        let bound = session.scope.is_client_bound();
        let status = if bound { StatementStatus::Attested } else { StatementStatus::Recorded };
        let RecordStatus { code, state, since, until, evidence, .. } = record;
        let said = StatusRecord {
            id: Uuid::now_v7(),
            agreement_id: agreement.id,
            code,
            change: StateChange { state, since, until, status, recorded_at: session.now },
            evidence,
            recorded_by: session.caller.subject().to_owned(),
            judgement: None,
        };
        let known = tx.statuses(agreement.id, &said.code).await?;
        // Of what was said of this instant, the last counts; saying that again is a retry.
        let last = known.iter().rev().find(|other| other.change.since == since && is_bound(other) == bound);
        if last.is_some_and(|last| says_the_same(last, &said)) {
            return Ok((terms, said.code));
        }
        tx.add_status(&said).await?;
        let event = if bound { "obligation.attested" } else { "obligation.recorded" };
        if !bound {
            tx.recheck(Recheck::Obligation { agreement: agreement.id, from: since }).await?;
        }
        self.finish_status(session, tx, &agreement, (&terms, &said.code), event).await?;
        Ok((terms, said.code))
    }

    /// Confirms or rejects what a client attested. The same verdict again changes nothing.
    ///
    /// # Errors
    /// Refused when nothing was attested under that id, or it was judged otherwise before.
    pub async fn judge_status(&self, session: &Session, judge: JudgeStatus) -> Outcome<Shown> {
        let refused = |code, text: &str| refuse(code, "status", text);
        let unknown = || refused(UserErrorCode::NotFound, "no such status");
        let tx = self.begin_visible(session).await?;
        let mut status = tx.status(judge.status).await?.ok_or_else(unknown)?;
        let agreement = tx.agreement(&Handle::Id(status.agreement_id)).await?.ok_or_else(unknown)?;
        let terms = self.version_with(session, &tx, &agreement, &status.code).await?.ok_or_else(unknown)?;
        match status.change.status {
            StatementStatus::Attested => {}
            same if same == judge.verdict => return Ok((terms, status.code)),
            StatementStatus::Recorded => {
                return Err(refused(UserErrorCode::Conflict, "the provider recorded it: record another state instead"));
            }
            _ => return Err(refused(UserErrorCode::Conflict, "it was judged otherwise: record another state instead")),
        }
        status.change.status = judge.verdict;
        let by = session.caller.subject().to_owned();
        status.judgement = Some(Judgement { by, at: session.now, reason: judge.reason });
        tx.update_status(&status).await?;
        let confirmed = judge.verdict == StatementStatus::Confirmed;
        let event = if confirmed { "obligation.confirmed" } else { "obligation.rejected" };
        tx.recheck(Recheck::Obligation { agreement: agreement.id, from: status.change.since }).await?;
        self.finish_status(session, tx, &agreement, (&terms, &status.code), event).await?;
        Ok((terms, status.code))
    }

    /// Begins a write for a caller who sees something.
    async fn begin_visible(&self, session: &Session) -> Outcome<Tx> {
        if session.scope.is_client_bound() && session.scope.client().is_none() {
            return Err(refuse(UserErrorCode::NotFound, "agreement", "no such agreement"));
        }
        Ok(self.store.begin(&session.scope, session.now).await?)
    }

    /// The version in force that has the obligation, else the newest that has it and that the caller may read.
    async fn version_with(
        &self,
        session: &Session,
        tx: &Tx,
        agreement: &AgreementRecord,
        code: &str,
    ) -> Outcome<Option<TermsRecord>> {
        let mut versions = tx.versions(agreement.id).await?;
        let life = life(agreement, &versions, &tx.suspensions(agreement.id).await?);
        let current = life.in_force(session.now).map(|version| version.number);
        let bound = session.scope.is_client_bound();
        versions.retain(|terms| {
            let readable = !bound || terms.version.stage.offered_at().is_some();
            readable && terms.sections.obligations.iter().any(|o| o.code.as_str() == code)
        });
        let place = versions.iter().position(|terms| Some(terms.version.number) == current).unwrap_or(0);
        Ok((place < versions.len()).then(|| versions.swap_remove(place)))
    }

    /// Tells the feed what happened to an obligation, charges anew what it makes chargeable (R7, R8), and commits.
    async fn finish_status(
        &self,
        session: &Session,
        mut tx: Tx,
        agreement: &AgreementRecord,
        (terms, code): (&TermsRecord, &str),
        event: &'static str,
    ) -> Outcome<()> {
        if let Some(id) = tx.obligation_id(terms.id, code).await? {
            let (agreement, client) = (Some(agreement.id), Some(agreement.client_id));
            let (subject, kind) = (Subject::Obligation, ChangeKind::Updated);
            tx.changed(Change { subject, id, kind, event, agreement, client, clock: None });
        }
        self.recharge_all(session, &mut tx, agreement.id).await?;
        tx.commit().await?;
        self.catch_up(session).await?;
        Ok(())
    }
}

fn is_visible(session: &Session, agreement: &AgreementRecord) -> bool {
    !session.scope.is_client_bound() || session.scope.client() == Some(agreement.client_id)
}

fn is_bound(status: &StatusRecord) -> bool {
    status.change.status != StatementStatus::Recorded
}

fn says_the_same(old: &StatusRecord, new: &StatusRecord) -> bool {
    let what = |status: &StatusRecord| (status.change.state, status.change.until);
    // What was rejected can be said again.
    what(old) == what(new) && old.evidence == new.evidence && old.change.status != StatementStatus::Rejected
}

/// Holds the instants to each other and to now.
fn check_instants(record: &RecordStatus, now: Timestamp) -> Result<(), Failure> {
    let waived = record.state == ObligationState::Waived;
    let wrong = if record.since > now && !waived {
        ("since", "how it stands in the future is not known; only a waiver can begin later")
    } else if record.until.is_some() && !waived {
        ("until", "only a waiver has an end: other states last until another is recorded")
    } else if record.until.is_some_and(|until| until <= record.since) {
        ("until", "the waiver ends no later than it begins")
    } else {
        return Ok(());
    };
    Err(UserError::new(UserErrorCode::Invalid, &["input", wrong.0], wrong.1).into())
}
