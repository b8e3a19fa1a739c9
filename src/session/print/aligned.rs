//! The formats `aligned` and `wrapped`: columns under their headings.

mod layout;
mod row;

use std::io::{self, Write as _};

use super::line_style::{Pen, Rule};
use super::sheet::{Sheet, write_lines};
use super::width::{DisplayLine, display_lines, size};
use super::{Sink, pad, repeat, vertical};
use layout::Layout;
use row::RowWriter;

pub(super) fn write(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    let layout = Layout::new(sheet);
    if layout.turns_vertical(sheet) {
        return vertical::write(sheet, out);
    }
    let page = Page { sheet, pen: Pen::new(sheet.settings), border: border(sheet), widths: &layout.widths };
    if sheet.part.first {
        page.write_title(layout.total, out)?;
        if !sheet.settings.tuples_only {
            page.write_header(out)?;
        }
    }
    let mut writer = RowWriter::new(&page);
    for row in sheet.rows() {
        writer.write(row, out)?;
    }
    if sheet.part.last {
        page.write_end(out)?;
    }
    Ok(())
}

/// The border as the aligned formats know it.
pub(super) fn border(sheet: &Sheet) -> u16 {
    sheet.settings.border.min(2)
}

struct Page<'p> {
    sheet: &'p Sheet<'p>,
    pen: Pen,
    border: u16,
    widths: &'p [usize],
}

impl Page<'_> {
    fn is_last(&self, column: usize) -> bool {
        column + 1 == self.widths.len()
    }

    fn write_title(&self, total: usize, out: &mut Sink) -> io::Result<()> {
        let Some(title) = self.sheet.title() else { return Ok(()) };
        pad(total.saturating_sub(size(title, self.sheet.encoding()).width) / 2, out)?;
        out.write_all(title)?;
        out.write_all(b"\n")
    }

    fn write_header(&self, out: &mut Sink) -> io::Result<()> {
        if self.border == 2 {
            self.write_rule(&self.pen.top, out)?;
        }
        let names: Vec<_> = self.sheet.names().collect();
        let lines: Vec<_> = names.iter().map(|name| display_lines(name, self.sheet.encoding())).collect();
        let height = lines.iter().map(Vec::len).max().unwrap_or(0);
        for number in 0..height {
            self.write_header_line(&lines, number, out)?;
        }
        self.write_rule(&self.pen.below_header, out)
    }

    fn write_header_line(
        &self,
        headings: &[Vec<DisplayLine>],
        number: usize,
        out: &mut Sink,
    ) -> io::Result<()> {
        let pen = &self.pen;
        if self.border == 2 {
            out.write_all(pen.data.left.as_bytes())?;
        }
        for (column, lines) in headings.iter().enumerate() {
            if self.border != 0 || (!pen.marks_right && column > 0) {
                let mark = if number > 0 { pen.header_newline_left } else { " " };
                out.write_all(mark.as_bytes())?;
            }
            write_centered(lines.get(number), self.widths[column], out)?;
            if self.border != 0 || pen.marks_right {
                let mark = if number + 1 < lines.len() { pen.header_newline_right } else { " " };
                out.write_all(mark.as_bytes())?;
            }
            if self.border != 0 && !self.is_last(column) {
                out.write_all(pen.data.middle.as_bytes())?;
            }
        }
        if self.border == 2 {
            out.write_all(pen.data.right.as_bytes())?;
        }
        out.write_all(b"\n")
    }

    fn write_rule(&self, rule: &Rule, out: &mut Sink) -> io::Result<()> {
        let line = rule.horizontal.as_bytes();
        if self.border == 2 {
            out.write_all(rule.left.as_bytes())?;
        }
        repeat(line, usize::from(self.border != 0), out)?;
        for (column, &width) in self.widths.iter().enumerate() {
            repeat(line, width, out)?;
            match (self.is_last(column), self.border) {
                (true, _) => {}
                (false, 0) => out.write_all(b" ")?,
                (false, _) => {
                    out.write_all(line)?;
                    out.write_all(rule.middle.as_bytes())?;
                    out.write_all(line)?;
                }
            }
        }
        repeat(line, usize::from(self.border != 0), out)?;
        if self.border == 2 {
            out.write_all(rule.right.as_bytes())?;
        }
        out.write_all(b"\n")
    }

    fn write_end(&self, out: &mut Sink) -> io::Result<()> {
        if self.border == 2 {
            self.write_rule(&self.pen.bottom, out)?;
        }
        write_lines(&self.sheet.footers(), out)?;
        out.write_all(b"\n")
    }
}

fn write_centered(line: Option<&DisplayLine>, width: usize, out: &mut Sink) -> io::Result<()> {
    let Some(line) = line else { return pad(width, out) };
    let space = width - line.width;
    pad(space / 2, out)?;
    out.write_all(&line.bytes)?;
    pad(space - space / 2, out)
}
