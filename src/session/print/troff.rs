//! The format `troff-ms`.

use std::io::{self, Write as _};

use super::Sink;
use super::sheet::Sheet;

pub(super) fn write(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    if sheet.part.first {
        write_begin(sheet, out)?;
        write_columns(sheet, out)?;
        if !sheet.settings.tuples_only {
            write_names(sheet, out)?;
        }
    }
    for row in sheet.rows() {
        for (column, cell) in sheet.cells(row).enumerate() {
            out.write_all(if column == 0 { b"" } else { b"\t" })?;
            write_escaped(&cell, out)?;
        }
        out.write_all(b"\n")?;
    }
    if sheet.part.last { write_end(&sheet.footers(), out) } else { Ok(()) }
}

pub(super) fn write_vertical(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    if sheet.part.first {
        write_begin(sheet, out)?;
        out.write_all(if sheet.settings.tuples_only { b"c l;\n" } else { b"" })?;
    }
    for row in sheet.rows() {
        write_record_line(sheet, row, out)?;
        for (name, cell) in sheet.names().zip(sheet.cells(row)) {
            write_escaped(&name, out)?;
            out.write_all(b"\t")?;
            write_escaped(&cell, out)?;
            out.write_all(b"\n")?;
        }
    }
    if sheet.part.last { write_end(sheet.own_footers(), out) } else { Ok(()) }
}

fn write_begin(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    if let Some(title) = sheet.title() {
        out.write_all(b".LP\n.DS C\n")?;
        write_escaped(title, out)?;
        out.write_all(b"\n.DE\n")?;
    }
    out.write_all(b".LP\n.TS\n")?;
    out.write_all(if sheet.settings.border >= 2 { b"center box;\n" } else { b"center;\n" })
}

fn write_columns(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    for (column, heading) in sheet.headings().iter().enumerate() {
        out.write_all(if sheet.settings.border > 0 && column > 0 { b" | " } else { b"" })?;
        out.write_all(if heading.right { b"r" } else { b"l" })?;
    }
    out.write_all(b".\n")
}

fn write_names(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    for (column, name) in sheet.names().enumerate() {
        out.write_all(if column == 0 { b"\\fI" } else { b"\t\\fI" })?;
        write_escaped(&name, out)?;
        out.write_all(b"\\fP")?;
    }
    out.write_all(b"\n_\n")
}

/// The row's number in a format line of its own, and back to the format of names and values.
fn write_record_line(sheet: &Sheet, row: usize, out: &mut Sink) -> io::Result<()> {
    let border = sheet.settings.border.min(2);
    let rule = if border >= 1 { "_\n" } else { "" };
    if sheet.settings.tuples_only {
        return out.write_all(rule.as_bytes());
    }
    let number = sheet.record(row);
    let above = if border == 2 && number > 1 { "_\n" } else { "" };
    let change = if row == 0 && sheet.part.first { "" } else { ".T&\n" };
    let columns = if border == 1 { "c | l.\n" } else { "c l.\n" };
    write!(out, "{above}{change}c s.\n\\fIRecord {number}\\fP\n{rule}.T&\n{columns}")
}

fn write_end(footers: &[Vec<u8>], out: &mut Sink) -> io::Result<()> {
    out.write_all(b".TE\n.DS L\n")?;
    for footer in footers {
        write_escaped(footer, out)?;
        out.write_all(b"\n")?;
    }
    out.write_all(b".DE\n")
}

fn write_escaped(text: &[u8], out: &mut Sink) -> io::Result<()> {
    for byte in text {
        out.write_all(if *byte == b'\\' { b"\\(rs" } else { std::slice::from_ref(byte) })?;
    }
    Ok(())
}
