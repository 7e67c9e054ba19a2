//! Where everything stands: lines on pages, with the elements of the document that they belong to.

use remit_domain::document::{Block, Clause, Document, Level, Line};

use super::{
    fonts::{Face, Fonts},
    lines::{Row, Style, broken},
    table,
};

/// A4, in points.
pub(super) const PAGE: (f32, f32) = (595.28, 841.89);
/// What stays empty at each side.
pub(super) const MARGIN: f32 = 56.0;
/// The width of text.
pub(super) const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
/// What stays empty at the foot; the page's number stands in it.
const FOOT: f32 = 64.0;
/// How far a list's text stands behind its mark.
const INDENT: f32 = 12.0;
const BODY: Style = Style { size: 9.5, plain: Face::Regular };

/// Rows are so much higher than letters.
pub(super) const LEADING: f32 = 1.38;

/// What an element is to a reader that cannot see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Heading { level: u16, text: String },
    Paragraph,
    List,
    Item,
    Label,
    ItemText,
    Table,
    Caption,
    TableHead,
    TableBody,
    TableRow,
    ColumnHead,
    RowHead,
    Cell,
}

/// An element, in the order of reading; a parent stands before its children.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) role: Role,
    pub(super) parent: Option<usize>,
}

/// Text at a place of a page, from its baseline's left end.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) page: usize,
    pub(super) at: (f32, f32),
    pub(super) size: f32,
    pub(super) row: Row,
    /// The place of the element in the list; none: it only decorates.
    pub(super) element: Option<usize>,
}

/// A line that is drawn, from its left upper corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) page: usize,
    pub(super) at: (f32, f32),
    pub(super) size: (f32, f32),
}

/// A place that the outline leads to.
#[derive(Clone, Debug)]
pub(super) struct Bookmark {
    pub(super) level: u16,
    pub(super) text: String,
    pub(super) page: usize,
    pub(super) y: f32,
}

/// Pages, as far as they are laid out.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) texts: Vec<Text>,
    pub(super) rules: Vec<Rule>,
    pub(super) elements: Vec<Element>,
    pub(super) bookmarks: Vec<Bookmark>,
    /// The last page, from 0.
    pub(super) page: usize,
    /// Where the next line may begin on it.
    pub(super) y: f32,
}

/// Lays a document out on pages.
pub(super) fn lay_out(document: &Document, fonts: &Fonts) -> Layout {
    let mut layout = Layout { y: MARGIN, ..Layout::default() };
    let mut blocks = document.blocks.as_slice();
    while let [block, below @ ..] = blocks {
        layout.block(block, below, fonts);
        blocks = below;
    }
    layout
}

/// How much of what stands below a heading is kept on its page: the first lines, a row of a table, a clause that is not
/// too long, and under further headings the same of what is below those.
fn kept(below: &[Block], fonts: &Fonts) -> f32 {
    let lines = |line: &Line| broken(line, BODY, WIDTH - INDENT, fonts).len().min(3) as f32 * BODY.size * LEADING;
    match below {
        [] => 0.0,
        [Block::Heading { level, .. }, below @ ..] => {
            let (_, size, above) = headings(*level);
            above + size * LEADING + 4.0 + kept(below, fonts)
        }
        [Block::Paragraph(line), below @ ..] if matches!(below.first(), Some(Block::Table(_))) => {
            lines(line) + 5.0 + kept(below, fonts)
        }
        [Block::Paragraph(line) | Block::Notice(line), ..] => lines(line),
        [Block::List(items), ..] => items.first().map_or(0.0, lines),
        [Block::Clause(clause), ..] => clause_height(clause, fonts).min(PAGE.1 / 2.0),
        [Block::Table(_), ..] => 90.0,
    }
}

/// A heading's depth in the outline, its size, and the room above it.
const fn headings(level: Level) -> (u16, f32, f32) {
    match level {
        Level::Title => (1, 18.0, 0.0),
        Level::Chapter => (2, 13.5, 20.0),
        Level::Part => (3, 11.0, 12.0),
    }
}

/// How much room a clause takes, about.
fn clause_height(clause: &Clause, fonts: &Fonts) -> f32 {
    let rows = |line: &Line| broken(line, BODY, WIDTH - INDENT, fonts).len();
    28.0 + clause.facts.iter().map(rows).sum::<usize>() as f32 * BODY.size * LEADING
}

impl Layout {
    fn block(&mut self, block: &Block, below: &[Block], fonts: &Fonts) {
        match block {
            Block::Heading { level, number, text } => {
                let text = numbered(number.as_deref(), text);
                self.heading(*level, &text, kept(below, fonts), fonts);
            }
            Block::Paragraph(line) => self.paragraph(line, fonts),
            Block::Notice(line) => self.notice(line, fonts),
            Block::List(lines) => self.list(lines, fonts),
            Block::Clause(clause) => self.clause(clause, fonts),
            Block::Table(table) => table::lay_out(self, table, fonts),
        }
    }

    /// Adds an element; its place.
    pub(super) fn element(&mut self, role: Role, parent: Option<usize>) -> usize {
        self.elements.push(Element { role, parent });
        self.elements.len() - 1
    }

    /// Begins a page unless so much height is left on this one.
    pub(super) fn need(&mut self, height: f32) {
        if self.y + height > PAGE.1 - FOOT && self.y > MARGIN {
            (self.page, self.y) = (self.page + 1, MARGIN);
        }
    }

    /// Puts rows under each other, on as many pages as they take.
    pub(super) fn rows(&mut self, rows: Vec<Row>, left: f32, size: f32, element: Option<usize>) {
        for row in rows {
            self.need(size * LEADING);
            let at = (left, self.y + size);
            self.texts.push(Text { page: self.page, at, size, row, element });
            self.y += size * LEADING;
        }
    }

    /// - `kept`: what must stand below it on its page.
    fn heading(&mut self, level: Level, text: &Line, kept: f32, fonts: &Fonts) {
        let (depth, size, above) = headings(level);
        self.need(above + size * LEADING + 4.0 + kept);
        self.headline(depth, size, above, text, fonts);
        if level == Level::Chapter {
            self.rules.push(Rule { page: self.page, at: (MARGIN, self.y), size: (WIDTH, 0.8) });
        }
        self.y += 4.0;
    }

    fn headline(&mut self, level: u16, size: f32, above: f32, line: &Line, fonts: &Fonts) {
        self.y += if self.y > MARGIN { above } else { 0.0 };
        let text = line.text();
        self.bookmarks.push(Bookmark { level, text: text.clone(), page: self.page, y: self.y });
        let element = self.element(Role::Heading { level, text }, None);
        let style = Style { size, plain: Face::Bold };
        self.rows(broken(line, style, WIDTH, fonts), MARGIN, size, Some(element));
    }

    fn paragraph(&mut self, line: &Line, fonts: &Fonts) {
        let element = self.element(Role::Paragraph, None);
        self.rows(broken(line, BODY, WIDTH, fonts), MARGIN, BODY.size, Some(element));
        self.y += 5.0;
    }

    fn notice(&mut self, line: &Line, fonts: &Fonts) {
        let rows = broken(line, BODY, WIDTH - 2.0 * INDENT, fonts);
        let height = rows.len() as f32 * BODY.size * LEADING + 12.0;
        self.need(height);
        let (page, top) = (self.page, self.y);
        for (at, size) in [
            ((MARGIN, top), (WIDTH, 1.2)),
            ((MARGIN, top + height), (WIDTH, 1.2)),
            ((MARGIN, top), (1.2, height)),
            ((MARGIN + WIDTH - 1.2, top), (1.2, height + 1.2)),
        ] {
            self.rules.push(Rule { page, at, size });
        }
        self.y += 6.0;
        let element = self.element(Role::Paragraph, None);
        self.rows(rows, MARGIN + INDENT, BODY.size, Some(element));
        self.y = self.y.max(top + height) + 8.0;
    }

    fn list(&mut self, lines: &[Line], fonts: &Fonts) {
        let list = self.element(Role::List, None);
        for line in lines {
            let rows = broken(line, BODY, WIDTH - INDENT, fonts);
            self.need(BODY.size * LEADING * rows.len().min(3) as f32);
            let item = self.element(Role::Item, Some(list));
            let mark = self.element(Role::Label, Some(item));
            let text = self.element(Role::ItemText, Some(item));
            let top = self.y;
            self.rows(vec![bullet()], MARGIN, BODY.size, Some(mark));
            self.y = top;
            self.rows(rows, MARGIN + INDENT, BODY.size, Some(text));
        }
        self.y += 5.0;
    }

    fn clause(&mut self, clause: &Clause, fonts: &Fonts) {
        // Its headline is not left alone, and a short one is not cut.
        let height = clause_height(clause, fonts);
        self.need(if height < PAGE.1 / 2.0 { height } else { 80.0 });
        self.headline(4, 10.0, 8.0, &numbered(Some(&clause.number), &clause.title), fonts);
        self.y += 1.0;
        if !clause.facts.is_empty() {
            self.list(&clause.facts, fonts);
        }
    }
}

fn numbered(number: Option<&str>, text: &Line) -> Line {
    let number = number.map_or_else(String::new, |number| format!("{number} "));
    Line::default().say(number).and(text.clone())
}

fn bullet() -> Row {
    vec![super::lines::Run { face: Face::Regular, text: "•".into() }]
}
