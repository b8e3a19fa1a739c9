//! The state machine of `psqlscanslash.l`: a meta-command's name and its arguments.

use super::quoting;
use super::scanner::Reference;
use super::{Lexer, NoVariables, Notice, Variables};
use crate::sql::encoding::Encoding;

/// How a command wants its argument read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Normal,
    /// An SQL identifier: folded to lower case, double quotes removed.
    Identifier,
    /// The same without folding (`\connect`).
    IdentifierAsWritten,
    /// A file, or from a leading `|` on the rest of the line.
    FileOrPipe,
    /// The rest of the line, as it is written.
    WholeLine,
}

/// One argument, with variables replaced and quotes removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Argument {
    pub value: Vec<u8>,
    /// The last kind of quoting in it: `'`, `"`, `` ` `` or `:`.
    pub quote: Option<u8>,
    /// Commands in backticks. What [`Variables::shell`] said stands in the value in their place.
    pub backticks: Vec<Vec<u8>>,
}

/// The line ended inside a quoted argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unterminated quoted string")]
pub struct UnterminatedQuote;

enum State {
    Start,
    Open,
    Single,
    Double,
    Backtick { from: usize },
    WholeLine,
    Ended,
}

/// An argument being read.
struct Reading {
    argument: Argument,
    state: State,
    mode: Mode,
    /// How many bytes at the end were not quoted in any way.
    unquoted: usize,
    run_shell: bool,
}

impl Lexer {
    /// The command's name, after a backslash; empty if none follows.
    pub fn command_name(&mut self) -> Vec<u8> {
        self.scanner.leave_string();
        let mut name = Vec::new();
        while self.input.settle() {
            let rest = self.input.rest();
            let length = rest.iter().position(|&byte| is_space(byte) || byte == b'\\').unwrap_or(rest.len());
            name.extend_from_slice(self.input.original(length));
            let more = length == rest.len();
            self.input.advance(length);
            if !more {
                break;
            }
        }
        cut_at_nul(&mut name);
        name
    }

    /// Whether a backtick, or a variable's value, is in what is left of the line.
    pub fn may_run_programs(&self) -> bool {
        self.input.reference() > 0 || self.input.rest().contains(&b'`')
    }

    /// The next argument; none at the command's end. With `strip_semicolons`, unquoted ones at its end go.
    pub fn argument(
        &mut self,
        mode: Mode,
        strip_semicolons: bool,
        variables: &dyn Variables,
    ) -> Result<Option<Argument>, UnterminatedQuote> {
        let state = if mode == Mode::WholeLine { State::WholeLine } else { State::Start };
        let mut reading =
            Reading { argument: Argument::default(), state, mode, unquoted: 0, run_shell: self.active };
        while !matches!(reading.state, State::Ended) && self.input.settle() {
            self.read_on(&mut reading, variables);
        }
        if matches!(reading.state, State::Single | State::Double | State::Backtick { .. }) {
            return Err(UnterminatedQuote);
        }
        Ok(reading.finish(strip_semicolons, self.encoding))
    }

    /// Ends a command that was understood: returns the arguments that nobody asked for (psql warns of each, and
    /// replaces nothing in them) and swallows a closing `\\`.
    pub fn end_command(&mut self) -> Vec<Vec<u8>> {
        let active = std::mem::replace(&mut self.active, false);
        let extra = self.superfluous_arguments();
        self.active = active;
        if self.input.settle() && self.input.rest().starts_with(b"\\\\") {
            self.input.advance(2);
        }
        extra
    }

    fn superfluous_arguments(&mut self) -> Vec<Vec<u8>> {
        let mut extra = Vec::new();
        loop {
            match self.argument(Mode::Normal, false, &NoVariables) {
                Ok(Some(argument)) => extra.push(argument.value),
                Ok(None) => return extra,
                Err(UnterminatedQuote) => {
                    self.notices.push(Notice::UnterminatedQuote);
                    return extra;
                }
            }
        }
    }

    /// Ends a command that failed: the rest of the line is thrown away.
    pub fn abandon_command(&mut self) {
        while self.input.settle() {
            let length = self.input.rest().len();
            self.input.advance(length);
        }
    }

    fn read_on(&mut self, reading: &mut Reading, variables: &dyn Variables) {
        match reading.state {
            State::Start => self.begin_argument(reading),
            State::Open => self.read_open(reading, variables),
            State::Single => self.read_single(reading),
            State::Double => self.read_double(reading),
            State::Backtick { from } => self.read_backtick(reading, from, variables),
            State::WholeLine => self.read_whole_line(reading),
            State::Ended => {}
        }
    }

    fn begin_argument(&mut self, reading: &mut Reading) {
        let first = self.input.rest()[0];
        if is_space(first) {
            self.input.advance(1);
        } else if first == b'|' && reading.mode == Mode::FileOrPipe {
            self.take(reading, 1);
            reading.state = State::WholeLine;
        } else {
            reading.state = State::Open;
        }
    }

    fn read_open(&mut self, reading: &mut Reading, variables: &dyn Variables) {
        let rest = self.input.rest();
        match rest[0] {
            b'\\' => reading.state = State::Ended,
            byte if is_space(byte) => reading.state = State::Ended,
            b'\'' => self.open_quote(reading, State::Single),
            b'`' => self.open_quote(reading, State::Backtick { from: reading.argument.value.len() }),
            b'"' => {
                self.take(reading, 1);
                reading.mark_quoted(b'"');
                reading.state = State::Double;
            }
            b':' => match Reference::parse(rest) {
                Some((reference, length)) => self.read_reference(reading, reference, length, variables),
                None => self.take_unquoted(reading, 1),
            },
            _ => {
                let is_plain = |byte: u8| !is_space(byte) && !b"\\'`\":".contains(&byte);
                let length = rest.iter().position(|&byte| !is_plain(byte)).unwrap_or(rest.len());
                self.take_unquoted(reading, length);
            }
        }
    }

    fn open_quote(&mut self, reading: &mut Reading, state: State) {
        reading.mark_quoted(self.input.rest()[0]);
        reading.state = state;
        self.input.advance(1);
    }

    fn read_reference(
        &mut self,
        reading: &mut Reading,
        reference: Reference,
        length: usize,
        variables: &dyn Variables,
    ) {
        self.put_reference(reading, reference, length, variables);
        // psql leaves its count of unquoted characters alone after `:{?name}`.
        if reference != Reference::Test {
            reading.mark_quoted(b':');
        }
    }

    fn put_reference(
        &mut self,
        reading: &mut Reading,
        reference: Reference,
        length: usize,
        variables: &dyn Variables,
    ) {
        let (before, after) = reference.frame();
        let name = self.input.original(length)[before..length - after].to_vec();
        match self.replacement(reference, &name, variables) {
            Some(text) => {
                reading.argument.value.extend_from_slice(&text);
                self.input.advance(length);
            }
            None => self.take(reading, length),
        }
    }

    fn read_single(&mut self, reading: &mut Reading) {
        let rest = self.input.rest();
        match (rest[0], rest.get(1)) {
            (b'\'', Some(b'\'')) => {
                reading.argument.value.push(b'\'');
                self.input.advance(2);
            }
            (b'\'', _) => {
                self.input.advance(1);
                reading.state = State::Open;
            }
            (b'\\', Some(&byte)) if byte != b'\n' => self.read_escape(reading),
            _ => {
                let length = 1 + rest[1..].iter().take_while(|byte| !b"'\\".contains(byte)).count();
                self.take(reading, length);
            }
        }
    }

    /// `\n`, `\101`, `\x41` and `\` before any other byte.
    fn read_escape(&mut self, reading: &mut Reading) {
        let rest = self.input.rest();
        let (byte, length) = match rest[1] {
            b'n' => (b'\n', 2),
            b't' => (b'\t', 2),
            b'b' => (0x08, 2),
            b'r' => (b'\r', 2),
            b'f' => (0x0c, 2),
            b'0'..=b'7' => number(&rest[1..], 8, 3).map_or((0, 2), |(value, digits)| (value, 1 + digits)),
            b'x' => match number(&rest[2..], 16, 2) {
                Some((value, digits)) => (value, 2 + digits),
                None => (b'x', 2),
            },
            _ => (self.input.original(2)[1], 2),
        };
        reading.argument.value.push(byte);
        self.input.advance(length);
    }

    fn read_double(&mut self, reading: &mut Reading) {
        let rest = self.input.rest();
        match memchr::memchr(b'"', rest) {
            Some(length) => {
                self.take(reading, length + 1);
                reading.state = State::Open;
            }
            None => self.take(reading, rest.len()),
        }
    }

    fn read_backtick(&mut self, reading: &mut Reading, from: usize, variables: &dyn Variables) {
        let rest = self.input.rest();
        match (rest[0], Reference::parse(rest)) {
            (b'`', _) => {
                self.input.advance(1);
                reading.run(from, variables);
                reading.state = State::Open;
            }
            (b':', Some((Reference::Plain, length))) => {
                self.put_reference(reading, Reference::Plain, length, variables);
            }
            (b':', Some((Reference::Literal, length))) => self.put_shell_word(reading, length, variables),
            _ => {
                let length = 1 + rest[1..].iter().take_while(|byte| !b"`:".contains(byte)).count();
                self.take(reading, length);
            }
        }
    }

    /// `:'name'` inside backticks is a word for the shell.
    fn put_shell_word(&mut self, reading: &mut Reading, length: usize, variables: &dyn Variables) {
        let name = self.input.original(length)[2..length - 1].to_vec();
        let Some(value) = self.value(&name, variables) else { return self.take(reading, length) };
        if let Some(word) = quoting::shell_word(&value) {
            reading.argument.value.extend_from_slice(&word);
            self.input.advance(length);
        } else {
            self.notices.push(Notice::NotShellQuotable(String::from_utf8_lossy(&value).into_owned()));
            self.take(reading, length);
        }
    }

    fn read_whole_line(&mut self, reading: &mut Reading) {
        let rest = self.input.rest();
        if reading.argument.value.is_empty() && is_space(rest[0]) {
            self.input.advance(1);
        } else {
            self.take(reading, rest.len());
        }
    }

    fn take(&mut self, reading: &mut Reading, length: usize) {
        reading.argument.value.extend_from_slice(self.input.original(length));
        self.input.advance(length);
    }

    fn take_unquoted(&mut self, reading: &mut Reading, length: usize) {
        self.take(reading, length);
        reading.unquoted += length;
    }
}

impl Reading {
    fn mark_quoted(&mut self, quote: u8) {
        self.argument.quote = Some(quote);
        self.unquoted = 0;
    }

    /// Ends a command in backticks: its output takes its place. Where commands are not to be run at all (a
    /// false branch, a superfluous argument), psql leaves the command itself.
    fn run(&mut self, from: usize, variables: &dyn Variables) {
        let command = self.argument.value[from..].to_vec();
        if self.run_shell {
            self.argument.value.truncate(from);
            let mut output = variables.shell(&command).unwrap_or_default();
            if output.last() == Some(&b'\n') {
                output.pop();
            }
            self.argument.value.append(&mut output);
        }
        self.argument.backticks.push(command);
    }

    fn finish(
        mut self,
        strip_semicolons: bool,
        encoding: crate::sql::encoding::Encoding,
    ) -> Option<Argument> {
        let value = &mut self.argument.value;
        let in_open =
            !matches!(self.mode, Mode::WholeLine) && !matches!(self.state, State::Start | State::WholeLine);
        if in_open && strip_semicolons {
            while self.unquoted > 0 && value.last() == Some(&b';') {
                value.pop();
                self.unquoted -= 1;
            }
        }
        let empty = value.is_empty() && self.argument.quote.is_none();
        cut_at_nul(value);
        if in_open && matches!(self.mode, Mode::Identifier | Mode::IdentifierAsWritten) {
            *value = plain_identifier(value, self.mode == Mode::Identifier, encoding);
        }
        (!empty).then_some(self.argument)
    }
}

/// Removes double quotes and folds what stands outside of them.
fn plain_identifier(text: &[u8], fold: bool, encoding: Encoding) -> Vec<u8> {
    let (mut plain, mut quoted, mut at) = (Vec::with_capacity(text.len()), false, 0);
    while at < text.len() {
        if text[at] == b'"' {
            let doubled = quoted && text.get(at + 1) == Some(&b'"');
            if doubled {
                plain.push(b'"');
                at += 1;
            } else {
                quoted = !quoted;
            }
            at += 1;
            continue;
        }
        let length = encoding.character_length(&text[at..]).min(text.len() - at);
        let start = plain.len();
        plain.extend_from_slice(&text[at..at + length]);
        if fold && !quoted {
            plain[start].make_ascii_lowercase();
        }
        at += length;
    }
    plain
}

/// The number that begins `digits`, cut to a byte, and how many digits it has.
fn number(digits: &[u8], radix: u32, most: usize) -> Option<(u8, usize)> {
    let values: Vec<u32> =
        digits.iter().take(most).map_while(|&digit| char::from(digit).to_digit(radix)).collect();
    let value = values.iter().fold(0, |sum, digit| sum * radix + digit);
    #[expect(clippy::cast_possible_truncation, reason = "psql casts to char")]
    (!values.is_empty()).then_some((value as u8, values.len()))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// psql holds these texts as C strings.
fn cut_at_nul(text: &mut Vec<u8>) {
    if let Some(end) = memchr::memchr(0, text) {
        text.truncate(end);
    }
}
