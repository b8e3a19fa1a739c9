//! The format `asciidoc`.

use std::io::{self, Write as _};

use super::Sink;
use super::html::is_blank;
use super::sheet::{Sheet, write_lines};

pub(super) fn write(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    if sheet.part.first {
        let header = if sheet.settings.tuples_only { "" } else { "options=\"header\"," };
        let columns: Vec<_> = (0..sheet.columns()).map(|column| alignment(sheet, column)).collect();
        write_begin(sheet, &format!("{header}cols=\"{}\"", columns.join(",")), out)?;
        if !sheet.settings.tuples_only {
            write_names(sheet, out)?;
        }
    }
    for row in sheet.rows() {
        write_row(sheet, row, out)?;
    }
    write_end(sheet, &sheet.footers(), out)
}

pub(super) fn write_vertical(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    if sheet.part.first {
        write_begin(sheet, "cols=\"h,l\"", out)?;
    }
    for row in sheet.rows() {
        if sheet.settings.tuples_only {
            out.write_all(b"2+|\n")?;
        } else {
            writeln!(out, "2+^|Record {}", sheet.record(row))?;
        }
        for (column, cell) in sheet.cells(row).enumerate() {
            out.write_all(b"<l|")?;
            write_escaped(&sheet.name(column), out)?;
            write!(out, " {}|", alignment(sheet, column))?;
            if is_blank(&cell) {
                out.write_all(b" ")?;
            } else {
                write_escaped(&cell, out)?;
            }
            out.write_all(b"\n")?;
        }
    }
    write_end(sheet, sheet.own_footers(), out)
}

fn alignment(sheet: &Sheet, column: usize) -> &'static str {
    if sheet.headings()[column].right { ">l" } else { "<l" }
}

fn write_begin(sheet: &Sheet, columns: &str, out: &mut Sink) -> io::Result<()> {
    out.write_all(b"\n")?;
    if let Some(title) = sheet.title() {
        out.write_all(b".")?;
        out.write_all(title)?;
        out.write_all(b"\n")?;
    }
    let frame = match sheet.settings.border {
        0 => ",frame=\"none\",grid=\"none\"",
        1 => ",frame=\"none\"",
        2 => ",frame=\"all\",grid=\"all\"",
        _ => "",
    };
    writeln!(out, "[{columns}{frame}]\n|====")
}

fn write_names(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    for (column, name) in sheet.names().enumerate() {
        out.write_all(if column == 0 { b"^l|" } else { b" ^l|" })?;
        write_escaped(&name, out)?;
    }
    out.write_all(b"\n")
}

fn write_row(sheet: &Sheet, row: usize, out: &mut Sink) -> io::Result<()> {
    for (column, cell) in sheet.cells(row).enumerate() {
        out.write_all(if column == 0 { b"|" } else { b" |" })?;
        if !is_blank(&cell) {
            write_escaped(&cell, out)?;
        } else if column + 1 < sheet.columns() {
            out.write_all(b" ")?;
        }
    }
    out.write_all(b"\n")
}

// psql closes the table after each part of a result.
fn write_end(sheet: &Sheet, footers: &[Vec<u8>], out: &mut Sink) -> io::Result<()> {
    out.write_all(b"|====\n")?;
    if sheet.part.last && !footers.is_empty() {
        out.write_all(b"\n....\n")?;
        write_lines(footers, out)?;
        out.write_all(b"....\n")?;
    }
    Ok(())
}

fn write_escaped(text: &[u8], out: &mut Sink) -> io::Result<()> {
    for part in text.split_inclusive(|&byte| byte == b'|') {
        match part.split_last() {
            Some((b'|', before)) => {
                out.write_all(before)?;
                out.write_all(b"\\|")?;
            }
            _ => out.write_all(part)?,
        }
    }
    Ok(())
}
