//! The format `latex-longtable`.

use std::io::{self, Write as _};

use super::Sink;
use super::latex::{alignment, border, write_columns, write_escaped, write_names};
use super::sheet::Sheet;

pub(super) fn write(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    if sheet.part.first {
        write_begin(sheet, out)?;
        if !sheet.settings.tuples_only {
            write_heads(sheet, out)?;
            write_feet(sheet, out)?;
        }
    }
    for row in sheet.rows() {
        for (column, cell) in sheet.cells(row).enumerate() {
            out.write_all(if column == 0 { b"" } else { b"\n&\n" })?;
            out.write_all(b"\\raggedright{")?;
            write_escaped(&cell, out)?;
            out.write_all(b"}")?;
        }
        out.write_all(b" \\tabularnewline\n")?;
        out.write_all(if border(sheet) == 3 { b" \\hline\n" } else { b"" })?;
    }
    out.write_all(if sheet.part.last { b"\\end{longtable}\n" } else { b"" })
}

/// The columns; those to the left take their widths from `\pset tableattr`, the last width again and again.
fn write_begin(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    let attributes = sheet.settings.table_attributes.as_deref().unwrap_or_default();
    let mut widths = attributes.split(|byte| b" \t\n".contains(byte)).filter(|width| !width.is_empty());
    let mut width = None;
    out.write_all(b"\\begin{longtable}{")?;
    let write_one = |column: usize, out: &mut Sink| {
        if sheet.headings()[column].right {
            return out.write_all(alignment(sheet, column).as_bytes());
        }
        width = widths.next().or(width);
        match width {
            Some(width) => {
                out.write_all(b"p{")?;
                out.write_all(width)?;
                out.write_all(b"\\textwidth}")
            }
            None => out.write_all(alignment(sheet, column).as_bytes()),
        }
    };
    write_columns(sheet, write_one, out)
}

/// The headings of the first page and those of the others.
fn write_heads(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    let border = border(sheet);
    let others: &[u8] = if border == 3 { b"\\endhead\n" } else { b"\\midrule\n\\endhead\n" };
    let first: &[u8] = b"\\midrule\n\\endfirsthead\n";
    for end in [first, others] {
        out.write_all(if border >= 2 { b"\\toprule\n" } else { b"" })?;
        write_names(sheet, "\\small\\textbf{\\textit{", "}}", out)?;
        out.write_all(end)?;
    }
    Ok(())
}

/// What stands below the rows of each page, and of the last.
fn write_feet(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    let border = border(sheet);
    let Some(title) = sheet.title() else {
        let feet: &[u8] = b"\\bottomrule\n\\endfoot\n\\bottomrule\n\\endlastfoot\n";
        return out.write_all(if border >= 2 { feet } else { b"" });
    };
    for (continued, end) in [(" (Continued)", "endfoot"), ("", "endlastfoot")] {
        out.write_all(if border == 2 { b"\\bottomrule\n" } else { b"" })?;
        out.write_all(b"\\caption[")?;
        write_escaped(title, out)?;
        write!(out, "{continued}]{{")?;
        write_escaped(title, out)?;
        writeln!(out, "}}\n\\{end}")?;
    }
    Ok(())
}
