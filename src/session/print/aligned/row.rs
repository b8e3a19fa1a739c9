//! A row of an aligned table, on as many lines as its values need.

use std::io::{self, Write as _};

use super::super::width::{DisplayLine, display_lines, fit};
use super::super::{Sink, pad};
use super::Page;

pub(super) struct RowWriter<'p> {
    page: &'p Page<'p>,
}

/// How a line of a value follows the one before.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Follows {
    #[default]
    Nothing,
    Newline,
    Wrap,
}

/// How far a value has been printed.
struct Progress<'v> {
    lines: Vec<DisplayLine<'v>>,
    line: usize,
    /// Bytes of that line that are printed.
    offset: usize,
    follows: Follows,
}

impl<'v> Progress<'v> {
    fn new(lines: Vec<DisplayLine<'v>>) -> Self {
        Self { lines, line: 0, offset: 0, follows: Follows::Nothing }
    }

    fn is_over(&self) -> bool {
        self.line == self.lines.len()
    }

    /// Goes past `length` more bytes of the line.
    fn advance(&mut self, length: usize) {
        self.offset += length;
        self.follows = Follows::Wrap;
        if self.offset == self.lines[self.line].bytes.len() {
            self.line += 1;
            self.offset = 0;
            self.follows = if self.is_over() { Follows::Nothing } else { Follows::Newline };
        }
    }
}

impl<'p> RowWriter<'p> {
    pub fn new(page: &'p Page<'p>) -> Self {
        Self { page }
    }

    pub fn write(&mut self, row: usize, out: &mut Sink) -> io::Result<()> {
        let sheet = self.page.sheet;
        let cells: Vec<_> = sheet.cells(row).collect();
        let lines = |cell| display_lines(cell, sheet.encoding());
        let mut values: Vec<_> = cells.iter().map(|cell| Progress::new(lines(cell))).collect();
        loop {
            self.write_line(&mut values, out)?;
            if values.iter().all(Progress::is_over) {
                return Ok(());
            }
        }
    }

    fn write_line(&self, values: &mut [Progress], out: &mut Sink) -> io::Result<()> {
        let (pen, border) = (&self.page.pen, self.page.border);
        if border == 2 {
            out.write_all(pen.data.left.as_bytes())?;
        }
        for column in 0..values.len() {
            self.write_left_mark(values[column].follows, out)?;
            self.write_part(column, &mut values[column], out)?;
            self.write_right_mark(column, values[column].follows, out)?;
            if border != 0 && !self.page.is_last(column) {
                out.write_all(self.divider(&values[column + 1]).as_bytes())?;
            }
        }
        if border == 2 {
            out.write_all(pen.data.right.as_bytes())?;
        }
        out.write_all(b"\n")
    }

    fn write_left_mark(&self, follows: Follows, out: &mut Sink) -> io::Result<()> {
        let mark = match follows {
            _ if self.page.border == 0 => "",
            Follows::Nothing => " ",
            Follows::Newline => self.page.pen.newline_left,
            Follows::Wrap => self.page.pen.wrap_left,
        };
        out.write_all(mark.as_bytes())
    }

    /// Whether nothing but spaces may follow the column's values, so that psql leaves them out.
    fn ends_line(&self, column: usize) -> bool {
        self.page.border != 2 && self.page.is_last(column)
    }

    fn write_part(&self, column: usize, value: &mut Progress, out: &mut Sink) -> io::Result<()> {
        let width = self.page.widths[column];
        if value.is_over() {
            return pad(if self.ends_line(column) { 0 } else { width }, out);
        }
        let line = &value.lines[value.line];
        let (length, taken) = if value.offset == 0 && line.width <= width {
            (line.bytes.len(), line.width)
        } else {
            fit(&line.bytes[value.offset..], width, self.page.sheet.encoding())
        };
        let part = &line.bytes[value.offset..value.offset + length];
        // A character wider than its column sticks out.
        let space = width.saturating_sub(taken);
        let right = self.page.sheet.headings()[column].right;
        pad(if right { space } else { 0 }, out)?;
        out.write_all(part)?;
        value.advance(length);
        let is_padded = !right && (!self.ends_line(column) || value.follows != Follows::Nothing);
        pad(if is_padded { space } else { 0 }, out)
    }

    fn write_right_mark(&self, column: usize, follows: Follows, out: &mut Sink) -> io::Result<()> {
        let mark = match follows {
            Follows::Wrap => self.page.pen.wrap_right,
            Follows::Newline => self.page.pen.newline_right,
            Follows::Nothing if self.ends_line(column) => "",
            Follows::Nothing => " ",
        };
        out.write_all(mark.as_bytes())
    }

    /// What stands before the next column's value.
    fn divider(&self, next: &Progress) -> &'static str {
        let pen = &self.page.pen;
        match next.follows {
            Follows::Wrap => pen.middle_wrap,
            Follows::Newline => pen.middle_newline,
            Follows::Nothing if next.is_over() => pen.middle_blank,
            Follows::Nothing => pen.data.middle,
        }
    }
}
