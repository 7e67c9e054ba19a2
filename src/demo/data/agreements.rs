//! Clients, and agreements in every stage of their life.

use remit_domain::Date;
use serde_json::{Value, json};

use super::{
    Step,
    sections::{Deal, Hours, sections},
};

/// Code, name, zone.
const CLIENTS: [(&str, &str, &str); 12] = [
    ("NORTHWIND", "Northwind Traders", "America/New_York"),
    ("HARBOUR", "Harbour Freight Agents", "America/New_York"),
    ("CEDAR", "Cedar Street Clinic", "America/Chicago"),
    ("SIERRA", "Sierra Tool Works", "America/Los_Angeles"),
    ("ALDER", "Alder & Ash Solicitors", "Europe/London"),
    ("MOORLAND", "Moorland Dairies", "Europe/London"),
    ("KONTOR", "Kontor am Hafen", "Europe/Berlin"),
    ("WERKHOF", "Werkhof Maschinenbau", "Europe/Berlin"),
    ("LAGOON", "Lagoon Hotels", "Australia/Lord_Howe"),
    ("MONSOON", "Monsoon Textiles", "Asia/Kolkata"),
    ("SAKURA", "Sakura Precision", "Asia/Tokyo"),
    ("KAROO", "Karoo Logistics", "Africa/Johannesburg"),
];

pub(super) fn clients() -> Vec<Step> {
    let put = |(place, (code, name, zone)): (usize, &(&str, &str, &str))| {
        let external = json!([{"system": "crm", "id": format!("acct-{:04}", place + 1)}]);
        Step {
            mutation: "putClient",
            input: json!({"code": code, "name": name, "timeZone": zone, "externalRefs": external}),
        }
    };
    CLIENTS.iter().enumerate().map(put).collect()
}

const FULL: &[(&str, i32, &str)] =
    &[("WORKPLACE", 40, "64.00"), ("SERVER-CARE", 6, "145.00"), ("FIREWALL", 2, "55.00")];
const SMALL: &[(&str, i32, &str)] = &[("HELPDESK", 12, "28.00"), ("BACKUP", 1, "90.00")];

const fn deal(
    currency: &'static str,
    calendar: &'static str,
    tier: &'static str,
    hourly: &'static str,
    hours: Hours,
) -> Deal {
    Deal { currency, calendar, tier, services: FULL, hourly, hours }
}

/// How far an agreement has come.
enum Stage {
    Active,
    /// The last day has passed.
    Expired,
    Offered,
    Withdrawn,
    Draft,
}

/// Every agreement, in every stage: in force, amended, to be amended, offered, withdrawn, expired, drafts good and bad.
pub(super) fn all(today: Date) -> Vec<Step> {
    use Stage::{Active, Draft, Expired, Offered, Withdrawn};
    let (ny, london, berlin) = ("OFFICE-NY", "OFFICE-LONDON", "OFFICE-BERLIN");
    let small = |deal: Deal| Deal { services: SMALL, ..deal };
    let mut steps = Vec::new();
    for (number, client, deal, stage) in [
        ("MSA-1001", "NORTHWIND", deal("USD", ny, "GOLD", "165.00", Hours::Multiples), Active),
        ("MSA-1002", "NORTHWIND", small(deal("USD", ny, "SILVER", "150.00", Hours::Pool)), Active),
        ("MSA-1003", "HARBOUR", deal("USD", "SHIFTS-NY", "GOLD", "170.00", Hours::Bands), Active),
        ("MSA-1004", "SIERRA", deal("USD", "OFFICE-LA", "SILVER", "155.00", Hours::Pool), Active),
        ("MSA-1005", "ALDER", deal("GBP", london, "GOLD", "120.00", Hours::Bands), Active),
        ("MSA-1006", "KONTOR", deal("EUR", berlin, "SILVER", "118.50", Hours::Multiples), Active),
        (
            "MSA-1007",
            "SAKURA",
            Deal {
                services: &[("MAIL", 25, "900"), ("MONITORING", 4, "12000")],
                ..deal("JPY", ny, "BRONZE", "18000", Hours::Multiples)
            },
            Active,
        ),
        ("MSA-1008", "CEDAR", deal("USD", ny, "SILVER", "150.00", Hours::Multiples), Offered),
        ("MSA-1009", "MOORLAND", small(deal("GBP", london, "BRONZE", "95.00", Hours::Pool)), Expired),
        ("MSA-1010", "WERKHOF", deal("EUR", berlin, "GOLD", "125.00", Hours::Bands), Withdrawn),
        ("MSA-1011", "KAROO", small(deal("USD", ny, "BRONZE", "110.00", Hours::Multiples)), Draft),
    ] {
        steps.push(create(number, client, deal.currency));
        steps.extend(life(number, &deal, today, &stage));
    }
    steps.extend(amendments(today));
    steps.extend(gaps());
    steps
}

fn create(number: &str, client: &str, currency: &str) -> Step {
    let external = json!([{"system": "crm", "id": format!("deal-{}", number.to_lowercase())}]);
    let input = json!({"number": number, "title": "Managed services", "client": {"code": client}, "currency": currency, "externalRefs": external});
    Step { mutation: "createAgreement", input }
}

/// The first of January so many years from a date's.
fn new_year(today: Date, years: i16) -> String {
    format!("{}-01-01", today.year() + years)
}

fn life(number: &str, deal: &Deal, today: Date, stage: &Stage) -> Vec<Step> {
    let mut draft = sections(deal);
    draft["agreement"] = json!({"code": number});
    draft["effectiveFrom"] = json!(match stage {
        Stage::Active => new_year(today, -1),
        Stage::Expired => new_year(today, -2),
        Stage::Offered | Stage::Withdrawn | Stage::Draft => new_year(today, 1),
    });
    if matches!(stage, Stage::Expired) {
        draft["effectiveUntil"] = json!(format!("{}-12-31", today.year() - 1));
    }
    let mut steps = vec![Step { mutation: "draftTerms", input: draft }];
    let of = || json!({"agreement": {"code": number}});
    if !matches!(stage, Stage::Draft) {
        steps.push(Step { mutation: "offerTerms", input: of() });
    }
    match stage {
        Stage::Active => steps.push(accept(number, &format!("{}-12-10T09:00:00Z", today.year() - 2))),
        Stage::Expired => steps.push(accept(number, &format!("{}-12-10T09:00:00Z", today.year() - 3))),
        Stage::Withdrawn => {
            let mut input = of();
            input["reason"] = json!("The client took another offer.");
            steps.push(Step { mutation: "withdrawTerms", input });
        }
        Stage::Offered | Stage::Draft => {}
    }
    steps
}

fn accept(number: &str, at: &str) -> Step {
    let input = json!({"agreement": {"code": number}, "acceptedBy": "the client's board", "acceptedAt": at});
    Step { mutation: "activateTerms", input }
}

/// One amendment that has taken over, and one that will.
fn amendments(today: Date) -> Vec<Step> {
    let amend = |number: &str, from: String, services: Value| {
        let draft = json!({"agreement": {"code": number}, "effectiveFrom": from, "services": services});
        let offer = Step { mutation: "offerTerms", input: json!({"agreement": {"code": number}}) };
        let accepted = accept(number, &format!("{}-12-15T09:00:00Z", today.year() - 1));
        [Step { mutation: "draftTerms", input: draft }, offer, accepted]
    };
    let price = |amount: &str, currency: &str| json!({"amount": amount, "currency": currency});
    let grown = json!([{"service": {"code": "WORKPLACE"}, "quantity": 55, "unitPrice": price("62.00", "GBP")},
        {"service": {"code": "SERVER-CARE"}, "quantity": 8, "unitPrice": price("140.00", "GBP")}]);
    let hosted = json!([{"service": {"code": "WORKPLACE"}, "quantity": 40, "unitPrice": price("58.00", "EUR")},
        {"service": {"code": "HOSTING"}, "quantity": 3, "unitPrice": price("210.00", "EUR")}]);
    let taken_over = amend("MSA-1005", new_year(today, 0), grown);
    let to_come = amend("MSA-1006", new_year(today, 1), hosted);
    taken_over.into_iter().chain(to_come).collect()
}

/// A draft that leaves most unsaid, for readiness to find.
fn gaps() -> Vec<Step> {
    let draft = json!({
        "agreement": {"code": "MSA-1012"},
        "calendar": {"code": "OFFICE-NY"},
        "services": [{"service": {"code": "FAX"}, "unitPrice": {"amount": "20.00", "currency": "EUR"}}],
        "exclusions": [{"title": "Fax", "reason": "Not done any more.", "service": {"code": "FAX"}}],
        "obligations": [{"code": "SPACE", "title": "A cool room", "standard": ""}],
        "extraHours": {"roles": [], "rates": [{"hoursClass": ["AFTER_HOURS"], "treatment": "MULTIPLIER", "multiplier": "1.5"}]},
    });
    vec![create("MSA-1012", "LAGOON", "USD"), Step { mutation: "draftTerms", input: draft }]
}
