//! Turns: so many requests run at once, and providers take turns.
//!
//! Each provider that waits has a lane. The next to run is of the lane that has been served least, where serving counts
//! what requests cost. A new lane begins where the others stand: nobody saves up turns by being quiet. Who waits is passed by
//! nobody of whom it is not the turn, not even by one for whom there would be room.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

/// What a small request costs at most: one object with all that belongs to it. It takes half a place.
const SMALL: u64 = 200;
/// What a large request costs at least: some hundred objects. It takes two places, as it takes the memory of many.
const LARGE: u64 = 2_000;

/// The lane has as many waiting as it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Gives out turns.
#[derive(Clone, Debug)]
pub(super) struct Fair {
    halves_most: usize,
    waiting_most: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    /// How many halves of places those that run take.
    halves: usize,
    /// Where the lane stood that was served last.
    served: u64,
    lanes: HashMap<String, Lane>,
}

/// Those of one provider that wait; never empty.
#[derive(Debug, Default)]
struct Lane {
    served: u64,
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    cost: u64,
    give: oneshot::Sender<Turn>,
}

/// A turn, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    fair: Fair,
    halves: usize,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.fair.take_back(self.halves);
    }
}

impl Fair {
    pub(super) fn new(running_most: usize, waiting_most: usize) -> Self {
        Self { halves_most: running_most.max(1).saturating_mul(2), waiting_most, state: Arc::default() }
    }

    /// Waits for a turn in the lane of this name.
    pub(super) async fn turn(&self, name: &str, cost: u64) -> Result<Turn, Full> {
        let given = {
            let mut state = self.state();
            let halves = self.halves(cost);
            if state.halves + halves <= self.halves_most {
                state.forget_gone();
                // Nobody waits while there is room, unless others do.
                if state.lanes.is_empty() {
                    return Ok(self.given(&mut state, halves));
                }
            }
            let new = || Lane { served: 0, waiting: VecDeque::new() };
            let served = state.served;
            let lane = state.lanes.entry(name.to_owned()).or_insert_with(new);
            if lane.waiting.len() >= self.waiting_most {
                return Err(Full);
            }
            lane.served = lane.served.max(served);
            let (give, given) = oneshot::channel();
            lane.waiting.push_back(Waiting { cost, give });
            given
        };
        // The other end sends before it goes.
        given.await.map_err(|_| Full)
    }

    /// How many halves of a place a request takes, and never more than there are. If there is one place, it takes that.
    fn halves(&self, cost: u64) -> usize {
        let halves = match cost {
            _ if self.halves_most == 2 => 2,
            ..=SMALL => 1,
            LARGE.. => 4,
            _ => 2,
        };
        halves.min(self.halves_most)
    }

    fn given(&self, state: &mut State, halves: usize) -> Turn {
        state.running += 1;
        state.halves += halves;
        Turn { fair: self.clone(), halves }
    }

    /// Takes a turn back, and gives those that wait what there is room for.
    fn take_back(&self, halves: usize) {
        let mut given = Vec::new();
        {
            let mut state = self.state();
            state.running = state.running.saturating_sub(1);
            state.halves = state.halves.saturating_sub(halves);
            while let Some(name) = self.next(&state) {
                let Some(Waiting { cost, give }) = state.pop(&name) else { break };
                if !give.is_closed() {
                    given.push((give, self.given(&mut state, self.halves(cost))));
                }
            }
        }
        // Without the lock: where somebody has gone in between, the turn is dropped, and that comes back here.
        given.into_iter().for_each(|(give, turn)| drop(give.send(turn)));
    }

    /// The lane that was served least, if there is room for the first of it, or that one has gone.
    fn next(&self, state: &State) -> Option<String> {
        let (name, lane) = state.lanes.iter().min_by_key(|(name, lane)| (lane.served, *name))?;
        let Waiting { cost, give } = lane.waiting.front()?;
        let has_room = state.halves + self.halves(*cost) <= self.halves_most;
        (has_room || give.is_closed()).then(|| name.clone())
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
    /// Takes those out that do not wait any more.
    fn forget_gone(&mut self) {
        self.lanes.retain(|_, lane| {
            lane.waiting.retain(|waiting| !waiting.give.is_closed());
            !lane.waiting.is_empty()
        });
    }

    /// Takes the first out of a lane.
    fn pop(&mut self, name: &str) -> Option<Waiting> {
        let lane = self.lanes.get_mut(name)?;
        self.served = lane.served;
        let next = lane.waiting.pop_front();
        if lane.waiting.is_empty() {
            self.lanes.remove(name);
        } else if let Some(Waiting { cost, .. }) = &next {
            // A request counts for something though it costs nothing.
            lane.served = lane.served.saturating_add(*cost.max(&1));
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{sync::mpsc, time::timeout};

    use super::*;

    /// What a request costs that takes a place.
    const USUAL: u64 = SMALL + 1;

    /// Lets requests of these lanes wait behind one that runs, then runs them one by one; the order in which they ran.
    async fn order(asked: &[(&'static str, u64)]) -> Vec<&'static str> {
        let fair = Fair::new(1, 1_000);
        let first = fair.turn("first", USUAL).await.unwrap();
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
        let asked = ["a", "a", "a", "b", "c"].map(|lane| (lane, USUAL));
        assert_eq!(order(&asked).await, ["a", "b", "c", "a", "a"]);
        let asked = [("a", 900), ("a", 900), ("b", 300), ("b", 300), ("b", 300), ("b", 300)];
        assert_eq!(order(&asked).await, ["a", "b", "b", "b", "a", "b"]);
    }

    #[tokio::test]
    async fn small_requests_take_half_a_place() {
        let fair = Fair::new(2, 9);
        let small = [fair.turn("a", SMALL).await.unwrap(), fair.turn("a", 0).await.unwrap()];
        let usual = fair.turn("b", USUAL).await.unwrap();
        assert_eq!(fair.load(), (3, 0));
        let runs = fair.clone();
        let waiting = tokio::spawn(async move { runs.turn("b", USUAL).await.unwrap() });
        while fair.load().1 == 0 {
            tokio::task::yield_now().await;
        }
        let [first, second] = small;
        drop(first);
        assert_eq!(fair.load(), (2, 1), "there is half of what it needs");
        let late = fair.turn("c", SMALL);
        assert!(timeout(Duration::from_millis(1), late).await.is_err(), "it passes nobody");
        drop(second);
        let waited = waiting.await.unwrap();
        drop((usual, waited));
        assert_eq!(fair.load(), (0, 0));
    }

    #[tokio::test]
    async fn large_requests_take_two_places_or_all_there_are() {
        for (places, fit) in [(5, 2), (2, 1), (1, 1)] {
            let fair = Fair::new(places, 9);
            let mut turns = Vec::new();
            for _ in 0..fit {
                turns.push(fair.turn("a", u64::MAX).await.unwrap());
            }
            for cost in [LARGE, USUAL] {
                let another = timeout(Duration::from_millis(1), fair.turn("a", cost)).await;
                assert_eq!(another.is_ok(), places == 5 && cost == USUAL, "{places} {cost}");
            }
        }
    }

    #[tokio::test]
    async fn a_flood_waits_for_itself() {
        let flood: Vec<(&str, u64)> = [("flood", USUAL); 100].into_iter().chain([("quiet", USUAL)]).collect();
        let order = order(&flood).await;
        assert_eq!((order.len(), order[1]), (101, "quiet"));
    }

    #[tokio::test]
    async fn a_full_lane_is_refused_and_others_are_not() {
        let fair = Fair::new(1, 1);
        let first = fair.turn("a", USUAL).await.unwrap();
        let runs = fair.clone();
        let waiting = tokio::spawn(async move { drop(runs.turn("a", USUAL).await.unwrap()) });
        while fair.load().1 == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(fair.turn("a", USUAL).await.unwrap_err(), Full);
        let other = fair.turn("b", USUAL);
        assert!(timeout(Duration::from_millis(1), other).await.is_err(), "it waits, and then goes away");
        drop(first);
        waiting.await.unwrap();
        assert_eq!(fair.load(), (0, 0));
    }
}
