//! The roots that concern tickets.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use remit_domain::words::{ClockState, Milestone};

use super::{
    billing::RecordOutcome,
    context::Serving,
    ids::Kind,
    inputs::RecordTicketsInput,
    paging::{Connection, List, Slice},
    payloads::{UserError, settle},
    reference::{ExternalRef, Ref},
    scalars::DateTime,
    types::TicketNode,
    words::Word,
};
use crate::{
    app::{Failure, RecordedTicket},
    store::{self, TicketFilter},
};

/// What can be asked of tickets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TicketQuery;

/// Which tickets a list holds. What is said of clocks is said of one and the same clock.
#[derive(Debug, Default, InputObject)]
#[graphql(name = "TicketFilter")]
pub(crate) struct TicketFilterInput {
    /// Of this agreement.
    agreement: Option<Ref>,
    /// Of this client.
    client: Option<Ref>,
    /// With a clock to this milestone.
    milestone: Option<Word<Milestone>>,
    /// With a clock that stands so now.
    state: Option<Word<ClockState>>,
    /// With a clock that is due before this instant. Without `state`: whose milestone is still to come, breached or not.
    due_before: Option<DateTime>,
}

impl TicketFilterInput {
    /// The filter with its names looked up; none when one of them names nothing.
    async fn read(self, ctx: &Context<'_>) -> Result<Option<TicketFilter>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let mut filter = TicketFilter {
            agreement: None,
            client: None,
            milestone: self.milestone.map(|word| word.0),
            state: self.state.map(|word| word.0),
            due_before: self.due_before.map(|due| due.0),
            now: session.now,
        };
        if let Some(agreement) = self.agreement {
            let handle = agreement.named(Kind::Agreement);
            let found = app.store().find_agreements(&session.scope, &[handle]).await?.into_values().next();
            let Some(found) = found else { return Ok(None) };
            filter.agreement = Some(found.id);
        }
        if let Some(client) = self.client {
            let handle = client.named(Kind::Client);
            let found = app.store().find_clients(&session.scope, &[handle]).await?.into_values().next();
            let Some(found) = found else { return Ok(None) };
            filter.client = Some(found.id);
        }
        Ok(Some(filter))
    }
}

/// What can be asked of tickets.
#[Object]
impl TicketQuery {
    /// A ticket, by its id or by what its source calls it; tickets have no code.
    async fn ticket(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is named.")] by: Ref,
    ) -> Result<Option<TicketNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let handle = by.named(Kind::Ticket);
        let found = app.store().find_tickets(&session.scope, &[handle]).await?;
        Ok(TicketNode::all(found.into_values().collect()).next())
    }

    /// The tickets, in the order of their opening; with `dueBefore` in the order of what is due, the earliest first. A filter
    /// by something that is not there gives an empty page.
    async fn tickets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which.")] filter: Option<TicketFilterInput>,
    ) -> Result<Connection<TicketNode>> {
        let Serving { app, session } = Serving::of(ctx)?;
        let given = filter.unwrap_or_default();
        let order = TicketFilter {
            agreement: None,
            client: None,
            milestone: None,
            state: None,
            due_before: given.due_before.as_ref().map(|due| due.0),
            now: session.now,
        };
        let window = Slice { first, after, last, before }.window(&List::Tickets(order))?;
        let Some(filter) = given.read(ctx).await? else { return Ok(Connection::empty(List::NoTickets, &window)) };
        let page = app.store().page_tickets(&session.scope, &filter, &window).await?;
        Ok(Connection::of(List::Tickets(filter), &window, page, TicketNode::placed))
    }
}

/// What can be told of tickets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TicketMutation;

/// What can be told of tickets.
#[Object]
impl TicketMutation {
    /// Records tickets, up to 500 at a time, each found by what its source calls it. Events in any order, repeated, late or
    /// corrected come to the same; what is wrong with one ticket keeps none of the others out.
    async fn record_tickets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tickets.")] input: RecordTicketsInput,
    ) -> Result<RecordTicketsPayload> {
        let Serving { app, session } = Serving::of(ctx)?;
        let mut results = Vec::new();
        let (mut items, mut places) = (Vec::new(), Vec::new());
        for (place, (reference, read)) in input.read().into_iter().enumerate() {
            let reference = store::ExternalRef { system: reference.system, id: reference.id };
            match read {
                Ok(item) => {
                    items.push(item);
                    places.push(place);
                    results.push(None);
                }
                Err(errors) => results.push(Some(RecordedTicket::rejected(reference, errors))),
            }
        }
        let recorded = app.record_tickets(session, items).await.map_err(Failure::from);
        let (recorded, errors) = settle(recorded)?;
        let Some(recorded) = recorded else { return Ok(RecordTicketsPayload { results: Vec::new(), errors }) };
        for (place, recorded) in places.into_iter().zip(recorded) {
            results[place] = Some(recorded);
        }
        Ok(RecordTicketsPayload::new(results.into_iter().flatten().collect()))
    }
}

/// What recording tickets came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RecordTicketsPayload {
    /// One for each ticket, in their order.
    results: Vec<TicketResult>,
    /// What was refused as a whole; then nothing was done.
    errors: Vec<UserError>,
}

/// What recording one ticket came to.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::graphql::in_turn")]
pub(crate) struct TicketResult {
    /// What its source calls it.
    #[graphql(name = "ref")]
    reference: ExternalRef,
    /// What it came to.
    outcome: RecordOutcome,
    /// The ticket; null when it was rejected or is gone.
    ticket: Option<TicketNode>,
    /// Why it was rejected.
    errors: Vec<UserError>,
}

impl RecordTicketsPayload {
    /// The results; their tickets load together what they relate to.
    fn new(recorded: Vec<RecordedTicket>) -> Self {
        let records = recorded.iter().filter_map(|recorded| recorded.ticket.clone()).collect();
        let mut nodes = TicketNode::all(records);
        let result = |recorded: RecordedTicket| TicketResult {
            reference: (&recorded.reference).into(),
            outcome: recorded.outcome.into(),
            ticket: recorded.ticket.and_then(|_| nodes.next()),
            errors: recorded.errors.into_iter().map(Into::into).collect(),
        };
        Self { results: recorded.into_iter().map(result).collect(), errors: Vec::new() }
    }
}
