//! Which agreements a list holds.

use remit_domain::{Date, Timestamp, words::AgreementStatus};
use remit_entity::{agreement, terms_service};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr},
};

use super::{Scope, ServiceRole, agreements::visible, life, scope::offered_to};

/// Which agreements a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AgreementFilter {
    /// Of this client.
    pub client: Option<Uuid>,
    /// Standing so at the instant.
    pub status: Option<(Vec<AgreementStatus>, Timestamp)>,
    /// Whose accepted terms end before this date; of those that renew by themselves the term that runs on the second.
    pub ends_before: Option<(Date, Date)>,
    /// Whose newest accepted terms, or while there are none newest terms, include this service or a package with it.
    pub service: Option<Uuid>,
}

/// The agreements that a scope sees and a filter lets through.
pub(super) fn filtered(scope: &Scope, filter: &AgreementFilter) -> Select<agreement::Entity> {
    visible(scope)
        .apply_if(filter.client, |rows, client| rows.filter(agreement::Column::ClientId.eq(client)))
        .apply_if(filter.status.as_ref(), |rows, (statuses, at)| rows.filter(stands(scope, statuses, *at)))
        .apply_if(filter.ends_before, |rows, (date, today)| {
            let ended = Condition::any().add(agreement::Column::EndsOn.lt(date.to_string()));
            rows.filter(ended.add_option(term_ends_before(date, today)))
        })
        .apply_if(filter.service, |rows, service| {
            rows.filter(agreement::Column::CurrentTerms.in_subquery(including(scope, service)))
        })
}

/// The condition that an agreement stands in one of these ways; the same as [`super::AgreementRecord::status`].
fn stands(scope: &Scope, statuses: &[AgreementStatus], at: Timestamp) -> Condition {
    use agreement::Column::{AcceptedVersion, EndsAt, Id, Offered, TerminatedAt};
    let now = at.as_microsecond();
    let accepted = || Condition::all().add(AcceptedVersion.is_not_null());
    let unterminated = || accepted().add(TerminatedAt.is_null().or(TerminatedAt.gt(now)));
    let lasting = || unterminated().add(EndsAt.is_null().or(EndsAt.gt(now)));
    let suspended = || Id.in_subquery(life::suspended(scope, at));
    let one = |status: &AgreementStatus| match status {
        AgreementStatus::Draft => Condition::all().add(AcceptedVersion.is_null()).add(Offered.eq(false)),
        AgreementStatus::Offered => Condition::all().add(AcceptedVersion.is_null()).add(Offered.eq(true)),
        AgreementStatus::Active => lasting().add(suspended().not()),
        AgreementStatus::Suspended => lasting().add(suspended()),
        AgreementStatus::Expired => unterminated().add(EndsAt.lte(now)),
        AgreementStatus::Terminated => accepted().add(TerminatedAt.lte(now)),
    };
    // An empty list lets nothing through; no provider has an empty code.
    let none = Condition::any().add(agreement::Column::ProviderId.eq(""));
    statuses.iter().fold(none, |any, status| any.add(one(status)))
}

/// The condition that terms which renew by themselves have a last day from `today` on and before `date`; the same as
/// [`remit_domain::lifecycle::TermEnds::ends_on`] says. None when there is no day between.
fn term_ends_before(date: Date, today: Date) -> Option<SimpleExpr> {
    // First days after a term, so from tomorrow to the date itself.
    let (first, last) = (today.tomorrow().ok().filter(|first| *first <= date)?, date);
    let month = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
    let (from, to) = (month(first), month(last));
    let ends_in = |month: i32| format!("renews_month <= {month} AND ({month} - renews_month) % renews_every = 0");
    // In a short month the end is on its last day.
    let by_then = format!("(renews_day <= {} OR {} <= {})", last.day(), last.days_in_month(), last.day());
    let from_then = format!("renews_day >= {}", first.day());
    let condition = if from == to {
        format!("{} AND {from_then} AND {by_then}", ends_in(from))
    } else {
        let next = format!("renews_month + (({from} - renews_month) / renews_every + 1) * renews_every");
        let between = format!("CASE WHEN renews_month > {from} THEN renews_month ELSE {next} END < {to}");
        format!("({between}) OR ({} AND {from_then}) OR ({} AND {by_then})", ends_in(from), ends_in(to))
    };
    Some(Expr::cust(format!("(renews_every IS NOT NULL AND ({condition}))")))
}

/// The versions that include a service, or a package that holds it.
fn including(scope: &Scope, service: Uuid) -> SelectStatement {
    let roles = [ServiceRole::Included.as_str(), ServiceRole::Component.as_str()];
    terms_service::Entity::find()
        .select_only()
        .column(terms_service::Column::TermsId)
        .filter(terms_service::Column::ProviderId.eq(scope.provider()))
        .filter(terms_service::Column::ServiceId.eq(service))
        .filter(terms_service::Column::Role.is_in(roles))
        .apply_if(scope.client(), |rows, client| {
            rows.filter(terms_service::Column::TermsId.in_subquery(offered_to(scope.provider(), client)))
        })
        .into_query()
}
