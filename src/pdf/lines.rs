//! Lines of text broken to a width.

use remit_domain::document::{Line, Span};

use super::fonts::{Face, Fonts};

/// A stretch of text in one face.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) face: Face,
    pub(super) text: String,
}

/// Text that fits a width.
pub(super) type Row = Vec<Run>;

/// In which size and face plain text of a line is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) size: f32,
    pub(super) plain: Face,
}

/// A piece of a line that is not broken, and what is in front of it.
struct Word {
    runs: Row,
    begins: Begin,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    Blank,
    Break,
}

/// A line in rows that fit a width; a word that is wider is cut.
pub(super) fn broken(line: &Line, style: Style, width: f32, fonts: &Fonts) -> Vec<Row> {
    let measure = |runs: &[Run]| row_width(runs, style.size, fonts);
    let mut rows: Vec<Row> = vec![Vec::new()];
    for word in words(line, style.plain) {
        for (place, piece) in cut(word.runs, style.size, width, fonts).into_iter().enumerate() {
            let row = rows.last().cloned().unwrap_or_default();
            let joined = if row.is_empty() { piece.clone() } else { with_blank(row.clone(), piece.clone()) };
            let stays = place == 0 && (word.begins == Begin::Blank || row.is_empty()) && measure(&joined) <= width;
            match rows.last_mut() {
                Some(last) if stays || row.is_empty() => *last = joined,
                _ => rows.push(piece),
            }
        }
    }
    rows
}

/// How wide some runs are.
pub(super) fn row_width(runs: &[Run], size: f32, fonts: &Fonts) -> f32 {
    runs.iter().map(|run| fonts.width(&run.text, run.face, size)).sum()
}

/// The width of a line's widest word, and of the whole on one row.
pub(super) fn widths(line: &Line, style: Style, fonts: &Fonts) -> (f32, f32) {
    let blank = fonts.width(" ", style.plain, style.size);
    let words: Vec<f32> =
        words(line, style.plain).iter().map(|word| row_width(&word.runs, style.size, fonts)).collect();
    let all = words.iter().sum::<f32>() + blank * words.len().saturating_sub(1) as f32;
    (words.iter().copied().fold(0.0, f32::max), all)
}

/// The words of a line, each in its faces.
fn words(line: &Line, plain: Face) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut next = Some(Begin::Blank);
    for span in line.spans() {
        let (text, face) = match span {
            Span::Plain(text) => (text.as_str(), plain),
            Span::Strong(text) => (text.as_str(), Face::Bold),
            Span::Clause(number) => (number.as_str(), plain),
            Span::Break => {
                next = Some(Begin::Break);
                continue;
            }
        };
        for sign in text.chars() {
            match (sign, next, words.last_mut()) {
                (' ', ..) => next = next.or(Some(Begin::Blank)),
                (sign, None, Some(word)) => add(&mut word.runs, face, &sign.to_string()),
                (sign, begins, _) => {
                    let runs = vec![Run { face, text: sign.into() }];
                    words.push(Word { runs, begins: begins.unwrap_or(Begin::Blank) });
                    next = None;
                }
            }
        }
    }
    words
}

/// Puts text behind a row, in the run before if that has the same face.
fn add(row: &mut Row, face: Face, text: &str) {
    match row.last_mut() {
        Some(run) if run.face == face => run.text.push_str(text),
        _ => row.push(Run { face, text: text.to_owned() }),
    }
}

/// A row with a blank and a word behind it.
fn with_blank(mut row: Row, word: Row) -> Row {
    if let Some(last) = row.last_mut() {
        last.text.push(' ');
    }
    word.into_iter().for_each(|run| add(&mut row, run.face, &run.text));
    row
}

/// A word in pieces that fit a width, each of at least one sign.
fn cut(word: Row, size: f32, width: f32, fonts: &Fonts) -> Vec<Row> {
    if row_width(&word, size, fonts) <= width {
        return vec![word];
    }
    let mut pieces: Vec<(Row, f32)> = vec![(Vec::new(), 0.0)];
    for run in word {
        for sign in run.text.chars() {
            let sign = sign.to_string();
            let wide = fonts.width(&sign, run.face, size);
            match pieces.last_mut() {
                Some((piece, used)) if piece.is_empty() || *used + wide <= width => {
                    add(piece, run.face, &sign);
                    *used += wide;
                }
                _ => pieces.push((vec![Run { face: run.face, text: sign }], wide)),
            }
        }
    }
    pieces.into_iter().map(|(piece, _)| piece).collect()
}
