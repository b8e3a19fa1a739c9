//! What a script shows, handed to the observer as psql would have printed it.

use std::cell::RefCell;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::event::{Event, Observer, Stream};
use crate::session::{
    Channel, Column, Locus, MessageStyle, Output, Printer, Row, ServerMessage, Settings, Table,
};

/// Counting statements costs a line on the screen; more often than this nobody sees it.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// An error that is not shown yet.
enum Held {
    Error { error: ServerMessage, statement: Vec<u8>, locus: Locus },
    Fault { text: Vec<u8>, locus: Locus },
}

type Screen<'a, 'o> = Printer<Printed<'a, 'o>, Printed<'a, 'o>>;

/// Tells the observer of finished statements, of errors that do not end the script and, where it shows them, of
/// everything that is printed.
pub struct Shown<'a, 'o> {
    observer: &'a RefCell<&'o mut dyn Observer>,
    printer: Screen<'a, 'o>,
    /// Everything is shown, not only errors.
    shows_all: bool,
    /// The last error, as long as nothing has followed it: it may be the one that ends the script.
    held: Option<Held>,
    /// What cannot be shown ends the script, as it does for psql.
    ends: bool,
    finished: u32,
    told: Instant,
}

impl<'a, 'o> Shown<'a, 'o> {
    pub fn new(observer: &'a RefCell<&'o mut dyn Observer>) -> Self {
        let to = |stream| Printed { observer, stream };
        let shows_all = observer.borrow().shows_output();
        let printer = Printer::new(to(Stream::Stdout), to(Stream::Stderr));
        Self { observer, printer, shows_all, held: None, ends: false, finished: 0, told: Instant::now() }
    }

    /// For scripts that leave no row: what cannot be shown ends them, as it does for psql.
    pub fn ending(self) -> Self {
        Self { ends: true, ..self }
    }

    /// The error that ended the script is told by whoever runs it, unless psql's own words are wanted.
    pub fn finish(mut self, failed: bool) {
        if !failed || self.observer.borrow().shows_psqls_errors() {
            self.release();
        }
    }

    fn print(&mut self, print: impl FnOnce(&mut Screen<'a, 'o>)) {
        self.release();
        if self.shows_all {
            print(&mut self.printer);
        }
    }

    fn release(&mut self) {
        match self.held.take() {
            None => {}
            Some(Held::Error { error, statement, locus }) => self.printer.error(&error, &statement, &locus),
            Some(Held::Fault { text, locus }) => self.printer.fault(&text, &locus),
        }
    }

    fn count(&mut self) {
        self.finished += 1;
        if self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            self.observer.borrow_mut().observe(Event::StatementsFinished { finished: self.finished });
        }
    }
}

impl Output for Shown<'_, '_> {
    fn encoding(&mut self, name: &str) {
        self.release();
        self.printer.encoding(name);
    }

    fn columns(&mut self, columns: &[Column]) {
        self.print(|printer| printer.columns(columns));
    }

    fn row(&mut self, row: &Row) {
        if self.shows_all {
            self.printer.row(row);
        }
    }

    fn complete(&mut self, tag: &str) {
        self.count();
        self.print(|printer| printer.complete(tag));
    }

    fn table(&mut self, table: &Table) {
        self.print(|printer| printer.table(table));
    }

    fn discard(&mut self) {
        // Nothing is shown, so a held error is still the last word.
        self.printer.discard();
    }

    fn copy_out(&mut self, data: &[u8]) {
        self.print(|printer| printer.copy_out(data));
    }

    fn copied_out(&mut self, tag: &str) {
        self.count();
        self.print(|printer| printer.copied_out(tag));
    }

    fn settings(&mut self, settings: &Settings) {
        self.print(|printer| printer.settings(settings));
    }

    fn quiet(&mut self, quiet: bool) {
        self.print(|printer| printer.quiet(quiet));
    }

    fn rows_at_once(&mut self, rows: usize) {
        self.print(|printer| printer.rows_at_once(rows));
    }

    fn message_style(&mut self, style: MessageStyle) {
        self.release();
        self.printer.message_style(style);
    }

    fn error(&mut self, error: &ServerMessage, statement: &[u8], locus: &Locus) {
        self.release();
        let (error, statement, locus) = (error.clone(), statement.to_vec(), locus.clone());
        self.held = Some(Held::Error { error, statement, locus });
    }

    fn fault(&mut self, text: &[u8], locus: &Locus) {
        self.release();
        self.held = Some(Held::Fault { text: text.to_vec(), locus: locus.clone() });
    }

    fn notice(&mut self, notice: &ServerMessage, statement: &[u8], locus: &Locus) {
        self.print(|printer| printer.notice(notice, statement, locus));
    }

    fn notification(&mut self, channel: &[u8], payload: &[u8], process: i32) {
        self.print(|printer| printer.notification(channel, payload, process));
    }

    fn failure(&mut self) -> Option<io::Error> {
        if self.ends { self.observer.borrow_mut().failure() } else { None }
    }

    fn echo(&mut self, channel: Channel, text: &[u8]) {
        self.print(|printer| printer.echo(channel, text));
    }
}

/// One of psql's two streams, as events.
struct Printed<'a, 'o> {
    observer: &'a RefCell<&'o mut dyn Observer>,
    stream: Stream,
}

impl Write for Printed<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let output = Event::ScriptOutput { stream: self.stream, bytes: bytes.to_vec() };
        self.observer.borrow_mut().observe(output);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
