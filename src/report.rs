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
        Detail::Quiet => Box::new(Quiet),
        Detail::Psql => Box::new(Psql),
        _ if has_cursor => Box::new(terminal::Terminal::new(detail)),
        _ => Box::new(Plain { detail }),
    }
}

/// Nothing but the errors over which a script was carried: who hears nothing takes all for well.
struct Quiet;

impl Observer for Quiet {
    fn observe(&mut self, event: Event) {
        if let Event::ScriptOutput { stream: Stream::Stderr, bytes } = event {
            print(Stream::Stderr, &bytes);
        }
    }
}

/// One line an event, on standard error; what scripts print goes where psql would print it.
struct Plain {
    detail: Detail,
}

impl Observer for Plain {
    fn shows_output(&self) -> bool {
        self.detail == Detail::Verbose
    }

    fn observe(&mut self, event: Event) {
        match event {
            Event::ScriptOutput { stream, bytes } => {
                print(stream, &bytes);
            }
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
struct Psql;

impl Observer for Psql {
    fn shows_output(&self) -> bool {
        true
    }

    fn shows_psqls_errors(&self) -> bool {
        true
    }

    fn observe(&mut self, event: Event) {
        if let Event::ScriptOutput { stream, bytes } = event {
            print(stream, &bytes);
        }
    }
}

/// Script output, unchanged. A reader that went away does not end the run.
pub(crate) fn print(stream: Stream, bytes: &[u8]) {
    let _ = match stream {
        Stream::Stdout => io::stdout().write_all(bytes),
        Stream::Stderr => io::stderr().write_all(bytes),
    };
}
