//! How the clocks of tickets stand: kept for lists, reports, and what happens by itself.

use remit_domain::{
    Duration, Percent, Timestamp,
    sla::clock::{Judged, Span},
    words::{ClockState, Milestone, Priority},
};
use remit_entity::{ticket_clock, ticket_clock_span};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, prelude::Uuid};

use serde::{Deserialize, Serialize};

use super::{
    StoreError, Tx, document, padded,
    rows::{Replace, insert_all},
    statuses::word,
    to_document,
};

/// How a clock of a ticket stands, as of an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockRecord {
    /// The ticket.
    pub ticket_id: Uuid,
    /// What it runs to.
    pub milestone: Milestone,
    /// The ticket's client.
    pub client_id: Uuid,
    /// The ticket's agreement.
    pub agreement_id: Uuid,
    /// When the ticket was opened.
    pub opened_at: Timestamp,
    /// How it stands, as of the ticket's `told_at`.
    pub state: ClockState,
    /// When it is due; none while it is held.
    pub due: Option<Timestamp>,
    /// How it stands since it was last opened.
    pub span: Span,
    /// When it was judged, or ended without; none: it is open.
    pub ended_at: Option<Timestamp>,
    /// When its milestone came, or it ended without; none: that is still to come.
    pub stopped_at: Option<Timestamp>,
    /// Counted time that waiting took out.
    pub waited: Duration,
    /// Counted time that unmet obligations took out.
    pub suspended: Duration,
    /// The same by obligation, in the order of the terms.
    pub suspended_by: Vec<SuspendedBy>,
    /// The percentage of its target's time whose using up was told last; 0: none.
    pub told_percent: u8,
    /// How it stood before its present span, in order of time.
    pub earlier: Vec<Span>,
}

/// What an unmet obligation took out of a clock, as the terms that the clock goes by call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspendedBy {
    /// The obligation's code.
    pub code: String,
    /// Its clause.
    pub clause: String,
    /// Its title.
    pub title: String,
    /// Counted time that it took out.
    pub time: Duration,
}

impl SuspendedBy {
    /// The obligation as it is called.
    pub(super) fn obligation(&self) -> (&str, &str, &str) {
        (&self.code, &self.clause, &self.title)
    }
}

/// Reads what obligations took out of a clock.
pub(super) fn suspended_by(ticket: Uuid, text: Option<&str>) -> Result<Vec<SuspendedBy>, StoreError> {
    text.map_or(Ok(Vec::new()), |text| document("clock of ticket", ticket, text))
}

impl ClockRecord {
    /// Whether another one says the same, its earlier spans apart.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        *self == Self { earlier: self.earlier.clone(), ..other.clone() }
    }
}

impl TryFrom<ticket_clock::Model> for ClockRecord {
    type Error = StoreError;

    fn try_from(row: ticket_clock::Model) -> Result<Self, StoreError> {
        let unreadable = |why: String| StoreError::Unreadable { what: "clock of ticket", id: row.ticket_id, why };
        let instant = |at: i64| Timestamp::from_microsecond(at).map_err(|error| unreadable(error.to_string()));
        let state = word::<ClockState>(&row.state).map_err(unreadable)?;
        let judged = match state {
            ClockState::Met => Some(Judged::Met),
            ClockState::Breached => Some(Judged::Breached),
            ClockState::Running | ClockState::Paused | ClockState::Cancelled => None,
        };
        let ended_at = row.ended_at.map(instant).transpose()?;
        Ok(Self {
            ticket_id: row.ticket_id,
            milestone: word(&row.milestone).map_err(unreadable)?,
            client_id: row.client_id,
            agreement_id: row.agreement_id,
            opened_at: instant(row.opened_at)?,
            state,
            due: row.due.map(instant).transpose()?,
            span: Span {
                from: instant(row.span_from)?,
                until: ended_at,
                judged,
                priority: word::<Priority>(&row.priority).map_err(unreadable)?,
                attainment: row.attainment.parse::<Percent>().map_err(|error| unreadable(error.to_string()))?,
            },
            ended_at,
            stopped_at: row.stopped_at.map(instant).transpose()?,
            waited: Duration::from_micros(row.waited),
            suspended: Duration::from_micros(row.suspended),
            suspended_by: suspended_by(row.ticket_id, row.suspended_by.as_deref())?,
            told_percent: u8::try_from(row.told_percent).unwrap_or(u8::MAX),
            earlier: Vec::new(),
        })
    }
}

impl Tx {
    /// The clocks of some tickets, without their earlier spans.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn clocks(&self, tickets: &[Uuid]) -> Result<Vec<ClockRecord>, StoreError> {
        if tickets.is_empty() {
            return Ok(Vec::new());
        }
        let rows = ticket_clock::Entity::find()
            .filter(ticket_clock::Column::ProviderId.eq(self.provider()))
            .filter(ticket_clock::Column::TicketId.is_in(padded(tickets)))
            .all(self.connection())
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Makes or replaces clocks.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn put_clocks(&self, clocks: &[ClockRecord]) -> Result<(), StoreError> {
        use ticket_clock::Column::{
            AgreementId, Attainment, ClientId, Due, EndedAt, Milestone, OpenedAt, Priority, ProviderId, SpanFrom,
            State, StoppedAt, Suspended, SuspendedBy, TicketId, ToldPercent, Waited,
        };
        let columns = [
            ClientId,
            AgreementId,
            OpenedAt,
            Priority,
            Attainment,
            State,
            Due,
            SpanFrom,
            EndedAt,
            StoppedAt,
            Waited,
            Suspended,
            SuspendedBy,
            ToldPercent,
        ];
        let rows = clocks.iter().map(|clock| self.clock_row(clock)).collect::<Result<Vec<_>, _>>()?;
        let replace = Replace { same: &[ProviderId, TicketId, Milestone], columns: &columns };
        insert_all(self.connection(), rows, Some(replace)).await
    }

    /// Takes clocks away that tickets do not have any more.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn drop_clocks(&self, gone: &[(Uuid, Milestone)]) -> Result<(), StoreError> {
        for milestone in Milestone::ALL {
            let tickets: Vec<Uuid> = gone.iter().filter(|(_, of)| of == milestone).map(|(ticket, _)| *ticket).collect();
            if tickets.is_empty() {
                continue;
            }
            ticket_clock::Entity::delete_many()
                .filter(ticket_clock::Column::ProviderId.eq(self.provider()))
                .filter(ticket_clock::Column::TicketId.is_in(padded(&tickets)))
                .filter(ticket_clock::Column::Milestone.eq(milestone.as_str()))
                .exec(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Replaces the earlier spans of the clocks of some tickets.
    ///
    /// - `known`: tickets that may have some.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn set_spans(&self, known: &[Uuid], clocks: &[ClockRecord]) -> Result<(), StoreError> {
        if !known.is_empty() {
            ticket_clock_span::Entity::delete_many()
                .filter(ticket_clock_span::Column::ProviderId.eq(self.provider()))
                .filter(ticket_clock_span::Column::TicketId.is_in(padded(known)))
                .exec(self.connection())
                .await?;
        }
        let rows: Vec<ticket_clock_span::ActiveModel> = clocks.iter().flat_map(|clock| self.span_rows(clock)).collect();
        insert_all(self.connection(), rows, None).await
    }

    fn clock_row(&self, clock: &ClockRecord) -> Result<ticket_clock::ActiveModel, StoreError> {
        let suspended_by = Some(&clock.suspended_by).filter(|by| !by.is_empty()).map(to_document).transpose()?;
        Ok(ticket_clock::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            ticket_id: Set(clock.ticket_id),
            milestone: Set(clock.milestone.as_str().to_owned()),
            client_id: Set(clock.client_id),
            agreement_id: Set(clock.agreement_id),
            opened_at: Set(clock.opened_at.as_microsecond()),
            priority: Set(clock.span.priority.as_str().to_owned()),
            attainment: Set(clock.span.attainment.to_string()),
            state: Set(clock.state.as_str().to_owned()),
            due: Set(clock.due.map(Timestamp::as_microsecond)),
            span_from: Set(clock.span.from.as_microsecond()),
            ended_at: Set(clock.ended_at.map(Timestamp::as_microsecond)),
            stopped_at: Set(clock.stopped_at.map(Timestamp::as_microsecond)),
            waited: Set(clock.waited.micros()),
            suspended: Set(clock.suspended.micros()),
            suspended_by: Set(suspended_by),
            told_percent: Set(clock.told_percent.into()),
        })
    }

    fn span_rows(&self, clock: &ClockRecord) -> impl Iterator<Item = ticket_clock_span::ActiveModel> {
        let row = |(number, span): (usize, &Span)| ticket_clock_span::ActiveModel {
            provider_id: Set(self.provider().to_owned()),
            ticket_id: Set(clock.ticket_id),
            milestone: Set(clock.milestone.as_str().to_owned()),
            number: Set(i32::try_from(number).unwrap_or(i32::MAX)),
            agreement_id: Set(clock.agreement_id),
            priority: Set(span.priority.as_str().to_owned()),
            attainment: Set(span.attainment.to_string()),
            from_at: Set(span.from.as_microsecond()),
            until_at: Set(span.until.unwrap_or(span.from).as_microsecond()),
            judged: Set(span.judged.map(|judged| judged_text(judged).to_owned())),
        };
        clock.earlier.iter().enumerate().map(row)
    }
}

fn judged_text(judged: Judged) -> &'static str {
    match judged {
        Judged::Met => ClockState::Met.as_str(),
        Judged::Breached => ClockState::Breached.as_str(),
    }
}
