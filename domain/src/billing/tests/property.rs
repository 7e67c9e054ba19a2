//! R6 and R7 for any work, by a slow second implementation.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    oracle::{self, Fraction, Key, Outcome},
    support::{World, at, entry, named, policy, rule},
};
use crate::{
    billing::{BlockId, Charge, Entry, Lot, Month, Periods, PrepaidBlock, Replayed, replay},
    calendar::{Calendar, Exceptions, Hours},
    rating::Span,
    terms::ExtraHours,
    time::later,
    words::EntryBilling,
};

fn pick<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + Clone + use<T> {
    prop::sample::select(values.to_vec())
}

/// Zones whose clocks change within the months, by an hour or half of one, and one whose clocks do not.
fn calendars() -> impl Strategy<Value = Calendar> {
    let zones = pick(&["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]);
    let hours = pick(&[("09:00", "17:00"), ("00:00", "24:00"), ("22:00", "06:00"), ("13:30", "13:45")]);
    (zones, hours, 1_usize..8, any::<bool>()).prop_map(|(zone, (opens, closes), days, holidays)| {
        let weekdays = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
        let weekly: Vec<Value> =
            weekdays[..days].iter().map(|day| json!({"weekday": day, "opens": opens, "closes": closes})).collect();
        let hours: Hours =
            serde_json::from_value(json!({"zone": zone, "weekly": weekly, "weekend": ["SATURDAY", "SUNDAY"]})).unwrap();
        let date = |date: &str| json!({"date": date, "name": "x", "holiday": true, "periods": [{"opens": "10:00", "closes": "12:00"}]});
        let dates = if holidays { vec![date("2026-09-01"), date("2026-10-25"), date("2026-11-01")] } else { Vec::new() };
        Calendar::compile(&hours, &serde_json::from_value::<Exceptions>(json!(dates)).unwrap())
    })
}

/// The roles that a rule names: mostly none, which is any.
fn roles() -> impl Strategy<Value = Value> + Clone {
    pick(&[json!([]), json!([]), json!(["engineer"]), json!(["senior"])])
}

fn rules() -> impl Strategy<Value = Vec<Value>> {
    let classes = pick(&[json!([]), json!(["BUSINESS"]), json!(["AFTER_HOURS", "WEEKEND"]), json!(["HOLIDAY"])]);
    let windows = pick(&[
        json!([]),
        json!([{"weekday": "SUNDAY", "opens": "01:00", "closes": "03:00"}, {"weekday": "WEDNESDAY", "opens": "20:00", "closes": "08:00"}]),
    ]);
    let treatments = pick(&[
        json!({"MULTIPLIER": "1.5"}),
        json!({"MULTIPLIER": "0.333333"}),
        json!({"HOURLY": {"amount": "99.999", "currency": "EUR2"}}),
        json!("IN_FEE"),
        json!("NOT_OFFERED"),
    ]);
    let times = pick(&[Value::Null, json!("PT1H"), json!("PT15M"), json!("PT7M")]);
    let fees = pick(&[Value::Null, Value::Null, json!({"minor": 7500, "currency": "EUR2"})]);
    let one = (classes, roles(), windows, treatments, times.clone(), times, fees);
    prop::collection::vec(one, 1..4).prop_map(|rules| {
        let rule = |(place, (class, role, during, treatment, minimum, increment, fee))| {
            rule(json!({"code": format!("R{place}"), "hours_class": class, "role": role, "during": during,
                "treatment": treatment, "minimum": minimum, "increment": increment, "call_out": fee}))
        };
        rules.into_iter().enumerate().map(rule).collect()
    })
}

fn hours_in_the_fee() -> impl Strategy<Value = Value> {
    let factors = pick(&["1", "1.5", "0.333333", "3"]);
    let draws = (factors.clone(), factors, any::<bool>(), roles()).prop_map(|(first, second, any_class, role)| {
        let class = if any_class { json!([]) } else { json!(["BUSINESS"]) };
        json!([{"hours_class": ["WEEKEND"], "role": role, "work_kind": [], "factor": first}, {"hours_class": class, "role": [], "work_kind": [], "factor": second}])
    });
    let caps = pick(&[Value::Null, json!("PT3H"), json!("PT0S")]);
    let overage = pick(&[Value::Null, json!({"amount": "180.5", "currency": "EUR2"})]);
    let some = (pick(&["PT0S", "PT2H", "PT10H", "PT7H7M"]), draws, 0_u32..3, caps, overage).prop_map(
        |(per_period, draws, rollover, cap, overage)| {
            json!({"per_period": per_period, "draws": draws, "rollover_periods": rollover, "rollover_cap": cap, "overage_hourly": overage})
        },
    );
    prop_oneof![1 => Just(Value::Null), 4 => some]
}

fn policies() -> impl Strategy<Value = ExtraHours> {
    let aggregates = pick(&["ENTRY", "TICKET", "TICKET_DAY", "TECHNICIAN_DAY"]);
    let orders = pick(&["ROUND_THEN_MINIMUM", "MINIMUM_THEN_ROUND"]);
    let times = pick(&["PT0S", "PT1M", "PT15M", "PT40M", "PT1H"]);
    let rounding = (aggregates, orders, pick(&["EACH", "LARGEST"]), times.clone(), times).prop_map(
        |(aggregate, order, minima, minimum, increment)| {
            json!({"aggregate": aggregate, "order": order, "minima": minima, "minimum": minimum, "increment": increment})
        },
    );
    let rates = (1_i64..200_000, 1_i64..200_000);
    (rules(), rounding, hours_in_the_fee(), rates).prop_map(|(rules, rounding, included, (engineer, senior))| {
        let role = |(role, thousandths)| {
            let amount = rust_decimal::Decimal::new(thousandths, 3).to_string();
            json!({"role": role, "hourly": {"amount": amount, "currency": "EUR2"}})
        };
        let roles: Vec<Value> = [("engineer", engineer), ("senior", senior)].map(role).into();
        policy(rules, json!({"rounding": rounding, "included": included, "roles": roles}))
    })
}

/// Hours bought on top: some lost within the months, some together with a month's own, some never; some not paid for.
fn blocks() -> impl Strategy<Value = Vec<PrepaidBlock>> {
    let first = pick(&["2026-08-20", "2026-09-01", "2026-09-12", "2026-10-05", "2026-10-25"]);
    let last = pick(&[None, Some("2026-09-25"), Some("2026-09-30"), Some("2026-10-25"), Some("2026-10-31")]);
    let one = (first, last, pick(&["PT1H", "PT5H30M", "PT20H"]), pick(&[true, true, true, false]));
    prop::collection::vec(one, 0..4).prop_map(|blocks| {
        let block = |(place, (first, last, hours, paid)): (usize, (&str, Option<&str>, &str, bool))| PrepaidBlock {
            // What was recorded first does not come first by its code.
            id: BlockId(9 - place as u128),
            code: format!("B{place}"),
            hours: hours.parse().unwrap(),
            from: first.parse().unwrap(),
            until: last.map(|last| last.parse().unwrap()),
            paid,
        };
        blocks.into_iter().enumerate().map(block).collect()
    })
}

/// Start, length, ticket, technician, billing, what is so or not, and where a break is, in minutes.
type Job = (i64, i64, u8, u8, u8, [bool; 2], i64);

fn work() -> impl Strategy<Value = Vec<Entry>> {
    // From the first of September on, and often around the changes of the clocks.
    let starts = prop_oneof![0_i64..130_000, 76_000_i64..90_000];
    let one = (starts, 1_i64..700, 0_u8..3, 0_u8..3, 0_u8..9, any::<[bool; 2]>(), 0_i64..300);
    prop::collection::vec(one, 1..9).prop_map(|jobs| {
        let minutes = |minutes: i64| crate::Duration::from_micros(minutes * 60_000_000);
        let job = |(place, (start, length, ticket, who, billing, [approved, is_senior], gap)): (usize, Job)| {
            let from = later(at("2026-09-01T12:00:00Z"), minutes(start)).unwrap();
            let mut job = entry(&format!("e{place}"), &from.to_string(), length);
            job.ticket = (ticket > 0).then(|| named(&ticket.to_string(), None));
            job.technician = (who > 0).then(|| who.to_string());
            job.approved = approved;
            job.billing = match billing {
                0 => EntryBilling::NoCharge,
                1 => EntryBilling::NotBillable,
                _ => EntryBilling::ByTerms,
            };
            if is_senior {
                job.role = "senior".into();
            }
            if gap > 0 && gap + 5 < length {
                let pause =
                    Span { from: later(from, minutes(gap)).unwrap(), to: later(from, minutes(gap + 4)).unwrap() };
                job.breaks.push(pause);
            }
            job
        };
        jobs.into_iter().enumerate().map(job).collect()
    })
}

/// A policy in euros, in another currency.
fn in_currency(policy: &ExtraHours, currency: &str) -> ExtraHours {
    serde_json::from_str(&serde_json::to_string(policy).unwrap().replace("EUR2", currency)).unwrap()
}

/// What the rules make of entries, in the oracle's form.
fn charged(world: &World, entries: &[Entry]) -> Outcome {
    let account = world.account();
    let periods = Periods::begun(&account, at("2026-12-10T00:00:00Z"), None);
    let replayed = replay(&account, periods.all(), Vec::new(), entries);
    for (place, month) in replayed.iter().enumerate() {
        let later = replay(&account, &periods.all()[place..], month.carried.clone(), entries);
        let same =
            later.iter().zip(&replayed[place..]).all(|(later, month)| later.rated.charges == month.rated.charges);
        assert!(same, "from {} on by what was left over (R8)", month.period.month);
    }
    let mut outcome = Outcome::default();
    for month in &replayed {
        for charge in &month.rated.charges {
            let sums = (charge.worked.micros(), charge.included.micros(), charge.charged.micros(), charge.amount.minor);
            let known = outcome.charges.insert(key(world, entries, month, charge), sums);
            assert_eq!(known, None, "one charge for each key (R6)");
        }
        let micros = |lot: &Lot| Fraction::new(lot.left.parts(), 1_000_000);
        let left = month.rated.closing.iter().map(|lot| ((month.period.month, lot.origin), micros(lot)));
        outcome.left.extend(left);
    }
    outcome
}

fn key(world: &World, entries: &[Entry], month: &Replayed, charge: &Charge) -> Key {
    let policy = world.terms[charge.ground.version().unwrap()].agreed.sections.extra_hours.as_ref().unwrap();
    let rule = charge.rule.map(|rule| policy.rates[rule].code.to_string());
    (month.period.month, entries[charge.entry].id, charge.class, rule, charge.kind)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Nothing is lost and nothing is charged twice, whatever the calendar, the rules, the roles, the hours paid for and the
    /// currency, across changes of the clocks and of the terms (R6); the order in which entries and blocks are known changes
    /// nothing (R7); and of each lot there is left what was not drawn.
    #[test]
    fn charges_are_those_of_the_slow_way(
        calendar in calendars(), first in policies(), second in policies(), amended in 1_i64..60,
        digits in pick(&[0_u8, 2, 3]), blocks in blocks(), entries in work(), turn in 0_usize..9,
    ) {
        let begins = calendar.start_of("2026-09-01".parse().unwrap());
        let amendment = later(begins, crate::Duration::from_micros(amended * 86_400_000_000)).unwrap();
        let currency = ["JPY0", "EUR1", "EUR2", "KWD3"][usize::from(digits)];
        let (first, second) = (in_currency(&first, currency), in_currency(&second, currency));
        let mut world = World::by_calendar(first.clone(), calendar.clone());
        world.life.versions[0].begins = Some(begins);
        let mut world = world.amended(second.clone(), &amendment.to_string());
        (world.currency, world.blocks) = (currency.parse().unwrap(), blocks.clone());
        let versions = [oracle::Version { begins, policy: &first }, oracle::Version { begins: amendment, policy: &second }];
        let agreement =
            oracle::Agreement { versions: &versions, calendar: &calendar, minor_digits: digits, blocks: &blocks };
        let months: Vec<Month> = (0..4).map(|n| "2026-09".parse::<Month>().unwrap().plus(n)).collect();
        let slow = oracle::charge_all(&agreement, &months, &entries);
        prop_assert_eq!(&charged(&world, &entries), &slow);
        let mut turned = entries.clone();
        turned.rotate_left(turn % entries.len());
        turned.reverse();
        world.blocks.reverse();
        prop_assert_eq!(&charged(&world, &turned), &slow);
    }
}
