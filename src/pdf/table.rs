//! Tables: columns by what they hold, heads again on every page.

use remit_domain::document::{Line, Table};

use super::{
    fonts::{Face, Fonts},
    layout::{LEADING, Layout, MARGIN, Role, Rule, Text, WIDTH},
    lines::{Row, Style, broken, widths},
};

const CELL: Style = Style { size: 8.5, plain: Face::Regular };
const HEAD: Style = Style { size: 8.5, plain: Face::Bold };
/// What stays empty beside the text of a cell, and above and below it.
const PADDING: f32 = 4.0;
const PADDING_ABOVE: f32 = 2.5;

/// Rows of cells, each broken to its column.
struct Cells {
    rows: Vec<Row>,
    left: f32,
}

/// Lays a table out below what is there.
pub(super) fn lay_out(layout: &mut Layout, table: &Table, fonts: &Fonts) {
    let columns = columns(table, fonts);
    let heads: Vec<Line> = table.columns.iter().map(Line::from).collect();
    let head = cells(&heads, HEAD, &columns, fonts);
    let first = table.rows.first().map_or(0.0, |row| height(&cells(row, CELL, &columns, fonts)));
    layout.need(30.0 + height(&head) + first);
    layout.y += 4.0;
    let of = layout.element(Role::Table, None);
    let caption = layout.element(Role::Caption, Some(of));
    let style = Style { size: 9.5, plain: Face::Bold };
    layout.rows(broken(&table.caption, style, WIDTH, fonts), MARGIN, style.size, Some(caption));
    layout.y += 2.0;
    let group = layout.element(Role::TableHead, Some(of));
    let head_row = layout.element(Role::TableRow, Some(group));
    let elements: Vec<usize> = heads.iter().map(|_| layout.element(Role::ColumnHead, Some(head_row))).collect();
    put(layout, &head, &elements, &columns);
    let body = layout.element(Role::TableBody, Some(of));
    for line in &table.rows {
        let row = cells(line, CELL, &columns, fonts);
        let page = layout.page;
        layout.need(height(&row));
        if layout.page != page {
            // Once more for the eye; who listens has heard it.
            put(layout, &head, &[], &columns);
        }
        let parent = layout.element(Role::TableRow, Some(body));
        let role = |place: usize| if place == 0 { Role::RowHead } else { Role::Cell };
        let elements: Vec<usize> = (0..line.len()).map(|place| layout.element(role(place), Some(parent))).collect();
        put(layout, &row, &elements, &columns);
    }
    layout.y += 8.0;
}

/// The width of each column: what it holds on one line where there is room, else by need.
fn columns(table: &Table, fonts: &Fonts) -> Vec<f32> {
    let wanted = |place: usize| {
        let head = widths(&Line::from(table.columns.get(place).copied().unwrap_or_default()), HEAD, fonts);
        let cells = table.rows.iter().filter_map(|row| row.get(place)).map(|line| widths(line, CELL, fonts));
        cells.fold(head, |(least, all), (word, line)| (least.max(word), all.max(line)))
    };
    let wanted: Vec<(f32, f32)> = (0..table.columns.len()).map(wanted).collect();
    let padding = 2.0 * PADDING;
    let room = WIDTH - padding * wanted.len() as f32;
    let (least, all) = wanted.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let width = |(word, line): &(f32, f32)| {
        if all <= room {
            *line
        } else if least <= room {
            word + (room - least) * (line - word) / (all - least).max(1.0)
        } else {
            room * word / least.max(1.0)
        }
    };
    // A hair more than measured, so that what was measured fits.
    wanted.iter().map(|one| width(one) + padding + 0.01).collect()
}

fn cells(lines: &[Line], style: Style, columns: &[f32], fonts: &Fonts) -> Vec<Cells> {
    let mut left = MARGIN;
    let cell = |(line, width): (&Line, &f32)| {
        let cells = Cells { rows: broken(line, style, width - 2.0 * PADDING, fonts), left: left + PADDING };
        left += width;
        cells
    };
    lines.iter().zip(columns).map(cell).collect()
}

fn height(cells: &[Cells]) -> f32 {
    let rows = cells.iter().map(|cell| cell.rows.len()).max().unwrap_or_default();
    rows as f32 * CELL.size * LEADING + 2.0 * PADDING_ABOVE
}

/// Puts a row of cells with the line under it; cells without an element only decorate.
fn put(layout: &mut Layout, cells: &[Cells], elements: &[usize], columns: &[f32]) {
    let (page, top) = (layout.page, layout.y);
    for (place, cell) in cells.iter().enumerate() {
        let mut baseline = top + PADDING_ABOVE + CELL.size;
        for row in &cell.rows {
            let (at, element) = ((cell.left, baseline), elements.get(place).copied());
            layout.texts.push(Text { page, at, size: CELL.size, row: row.clone(), element });
            baseline += CELL.size * LEADING;
        }
    }
    layout.y = top + height(cells);
    let width = columns.iter().sum();
    layout.rules.push(Rule { page, at: (MARGIN, top), size: (width, 0.5) });
    layout.rules.push(Rule { page, at: (MARGIN, layout.y), size: (width, 0.5) });
}
