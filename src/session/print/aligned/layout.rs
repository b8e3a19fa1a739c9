//! How wide each column is.

use super::super::settings::{Expanded, Format};
use super::super::sheet::Sheet;
use super::super::width::size;
use super::border;

pub(super) struct Layout {
    /// What each column gets.
    pub widths: Vec<usize>,
    /// The whole table's width, borders included.
    pub total: usize,
    /// The same if the columns were as narrow as their headings.
    headings_total: usize,
}

#[derive(Default)]
struct Measured {
    heading: usize,
    widest: usize,
    sum: usize,
}

impl Layout {
    pub fn new(sheet: &Sheet) -> Self {
        let columns = measure(sheet);
        let frame = frame(border(sheet), columns.len());
        let mut layout = Self {
            widths: columns.iter().map(|column| column.widest).collect(),
            total: frame + columns.iter().map(|column| column.widest).sum::<usize>(),
            headings_total: frame + columns.iter().map(|column| column.heading).sum::<usize>(),
        };
        let target = target(sheet);
        if sheet.settings.format == Format::Wrapped && target > 0 && target >= layout.headings_total {
            layout.squeeze(&columns, sheet.rows().len(), target);
        }
        layout
    }

    /// Whether psql would print this table, with `\x auto`, row by row.
    pub fn turns_vertical(&self, sheet: &Sheet) -> bool {
        let target = target(sheet);
        sheet.settings.expanded == Expanded::Auto
            && target > 0
            && self.widths.len() > 1
            && (target < self.headings_total || target < self.total)
    }

    /// Narrows, column by column, the one that is widest beside its average, until the table fits.
    fn squeeze(&mut self, columns: &[Measured], rows: usize, target: usize) {
        while self.total > target {
            let mut worst = None;
            let mut worst_ratio = 0.0;
            for (index, column) in columns.iter().enumerate() {
                let average = column.sum.checked_div(rows).unwrap_or(0);
                if average == 0 || self.widths[index] <= column.heading {
                    continue;
                }
                let ratio = real(self.widths[index]) / real(average) + real(column.widest) * 0.01;
                if ratio > worst_ratio {
                    (worst, worst_ratio) = (Some(index), ratio);
                }
            }
            let Some(worst) = worst else { return };
            self.widths[worst] -= 1;
            self.total -= 1;
        }
    }
}

/// The target width; 0 where there is none.
fn target(sheet: &Sheet) -> usize {
    usize::try_from(sheet.settings.columns).unwrap_or(0)
}

fn measure(sheet: &Sheet) -> Vec<Measured> {
    let heading = |name: std::borrow::Cow<'_, [u8]>| size(&name, sheet.encoding()).width;
    let names = sheet.names().map(heading);
    let mut columns: Vec<Measured> =
        names.map(|heading| Measured { heading, widest: heading, sum: 0 }).collect();
    for row in sheet.rows() {
        for (cell, column) in sheet.cells(row).zip(&mut columns) {
            let width = size(&cell, sheet.encoding()).width;
            column.widest = column.widest.max(width);
            column.sum += width;
        }
    }
    columns
}

/// What the borders and the spaces beside them take.
fn frame(border: u16, columns: usize) -> usize {
    match border {
        0 => columns,
        1 => (columns * 3).saturating_sub(1),
        _ => columns * 3 + 1,
    }
}

fn real(width: usize) -> f64 {
    f64::from(u32::try_from(width).unwrap_or(u32::MAX))
}
