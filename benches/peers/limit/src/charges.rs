//! A pull of 500 charges, and recording time.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::{
    Failure, data,
    database::Connection,
    written::{Decimal, Id, Instant, Minor, Money, PageInfo, Span, usd},
};

const PAGE: usize = 500;
/// How many rows there will be stands in the text, so that PostgreSQL plans for so few.
pub const PULL: &str =
    "select h.place, h.id, h.kind, h.status, c.id, c.code, c.name, a.id, a.number, a.title, h.hours_class, h.from_at,
    h.to_at, h.worked, h.included, h.charged, h.hourly_rate, h.amount, h.reasons, h.invoice_ref
    from (select * from charge where provider_id = 'bench' and place > $1 order by place limit 501) h
    join client c on c.provider_id = 'bench' and c.id = h.client_id
    join agreement a on a.provider_id = 'bench' and a.id = h.agreement_id order by h.place";
pub const RECORD: &str = "select peers.record_time($1, $2, $3, $4, $5)";

#[derive(Serialize)]
struct Pull<'a> {
    charges: Charges<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Charges<'a> {
    page_info: PageInfo<'a>,
    nodes: Vec<Charge<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Charge<'a> {
    id: Id,
    kind: &'a str,
    status: &'a str,
    client: Client<'a>,
    agreement: Agreement<'a>,
    hours_class: Option<&'a str>,
    from: Option<Instant>,
    to: Option<Instant>,
    worked: Span,
    included: Span,
    charged: Span,
    hourly_rate: Option<Money<Decimal<'a>>>,
    amount: Money<Minor>,
    /// As they are stored: what they lack stays away.
    reasons: &'a RawValue,
    invoice_ref: Option<&'a str>,
}

#[derive(Serialize)]
struct Client<'a> {
    id: Id,
    code: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Agreement<'a> {
    id: Id,
    number: &'a str,
    title: &'a str,
}

/// The 500 charges behind a place.
pub async fn pull(connection: &Connection, after: &str) -> Result<Vec<u8>, Failure> {
    let rows = connection.rows(&connection.pull, &[&after]).await?;
    let has_next_page = rows.len() > PAGE;
    let rows = &rows[..rows.len().min(PAGE)];
    let end_cursor = rows.last().map(|row| row.get(0));
    let nodes = rows.iter().map(charge).collect::<Result<_, _>>()?;
    data(&Pull { charges: Charges { page_info: PageInfo { has_next_page, end_cursor }, nodes } })
}

fn charge(row: &Row) -> Result<Charge<'_>, serde_json::Error> {
    Ok(Charge {
        id: Id("chg", row.get(1)),
        kind: row.get(2),
        status: row.get(3),
        client: Client { id: Id("cli", row.get(4)), code: row.get(5), name: row.get(6) },
        agreement: Agreement { id: Id("agr", row.get(7)), number: row.get(8), title: row.get(9) },
        hours_class: row.get(10),
        from: row.get::<_, Option<i64>>(11).map(Instant),
        to: row.get::<_, Option<i64>>(12).map(Instant),
        worked: Span(row.get(13)),
        included: Span(row.get(14)),
        charged: Span(row.get(15)),
        hourly_rate: row.get::<_, Option<&str>>(16).map(|rate| usd(Decimal(rate))),
        amount: usd(Minor(row.get(17))),
        reasons: serde_json::from_str(row.get(18))?,
        invoice_ref: row.get(19),
    })
}

/// Time that was worked, in microseconds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    id: String,
    agreement: String,
    service: String,
    started_at: i64,
    ended_at: i64,
}

#[derive(Serialize)]
struct Recorded {
    id: Id,
}

/// Records a time entry and its charge.
pub async fn record(connection: &Connection, entry: &Entry) -> Result<Vec<u8>, Failure> {
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [&entry.id, &entry.agreement, &entry.service, &entry.started_at, &entry.ended_at];
    let rows = connection.rows(&connection.record, &values).await?;
    let id: Uuid = rows.first().ok_or("nothing was recorded")?.get(0);
    data(&Recorded { id: Id("time", id) })
}
