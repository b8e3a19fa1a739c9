//! Shows a script's results and notices as `psql -f` does.

use std::io::{self, Write};

use super::message::ServerMessage;
use super::output::{Channel, Locus, Output};
use super::print::message::{Kind, MessageStyle, place};
use super::print::{Format, Part, Settings, Table};
use super::wire::{Column, Row};
use crate::sql::encoding::Encoding;

/// Writes results to one stream and notices to another, as its [`Settings`] say.
///
/// Write errors are kept: a session asks for them behind each result, and [`Printer::finish`] gives what is left.
pub struct Printer<Out, Err> {
    out: Out,
    err: Err,
    table: Option<Table>,
    part: Part,
    settings: Settings,
    message_style: MessageStyle,
    /// `QUIET`: no command tags.
    quiet: bool,
    /// `FETCH_COUNT`: print a result whenever it has so many rows; 0 waits for its end.
    rows_at_once: usize,
    encoding: Encoding,
    failure: io::Result<()>,
}

impl<Out: Write, Err: Write> Printer<Out, Err> {
    pub fn new(out: Out, err: Err) -> Self {
        Self {
            out,
            err,
            table: None,
            part: Part::WHOLE,
            settings: Settings::default(),
            message_style: MessageStyle::default(),
            quiet: false,
            rows_at_once: 0,
            encoding: Encoding::default(),
            failure: Ok(()),
        }
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

    /// Prints the rows that are there, as the last or as a middle part of their result.
    fn print(&mut self, last: bool) {
        let Some(table) = self.table.take() else { return };
        self.part.last = last;
        self.part.paged |= !last;
        let outcome = table.write(&self.settings, self.part, &mut self.out);
        self.keep(outcome);
        self.part.first = false;
        self.part.prior += table.rows();
        self.table = (!last).then(|| table.emptied());
    }

    /// Writes an error or a notice about a statement, as psql does while it reads a file.
    pub fn complain(&mut self, kind: Kind, message: &ServerMessage, statement: &[u8], locus: &Locus) {
        let style = MessageStyle { encoding: self.encoding, ..self.message_style };
        let text = style.render(kind, message, Some(statement));
        let outcome = self.err.write_all(&[place(&locus.file, locus.line).as_bytes(), &text].concat());
        self.keep(outcome);
    }

    fn print_tag(&mut self, tag: &str) {
        let text = match self.settings.format {
            _ if self.quiet => return,
            Format::Html => format!("<p>{tag}</p>\n"),
            _ => format!("{tag}\n"),
        };
        self.write(text.as_bytes());
    }
}

impl<Out: Write, Err: Write> Output for Printer<Out, Err> {
    fn encoding(&mut self, name: &str) {
        self.encoding = Encoding::named(name).unwrap_or_default();
    }

    fn columns(&mut self, columns: &[Column]) {
        self.table = Some(Table::new(columns, self.encoding));
        self.part = Part::WHOLE;
    }

    fn row(&mut self, row: &Row) {
        let Some(table) = &mut self.table else { return };
        table.push(row);
        if self.rows_at_once == table.rows() {
            self.print(false);
        }
    }

    fn complete(&mut self, tag: &str) {
        let had_rows = self.table.is_some();
        self.print(true);
        // psql hides the tag of a query, and shows it for a statement with RETURNING.
        let changes = ["INSERT", "UPDATE", "DELETE", "MERGE"].iter().any(|verb| tag.starts_with(verb));
        if !had_rows || changes {
            self.print_tag(tag);
        }
    }

    fn table(&mut self, table: &Table) {
        let outcome = table.write(&self.settings, Part::WHOLE, &mut self.out);
        self.keep(outcome);
    }

    fn discard(&mut self) {
        self.table = None;
    }

    fn settings(&mut self, settings: &Settings) {
        self.settings.clone_from(settings);
    }

    fn message_style(&mut self, style: MessageStyle) {
        self.message_style = style;
    }

    fn quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
    }

    fn rows_at_once(&mut self, rows: usize) {
        self.rows_at_once = rows;
    }

    fn error(&mut self, error: &ServerMessage, statement: &[u8], locus: &Locus) {
        self.complain(Kind::Error, error, statement, locus);
    }

    fn fault(&mut self, text: &[u8], locus: &Locus) {
        let prefix = place(&locus.file, locus.line).into_bytes();
        let outcome = self.err.write_all(&[&prefix, b"error: ".as_slice(), text, b"\n"].concat());
        self.keep(outcome);
    }

    fn copy_out(&mut self, data: &[u8]) {
        self.write(data);
    }

    fn notice(&mut self, notice: &ServerMessage, statement: &[u8], locus: &Locus) {
        self.complain(Kind::Notice, notice, statement, locus);
    }

    fn notification(&mut self, channel: &[u8], payload: &[u8], process: i32) {
        let with =
            if payload.is_empty() { Vec::new() } else { [b" with payload \"", payload, b"\""].concat() };
        let by = format!(" received from server process with PID {process}.\n");
        self.write(&[b"Asynchronous notification \"", channel, b"\"", &with, by.as_bytes()].concat());
    }

    fn failure(&mut self) -> Option<io::Error> {
        std::mem::replace(&mut self.failure, Ok(())).err()
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
