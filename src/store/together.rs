//! Questions that go together: while one is out, those that come wait, and whichever goes next takes them all along. So the
//! more are asked at once, the less each costs. One that is asked alone waits for nothing, and none waits for long.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    ops::RangeInclusive,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

/// How many questions go together at most.
const TOGETHER_MOST: usize = 62;
/// How often somebody of a lane is out at once: one is on the way, one is answered, and one comes back.
const OUT_MOST: usize = 3;
/// How many are worth going while others are out: as many as those have taken along, but this many at the least and at the most.
/// Fewer wait for them.
const ENOUGH: RangeInclusive<usize> = 6..=12;

/// Questions in lanes; only those of one lane go together.
#[derive(Debug)]
pub(crate) struct Together<K: Eq + Hash, Q, A> {
    patience: Duration,
    /// How many have come to wait so far.
    come: AtomicU64,
    lanes: Arc<Lanes<K, Q, A>>,
}

/// The lanes that somebody is out of to ask.
#[derive(Debug)]
struct Lanes<K: Eq + Hash, Q, A>(Mutex<HashMap<K, Lane<K, Q, A>>>);

#[derive(Debug)]
struct Lane<K: Eq + Hash, Q, A> {
    /// How often somebody is out, at least once.
    out: usize,
    /// With how many questions.
    away: usize,
    waiting: VecDeque<Asked<K, Q, A>>,
}

#[derive(Debug)]
struct Asked<K: Eq + Hash, Q, A> {
    number: u64,
    question: Q,
    say: oneshot::Sender<Said<K, Q, A>>,
}

/// What somebody who waits is told.
#[derive(Debug)]
enum Said<K: Eq + Hash, Q, A> {
    Answer(A),
    /// To go and ask.
    Go(Turn<K, Q, A>, Q),
}

/// A turn to go and ask, handed on when it is dropped.
#[derive(Debug)]
struct Turn<K: Eq + Hash, Q, A> {
    lanes: Arc<Lanes<K, Q, A>>,
    /// None: it was handed on.
    lane: Option<K>,
    /// With how many questions it went.
    taken: usize,
}

impl<K: Clone + Eq + Hash, Q, A> Together<K, Q, A> {
    /// - `patience`: for how long one waits for another to come back.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, come: AtomicU64::new(0), lanes: Arc::new(Lanes(Mutex::default())) }
    }

    /// Asks together with whoever waits in the lane; none: it is to be asked alone, as whoever asked for it too has failed, or
    /// is away for too long.
    ///
    /// - `load`: answers questions, in their order.
    ///
    /// # Errors
    /// That of `load`, if it was this one's turn to go.
    pub(crate) async fn ask<E>(
        &self,
        lane: K,
        question: Q,
        load: impl AsyncFnOnce(Vec<Q>) -> Result<Vec<A>, E>,
    ) -> Result<Option<A>, E> {
        let (turn, question) = match self.enter(lane.clone(), question) {
            Entered::Goes(turn, question) => (turn, question),
            Entered::Waits(number, mut said) => {
                let told = match timeout(self.patience, &mut said).await {
                    Err(_) if self.lanes.leave(&lane, number) => return Ok(None),
                    Err(_) => said.await,
                    Ok(told) => told,
                };
                match told {
                    Ok(Said::Answer(answer)) => return Ok(Some(answer)),
                    Ok(Said::Go(turn, question)) => (turn, question),
                    Err(_) => return Ok(None),
                }
            }
        };
        let (mut turn, mut questions, mut others) = (turn, vec![question], Vec::new());
        for Asked { question, say, .. } in turn.takes_along() {
            questions.push(question);
            others.push(say);
        }
        let mut answers = load(questions).await?.into_iter();
        drop(turn);
        let own = answers.next();
        for (say, answer) in others.into_iter().zip(answers) {
            // Who has gone meanwhile is told nothing.
            say.send(Said::Answer(answer)).ok();
        }
        Ok(own)
    }

    fn enter(&self, key: K, question: Q) -> Entered<K, Q, A> {
        let mut lanes = self.lanes.lock();
        let Some(lane) = lanes.get_mut(&key) else {
            lanes.insert(key.clone(), Lane { out: 1, away: 0, waiting: VecDeque::new() });
            return Entered::Goes(Turn { lanes: Arc::clone(&self.lanes), lane: Some(key), taken: 0 }, question);
        };
        if lane.out < OUT_MOST && lane.waiting.len() + 1 >= lane.enough() {
            lane.out += 1;
            return Entered::Goes(Turn { lanes: Arc::clone(&self.lanes), lane: Some(key), taken: 0 }, question);
        }
        let ((say, said), number) = (oneshot::channel(), self.come.fetch_add(1, Ordering::Relaxed));
        lane.waiting.push_back(Asked { number, question, say });
        Entered::Waits(number, said)
    }
}

enum Entered<K: Eq + Hash, Q, A> {
    Goes(Turn<K, Q, A>, Q),
    Waits(u64, oneshot::Receiver<Said<K, Q, A>>),
}

impl<K: Eq + Hash, Q, A> Turn<K, Q, A> {
    /// Those that wait, the first first.
    fn takes_along(&mut self) -> Vec<Asked<K, Q, A>> {
        let mut lanes = self.lanes.lock();
        let Some(lane) = self.lane.as_ref().and_then(|key| lanes.get_mut(key)) else { return Vec::new() };
        let most = lane.waiting.len().min(TOGETHER_MOST - 1);
        let along = Vec::from_iter(lane.waiting.drain(..most).filter(|asked| !asked.say.is_closed()));
        self.taken = 1 + along.len();
        lane.away += self.taken;
        along
    }
}

impl<K: Eq + Hash, Q, A> Drop for Turn<K, Q, A> {
    fn drop(&mut self) {
        while let Some(key) = self.lane.take() {
            let taken = std::mem::take(&mut self.taken);
            let Some(Asked { question, say, .. }) = self.lanes.next(&key, taken) else { return };
            let turn = Self { lanes: Arc::clone(&self.lanes), lane: Some(key), taken: 0 };
            // Whoever has gone meanwhile hands it back.
            if let Err(Said::Go(mut turn, _)) = say.send(Said::Go(turn, question)) {
                self.lane = turn.lane.take();
            }
        }
    }
}

impl<K: Eq + Hash, Q, A> Lane<K, Q, A> {
    /// How many are to wait until they are worth going while another is out.
    fn enough(&self) -> usize {
        self.away.clamp(*ENOUGH.start(), *ENOUGH.end())
    }
}

impl<K: Eq + Hash, Q, A> Lanes<K, Q, A> {
    /// Who goes next; none: nobody does, and the turn has ended.
    ///
    /// - `back`: how many questions have come back.
    fn next(&self, key: &K, back: usize) -> Option<Asked<K, Q, A>> {
        let mut lanes = self.lock();
        let lane = lanes.get_mut(key)?;
        lane.away = lane.away.saturating_sub(back);
        let is_worth_it = lane.out == 1 || lane.waiting.len() >= lane.enough();
        let next = lane.waiting.pop_front_if(|_| is_worth_it);
        if next.is_none() {
            lane.out -= 1;
            if lane.out == 0 {
                lanes.remove(key);
            }
        }
        next
    }

    /// Lets somebody go who waits; false: that one has been taken along, or is told to go.
    fn leave(&self, key: &K, number: u64) -> bool {
        let mut lanes = self.lock();
        let Some(lane) = lanes.get_mut(key) else { return false };
        let waiting = lane.waiting.len();
        lane.waiting.retain(|asked| asked.number != number);
        lane.waiting.len() < waiting
    }

    /// What a holder of the lock left is whole: nothing in between can fail.
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Lane<K, Q, A>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    type Numbers = Together<&'static str, u32, u32>;

    /// Asks in a task; the questions go to `loads`, and are answered with their doubles once a word comes back.
    fn asks(
        together: &Arc<Numbers>,
        lane: &'static str,
        question: u32,
        loads: &mpsc::UnboundedSender<(Vec<u32>, oneshot::Sender<bool>)>,
    ) -> tokio::task::JoinHandle<Result<Option<u32>, ()>> {
        let (together, loads) = (Arc::clone(together), loads.clone());
        tokio::spawn(async move {
            let load = async |questions: Vec<u32>| {
                let (say, said) = oneshot::channel();
                loads.send((questions.clone(), say)).unwrap();
                let doubles = questions.iter().map(|question| question * 2).collect();
                if said.await == Ok(true) { Ok(doubles) } else { Err(()) }
            };
            together.ask(lane, question, load).await
        })
    }

    async fn settled() {
        for _ in 0..32 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn who_waits_goes_with_the_next() {
        let (together, (say, mut loads)) = (Arc::new(Numbers::new(Duration::from_secs(60))), mpsc::unbounded_channel());
        let first = asks(&together, "a", 1, &say);
        settled().await;
        let others = [2, 3, 4].map(|question| asks(&together, "a", question, &say));
        let elsewhere = asks(&together, "b", 5, &say);
        let (alone, answer) = loads.recv().await.unwrap();
        let (of_b, answer_b) = loads.recv().await.unwrap();
        assert_eq!((alone, of_b), (vec![1], vec![5]), "lanes do not wait for each other");
        answer_b.send(true).unwrap();
        assert_eq!(elsewhere.await.unwrap(), Ok(Some(10)));
        answer.send(true).unwrap();
        assert_eq!(first.await.unwrap(), Ok(Some(2)));
        let (together_now, answer) = loads.recv().await.unwrap();
        assert_eq!(together_now, [2, 3, 4]);
        answer.send(true).unwrap();
        for (other, answer) in others.into_iter().zip([4, 6, 8]) {
            assert_eq!(other.await.unwrap(), Ok(Some(answer)));
        }
        assert!(together.lanes.lock().is_empty());
    }

    #[tokio::test]
    async fn a_failure_is_told_to_one_and_the_others_ask_alone() {
        let (together, (say, mut loads)) = (Arc::new(Numbers::new(Duration::from_secs(60))), mpsc::unbounded_channel());
        let first = asks(&together, "a", 1, &say);
        let (_, answer) = loads.recv().await.unwrap();
        let others = [2, 3].map(|question| asks(&together, "a", question, &say));
        settled().await;
        answer.send(true).unwrap();
        first.await.unwrap().unwrap();
        loads.recv().await.unwrap().1.send(false).unwrap();
        let [second, third] = others;
        assert_eq!((second.await.unwrap(), third.await.unwrap()), (Err(()), Ok(None)));
        assert!(together.lanes.lock().is_empty());
    }

    #[tokio::test]
    async fn whoever_goes_away_hands_the_turn_on() {
        let (together, (say, mut loads)) = (Arc::new(Numbers::new(Duration::from_secs(60))), mpsc::unbounded_channel());
        let first = asks(&together, "a", 1, &say);
        let (_, _never_answered) = loads.recv().await.unwrap();
        let second = asks(&together, "a", 2, &say);
        settled().await;
        let third = asks(&together, "a", 3, &say);
        settled().await;
        second.abort();
        first.abort();
        let (questions, answer) = loads.recv().await.unwrap();
        assert_eq!(questions, [3]);
        answer.send(true).unwrap();
        assert_eq!(third.await.unwrap(), Ok(Some(6)));
        assert!(together.lanes.lock().is_empty());
    }

    #[tokio::test]
    async fn enough_of_them_do_not_wait_for_another() {
        let (together, (say, mut loads)) = (Arc::new(Numbers::new(Duration::from_secs(60))), mpsc::unbounded_channel());
        let first = asks(&together, "a", 0, &say);
        let (_, answer_first) = loads.recv().await.unwrap();
        let mut others = Vec::new();
        for question in 1..=8 {
            others.push(asks(&together, "a", question, &say));
            settled().await;
        }
        let (questions, answer) = loads.recv().await.unwrap();
        assert_eq!(questions, [6, 1, 2, 3, 4, 5]);
        answer.send(true).unwrap();
        settled().await;
        assert!(loads.is_empty(), "the last two wait for the first, as they are not enough");
        answer_first.send(true).unwrap();
        first.await.unwrap().unwrap();
        let (questions, answer) = loads.recv().await.unwrap();
        assert_eq!(questions, [7, 8]);
        answer.send(true).unwrap();
        for (other, question) in others.into_iter().zip(1..) {
            assert_eq!(other.await.unwrap(), Ok(Some(question * 2)));
        }
        assert!(together.lanes.lock().is_empty());
    }

    #[tokio::test]
    async fn fewer_than_are_away_wait_for_them_but_twelve_go() {
        let (together, (say, mut loads)) = (Arc::new(Numbers::new(Duration::from_secs(60))), mpsc::unbounded_channel());
        let mut asked = Vec::new();
        let mut ask = |questions: std::ops::Range<u32>| {
            asked.extend(questions.map(|question| asks(&together, "a", question, &say)));
            settled()
        };
        ask(0..1).await;
        let (_, answer_first) = loads.recv().await.unwrap();
        ask(1..13).await;
        let (six, answer_six) = loads.recv().await.unwrap();
        assert_eq!(six.len(), 6);
        assert!(loads.is_empty(), "six more would go beside six, and wait as seven are away");
        ask(13..14).await;
        let (seven, answer_seven) = loads.recv().await.unwrap();
        assert_eq!(seven.len(), 7);
        ask(14..26).await;
        assert!(loads.is_empty(), "three are out");
        answer_first.send(true).unwrap();
        let (twelve, answer_twelve) = loads.recv().await.unwrap();
        assert_eq!(twelve.len(), 12, "they go beside thirteen");
        ask(26..34).await;
        answer_six.send(true).unwrap();
        answer_seven.send(true).unwrap();
        settled().await;
        assert!(loads.is_empty(), "eight wait for the twelve");
        answer_twelve.send(true).unwrap();
        let (eight, answer_eight) = loads.recv().await.unwrap();
        assert_eq!(eight, Vec::from_iter(26..34));
        answer_eight.send(true).unwrap();
        for (asked, question) in asked.into_iter().zip(0..) {
            assert_eq!(asked.await.unwrap(), Ok(Some(question * 2)));
        }
        assert!(together.lanes.lock().is_empty());
    }

    #[tokio::test]
    async fn nobody_waits_for_long() {
        let (together, (say, mut loads)) =
            (Arc::new(Numbers::new(Duration::from_millis(10))), mpsc::unbounded_channel());
        let first = asks(&together, "a", 1, &say);
        let (_, answer) = loads.recv().await.unwrap();
        let second = asks(&together, "a", 2, &say);
        assert_eq!(second.await.unwrap(), Ok(None));
        answer.send(true).unwrap();
        assert_eq!(first.await.unwrap(), Ok(Some(2)));
        assert!(together.lanes.lock().is_empty() && loads.is_empty());
    }
}
