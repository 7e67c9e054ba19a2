//! Periods, pools and charges, a case each.

#![allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]

mod credits;
mod oracle;
mod property;
mod support;

use serde_json::json;

use super::*;
use crate::{
    ticket::{About, Event, Happening, Ticket},
    words::{ChargeKind, EntryBilling, FailureScenario, Priority},
};
use support::{World, at, entry, hours, included, named, policy, rule};

#[test]
fn hours_left_over_roll_over_for_one_period_oldest_first() {
    let world = World::of(policy(vec![rule(json!({}))], included("PT10H", json!({"rollover_periods": 1}))));
    let entries = vec![
        entry("a", "2026-01-12T08:00:00Z", 4 * 60),
        entry("b", "2026-03-09T08:00:00Z", 6 * 60),
        entry("c", "2026-03-10T08:00:00Z", 6 * 60),
        entry("d", "2026-04-14T07:00:00Z", 8 * 60),
        entry("e", "2026-04-15T07:00:00Z", 6 * 60),
    ];
    let account = world.account();
    let periods = Periods::begun(&account, support::at("2026-04-30T00:00:00Z"), None);
    let replayed = replay(&account, periods.all(), Vec::new(), &entries);
    let available = |place: usize| hours(replayed[place].rated.lots.iter().map(|lot| lot.left));
    assert_eq!([available(0), available(1), available(2), available(3)], ["PT10H", "PT16H", "PT20H", "PT18H"]);
    let charges: Vec<&Charge> = replayed.iter().flat_map(|period| &period.rated.charges).collect();
    assert!(charges.iter().all(|charge| charge.kind == ChargeKind::ExtraHours && charge.amount.minor == 0));
    // April leaves 4 hours of its own; May has them and its 10.
    assert_eq!(hours(replayed[3].rated.closing.iter().map(|lot| lot.left)), "PT4H");
    // February's own hours are used first in March, then March's.
    let drawn: Vec<(LotOrigin, String)> = replayed[2]
        .rated
        .charges
        .iter()
        .flat_map(|c| &c.draws)
        .map(|draw| (replayed[2].rated.lots[draw.lot].origin, draw.time.whole().to_string()))
        .collect();
    let month = |text: &str| LotOrigin::Period(text.parse().unwrap());
    assert_eq!(
        drawn,
        [(month("2026-02"), "PT6H".into()), (month("2026-02"), "PT4H".into()), (month("2026-03"), "PT2H".into())]
    );
    assert_eq!(
        replayed[1].rated.ledger.last(),
        Some(&PoolLine::Expired(month("2026-01"), crate::rating::PoolTime::of("PT6H".parse().unwrap())))
    );
}

#[test]
fn a_cap_loses_the_earliest_expiring_hours() {
    let changes = json!({"rollover_periods": 3, "rollover_cap": "PT12H"});
    let world = World::of(policy(vec![rule(json!({}))], included("PT10H", changes)));
    let account = world.account();
    let periods = Periods::begun(&account, support::at("2026-04-30T00:00:00Z"), None);
    let replayed = replay(&account, periods.all(), Vec::new(), &[]);
    let available: Vec<String> = replayed.iter().map(|p| hours(p.rated.lots.iter().map(|lot| lot.left))).collect();
    assert_eq!(available, ["PT10H", "PT20H", "PT22H", "PT22H"]);
    let lots: Vec<String> =
        replayed[3].rated.lots.iter().map(|lot| format!("{:?} {}", lot.until, lot.left.whole())).collect();
    assert_eq!(lots, ["Some(2026-05-31) PT2H", "Some(2026-06-30) PT10H", "Some(2026-07-31) PT10H"]);
}

#[test]
fn prepaid_blocks_are_drawn_by_their_expiry_beside_the_monthly_hours() {
    let mut world = World::of(policy(vec![rule(json!({}))], included("PT2H", json!({}))));
    let block = |id, from: &str, until: Option<&str>, paid| PrepaidBlock {
        id: BlockId(id),
        code: format!("BLOCK-{id}"),
        hours: "PT3H".parse().unwrap(),
        from: from.parse().unwrap(),
        until: until.map(|date| date.parse().unwrap()),
        paid,
    };
    world.blocks = vec![
        block(1, "2025-12-01", None, true),
        block(2, "2026-01-10", Some("2026-01-20"), true),
        block(3, "2026-01-01", None, false),
    ];
    let account = world.account();
    let periods = Periods::begun(&account, support::at("2026-02-10T00:00:00Z"), None);
    // Before the second block can be used, while it can, and after it is lost.
    let entries = [
        entry("a", "2026-01-05T08:00:00Z", 60),
        entry("b", "2026-01-12T08:00:00Z", 120),
        entry("c", "2026-01-21T08:00:00Z", 300),
    ];
    let replayed = replay(&account, periods.all(), Vec::new(), &entries);
    let january = &replayed[0].rated;
    let drawn: Vec<(LotOrigin, String)> = january
        .charges
        .iter()
        .flat_map(|c| &c.draws)
        .map(|draw| (january.lots[draw.lot].origin, draw.time.whole().to_string()))
        .collect();
    let own = LotOrigin::Period("2026-01".parse().unwrap());
    assert_eq!(
        drawn,
        [
            (own, "PT1H".into()),
            (LotOrigin::Block(BlockId(2)), "PT2H".into()),
            (own, "PT1H".into()),
            (LotOrigin::Block(BlockId(1)), "PT3H".into()),
        ]
    );
    let last = january.charges.last().unwrap();
    assert_eq!(
        (last.kind, last.charged.to_string(), last.amount.amount()),
        (ChargeKind::Overage, "PT1H".into(), "100.00".into())
    );
    assert_eq!(replayed[1].rated.lots.len(), 1, "only February's own hours are left");
}

#[test]
fn of_hours_that_expire_together_the_fees_come_first_then_blocks_by_first_day_and_code() {
    let mut world = World::of(policy(vec![rule(json!({}))], included("PT1H", json!({}))));
    let block = |id, code: &str, from: &str| PrepaidBlock {
        id: BlockId(id),
        code: code.into(),
        hours: "PT1H".parse().unwrap(),
        from: from.parse().unwrap(),
        until: Some("2026-01-31".parse().unwrap()),
        paid: true,
    };
    // Recorded in another order.
    world.blocks = vec![block(1, "C", "2026-01-05"), block(2, "B", "2026-01-05"), block(3, "D", "2025-12-01")];
    let account = world.account();
    let periods = Periods::begun(&account, support::at("2026-02-10T00:00:00Z"), None);
    let work = |id: &str, day: u8| entry(id, &format!("2026-01-{day:02}T08:00:00Z"), 60);
    let replayed = replay(&account, &periods.all()[..1], Vec::new(), &[work("a", 12), work("b", 13), work("c", 14)]);
    let january = &replayed[0].rated;
    let drawn: Vec<LotOrigin> =
        january.charges.iter().flat_map(|c| &c.draws).map(|draw| january.lots[draw.lot].origin).collect();
    let own = LotOrigin::Period("2026-01".parse().unwrap());
    assert_eq!(drawn, [own, LotOrigin::Block(BlockId(3)), LotOrigin::Block(BlockId(2))]);
}

#[test]
fn periods_are_months_of_the_zone_and_one_follows_the_end() {
    let mut world = World::of(policy(vec![rule(json!({}))], json!({})));
    world.life.versions[0].ends = Some(support::at("2026-03-16T23:00:00Z"));
    let account = world.account();
    let months = |now: &str, work: Option<&str>| -> Vec<String> {
        let periods = Periods::begun(&account, support::at(now), work.map(support::at));
        periods.all().iter().map(|period| period.month.to_string()).collect()
    };
    assert_eq!(months("2026-03-01T00:00:00Z", None), ["2026-01", "2026-02", "2026-03"]);
    assert_eq!(months("2026-02-28T22:59:59Z", None), ["2026-01", "2026-02"]);
    assert_eq!(months("2026-08-01T00:00:00Z", None), ["2026-01", "2026-02", "2026-03", "2026-04"]);
    assert_eq!(months("2026-08-01T00:00:00Z", Some("2026-05-20T00:00:00Z")).len(), 5);
    let periods = Periods::begun(&account, support::at("2026-08-01T00:00:00Z"), None);
    let march = periods.of_month("2026-03".parse().unwrap()).unwrap();
    assert_eq!(
        (march.from.to_string(), march.to.to_string()),
        ("2026-02-28T23:00:00Z".into(), "2026-03-31T22:00:00Z".into())
    );
    assert_eq!(periods.at(support::at("2026-02-28T23:00:00Z")), Some(march));
    // Work after the end is charged at the plain rate; before the beginning it cannot be rated.
    assert_eq!(account.ground(support::at("2026-05-20T00:00:00Z")), Ground::Lapsed(0));
    assert_eq!(account.ground(support::at("2025-12-31T22:59:59Z")), Ground::Before);
    let april = periods.of_month("2026-04".parse().unwrap()).unwrap();
    let rated = rate_period(&account, april, &[], &[entry("a", "2026-04-10T08:00:00Z", 90)]);
    let charge = &rated.charges[0];
    assert_eq!((charge.kind, charge.rule, charge.amount.amount()), (ChargeKind::OutOfScope, None, "150.00".into()));
}

#[test]
fn breaks_no_charge_and_length_alone() {
    let rates = vec![
        rule(json!({"hours_class": ["BUSINESS"], "treatment": "IN_FEE"})),
        rule(json!({"code": "N", "treatment": {"MULTIPLIER": "2"}})),
    ];
    let world = World::of(policy(rates, json!({})));
    let account = world.account();
    let periods = Periods::begun(&account, support::at("2026-02-10T00:00:00Z"), None);
    let lines = |entry: Entry| -> Vec<String> {
        let rated = rate_period(&account, &periods.all()[0], &[], &[entry]);
        rated
            .charges
            .iter()
            .map(|c| format!("{} {} {} {} {}", c.kind, c.class, c.worked, c.charged, c.amount.amount()))
            .collect()
    };
    // Nine to five; from 16:00 to 20:00 with a break from 16:30 to 18:30.
    let job = entry("a", "2026-01-12T15:00:00Z", 240);
    let gap =
        crate::rating::Span { from: support::at("2026-01-12T15:30:00Z"), to: support::at("2026-01-12T17:30:00Z") };
    assert_eq!(lines(job.clone()), ["EXTRA_HOURS AFTER_HOURS PT3H PT3H 600.00"]);
    assert_eq!(lines(Entry { breaks: vec![gap], ..job.clone() }), ["EXTRA_HOURS AFTER_HOURS PT1H30M PT1H30M 300.00"]);
    assert_eq!(
        lines(Entry { billing: EntryBilling::NoCharge, ..job.clone() }),
        ["EXTRA_HOURS AFTER_HOURS PT3H PT0S 0.00"]
    );
    assert_eq!(lines(Entry { billing: EntryBilling::NotBillable, ..job.clone() }), Vec::<String>::new());
    let length_only = crate::rating::Times::LengthOnly;
    assert_eq!(lines(Entry { times: length_only, ..job.clone() }), Vec::<String>::new());
    let evening = Entry {
        times: length_only,
        breaks: vec![crate::rating::Span {
            from: support::at("2026-01-12T20:00:00Z"),
            to: support::at("2026-01-12T21:00:00Z"),
        }],
        ..entry("b", "2026-01-12T17:00:00Z", 16 * 60)
    };
    assert_eq!(lines(evening), ["EXTRA_HOURS AFTER_HOURS PT15H PT15H 3000.00"]);
}

#[test]
fn an_amendment_changes_the_price_at_once_and_the_pool_with_the_next_period() {
    let first = policy(vec![rule(json!({}))], included("PT1H", json!({})));
    let second = policy(vec![rule(json!({"treatment": {"MULTIPLIER": "2"}}))], included("PT5H", json!({})));
    let world = World::of(first).amended(second, "2026-01-14T23:00:00Z");
    let account = world.account();
    let periods = Periods::begun(&account, support::at("2026-02-10T00:00:00Z"), None);
    let entries = [
        entry("a", "2026-01-13T08:00:00Z", 120),
        entry("b", "2026-01-15T08:00:00Z", 120),
        entry("c", "2026-02-03T08:00:00Z", 360),
    ];
    let replayed = replay(&account, periods.all(), Vec::new(), &entries);
    let lines: Vec<String> = replayed
        .iter()
        .flat_map(|p| &p.rated.charges)
        .map(|c| format!("{} {} {} {}", c.kind, c.included, c.charged, c.amount.amount()))
        .collect();
    assert_eq!(lines, ["OVERAGE PT1H PT1H 100.00", "OVERAGE PT0S PT2H 400.00", "OVERAGE PT5H PT1H 200.00"]);
}

#[test]
fn a_late_entry_is_the_difference_of_two_replays() {
    let world = World::of(policy(vec![rule(json!({}))], included("PT10H", json!({"rollover_periods": 1}))));
    let account = world.account();
    let periods = Periods::begun(&account, support::at("2026-03-10T00:00:00Z"), None);
    let mut entries = vec![entry("jan", "2026-01-12T08:00:00Z", 4 * 60), entry("feb", "2026-02-10T08:00:00Z", 16 * 60)];
    let figures = |entries: &[Entry]| {
        let replayed = replay(&account, &periods.all()[..2], Vec::new(), entries);
        let one =
            |c: &Charge| Figures { worked: c.worked, included: c.included, charged: c.charged, minor: c.amount.minor };
        replayed
            .iter()
            .flat_map(|p| p.rated.charges.iter().map(|c| ((p.period.month, entries[c.entry].id), one(c))))
            .collect::<Vec<_>>()
    };
    let billed = figures(&entries);
    // The late entry takes hours that February had drawn: February's work is charged, the same hours are not used twice.
    entries.push(entry("late", "2026-01-20T08:00:00Z", 2 * 60));
    let owed = difference(billed, figures(&entries));
    let lines: Vec<String> = owed
        .iter()
        .map(|((month, _), f)| format!("{month} {} {} {} {}", f.worked, f.included, f.charged, f.minor))
        .collect();
    assert_eq!(lines, ["2026-01 PT2H PT2H PT0S 0", "2026-02 PT0S -PT2H PT2H 20000"]);
}

/// A ticket of the third priority that becomes urgent at some instants.
fn ticket(urgent: &[&str]) -> TicketFacts {
    let event = |urgent: &&str| Event {
        id: (*urgent).to_owned(),
        at: at(urgent),
        what: Happening::PriorityChanged { priority: Priority::P1 },
    };
    let about = About { scenario: Some(FailureScenario::DataLoss), ..About::default() };
    let opened_at = at("2026-03-02T08:00:00Z");
    TicketFacts::of(&Ticket { opened_at, priority: Priority::P3, about, events: urgent.iter().map(event).collect() })
}

#[test]
fn a_ticket_is_as_urgent_as_its_newest_events_say() {
    let opened = at("2026-03-02T08:00:00Z");
    let said = ticket(&["2026-03-04T08:00:00Z"]);
    assert_eq!(said.scenario, Some(FailureScenario::DataLoss));
    assert_eq!(said.priorities, [(opened, Priority::P3), (at("2026-03-04T08:00:00Z"), Priority::P1)]);
    // What happened before the opening counts as at the opening.
    assert_eq!(ticket(&["2026-03-01T08:00:00Z"]).priorities, [(opened, Priority::P3), (opened, Priority::P1)]);
}

#[test]
fn work_takes_the_priority_of_its_ticket_and_is_rounded_with_what_names_it() {
    let rules = vec![
        rule(json!({"code": "URGENT", "priority": ["P1"], "treatment": {"MULTIPLIER": "2"}})),
        rule(json!({"code": "ELSE"})),
    ];
    let rounding = json!({"aggregate": "TICKET", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT0S", "increment": "PT1H"});
    let world = World::of(policy(rules, json!({"rounding": rounding})));
    let of = |reference: &str, from: &str, facts| {
        let ticket = Some(named("T1", facts));
        Entry { ticket, ..entry(reference, from, 20) }
    };
    let charged = |facts: Option<TicketFacts>| {
        let mut own = of("own", "2026-03-06T10:00:00Z", facts.clone());
        own.priority = Some(Priority::P3);
        let jobs = [of("a", "2026-03-03T10:00:00Z", facts.clone()), of("b", "2026-03-05T10:00:00Z", facts), own];
        let account = world.account();
        let periods = Periods::begun(&account, at("2026-03-31T00:00:00Z"), None);
        let period = periods.of_month("2026-03".parse().unwrap()).unwrap();
        let rated = rate_period(&account, period, &[], &jobs);
        rated.charges.iter().map(|charge| charge.amount.minor).collect::<Vec<_>>()
    };
    // An hour together: twenty minutes each, the second twice the price; its own word counts more than the ticket's.
    assert_eq!(charged(Some(ticket(&["2026-03-04T08:00:00Z"]))), [33_33, 66_67, 33_34]);
    assert_eq!(charged(None), [33_33, 33_34, 33_33]);
}
