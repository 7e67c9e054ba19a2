//! An agreement that is being changed.

use remit_domain::{Timestamp, lifecycle::Stage, words::RenewalKind};

use super::{App, Failure, Outcome, Session, UserError, UserErrorCode};
use crate::store::{AgreementRecord, Change, ChangeKind, Handle, Recheck, Standing, Subject, TermsRecord, Tx};

/// The agreement that is meant, and the revision that the caller has read.
#[derive(Clone, Debug)]
pub struct AgreementRef {
    /// The agreement.
    pub agreement: Handle,
    /// Its revision when it was read; none: whatever it is.
    pub revision: Option<i32>,
}

/// An agreement that is being changed, with its versions, newest first.
pub(super) struct Open {
    pub(super) tx: Tx,
    pub(super) agreement: AgreementRecord,
    pub(super) versions: Vec<TermsRecord>,
}

impl Open {
    pub(super) fn pending(&self) -> Option<TermsRecord> {
        self.versions.iter().find(|v| matches!(v.version.stage, Stage::Draft | Stage::Offered { .. })).cloned()
    }

    pub(super) fn newest_accepted(&self) -> Option<&TermsRecord> {
        self.versions.iter().find(|v| matches!(v.version.stage, Stage::Accepted { .. }))
    }

    /// Writes a version and how the agreement stands after it, and counts the agreement's revision up.
    pub(super) async fn write(&mut self, terms: &TermsRecord) -> Outcome<()> {
        self.replace(terms).await?;
        self.write_agreement().await
    }

    /// Writes a version.
    pub(super) async fn replace(&mut self, terms: &TermsRecord) -> Outcome<()> {
        match self.versions.iter().position(|version| version.id == terms.id) {
            Some(place) => {
                self.tx.update_terms(terms).await?;
                self.versions[place] = terms.clone();
            }
            None => {
                self.tx.add_terms(terms).await?;
                self.versions.insert(0, terms.clone());
            }
        }
        Ok(())
    }

    /// Works out how the agreement stands.
    pub(super) fn restate(&mut self) {
        self.agreement.standing = standing(&self.agreement, &self.versions);
    }

    /// Writes the agreement and how it stands, and counts its revision up.
    pub(super) async fn write_agreement(&mut self) -> Outcome<()> {
        self.agreement.revision += 1;
        self.restate();
        Ok(self.tx.update_agreement(&self.agreement).await?)
    }

    /// Has the clocks written anew of the tickets that were opened since an instant: other terms may hold for them.
    pub(super) async fn recheck(&self, from: Timestamp) -> Outcome<()> {
        let (agreement, client) = (self.agreement.id, self.agreement.client_id);
        Ok(self.tx.recheck(Recheck::Terms { agreement, client, from }).await?)
    }

    /// Tells the feed what happened to a version, and commits.
    pub(super) async fn finish(
        mut self,
        terms: TermsRecord,
        kind: ChangeKind,
        event: &'static str,
    ) -> Outcome<(AgreementRecord, TermsRecord)> {
        let (agreement, client) = (Some(self.agreement.id), Some(self.agreement.client_id));
        self.tx.changed(Change { subject: Subject::Terms, id: terms.id, kind, event, agreement, client, clock: None });
        self.tx.commit().await?;
        Ok((self.agreement, terms))
    }
}

/// What lists need to know of an agreement's versions, which are given newest first.
fn standing(agreement: &AgreementRecord, versions: &[TermsRecord]) -> Standing {
    let accepted = versions.iter().find(|v| matches!(v.version.stage, Stage::Accepted { .. }));
    let kept = || versions.iter().find(|v| !matches!(v.version.stage, Stage::Withdrawn { .. }));
    let written = accepted.and_then(|terms| terms.ends_on.zip(terms.version.ends));
    let ended = agreement.termination.as_ref().and_then(|end| Some((end.on.yesterday().ok()?, end.at)));
    let (ends_on, ends_at) = [written, ended].into_iter().flatten().min_by_key(|(_, at)| *at).unzip();
    let renewing = accepted.filter(|_| ends_on.is_none()).and_then(|terms| Some((terms, terms.sections.renewal?)));
    let renewing = renewing.filter(|(_, renewal)| renewal.kind == RenewalKind::Automatic);
    Standing {
        offered: versions.iter().any(|v| matches!(v.version.stage, Stage::Offered { .. })),
        accepted_version: accepted.map(|terms| terms.version.number),
        current_terms: accepted.or_else(kept).map(|terms| terms.id),
        ends_on,
        ends_at,
        renews: renewing.and_then(|(terms, renewal)| renewal.ends(terms.term)),
    }
}

pub(super) fn refuse(code: UserErrorCode, field: &str, text: impl Into<String>) -> Failure {
    UserError::new(code, &["input", field], text).into()
}

impl App {
    /// Opens an agreement for a change.
    pub(super) async fn open(&self, session: &Session, reference: AgreementRef) -> Outcome<Open> {
        let AgreementRef { agreement, revision } = reference;
        let tx = self.store.begin(&session.scope, session.now).await?;
        let Some(agreement) = tx.agreement(&agreement).await? else {
            return Err(refuse(UserErrorCode::NotFound, "agreement", "no such agreement"));
        };
        if let Some(read) = revision
            && read != agreement.revision
        {
            let text = format!("the agreement has changed since: it is at revision {}, not {read}", agreement.revision);
            return Err(refuse(UserErrorCode::StaleRevision, "revision", text));
        }
        let versions = tx.versions(agreement.id).await?;
        Ok(Open { tx, agreement, versions })
    }
}
