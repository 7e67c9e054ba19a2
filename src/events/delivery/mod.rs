//! Delivering changes to webhooks (E2).
//!
//! | file | does |
//! |---|---|
//! | this | looks what there is to do, when somebody rings and every second |
//! | `take_up` | reads the feed for each webhook, and puts what it gets on its way |
//! | `crew` | who is at work for which webhook: a receiver that hangs holds up those who work for it and nobody else |
//! | `worker` | sends one delivery after another to one webhook |
//!
//! Every server does all of it; who does what is settled in the database. Nothing is kept in memory that would be missed.

mod crew;
mod take_up;
mod worker;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use remit_domain::Timestamp;
use tokio::{sync::watch, time::timeout};

use crate::{
    graphql::Api,
    store::{Store, StoreError},
};
use crew::{CREW, Crews};

/// How long until the next look, after somebody rang and then on: what was rung for may be final a little later.
const LOOKS: [Duration; 5] = [
    Duration::from_millis(10),
    Duration::from_millis(40),
    Duration::from_millis(160),
    Duration::from_millis(400),
    Duration::from_secs(1),
];
/// How often old deliveries are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(600);
/// How many are forgotten at once.
const FORGET_AT_ONCE: u64 = 1000;
/// How long what arrived can be read: a week.
const ARRIVED_KEPT: Duration = Duration::from_hours(7 * 24);
/// How long what was given up can be read: 90 days.
const DEAD_KEPT: Duration = Duration::from_hours(90 * 24);
/// How long a server that ends waits for answers that are on their way.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// What time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What delivers.
#[derive(Clone)]
pub struct Delivery {
    /// What makes messages, and has the use cases that send them.
    pub api: Api,
    /// What time it is.
    pub clock: Clock,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").finish_non_exhaustive()
    }
}

/// Delivers until `stop` comes true; what is on its way then may be sent a second time by another server.
pub async fn deliver(delivery: Delivery, stop: impl Future<Output = ()>) {
    let (closing, closes) = watch::channel(false);
    let crews = Crews::new(delivery, closes);
    tokio::select! {
        () = crews.clone().look_after() => {}
        () = stop => {}
    }
    closing.send_replace(true);
    timeout(LAST_ANSWERS, crews.idle()).await.ok();
}

impl Crews {
    /// Looks what there is to do, for ever.
    async fn look_after(self) {
        let mut rings = self.store().rings();
        let (mut quiet, mut forgotten, mut told) = (0, None, false);
        self.tell_misfits().await;
        loop {
            match self.look().await {
                Ok(more) => {
                    told = false;
                    if more {
                        quiet = 0;
                        continue;
                    }
                }
                Err(error) if !told => {
                    told = true;
                    tracing::warn!(%error, "changes cannot be delivered; trying again");
                }
                Err(_) => {}
            }
            if forgotten.is_none_or(|at: Instant| at.elapsed() >= FORGET_EVERY) {
                forgotten = Some(Instant::now());
                self.forget().await;
            }
            let pause = LOOKS.get(quiet).copied().unwrap_or(LOOKS[LOOKS.len() - 1]);
            let rung = async {
                tokio::select! { () = rings.next() => {}, () = self.called() => {} }
            };
            quiet = if timeout(pause, rung).await.is_ok() { 0 } else { quiet.saturating_add(1) };
        }
    }

    /// Puts on its way what is new, and sets workers on what is due; whether there is more to put on its way.
    async fn look(&self) -> Result<bool, StoreError> {
        let more = self.take_up().await?;
        for due in self.store().webhooks_due(self.now(), CREW).await? {
            self.set_on(&due);
        }
        Ok(more)
    }

    /// Says which selections this version of the schema does not take; their webhooks get what all get.
    async fn tell_misfits(&self) {
        let selecting = match self.store().selecting_webhooks().await {
            Ok(selecting) => selecting,
            Err(error) => return tracing::warn!(%error, "the selections of webhooks cannot be read"),
        };
        for (provider, webhook) in selecting {
            if let [problem, ..] = self.delivery().api.selection_problems(&webhook).as_slice() {
                tracing::warn!(provider, webhook = %webhook.code, problem, "a webhook's selection does not fit the schema");
            }
        }
    }

    async fn forget(&self) {
        let now = self.now();
        let (Ok(arrived), Ok(dead)) = (now.checked_sub(ARRIVED_KEPT), now.checked_sub(DEAD_KEPT)) else { return };
        loop {
            match self.store().forget_deliveries(arrived, dead, FORGET_AT_ONCE).await {
                Ok(FORGET_AT_ONCE..) => {}
                Ok(_) => return,
                Err(error) => return tracing::warn!(%error, "old deliveries cannot be forgotten; trying again later"),
            }
        }
    }

    fn store(&self) -> &Store {
        self.delivery().api.app().store()
    }

    fn now(&self) -> Timestamp {
        (self.delivery().clock)()
    }
}
