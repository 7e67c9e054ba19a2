//! The page of one agreement, and a list of fifty.

use futures_util::future::{try_join, try_join4};
use serde::Serialize;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::{
    Failure, data,
    database::Connection,
    written::{Money, PageInfo, usd},
};

pub const PAGE: &str =
    "select a.number, a.title, a.status, c.code, c.name, t.version, t.effective_from, k.code, k.time_zone, s.code
    from peers.agreement a join peers.client c on c.id = a.client_id join peers.terms t on t.id = a.terms_id
    join peers.calendar k on k.id = t.calendar_id join peers.tier s on s.id = t.tier_id where a.number = $1";
pub const PAGE_TARGETS: &str = "select g.priority, g.milestone, g.within from peers.agreement a
    join peers.terms t on t.id = a.terms_id join peers.target g on g.tier_id = t.tier_id where a.number = $1 order by g.place";
pub const PAGE_SERVICES: &str =
    "select i.clause, i.quantity, i.unit_price, v.code, v.name, v.kind from peers.agreement a
    join peers.included_service i on i.terms_id = a.terms_id join peers.service v on v.id = i.service_id
    where a.number = $1 order by i.place";
pub const PAGE_OBLIGATIONS: &str =
    "select o.clause, o.code, o.title, o.standard, o.gates_services, o.effects, o.grace_days
    from peers.agreement a join peers.obligation o on o.terms_id = a.terms_id where a.number = $1 order by o.place";

const FIFTY: usize = 50;
/// How many rows there will be stands in the text, so that PostgreSQL plans for so few.
pub const LIST: &str = "select a.number, a.title, a.status, t.version, t.effective_from, s.code, t.tier_id
    from (select * from peers.agreement where number > $1 order by number limit 51) a
    join peers.terms t on t.id = a.terms_id join peers.tier s on s.id = t.tier_id order by a.number";
pub const LIST_TARGETS: &str =
    "select g.priority, g.milestone, g.within, g.tier_id from peers.target g where g.tier_id in (
    select t.tier_id from (select * from peers.agreement where number > $1 order by number limit 50) a
    join peers.terms t on t.id = a.terms_id) order by g.tier_id, g.place";

#[derive(Serialize)]
struct Page<'a> {
    agreement: Option<Agreement<'a>>,
}

#[derive(Serialize)]
struct Agreement<'a> {
    number: &'a str,
    title: &'a str,
    status: &'a str,
    client: Client<'a>,
    terms: Terms<'a>,
}

#[derive(Serialize)]
struct Client<'a> {
    code: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Terms<'a> {
    version: i32,
    effective_from: &'a str,
    calendar: Calendar<'a>,
    tier: Tier<'a>,
    services: Vec<Included<'a>>,
    obligations: Vec<Obligation<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Calendar<'a> {
    code: &'a str,
    time_zone: &'a str,
}

#[derive(Serialize)]
struct Tier<'a> {
    code: &'a str,
    targets: Vec<Target<'a>>,
}

#[derive(Serialize)]
struct Target<'a> {
    priority: &'a str,
    milestone: &'a str,
    within: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Included<'a> {
    clause: &'a str,
    quantity: i32,
    unit_price: Money<&'a str>,
    service: Service<'a>,
}

#[derive(Serialize)]
struct Service<'a> {
    code: &'a str,
    name: &'a str,
    kind: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Obligation<'a> {
    clause: &'a str,
    code: &'a str,
    title: &'a str,
    standard: &'a str,
    gates_services: Vec<Coded<'a>>,
    effects: Vec<&'a str>,
    grace_days: i32,
}

#[derive(Serialize)]
struct Coded<'a> {
    code: &'a str,
}

/// The page of the agreement with a number.
pub async fn page(connection: &Connection, number: &str) -> Result<Vec<u8>, Failure> {
    let (found, targets, services, obligations) = try_join4(
        connection.rows(&connection.page, &[&number]),
        connection.rows(&connection.page_targets, &[&number]),
        connection.rows(&connection.page_services, &[&number]),
        connection.rows(&connection.page_obligations, &[&number]),
    )
    .await?;
    let agreement = found.first().map(|row| Agreement {
        number: row.get(0),
        title: row.get(1),
        status: row.get(2),
        client: Client { code: row.get(3), name: row.get(4) },
        terms: Terms {
            version: row.get(5),
            effective_from: row.get(6),
            calendar: Calendar { code: row.get(7), time_zone: row.get(8) },
            tier: Tier { code: row.get(9), targets: targets.iter().map(target).collect() },
            services: services.iter().map(included).collect(),
            obligations: obligations.iter().map(obligation).collect(),
        },
    });
    data(&Page { agreement })
}

fn target(row: &Row) -> Target<'_> {
    Target { priority: row.get(0), milestone: row.get(1), within: row.get(2) }
}

fn included(row: &Row) -> Included<'_> {
    Included {
        clause: row.get(0),
        quantity: row.get(1),
        unit_price: usd(row.get(2)),
        service: Service { code: row.get(3), name: row.get(4), kind: row.get(5) },
    }
}

fn obligation(row: &Row) -> Obligation<'_> {
    let gates: Vec<&str> = row.get(4);
    Obligation {
        clause: row.get(0),
        code: row.get(1),
        title: row.get(2),
        standard: row.get(3),
        gates_services: gates.into_iter().map(|code| Coded { code }).collect(),
        effects: row.get(5),
        grace_days: row.get(6),
    }
}

#[derive(Serialize)]
struct List<'a> {
    agreements: Agreements<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Agreements<'a> {
    page_info: PageInfo<'a>,
    nodes: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    number: &'a str,
    title: &'a str,
    status: &'a str,
    terms: ListedTerms<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedTerms<'a> {
    version: i32,
    effective_from: &'a str,
    tier: Tier<'a>,
}

/// The fifty agreements behind a number.
pub async fn list(connection: &Connection, after: &str) -> Result<Vec<u8>, Failure> {
    let (found, targets) =
        try_join(connection.rows(&connection.list, &[&after]), connection.rows(&connection.list_targets, &[&after]))
            .await?;
    let has_next_page = found.len() > FIFTY;
    let nodes: Vec<_> = found.iter().take(FIFTY).map(|row| listed(row, &targets)).collect();
    let end_cursor = nodes.last().map(|node| node.number);
    data(&List { agreements: Agreements { page_info: PageInfo { has_next_page, end_cursor }, nodes } })
}

fn listed<'a>(row: &'a Row, targets: &'a [Row]) -> Listed<'a> {
    let tier: Uuid = row.get(6);
    let of_tier = targets.iter().filter(|row| row.get::<_, Uuid>(3) == tier);
    Listed {
        number: row.get(0),
        title: row.get(1),
        status: row.get(2),
        terms: ListedTerms {
            version: row.get(3),
            effective_from: row.get(4),
            tier: Tier { code: row.get(5), targets: of_tier.map(target).collect() },
        },
    }
}
