//! What delivers to webhooks, with a clock that the test moves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use super::now;
use remit::{
    events::delivery::{Delivery, deliver},
    graphql::Api,
};
use remit_domain::Timestamp;
use tokio::{sync::oneshot, task::JoinHandle};

/// What delivers, until it is dropped.
pub(crate) struct Deliverer {
    clock: Arc<AtomicI64>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Deliverer {
    pub(super) fn start(api: Api) -> Self {
        let clock = Arc::new(AtomicI64::new(now().as_microsecond()));
        let told = Arc::clone(&clock);
        let clock_of = move || Timestamp::from_microsecond(told.load(Ordering::SeqCst)).unwrap();
        let (stop, stopped) = oneshot::channel();
        let delivery = Delivery { api, clock: Arc::new(clock_of) };
        let task = tokio::spawn(deliver(delivery, async move { drop(stopped.await) }));
        Self { clock, stop, task }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::SeqCst);
    }

    /// Ends it as a server is told to end.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}
