//! What becomes known late of closed periods is charged once, and changes nothing else that was billed (R8).

use serde_json::{Value, json};

use super::{
    charges,
    periods::{hours, pooled, priced},
    tickets::{by_priority, tell, ticket, with},
    work::{entry, record},
};
use crate::support::{User, both, fixtures};

/// What happens to an agreement.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// An entry is recorded, or another version of it: its name, the day, the hours.
    Work(&'static str, &'static str, u32),
    /// An entry is taken back.
    TakenBack(&'static str),
    /// This period and those before it are closed.
    Close(&'static str),
}

use Step::{Close, TakenBack, Work};

/// A case: its name, whether there are ten hours a month that roll over for one month, what happens, and the charges after
/// the last closed period then.
type Case = (&'static str, bool, &'static [Step], &'static [&'static str]);

/// An hour costs 100.00, one beyond the hours paid for 120.00.
const CASES: [Case; 8] = [
    (
        "LATER-MONTHS-STAND",
        false,
        &[Work("a", "08-08", 1), Work("b", "09-12", 1), Work("c", "10-10", 1), Close("09"), Work("late", "08-15", 1)],
        &["late ADJUSTMENT 2026-08-01 100.00", "c EXTRA_HOURS 2026-10-01 100.00"],
    ),
    (
        "A-DEAR-MONTH-STANDS",
        false,
        &[Work("a", "10-10", 12), Work("b", "10-17", 12), Close("10"), Work("late", "09-12", 2)],
        &["late ADJUSTMENT 2026-09-01 200.00"],
    ),
    (
        "HOURS-THAT-WOULD-EXPIRE",
        true,
        &[Work("a", "09-12", 4), Work("b", "10-10", 12), Work("c", "10-17", 12), Close("10"), Work("late", "09-19", 5)],
        &["late ADJUSTMENT 2026-09-01 0.00"],
    ),
    (
        "HOURS-THAT-WERE-USED",
        true,
        &[Work("a", "09-12", 4), Work("b", "10-10", 12), Work("c", "10-17", 8), Close("10"), Work("late", "09-19", 8)],
        &["late ADJUSTMENT 2026-09-01 0.00", "c ADJUSTMENT 2026-10-01 0.00", "c ADJUSTMENT 2026-10-01 240.00"],
    ),
    (
        "WHAT-IS-PENDING-STAYS",
        false,
        &[Close("10"), Work("first", "10-10", 2), Work("second", "09-12", 1)],
        &["second ADJUSTMENT 2026-09-01 100.00", "first ADJUSTMENT 2026-10-01 200.00"],
    ),
    (
        "TAKEN-BACK",
        false,
        &[Work("a", "08-08", 1), Work("b", "09-12", 1), Work("c", "10-10", 1), Close("10"), TakenBack("b")],
        &["- ADJUSTMENT 2026-09-01 -100.00"],
    ),
    (
        "CORRECTED",
        false,
        &[Work("a", "08-08", 1), Work("b", "09-12", 1), Work("c", "10-10", 1), Close("10"), Work("b", "09-12", 3)],
        &["b ADJUSTMENT 2026-09-01 200.00"],
    ),
    (
        "IN-ANOTHER-CLOSED-MONTH",
        false,
        &[Work("a", "08-08", 1), Work("b", "09-12", 1), Work("c", "10-10", 1), Close("10"), Work("c", "08-22", 1)],
        &["c ADJUSTMENT 2026-08-01 100.00", "c ADJUSTMENT 2026-10-01 -100.00"],
    ),
];

/// An agreement's charges from a month on, as `entry kind for amount`.
async fn charged(admin: &User<'_>, number: &str, from: &str) -> Vec<String> {
    let found = charges(admin, json!({"agreement": {"code": number}, "periodFrom": from})).await;
    let line = |charge: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        // One that was taken back is shown no more.
        let id = charge["timeEntry"]["externalRef"]["id"].as_str().and_then(|id| id.rsplit('/').next());
        let of = charge["forPeriod"]["from"].as_str().or(charge["period"]["from"].as_str()).unwrap();
        format!("{} {} {of} {}", id.unwrap_or("-"), text(&charge["kind"]), text(&charge["amount"]["amount"]))
    };
    found["nodes"].as_array().unwrap().iter().map(line).collect()
}

async fn take(admin: &User<'_>, number: &str, step: Step) {
    let named = |id: &str, job: Value| {
        with(job, json!({"ref": {"system": "PSA", "id": format!("{number}/{id}")}, "agreement": {"code": number}}))
    };
    let entry = match step {
        Work(id, day, length) => named(id, hours(id, &format!("2026-{day}"), length)),
        TakenBack(id) => with(named(id, hours(id, "2026-08-01", 1)), json!({"deleted": true})),
        Close(month) => {
            let from = format!("2026-{month}-01");
            let close = json!({"agreement": {"code": number}, "from": from, "withEarlier": true});
            admin.done("closeBillingPeriod", close, "").await;
            return;
        }
    };
    assert_eq!(record(admin, json!([entry])).await[0]["errors"], json!([]));
}

both! {
    async fn a_late_change_is_charged_once_and_alone(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        for (number, has_hours, steps, expected) in CASES {
            if has_hours {
                pooled(&admin, number, "2026-08-01").await;
            } else {
                priced(&admin, number, "2026-08-01", Value::Null).await;
            }
            for step in steps {
                take(&admin, number, *step).await;
            }
            let last = steps.iter().filter_map(|step| match step { Close(month) => Some(*month), _ => None }).max();
            let open = if last == Some("10") { "2026-11-01" } else { "2026-10-01" };
            assert_eq!(charged(&admin, number, open).await, expected, "{number}");
        }
    }

    async fn a_ticket_that_changes_late_charges_its_own_work_anew(remit: Remit) {
        let admin = remit.admin("acme");
        by_priority(&admin).await;
        let opened = json!({"openedAt": "2026-09-01T00:00:00Z"});
        tell(&admin, json!([with(ticket("T1", "P3"), opened.clone())])).await;
        let named = json!({"ticket": {"external": {"system": "PSA", "id": "T1"}}});
        let on_ticket = with(entry("a", "2026-09-12T10:00:00Z", "2026-09-12T11:00:00Z"), named);
        record(&admin, json!([on_ticket, hours("b", "2026-10-10", 1)])).await;
        take(&admin, "MSA-1", Close("10")).await;
        tell(&admin, json!([with(ticket("T1", "P1"), opened)])).await;
        assert_eq!(charged(&admin, "MSA-1", "2026-11-01").await, ["a ADJUSTMENT 2026-09-01 -100.00", "a ADJUSTMENT 2026-09-01 200.00"]);
    }
}
