//! How obligations stand.

use async_graphql::{ID, InputObject};
use remit_domain::words::{ObligationState, StatementStatus};

use super::{Ref, handle, lifecycle::said, optional, prose};
use crate::{
    app::{JudgeStatus, Problems, RecordStatus, UserErrorCode},
    graphql::{
        ids::{self, Kind},
        scalars::DateTime,
        words::Word,
    },
    store::Uuid,
};

/// How an obligation stands from an instant on.
#[derive(Debug, InputObject)]
pub(crate) struct RecordObligationStatusInput {
    /// The agreement.
    agreement: Ref,
    /// The obligation's code.
    code: String,
    /// How it stands.
    state: Word<ObligationState>,
    /// Since when. Only a waiver can begin in the future.
    since: DateTime,
    /// Of a waiver, the first instant without it. Left out: until another state is recorded.
    until: Option<DateTime>,
    /// What shows it: a report, a ticket, an address.
    evidence: Option<String>,
}

impl RecordObligationStatusInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<RecordStatus> {
        let agreement = p.at("agreement", |p| handle(p, self.agreement, Kind::Agreement));
        let evidence = optional(self.evidence, |text| prose(p, "evidence", text));
        Some(RecordStatus {
            agreement: agreement?,
            code: self.code,
            state: self.state.0,
            since: self.since.0,
            until: self.until.map(|until| until.0),
            evidence: evidence?,
        })
    }
}

/// Agrees with what a client attested.
#[derive(Debug, InputObject)]
pub(crate) struct ConfirmObligationStatusInput {
    /// What was attested.
    status: ID,
}

impl ConfirmObligationStatusInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<JudgeStatus> {
        Some(JudgeStatus { status: status(p, &self.status)?, verdict: StatementStatus::Confirmed, reason: None })
    }
}

/// Does not agree with what a client attested.
#[derive(Debug, InputObject)]
pub(crate) struct RejectObligationStatusInput {
    /// What was attested.
    status: ID,
    /// Why it is not so.
    reason: String,
}

impl RejectObligationStatusInput {
    pub(crate) fn read(self, p: &mut Problems) -> Option<JudgeStatus> {
        let reason = said(p, "reason", self.reason);
        let status = status(p, &self.status);
        Some(JudgeStatus { status: status?, verdict: StatementStatus::Rejected, reason: Some(reason?) })
    }
}

fn status(p: &mut Problems, id: &ID) -> Option<Uuid> {
    let found = ids::read(id).filter(|(kind, _)| *kind == Kind::ObligationStatus).map(|(_, uuid)| uuid);
    if found.is_none() {
        p.at("status", |p| p.refuse(UserErrorCode::NotFound, "no such status"));
    }
    found
}
