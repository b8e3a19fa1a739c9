//! The format `latex`, and both of LaTeX's formats when expanded.

use std::io::{self, Write as _};

use super::Sink;
use super::sheet::Sheet;

pub(super) fn write(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    let border = border(sheet);
    if sheet.part.first {
        write_title(sheet, out)?;
        out.write_all(b"\\begin{tabular}{")?;
        write_columns(sheet, |column, out| out.write_all(alignment(sheet, column).as_bytes()), out)?;
        if !sheet.settings.tuples_only {
            out.write_all(if border >= 2 { b"\\hline\n" } else { b"" })?;
            write_names(sheet, "\\textit{", "}", out)?;
            out.write_all(b"\\hline\n")?;
        }
    }
    for row in sheet.rows() {
        for (column, cell) in sheet.cells(row).enumerate() {
            out.write_all(if column == 0 { b"" } else { b" & " })?;
            write_escaped(&cell, out)?;
        }
        out.write_all(b" \\\\\n")?;
        out.write_all(if border == 3 { b"\\hline\n" } else { b"" })?;
    }
    if sheet.part.last { write_end(&sheet.footers(), border == 2, out) } else { Ok(()) }
}

pub(super) fn write_vertical(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    let border = sheet.settings.border.min(2);
    if sheet.part.first {
        write_title(sheet, out)?;
        let columns = ["cl", "c|l", "|c|l|"][usize::from(border)];
        writeln!(out, "\\begin{{tabular}}{{{columns}}}")?;
    }
    for row in sheet.rows() {
        write_record_line(sheet, row, border, out)?;
        for (name, cell) in sheet.names().zip(sheet.cells(row)) {
            write_escaped(&name, out)?;
            out.write_all(b" & ")?;
            write_escaped(&cell, out)?;
            out.write_all(b" \\\\\n")?;
        }
    }
    if sheet.part.last { write_end(sheet.own_footers(), border == 2, out) } else { Ok(()) }
}

fn write_record_line(sheet: &Sheet, row: usize, border: u16, out: &mut Sink) -> io::Result<()> {
    if !sheet.settings.tuples_only {
        let (line, place) = if border == 2 { ("\\hline\n", "|c|") } else { ("", "c") };
        let number = sheet.record(row);
        writeln!(out, "{line}\\multicolumn{{2}}{{{place}}}{{\\textit{{Record {number}}}}} \\\\")?;
    }
    out.write_all(if border >= 1 { b"\\hline\n" } else { b"" })
}

/// The border as the formats of LaTeX know it.
pub(super) fn border(sheet: &Sheet) -> u16 {
    sheet.settings.border.min(3)
}

pub(super) fn alignment(sheet: &Sheet, column: usize) -> &'static str {
    if sheet.headings()[column].right { "r" } else { "l" }
}

/// The columns of an environment, with the lines between and beside them.
pub(super) fn write_columns(
    sheet: &Sheet,
    mut write_one: impl FnMut(usize, &mut Sink) -> io::Result<()>,
    out: &mut Sink,
) -> io::Result<()> {
    let border = border(sheet);
    out.write_all(if border >= 2 { b"| " } else { b"" })?;
    for column in 0..sheet.columns() {
        out.write_all(if border != 0 && column > 0 { b" | " } else { b"" })?;
        write_one(column, out)?;
    }
    out.write_all(if border >= 2 { b" |}\n" } else { b"}\n" })
}

pub(super) fn write_names(sheet: &Sheet, before: &str, after: &str, out: &mut Sink) -> io::Result<()> {
    for (column, name) in sheet.names().enumerate() {
        out.write_all(if column == 0 { b"" } else { b" & " })?;
        out.write_all(before.as_bytes())?;
        write_escaped(&name, out)?;
        out.write_all(after.as_bytes())?;
    }
    out.write_all(b" \\\\\n")
}

fn write_title(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    let Some(title) = sheet.title() else { return Ok(()) };
    out.write_all(b"\\begin{center}\n")?;
    write_escaped(title, out)?;
    out.write_all(b"\n\\end{center}\n\n")
}

fn write_end(footers: &[Vec<u8>], line: bool, out: &mut Sink) -> io::Result<()> {
    out.write_all(if line { b"\\hline\n" } else { b"" })?;
    out.write_all(b"\\end{tabular}\n\n\\noindent ")?;
    for footer in footers {
        write_escaped(footer, out)?;
        out.write_all(b" \\\\\n")?;
    }
    out.write_all(b"\n")
}

pub(super) fn write_escaped(text: &[u8], out: &mut Sink) -> io::Result<()> {
    for byte in text {
        match byte {
            b'#' | b'$' | b'%' | b'&' | b'_' | b'{' | b'}' => out.write_all(&[b'\\', *byte])?,
            b'<' => out.write_all(b"\\textless{}")?,
            b'>' => out.write_all(b"\\textgreater{}")?,
            b'\\' => out.write_all(b"\\textbackslash{}")?,
            b'^' => out.write_all(b"\\^{}")?,
            b'|' => out.write_all(b"\\textbar{}")?,
            b'~' => out.write_all(b"\\~{}")?,
            b'\n' => out.write_all(b"\\\\")?,
            byte => out.write_all(&[*byte])?,
        }
    }
    Ok(())
}
