//! psql's scanner: lines in; statements, meta-commands and their arguments out.
//!
//! It follows `psqlscan.l`, `psqlscanslash.l` and the part of `mainloop.c` that feeds them, state by state,
//! so that every statement is exactly the bytes that psql would send. It is fed one line at a time and keeps
//! nothing but the current line and the current statement.

mod argument;
mod input;
mod query;
mod quoting;
mod scanner;

use std::borrow::Cow;

use crate::sql::encoding::Encoding;
pub use crate::text::{Excerpt, Position};
pub use argument::{Argument, Mode, UnterminatedQuote};
use input::Input;
use query::Query;
pub use query::{Place, Statement, StatementText};
use scanner::{Event, Reference, Scanner};
pub use scanner::{Token, Tokens};

/// What a script's `:name` can see: psql's variables, and a shell for backticks where the user allowed one.
pub trait Variables {
    /// The variable's value, or none where it is not set. Values hold no NUL byte.
    fn value(&self, name: &[u8]) -> Option<Cow<'_, [u8]>>;

    /// The same where the value is read as if it were typed.
    fn typed_value(&self, name: &[u8]) -> Option<Cow<'_, [u8]>> {
        self.value(name)
    }

    /// The output of a command in backticks; none where no shell may be run (psql then goes on with nothing).
    fn shell(&self, _command: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

/// For places where no variable is set.
pub struct NoVariables;

impl Variables for NoVariables {
    fn value(&self, _name: &[u8]) -> Option<Cow<'_, [u8]>> {
        None
    }
}

/// Why [`Lexer::scan`] came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// [`Lexer::statement`] is complete: send it, then [`Lexer::clear`]. In a false `\if` branch do neither.
    Statement,
    /// A backslash was read: [`Lexer::command_name`] is next.
    MetaCommand,
    /// The line is used up: [`Lexer::feed`] the next one.
    LineEnd,
}

/// What the script's end has cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    Quote,
    Identifier,
    DollarQuote,
    Comment,
    Parentheses,
    /// `BEGIN ATOMIC … END` of a routine.
    AtomicBody,
}

/// How the input ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Text without a closing `;` is left: psql sends it.
    pub pending: bool,
    /// What is still open, and where it was opened.
    pub inside: Option<(Inside, Position)>,
}

/// Something psql says on stderr while it scans. The text is psql's, without its prefix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    #[error("skipping recursive expansion of variable \"{0}\"")]
    Recursion(String),
    #[error("invalid multibyte character in the value of variable \"{0}\"")]
    NotQuotable(String),
    #[error("shell command argument contains a newline or carriage return: \"{0}\"")]
    NotShellQuotable(String),
    #[error("unterminated quoted string")]
    UnterminatedQuote,
}

/// A point in the query buffer to which a false `\if` branch goes back.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    length: usize,
    depth: u32,
}

/// The scanner of one input. Included files have a scanner of their own, as in psql.
pub struct Lexer {
    input: Input,
    scanner: Scanner,
    query: Query,
    encoding: Encoding,
    single_line: bool,
    active: bool,
    line_ended: bool,
    /// The last backslash.
    command: Position,
    notices: Vec<Notice>,
}

impl Default for Lexer {
    fn default() -> Self {
        Self::new()
    }
}

impl Lexer {
    pub fn new() -> Self {
        Self {
            input: Input::default(),
            scanner: Scanner::default(),
            query: Query::default(),
            encoding: Encoding::default(),
            single_line: false,
            active: true,
            line_ended: true,
            command: Position::default(),
            notices: Vec::new(),
        }
    }

    /// As the server reports it; takes effect with the next line, as in psql.
    pub fn set_standard_conforming_strings(&mut self, on: bool) {
        self.scanner.standard_strings = on;
    }

    /// psql's idea of the client encoding; takes effect with the next line.
    pub fn set_client_encoding(&mut self, encoding: Encoding) {
        self.encoding = encoding;
    }

    /// `SINGLELINE`: a line's end ends the statement.
    pub fn set_single_line(&mut self, on: bool) {
        self.single_line = on;
    }

    /// False inside a false `\if` branch: no variable is replaced and no backtick is run.
    pub fn set_active(&mut self, active: bool) {
        self.active = active;
    }

    /// Takes the next line, without its newline and without NUL bytes (as [`crate::sql::reader::Lines`] gives
    /// them). False where psql drops the line unseen: it is empty and not inside a quote or comment.
    pub fn feed(&mut self, line: &[u8], place: Place) -> bool {
        let (line, place) = without_byte_order_mark(line, place, self.encoding);
        self.line_ended = line.is_empty() && !self.scanner.in_quote();
        if self.line_ended {
            return false;
        }
        self.query.begin_line();
        self.input.set_line(line, place, self.encoding);
        true
    }

    /// Goes on with the line until something is to be done.
    pub fn scan(&mut self, variables: &dyn Variables) -> Stop {
        if self.line_ended {
            return Stop::LineEnd;
        }
        loop {
            match self.step() {
                Event::End if self.input.pop() => {}
                Event::End => return self.end_line(),
                Event::Semicolon => return Stop::Statement,
                Event::Backslash => {
                    self.query.drop_unused_newline();
                    return Stop::MetaCommand;
                }
                Event::Escaped => self.emit(1),
                Event::Variable(reference, length) => self.substitute(reference, length, variables),
            }
        }
    }

    /// The query buffer: what psql would send now.
    pub fn statement(&self) -> Statement<'_> {
        self.query.statement()
    }

    /// Whether anything is in the query buffer.
    pub fn is_empty(&self) -> bool {
        self.query.is_empty()
    }

    /// Empties the query buffer after a statement was sent.
    pub fn clear(&mut self) {
        self.query.clear();
    }

    /// Empties the query buffer and forgets parentheses (`\r`, `\g` and its kin after sending).
    pub fn reset(&mut self) {
        self.query.clear();
        self.scanner.reset();
    }

    /// Remembers the query buffer (at `\if`, and at the end of a true branch).
    pub fn mark(&self) -> Mark {
        Mark { length: self.query.len(), depth: self.scanner.paren_depth }
    }

    /// Throws away what was read since the mark (at the end of a false branch).
    pub fn rewind(&mut self, mark: Mark) {
        self.query.truncate(mark.length);
        self.scanner.paren_depth = mark.depth;
    }

    /// What psql would do with the rest at the end of the input, and what that end cut off.
    pub fn finish(&self) -> Ending {
        let inside = self.scanner.inside().map(|(inside, at)| (inside, self.query.position(at)));
        Ending { pending: !self.query.is_empty(), inside }
    }

    /// Forgets the rest of the line (psql does after an error with `ON_ERROR_STOP`, and after `\q`).
    pub fn drop_line(&mut self) {
        self.input.clear();
        self.line_ended = true;
    }

    /// What psql would have written to stderr since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Where the meta-command's backslash stands, after [`Stop::MetaCommand`].
    pub fn command_position(&self) -> Position {
        self.command
    }

    /// Where the next byte to be scanned stands: after [`Self::argument`], the end of that argument.
    pub fn position(&mut self) -> Position {
        self.input.position()
    }

    /// The current line with `length` bytes at a position in it marked: for messages about meta-commands.
    pub fn excerpt(&self, position: Position, length: usize) -> Excerpt {
        self.input.excerpt(position, length)
    }

    fn step(&mut self) -> Event {
        if self.query.is_empty() {
            let (bytes, at) = self.input.current();
            let blank = self.scanner.skip_blank(bytes, at) - at;
            self.input.advance(blank);
        }
        let (bytes, at) = self.input.current();
        let (end, event) = self.scanner.run(bytes, at, self.query.len());
        self.emit(end - at);
        if event == Event::Backslash {
            self.command = self.input.position();
        }
        if matches!(event, Event::Escaped | Event::Backslash) {
            self.input.advance(1);
        }
        event
    }

    /// Moves `length` bytes from the input to the query buffer.
    fn emit(&mut self, length: usize) {
        if length == 0 {
            return;
        }
        self.trace();
        self.query.push(self.input.original(length));
        self.input.advance(length);
    }

    /// Notes where the next bytes of the query buffer come from, unless that goes without saying.
    fn trace(&mut self) {
        let reference = self.input.reference();
        if reference == 0 && self.query.continues_at(self.input.offset()) {
            return;
        }
        let position = self.input.position();
        if (reference > 0 || position.column > 1) && self.query.wants_window(position.line) {
            self.query.keep_window(self.input.window());
        }
        self.query.begin_segment(position, reference);
    }

    fn end_line(&mut self) -> Stop {
        self.line_ended = true;
        if self.single_line && self.scanner.at_rest() && !self.query.is_empty() {
            return Stop::Statement;
        }
        Stop::LineEnd
    }

    /// Puts what a variable stands for in place of its reference, or leaves the reference as it is written.
    fn substitute(&mut self, reference: Reference, length: usize, variables: &dyn Variables) {
        let (before, after) = reference.frame();
        let name = self.input.original(length)[before..length - after].to_vec();
        if reference == Reference::Plain {
            match self.plain_value(&name, variables) {
                Some(value) => self.input.expand(name, length, &value, self.encoding),
                None => self.emit(length),
            }
        } else {
            match self.replacement(reference, &name, variables) {
                Some(text) => self.emit_text(&text, length),
                None => self.emit(length),
            }
        }
    }

    fn value<'v>(&self, name: &[u8], variables: &'v dyn Variables) -> Option<Cow<'v, [u8]>> {
        if self.active { variables.value(name) } else { None }
    }

    fn plain_value<'v>(&mut self, name: &[u8], variables: &'v dyn Variables) -> Option<Cow<'v, [u8]>> {
        let value = if self.active { variables.typed_value(name) } else { None }?;
        if self.input.is_expanding(name) {
            self.notices.push(Notice::Recursion(String::from_utf8_lossy(name).into_owned()));
            return None;
        }
        Some(value)
    }

    /// The text that a quoting or testing reference stands for; none where it stays as it is written.
    fn replacement(
        &mut self,
        reference: Reference,
        name: &[u8],
        variables: &dyn Variables,
    ) -> Option<Vec<u8>> {
        let value = self.value(name, variables);
        match reference {
            Reference::Plain => value.map(Cow::into_owned),
            Reference::Test if value.is_some() => Some(b"TRUE".to_vec()),
            Reference::Test => Some(b"FALSE".to_vec()),
            Reference::Literal | Reference::Identifier => {
                let value = value?;
                let quoted = if reference == Reference::Literal {
                    quoting::literal(&value, self.encoding)
                } else {
                    quoting::identifier(&value, self.encoding)
                };
                if quoted.is_none() {
                    self.notices.push(Notice::NotQuotable(String::from_utf8_lossy(name).into_owned()));
                }
                quoted
            }
        }
    }

    /// Puts `text` into the query buffer in place of the next `length` bytes of the input.
    fn emit_text(&mut self, text: &[u8], length: usize) {
        let position = self.input.position();
        if self.query.wants_window(position.line) {
            self.query.keep_window(self.input.window());
        }
        let outer = self.input.reference();
        let reference = if outer > 0 { outer } else { u32::try_from(length).unwrap_or(u32::MAX) };
        self.query.begin_segment(position, reference);
        self.query.push(text);
        self.input.advance(length);
    }
}

fn without_byte_order_mark(line: &[u8], place: Place, encoding: Encoding) -> (&[u8], Place) {
    match line.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) if place.line == 1 && encoding == Encoding::Utf8 => {
            (rest, Place { offset: place.offset + 3, ..place })
        }
        _ => (line, place),
    }
}
