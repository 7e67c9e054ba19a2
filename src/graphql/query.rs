//! The root of queries.

use async_graphql::{Context, ID, InputObject, MergedObject, Object, Result};
use remit_domain::{
    time::utc_date,
    words::{AgreementStatus, ComponentClass, Delivery, FailureScenario, Priority, ServiceKind},
};

use super::{
    access::AccessQuery,
    billing::BillingQuery,
    bulk::BulkQuery,
    context::Serving,
    errors::bad_input,
    facts::FactQuery,
    feed,
    ids::Kind,
    nodes::{Named, Node, find_nodes},
    paging::{Connection, List, Slice},
    reference::Ref,
    rehearsal::RehearsalQuery,
    scalars::{Date, DateTime, Duration},
    serve::Waits,
    tickets::TicketQuery,
    types::{
        AgreementNode, CalendarNode, ChangeConnection, ClientNode, CoverageDecision, ServiceNode, SubjectType,
        TierNode, Viewer,
    },
    webhooks::WebhookQuery,
    words::Word,
};
use crate::{
    app::{AskedAgreement, CoverageRequest},
    store::{AgreementFilter, FeedPage, ServiceFilter as Services},
};

/// The most questions asked at once, and the most nodes.
pub(super) const BATCH_MAX: usize = 500;

/// Which services a list holds.
#[derive(Debug, InputObject)]
pub(crate) struct ServiceFilter {
    /// Of this kind.
    kind: Option<Word<ServiceKind>>,
    /// Sold no more, or still sold.
    retired: Option<bool>,
}

/// Which agreements a list holds.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "AgreementFilter")]
pub(crate) struct AgreementFilterInput {
    /// Of this client.
    client: Option<Ref>,
    /// Standing in one of these ways now.
    status: Option<Vec<Word<AgreementStatus>>>,
    /// Whose accepted terms end before this date, as things stand; of terms that renew by themselves the term that runs.
    ends_before: Option<Date>,
    /// Whose accepted terms, or while there are none newest terms, include this service or a package that holds it.
    service: Option<Ref>,
}

/// Is it covered, who answers for it, until when, and what does it cost? `at` is the time the work or the failure happens.
#[derive(Debug, InputObject)]
pub(crate) struct CoverageInput {
    /// By this agreement. Exactly one of `agreement` and `client`.
    agreement: Option<Ref>,
    /// By the most favourable of this client's agreements, which `terms` then names.
    client: Option<Ref>,
    /// The service concerned.
    service: Option<Ref>,
    /// How urgent it is; left out: no deadlines.
    priority: Option<Word<Priority>>,
    /// What failed.
    scenario: Option<Word<FailureScenario>>,
    /// What kind of thing failed.
    component: Option<Word<ComponentClass>>,
    /// Who works; left out: the only role there is.
    role: Option<String>,
    /// What kind of work it is, in the provider's words.
    work_kind: Option<String>,
    /// By which channel it came, in the provider's words; left out: no target that names channels applies.
    channel: Option<String>,
    /// How the work reaches the client; left out: no target that names one applies.
    delivery: Option<Word<Delivery>>,
    /// Who of the client's asks, as the terms name them.
    caller: Option<String>,
    /// How long the work takes, at most 744 hours; with it the answer carries an estimate.
    work: Option<Duration>,
    /// When the work or the failure happens.
    at: DateTime,
}

/// The longest work that is estimated: a month, since a charge lies in one billing period.
const WORK_MAX: remit_domain::Duration = remit_domain::Duration::from_hours(744);

impl CoverageInput {
    fn read(self, path: &[&str]) -> Result<CoverageRequest> {
        let at = |field: &'static str| path.iter().copied().chain([field]).collect::<Vec<_>>();
        let by = match (self.agreement, self.client) {
            (Some(agreement), None) => AskedAgreement::Agreement(agreement.named(Kind::Agreement)),
            (None, Some(client)) => AskedAgreement::Client(client.named(Kind::Client)),
            _ => return Err(bad_input(path, "exactly one of `agreement` and `client` is needed")),
        };
        let service = self.service.map(|service| service.named(Kind::Service));
        if self.work.as_ref().is_some_and(|work| work.0 > WORK_MAX || work.0.is_zero()) {
            return Err(bad_input(&at("work"), format!("must be longer than PT0S and at most {WORK_MAX}")));
        }
        Ok(CoverageRequest {
            by,
            service,
            priority: self.priority.map(|word| word.0),
            scenario: self.scenario.map(|word| word.0),
            component: self.component.map(|word| word.0),
            role: self.role,
            work_kind: self.work_kind,
            channel: self.channel,
            delivery: self.delivery.map(|word| word.0),
            caller: self.caller,
            work: self.work.map(|work| work.0),
            at: self.at.0,
        })
    }
}

/// What can be asked.
#[derive(MergedObject, Clone, Copy, Debug, Default)]
#[graphql(name = "AskedByCallers")]
pub(crate) struct Query(
    Asked,
    TicketQuery,
    BillingQuery,
    FactQuery,
    RehearsalQuery,
    WebhookQuery,
    AccessQuery,
    BulkQuery,
);

/// What can be asked of what is agreed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked;

/// What can be asked of what is agreed.
#[Object]
impl Asked {
    /// Who asks, as the token says.
    async fn viewer(&self) -> Viewer {
        Viewer
    }

    /// An object by its global id; null when the id names none that the token sees.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The id.")] id: ID) -> Result<Option<Node>> {
        find_nodes(ctx, &[id]).await?.pop().flatten().transpose()
    }

    /// Objects by their global ids, at most 500, in the order of the ids; null for each that names none, and with an error of
    /// its own for each that the token's scopes do not reach.
    async fn nodes(&self, ctx: &Context<'_>, #[graphql(desc = "The ids.")] ids: Vec<ID>) -> Result<Vec<Named<Node>>> {
        if ids.len() > BATCH_MAX {
            return Err(bad_input(&["ids"], format!("there are {}, at most {BATCH_MAX} are taken", ids.len())));
        }
        find_nodes(ctx, &ids).await
    }

    /// A service.
    async fn service(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named.")] by: Ref,
    ) -> Result<Option<ServiceNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let handle = by.named(Kind::Service);
        let found = app.store().find_services(&session.scope, &[handle]).await?;
        Ok(ServiceNode::all(found.into_values().collect()).next())
    }

    /// An SLA tier: by its code the newest revision, by an id that very one.
    async fn sla_tier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named.")] by: Ref,
    ) -> Result<Option<TierNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let handle = by.named(Kind::SlaTier);
        Ok(app.store().find_tiers(&session.scope, &[handle]).await?.into_values().next().map(TierNode))
    }

    /// A calendar: by its code the newest revision, by an id that very one.
    async fn calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named.")] by: Ref,
    ) -> Result<Option<CalendarNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let handle = by.named(Kind::ServiceCalendar);
        Ok(app.store().find_calendars(&session.scope, &[handle]).await?.into_values().next().map(CalendarNode))
    }

    /// A client.
    async fn client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named.")] by: Ref,
    ) -> Result<Option<ClientNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let handle = by.named(Kind::Client);
        let found = app.store().find_clients(&session.scope, &[handle]).await?;
        Ok(ClientNode::all(found.into_values().collect()).next())
    }

    /// An agreement; its code is its number.
    async fn agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named.")] by: Ref,
    ) -> Result<Option<AgreementNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let handle = by.named(Kind::Agreement);
        let found = app.store().find_agreements(&session.scope, &[handle]).await?;
        Ok(AgreementNode::all(found.into_values().collect()).next())
    }

    /// The services, by code.
    async fn services(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which.")] filter: Option<ServiceFilter>,
    ) -> Result<Connection<ServiceNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let filter =
            filter.map(|f| Services { kind: f.kind.map(|word| word.0), retired: f.retired }).unwrap_or_default();
        let list = List::Services(filter.clone());
        let window = Slice { first, after, last, before }.window(&list)?;
        let page = app.store().page_services(&session.scope, &filter, &window).await?;
        Ok(Connection::of(list, &window, page, ServiceNode::all))
    }

    /// The SLA tiers, by code, each at its newest revision.
    async fn sla_tiers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<TierNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let window = Slice { first, after, last, before }.window(&List::SlaTiers)?;
        let page = app.store().page_tiers(&session.scope, &window).await?;
        Ok(Connection::of(List::SlaTiers, &window, page, |records| records.into_iter().map(TierNode)))
    }

    /// The calendars, by code, each at its newest revision.
    async fn calendars(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<CalendarNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let window = Slice { first, after, last, before }.window(&List::Calendars)?;
        let page = app.store().page_calendars(&session.scope, &window).await?;
        Ok(Connection::of(List::Calendars, &window, page, |records| records.into_iter().map(CalendarNode)))
    }

    /// The clients, by code.
    async fn clients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ClientNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let window = Slice { first, after, last, before }.window(&List::Clients)?;
        let page = app.store().page_clients(&session.scope, &window).await?;
        Ok(Connection::of(List::Clients, &window, page, ClientNode::all))
    }

    /// The agreements, by number. A filter by something that is not there gives an empty page.
    async fn agreements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which.")] filter: Option<AgreementFilterInput>,
    ) -> Result<Connection<AgreementNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let window = Slice { first, after, last, before }.window(&List::Nothing)?;
        let Some(filter) = agreement_filter(ctx, filter.unwrap_or_default()).await? else {
            return Ok(Connection::empty(List::Nothing, &window));
        };
        let page = app.store().page_agreements(&session.scope, &filter, &window).await?;
        Ok(Connection::of(List::Agreements(filter), &window, page, AgreementNode::all))
    }

    /// Is it covered, who answers for it, until when, and what does it cost? Never fails for a handle that names nothing:
    /// that is an answer too.
    async fn coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question.")] input: CoverageInput,
    ) -> Result<CoverageDecision> {
        let Serving { app, session } = Serving::of(ctx)?;
        let answers = app.coverage(session, &[input.read(&["input"])?]).await?;
        CoverageDecision::all(answers).pop().ok_or_else(|| "a question without an answer".into())
    }

    /// Many questions at once, at most 500, answered in their order.
    async fn coverages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The questions.")] inputs: Vec<CoverageInput>,
    ) -> Result<Vec<CoverageDecision>> {
        let Serving { app, session } = Serving::of(ctx)?;
        if inputs.len() > BATCH_MAX {
            return Err(bad_input(&["inputs"], format!("there are {}, at most {BATCH_MAX} are taken", inputs.len())));
        }
        let read = |(place, input): (usize, CoverageInput)| input.read(&["inputs", &place.to_string()]);
        let questions: Vec<CoverageRequest> = inputs.into_iter().enumerate().map(read).collect::<Result<_>>()?;
        Ok(CoverageDecision::all(app.coverage(session, &questions).await?))
    }

    /// What happened, in commit order, deletions included, each once: keep the last cursor and come back with it.
    ///
    /// A cursor that points before what is kept is refused (CURSOR_EXPIRED), never skipped.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor; left out: all that is kept.")] after: Option<String>,
        #[graphql(desc = "Only these kinds of objects; of none where the list is empty. Left out: all.")] types: Option<
            Vec<SubjectType>,
        >,
        #[graphql(desc = "How long to wait for something new where there is nothing, at most PT1M.")] wait: Option<
            Duration,
        >,
    ) -> Result<ChangeConnection> {
        let Serving { app, session } = Serving::of(ctx)?;
        let question = feed::question(first, after.as_deref(), types)?;
        let wait = Waits::left(ctx, feed::waiting(wait.as_ref())?);
        let (found, waiting) = app.changes(session, &question, wait).await?;
        if let Some(waiting) = waiting {
            Waits::put(ctx, waiting);
        }
        match found {
            FeedPage::Page(page) => Ok(ChangeConnection::new(question.after, page)),
            FeedPage::Gone(why) => Err(feed::gone(why)),
        }
    }
}

/// The filter with its names looked up; none when one of them names nothing.
async fn agreement_filter(ctx: &Context<'_>, filter: AgreementFilterInput) -> Result<Option<AgreementFilter>> {
    let Serving { app, session } = Serving::of(ctx)?;
    let mut found = AgreementFilter {
        status: filter.status.map(|list| (list.into_iter().map(|word| word.0).collect(), session.now)),
        ends_before: filter.ends_before.map(|date| (date.0, utc_date(session.now))),
        ..AgreementFilter::default()
    };
    if let Some(client) = filter.client {
        let handle = client.named(Kind::Client);
        let Some(client) = app.store().find_clients(&session.scope, &[handle]).await?.into_values().next() else {
            return Ok(None);
        };
        found.client = Some(client.id);
    }
    if let Some(service) = filter.service {
        let handle = service.named(Kind::Service);
        let Some(service) = app.store().find_services(&session.scope, &[handle]).await?.into_values().next() else {
            return Ok(None);
        };
        found.service = Some(service.id);
    }
    Ok(Some(found))
}
