//! Tickets of the last months, spread as those of real help desks are: one in six is opened out of hours, one in four waits
//! with a reason, most are of middling priority and some take days.

use remit_domain::Timestamp;
use serde_json::{Value, json};

use super::{Step, dice::Dice, time::WORKED};

/// How many tickets each agreement has: as many as are told at once.
const EACH: u64 = 500;
/// Over how many days they are spread.
const DAYS: u64 = 120;

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

/// Services with what is said of them.
const TITLES: [(&str, &[&str]); 3] = [
    (
        "HELPDESK",
        &["Cannot sign in", "Printer jams", "Mail does not arrive", "New starter on Monday", "Screen stays dark"],
    ),
    ("MONITORING", &["Disk almost full", "Server does not answer", "Line is slow", "Certificate runs out"]),
    ("BACKUP", &["Nightly backup failed", "A folder to be restored", "Tape library offline"]),
];

/// Tickets of all agreements with work, and of the first one some that stand as one wants to see them.
pub(super) fn all(now: Timestamp) -> Vec<Step> {
    let told = |(place, (number, opens)): (usize, &(&str, u64))| {
        let mut dice = Dice::new(number);
        let special = if place == 0 { standing(number, now) } else { Vec::new() };
        let many = (special.len() as u64..EACH).map(|place| ticket(number, place, *opens, now, &mut dice));
        let tickets: Vec<Value> = special.into_iter().chain(many).collect();
        Step { mutation: "recordTickets", input: json!({"tickets": tickets}) }
    };
    WORKED.iter().enumerate().map(told).collect()
}

/// One that is due soon, one that is breached, one that waits: whenever the demo is started.
fn standing(number: &str, now: Timestamp) -> Vec<Value> {
    let at = |ago: i64| instant(now.as_second() - ago * MINUTE);
    let waits = json!({"id": "waits", "kind": "WAITING", "at": at(50), "waitingFor": "CLIENT"});
    let answered = |ago: i64| json!({"id": "answered", "kind": "RESPONDED", "at": at(ago)});
    let open = |name: &str, title: &str, ago: i64, events: Value| {
        json!({
            "ref": {"system": "psa", "id": format!("{number}-{name}")}, "agreement": {"code": number},
            "service": {"code": "MONITORING"}, "title": title, "priority": "P1", "openedAt": at(ago), "changedAt": at(0),
            "events": events,
        })
    };
    vec![
        open("soon", "The file server answers slowly", 12, json!([])),
        open("breached", "The till does not start", 40, json!([])),
        open("waits", "The line to the warehouse is down", 60, json!([answered(55), waits])),
        open("late", "Mail is not sent", 225, json!([answered(220)])),
    ]
}

fn ticket(number: &str, place: u64, opens: u64, now: Timestamp, dice: &mut Dice) -> Value {
    let opened = opening(place, opens, now, dice);
    let (service, titles) = dice.of(&TITLES);
    let priority = match dice.roll(100) {
        0..3 => "P1",
        3..10 => "P2",
        10..92 => "P3",
        _ => "P4",
    };
    let mut course = Course { now: now.as_second(), last: opened, events: Vec::new() };
    course.run(priority, dice);
    json!({
        "ref": {"system": "psa", "id": format!("{number}-{place}")},
        "agreement": {"code": number},
        "service": {"code": service},
        "title": dice.of(titles),
        "priority": priority,
        "openedAt": instant(opened),
        "changedAt": instant(course.last),
        "events": course.events,
    })
}

/// When a ticket is opened, in seconds: mostly in office hours, the first of them days ago and the last just now.
fn opening(place: u64, opens: u64, now: Timestamp, dice: &mut Dice) -> i64 {
    let now = now.as_second();
    let day =
        (now - i64::try_from((EACH - place) * DAYS * 24 / EACH).unwrap_or_default() * 60 * MINUTE).div_euclid(DAY);
    let out_of_hours = dice.roll(6) == 0;
    // The first day of 1970 was a Thursday.
    let weekend = (day + 3).rem_euclid(7) - 4;
    let day = if weekend > 0 && !out_of_hours { day - weekend } else { day };
    let hour = if out_of_hours { (opens + 9 + dice.roll(14)) % 24 } else { (opens + dice.roll(8)) % 24 };
    let minutes = i64::try_from(hour * 60 + dice.roll(60)).unwrap_or_default();
    (day * DAY + minutes * MINUTE).min(now - 5 * MINUTE)
}

/// What happens to a ticket, as far as it has happened.
struct Course {
    now: i64,
    last: i64,
    events: Vec<Value>,
}

impl Course {
    fn run(&mut self, priority: &str, dice: &mut Dice) {
        // Minutes to the answer, and of work; a few take very much longer.
        let (answer, work) = match priority {
            "P1" => (10, 150),
            "P2" => (40, 300),
            "P3" => (140, 700),
            _ => (300, 1_500),
        };
        let long = |minutes: u64, dice: &mut Dice| {
            let usual = 1 + dice.roll(minutes);
            if dice.roll(12) == 0 { usual + dice.roll(minutes * 6) } else { usual }
        };
        let (answer, work) = (long(answer, dice), long(work, dice));
        self.then(answer, json!({"kind": "RESPONDED"}));
        if dice.roll(40) == 0 {
            self.then(5, json!({"kind": "PRIORITY_CHANGED", "priority": "P2"}));
        }
        if dice.roll(4) == 0 {
            let reason = *dice.of(&["CLIENT", "CLIENT", "CLIENT", "CLIENT", "THIRD_PARTY", "PARTS"]);
            self.then(work / 3, json!({"kind": "WAITING", "waitingFor": reason}));
            self.then(120 + dice.roll(7_000), json!({"kind": "RESUMED"}));
        }
        self.then(work, json!({"kind": "RESOLVED"}));
        if dice.roll(60) == 0 {
            self.then(600, json!({"kind": "REOPENED"}));
            self.then(90, json!({"kind": "RESOLVED"}));
        }
    }

    /// Something happens so many minutes later, unless that is still to come; then nothing more has happened.
    fn then(&mut self, minutes: u64, mut event: Value) {
        let at = self.last.saturating_add(i64::try_from(minutes).unwrap_or_default() * MINUTE);
        if at > self.now {
            self.now = i64::MIN;
            return;
        }
        self.last = at;
        event["id"] = self.events.len().to_string().into();
        event["at"] = instant(at).into();
        self.events.push(event);
    }
}

fn instant(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().to_string()
}
