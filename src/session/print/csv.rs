//! The format `csv`.

use std::io::{self, Write as _};

use super::Sink;
use super::sheet::Sheet;

pub(super) fn write(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    let separator = sheet.settings.csv_separator;
    if sheet.part.first && !sheet.settings.tuples_only {
        write_record(sheet.names(), separator, out)?;
    }
    sheet.rows().try_for_each(|row| write_record(sheet.cells(row), separator, out))
}

pub(super) fn write_vertical(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    for row in sheet.rows() {
        for (name, cell) in sheet.names().zip(sheet.cells(row)) {
            write_record([name, cell].into_iter(), sheet.settings.csv_separator, out)?;
        }
    }
    Ok(())
}

fn write_record(
    fields: impl Iterator<Item = impl AsRef<[u8]>>,
    separator: u8,
    out: &mut Sink,
) -> io::Result<()> {
    for (index, field) in fields.enumerate() {
        if index > 0 {
            out.write_all(&[separator])?;
        }
        write_field(field.as_ref(), separator, out)?;
    }
    out.write_all(b"\n")
}

fn write_field(field: &[u8], separator: u8, out: &mut Sink) -> io::Result<()> {
    let is_special = |byte: &u8| *byte == separator || b"\r\n\"".contains(byte);
    // COPY would take an unquoted `\.` for the end of its data.
    let is_end_mark = field == b"\\." || matches!(separator, b'\\' | b'.');
    if !is_end_mark && !field.iter().any(is_special) {
        return out.write_all(field);
    }
    out.write_all(b"\"")?;
    for part in field.split_inclusive(|&byte| byte == b'"') {
        out.write_all(part)?;
        if part.ends_with(b"\"") {
            out.write_all(b"\"")?;
        }
    }
    out.write_all(b"\"")
}
