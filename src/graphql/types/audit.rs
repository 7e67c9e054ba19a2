//! Who did what to what.

use std::borrow::Cow;

use async_graphql::{Enum, ID, Object, SimpleObject};

use crate::{
    graphql::{ids::Kind, paging::Item, scalars::DateTime},
    store::{AuditRecord, AuditedKind, Subject, Uuid},
};

/// Declares the kinds of objects that something is done to, and what they are beneath.
macro_rules! audited {
    ($($(#[doc = $doc:literal])+ $name:ident = $kind:pat => $made:expr),+ $(,)?) => {
        /// The kind of object that something was done to. Values may be added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        pub(crate) enum AuditedType { $($(#[doc = $doc])+ $name),+ }

        impl From<AuditedKind> for AuditedType {
            fn from(kind: AuditedKind) -> Self {
                match kind { $($kind => Self::$name),+ }
            }
        }

        impl From<AuditedType> for AuditedKind {
            fn from(kind: AuditedType) -> Self {
                match kind { $(AuditedType::$name => $made),+ }
            }
        }
    };
}

/// The same, where both are spelled alike.
macro_rules! audited_kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $kind:ident$(($subject:ident))?),+ $(,)?) => {
        audited! { $($(#[doc = $doc])+ $name = AuditedKind::$kind$((Subject::$subject))? => AuditedKind::$kind$((Subject::$subject))?),+ }
    };
}

audited_kinds! {
    /// A service.
    Service = Fed(Service),
    /// An SLA tier; the entry names its revision.
    SlaTier = Fed(SlaTier),
    /// A calendar; the entry names its revision.
    Calendar = Fed(Calendar),
    /// A client.
    Client = Fed(Client),
    /// An agreement.
    Agreement = Fed(Agreement),
    /// A version of an agreement's terms.
    Terms = Fed(Terms),
    /// An obligation within a version of the terms.
    Obligation = Fed(Obligation),
    /// A ticket.
    Ticket = Fed(Ticket),
    /// A time entry.
    TimeEntry = Fed(TimeEntry),
    /// A charge.
    Charge = Fed(Charge),
    /// A billing period of an agreement.
    BillingPeriod = Fed(BillingPeriod),
    /// A time in which something was not there.
    Outage = Fed(Outage),
    /// A run of a backup or a restore.
    BackupRun = Fed(BackupRun),
    /// A measured value.
    Measurement = Fed(Measurement),
    /// The revoking of tokens.
    Revocation = Revocation,
    /// An API client.
    ApiClient = ApiClient,
    /// A webhook.
    Webhook = Webhook,
}

/// A row of the audit trail in the API.
#[derive(Clone, Debug)]
pub(crate) struct AuditNode {
    record: AuditRecord,
    key: String,
}

impl AuditNode {
    pub(crate) fn all(records: Vec<AuditRecord>) -> impl Iterator<Item = Self> {
        records.into_iter().map(|record| Self { key: record.id.simple().to_string(), record })
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.record.id
    }
}

impl Item for AuditNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.key)
    }
}

/// Somebody did something to an object. Entries are only ever added.
#[Object(name = "AuditEntry")]
impl AuditNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::AuditEntry.id(self.record.id)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.record.at)
    }

    /// What was done, in words of the object: terms.activated. Words may be added.
    async fn event(&self) -> &str {
        &self.record.event
    }

    /// The kind of object it was done to.
    #[graphql(name = "type")]
    async fn audited_type(&self) -> AuditedType {
        self.record.kind.into()
    }

    /// The global id of the object. It stays when the object is gone.
    async fn subject_id(&self) -> ID {
        Kind::audited(self.record.kind).id(self.record.object_id)
    }

    /// What was done in detail, where the object itself does not show it. Never a secret.
    async fn detail(&self) -> Option<&str> {
        self.record.detail.as_deref()
    }

    /// Who did it, and by which token.
    async fn actor(&self) -> AuditActor {
        let actor = &self.record.actor;
        AuditActor {
            subject: actor.subject.clone(),
            client_id: actor.client_id.clone(),
            jti: actor.jti.clone(),
            client: actor.bound_to.clone(),
        }
    }

    /// The id of the request, as it came back with its answer in `x-request-id`; null for a command on the server's machine.
    async fn request_id(&self) -> Option<&str> {
        self.record.actor.request_id.as_deref()
    }
}

/// Who did something: what the token said.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct AuditActor {
    /// The token's subject.
    subject: String,
    /// The calling software.
    client_id: String,
    /// The token's own id; null where its issuer gives none.
    jti: Option<String>,
    /// The code of the client that the token was bound to.
    client: Option<String>,
}
