//! The format `html`.

use std::io::{self, Write as _};

use super::Sink;
use super::sheet::Sheet;

pub(super) fn write(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    if sheet.part.first {
        write_begin(sheet, out)?;
        if !sheet.settings.tuples_only {
            out.write_all(b"  <tr>\n")?;
            for name in sheet.names() {
                write_element("    <th align=\"center\">", &name, "</th>\n", out)?;
            }
            out.write_all(b"  </tr>\n")?;
        }
    }
    for row in sheet.rows() {
        out.write_all(b"  <tr valign=\"top\">\n")?;
        for column in 0..sheet.columns() {
            write_cell(sheet, row, column, out)?;
        }
        out.write_all(b"  </tr>\n")?;
    }
    if sheet.part.last { write_end(&sheet.footers(), out) } else { Ok(()) }
}

pub(super) fn write_vertical(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    if sheet.part.first {
        write_begin(sheet, out)?;
    }
    for row in sheet.rows() {
        if sheet.settings.tuples_only {
            out.write_all(b"\n  <tr><td colspan=\"2\">&nbsp;</td></tr>\n")?;
        } else {
            let number = sheet.record(row);
            writeln!(out, "\n  <tr><td colspan=\"2\" align=\"center\">Record {number}</td></tr>")?;
        }
        for column in 0..sheet.columns() {
            write_element("  <tr valign=\"top\">\n    <th>", &sheet.name(column), "</th>\n", out)?;
            write_cell(sheet, row, column, out)?;
            out.write_all(b"  </tr>\n")?;
        }
    }
    if sheet.part.last { write_end(sheet.own_footers(), out) } else { Ok(()) }
}

fn write_begin(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    write!(out, "<table border=\"{}\"", sheet.settings.border)?;
    if let Some(attributes) = &sheet.settings.table_attributes {
        out.write_all(b" ")?;
        out.write_all(attributes)?;
    }
    out.write_all(b">\n")?;
    match sheet.title() {
        Some(title) => write_element("  <caption>", title, "</caption>\n", out),
        None => Ok(()),
    }
}

fn write_end(footers: &[Vec<u8>], out: &mut Sink) -> io::Result<()> {
    out.write_all(b"</table>\n")?;
    if !footers.is_empty() {
        out.write_all(b"<p>")?;
        for footer in footers {
            write_element("", footer, "<br />\n", out)?;
        }
        out.write_all(b"</p>")?;
    }
    out.write_all(b"\n")
}

fn write_cell(sheet: &Sheet, row: usize, column: usize, out: &mut Sink) -> io::Result<()> {
    let side = if sheet.headings()[column].right { "right" } else { "left" };
    write!(out, "    <td align=\"{side}\">")?;
    let cell = sheet.cell(row, column);
    if is_blank(&cell) {
        return out.write_all(b"&nbsp; </td>\n");
    }
    write_element("", &cell, "</td>\n", out)
}

/// Whether there is nothing to see.
pub(super) fn is_blank(cell: &[u8]) -> bool {
    cell.iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

fn write_element(before: &str, text: &[u8], after: &str, out: &mut Sink) -> io::Result<()> {
    out.write_all(before.as_bytes())?;
    write_escaped(text, out)?;
    out.write_all(after.as_bytes())
}

pub(super) fn write_escaped(text: &[u8], out: &mut Sink) -> io::Result<()> {
    let leading = text.iter().take_while(|&&byte| byte == b' ').count();
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'&' => out.write_all(b"&amp;")?,
            b'<' => out.write_all(b"&lt;")?,
            b'>' => out.write_all(b"&gt;")?,
            b'"' => out.write_all(b"&quot;")?,
            b'\n' => out.write_all(b"<br />\n")?,
            b' ' if index < leading => out.write_all(b"&nbsp;")?,
            byte => out.write_all(&[*byte])?,
        }
    }
    Ok(())
}
