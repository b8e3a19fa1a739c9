//! The widths of the two columns, names and values, of an expanded table.

use super::super::aligned::border;
use super::super::line_style::Pen;
use super::super::settings::Format;
use super::super::sheet::Sheet;
use super::super::width::{Size, size};

pub(super) struct Shape {
    pub pen: Pen,
    pub border: u16,
    pub title_width: usize,
    pub value_width: usize,
    /// Some name has several lines, and their marks stand to the left of it, or to the right.
    pub title_marks_left: bool,
    pub title_marks_right: bool,
    /// Some value has several lines or is wrapped, and marks say so at its right.
    pub value_marks: bool,
}

impl Shape {
    pub fn new(sheet: &Sheet) -> Self {
        let encoding = sheet.encoding();
        let titles = largest(sheet.names().map(|name| size(&name, encoding)));
        let cells = sheet.rows().flat_map(|row| sheet.cells(row));
        let values = largest(cells.map(|cell| size(&cell, encoding)));
        let pen = Pen::new(sheet.settings);
        let mut shape = Self {
            border: border(sheet),
            title_width: titles.width,
            value_width: values.width,
            title_marks_left: titles.height > 1 && pen.is_old,
            title_marks_right: titles.height > 1 && !pen.is_old,
            value_marks: values.height > 1 && !pen.is_old,
            pen,
        };
        shape.fit(sheet, values.height > 1);
        shape
    }

    /// Widens the values to the lines over the rows; in the wrapped format, narrows them to the target width.
    fn fit(&mut self, sheet: &Sheet, has_lines: bool) {
        let spaces = self.spaces();
        let widest = self.value_width;
        let mut given = self.given(sheet, spaces);
        // Where there is something to wrap, the marks need a column too.
        if given < widest && !has_lines && !self.pen.is_old && self.border < 2 {
            self.value_marks = true;
            given = self.given(sheet, spaces + 1);
        }
        self.value_width = given;
    }

    /// The columns beside names and values: borders, spaces, marks.
    fn spaces(&self) -> usize {
        let marks = match self.border {
            0 => self.title_marks_left || self.title_marks_right,
            1 => self.title_marks_left,
            _ => false,
        };
        let frame = match self.border {
            0 => 1,
            1 => 3,
            _ => 7,
        };
        frame + usize::from(marks) + usize::from(self.value_marks && self.border < 2)
    }

    fn given(&self, sheet: &Sheet, spaces: usize) -> usize {
        let beside = self.title_width + spaces;
        let record_line = self.record_line(sheet);
        let natural = (beside + self.value_width).max(record_line);
        let target = usize::try_from(sheet.settings.columns).unwrap_or(0);
        if sheet.settings.format != Format::Wrapped || target == 0 || target >= natural {
            return natural - beside;
        }
        // At least three columns of a value are shown.
        target.max(beside + 3).max(record_line) - beside
    }

    /// The width of the line with the row's number.
    fn record_line(&self, sheet: &Sheet) -> usize {
        if sheet.settings.tuples_only {
            return 0;
        }
        let words = match self.border {
            0 => 9,
            1 => 12,
            _ => 15,
        };
        words + sheet.table.rows().to_string().trim_start_matches('0').len()
    }
}

fn largest(sizes: impl Iterator<Item = Size>) -> Size {
    sizes.fold(Size { width: 0, height: 1 }, |largest, size| Size {
        width: largest.width.max(size.width),
        height: largest.height.max(size.height),
    })
}
