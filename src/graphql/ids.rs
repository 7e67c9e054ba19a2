//! Ids that are opaque, global and never change: the kind of object and its UUID.

use async_graphql::ID;

use crate::store::{AuditedKind, Subject, Uuid};

/// The kinds of object that have ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Service,
    SlaTier,
    ServiceCalendar,
    Client,
    Agreement,
    AgreementTerms,
    Obligation,
    ObligationStatus,
    Ticket,
    TimeEntry,
    Charge,
    BillingPeriod,
    Outage,
    BackupRun,
    Measurement,
    Webhook,
    WebhookDelivery,
    ApiClient,
    Revocation,
    AuditEntry,
}

impl Kind {
    pub(crate) const ALL: [Self; 20] = [
        Self::Service,
        Self::SlaTier,
        Self::ServiceCalendar,
        Self::Client,
        Self::Agreement,
        Self::AgreementTerms,
        Self::Obligation,
        Self::ObligationStatus,
        Self::Ticket,
        Self::TimeEntry,
        Self::Charge,
        Self::BillingPeriod,
        Self::Outage,
        Self::BackupRun,
        Self::Measurement,
        Self::Webhook,
        Self::WebhookDelivery,
        Self::ApiClient,
        Self::Revocation,
        Self::AuditEntry,
    ];

    /// The prefix of an id; part of a promise, so never changed.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Service => "svc",
            Self::SlaTier => "tier",
            Self::ServiceCalendar => "cal",
            Self::Client => "cli",
            Self::Agreement => "agr",
            Self::AgreementTerms => "terms",
            Self::Obligation => "obl",
            Self::ObligationStatus => "obs",
            Self::Ticket => "tkt",
            Self::TimeEntry => "time",
            Self::Charge => "chg",
            Self::BillingPeriod => "per",
            Self::Outage => "out",
            Self::BackupRun => "bkp",
            Self::Measurement => "msr",
            Self::Webhook => "whk",
            Self::WebhookDelivery => "whd",
            Self::ApiClient => "apc",
            Self::Revocation => "rev",
            Self::AuditEntry => "aud",
        }
    }

    /// The object's type in the schema.
    pub(crate) const fn type_name(self) -> &'static str {
        match self {
            Self::Service => "Service",
            Self::SlaTier => "SlaTier",
            Self::ServiceCalendar => "ServiceCalendar",
            Self::Client => "Client",
            Self::Agreement => "Agreement",
            Self::AgreementTerms => "AgreementTerms",
            Self::Obligation => "Obligation",
            Self::ObligationStatus => "ObligationStatus",
            Self::Outage => "Outage",
            Self::BackupRun => "BackupRun",
            Self::Measurement => "Measurement",
            Self::Ticket => "Ticket",
            Self::TimeEntry => "TimeEntry",
            Self::Charge => "Charge",
            Self::BillingPeriod => "BillingPeriod",
            Self::Webhook => "Webhook",
            Self::WebhookDelivery => "WebhookDelivery",
            Self::ApiClient => "ApiClient",
            Self::Revocation => "Revocation",
            Self::AuditEntry => "AuditEntry",
        }
    }

    /// The kind of what changes.
    pub(crate) const fn of(subject: Subject) -> Self {
        match subject {
            Subject::Service => Self::Service,
            Subject::SlaTier => Self::SlaTier,
            Subject::Calendar => Self::ServiceCalendar,
            Subject::Client => Self::Client,
            Subject::Agreement => Self::Agreement,
            Subject::Terms => Self::AgreementTerms,
            Subject::Obligation => Self::Obligation,
            Subject::Ticket => Self::Ticket,
            Subject::TimeEntry => Self::TimeEntry,
            Subject::Charge => Self::Charge,
            Subject::BillingPeriod => Self::BillingPeriod,
            Subject::Outage => Self::Outage,
            Subject::BackupRun => Self::BackupRun,
            Subject::Measurement => Self::Measurement,
        }
    }

    /// The kind of what something is done to.
    pub(crate) const fn audited(kind: AuditedKind) -> Self {
        match kind {
            AuditedKind::Fed(subject) => Self::of(subject),
            AuditedKind::ApiClient => Self::ApiClient,
            AuditedKind::Webhook => Self::Webhook,
            AuditedKind::Revocation => Self::Revocation,
        }
    }

    /// The id of an object of this kind.
    pub(crate) fn id(self, uuid: Uuid) -> ID {
        ID(format!("{}_{}", self.prefix(), uuid.simple()))
    }
}

/// Which object an id means; none: it is no id of ours.
pub(crate) fn read(id: &str) -> Option<(Kind, Uuid)> {
    let (prefix, rest) = id.split_once('_')?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.prefix() == prefix)?;
    let canonical = rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if canonical { Some((kind, Uuid::try_parse(rest).ok()?)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_means_one_object_in_one_spelling() {
        let uuid = Uuid::now_v7();
        for kind in Kind::ALL {
            assert_eq!(read(&kind.id(uuid)), Some((kind, uuid)));
        }
        let id = Kind::Service.id(uuid).to_string();
        for other in [id.to_uppercase(), format!("{id}0"), format!("x{id}"), "svc_".into(), "svc".into(), String::new()]
        {
            assert_eq!(read(&other), None, "{other}");
        }
    }
}
