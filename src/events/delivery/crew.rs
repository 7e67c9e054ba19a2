//! Who is at work for which webhook.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, watch};

use super::Delivery;
use crate::store::{DueWebhook, Uuid};

/// How many deliveries to one webhook are on their way at once from one server.
pub(super) const CREW: u32 = 8;

/// A receiver that failed so many times in a row is taken to be down: one delivery at a time is tried, and when one is taken,
/// all that waits follows at once.
pub(super) const DOWN: u32 = 5;

/// Those who work, by webhook. A crew has its own size, so that a receiver that hangs keeps its own crew and no other.
#[derive(Clone)]
pub(super) struct Crews(Arc<Inner>);

struct Inner {
    delivery: Delivery,
    closes: watch::Receiver<bool>,
    at_work: Mutex<HashMap<Uuid, usize>>,
    /// That there is something to look for.
    call: Notify,
    /// That somebody has gone home.
    home: Notify,
}

/// Somebody who works for a webhook, until this is dropped.
pub(super) struct AtWork {
    crews: Crews,
    webhook: Uuid,
}

impl Crews {
    pub(super) fn new(delivery: Delivery, closes: watch::Receiver<bool>) -> Self {
        let (at_work, call, home) = (Mutex::default(), Notify::new(), Notify::new());
        Self(Arc::new(Inner { delivery, closes, at_work, call, home }))
    }

    pub(super) fn delivery(&self) -> &Delivery {
        &self.0.delivery
    }

    /// Whether nothing new is to be begun.
    pub(super) fn is_closing(&self) -> bool {
        *self.0.closes.borrow()
    }

    /// Has somebody look what there is to do.
    pub(super) fn call(&self) {
        self.0.call.notify_one();
    }

    /// Waits until somebody calls.
    pub(super) async fn called(&self) {
        self.0.call.notified().await;
    }

    /// Sets as many on a webhook as it has use for.
    pub(super) fn set_on(&self, due: &DueWebhook) {
        let most = if due.failures >= DOWN { 1 } else { CREW as usize };
        let wanted = due.waiting.min(most);
        for _ in 0..wanted {
            let Some(worker) = self.join(due.id, most) else { return };
            tokio::spawn(self.clone().work(due.scope.clone(), worker));
        }
    }

    /// Joins a crew unless it has `most` already.
    fn join(&self, webhook: Uuid, most: usize) -> Option<AtWork> {
        let mut at_work = self.at_work();
        let crew = at_work.entry(webhook).or_default();
        if *crew >= most {
            return None;
        }
        *crew += 1;
        Some(AtWork { crews: self.clone(), webhook })
    }

    /// Waits until nobody is at work.
    pub(super) async fn idle(&self) {
        loop {
            let home = self.0.home.notified();
            if self.at_work().is_empty() {
                return;
            }
            home.await;
        }
    }

    fn at_work(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.0.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AtWork {
    pub(super) fn webhook(&self) -> Uuid {
        self.webhook
    }

    /// Whether others work for the same webhook.
    pub(super) fn has_company(&self) -> bool {
        self.crews.at_work().get(&self.webhook).is_some_and(|crew| *crew > 1)
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut at_work = self.crews.at_work();
        if let Some(crew) = at_work.get_mut(&self.webhook) {
            *crew -= 1;
            if *crew == 0 {
                at_work.remove(&self.webhook);
            }
        }
        drop(at_work);
        self.crews.0.home.notify_waiters();
    }
}
