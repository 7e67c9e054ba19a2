//! A document as Markdown: CommonMark with tables.
//!
//! Every sign that could mean something is escaped, so that no text can make a heading, a link, a table or raw HTML.

use super::model::{Block, Clause, Document, Level, Line, Span, Table};

/// The document as Markdown. The same document always gives the same text.
#[must_use]
pub fn markdown(document: &Document) -> String {
    let blocks: Vec<String> = document.blocks.iter().map(block).filter(|text| !text.is_empty()).collect();
    blocks.join("\n\n") + "\n"
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading { level, number, text } => {
            let marks = match level {
                Level::Title => "#",
                Level::Chapter => "##",
                Level::Part => "###",
            };
            let number = number.as_ref().map_or_else(String::new, |number| format!("{number} "));
            format!("{marks} {number}{}", flat(text))
        }
        Block::Paragraph(line) => broken(line, ""),
        Block::Notice(line) => format!("> {}", broken(line, "> ")),
        Block::List(lines) => list(lines),
        Block::Clause(clause) => self::clause(clause),
        Block::Table(table) => self::table(table),
    }
}

fn clause(clause: &Clause) -> String {
    let head = format!("#### {} {}", clause.number, flat(&clause.title));
    if clause.facts.is_empty() { head } else { format!("{head}\n\n{}", list(&clause.facts)) }
}

fn list(lines: &[Line]) -> String {
    lines.iter().map(|line| format!("- {}", broken(line, "  "))).collect::<Vec<_>>().join("\n")
}

fn table(table: &Table) -> String {
    let head = table.columns.join(" | ");
    let rule = vec!["---"; table.columns.len()].join(" | ");
    let row = |row: &Vec<Line>| format!("| {} |", row.iter().map(flat).collect::<Vec<_>>().join(" | "));
    let rows: Vec<String> = table.rows.iter().map(row).collect();
    format!("{}\n\n| {head} |\n| {rule} |\n{}", broken(&table.caption, ""), rows.join("\n"))
}

/// A line within a heading or a cell, where nothing else begins and breaks are blanks.
fn flat(line: &Line) -> String {
    spelled(line, " ", false)
}

/// A line whose breaks stay breaks, each begun with what the block begins its lines with.
fn broken(line: &Line, indent: &str) -> String {
    spelled(line, &format!("\\\n{indent}"), true)
}

/// - `stands_alone`: whether the line is a block of its own, so that its beginning can mean something.
fn spelled(line: &Line, end: &str, stands_alone: bool) -> String {
    let mut out = String::new();
    let mut begins = stands_alone;
    for span in line.spans() {
        match span {
            Span::Plain(text) => out.push_str(&escaped(text, begins)),
            Span::Strong(text) if text.is_empty() => {}
            Span::Strong(text) => out.push_str(&format!("**{}**", escaped(text, begins))),
            Span::Clause(number) => out.push_str(number),
            Span::Break => out.push_str(end),
        }
        begins = stands_alone && matches!(span, Span::Break);
    }
    out.trim_end_matches(' ').to_owned()
}

/// A text whose signs mean themselves.
///
/// - `begins`: whether it stands at the beginning of a line, where more signs have a meaning.
fn escaped(text: &str, begins: bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let signs: Vec<char> = text.chars().collect();
    let opening = if begins { marker(&signs) } else { None };
    for (place, &sign) in signs.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|before| signs.get(before)).copied();
        let after = signs.get(place + 1).copied();
        if opening == Some(place) || means_something(sign, before, after) || autolinks(&signs, place) {
            out.push('\\');
        }
        out.push(sign);
    }
    out
}

/// Whether a sign means something wherever it stands.
fn means_something(sign: char, before: Option<char>, after: Option<char>) -> bool {
    let is_letter = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
    match sign {
        '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '@' | '{' | '}' | '$' | '^' => true,
        // Between letters it is no emphasis: `Europe/New_York`.
        '_' => !(is_letter(before) && is_letter(after)),
        '&' => is_letter(after) || after == Some('#'),
        _ => false,
    }
}

/// The place of the sign by which a line would begin a list or underline a heading.
fn marker(signs: &[char]) -> Option<usize> {
    let blanks = signs.iter().take_while(|sign| **sign == ' ').count();
    let first = *signs.get(blanks)?;
    if matches!(first, '+' | '-' | '=') {
        return Some(blanks);
    }
    let digits = signs.iter().skip(blanks).take_while(|sign| sign.is_ascii_digit()).count();
    let end = blanks + digits;
    (digits > 0 && matches!(signs.get(end), Some('.' | ')'))).then_some(end)
}

/// Whether a sign is where some readers would see an address and make a link: the second of `://`, the point of `www.`.
fn autolinks(signs: &[char], place: usize) -> bool {
    let before = signs.get(..place).unwrap_or_default();
    match signs.get(place) {
        Some('/') => before.ends_with(&[':']),
        Some('.') => before.len() >= 3 && before.iter().rev().take(3).all(|sign| sign.eq_ignore_ascii_case(&'w')),
        _ => false,
    }
}
