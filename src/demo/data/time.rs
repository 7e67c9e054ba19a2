//! Time that was worked under the agreements in force, and what of it is closed.

use remit_domain::Date;
use serde_json::{Value, json};

use super::{Step, dice::Dice};

/// Agreements with work, and the hour of UTC at which their offices open.
pub(super) const WORKED: [(&str, u64); 6] =
    [("MSA-1001", 13), ("MSA-1002", 13), ("MSA-1003", 13), ("MSA-1004", 16), ("MSA-1005", 9), ("MSA-1006", 8)];

/// For how many days back there is work.
const DAYS: u32 = 75;

/// The services that work is for, by how common it is.
const SERVICES: [&str; 5] = ["HELPDESK", "HELPDESK", "MONITORING", "BACKUP", "PROJECTS"];

/// Work on most days, some of it in the evening or at night, and the closing of all months but the last two.
pub(super) fn all(today: Date) -> Vec<Step> {
    let mut steps: Vec<Step> = WORKED.iter().map(|(number, opens)| worked(number, *opens, today)).collect();
    let closed = today.first_of_month().yesterday().unwrap_or(today).first_of_month().yesterday().unwrap_or(today);
    steps.extend(WORKED.iter().map(|(number, _)| {
        let from = closed.first_of_month().to_string();
        let input = json!({"agreement": {"code": number}, "from": from, "withEarlier": true});
        Step { mutation: "closeBillingPeriod", input }
    }));
    steps
}

fn worked(number: &str, opens: u64, today: Date) -> Step {
    let mut dice = Dice::new(number);
    let mut day = today.yesterday().unwrap_or(today);
    let mut entries = Vec::new();
    for place in 0..DAYS {
        for job in 0..dice.roll(5) {
            entries.push(entry(number, &format!("{place}-{job}"), day, opens, &mut dice));
        }
        day = day.yesterday().unwrap_or(day);
    }
    Step { mutation: "recordTimeEntries", input: json!({"entries": entries}) }
}

fn entry(number: &str, place: &str, day: Date, opens: u64, dice: &mut Dice) -> Value {
    // One job in four is for the evening.
    let evening = dice.roll(4) == 0;
    let hour = (opens + if evening { 8 } else { 0 } + dice.roll(if evening { 2 } else { 7 })).min(22);
    let (minute, length) = (dice.roll(12) * 5, 10 + dice.roll(17) * 5);
    let end = hour * 60 + minute + length;
    let clock = |minutes: u64| format!("{day}T{:02}:{:02}:00Z", minutes / 60, minutes % 60);
    let service = dice.of(&SERVICES);
    json!({
        "ref": {"system": "psa", "id": format!("{number}-{place}")},
        "agreement": {"code": number},
        "service": {"code": service},
        "role": "engineer",
        "technician": format!("tech-{}", dice.roll(6) + 1),
        "startedAt": clock(hour * 60 + minute),
        "endedAt": clock(end.min(24 * 60 - 1)),
    })
}
