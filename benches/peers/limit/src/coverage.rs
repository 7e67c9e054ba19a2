//! A coverage question: what a statement finds of it, and the same texts. Nothing is decided; that is what Remit is for.

use serde::Serialize;

use crate::{
    Failure, data,
    database::Connection,
    written::{Instant, Money, usd},
};

pub const COVERAGE: &str = "select t.version, i.clause, v.code, g.within, o.clause, o.title, p.state
    from peers.agreement a join peers.terms t on t.id = a.terms_id
    join peers.service v on v.code = $2 join peers.included_service i on i.terms_id = t.id and i.service_id = v.id
    join peers.target g on g.tier_id = t.tier_id and g.priority = 'P2'
    left join peers.obligation o on o.terms_id = t.id and v.code = any(o.gates_services)
    left join lateral (select state from obligation_status p where p.provider_id = 'bench' and p.agreement_id = a.id
        and p.code = o.code order by since desc limit 1) p on true
    where a.number = $1";

/// A Monday in the hours of everybody.
const AT: i64 = 1_795_446_000_000_000;

#[derive(Serialize)]
struct Answer<'a> {
    coverage: Coverage<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Coverage<'a> {
    verdict: &'a str,
    responsible: &'a str,
    liable: bool,
    hours_class: &'a str,
    chargeable: bool,
    hourly_rate: Option<Money<&'a str>>,
    deadlines: [Deadline<'a>; 1],
    reasons: [Reason<'a>; 6],
}

#[derive(Serialize)]
struct Deadline<'a> {
    milestone: &'a str,
    due: Instant,
}

#[derive(Serialize)]
struct Reason<'a> {
    code: &'a str,
    clause: Option<&'a str>,
    text: String,
}

/// What an agreement says of a service.
pub async fn covered(connection: &Connection, number: &str, service: &str) -> Result<Vec<u8>, Failure> {
    let rows = connection.rows(&connection.coverage, &[&number, &service]).await?;
    let row = rows.first().ok_or("the agreement has no such service")?;
    let (version, clause, code): (i32, &str, &str) = (row.get(0), row.get(1), row.get(2));
    let (within, obliged): (&str, Option<&str>) = (row.get(3), row.get(4));
    let title: &str = row.get::<_, Option<&str>>(5).unwrap_or_default();
    let state: &str = row.get::<_, Option<&str>>(6).unwrap_or("not known; it counts as met");
    let hours: i64 = within.trim_matches(|letter: char| !letter.is_ascii_digit()).parse()?;
    let due = Instant(AT + hours * 3_600_000_000);
    let reason = |code, clause, text| Reason { code, clause, text };
    let reasons = [
        reason("IN_FORCE", None, format!("Version {version} of the terms is in force.")),
        reason("SERVICE_INCLUDED", Some(clause), format!("{code} is included.")),
        reason("RESPONSIBLE", Some("3.1"), "Responsibility for HARDWARE_FAILURE is PROVIDER: Mends it.".into()),
        reason("OBLIGATION_UNKNOWN", obliged, format!("How {title:?} stands is {state}.")),
        reason("RATE_RULE", Some("2.3.4"), "Rule R4: 150.00 USD for engineer times 1 is 150.00 USD an hour.".into()),
        reason("TARGET", Some("2.2.2"), format!("RESPONSE for P2 is due at {due}: {within} of business hours.")),
    ];
    data(&Answer {
        coverage: Coverage {
            verdict: "INCLUDED",
            responsible: "PROVIDER",
            liable: true,
            hours_class: "BUSINESS",
            chargeable: true,
            hourly_rate: Some(usd("150.00")),
            deadlines: [Deadline { milestone: "RESPONSE", due }],
            reasons,
        },
    })
}
