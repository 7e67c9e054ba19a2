//! What was recorded that commitments are held against: outages, backup runs, measurements.

use std::{borrow::Cow, collections::HashMap};

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use remit_domain::{
    commitment::{self, Fact},
    decimal::canonical,
    words::{BackupRunKind, ComponentClass, FactKind, RunOutcome},
};
use tokio::sync::OnceCell;

use super::{AgreementNode, agreement::agreements};
use crate::{
    graphql::{
        cohort::Member,
        context::Serving,
        ids::Kind,
        paging::Item,
        reference::ExternalRef,
        scalars::{DateTime, Decimal},
        words::Word,
    },
    store::{self, FactRecord, Uuid, subject_of},
};

/// What facts loaded together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    references: OnceCell<HashMap<Uuid, Vec<store::ExternalRef>>>,
    agreements: OnceCell<HashMap<Uuid, AgreementNode>>,
}

/// A recorded fact with its place in a list; all of a cohort are of one kind.
#[derive(Clone, Debug)]
pub(crate) struct FactMember<T> {
    member: Member<FactRecord, Related>,
    place: String,
    what: T,
}

impl<T> FactMember<T> {
    /// The members of a cohort, as what `what` makes of each.
    fn all(records: Vec<FactRecord>, what: fn(Fact) -> Option<T>) -> impl Iterator<Item = Self> {
        Member::all(records).filter_map(move |member| {
            let member: Member<FactRecord, Related> = member;
            Some(Self { place: member.place(), what: what(member.fact().clone())?, member })
        })
    }

    fn id(&self, kind: Kind) -> ID {
        kind.id(self.member.id)
    }

    async fn reference(&self, ctx: &Context<'_>) -> Result<ExternalRef> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let ids: Vec<Uuid> = self.member.siblings().iter().map(|record| record.id).collect();
            app.store().external_refs(&session.scope, subject_of(self.member.fact().kind()), &ids).await
        };
        let references = self.member.related().references.get_or_try_init(load).await?;
        let own = references.get(&self.member.id).and_then(|references| references.first());
        own.map(Into::into).ok_or_else(|| "the fact's reference is not there".into())
    }

    async fn agreement(&self, ctx: &Context<'_>) -> Result<AgreementNode> {
        let load = || agreements(ctx, self.member.siblings().iter().map(|record| record.agreement_id));
        let agreements = self.member.related().agreements.get_or_try_init(load).await?;
        agreements.get(&self.member.agreement_id).cloned().ok_or_else(|| "the fact's agreement is not there".into())
    }
}

/// Declares the nodes of the kinds of facts.
macro_rules! facts {
    ($($(#[doc = $doc:literal])+ $name:ident($kind:ident, $what:ty)),+ $(,)?) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub(crate) struct $name(FactMember<$what>);

        impl $name {
            pub(crate) fn all(records: Vec<FactRecord>) -> impl Iterator<Item = Self> {
                let what = |fact| match fact {
                    Fact::$kind(what) => Some(what),
                    _ => None,
                };
                FactMember::all(records, what).map(Self)
            }

            pub(crate) fn uuid(&self) -> Uuid {
                self.0.member.id
            }
        }

        impl Item for $name {
            fn key(&self) -> Cow<'_, str> {
                Cow::Borrowed(&self.0.place)
            }
        }

        impl FactNode for $name {
            const KIND: FactKind = FactKind::$kind;

            fn nodes(records: Vec<FactRecord>) -> Vec<Self> {
                Self::all(records).collect()
            }

            fn id(&self) -> Uuid {
                self.uuid()
            }
        }
    )+};
}

/// A node of one kind of facts.
pub(crate) trait FactNode: Item + Clone + Sized {
    /// The kind.
    const KIND: FactKind;

    /// The nodes of a cohort.
    fn nodes(records: Vec<FactRecord>) -> Vec<Self>;

    /// Its id.
    fn id(&self) -> Uuid;
}

facts! {
    /// An outage in the API.
    OutageNode(Outage, commitment::Outage),
    /// A run of a backup in the API.
    BackupRunNode(BackupRun, commitment::BackupRun),
    /// A measurement in the API.
    MeasurementNode(Measurement, commitment::Measurement),
}

/// A time in which something was not there, as it was recorded.
#[Object(name = "Outage")]
impl OutageNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id(Kind::Outage)
    }

    /// What its source calls it.
    async fn external_ref(&self, ctx: &Context<'_>) -> Result<ExternalRef> {
        self.0.reference(ctx).await
    }

    /// The agreement.
    async fn agreement(&self, ctx: &Context<'_>) -> Result<AgreementNode> {
        self.0.agreement(ctx).await
    }

    /// What was not there, as the terms name it.
    async fn subject(&self) -> &str {
        &self.0.what.subject
    }

    /// Of something of several members, which; null: all of it.
    async fn member(&self) -> Option<&str> {
        self.0.what.member.as_deref()
    }

    /// Why.
    async fn cause(&self) -> Option<&str> {
        self.0.what.cause.as_deref()
    }

    /// Since when.
    async fn started_at(&self) -> DateTime {
        DateTime(self.0.what.from)
    }

    /// The first instant at which it was there again; null: it is still not.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.what.to.map(DateTime)
    }

    /// The maintenance that it is part of.
    async fn maintenance(&self) -> Option<Maintenance> {
        self.0.what.maintenance.map(Into::into)
    }
}

/// Maintenance as it was planned. What an outage lasts beyond it is no maintenance.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Maintenance {
    /// When it was announced; null: it was not.
    announced_at: Option<DateTime>,
    /// When it was to begin.
    from: DateTime,
    /// When it was to end.
    until: DateTime,
}

impl From<commitment::Maintenance> for Maintenance {
    fn from(planned: commitment::Maintenance) -> Self {
        Self {
            announced_at: planned.announced_at.map(DateTime),
            from: DateTime(planned.from),
            until: DateTime(planned.until),
        }
    }
}

/// A run of a backup or of a restore, as it was recorded.
#[Object(name = "BackupRun")]
impl BackupRunNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id(Kind::BackupRun)
    }

    /// What its source calls it.
    async fn external_ref(&self, ctx: &Context<'_>) -> Result<ExternalRef> {
        self.0.reference(ctx).await
    }

    /// The agreement.
    async fn agreement(&self, ctx: &Context<'_>) -> Result<AgreementNode> {
        self.0.agreement(ctx).await
    }

    /// Of what, as the terms name it.
    async fn subject(&self) -> &str {
        &self.0.what.subject
    }

    /// What it was for.
    async fn kind(&self) -> Word<BackupRunKind> {
        Word(self.0.what.kind)
    }

    /// When it began.
    async fn started_at(&self) -> DateTime {
        DateTime(self.0.what.started)
    }

    /// When it was over; null: it is not, or nobody said.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.what.ended.map(DateTime)
    }

    /// How it came out; null: it is not over.
    async fn outcome(&self) -> Option<Word<RunOutcome>> {
        self.0.what.outcome.map(Word)
    }

    /// Whether a copy is kept elsewhere; null: nobody said.
    async fn off_site(&self) -> Option<bool> {
        self.0.what.off_site
    }

    /// Until when it is kept; null: nobody said.
    async fn kept_until(&self) -> Option<DateTime> {
        self.0.what.kept_until.map(DateTime)
    }
}

/// One measured value, as it was recorded.
#[Object(name = "Measurement")]
impl MeasurementNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.id(Kind::Measurement)
    }

    /// What its source calls it.
    async fn external_ref(&self, ctx: &Context<'_>) -> Result<ExternalRef> {
        self.0.reference(ctx).await
    }

    /// The agreement.
    async fn agreement(&self, ctx: &Context<'_>) -> Result<AgreementNode> {
        self.0.agreement(ctx).await
    }

    /// The kind of thing.
    async fn component(&self) -> Word<ComponentClass> {
        Word(self.0.what.component)
    }

    /// What was measured.
    async fn metric(&self) -> &str {
        &self.0.what.metric
    }

    /// The value.
    async fn value(&self) -> Decimal {
        Decimal(canonical(self.0.what.value))
    }

    /// Its unit.
    async fn unit(&self) -> &str {
        &self.0.what.unit
    }

    /// When, or since when.
    async fn from(&self) -> DateTime {
        DateTime(self.0.what.from)
    }

    /// The first instant that it does not speak of; null: it speaks of one instant.
    async fn to(&self) -> Option<DateTime> {
        self.0.what.to.map(DateTime)
    }
}

/// Since when somebody watches whether something of an agreement is there.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct WatchedSubject {
    /// What, as the terms name it.
    subject: String,
    /// Since when.
    since: DateTime,
    /// The first instant at which nobody does any more; null: somebody still does.
    until: Option<DateTime>,
}

impl From<store::WatchedRecord> for WatchedSubject {
    fn from(record: store::WatchedRecord) -> Self {
        Self { subject: record.subject, since: DateTime(record.since), until: record.until.map(DateTime) }
    }
}
