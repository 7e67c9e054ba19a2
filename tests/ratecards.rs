//! The price rules of six real providers (`../shared/data/ratecards.json`), each rating a week of made work. Every line has
//! the words of the source that it was worked out from by hand, at a plain rate of 100 an hour where the source has multiples.
//!
//! What a source leaves open is found: an hours class that no rule speaks of blocks the offer (HOURS_CLASS_UNPRICED), a
//! minute between two bands is found (RATE_RULES_GAP), of bands that overlap the order decides (RATE_RULES_OVERLAP),
//! where a job can meet two minima the policy has to say which acts (MINIMA_STACK), and so are an increment and a minimum
//! that are not said (ROUNDING_LEFT_OPEN: the minute, and none) and work that no rule is for (WORK_UNPRICED: it is not to be
//! had). On which day a holiday is kept is said by the calendar, date by date.

mod multiples;
mod rates;

use std::collections::BTreeSet;

use remit_domain::{
    Currency, DateTime,
    calendar::{Calendar, Exceptions, Hours, instant_of},
    rating::{Fee, HourPool, Prices, Span, Times, Urgency, Work, rate},
    readiness::{Draft, find_gaps},
    terms::{ExtraHours, Sections, Term},
    words::EntryBilling,
};
use serde_json::{Value, json};

/// Hours, rules and currency of one provider.
struct Card {
    zone: &'static str,
    hours: Hours,
    calendar: Calendar,
    policy: ExtraHours,
    currency: Currency,
}

/// A piece of work: from and to in wall time, role, kind of work.
type Job = (&'static str, &'static str, &'static str, &'static str);

const WEEKDAYS: [&str; 5] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];

fn on(days: &[&str], opens: &str, closes: &str) -> Vec<Value> {
    days.iter().map(|day| json!({"weekday": day, "opens": opens, "closes": closes})).collect()
}

impl Card {
    #[allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]
    fn new(zone: &'static str, office: (&str, &str), dates: Value, currency: &str, policy: Value) -> Self {
        let hours =
            json!({"zone": zone, "weekly": on(&WEEKDAYS, office.0, office.1), "weekend": ["SATURDAY", "SUNDAY"]});
        let hours: Hours = serde_json::from_value(hours).unwrap();
        let exceptions: Exceptions = serde_json::from_value(dates).unwrap();
        let policy = serde_json::from_value(policy).unwrap();
        let calendar = Calendar::compile(&hours, &exceptions);
        Self { zone, hours, calendar, policy, currency: currency.parse().unwrap() }
    }

    /// The codes of what readiness finds in the rules of price.
    fn findings(&self) -> BTreeSet<&'static str> {
        let sections = Sections { extra_hours: Some(self.policy.clone()), ..Sections::default() };
        let draft = Draft {
            currency: self.currency,
            term: Term::default(),
            accepted_from: None,
            accepted: None,
            sections: &sections,
            hours: Some(&self.hours),
            tiers: &[],
            retired: &BTreeSet::new(),
        };
        let of_prices = |path: &Vec<String>| path.first().is_some_and(|part| part == "extraHours");
        find_gaps(&draft).into_iter().filter(|found| of_prices(&found.path)).map(|found| found.rule.code).collect()
    }

    /// Rates jobs, each with what it comes to: the rules' codes with the charged time, and the amount.
    fn rated(&self, jobs: &[Job]) -> Vec<String> {
        let at = |text: &str| instant_of(text.parse::<DateTime>().unwrap(), self.zone).unwrap();
        let prices = Prices { policy: &self.policy, calendars: &[], currency: self.currency };
        let work = |(place, (from, to, role, kind)): (usize, &Job)| Work {
            prices,
            calendar: &self.calendar,
            span: Span { from: at(from), to: at(to) },
            breaks: &[],
            times: Times::Known,
            role: Some(role),
            work_kind: Some(kind).filter(|kind| !kind.is_empty()).copied(),
            priority: Urgency::Always(None),
            fee: Fee::Pays,
            approved: false,
            billing: EntryBilling::ByTerms,
            reference: ("", from),
            aggregate: place,
        };
        let works: Vec<Work<'_>> = jobs.iter().enumerate().map(work).collect();
        let included = self.policy.included.as_ref();
        let mut pool = included.map_or_else(HourPool::none, |hours| HourPool::of(&hours.draws, hours.per_period));
        let rated = rate(&works, &mut pool);
        let line = |place: usize| {
            let own: Vec<_> = rated.segments.iter().filter(|segment| segment.work == place).collect();
            let rule = |place: Option<usize>| place.map_or("none", |place| self.policy.rates[place].code.as_str());
            let parts: Vec<String> = own.iter().map(|s| format!("{} {}", rule(s.rule), s.charged)).collect();
            let minor: i64 = own.iter().map(|segment| segment.amount.minor).sum();
            format!("{}: {}.{:02}", parts.join(", "), minor / 100, minor % 100)
        };
        (0..jobs.len()).map(line).collect()
    }
}

/// A rule of price, from what differs from one that matches anything.
#[allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]
fn rule(code: &str, treatment: Value, changes: Value) -> Value {
    let mut rule = json!({"code": code, "item_code": null, "hours_class": [], "priority": [], "work_kind": [], "role": [],
        "during": [], "treatment": treatment, "minimum": null, "increment": null, "call_out": null});
    rule.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    rule
}

fn times(factor: &str) -> Value {
    json!({"MULTIPLIER": factor})
}

/// A policy at 100 an hour.
#[allow(clippy::needless_pass_by_value, reason = "JSON is written where it is used")]
fn policy(rates: Vec<Value>, currency: &str, minima: &str, minimum: Option<&str>, increment: Option<&str>) -> Value {
    let engineer = json!({"role": "engineer", "hourly": {"amount": "100", "currency": currency}});
    json!({"rates": rates, "roles": [engineer], "included": null,
        "rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": minima, "minimum": minimum, "increment": increment}})
}

fn holiday(date: &str) -> Value {
    json!({"date": date, "name": "x", "holiday": true, "periods": []})
}

/// A week of work, each piece with the source's words about it, and what it comes to.
type Week<'a> = [(Job, &'a str, &'a str)];

#[track_caller]
fn check(card: &Card, week: &Week<'_>) {
    let jobs: Vec<Job> = week.iter().map(|(job, ..)| *job).collect();
    for ((_, words, expected), found) in week.iter().zip(card.rated(&jobs)) {
        assert_eq!(found, *expected, "{words}");
    }
}

#[track_caller]
fn check_findings(card: &Card, expected: &[&'static str]) {
    assert_eq!(card.findings(), expected.iter().copied().collect());
}

#[test]
fn the_cards_are_those_that_were_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/ratecards.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("not run: {path} is not there");
        return;
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    let ids: Vec<&str> = file["cards"].as_array().unwrap().iter().map(|card| card["id"].as_str().unwrap()).collect();
    let known = [
        "pcservices-za",
        "hamilton-us",
        "coopsys",
        "linuxbox-tiers",
        "internetsoftwaresolutions",
        "sicap-eurotel-2000",
    ];
    assert_eq!(ids, known);
}
