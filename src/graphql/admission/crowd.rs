//! Those who wait for what is still to happen: so many of a provider at most.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts those who wait, by provider.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    most: usize,
    of: Arc<Mutex<HashMap<String, usize>>>,
}

/// A place among those who wait, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Bystander {
    crowd: Crowd,
    name: String,
}

impl Drop for Bystander {
    fn drop(&mut self) {
        let mut all = self.crowd.all();
        if let Some(count) = all.get_mut(&self.name) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.name);
            }
        }
    }
}

impl Crowd {
    pub(super) fn new(most: usize) -> Self {
        Self { most, of: Arc::default() }
    }

    /// A place for one more of this name; none where as many wait as may.
    pub(super) fn join(&self, name: &str) -> Option<Bystander> {
        let mut all = self.all();
        if all.get(name).copied().unwrap_or_default() >= self.most {
            return None;
        }
        *all.entry(name.to_owned()).or_default() += 1;
        Some(Bystander { crowd: self.clone(), name: name.to_owned() })
    }

    /// What a holder of the lock left is whole: nothing in between can fail.
    fn all(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_wait_as_may_and_who_goes_makes_room() {
        let crowd = Crowd::new(2);
        let both = [crowd.join("a"), crowd.join("a")];
        assert!(both.iter().all(Option::is_some) && crowd.join("a").is_none());
        assert!(crowd.join("b").is_some(), "another's are its own");
        drop(both);
        assert!(crowd.all().is_empty() && crowd.join("a").is_some());
    }
}
