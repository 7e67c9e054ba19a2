//! Lists of tickets: in the order of opening, or of what is due.
//!
//! The order and the conditions follow from indexes, so that a page costs the same among a thousand tickets and among a
//! million. A clock whose due time has passed counts as breached, whether or not anybody has written that down yet: so
//! what counts as BREACHED lies in two stretches of the index, and a page is read from both.

use remit_domain::{
    Timestamp,
    words::{ClockState, Milestone},
};
use remit_entity::ticket;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Value, prelude::Uuid};

use super::{
    Page, Scope, Store, StoreError, TicketRecord, Window,
    by_place::read,
    scope::{Visible, among},
    statement,
};

/// Which tickets a list holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TicketFilter {
    /// Of this agreement.
    pub agreement: Option<Uuid>,
    /// Of this client.
    pub client: Option<Uuid>,
    /// With a clock to this milestone, which the rest is about.
    pub milestone: Option<Milestone>,
    /// With a clock that stands so.
    pub state: Option<ClockState>,
    /// With a clock that is due before this instant; without a state one whose milestone is still to come.
    pub due_before: Option<Timestamp>,
    /// As of when clocks stand so.
    pub now: Timestamp,
}

/// A ticket's place in a list: the instant that the list is ordered by, and the ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketPlace {
    at: i64,
    id: Uuid,
}

impl std::fmt::Display for TicketPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.at, self.id.simple())
    }
}

impl std::str::FromStr for TicketPlace {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('/').ok_or(())?;
        Ok(Self { at: at.parse().map_err(drop)?, id: Uuid::try_parse(id).map_err(drop)? })
    }
}

/// SQL with the values of its marks.
#[derive(Clone, Default)]
struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    fn push(mut self, text: &str, values: impl IntoIterator<Item = Value>) -> Self {
        self.text.push_str(text);
        self.values.extend(values);
        self
    }

    fn append(self, other: Self) -> Self {
        let Self { text, values } = other;
        self.push(&text, values)
    }
}

/// What the columns of clocks are called in a condition.
#[derive(Clone, Copy)]
struct Columns {
    state: &'static str,
    due: &'static str,
    stopped_at: &'static str,
}

/// The clocks that a list is about, by an index.
const CLOCKS: Columns = Columns { state: "c.state", due: "c.due", stopped_at: "c.stopped_at" };

/// The other clocks of a ticket: expressions, so that they are found by the ticket and by no index of what is due, which has
/// each of all clocks compared with each while PostgreSQL does not know how many are due.
const OTHERS: Columns = Columns { state: "o.state || ''", due: "o.due + 0", stopped_at: "o.stopped_at + 0" };

impl TicketFilter {
    /// What the list is ordered by.
    const fn order(&self) -> &'static str {
        if self.due_before.is_some() { "due" } else { "opened_at" }
    }

    /// The condition on tickets or clocks of a scope, `of` being the table's other name; none: it sees nothing.
    fn owned(&self, scope: &Scope, of: &str) -> Option<Sql> {
        let mut sql = Sql::default().push(&format!("{of}.provider_id = ?"), [scope.provider().into()]);
        let bound = match scope.visible() {
            Visible::All => None,
            Visible::Client(client) => Some(client),
            Visible::Nothing => return None,
        };
        for client in [bound, self.client].into_iter().flatten() {
            sql = sql.push(&format!(" AND {of}.client_id = ?"), [client.into()]);
        }
        if let Some(agreement) = self.agreement {
            sql = sql.push(&format!(" AND {of}.agreement_id = ?"), [agreement.into()]);
        }
        Some(sql)
    }

    /// The stretches of the index in which matching clocks lie; none: the list is not about clocks.
    fn stretches(&self, Columns { state, due, stopped_at }: Columns) -> Vec<Sql> {
        let now = self.now.as_microsecond();
        let before = |sql: Sql| match self.due_before {
            Some(instant) => sql.push(&format!(" AND {due} < ?"), [instant.as_microsecond().into()]),
            None => sql,
        };
        let state = |of: ClockState| Sql::default().push(&format!("{state} = ?"), [of.as_str().into()]);
        let overdue = || state(ClockState::Running).push(&format!(" AND {due} < ?"), [now.into()]);
        let stretches = match self.state {
            Some(ClockState::Running) => {
                // What is to be due before an instant is due at some: one stretch of the index then.
                let never = if self.due_before.is_some() { String::new() } else { format!("{due} IS NULL OR ") };
                vec![state(ClockState::Running).push(&format!(" AND ({never}{due} >= ?)"), [now.into()])]
            }
            Some(ClockState::Breached) => vec![state(ClockState::Breached), overdue()],
            Some(other) => vec![state(other)],
            // The state is no constant here, so that the index of what is still to come is the one that fits.
            None if self.due_before.is_some() => vec![Sql::default().push(&format!("{stopped_at} IS NULL"), [])],
            None => Vec::new(),
        };
        stretches.into_iter().map(before).collect()
    }

    fn of_milestone(&self, of: &str) -> Sql {
        match self.milestone {
            Some(milestone) => Sql::default().push(&format!(" AND {of}.milestone = ?"), [milestone.as_str().into()]),
            None => Sql::default(),
        }
    }

    /// The condition that no other clock of the ticket that matches comes before a clock, so that a ticket comes once.
    fn first_of_ticket(&self) -> Sql {
        if self.milestone.is_some() {
            return Sql::default();
        }
        let any = self.stretches(OTHERS).into_iter().fold(Sql::default(), |any, stretch| {
            let or = if any.text.is_empty() { "" } else { " OR " };
            any.push(or, []).push("(", []).append(stretch).push(")", [])
        });
        let order = self.order();
        let before = format!(
            " AND NOT EXISTS (SELECT 1 FROM ticket_clock AS o WHERE o.provider_id = c.provider_id AND o.ticket_id = c.ticket_id \
             AND (o.{order} < c.{order} OR o.{order} = c.{order} AND o.milestone < c.milestone) AND ("
        );
        Sql::default().push(&before, []).append(any).push("))", [])
    }

    /// The places of a page's tickets, one more than its limit; none: the scope sees nothing.
    fn page(&self, scope: &Scope, window: &Window) -> Option<Sql> {
        let limit = i64::try_from(window.limit.saturating_add(1)).unwrap_or(i64::MAX);
        let direction = if window.from_end { "DESC" } else { "ASC" };
        let stretches = self.stretches(CLOCKS);
        if stretches.is_empty() {
            let mut sql = Sql::default().push("SELECT t.id AS id, t.opened_at AS place FROM ticket AS t WHERE ", []);
            sql = sql.append(self.owned(scope, "t")?).push(" AND t.deleted = ?", [false.into()]);
            if self.milestone.is_some() {
                let has = " AND EXISTS (SELECT 1 FROM ticket_clock AS c WHERE c.provider_id = t.provider_id AND c.ticket_id = t.id";
                sql = sql.push(has, []).append(self.of_milestone("c")).push(")", []);
            }
            sql = sql.append(within(window, "t.opened_at", "t.id"));
            let end = format!(" ORDER BY t.opened_at {direction}, t.id {direction} LIMIT ?");
            return Some(sql.push(&end, [limit.into()]));
        }
        let order = self.order();
        let mut sql = Sql::default().push("SELECT id, place FROM (", []);
        for (number, stretch) in stretches.into_iter().enumerate() {
            let begin = format!(
                "{}SELECT * FROM (SELECT c.ticket_id AS id, c.{order} AS place FROM ticket_clock AS c WHERE ",
                if number > 0 { " UNION ALL " } else { "" }
            );
            let end = format!(" ORDER BY c.{order} {direction}, c.ticket_id {direction} LIMIT ?) AS s{number}");
            sql = sql
                .push(&begin, [])
                .append(self.owned(scope, "c")?)
                .push(" AND ", [])
                .append(stretch)
                .append(self.of_milestone("c"))
                .append(self.first_of_ticket())
                .append(within(window, &format!("c.{order}"), "c.ticket_id"))
                .push(&end, [limit.into()]);
        }
        let end = format!(") AS page ORDER BY place {direction}, id {direction} LIMIT ?");
        Some(sql.push(&end, [limit.into()]))
    }

    /// How many tickets match; none: the scope sees nothing.
    fn count(&self, scope: &Scope) -> Option<Sql> {
        let stretches = self.stretches(CLOCKS);
        if stretches.is_empty() && self.milestone.is_none() {
            let sql = Sql::default().push("SELECT COUNT(*) AS tickets FROM ticket AS t WHERE ", []);
            return Some(sql.append(self.owned(scope, "t")?).push(" AND t.deleted = ?", [false.into()]));
        }
        let sql =
            Sql::default().push("SELECT COUNT(DISTINCT c.ticket_id) AS tickets FROM ticket_clock AS c WHERE ", []);
        let mut sql = sql.append(self.owned(scope, "c")?).append(self.of_milestone("c"));
        for (number, stretch) in stretches.iter().cloned().enumerate() {
            sql = sql.push(if number == 0 { " AND ((" } else { ") OR (" }, []).append(stretch);
        }
        Some(if stretches.is_empty() { sql } else { sql.push("))", []) })
    }
}

/// The condition that a place lies within a window.
fn within(window: &Window, at: &str, id: &str) -> Sql {
    let bound = |sql: Sql, key: &Option<String>, sign: &str| match key.as_ref().and_then(|key| key.parse().ok()) {
        Some(TicketPlace { at: instant, id: ticket }) => {
            sql.push(&format!(" AND ({at}, {id}) {sign} (?, ?)"), [instant.into(), ticket.into()])
        }
        None => sql,
    };
    bound(bound(Sql::default(), &window.after, ">"), &window.before, "<")
}

impl Store {
    /// A page of tickets in the order of opening; with `due_before` in the order of what is due. Each with its place.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn page_tickets(
        &self,
        scope: &Scope,
        filter: &TicketFilter,
        window: &Window,
    ) -> Result<Page<(TicketPlace, TicketRecord)>, StoreError> {
        let Some(sql) = filter.page(scope, window) else { return Ok(Page { items: Vec::new(), more: false }) };
        let backend = self.reads().get_database_backend();
        let rows = self.reads().query_all_raw(statement(backend, &sql.text, sql.values)).await?;
        let place = |row: &sea_orm::QueryResult| {
            Ok::<_, sea_orm::DbErr>(TicketPlace { at: row.try_get("", "place")?, id: row.try_get("", "id")? })
        };
        let places: Vec<TicketPlace> = rows.iter().map(place).collect::<Result<_, _>>()?;
        let ids: Vec<Uuid> = places.iter().map(|place| place.id).collect();
        let rows = ticket::Entity::find().filter(ticket::Column::ProviderId.eq(scope.provider())).filter(among(
            backend,
            ticket::Column::Id,
            &ids,
        ));
        let mut found: Vec<TicketRecord> = if ids.is_empty() { Vec::new() } else { read(rows, self.reads()).await? };
        let mut items = Vec::with_capacity(places.len());
        for place in places {
            if let Some(at) = found.iter().position(|ticket| ticket.id == place.id) {
                items.push((place, found.swap_remove(at)));
            }
        }
        Ok(Page::cut(items, window))
    }

    /// How many tickets a filter lets through.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn count_tickets(&self, scope: &Scope, filter: &TicketFilter) -> Result<u64, StoreError> {
        let Some(sql) = filter.count(scope) else { return Ok(0) };
        let backend = self.reads().get_database_backend();
        let row = self.reads().query_one_raw(statement(backend, &sql.text, sql.values)).await?;
        let count: Option<i64> = row.map(|row| row.try_get("", "tickets")).transpose()?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }
}
