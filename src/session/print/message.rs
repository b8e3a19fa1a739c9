//! The server's errors and notices, in libpq's words.

mod position;

use super::super::message::ServerMessage;
use crate::sql::encoding::Encoding;
use position::write_position;

/// `VERBOSITY`: which fields of a message are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    Terse,
    #[default]
    Default,
    Verbose,
    Sqlstate,
}

/// `SHOW_CONTEXT`: which messages are shown with their context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShowContext {
    Never,
    #[default]
    Errors,
    Always,
}

/// Errors have their context by default, notices have not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Error,
    Notice,
}

/// How messages are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageStyle {
    pub verbosity: Verbosity,
    pub show_context: ShowContext,
    pub encoding: Encoding,
}

impl MessageStyle {
    /// The message with the excerpt of the statement that its position means; it ends with a newline.
    ///
    /// `statement` is what was sent, where that is known.
    pub fn render(self, kind: Kind, message: &ServerMessage, statement: Option<&[u8]>) -> Vec<u8> {
        let mut text = Vec::new();
        let mut add = |parts: &[&[u8]]| text.extend(parts.concat());
        let field = |letter| message.field(letter);
        if let Some(severity) = field(b'S') {
            add(&[severity, b":  "]);
        }
        let state = field(b'C');
        if let (Verbosity::Sqlstate, Some(state)) = (self.verbosity, state) {
            add(&[state, b"\n"]);
            return text;
        }
        if let (Verbosity::Verbose, Some(state)) = (self.verbosity, state) {
            add(&[state, b": "]);
        }
        add(&[field(b'M').unwrap_or_default()]);
        self.add_position(message, statement, &mut text);
        self.add_fields(kind, message, &mut text);
        text
    }

    fn is_terse(self) -> bool {
        matches!(self.verbosity, Verbosity::Terse | Verbosity::Sqlstate)
    }

    /// The position: as a number behind the message where the text it points into is not shown.
    fn add_position(self, message: &ServerMessage, statement: Option<&[u8]>, text: &mut Vec<u8>) {
        let (position, query) = match message.field(b'P') {
            Some(position) => (Some(position), statement),
            None => (message.field(b'p'), message.field(b'q')),
        };
        match (position, query) {
            (None, _) => text.push(b'\n'),
            (Some(position), Some(query)) if !self.is_terse() => {
                text.push(b'\n');
                let number = std::str::from_utf8(position).ok().and_then(|number| number.parse().ok());
                write_position(query, number.unwrap_or(0), self.encoding, text);
            }
            (Some(position), _) => {
                text.extend_from_slice(b" at character ");
                text.extend_from_slice(position);
                text.push(b'\n');
            }
        }
    }

    fn add_fields(self, kind: Kind, message: &ServerMessage, text: &mut Vec<u8>) {
        let mut add = |label: &str, letter| {
            if let Some(value) = message.field(letter) {
                text.extend([label.as_bytes(), b":  ", value, b"\n"].concat());
            }
        };
        if !self.is_terse() {
            add("DETAIL", b'D');
            add("HINT", b'H');
            add("QUERY", b'q');
            match (self.show_context, kind) {
                (ShowContext::Always, _) | (ShowContext::Errors, Kind::Error) => add("CONTEXT", b'W'),
                _ => {}
            }
        }
        if self.verbosity == Verbosity::Verbose {
            add("SCHEMA NAME", b's');
            add("TABLE NAME", b't');
            add("COLUMN NAME", b'c');
            add("DATATYPE NAME", b'd');
            add("CONSTRAINT NAME", b'n');
            add_location(message, text);
        }
    }
}

/// Where in the server's own sources the message comes from.
fn add_location(message: &ServerMessage, text: &mut Vec<u8>) {
    let (function, file, line) = (message.field(b'R'), message.field(b'F'), message.field(b'L'));
    if function.or(file).or(line).is_none() {
        return;
    }
    text.extend_from_slice(b"LOCATION:  ");
    if let Some(function) = function {
        text.extend([function, b", "].concat());
    }
    if let (Some(file), Some(line)) = (file, line) {
        text.extend([file, b":", line].concat());
    }
    text.push(b'\n');
}

/// What psql writes before a message while it reads a file; nothing outside of files.
pub fn place(file: &str, line: u64) -> String {
    match (file, line) {
        ("", _) => String::new(),
        // Nothing of it could be read.
        (file, 0) => format!("psql:{file}: "),
        (file, line) => format!("psql:{file}:{line}: "),
    }
}
