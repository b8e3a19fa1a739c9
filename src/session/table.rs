//! psql's aligned format: a result as a table with a border of one line.

use std::io::{self, Write};

use super::width::{DisplayLine, display_lines};
use super::wire::{Column, Row};

/// A result that is being collected; the widths are known only at its end.
pub(super) struct Table {
    columns: Vec<TableColumn>,
    /// One value after the other, row by row.
    cells: Vec<Vec<DisplayLine>>,
    rows: usize,
    utf8: bool,
}

struct TableColumn {
    title: Vec<DisplayLine>,
    width: usize,
    right: bool,
}

/// The types that psql aligns to the right, by their oids.
fn is_right_aligned(type_oid: u32) -> bool {
    const INT8: u32 = 20;
    const INT2: u32 = 21;
    const INT4: u32 = 23;
    const OID: u32 = 26;
    const XID: u32 = 28;
    const CID: u32 = 29;
    const FLOAT4: u32 = 700;
    const FLOAT8: u32 = 701;
    const MONEY: u32 = 790;
    const NUMERIC: u32 = 1700;
    const XID8: u32 = 5069;
    matches!(type_oid, INT8 | INT2 | INT4 | OID | XID | CID | FLOAT4 | FLOAT8 | MONEY | NUMERIC | XID8)
}

impl Table {
    pub fn new(columns: &[Column], utf8: bool) -> Self {
        let columns = columns.iter().map(|column| TableColumn::new(column, utf8)).collect();
        Self { columns, cells: Vec::new(), rows: 0, utf8 }
    }

    pub fn push(&mut self, row: &Row) {
        self.rows += 1;
        for (value, column) in row.values().zip(&mut self.columns) {
            let lines = display_lines(value.unwrap_or_default(), self.utf8);
            column.width = column.width.max(widest(&lines));
            self.cells.push(lines);
        }
    }

    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_titles(out)?;
        self.write_rule(out)?;
        if !self.columns.is_empty() {
            for row in self.cells.chunks(self.columns.len()) {
                self.write_row(row, out)?;
            }
        }
        let noun = if self.rows == 1 { "row" } else { "rows" };
        writeln!(out, "({} {noun})\n", self.rows)
    }

    fn write_titles(&self, out: &mut dyn Write) -> io::Result<()> {
        let height = self.columns.iter().map(|column| column.title.len()).max().unwrap_or(0);
        for number in 0..height {
            for (index, column) in self.columns.iter().enumerate() {
                let divider = if index == 0 { " " } else { "| " };
                let more = if number + 1 < column.title.len() { "+" } else { " " };
                write!(out, "{divider}")?;
                column.write_title(number, out)?;
                write!(out, "{more}")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn write_rule(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "-")?;
        for (index, column) in self.columns.iter().enumerate() {
            let divider = if index == 0 { "" } else { "-+-" };
            write!(out, "{divider}{:-<width$}", "", width = column.width)?;
        }
        writeln!(out, "-")
    }

    fn write_row(&self, row: &[Vec<DisplayLine>], out: &mut dyn Write) -> io::Result<()> {
        let height = row.iter().map(Vec::len).max().unwrap_or(0);
        let last = self.columns.len() - 1;
        for number in 0..height {
            for (index, (column, lines)) in self.columns.iter().zip(row).enumerate() {
                let divider = if index == 0 { " " } else { "| " };
                write!(out, "{divider}")?;
                let more = number + 1 < lines.len();
                column.write_cell(lines.get(number), index < last || more, out)?;
                match (more, index < last) {
                    (true, _) => write!(out, "+")?,
                    (false, true) => write!(out, " ")?,
                    (false, false) => {}
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

impl TableColumn {
    fn new(column: &Column, utf8: bool) -> Self {
        let title = display_lines(&column.name, utf8);
        Self { width: widest(&title), title, right: is_right_aligned(column.type_oid) }
    }

    fn write_title(&self, number: usize, out: &mut dyn Write) -> io::Result<()> {
        let nothing = DisplayLine::default();
        let line = self.title.get(number).unwrap_or(&nothing);
        let space = self.width - line.width;
        pad(space / 2, out)?;
        out.write_all(&line.bytes)?;
        pad(space - space / 2, out)
    }

    fn write_cell(&self, line: Option<&DisplayLine>, padded: bool, out: &mut dyn Write) -> io::Result<()> {
        let Some(line) = line else { return pad(if padded { self.width } else { 0 }, out) };
        let space = self.width - line.width;
        if self.right {
            pad(space, out)?;
        }
        out.write_all(&line.bytes)?;
        pad(if padded && !self.right { space } else { 0 }, out)
    }
}

fn widest(lines: &[DisplayLine]) -> usize {
    lines.iter().map(|line| line.width).max().unwrap_or(0)
}

fn pad(count: usize, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{:count$}", "")
}
