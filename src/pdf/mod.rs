//! A document as PDF: pages to print and keep, with text that can be selected and searched.
//!
//! Three steps: `layout` breaks the document into lines on pages, knowing only how wide signs are (`fonts`);
//! `paint` writes the pages, tagged so that a screen reader finds headings, lists and tables. Architecture invariant:
//! nothing else names krilla.

mod fonts;
mod layout;
mod lines;
mod paint;
mod table;
#[cfg(test)]
mod tests;

use remit_domain::document::{Block, Document, Line};

use fonts::Fonts;

/// Why a document cannot be a PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// The font has no such signs, or they are written from the right, which the layout cannot do.
    #[error("the PDF has no letters for {0}; print the HTML instead")]
    NoLetters(String),
    /// The fonts that come with the program cannot be read.
    #[error("the fonts of the PDF cannot be read")]
    Fonts,
    /// The pages were laid out, but not taken.
    #[error("the PDF cannot be written: {0}")]
    Unwritten(String),
}

/// The document as PDF, on A4. The same document always gives the same bytes.
///
/// # Errors
/// [`PdfError::NoLetters`] for signs beyond Latin, Greek and Cyrillic; the others are faults of the program.
pub fn pdf(document: &Document) -> Result<Vec<u8>, PdfError> {
    let fonts = Fonts::load()?;
    let missing = fonts.missing(&texts(document));
    if !missing.is_empty() {
        return Err(PdfError::NoLetters(missing));
    }
    paint::paint(&layout::lay_out(document, &fonts), &document.title, &fonts)
}

/// Every text of a document.
fn texts(document: &Document) -> Vec<String> {
    let lines: Vec<&Line> = document.blocks.iter().flat_map(lines_of).collect();
    lines.into_iter().map(Line::text).chain([document.title.clone()]).collect()
}

fn lines_of(block: &Block) -> Vec<&Line> {
    match block {
        Block::Heading { text, .. } | Block::Paragraph(text) | Block::Notice(text) => vec![text],
        Block::List(lines) => lines.iter().collect(),
        Block::Clause(clause) => std::iter::once(&clause.title).chain(&clause.facts).collect(),
        Block::Table(table) => std::iter::once(&table.caption).chain(table.rows.iter().flatten()).collect(),
    }
}
