//! The targets of the fuzzer, each on its seeds and on some thousand changes of them. The long search is in `.ci/long`.

#[path = "../fuzz/targets.rs"]
#[allow(unreachable_pub, reason = "the fuzzer's own crate shows them")]
mod targets;

use std::{fs, path::Path};

use proptest::{
    prelude::Rng,
    test_runner::{RngAlgorithm, TestRng},
};

/// Tries a target on its seeds, and on changes of them.
fn search(name: &str, target: fn(&[u8]), changes: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(seeds.len() > 3, "{name} has next to no seeds");
    seeds.iter().for_each(|seed| target(seed));
    let mut chance = Chance(TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    for _ in 0..changes {
        let mut bytes = seeds[chance.below(seeds.len())].clone();
        for _ in 0..=chance.below(4) {
            chance.change(&mut bytes, &seeds);
        }
        target(&bytes);
    }
}

struct Chance(TestRng);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0.next_u32() as usize % most.max(1)
    }

    /// Replaces, inserts, takes out, repeats, or puts in a piece of another seed.
    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let place = self.below(bytes.len() + 1);
        let end = (place + self.below(8)).min(bytes.len());
        let byte = self.below(256) as u8;
        match self.below(5) {
            0 => bytes.insert(place, byte),
            1 => drop(bytes.drain(place..end)),
            2 => bytes.extend_from_within(place..end),
            3 => drop(bytes.splice(place..end, [byte])),
            _ => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                drop(bytes.splice(place..end, other[from..].iter().copied()));
            }
        }
    }
}

#[test]
fn documents_and_requests_are_taken_or_refused() {
    search("guard", targets::guard, 2_000);
}

#[test]
fn cursors_of_nothing_are_bad_input() {
    search("cursors", targets::cursors, 300);
}

#[test]
fn ids_of_nothing_name_nothing() {
    search("ids", targets::ids, 300);
}

#[test]
fn durations_are_written_as_they_are_read() {
    search("durations", targets::durations, 20_000);
}

#[test]
fn only_the_signed_token_holds() {
    search("tokens", targets::tokens, 3_000);
}
