//! The word that was meant.

/// The word nearest to one that is not there, if one is near: at most a third of its letters differ.
pub(super) fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = words.map(|other| (distance(word, other), other));
    let most = word.chars().count().div_ceil(3);
    near.filter(|(steps, _)| *steps <= most).min().map(|(_, other)| other)
}

/// How many letters have to be added, taken away or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], place + 1);
        for (column, wanted) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *wanted);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_found_and_a_far_one_is_not() {
        let words = ["subject", "scopes", "provider", "client"];
        for (word, near) in [
            ("subjet", Some("subject")),
            ("Client", Some("client")),
            ("providers", Some("provider")),
            ("cleint", Some("client")),
            ("agreement", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, words.into_iter()), near, "{word}");
        }
    }

    #[test]
    fn the_distance_is_that_of_levenshtein() {
        for (one, other, steps) in
            [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("flaw", "lawn", 2)]
        {
            assert_eq!((distance(one, other), distance(other, one)), (steps, steps));
        }
    }
}
