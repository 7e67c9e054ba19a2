//! R7 for any arrival: the same entries at once, one by one, or in any batches, some of them again, before or after the
//! tickets that they are for and the hours that cover them, are charged the same to the cent.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

use super::histories::{Block, Job, Prices, World, blocks, job, pick, prices};
use crate::support::{User, both, fixtures};

/// How many lots of work are tried on each database.
const LOTS: usize = 3;

/// What one message brings.
#[derive(Clone, Debug)]
enum Message {
    /// Entries, by their places.
    Entries(Vec<usize>),
    /// How urgent the tickets are.
    Tickets,
    /// The blocks, the last one first.
    Blocks,
}

/// Work, what is known around it, and one way of many in which all of it becomes known.
#[derive(Clone, Debug)]
struct Lot {
    prices: Prices,
    blocks: Vec<Block>,
    /// Each for one of two agreements.
    jobs: Vec<(usize, Job)>,
    priorities: [&'static str; 2],
    messages: Vec<Message>,
}

fn lots() -> impl Strategy<Value = Lot> {
    let jobs = prop::collection::vec((0_usize..2, job()), 3..12);
    let priorities = [pick(&["P1", "P3"]), pick(&["P1", "P3"])];
    let known = jobs.prop_flat_map(|jobs| {
        let messages = messages(jobs.len());
        (Just(jobs), messages)
    });
    (prices(), blocks(), known, priorities).prop_map(|(prices, blocks, (jobs, messages), priorities)| Lot {
        prices,
        blocks,
        jobs,
        priorities,
        messages,
    })
}

/// Each entry in some batch, and any of them in others too; tickets and blocks somewhere between.
fn messages(entries: usize) -> impl Strategy<Value = Vec<Message>> {
    let all: Vec<usize> = (0..entries).collect();
    let whole = (Just(all.clone()).prop_shuffle(), 1..=entries);
    let whole = whole.prop_map(|(all, size)| all.chunks(size).map(<[usize]>::to_vec).collect::<Vec<_>>());
    let again = prop::collection::vec(prop::sample::subsequence(all, 1..=entries), 0..3);
    (whole, again).prop_flat_map(|(whole, again)| {
        let batches = whole.into_iter().chain(again).map(Message::Entries);
        Just(batches.chain([Message::Tickets, Message::Blocks]).collect::<Vec<_>>()).prop_shuffle()
    })
}

impl Lot {
    async fn send(&self, world: &World<'_>, message: &Message) {
        match message {
            Message::Entries(places) => {
                let entry = |place: &usize| world.entry(*place as u8, self.jobs[*place].0, self.jobs[*place].1);
                world.record(places.iter().map(entry).collect()).await;
            }
            Message::Tickets => {
                for (ticket, priority) in [1, 2].into_iter().zip(self.priorities) {
                    world.tell(ticket, priority).await;
                }
            }
            Message::Blocks => world.buy_all(self.blocks.iter().copied().enumerate().rev()).await,
        }
    }
}

const CHARGED: &str = "query ($number: String!) {
    charges(filter: {agreement: {code: $number}}, first: 100) { totalCount nodes {
        timeEntry { externalRef { id } } kind hoursClass rateRule { code } from to worked included charged
        hourlyRate { amount } amount { amount } draws { ofPeriod prepaid hours } reasons { code text } } }
    agreement(by: {code: $number}) { periods(first: 20) { nodes { from total { amount } hours { event ofPeriod prepaid hours } } } } }";

/// All that there is to see of what was charged, without the name of the world. Charges that begin at one instant are listed in
/// the order of their ids, which says nothing.
async fn charged(admin: &User<'_>, world: &World<'_>) -> Vec<Value> {
    let mut seen = Vec::new();
    for place in 0..2 {
        let said = admin.ask_with(CHARGED, json!({"number": world.number(place)})).await;
        let mut said: Value = serde_json::from_str(&said.to_string().replace(&world.name, "")).unwrap();
        let charges = said["charges"]["nodes"].as_array_mut().unwrap();
        charges.sort_by_key(ToString::to_string);
        assert_eq!(charges.len(), said["charges"]["totalCount"]);
        seen.push(said);
    }
    seen
}

both! {
    async fn batches_and_repeats_change_no_charge(remit: Remit) {
        let admin = remit.admin("acme");
        fixtures::catalogue(&admin).await;
        let mut runner = TestRunner::deterministic();
        for round in 0..LOTS {
            let lot = lots().new_tree(&mut runner).unwrap().current();
            let places = 0..lot.jobs.len();
            let one_by_one = places.clone().rev().map(|place| Message::Entries(vec![place]));
            let ways = [
                ("AT-ONCE", vec![Message::Tickets, Message::Blocks, Message::Entries(places.collect())]),
                ("ONE-BY-ONE", [Message::Blocks].into_iter().chain(one_by_one).chain([Message::Tickets]).collect()),
                ("BATCHES", lot.messages.clone()),
            ];
            let mut known: Option<Vec<Value>> = None;
            for (way, messages) in ways {
                let world = World::new(&admin, format!("{way}-{round}"), &lot.prices).await;
                for message in &messages {
                    lot.send(&world, message).await;
                }
                let found = charged(&admin, &world).await;
                assert_eq!(*known.get_or_insert_with(|| found.clone()), found, "{way} of {lot:#?}");
            }
        }
    }
}
