//! Lines and columns of a text.

use async_graphql::Pos;

/// How many bytes lie between two of the places whose characters are counted beforehand.
const STRIDE: usize = 256;

/// Finds line and column of a byte, however long the lines: in time that does not grow with the text.
pub(super) struct Places<'a> {
    text: &'a [u8],
    /// The first byte of each line.
    lines: Vec<usize>,
    /// The characters before every 256th byte.
    characters: Vec<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let text = text.as_bytes();
        let ends = text.iter().enumerate().filter(|(place, byte)| ends_line(text, *place, **byte));
        let lines = std::iter::once(0).chain(ends.map(|(place, _)| place + 1)).collect();
        let mut before = 0;
        let characters = text.chunks(STRIDE).map(|chunk| {
            let here = before;
            before += count(chunk);
            here
        });
        Self { text, lines, characters: characters.collect() }
    }

    /// Line and column of a byte, both from 1, columns in characters; the end for what lies behind it.
    pub(super) fn at(&self, byte: usize) -> Pos {
        let byte = byte.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        Pos { line, column: self.characters_before(byte) - self.characters_before(start) + 1 }
    }

    fn characters_before(&self, byte: usize) -> usize {
        let counted = byte / STRIDE;
        // Behind a last chunk that is full nothing is counted beforehand.
        let counted = if counted < self.characters.len() { counted } else { self.characters.len().saturating_sub(1) };
        let known = self.characters.get(counted).copied().unwrap_or_default();
        known + count(self.text.get(counted * STRIDE..byte).unwrap_or_default())
    }
}

/// A line ends behind `\n`, or behind a `\r` that no `\n` follows.
fn ends_line(text: &[u8], place: usize, byte: u8) -> bool {
    byte == b'\n' || (byte == b'\r' && text.get(place + 1) != Some(&b'\n'))
}

/// The characters that begin in these bytes of UTF-8.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Counts from the beginning.
    fn obvious(text: &str, byte: usize) -> Pos {
        let mut pos = Pos { line: 1, column: 1 };
        let mut letters = text.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            if at >= byte {
                break;
            }
            let breaks = letter == '\n' || (letter == '\r' && letters.peek().is_none_or(|(_, next)| *next != '\n'));
            pos = if breaks { Pos { line: pos.line + 1, column: 1 } } else { Pos { column: pos.column + 1, ..pos } };
        }
        pos
    }

    proptest! {
        #[test]
        fn every_place_is_found(pieces in proptest::collection::vec("[a-zé😀]{0,40}(\n|\r|\r\n)?", 0..30)) {
            let text = pieces.concat();
            let places = Places::new(&text);
            for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
                prop_assert_eq!(places.at(byte), obvious(&text, byte), "{} of {:?}", byte, text);
            }
            prop_assert_eq!(places.at(text.len() + 9), places.at(text.len()));
        }
    }

    #[test]
    fn a_full_last_chunk_has_an_end() {
        for length in [0, 1, 255, 256, 257, 512] {
            assert_eq!(Places::new(&"é".repeat(length)).at(2 * length), Pos { line: 1, column: length + 1 });
        }
    }
}
