//! What a row of the feed says.

use remit_domain::words::Milestone;
use sea_orm::prelude::Uuid;

/// What happened, for the feed.
#[derive(Clone, Debug)]
pub struct Change {
    /// The kind of object.
    pub subject: Subject,
    /// Which.
    pub id: Uuid,
    /// Whether it came into being.
    pub kind: ChangeKind,
    /// What happened in words of the subject.
    pub event: &'static str,
    /// The agreement it belongs to.
    pub agreement: Option<Uuid>,
    /// The client it belongs to.
    pub client: Option<Uuid>,
    /// The clock of a ticket that it is about.
    pub clock: Option<ClockMark>,
}

/// Which clock of a ticket a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockMark {
    /// The milestone it runs to.
    pub milestone: Milestone,
    /// Of a warning, the percentage of the target that is used up.
    pub percent: Option<u8>,
}

/// The kinds of object that change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A service.
    Service,
    /// A tier.
    SlaTier,
    /// A calendar.
    Calendar,
    /// A client.
    Client,
    /// An agreement.
    Agreement,
    /// A version of an agreement's terms.
    Terms,
    /// An obligation within a version.
    Obligation,
    /// A ticket.
    Ticket,
    /// A time entry.
    TimeEntry,
    /// A charge.
    Charge,
    /// A billing period of an agreement.
    BillingPeriod,
    /// A time in which something was not there.
    Outage,
    /// A run of a backup or a restore.
    BackupRun,
    /// A measured value.
    Measurement,
}

impl Subject {
    /// Whether it belongs to what agreements and their terms name.
    pub(in crate::store) fn is_of_catalogue(self) -> bool {
        matches!(self, Self::Service | Self::SlaTier | Self::Calendar | Self::Client)
    }

    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Service,
        Self::SlaTier,
        Self::Calendar,
        Self::Client,
        Self::Agreement,
        Self::Terms,
        Self::Obligation,
        Self::Ticket,
        Self::TimeEntry,
        Self::Charge,
        Self::BillingPeriod,
        Self::Outage,
        Self::BackupRun,
        Self::Measurement,
    ];

    pub(in crate::store) fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.as_str() == text)
    }

    pub(in crate::store) const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "SERVICE",
            Self::SlaTier => "SLA_TIER",
            Self::Calendar => "CALENDAR",
            Self::Client => "CLIENT",
            Self::Agreement => "AGREEMENT",
            Self::Terms => "TERMS",
            Self::Obligation => "OBLIGATION",
            Self::Ticket => "TICKET",
            Self::TimeEntry => "TIME_ENTRY",
            Self::Charge => "CHARGE",
            Self::BillingPeriod => "BILLING_PERIOD",
            Self::Outage => "OUTAGE",
            Self::BackupRun => "BACKUP_RUN",
            Self::Measurement => "MEASUREMENT",
        }
    }
}

/// Whether an object came into being, became another, or is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// It was there before.
    Updated,
    /// It is there no more.
    Deleted,
}

impl ChangeKind {
    pub(super) fn read(text: &str) -> Option<Self> {
        [Self::Created, Self::Updated, Self::Deleted].into_iter().find(|kind| kind.as_str() == text)
    }

    pub(in crate::store) const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Updated => "UPDATED",
            Self::Deleted => "DELETED",
        }
    }
}
