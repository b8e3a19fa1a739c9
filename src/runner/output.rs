//! What a script shows, handed to the observer as psql would have printed it.

use std::cell::RefCell;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::event::{Event, Observer, Stream};
use crate::session::{Channel, Column, Locus, Output, Printer, Row, ServerMessage};

/// Counting statements costs a line on the screen; more often than this nobody sees it.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Tells the observer of finished statements and, where it shows them, of everything that is printed.
pub struct Shown<'a, 'o> {
    observer: &'a RefCell<&'o mut dyn Observer>,
    printer: Option<Printer<Printed<'a, 'o>, Printed<'a, 'o>>>,
    finished: u32,
    told: Instant,
}

impl<'a, 'o> Shown<'a, 'o> {
    pub fn new(observer: &'a RefCell<&'o mut dyn Observer>) -> Self {
        let to = |stream| Printed { observer, stream };
        let shows = observer.borrow().shows_output();
        let printer = shows.then(|| Printer::new(to(Stream::Stdout), to(Stream::Stderr)));
        Self { observer, printer, finished: 0, told: Instant::now() }
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
        self.printer.iter_mut().for_each(|printer| printer.encoding(name));
    }

    fn columns(&mut self, columns: &[Column]) {
        self.printer.iter_mut().for_each(|printer| printer.columns(columns));
    }

    fn row(&mut self, row: &Row) {
        self.printer.iter_mut().for_each(|printer| printer.row(row));
    }

    fn complete(&mut self, tag: &str) {
        self.count();
        self.printer.iter_mut().for_each(|printer| printer.complete(tag));
    }

    fn copy_out(&mut self, data: &[u8]) {
        self.printer.iter_mut().for_each(|printer| printer.copy_out(data));
    }

    fn copied_out(&mut self, tag: &str) {
        self.count();
        self.printer.iter_mut().for_each(|printer| printer.copied_out(tag));
    }

    fn notice(&mut self, notice: &ServerMessage, statement: &[u8], locus: &Locus) {
        self.printer.iter_mut().for_each(|printer| printer.notice(notice, statement, locus));
    }

    fn notification(&mut self, channel: &str, payload: &str, process: i32) {
        self.printer.iter_mut().for_each(|printer| printer.notification(channel, payload, process));
    }

    fn echo(&mut self, channel: Channel, text: &[u8]) {
        self.printer.iter_mut().for_each(|printer| printer.echo(channel, text));
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
