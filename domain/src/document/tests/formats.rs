//! Both formats: no text breaks their structure, and each holds every text of the document.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

use super::{
    super::{Block, Document, Line, Span, html, markdown},
    fixture::{Terms, everything},
};

/// What a Markdown text is made of, and the text alone.
fn read_markdown(text: &str) -> (Vec<String>, String) {
    let (mut shape, mut said) = (Vec::new(), String::new());
    for event in
        Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES)
    {
        match event {
            Event::Text(text) => said.push_str(&text),
            Event::HardBreak => said.push(' '),
            Event::Start(Tag::Heading { level, .. }) => shape.push(format!("{level:?}")),
            Event::End(TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell) => said.push('\n'),
            Event::Start(tag) => shape.push(format!("{tag:?}")),
            Event::End(_) => {}
            other => shape.push(format!("{other:?}")),
        }
    }
    (shape, said)
}

/// The elements of a page with their attributes' names, and its text alone; fails unless it is well-formed XML.
fn read_html(text: &str) -> (Vec<String>, String) {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let page = roxmltree::Document::parse_with_options(text, options).unwrap();
    let elements = page.descendants().filter(roxmltree::Node::is_element);
    let shape = elements.map(|e| {
        let attributes: Vec<String> = e.attributes().map(|a| format!("{}={}", a.name(), a.value())).collect();
        format!("{} {}", e.tag_name().name(), attributes.join(" "))
    });
    let said = page.descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text());
    (shape.filter(|element| element != "br ").collect(), said.collect())
}

/// Terms in which every text that a person writes is the same.
fn written_by(text: &str, title: &str) -> Terms {
    let mut sections = everything();
    let replace = |list: &mut Value, fields: &[&str], text: &str| {
        for item in list.as_array_mut().unwrap() {
            for field in fields {
                item[*field] = json!(text);
            }
        }
    };
    replace(&mut sections["services"], &["note"], text);
    replace(&mut sections["exclusions"], &["reason"], text);
    replace(&mut sections["exclusions"], &["title"], title);
    replace(&mut sections["responsibilities"], &["duties", "exclusions"], text);
    replace(&mut sections["obligations"], &["standard"], text);
    replace(&mut sections["obligations"], &["title"], title);
    replace(&mut sections["performance"], &["metric", "unit"], title);
    replace(&mut sections["availability"], &["subject"], title);
    replace(&mut sections["backups"], &["subject"], title);
    replace(&mut sections["extra_hours"]["roles"], &["role"], title);
    Terms::of(sections)
}

/// Blanks and line breaks gone: what is left of a text in any format.
fn bare(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_whitespace()).collect()
}

fn all_text(document: &Document) -> Vec<String> {
    let lines: Vec<&Line> = document.blocks.iter().flat_map(lines_of).collect();
    lines
        .iter()
        .flat_map(|line| line.spans())
        .filter_map(|span| match span {
            Span::Plain(text) | Span::Strong(text) | Span::Clause(text) => Some(bare(text)),
            Span::Break => None,
        })
        .collect()
}

fn lines_of(block: &Block) -> Vec<&Line> {
    match block {
        Block::Heading { text, .. } | Block::Paragraph(text) | Block::Notice(text) => vec![text],
        Block::List(lines) => lines.iter().collect(),
        Block::Clause(clause) => [&clause.title].into_iter().chain(&clause.facts).collect(),
        Block::Table(table) => [&table.caption].into_iter().chain(table.rows.iter().flatten()).collect(),
    }
}

/// Texts that mean something in one of the formats.
const HOSTILE: [&str; 24] = [
    "<script>alert(1)</script>",
    "</section></main><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "&lt;b&gt; &amp; &#60; &copy",
    "# A heading",
    "- a list\n- of two\n\n1. and\n2. more",
    "1) one\n+ plus\n* star\n=====\n-----",
    "| a | b |\n| --- | --- |\n| c | d |",
    "[a link](https://example.com) ![x](y) [ref]: z",
    "https://example.com/a_b www.example.com someone@example.com",
    "```\ncode\n```\n~~~\nmore",
    "    indented code\n\tand a tab",
    "**strong** _emphasis_ __both__ ~~gone~~ `code`",
    "a_b_c snake_case_ _x",
    "line\\\nline\\",
    "> quoted\n>> twice",
    "a  \nb   \n\n\nc",
    "ends in a hash #",
    "{#id .class} $math$ ^1^ [^1]",
    "<!-- hidden --> <![CDATA[x]]> <?php ?>",
    "\u{202e}0001 RUE\u{2066}",
    "\r\n\r\n- x\u{2028}# y",
    "a\\|b|c",
    "*",
];

fn holds(text: &str) {
    let title: String = text.chars().filter(|sign| !sign.is_control()).collect();
    let title = if title.trim().is_empty() { "T" } else { title.as_str() };
    let (plain, document) = (written_by("x", "x").document(), written_by(text, title).document());
    let empty = bare(text).is_empty();
    let (shape, said) = read_markdown(&markdown(&document));
    assert!(empty || shape == read_markdown(&markdown(&plain)).0, "Markdown of {text:?}:\n{}", markdown(&document));
    let said = bare(&said);
    let (elements, shown) = read_html(&html(&document));
    assert!(empty || elements == read_html(&html(&plain)).0, "HTML of {text:?}");
    let shown = bare(&shown);
    for text in all_text(&document) {
        assert!(said.contains(&text), "{text:?} is not in the Markdown");
        assert!(shown.contains(&text), "{text:?} is not in the HTML");
    }
}

#[test]
fn texts_that_mean_something_mean_nothing() {
    HOSTILE.iter().for_each(|text| holds(text));
    HOSTILE.iter().for_each(|text| holds(&format!("x\n{text}")));
    HOSTILE.iter().for_each(|text| holds(&format!("{text} {text}")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_breaks_a_document(text in "[-a1 \\n<>&\"'*_`#+=.)(|~\\[\\]!\\\\:/@{}$^w]{0,24}") {
        holds(&text);
    }

    #[test]
    fn no_sign_breaks_a_document(text in any::<String>()) {
        holds(&text);
    }
}

#[test]
fn the_page_is_complete_and_takes_nothing_from_elsewhere() {
    let page = html(&Terms::new().document());
    for part in [
        "<!DOCTYPE html>\n<html lang=\"en\">",
        "@page {",
        "table-header-group",
        "<th scope=\"col\">",
        "<th scope=\"row\">",
        "<caption>",
        "default-src 'none'",
        "<a href=\"#clause-4-1\">4.1</a>",
        "id=\"clause-2-2-1\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    for part in ["<script", "http://", "https://", "url(", "@import", " src="] {
        assert!(!page.contains(part), "{part}");
    }
    let (elements, _) = read_html(&page);
    let ids: Vec<&str> = elements.iter().filter_map(|element| element.split("id=").nth(1)).collect();
    let distinct: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());
}

#[test]
fn the_same_terms_give_the_same_bytes() {
    let write = || Terms::new().document();
    assert_eq!((markdown(&write()), html(&write())), (markdown(&write()), html(&write())));
}
