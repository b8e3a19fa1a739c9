//! Shows events and results: on a terminal with progress, elsewhere as plain lines, or as JSON.

use std::io::{self, Write};

use crate::event::{Event, Observer, Stream};

pub mod line;
pub mod lint;
pub mod rules;
pub mod summary;
pub mod table;
pub mod terminal;

pub use summary::Summary;

/// How much is shown while a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Quiet,
    Normal,
    /// What scripts print and the build's output, too.
    Verbose,
    /// What scripts print, and nothing else.
    Psql,
}

/// The observer that fits standard error: bars where it has a cursor, lines elsewhere.
pub fn observer(detail: Detail, has_cursor: bool) -> Box<dyn Observer> {
    match detail {
        Detail::Quiet => Box::new(Quiet(Printed::default())),
        Detail::Psql => Box::new(Psql(Printed::default())),
        _ if has_cursor => Box::new(terminal::Terminal::new(detail)),
        _ => Box::new(Plain { detail, printed: Printed::default() }),
    }
}

/// Nothing but the errors over which a script was carried: who hears nothing takes all for well.
struct Quiet(Printed);

impl Observer for Quiet {
    fn observe(&mut self, event: Event) {
        if let Event::ScriptOutput { stream: Stream::Stderr, bytes } = event {
            self.0.print(Stream::Stderr, &bytes);
        }
    }
}

/// One line an event, on standard error; what scripts print goes where psql would print it.
struct Plain {
    detail: Detail,
    printed: Printed,
}

impl Observer for Plain {
    fn shows_output(&self) -> bool {
        self.detail == Detail::Verbose
    }

    fn failure(&mut self) -> Option<io::Error> {
        self.printed.failure()
    }

    fn observe(&mut self, event: Event) {
        match event {
            Event::ScriptOutput { stream, bytes } => self.printed.print(stream, &bytes),
            event => {
                if let Some(line) = line::of(&event, self.detail) {
                    // Nobody reads standard error any more: the run goes on all the same.
                    let _ = writeln!(anstream::stderr(), "{line}");
                }
            }
        }
    }
}

/// psql's two streams as they are.
struct Psql(Printed);

impl Observer for Psql {
    fn shows_output(&self) -> bool {
        true
    }

    fn shows_psqls_errors(&self) -> bool {
        true
    }

    fn failure(&mut self) -> Option<io::Error> {
        self.0.failure()
    }

    fn observe(&mut self, event: Event) {
        if let Event::ScriptOutput { stream, bytes } = event {
            self.0.print(stream, &bytes);
        }
    }
}

/// What scripts print, on its way to psql's two streams.
#[derive(Default)]
pub(crate) struct Printed {
    failure: Option<io::Error>,
}

impl Printed {
    /// Writes it unchanged. What that meets is for whoever runs the script: a reader that went away ends a
    /// script from outside the init dir, as it ends psql, but no other.
    fn print(&mut self, stream: Stream, bytes: &[u8]) {
        match stream {
            Stream::Stdout => self.keep(io::stdout().write_all(bytes)),
            // Nobody is left to be told.
            Stream::Stderr => drop(io::stderr().write_all(bytes)),
        }
    }

    fn failure(&mut self) -> Option<io::Error> {
        self.keep(io::stdout().flush());
        self.failure.take()
    }

    fn keep(&mut self, outcome: io::Result<()>) {
        self.failure = self.failure.take().or_else(|| outcome.err());
    }
}
