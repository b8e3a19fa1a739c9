//! The formats `aligned` and `wrapped` with `\x`: a row as a list of its columns.

mod shape;

use std::io::{self, Write as _};

use super::line_style::Rule;
use super::sheet::{Sheet, write_lines};
use super::width::{DisplayLine, display_lines, fit};
use super::{Sink, pad, repeat};
use shape::Shape;

pub(super) fn write(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    let part = sheet.part;
    if sheet.rows().is_empty() && part.first && part.last {
        write_lines(&sheet.footers(), out)?;
        return out.write_all(b"\n");
    }
    let shape = Shape::new(sheet);
    if let Some(title) = sheet.title().filter(|_| part.first) {
        out.write_all(title)?;
        out.write_all(b"\n")?;
    }
    for row in sheet.rows() {
        shape.write_record_line(sheet, row, out)?;
        for (column, cell) in sheet.cells(row).enumerate() {
            let title = sheet.name(column);
            let titles = display_lines(&title, sheet.encoding());
            let values = display_lines(&cell, sheet.encoding());
            Field { shape: &shape, sheet, titles, values }.write(out)?;
        }
    }
    if part.last { write_end(sheet, &shape, out) } else { Ok(()) }
}

fn write_end(sheet: &Sheet, shape: &Shape, out: &mut Sink) -> io::Result<()> {
    if shape.border == 2 {
        shape.write_rule(&shape.pen.bottom, b"", shape.title_width, out)?;
    }
    if !sheet.own_footers().is_empty() {
        pad_line(shape.border < 2, out)?;
        write_lines(sheet.own_footers(), out)?;
    }
    out.write_all(b"\n")
}

fn pad_line(wanted: bool, out: &mut Sink) -> io::Result<()> {
    out.write_all(if wanted { b"\n" } else { b"" })
}

impl Shape {
    /// What stands over a row: its number, or a line alone.
    fn write_record_line(&self, sheet: &Sheet, row: usize, out: &mut Sink) -> io::Result<()> {
        let rule = if row == 0 { &self.pen.top } else { &self.pen.below_header };
        let marks = self.title_marks_left && self.border < 2;
        let title_width = self.title_width + usize::from(marks);
        if !sheet.settings.tuples_only {
            let number = sheet.record(row);
            let label =
                if self.border == 0 { format!("* Record {number}") } else { format!("[ RECORD {number} ]") };
            return self.write_rule(rule, label.as_bytes(), title_width, out);
        }
        if row == 0 && sheet.part.first && self.border != 2 {
            return Ok(());
        }
        self.write_rule(rule, b"", title_width, out)
    }

    /// A horizontal line that begins with `label`; the label may cover the place of the line's crossing.
    fn write_rule(&self, rule: &Rule, label: &[u8], title_width: usize, out: &mut Sink) -> io::Result<()> {
        let line: &[u8] = if self.border == 0 { b" " } else { rule.horizontal.as_bytes() };
        match self.border {
            0 => {}
            1 => out.write_all(line)?,
            _ => {
                out.write_all(rule.left.as_bytes())?;
                out.write_all(line)?;
            }
        }
        out.write_all(label)?;
        let taken = label.len() + usize::from(self.border != 2);
        repeat(line, title_width.saturating_sub(taken), out)?;
        let crossing = [line, rule.middle.as_bytes(), line];
        let crossing = if self.border == 0 { &crossing[..1] } else { &crossing };
        let covered = taken.saturating_sub(title_width);
        crossing.iter().skip(covered).try_for_each(|piece| out.write_all(piece))?;
        repeat(line, self.value_width.saturating_sub(covered.saturating_sub(crossing.len())), out)?;
        if self.border == 2 {
            out.write_all(line)?;
            out.write_all(rule.right.as_bytes())?;
        }
        out.write_all(b"\n")
    }
}

/// A column's name and its value.
struct Field<'f> {
    shape: &'f Shape,
    sheet: &'f Sheet<'f>,
    titles: Vec<DisplayLine<'f>>,
    values: Vec<DisplayLine<'f>>,
}

/// How much of a value has been printed.
#[derive(Default)]
struct Cursor {
    line: usize,
    offset: usize,
}

impl Field<'_> {
    fn write(&self, out: &mut Sink) -> io::Result<()> {
        let shape = self.shape;
        let mut cursor = Cursor::default();
        let mut number = 0;
        while number < self.titles.len() || cursor.line < self.values.len() {
            if shape.border == 2 {
                out.write_all(shape.pen.data.left.as_bytes())?;
            }
            self.write_title(number, out)?;
            self.write_divider(&cursor, out)?;
            if cursor.line < self.values.len() {
                self.write_value(&mut cursor, out)?;
            } else {
                self.write_no_value(out)?;
            }
            number += 1;
        }
        Ok(())
    }

    fn write_title(&self, number: usize, out: &mut Sink) -> io::Result<()> {
        let shape = self.shape;
        let Some(title) = self.titles.get(number) else {
            let marks = shape.border < 2
                && (shape.title_marks_left || (shape.border == 0 && shape.title_marks_right));
            let width = shape.title_width + usize::from(shape.border) + usize::from(marks);
            return pad(width.max(1), out);
        };
        if shape.border == 2 || shape.title_marks_left {
            out.write_all(if number > 0 { shape.pen.header_newline_left.as_bytes() } else { b" " })?;
        }
        out.write_all(&title.bytes)?;
        pad(shape.title_width.saturating_sub(title.width), out)?;
        if shape.border > 0 || shape.title_marks_right {
            let more = number + 1 < self.titles.len();
            out.write_all(if more { shape.pen.header_newline_right.as_bytes() } else { b" " })?;
        }
        Ok(())
    }

    fn write_divider(&self, cursor: &Cursor, out: &mut Sink) -> io::Result<()> {
        let pen = &self.shape.pen;
        let divider = match cursor {
            _ if self.shape.border == 0 => "",
            Cursor { offset: 1.., .. } => pen.middle_wrap,
            Cursor { line: 0, .. } => pen.data.middle,
            Cursor { .. } => pen.middle_newline,
        };
        out.write_all(divider.as_bytes())
    }

    fn write_value(&self, cursor: &mut Cursor, out: &mut Sink) -> io::Result<()> {
        let (shape, line) = (self.shape, &self.values[cursor.line]);
        out.write_all(if cursor.offset == 0 { b" " } else { shape.pen.wrap_left.as_bytes() })?;
        let (length, taken) = fit(&line.bytes[cursor.offset..], shape.value_width, self.sheet.encoding());
        out.write_all(&line.bytes[cursor.offset..cursor.offset + length])?;
        cursor.offset += length;
        let is_wrapped = cursor.offset < line.bytes.len();
        if !is_wrapped {
            *cursor = Cursor { line: cursor.line + 1, offset: 0 };
        }
        let is_over = cursor.line == self.values.len();
        let mark = if is_wrapped {
            shape.pen.wrap_right
        } else if is_over {
            " "
        } else {
            shape.pen.newline_right
        };
        if shape.border > 1 || (shape.value_marks && !is_over) {
            pad(shape.value_width.saturating_sub(taken), out)?;
            out.write_all(mark.as_bytes())?;
        }
        if shape.border == 2 {
            out.write_all(shape.pen.data.right.as_bytes())?;
        }
        out.write_all(b"\n")
    }

    /// Beside the further lines of a name that has more of them than the value.
    fn write_no_value(&self, out: &mut Sink) -> io::Result<()> {
        if self.shape.border == 2 {
            pad(self.shape.value_width + 2, out)?;
            out.write_all(self.shape.pen.data.right.as_bytes())?;
        }
        out.write_all(b"\n")
    }
}
