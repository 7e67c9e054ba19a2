//! Turns: so many requests run at once, and providers take turns.
//!
//! Each provider that waits has a lane. The next to run is of the lane that has been served least, where serving counts
//! what requests cost. A new lane begins where the others stand: nobody saves up turns by being quiet.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

/// The lane has as many waiting as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Gives out turns.
#[derive(Clone, Debug)]
pub(super) struct Fair {
    running_most: usize,
    waiting_most: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    /// Where the lane stood that was served last.
    served: u64,
    lanes: HashMap<String, Lane>,
}

/// Those of one provider that wait, with their costs; never empty.
#[derive(Debug, Default)]
struct Lane {
    served: u64,
    waiting: VecDeque<(u64, oneshot::Sender<Turn>)>,
}

/// A turn, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    fair: Fair,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.fair.hand_on();
    }
}

impl Fair {
    pub(super) fn new(running_most: usize, waiting_most: usize) -> Self {
        Self { running_most: running_most.max(1), waiting_most, state: Arc::default() }
    }

    /// Waits for a turn in the lane of this name.
    pub(super) async fn turn(&self, name: &str, cost: u64) -> Result<Turn, Full> {
        let given = {
            let mut state = self.state();
            if state.running < self.running_most {
                // Nobody waits while there is room.
                state.running += 1;
                return Ok(Turn { fair: self.clone() });
            }
            let new = || Lane { served: 0, waiting: VecDeque::new() };
            let served = state.served;
            let lane = state.lanes.entry(name.to_owned()).or_insert_with(new);
            if lane.waiting.len() >= self.waiting_most {
                return Err(Full);
            }
            lane.served = lane.served.max(served);
            let (give, given) = oneshot::channel();
            lane.waiting.push_back((cost, give));
            given
        };
        // The other end sends before it goes.
        given.await.map_err(|_| Full)
    }

    /// Hands a turn that was given back to whoever is next.
    fn hand_on(&self) {
        let mut state = self.state();
        while let Some(give) = state.next() {
            if give.is_closed() {
                continue;
            }
            // Without the lock: a receiver that went in between drops the turn, and that comes back here.
            drop(state);
            drop(give.send(Turn { fair: self.clone() }));
            return;
        }
        state.running = state.running.saturating_sub(1);
    }

    /// How many run, and how many wait.
    pub(super) fn load(&self) -> (usize, usize) {
        let state = self.state();
        (state.running, state.lanes.values().map(|lane| lane.waiting.len()).sum())
    }

    /// What a holder of the lock left is whole: nothing in between can fail.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes the next request out of the lane that was served least.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        let least = self.lanes.iter().min_by_key(|(name, lane)| (lane.served, *name));
        let name = least.map(|(name, _)| name.clone())?;
        let lane = self.lanes.get_mut(&name)?;
        self.served = lane.served;
        let next = lane.waiting.pop_front();
        if lane.waiting.is_empty() {
            self.lanes.remove(&name);
        } else if let Some((cost, _)) = &next {
            // A request counts for something though it costs nothing.
            lane.served = lane.served.saturating_add(*cost.max(&1));
        }
        next.map(|(_, give)| give)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{sync::mpsc, time::timeout};

    use super::*;

    /// Lets requests of these lanes wait behind one that runs, then runs them one by one; the order in which they ran.
    async fn order(asked: &[(&'static str, u64)]) -> Vec<&'static str> {
        let fair = Fair::new(1, 1_000);
        let first = fair.turn("first", 1).await.unwrap();
        let (say, mut said) = mpsc::unbounded_channel();
        for &(name, cost) in asked {
            let (runs, say) = (fair.clone(), say.clone());
            let waiting = fair.load().1;
            tokio::spawn(async move {
                let turn = runs.turn(name, cost).await.unwrap();
                say.send(name).unwrap();
                drop(turn);
            });
            while fair.load().1 == waiting {
                tokio::task::yield_now().await;
            }
        }
        drop((first, say));
        let mut order = Vec::new();
        while let Some(name) = said.recv().await {
            order.push(name);
        }
        assert_eq!(fair.load(), (0, 0));
        order
    }

    #[tokio::test]
    async fn lanes_take_turns_by_what_they_cost() {
        assert_eq!(order(&[("a", 1), ("a", 1), ("a", 1), ("b", 1), ("c", 1)]).await, ["a", "b", "c", "a", "a"]);
        let asked = [("a", 9), ("a", 9), ("b", 3), ("b", 3), ("b", 3), ("b", 3)];
        assert_eq!(order(&asked).await, ["a", "b", "b", "b", "a", "b"]);
    }

    #[tokio::test]
    async fn a_flood_waits_for_itself() {
        let flood: Vec<(&str, u64)> = [("flood", 1); 100].into_iter().chain([("quiet", 1)]).collect();
        let order = order(&flood).await;
        assert_eq!((order.len(), order[1]), (101, "quiet"));
    }

    #[tokio::test]
    async fn a_full_lane_is_refused_and_others_are_not() {
        let fair = Fair::new(1, 1);
        let first = fair.turn("a", 1).await.unwrap();
        let runs = fair.clone();
        let waiting = tokio::spawn(async move { drop(runs.turn("a", 1).await.unwrap()) });
        while fair.load().1 == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(fair.turn("a", 1).await.unwrap_err(), Full);
        let other = fair.turn("b", 1);
        assert!(timeout(Duration::from_millis(1), other).await.is_err(), "it waits, and then goes away");
        drop(first);
        waiting.await.unwrap();
        assert_eq!(fair.load(), (0, 0));
    }
}
