//! The format `unaligned`.

use std::io::{self, Write as _};

use super::Sink;
use super::settings::Separator;
use super::sheet::Sheet;

pub(super) fn write(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    let mut records = Records::new(sheet);
    if sheet.part.first && !sheet.settings.tuples_only {
        if let Some(title) = sheet.title() {
            out.write_all(title)?;
            out.write_all(sheet.settings.record_separator.bytes())?;
        }
        records.write(sheet.names(), out)?;
    }
    for row in sheet.rows() {
        records.write(sheet.cells(row), out)?;
    }
    if sheet.part.last {
        for footer in &*sheet.footers() {
            records.write([footer].into_iter(), out)?;
        }
        records.end(out)?;
    }
    Ok(())
}

pub(super) fn write_vertical(sheet: &Sheet, out: &mut Sink) -> io::Result<()> {
    let (field, record) = (sheet.settings.field_separator.bytes(), sheet.settings.record_separator.bytes());
    let mut records = Records::new(sheet);
    if let Some(title) = sheet.title().filter(|_| sheet.part.first) {
        out.write_all(title)?;
        records.begun = true;
    }
    for row in sheet.rows() {
        if records.begun {
            out.write_all(record)?;
            out.write_all(record)?;
        }
        records.begun = true;
        for (index, (name, cell)) in sheet.names().zip(sheet.cells(row)).enumerate() {
            out.write_all(if index == 0 { b"" } else { record })?;
            out.write_all(&name)?;
            out.write_all(field)?;
            out.write_all(&cell)?;
        }
    }
    if !sheet.part.last {
        return Ok(());
    }
    for (index, footer) in sheet.own_footers().iter().enumerate() {
        out.write_all(if index == 0 { record } else { b"" })?;
        out.write_all(record)?;
        out.write_all(footer)?;
    }
    records.end(out)
}

/// Records with separators between them.
struct Records<'s> {
    field: &'s [u8],
    record: &'s Separator,
    /// Whether a separator is due before what comes next.
    begun: bool,
}

impl<'s> Records<'s> {
    fn new(sheet: &Sheet<'s>) -> Self {
        let settings = sheet.settings;
        Self {
            field: settings.field_separator.bytes(),
            record: &settings.record_separator,
            begun: !sheet.part.first,
        }
    }

    fn write(&mut self, fields: impl Iterator<Item = impl AsRef<[u8]>>, out: &mut Sink) -> io::Result<()> {
        if self.begun {
            out.write_all(self.record.bytes())?;
        }
        self.begun = true;
        for (index, field) in fields.enumerate() {
            out.write_all(if index == 0 { b"" } else { self.field })?;
            out.write_all(field.as_ref())?;
        }
        Ok(())
    }

    /// The last record ends with a newline whatever the separator is, but for the zero byte.
    fn end(&self, out: &mut Sink) -> io::Result<()> {
        match self.record {
            _ if !self.begun => Ok(()),
            Separator::Zero => out.write_all(b"\0"),
            Separator::Text(_) => out.write_all(b"\n"),
        }
    }
}
