//! Writing what is laid out: pages, tags, outline.

use std::num::NonZeroU16;

use krilla::{
    Document, SerializeSettings,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point, Rect},
    metadata::Metadata,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    surface::Surface,
    tagging::{
        Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node, SpanTag, TableHeaderScope, Tag, TagGroup,
        TagTree,
    },
    text::TextDirection,
};

use super::{
    PdfError,
    fonts::{Face, Fonts},
    layout::{Bookmark, Layout, MARGIN, PAGE, Role, Text},
    lines::row_width,
};

/// The size of the page's number.
const FOOTER: f32 = 8.0;

/// Writes pages as PDF.
pub(super) fn paint(layout: &Layout, title: &str, fonts: &Fonts) -> Result<Vec<u8>, PdfError> {
    let unwritten = |error: &dyn std::fmt::Debug| PdfError::Unwritten(format!("{error:?}"));
    let accessible = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = accessible.map_err(|error| unwritten(&error))?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let mut marks: Vec<Vec<Identifier>> = vec![Vec::new(); layout.elements.len()];
    for page in 0..=layout.page {
        let size = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or_else(|| PdfError::Unwritten("no page".into()))?;
        let mut sheet = document.start_page_with(size);
        let mut surface = sheet.surface();
        rules(&mut surface, layout, page);
        for text in layout.texts.iter().filter(|text| text.page == page) {
            draw(&mut surface, text, &mut marks, fonts);
        }
        footer(&mut surface, title, page, layout.page, fonts);
        surface.finish();
        sheet.finish();
    }
    let language = "en".to_owned();
    document.set_metadata(Metadata::new().title(title.to_owned()).language(language.clone()).creator("Remit".into()));
    document.set_outline(outline(&layout.bookmarks));
    document.set_tag_tree(tags(layout, marks, language));
    document.finish().map_err(|error| unwritten(&error))
}

/// What only decorates: lines, repeated heads, the foot of a page.
fn decorate<'a>() -> ContentTag<'a> {
    ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other))
}

fn rules(surface: &mut Surface<'_>, layout: &Layout, page: usize) {
    surface.start_tagged(decorate());
    for rule in layout.rules.iter().filter(|rule| rule.page == page) {
        let mut path = PathBuilder::new();
        if let Some(rect) = Rect::from_xywh(rule.at.0, rule.at.1, rule.size.0, rule.size.1) {
            path.push_rect(rect);
        }
        if let Some(path) = path.finish() {
            surface.draw_path(&path);
        }
    }
    surface.end_tagged();
}

fn draw(surface: &mut Surface<'_>, text: &Text, marks: &mut [Vec<Identifier>], fonts: &Fonts) {
    if text.row.is_empty() {
        return;
    }
    let tag = if text.element.is_some() { ContentTag::Span(SpanTag::empty()) } else { decorate() };
    let mark = surface.start_tagged(tag);
    let mut left = text.at.0;
    for run in &text.row {
        let start = Point::from_xy(left, text.at.1);
        let font = fonts.font(run.face);
        surface.draw_text(start, font, text.size, &run.text, false, TextDirection::LeftToRight);
        left += row_width(std::slice::from_ref(run), text.size, fonts);
    }
    surface.end_tagged();
    if let Some(marks) = text.element.and_then(|element| marks.get_mut(element)) {
        marks.push(mark);
    }
}

fn footer(surface: &mut Surface<'_>, title: &str, page: usize, last: usize, fonts: &Fonts) {
    let number = format!("Page {} of {}", page + 1, last + 1);
    let right = PAGE.0 - MARGIN - fonts.width(&number, Face::Regular, FOOTER);
    let room = right - MARGIN - 12.0;
    let mut name = title.to_owned();
    while fonts.width(&name, Face::Regular, FOOTER) > room {
        name.pop();
    }
    surface.start_tagged(decorate());
    for (left, text) in [(MARGIN, name), (right, number)] {
        let start = Point::from_xy(left, PAGE.1 - 32.0);
        surface.draw_text(start, fonts.font(Face::Regular), FOOTER, &text, false, TextDirection::LeftToRight);
    }
    surface.end_tagged();
}

/// Chapters, and the parts and clauses below them.
fn outline(bookmarks: &[Bookmark]) -> Outline {
    let mut outline = Outline::new();
    let node = |mark: &Bookmark| {
        OutlineNode::new(mark.text.clone(), XyzDestination::new(mark.page, Point::from_xy(MARGIN, mark.y)))
    };
    let mut chapter: Option<OutlineNode> = None;
    for mark in bookmarks {
        match (&mut chapter, mark.level) {
            (Some(open), 3..) => open.push_child(node(mark)),
            (open, _) => {
                if let Some(done) = open.replace(node(mark)) {
                    outline.push_child(done);
                }
            }
        }
    }
    if let Some(last) = chapter {
        outline.push_child(last);
    }
    outline
}

/// The tree of elements, children in the order of reading.
fn tags(layout: &Layout, marks: Vec<Vec<Identifier>>, language: String) -> TagTree {
    let mut groups: Vec<Option<TagGroup>> = Vec::with_capacity(layout.elements.len());
    for (element, marks) in layout.elements.iter().zip(marks) {
        let mut group = group(&element.role);
        marks.into_iter().for_each(|mark| group.push(mark));
        groups.push(Some(group));
    }
    let mut children: Vec<Vec<Node>> = vec![Vec::new(); groups.len()];
    let mut top = Vec::new();
    // Children stand behind their parents, so from the end each group is whole when its turn comes.
    for (place, element) in layout.elements.iter().enumerate().rev() {
        let Some(mut group) = groups.get_mut(place).and_then(Option::take) else { continue };
        let own = children.get_mut(place).map(std::mem::take).unwrap_or_default();
        own.into_iter().rev().for_each(|child| group.push(child));
        match element.parent.and_then(|parent| children.get_mut(parent)) {
            Some(siblings) => siblings.push(Node::Group(group)),
            None => top.push(group),
        }
    }
    let mut tree = TagTree::new().with_lang(Some(language));
    top.into_iter().rev().for_each(|group| tree.push(group));
    tree
}

fn group(role: &Role) -> TagGroup {
    match role {
        Role::Heading { level, text } => {
            TagGroup::new(Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(text.clone())))
        }
        Role::Paragraph => TagGroup::new(Tag::P),
        Role::List => TagGroup::new(Tag::L(ListNumbering::Disc)),
        Role::Item => TagGroup::new(Tag::LI),
        Role::Label => TagGroup::new(Tag::Lbl),
        Role::ItemText => TagGroup::new(Tag::LBody),
        Role::Table => TagGroup::new(Tag::Table),
        Role::Caption => TagGroup::new(Tag::Caption),
        Role::TableHead => TagGroup::new(Tag::THead),
        Role::TableBody => TagGroup::new(Tag::TBody),
        Role::TableRow => TagGroup::new(Tag::TR),
        Role::ColumnHead => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
        Role::RowHead => TagGroup::new(Tag::TH(TableHeaderScope::Row)),
        Role::Cell => TagGroup::new(Tag::TD),
    }
}
