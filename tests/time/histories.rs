//! R7 and R8 for any history: whatever was recorded, corrected, taken back and closed in whatever order, all that is charged
//! for a month, adjustments included, is what a fresh agreement charges that knew everything from the beginning.

use std::collections::BTreeMap;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

use super::{
    charges,
    tickets::{tell, ticket, with},
    work::{entry, record},
};
use crate::support::{User, both, fixtures};

/// How many histories are tried on each database.
const HISTORIES: usize = 6;
/// The months that can be closed, of 2026; November has begun.
const FIRST: u8 = 6;
const LAST: u8 = 10;

/// What is worked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job {
    /// The month, day and hour that it begins.
    begins: (u8, u8, u8),
    minutes: u16,
    /// Which ticket it is for; 0: none.
    ticket: u8,
    technician: &'static str,
    role: &'static str,
}

/// What an agreement says of prices, where that differs.
#[derive(Clone, Debug)]
pub(super) struct Prices {
    included: Value,
    aggregate: &'static str,
}

/// Hours that were bought: how many, and their first and last month.
pub(super) type Block = (u8, u8, Option<u8>);

#[derive(Clone, Debug)]
enum Step {
    /// These versions of entries are recorded together, each for one of the two agreements.
    Record(Vec<(u8, usize, Job)>),
    /// An entry is taken back.
    TakeBack(u8),
    /// A ticket is recorded, or is as urgent as this now.
    Ticket(u8, &'static str),
    /// The earliest open period of an agreement is closed.
    Close(usize),
}

#[derive(Clone, Debug)]
struct History {
    prices: Prices,
    blocks: Vec<Block>,
    steps: Vec<Step>,
}

pub(super) fn pick<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop::sample::select(values.to_vec())
}

fn included() -> impl Strategy<Value = Value> {
    let overage = pick(&[Value::Null, json!({"amount": "120", "currency": "USD"})]);
    let cap = pick(&[Value::Null, json!("PT3H")]);
    let factor = || pick(&["1", "1.5", "0.333333"]);
    let some = (pick(&["PT2H", "PT5H"]), 0..3, cap, factor(), factor(), overage).prop_map(
        |(hours, rollover, cap, senior, any, overage)| {
            let draws = json!([{"role": ["senior"], "factor": senior}, {"factor": any}]);
            json!({"perPeriod": hours, "rolloverPeriods": rollover, "rolloverCap": cap, "draws": draws, "overageHourly": overage})
        },
    );
    prop_oneof![1 => Just(Value::Null), 2 => some]
}

pub(super) fn prices() -> impl Strategy<Value = Prices> {
    let aggregate = pick(&["ENTRY", "TICKET", "TICKET_DAY", "TECHNICIAN_DAY"]);
    (included(), aggregate).prop_map(|(included, aggregate)| Prices { included, aggregate })
}

pub(super) fn blocks() -> impl Strategy<Value = Vec<Block>> {
    let block = (1_u8..6, FIRST..=LAST, prop::option::of(0_u8..3))
        .prop_map(|(hours, from, lasts)| (hours, from, lasts.map(|months| (from + months).min(12))));
    prop::collection::vec(block, 0..3)
}

pub(super) fn job() -> impl Strategy<Value = Job> {
    let begins = (FIRST..=LAST + 1, 1_u8..=20, 0_u8..22);
    (begins, 1_u16..300, 0_u8..3, pick(&["Ada", "Bob"]), pick(&["engineer", "engineer", "senior"]))
        .prop_map(|(begins, minutes, ticket, technician, role)| Job { begins, minutes, ticket, technician, role })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let batch = prop::collection::vec((0_u8..10, 0_usize..2, job()), 1..4);
    let step = prop_oneof![
        6 => batch.prop_map(Step::Record),
        2 => (0_u8..10).prop_map(Step::TakeBack),
        2 => (1_u8..3, pick(&["P1", "P3"])).prop_map(|(ticket, priority)| Step::Ticket(ticket, priority)),
        3 => (0_usize..2).prop_map(Step::Close),
    ];
    prop::collection::vec(step, 10..25)
}

fn histories() -> impl Strategy<Value = History> {
    (prices(), blocks(), steps()).prop_map(|(prices, blocks, mut steps)| {
        // Without any closed period nothing is late.
        steps.insert(steps.len() / 2, Step::Close(0));
        History { prices, blocks, steps }
    })
}

/// The microseconds of a time of either sign.
fn micros(text: &str) -> i64 {
    let time: remit_domain::Duration = text.trim_start_matches('-').parse().unwrap();
    if text.starts_with('-') { -time.micros() } else { time.micros() }
}

/// Two agreements that say the same, the entries and tickets that are known, and how far each is closed.
pub(super) struct World<'a> {
    admin: &'a User<'a>,
    pub(super) name: String,
    entries: BTreeMap<u8, (usize, Job)>,
    tickets: BTreeMap<u8, &'static str>,
    closed: [u8; 2],
}

impl<'a> World<'a> {
    pub(super) async fn new(admin: &'a User<'a>, name: String, prices: &Prices) -> Self {
        let world = Self { admin, name, entries: BTreeMap::new(), tickets: BTreeMap::new(), closed: [FIRST - 1; 2] };
        for place in 0..2 {
            let number = world.number(place);
            let mut draft = fixtures::draft(&number);
            draft["effectiveFrom"] = json!(format!("2026-{FIRST:02}-01"));
            draft["extraHours"] = json!({
                "rates": [
                    {"code": "URGENT", "priority": ["P1"], "treatment": "MULTIPLIER", "multiplier": "2"},
                    {"code": "SENIOR", "role": ["senior"], "treatment": "MULTIPLIER", "multiplier": "1.25", "increment": "PT7M"},
                    {"code": "ANY", "treatment": "MULTIPLIER", "multiplier": "1"},
                ],
                "roles": [
                    {"role": "engineer", "hourly": {"amount": "99.99", "currency": "USD"}},
                    {"role": "senior", "hourly": {"amount": "150.01", "currency": "USD"}},
                ],
                "rounding": {"aggregate": prices.aggregate, "increment": "PT15M", "minimum": "PT1H"},
                "included": prices.included,
            });
            fixtures::agree(admin, &number, draft).await;
        }
        world
    }

    /// Blocks are bought for both agreements, one after another.
    pub(super) async fn buy_all(&self, blocks: impl Iterator<Item = (usize, Block)>) {
        for (place, (hours, from, until)) in blocks {
            let until = until.map(|until| format!("2026-{until:02}-28"));
            for agreement in 0..2 {
                self.buy(agreement, &format!("B{place}"), hours, from, until.clone(), true).await;
            }
        }
    }

    pub(super) fn number(&self, place: usize) -> String {
        format!("{}-{place}", self.name)
    }

    async fn buy(&self, place: usize, code: &str, hours: u8, from: u8, until: Option<String>, paid: bool) {
        let block = json!({"agreement": {"code": self.number(place)}, "code": code, "hours": format!("PT{hours}H"),
            "from": format!("2026-{from:02}-01"), "until": until, "paid": paid});
        self.admin.done("putPrepaidHours", block, "").await;
    }

    fn called(&self, id: impl std::fmt::Display) -> Value {
        json!({"system": "PSA", "id": format!("{}/{id}", self.name)})
    }

    pub(super) fn entry(&self, id: u8, place: usize, job: Job) -> Value {
        let Job { begins: (month, day, hour), minutes, ticket, technician, role } = job;
        let from = format!("2026-{month:02}-{day:02}T{hour:02}:00:00Z");
        let begins: remit_domain::Timestamp = from.parse().unwrap();
        let until = begins.as_second() + i64::from(minutes) * 60;
        let to = remit_domain::Timestamp::from_second(until).unwrap().to_string();
        let named = json!({"ref": self.called(id), "agreement": {"code": self.number(place)},
            "technician": technician, "role": role,
            "ticket": (ticket > 0).then(|| json!({"external": self.called(format!("T{ticket}"))}))});
        with(entry("", &from, &to), named)
    }

    pub(super) async fn record(&self, entries: Vec<Value>) {
        for result in record(self.admin, json!(entries)).await.as_array().unwrap() {
            assert_eq!(result["errors"], json!([]));
        }
    }

    pub(super) async fn tell(&self, id: u8, priority: &str) {
        let own = json!({"ref": self.called(format!("T{id}")), "agreement": {"code": self.number(0)}, "openedAt": "2026-06-01T12:00:00Z"});
        tell(self.admin, json!([with(ticket("T", priority), own)])).await;
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Record(batch) => {
                let batch: BTreeMap<u8, (usize, Job)> =
                    batch.iter().map(|(id, place, job)| (*id, (*place, *job))).collect();
                self.record(batch.iter().map(|(id, (place, job))| self.entry(*id, *place, *job)).collect()).await;
                self.entries.extend(batch);
            }
            Step::TakeBack(id) => {
                if let Some((place, job)) = self.entries.remove(id) {
                    self.record(vec![with(self.entry(*id, place, job), json!({"deleted": true}))]).await;
                }
            }
            Step::Ticket(id, priority) => {
                self.tell(*id, priority).await;
                self.tickets.insert(*id, priority);
            }
            Step::Close(place) if self.closed[*place] < LAST => {
                self.closed[*place] += 1;
                let from = format!("2026-{:02}-01", self.closed[*place]);
                let close = json!({"agreement": {"code": self.number(*place)}, "from": from});
                self.admin.done("closeBillingPeriod", close, "").await;
            }
            Step::Close(_) => {}
        }
    }

    /// Learns at once what another knows in the end.
    async fn learn(&mut self, other: &World<'_>) {
        for (id, priority) in &other.tickets {
            self.tell(*id, priority).await;
        }
        self.record(other.entries.iter().map(|(id, (place, job))| self.entry(*id, *place, *job)).collect()).await;
    }

    async fn charges(&self, place: usize) -> Value {
        charges(self.admin, json!({"agreement": {"code": self.number(place)}})).await
    }

    /// What all charges for each month come to: microseconds worked, included and charged, and the amount.
    async fn sums(&self, place: usize) -> BTreeMap<String, (i64, i64, i64, i64)> {
        let mut sums = BTreeMap::<String, (i64, i64, i64, i64)>::new();
        let found = self.charges(place).await;
        let nodes = found["nodes"].as_array().unwrap();
        assert_eq!(found["totalCount"], nodes.len(), "all of them are seen");
        for charge in nodes {
            let month = charge["forPeriod"]["from"].as_str().or(charge["period"]["from"].as_str()).unwrap();
            let micros = |field: &str| micros(charge[field].as_str().unwrap());
            let cents: i64 = charge["amount"]["amount"].as_str().unwrap().replace('.', "").parse().unwrap();
            let sum = sums.entry(month.to_owned()).or_default();
            sum.0 += micros("worked");
            sum.1 += micros("included");
            sum.2 += micros("charged");
            sum.3 += cents;
        }
        sums.retain(|_, sum| *sum != (0, 0, 0, 0));
        sums
    }
}

both! {
    async fn closed_or_not_each_month_costs_what_it_comes_to(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut runner = TestRunner::deterministic();
        for round in 0..HISTORIES {
            let history = histories().new_tree(&mut runner).unwrap().current();
            let mut lived = World::new(&admin, format!("LIVED-{round}"), &history.prices).await;
            lived.buy_all(history.blocks.iter().copied().enumerate()).await;
            for step in &history.steps {
                lived.take(step).await;
            }
            let mut fresh = World::new(&admin, format!("FRESH-{round}"), &history.prices).await;
            fresh.buy_all(history.blocks.iter().copied().enumerate()).await;
            fresh.learn(&lived).await;
            for place in 0..2 {
                assert_eq!(lived.sums(place).await, fresh.sums(place).await, "agreement {place} of {history:#?}");
                // A block that is not paid for has everything charged anew, and there is nothing to change.
                let before = lived.charges(place).await;
                lived.buy(place, "UNPAID", 1, FIRST, None, false).await;
                assert_eq!(lived.charges(place).await, before, "agreement {place} of {history:#?}");
            }
        }
    }
}
