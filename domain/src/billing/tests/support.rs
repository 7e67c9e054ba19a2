//! A small world: an agreement in Berlin from January 2026.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    Timestamp,
    billing::{Account, Entry, NamedTicket, PrepaidBlock, TicketFacts, VersionTerms},
    calendar::{Calendar, Exceptions, Hours},
    coverage::ObligationStates,
    lifecycle::{Life, Stage, Version},
    money::Currency,
    rating::{PoolTime, Span, Times},
    sla::Tier,
    terms::{AgreedTerms, ExtraHours, Sections},
    time::parse_instant,
    words::EntryBilling,
};

pub(super) fn at(text: &str) -> Timestamp {
    parse_instant(text).unwrap()
}

pub(super) fn euro() -> Currency {
    Currency::new("EUR", 2).unwrap()
}

pub(super) fn hours(parts: impl Iterator<Item = PoolTime>) -> String {
    parts.fold(PoolTime::ZERO, PoolTime::plus).whole().to_string()
}

/// A rule that takes anything once, changed.
pub(super) fn rule(changes: Value) -> Value {
    let mut rule = json!({"code": "R", "item_code": null, "hours_class": [], "priority": [], "work_kind": [], "role": [],
        "during": [], "treatment": {"MULTIPLIER": "1"}, "minimum": null, "increment": null, "call_out": null});
    rule.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    rule
}

/// A policy of rules, changed.
pub(super) fn policy(rates: Vec<Value>, changes: Value) -> ExtraHours {
    let mut policy = json!({"rates": rates, "roles": [{"role": "engineer", "hourly": {"amount": "100", "currency": "EUR2"}}],
        "rounding": {"aggregate": "ENTRY", "order": "ROUND_THEN_MINIMUM", "minima": "EACH", "minimum": "PT0S", "increment": "PT1M"}, "included": null});
    policy.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    serde_json::from_value(policy).unwrap()
}

/// Hours in the fee that any work draws once, changed.
pub(super) fn included(per_period: &str, changes: Value) -> Value {
    let mut included = json!({"per_period": per_period, "draws": [{"hours_class": [], "role": [], "work_kind": [], "factor": "1"}],
        "rollover_periods": 0, "rollover_cap": null, "overage_hourly": null});
    included.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    json!({"included": included})
}

/// Work of an engineer, some minutes from an instant on.
pub(super) fn entry(reference: &str, from: &str, minutes: i64) -> Entry {
    let from = at(from);
    let to = Timestamp::from_microsecond(from.as_microsecond() + minutes * 60_000_000).unwrap();
    let id = reference.bytes().fold(7_u128, |id, byte| id * 257 + u128::from(byte));
    Entry {
        id,
        system: "PSA".into(),
        reference: reference.into(),
        span: Span { from, to },
        breaks: Vec::new(),
        times: Times::Known,
        role: "engineer".into(),
        technician: None,
        work_kind: None,
        service: None,
        priority: None,
        ticket: None,
        billing: EntryBilling::ByTerms,
        approved: false,
    }
}

/// A ticket as an entry names it.
pub(super) fn named(reference: &str, facts: Option<TicketFacts>) -> NamedTicket {
    NamedTicket { system: "PSA".into(), reference: reference.into(), facts: facts.map(Arc::new) }
}

/// Monday to Friday nine to five in Berlin.
pub(super) fn office() -> Calendar {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
    let weekly: Vec<Value> =
        days.iter().map(|day| json!({"weekday": day, "opens": "09:00", "closes": "17:00"})).collect();
    let hours: Hours =
        serde_json::from_value(json!({"zone": "Europe/Berlin", "weekly": weekly, "weekend": ["SATURDAY", "SUNDAY"]}))
            .unwrap();
    Calendar::compile(&hours, &Exceptions::default())
}

/// All that an account borrows.
pub(super) struct World {
    pub(super) life: Life,
    pub(super) terms: Vec<VersionTerms>,
    pub(super) states: ObligationStates,
    pub(super) blocks: Vec<PrepaidBlock>,
    pub(super) currency: Currency,
    calendar: Arc<Calendar>,
}

impl World {
    /// An agreement whose one version begins with 2026.
    pub(super) fn of(policy: ExtraHours) -> Self {
        Self::by_calendar(policy, office())
    }

    pub(super) fn by_calendar(policy: ExtraHours, calendar: Calendar) -> Self {
        let world = Self {
            life: Life::default(),
            terms: Vec::new(),
            states: ObligationStates::new(),
            blocks: Vec::new(),
            currency: euro(),
            calendar: Arc::new(calendar),
        };
        world.amended(policy, "2025-12-31T23:00:00Z")
    }

    /// The same with another version from an instant on.
    pub(super) fn amended(mut self, policy: ExtraHours, from: &str) -> Self {
        let number = u32::try_from(self.terms.len()).unwrap() + 1;
        let stage =
            Stage::Accepted { offered_at: at("2025-12-01T00:00:00Z"), by: "x".into(), at: at("2025-12-01T00:00:00Z") };
        self.life.versions.push(Version { number, stage, begins: Some(at(from)), ends: None });
        let agreed = AgreedTerms {
            currency: euro(),
            rate_calendars: vec![None; policy.rates.len()],
            availability_calendars: Vec::new(),
            sections: Arc::new(Sections { extra_hours: Some(policy), ..Sections::default() }),
            calendar: Arc::clone(&self.calendar),
            tier: Arc::new(tier()),
            lines: Vec::new(),
            target_calendars: std::collections::BTreeMap::new(),
        };
        self.terms.push(VersionTerms { number, agreed: Arc::new(agreed) });
        self
    }

    pub(super) fn account(&self) -> Account<'_> {
        Account {
            currency: self.currency,
            life: &self.life,
            terms: &self.terms,
            states: &self.states,
            blocks: &self.blocks,
        }
    }
}

/// A tier that promises nothing.
fn tier() -> Tier {
    serde_json::from_value(
        json!({"targets": [], "waiting": [], "credits": [], "credit_cap": null, "credit_minimum_tickets": 1}),
    )
    .unwrap()
}
