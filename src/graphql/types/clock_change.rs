//! What happens to the clocks of tickets, as it is told to who listens.

use async_graphql::{Context, Result, SimpleObject};
use remit_domain::words::ClockChangeKind;

use super::{SlaClock, TicketNode};
use crate::{
    app::clock_change_kind,
    graphql::{
        ids::Kind,
        nodes::{Node, load_nodes},
        scalars::DateTime,
        words::Word,
    },
    store::ChangeRecord,
};

/// What happened to a clock of a ticket.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct SlaClockChange {
    /// The ticket as it is now.
    ticket: TicketNode,
    /// The clock as it stood then, by what is known now.
    clock: SlaClock,
    /// What happened.
    kind: Word<ClockChangeKind>,
    /// Of a warning, how much of the target is used up.
    percent: Option<i32>,
    /// When it happened.
    at: DateTime,
}

impl SlaClockChange {
    /// What a change of the feed says of a clock; none: of no clock, or ticket or clock are gone.
    ///
    /// # Errors
    /// The database does not answer.
    pub(crate) async fn of(ctx: &Context<'_>, change: &ChangeRecord) -> Result<Option<Self>> {
        let (Some(mark), Some(kind)) = (change.clock, clock_change_kind(&change.event)) else { return Ok(None) };
        let found = load_nodes(ctx, &[(Kind::Ticket, change.subject_id)]).await?;
        let Some(Node::Ticket(ticket)) = found.into_values().next() else { return Ok(None) };
        let clock = ticket.clock_at(ctx, mark.milestone, change.at).await?;
        let percent = mark.percent.map(i32::from);
        Ok(clock.map(|clock| Self { ticket, clock, kind: Word(kind), percent, at: DateTime(change.at) }))
    }
}
