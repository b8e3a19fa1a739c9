//! Reads the tokens of a script, and of the strings and bodies in it.

use std::borrow::Cow;

use super::finding::{Findings, Phrase, Place};
use super::window::{Next, Window};
use super::word::{Scope, UNKNOWN, Word};
use super::{Reach, command};
use crate::sql::lexer::{Statement, Token, Tokens};
use crate::sql::survey::{Listener, Survey};
use crate::text::Position;

/// Strings in strings beyond this depth are not read: each level is read once more.
const DEEPEST: u8 = 8;

#[derive(Default)]
pub(super) struct Judge {
    findings: Findings,
    command: (String, Position),
}

impl Judge {
    /// What was found, now that the survey has found its commands and included files.
    pub fn reach(self, survey: &Survey) -> Reach {
        command::with_files(self.findings.reach(), survey)
    }
}

impl Listener for Judge {
    fn statement(&mut self, statement: &Statement, standard_strings: bool) {
        let place = Place::Statement(statement);
        Reading { place, standard_strings, findings: &mut self.findings }.read(
            statement.text,
            0,
            Level::default(),
        );
    }

    fn command(&mut self, name: &str, position: Position) {
        self.command = (name.to_owned(), position);
        self.findings.is_dynamic |= name == "gexec";
        let place = Place::Command(position);
        if let Some(what) = command::reach(name) {
            let text = format!("\\{name}");
            self.findings.add(&place, Phrase { text: text.as_bytes(), at: 0 }, what, true);
        }
    }

    fn argument(&mut self, value: &[u8]) {
        let (name, position) = &self.command;
        let is_copy = name == "copy";
        let text = if is_copy { Cow::Owned([b"copy ", value].concat()) } else { Cow::Borrowed(value) };
        let level = Level { is_copy, ..Level::default() };
        let place = Place::Command(*position);
        Reading { place, standard_strings: true, findings: &mut self.findings }.read(&text, 0, level);
    }

    fn data(&mut self, _block: &[u8]) {}
}

/// Where a text stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Level {
    pub depth: u8,
    /// A string that is no body: in it words may be prose.
    pub is_string: bool,
    /// It goes into a table or a comment, so that it is run only by dynamic SQL.
    pub is_data: bool,
    /// `\copy`
    pub is_copy: bool,
}

/// One statement, or the arguments of one command, while they are read.
pub(super) struct Reading<'a> {
    pub place: Place<'a>,
    pub standard_strings: bool,
    pub findings: &'a mut Findings,
}

impl Reading<'_> {
    fn read(&mut self, text: &[u8], base: usize, level: Level) {
        let mut window = Window::new(text, base, level);
        for token in Tokens::new(text, self.standard_strings) {
            match part(&token, level.depth > 0) {
                Part::Word => window.word(Word::of(token.bytes), token, self),
                Part::Name(name) => window.word(named(name), token, self),
                Part::Bits => window.next(Next::Symbol(b'\''), token, self),
                Part::Symbol(symbol) => window.next(Next::Symbol(symbol), token, self),
                Part::String { from, to, is_escaped } => {
                    let content = &token.bytes[from..to];
                    let inner = window.inside(token.bytes[0] == b'$');
                    window.next(Next::String(content), token, self);
                    self.read_string(content, is_escaped, base + token.at + from, inner);
                }
            }
        }
        window.end(self);
    }

    fn read_string(&mut self, content: &[u8], is_escaped: bool, base: usize, level: Level) {
        if !content.iter().any(u8::is_ascii_alphabetic) {
            return;
        }
        if level.depth > DEEPEST {
            let phrase = Phrase { text: content, at: base };
            return self.findings.add(&self.place, phrase, (Scope::Both, UNKNOWN), !level.is_data);
        }
        let text = if is_escaped { unescaped(content) } else { Cow::Borrowed(content) };
        self.read(&text, base, level);
    }
}

/// What a token is to the judge.
enum Part<'t> {
    Word,
    /// An identifier in quotes, without them.
    Name(&'t [u8]),
    String {
        from: usize,
        to: usize,
        is_escaped: bool,
    },
    Bits,
    Symbol(u8),
}

fn part<'t>(token: &Token<'t>, in_string: bool) -> Part<'t> {
    let bytes = token.bytes;
    match bytes {
        [b'\'', ..] => string(bytes, 1, memchr::memchr(b'\\', bytes).is_some()),
        [b'e' | b'E', b'\'', ..] => string(bytes, 2, true),
        [b'u' | b'U', b'&', b'\'', ..] => string(bytes, 3, false),
        [b'b' | b'B' | b'x' | b'X', b'\'', ..] => Part::Bits,
        // Other languages than SQL have strings in these quotes.
        [b'"', ..] if in_string && memchr::memchr2(b' ', b'\n', bytes).is_some() => string(bytes, 1, true),
        [b'"', inner @ ..] => Part::Name(inner.strip_suffix(b"\"").unwrap_or(inner)),
        [b'$', ..] => dollar(bytes),
        _ if token.is_name() => Part::Word,
        _ => Part::Symbol(bytes[0]),
    }
}

fn string<'t>(bytes: &[u8], from: usize, is_escaped: bool) -> Part<'t> {
    let is_closed = bytes.len() > from && matches!(bytes.last(), Some(b'\'' | b'"'));
    Part::String { from, to: bytes.len() - usize::from(is_closed), is_escaped }
}

fn dollar<'t>(bytes: &[u8]) -> Part<'t> {
    let Some(tag) = memchr::memchr(b'$', &bytes[1..]).map(|at| at + 2) else { return Part::Symbol(b'$') };
    let is_closed = bytes.len() >= 2 * tag && bytes.ends_with(&bytes[..tag]);
    Part::String { from: tag, to: bytes.len() - if is_closed { tag } else { 0 }, is_escaped: false }
}

/// A name in quotes is no keyword.
fn named(name: &[u8]) -> Word {
    match Word::of(name) {
        word @ (Word::Telling(..) | Word::Cron | Word::DbName | Word::Host) => word,
        _ => Word::Other,
    }
}

/// Escapes of white space become such, and other backslashes go; each byte keeps its place.
fn unescaped(content: &[u8]) -> Cow<'_, [u8]> {
    let mut text = content.to_vec();
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'\\', &text[from..]).map(|at| from + at) {
        text[at] = b' ';
        if let Some(escaped) = text.get_mut(at + 1).filter(|byte| b"nrtbf".contains(byte)) {
            *escaped = b' ';
        }
        from = (at + 2).min(text.len());
    }
    Cow::Owned(text)
}
