//! Billing periods.

use std::{borrow::Cow, collections::HashMap};

use async_graphql::{Context, ID, Object, Result};
use remit_domain::{billing::Month, document::html, money};
use tokio::sync::OnceCell;

use super::{AgreementNode, Money, agreement::agreements, hours::HoursLine};
use crate::{
    app::PeriodHours,
    graphql::{
        cohort::Member,
        context::Serving,
        ids::Kind,
        paging::Item,
        scalars::{Date, DateTime},
    },
    store::{self, BlockRecord, PeriodRecord, Uuid},
};

/// What became of the hours of each period.
type Hours = HashMap<(Uuid, Month), PeriodHours>;

/// What periods loaded together relate to.
#[derive(Debug, Default)]
pub(crate) struct Related {
    agreements: OnceCell<HashMap<Uuid, AgreementNode>>,
    rows: OnceCell<HashMap<(Uuid, Month), PeriodRecord>>,
    totals: OnceCell<HashMap<(Uuid, Month), i64>>,
    hours: OnceCell<(Hours, Vec<BlockRecord>)>,
}

/// A month of an agreement.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    agreement: Uuid,
    month: Month,
    key: String,
}

/// A billing period in the API. It is a row only once something is known of it beyond its dates.
#[derive(Clone, Debug)]
pub(crate) struct BillingPeriodNode(Member<Named, Related>);

impl BillingPeriodNode {
    pub(crate) fn all(months: Vec<(Uuid, Month)>) -> impl Iterator<Item = Self> {
        let named = |(agreement, month): (Uuid, Month)| Named { agreement, month, key: month.to_string() };
        Member::all(months.into_iter().map(named).collect()).map(Self)
    }

    pub(crate) fn uuid(&self) -> Uuid {
        store::period_id(self.0.agreement, self.0.month)
    }

    fn agreement_ids(&self) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> = self.0.siblings().iter().map(|named| named.agreement).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    async fn agreement_node(&self, ctx: &Context<'_>) -> Result<AgreementNode> {
        let load = || agreements(ctx, self.agreement_ids().into_iter());
        let agreements = self.0.related().agreements.get_or_try_init(load).await?;
        agreements.get(&self.0.agreement).cloned().ok_or_else(|| "the period's agreement is not there".into())
    }

    async fn row(&self, ctx: &Context<'_>) -> Result<Option<&PeriodRecord>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let rows = app.store().billing_periods(&session.scope, &self.agreement_ids()).await?;
            let by_month = rows.into_iter().map(|row| ((row.agreement_id, row.month), row));
            Ok::<_, async_graphql::Error>(by_month.collect::<HashMap<_, _>>())
        };
        let rows = self.0.related().rows.get_or_try_init(load).await?;
        Ok(rows.get(&(self.0.agreement, self.0.month)))
    }
}

impl Item for BillingPeriodNode {
    fn key(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0.key)
    }
}

/// A calendar month of an agreement, in the zone of the terms' calendar: what is charged together.
#[Object(name = "BillingPeriod", crate = "crate::graphql::in_turn")]
impl BillingPeriodNode {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        Kind::BillingPeriod.id(self.uuid())
    }

    /// The agreement.
    async fn agreement(&self, ctx: &Context<'_>) -> Result<AgreementNode> {
        self.agreement_node(ctx).await
    }

    /// The first day.
    async fn from(&self) -> Date {
        Date(self.0.month.first())
    }

    /// The last day, included.
    async fn until(&self) -> Date {
        Date(self.0.month.last())
    }

    /// Whether it is closed: then its charges never change again.
    async fn closed(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.row(ctx).await?.is_some_and(|row| row.closed.is_some()))
    }

    /// When it was closed.
    async fn closed_at(&self, ctx: &Context<'_>) -> Result<Option<DateTime>> {
        Ok(self.row(ctx).await?.and_then(|row| row.closed.as_ref()).map(|(at, _)| DateTime(*at)))
    }

    /// What its charges come to: their plain sum.
    async fn total(&self, ctx: &Context<'_>) -> Result<Money> {
        let Serving { app, session } = Serving::of(ctx)?;
        let currency = self.agreement_node(ctx).await?.record().currency;
        let ids = self.agreement_ids();
        let load = || app.store().charge_totals(&session.scope, &ids);
        let totals = self.0.related().totals.get_or_try_init(load).await?;
        let minor = totals.get(&(self.0.agreement, self.0.month)).copied().unwrap_or_default();
        Ok(money::Money { minor, currency }.into())
    }

    /// A page of HTML that a client can read and check: the charges with their reasons, and what became of the hours paid
    /// for. It needs nothing from elsewhere, and prints.
    async fn statement(&self, ctx: &Context<'_>) -> Result<String> {
        let Serving { app, session } = Serving::of(ctx)?;
        let found = app.statement(session, self.0.agreement, self.0.month).await?;
        found.map(|document| html(&document)).ok_or_else(|| "the period is not there".into())
    }

    /// What became of the hours paid for: what there was, what was drawn from each lot, what was lost. Empty: there were none.
    async fn hours(&self, ctx: &Context<'_>) -> Result<Vec<HoursLine>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let load = || async {
            let asked: Vec<(Uuid, Month)> = self.0.siblings().iter().map(|p| (p.agreement, p.month)).collect();
            let blocks = app.store().prepaid_hours(&session.scope, &self.agreement_ids()).await?;
            Ok::<_, async_graphql::Error>((app.period_hours(session, &asked).await?, blocks))
        };
        let (hours, blocks) = self.0.related().hours.get_or_try_init(load).await?;
        let own = hours.get(&(self.0.agreement, self.0.month));
        Ok(own.map(|own| HoursLine::all(own, blocks)).unwrap_or_default())
    }
}
