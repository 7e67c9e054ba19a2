//! What a document is made of: headings, paragraphs, lists, clauses and tables of lines of text.
//!
//! Nothing here is marked up. Each renderer escapes every text by the rules of its format, whoever wrote it.

/// A document from its title to its last clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is called, in one line.
    pub title: String,
    /// What it says, in order.
    pub blocks: Vec<Block>,
}

/// One part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading {
        /// How deep it stands.
        level: Level,
        /// The number in front of it.
        number: Option<String>,
        /// What it says.
        text: Line,
    },
    /// A paragraph.
    Paragraph(Line),
    /// A paragraph that nobody may miss.
    Notice(Line),
    /// A list without an order.
    List(Vec<Line>),
    /// A clause that stands on its own.
    Clause(Clause),
    /// A table.
    Table(Table),
}

/// How deep a heading stands; clauses stand below all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The title of the whole.
    Title,
    /// One of the seven sections, or what stands before them.
    Chapter,
    /// A part of a section.
    Part,
}

/// A numbered clause: what it is called, and a line for each fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The number, as in the API.
    pub number: String,
    /// What it is called.
    pub title: Line,
    /// What it says.
    pub facts: Vec<Line>,
}

/// A table whose first column names its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: Line,
    /// The heads of the columns.
    pub columns: Vec<&'static str>,
    /// The rows, each as long as there are columns.
    pub rows: Vec<Vec<Line>>,
}

/// A piece of text of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Plain text.
    Plain(String),
    /// Text that stands out.
    Strong(String),
    /// The number of a clause of this document.
    Clause(String),
    /// The end of a line within a line.
    Break,
}

/// One line of text, which a writer may have broken into several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(Vec<Span>);

impl Line {
    /// The pieces, in order.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// The line with text behind it.
    #[must_use]
    pub fn say(mut self, text: impl AsRef<str>) -> Self {
        for (place, part) in clean(text.as_ref()).into_iter().enumerate() {
            if place > 0 {
                self.0.push(Span::Break);
            }
            self.0.push(Span::Plain(part));
        }
        self
    }

    /// The line with text behind it that stands out.
    #[must_use]
    pub fn strong(mut self, text: impl AsRef<str>) -> Self {
        self.0.push(Span::Strong(clean(text.as_ref()).join(" ").trim().to_owned()));
        self
    }

    /// The line with the number of a clause behind it.
    #[must_use]
    pub fn clause(mut self, number: impl Into<String>) -> Self {
        self.0.push(Span::Clause(number.into()));
        self
    }

    /// The line with another behind it.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The text alone; a break is a blank.
    #[must_use]
    pub fn text(&self) -> String {
        let text = |span: &Span| match span {
            Span::Plain(text) | Span::Strong(text) | Span::Clause(text) => text.clone(),
            Span::Break => " ".to_owned(),
        };
        self.0.iter().map(text).collect()
    }
}

impl<T: AsRef<str>> From<T> for Line {
    fn from(text: T) -> Self {
        Self::default().say(text)
    }
}

/// A fact with what it is about in front: `**label:** text`.
pub(super) fn fact(label: &str, text: impl Into<Line>) -> Line {
    Line::default().strong(format!("{label}:")).say(" ").and(text.into())
}

/// The lines of a text, of which none is empty unless all are.
///
/// Runs of blanks are one blank, and blanks before and behind a break are gone. Signs that would hide other signs or turn
/// their order (control characters, overrides of the direction of writing) are replaced by U+FFFD, so that a reader sees
/// that something stands there.
fn clean(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for sign in text.chars() {
        match sign {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => lines.push(String::new()),
            sign => add(&mut lines, if sign == '\t' { ' ' } else { sign }),
        }
    }
    let count = lines.len();
    let mut kept = Vec::with_capacity(count);
    for (place, line) in lines.into_iter().enumerate() {
        let line = if place > 0 { line.trim_start_matches(' ').to_owned() } else { line };
        let line = if place + 1 < count { line.trim_end_matches(' ').to_owned() } else { line };
        if !line.is_empty() {
            kept.push(line);
        }
    }
    if kept.is_empty() { vec![String::new()] } else { kept }
}

/// Puts a sign behind the last line.
fn add(lines: &mut [String], sign: char) {
    let Some(line) = lines.last_mut() else { return };
    match sign {
        ' ' if line.ends_with(' ') => {}
        sign if sign.is_control() || hides(sign) => line.push('\u{fffd}'),
        sign => line.push(sign),
    }
}

/// Whether a sign hides others or turns their order.
fn hides(sign: char) -> bool {
    matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fff9}'..='\u{fffb}' | '\u{feff}')
}
