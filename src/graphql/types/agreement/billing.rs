//! The billing periods and charges of agreements: of all that were loaded together by as many statements as of one.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, Result};
use remit_domain::billing::Month;
use tokio::sync::{Mutex, OnceCell};

use super::{
    super::{BillingPeriodNode, ChargeNode},
    AgreementNode,
};
use crate::{
    graphql::{
        billing::{ChargeFilterInput, charge_filter},
        context::Serving,
        paging::{Connection, List},
    },
    store::{ChargeFilter, Page, Uuid, Window},
};

/// A page for each agreement, with the list that it is of.
type Pages<T> = HashMap<Uuid, (Page<T>, List)>;

/// The pages that were asked for, by what they were asked with.
type Asked<K, T> = Mutex<HashMap<K, Arc<OnceCell<Pages<T>>>>>;

/// The pages of a cohort's agreements.
#[derive(Debug, Default)]
pub(super) struct BillingPages {
    periods: Asked<Window, BillingPeriodNode>,
    charges: Asked<String, ChargeNode>,
}

impl AgreementNode {
    /// A page of its billing periods.
    pub(super) async fn page_of_periods(
        &self,
        ctx: &Context<'_>,
        window: &Window,
    ) -> Result<Connection<BillingPeriodNode>> {
        let asked = &self.0.related().billing.periods;
        let cell = Arc::clone(asked.lock().await.entry(window.clone()).or_default());
        let pages = cell.get_or_try_init(|| self.load_periods(ctx, window)).await?;
        Ok(match pages.get(&self.0.id).cloned() {
            Some((page, list)) => Connection::of(list, window, page, Vec::into_iter),
            None => Connection::empty(List::PeriodsOf(self.0.id, 0), window),
        })
    }

    async fn load_periods(&self, ctx: &Context<'_>, window: &Window) -> Result<Pages<BillingPeriodNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
        let is_behind = |month: &&Month| window.after.as_ref().is_none_or(|after| month.to_string() > *after);
        let page = |(agreement, months): (Uuid, Vec<Month>)| {
            let behind = months.iter().filter(is_behind);
            let mut items: Vec<(Uuid, Month)> = behind.map(|month| (agreement, *month)).take(limit + 1).collect();
            let more = items.len() > limit;
            items.truncate(limit);
            let list = List::PeriodsOf(agreement, u64::try_from(months.len()).unwrap_or_default());
            (agreement, Page { items, more }, list)
        };
        let months = app.billing_months(session, &self.ids()).await?;
        Ok(together(months.into_iter().map(page).collect(), BillingPeriodNode::all))
    }

    /// A page of its charges.
    pub(super) async fn page_of_charges(
        &self,
        ctx: &Context<'_>,
        window: &Window,
        filter: ChargeFilterInput,
    ) -> Result<Connection<ChargeNode>> {
        let counted = ctx.look_ahead().field("totalCount").exists();
        let key = format!("{window:?} {filter:?} {counted}");
        let cell = Arc::clone(self.0.related().billing.charges.lock().await.entry(key).or_default());
        let pages = cell.get_or_try_init(|| self.load_charges(ctx, window, filter, counted)).await?;
        Ok(match pages.get(&self.0.id).cloned() {
            Some((page, list)) => Connection::of(list, window, page, Vec::into_iter),
            None => Connection::empty(List::NoCharges, window),
        })
    }

    async fn load_charges(
        &self,
        ctx: &Context<'_>,
        window: &Window,
        filter: ChargeFilterInput,
        counted: bool,
    ) -> Result<Pages<ChargeNode>> {
        let Some(filter) = charge_filter(ctx, filter).await? else { return Ok(HashMap::new()) };
        let Serving { app, session } = Serving::of(ctx)?;
        let (store, scope) = (app.store(), &session.scope);
        let is_meant = |agreement: &Uuid| filter.agreement.is_none_or(|named| named == *agreement);
        let ids: Vec<Uuid> = self.ids().into_iter().filter(is_meant).collect();
        let counts = match counted {
            true => Some(store.count_charges_of_agreements(scope, &filter, &ids).await?),
            false => None,
        };
        let list = |agreement: Uuid| match &counts {
            Some(counts) => List::ChargesOf(agreement, counts.get(&agreement).copied().unwrap_or_default()),
            None => List::Charges(ChargeFilter { agreement: Some(agreement), ..filter.clone() }),
        };
        let pages = store.page_charges_of_agreements(scope, &filter, &ids, window).await?;
        let pages = pages.into_iter().map(|(agreement, page)| (agreement, page, list(agreement))).collect();
        Ok(together(pages, ChargeNode::all))
    }
}

/// Makes nodes of the items of many pages together, so that they load what they relate to together.
fn together<R, T, N: Iterator<Item = T>>(
    pages: Vec<(Uuid, Page<R>, List)>,
    nodes: impl FnOnce(Vec<R>) -> N,
) -> Pages<T> {
    let (mut records, mut lengths) = (Vec::new(), Vec::new());
    for (agreement, page, list) in pages {
        lengths.push((agreement, page.items.len(), page.more, list));
        records.extend(page.items);
    }
    let mut nodes = nodes(records);
    let page = |(agreement, length, more, list)| {
        let items = nodes.by_ref().take(length).collect();
        (agreement, (Page { items, more }, list))
    };
    lengths.into_iter().map(page).collect()
}
