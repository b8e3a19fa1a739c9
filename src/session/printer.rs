//! Shows a script's results and notices as `psql -f` does.

use std::io::{self, Write};

use super::message::ServerMessage;
use super::output::{Channel, Locus, Output};
use super::table::Table;
use super::wire::{Column, Row};

/// Writes results to one stream and notices to another, in psql's aligned format.
///
/// Write errors are kept and given by [`Printer::finish`]: a closed pipe must not stop a script half-way.
pub struct Printer<Out, Err> {
    out: Out,
    err: Err,
    table: Option<Table>,
    utf8: bool,
    quiet: bool,
    failure: io::Result<()>,
}

impl<Out: Write, Err: Write> Printer<Out, Err> {
    pub fn new(out: Out, err: Err) -> Self {
        Self { out, err, table: None, utf8: true, quiet: false, failure: Ok(()) }
    }

    /// Flushes both streams.
    ///
    /// # Errors
    /// The first error that a write met.
    pub fn finish(mut self) -> io::Result<()> {
        self.failure?;
        self.out.flush()?;
        self.err.flush()
    }

    fn keep(&mut self, outcome: io::Result<()>) {
        if self.failure.is_ok() {
            self.failure = outcome;
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        let outcome = self.out.write_all(bytes);
        self.keep(outcome);
    }
}

impl<Out: Write, Err: Write> Output for Printer<Out, Err> {
    fn encoding(&mut self, name: &str) {
        self.utf8 = name == "UTF8";
    }

    fn columns(&mut self, columns: &[Column]) {
        self.table = Some(Table::new(columns, self.utf8));
    }

    fn row(&mut self, row: &Row) {
        if let Some(table) = &mut self.table {
            table.push(row);
        }
    }

    fn complete(&mut self, tag: &str) {
        let table = self.table.take();
        if let Some(table) = &table {
            let outcome = table.write(&mut self.out);
            self.keep(outcome);
        }
        // psql hides the tag of a query, and shows it for a statement with RETURNING.
        let changes = ["INSERT", "UPDATE", "DELETE", "MERGE"].iter().any(|verb| tag.starts_with(verb));
        if !self.quiet && (table.is_none() || changes) {
            self.write(format!("{tag}\n").as_bytes());
        }
    }

    fn discard(&mut self) {
        self.table = None;
    }

    fn quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    fn error(&mut self, error: &ServerMessage, _statement: &[u8], locus: &Locus) {
        self.table = None;
        let outcome = write_notice(error, locus, &mut self.err);
        self.keep(outcome);
    }

    fn fault(&mut self, text: &[u8], locus: &Locus) {
        let prefix = format!("psql:{}:{}: error: ", locus.file, locus.line).into_bytes();
        let outcome = self.err.write_all(&[&prefix, text, b"\n"].concat());
        self.keep(outcome);
    }

    fn copy_out(&mut self, data: &[u8]) {
        self.write(data);
    }

    fn notice(&mut self, notice: &ServerMessage, _statement: &[u8], locus: &Locus) {
        let outcome = write_notice(notice, locus, &mut self.err);
        self.keep(outcome);
    }

    fn notification(&mut self, channel: &str, payload: &str, process: i32) {
        let with = if payload.is_empty() { String::new() } else { format!(" with payload \"{payload}\"") };
        let text = format!(
            "Asynchronous notification \"{channel}\"{with} received from server process with PID {process}.\n"
        );
        self.write(text.as_bytes());
    }

    fn echo(&mut self, channel: Channel, text: &[u8]) {
        match channel {
            Channel::Out => self.write(text),
            Channel::Error => {
                let outcome = self.err.write_all(text);
                self.keep(outcome);
            }
        }
    }
}

fn write_notice(notice: &ServerMessage, locus: &Locus, err: &mut dyn Write) -> io::Result<()> {
    write!(err, "psql:{}:{}: ", locus.file, locus.line)?;
    for (letter, label) in [(b'M', None), (b'D', Some("DETAIL")), (b'H', Some("HINT"))] {
        let Some(text) = notice.field(letter) else { continue };
        match label {
            None => err.write_all(notice.field(b'S').unwrap_or_default())?,
            Some(label) => err.write_all(label.as_bytes())?,
        }
        err.write_all(b":  ")?;
        err.write_all(text)?;
        err.write_all(b"\n")?;
    }
    Ok(())
}
