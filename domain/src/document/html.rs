//! A document as one page of HTML: complete, printable, without scripts and without anything from elsewhere.
//!
//! Every text is escaped, and the page forbids scripts and loading by a policy of its own. It is well-formed XML too.

use std::collections::BTreeSet;

use super::model::{Block, Clause, Document, Level, Line, Span, Table};

/// What the page may do: show its own style, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// How it looks on a screen and on paper.
const STYLE: &str = "
@page { size: A4; margin: 22mm 18mm 20mm; @bottom-right { content: \"Page \" counter(page) \" of \" counter(pages); font: 8pt sans-serif; } }
body { font: 11pt/1.5 \"Liberation Sans\", Arial, Helvetica, sans-serif; color: #1a1a1a; background: #fff; max-width: 46em; margin: 2em auto; padding: 0 1em; overflow-wrap: anywhere; }
h1 { font-size: 1.7em; line-height: 1.2; }
h2 { font-size: 1.3em; margin-top: 2em; padding-bottom: .2em; border-bottom: 2px solid #1a1a1a; }
h3 { font-size: 1.1em; margin-top: 1.6em; }
h4 { font-size: 1em; margin: 1.1em 0 .2em; }
h1, h2, h3, h4 { break-after: avoid; }
section.clause, li { break-inside: avoid; }
ul { margin: .3em 0 .8em; padding-left: 1.4em; }
p { orphans: 3; widows: 3; }
p.notice { border: 2px solid #8a1f11; padding: .6em .9em; }
table { border-collapse: collapse; width: 100%; margin: 1em 0; font-size: .92em; }
caption { text-align: left; font-weight: bold; padding-bottom: .3em; }
th, td { border: 1px solid #767676; padding: .3em .5em; text-align: left; vertical-align: top; }
thead { display: table-header-group; }
thead th { background: #eee; }
tbody th { font-weight: normal; }
tr { break-inside: avoid; }
a { color: inherit; }
@media print { body { max-width: none; margin: 0; padding: 0; font-size: 10pt; } a { text-decoration: none; } }
";

/// The document as a page of HTML. The same document always gives the same text.
#[must_use]
pub fn html(document: &Document) -> String {
    let mut page = Page { clauses: clauses(document), given: BTreeSet::new() };
    let blocks: Vec<String> = document.blocks.iter().map(|block| page.block(block)).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{}\n</main>\n</body>\n</html>\n",
        escaped(&Line::from(&document.title).text()),
        blocks.join("\n")
    )
}

/// The numbers of all clauses, to which a line can lead.
fn clauses(document: &Document) -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    for block in &document.blocks {
        match block {
            Block::Heading { number: Some(number), .. } => _ = numbers.insert(number.clone()),
            Block::Clause(clause) => _ = numbers.insert(clause.number.clone()),
            Block::Table(table) => numbers.extend(table.rows.iter().filter_map(|row| row_number(row))),
            _ => {}
        }
    }
    numbers
}

/// The number of the clause that a row is.
fn row_number(row: &[Line]) -> Option<String> {
    match row.first()?.spans() {
        [Span::Clause(number)] => Some(number.clone()),
        _ => None,
    }
}

/// A page that is being written.
struct Page {
    /// The clauses that a line can lead to.
    clauses: BTreeSet<String>,
    /// Those whose place has been marked: an id stands once in a page.
    given: BTreeSet<String>,
}

impl Page {
    fn block(&mut self, block: &Block) -> String {
        match block {
            Block::Heading { level, number, text } => self.heading(*level, number.as_deref(), text),
            Block::Paragraph(line) => format!("<p>{}</p>", self.line(line)),
            Block::Notice(line) => format!("<p class=\"notice\" role=\"note\">{}</p>", self.line(line)),
            Block::List(lines) => self.list(lines),
            Block::Clause(clause) => self.clause(clause),
            Block::Table(table) => self.table(table),
        }
    }

    fn heading(&mut self, level: Level, number: Option<&str>, text: &Line) -> String {
        let tag = match level {
            Level::Title => "h1",
            Level::Chapter => "h2",
            Level::Part => "h3",
        };
        let id = number.map_or_else(String::new, |number| self.id(number));
        let number = number.map_or_else(String::new, |number| format!("{number} "));
        format!("<{tag}{id}>{number}{}</{tag}>", self.line(text))
    }

    fn clause(&mut self, clause: &Clause) -> String {
        let id = self.id(&clause.number);
        let facts = if clause.facts.is_empty() { String::new() } else { format!("\n{}", self.list(&clause.facts)) };
        let (number, title) = (&clause.number, self.line(&clause.title));
        format!("<section class=\"clause\"{id}>\n<h4>{number} {title}</h4>{facts}\n</section>")
    }

    fn list(&self, lines: &[Line]) -> String {
        let items: Vec<String> = lines.iter().map(|line| format!("<li>{}</li>", self.line(line))).collect();
        format!("<ul>\n{}\n</ul>", items.join("\n"))
    }

    fn table(&mut self, table: &Table) -> String {
        let head: Vec<String> =
            table.columns.iter().map(|name| format!("<th scope=\"col\">{}</th>", escaped(name))).collect();
        let rows: Vec<String> = table.rows.iter().map(|row| self.row(row)).collect();
        format!(
            "<table>\n<caption>{}</caption>\n<thead>\n<tr>{}</tr>\n</thead>\n<tbody>\n{}\n</tbody>\n</table>",
            self.line(&table.caption),
            head.concat(),
            rows.join("\n")
        )
    }

    fn row(&mut self, row: &[Line]) -> String {
        let number = row_number(row);
        let id = number.as_deref().map_or_else(String::new, |number| self.id(number));
        let cell = |(place, line): (usize, &Line)| match (place, &number) {
            (0, Some(number)) => format!("<th scope=\"row\">{number}</th>"),
            (0, None) => format!("<th scope=\"row\">{}</th>", self.line(line)),
            _ => format!("<td>{}</td>", self.line(line)),
        };
        let cells: String = row.iter().enumerate().map(cell).collect();
        format!("<tr{id}>{cells}</tr>")
    }

    /// The attribute by which a clause's place is found, the first time it is asked for.
    fn id(&mut self, number: &str) -> String {
        if self.given.insert(number.to_owned()) { format!(" id=\"{}\"", anchor(number)) } else { String::new() }
    }

    fn line(&self, line: &Line) -> String {
        let span = |span: &Span| match span {
            Span::Plain(text) => escaped(text),
            Span::Strong(text) => format!("<strong>{}</strong>", escaped(text)),
            Span::Clause(number) if self.clauses.contains(number) => {
                format!("<a href=\"#{}\">{}</a>", anchor(number), escaped(number))
            }
            Span::Clause(number) => escaped(number),
            Span::Break => "<br/>".to_owned(),
        };
        line.spans().iter().map(span).collect()
    }
}

fn anchor(number: &str) -> String {
    format!("clause-{}", escaped(number).replace('.', "-"))
}

/// A text whose signs mean themselves.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // What XML has no place for.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            sign => out.push(sign),
        }
    }
    out
}
