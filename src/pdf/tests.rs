use remit_domain::document::{Block, Clause, Document, Level, Line, Table};

use super::{
    PdfError,
    fonts::{Face, Fonts},
    layout::{Layout, MARGIN, PAGE, Role, WIDTH, lay_out},
    lines::{Row, Style, broken, row_width},
    pdf,
};

const STYLE: Style = Style { size: 10.0, plain: Face::Regular };

fn document(blocks: Vec<Block>) -> Document {
    Document { title: "A title".into(), blocks }
}

fn paragraph(text: &str) -> Document {
    document(vec![Block::Paragraph(text.into())])
}

fn text(row: &Row) -> String {
    row.iter().map(|run| run.text.as_str()).collect()
}

fn laid_out(document: &Document) -> Layout {
    lay_out(document, &Fonts::load().unwrap())
}

#[test]
fn lines_are_broken_at_blanks_and_words_only_where_they_must() {
    let fonts = Fonts::load().unwrap();
    for (line, width, rows) in [
        (Line::from("one two three"), 50.0, vec!["one two", "three"]),
        (Line::from("one two three"), 500.0, vec!["one two three"]),
        (Line::from("one\ntwo"), 500.0, vec!["one", "two"]),
        (Line::default().strong("Name:").say(" value"), 500.0, vec!["Name: value"]),
        (Line::from("mmmmmmmmmm i"), 47.0, vec!["mmmmm", "mmmmm i"]),
        (Line::from(""), 45.0, vec![""]),
        (Line::from("x"), 0.0, vec!["x"]),
    ] {
        let found = broken(&line, STYLE, width, &fonts);
        assert_eq!(found.iter().map(text).collect::<Vec<_>>(), rows);
        assert!(width == 0.0 || found.iter().all(|row| row_width(row, STYLE.size, &fonts) <= width));
    }
}

#[test]
fn nothing_stands_outside_the_page() {
    let long = "word ".repeat(400) + &"unbroken".repeat(80);
    let row = |text: &str| vec![Line::from("1.1"), text.into(), "short".into()];
    let rows: Vec<Vec<Line>> = (0..60)
        .map(|place| row(if place % 7 == 0 { "a longer text in a cell ".repeat(9).leak() } else { "x" }))
        .collect();
    let table = Table { caption: "A table".into(), columns: vec!["One", "Two", "Three"], rows };
    let clause = Clause { number: "1.1.1".into(), title: long.as_str().into(), facts: vec![long.as_str().into(); 3] };
    let layout =
        laid_out(&document(vec![Block::Notice(long.as_str().into()), Block::Clause(clause), Block::Table(table)]));
    let fonts = Fonts::load().unwrap();
    assert!(layout.page > 3);
    for text in &layout.texts {
        let right = text.at.0 + row_width(&text.row, text.size, &fonts);
        assert!(text.at.0 >= MARGIN && right <= MARGIN + WIDTH + 0.5, "{text:?}");
        assert!(text.at.1 > MARGIN && text.at.1 < PAGE.1 - MARGIN, "{text:?}");
    }
}

#[test]
fn a_table_has_its_heads_on_every_page_and_reads_them_once() {
    let rows = vec![vec![Line::from("a"), Line::from("b")]; 120];
    let layout =
        laid_out(&document(vec![Block::Table(Table { caption: "T".into(), columns: vec!["First", "Second"], rows })]));
    let heads: Vec<_> = layout.texts.iter().filter(|found| text(&found.row) == "First").collect();
    assert_eq!(heads.iter().map(|head| head.page).collect::<Vec<_>>(), (0..=layout.page).collect::<Vec<_>>());
    assert_eq!(heads.iter().filter(|head| head.element.is_some()).count(), 1);
    let read = layout.elements.iter().filter(|element| element.role == Role::RowHead).count();
    assert_eq!(read, 120);
}

#[test]
fn a_heading_is_not_left_alone_at_the_foot() {
    for lines in 30..70 {
        let mut blocks = vec![Block::Paragraph("x".into()); lines];
        blocks.push(Block::Heading { level: Level::Part, number: None, text: "Heading".into() });
        blocks.push(Block::Paragraph("below".into()));
        let layout = laid_out(&document(blocks));
        let page = |wanted: &str| layout.texts.iter().find(|found| text(&found.row) == wanted).unwrap().page;
        assert_eq!(page("Heading"), page("below"), "{lines}");
    }
}

#[test]
fn headings_stay_with_the_clause_below_them() {
    for lines in 20..70 {
        let mut blocks = vec![Block::Paragraph("x".into()); lines];
        let heading = |level, text: &str| Block::Heading { level, number: None, text: text.into() };
        blocks.extend([heading(Level::Chapter, "Chapter"), heading(Level::Part, "Part")]);
        let facts = vec![Line::from("a fact"), "another".into(), "the last".into()];
        blocks.push(Block::Clause(Clause { number: "1.1.1".into(), title: "Clause".into(), facts }));
        let layout = laid_out(&document(blocks));
        let page = |wanted: &str| layout.texts.iter().find(|found| text(&found.row) == wanted).unwrap().page;
        assert_eq!((page("Chapter"), page("Part")), (page("the last"), page("the last")), "{lines}");
    }
}

#[test]
fn latin_greek_and_cyrillic_are_set_and_the_rest_is_refused_by_name() {
    let file = pdf(&paragraph("Őrült Łódź Žižkov — “€ 1,00” Ελλάδα Україна × –")).unwrap();
    assert!(file.starts_with(b"%PDF-1.7"));
    for (missing, name) in [("サ", "サ (U+30B5)"), ("שלום", "ו (U+05D5)"), ("😀", "😀 (U+1F600)")] {
        let refused = pdf(&paragraph(missing)).unwrap_err();
        assert!(matches!(&refused, PdfError::NoLetters(names) if names.contains(name)), "{refused}");
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let document = paragraph("The same.");
    assert_eq!(pdf(&document).unwrap(), pdf(&document).unwrap());
}
