//! What of a script is known only once it runs: where a variable, or a file, may hold a meta-command.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::Copy;
use super::surveyor::Word;
use crate::sql::copy::Side;
use crate::sql::lexer::{self, Inside, Lexer, NoVariables, Place, Stop};
use crate::text::Position;

/// Variables that tell of the connection, or of an error, and so hold what somebody else has written.
const FOREIGN: [&[u8]; 4] = [b"DBNAME", b"HOST", b"LAST_ERROR_MESSAGE", b"USER"];

/// What a statement holds that sets `standard_conforming_strings`, unless its own text is put together.
static SETTING: LazyLock<[Finder; 2]> =
    LazyLock::new(|| ["conforming", "set_config"].map(|word| Finder::new(word.as_bytes())));

/// Something as it is written, and its line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mention {
    pub line: u64,
    pub text: String,
}

/// The first place of each kind at which the text alone does not tell what psql does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unknowns {
    /// Variables whose values are read as if they were typed.
    pub references: BTreeMap<Vec<u8>, Mention>,
    /// Variables whose values are not plain text, or not written out.
    pub values: BTreeMap<Vec<u8>, Mention>,
    /// Variables with names and values that only the server, the environment or the user knows.
    pub any_value: Option<Mention>,
    /// A file whose name is not written out is included.
    pub include: Option<Mention>,
    /// The working directory changes, from which the names of included files count.
    pub directory: Option<Mention>,
    /// A file is written, which may be one that is included.
    pub output: Option<Mention>,
    /// A file of the machine on which psql runs is read or written, and not as a script.
    pub file: Option<Mention>,
    /// Standard input is read.
    pub input: Option<Mention>,
    /// `standard_conforming_strings` is set in a way that is not followed.
    pub strings: Option<Mention>,
    /// A string whose end depends on that.
    pub escape: Option<Mention>,
}

impl Mention {
    pub(super) fn command(name: &str, at: Position) -> Self {
        Self { line: at.line, text: format!("\\{name}") }
    }

    fn reference(name: &[u8], line: u64) -> Self {
        Self { line, text: format!(":{}", String::from_utf8_lossy(name)) }
    }
}

impl Unknowns {
    /// The variable's value is read as if it were typed.
    pub(super) fn refers(&mut self, name: Vec<u8>, line: u64) {
        let mention = Mention::reference(&name, line);
        if FOREIGN.contains(&name.as_slice()) {
            self.values.entry(name.clone()).or_insert_with(|| mention.clone());
        }
        self.references.entry(name).or_insert(mention);
    }

    /// `\set`
    pub(super) fn set(&mut self, name: Word, values: Vec<Word>, at: Position) {
        let mention = || Mention::command("set", at);
        let Some(name) = name.literal() else {
            self.any_value.get_or_insert_with(mention);
            return;
        };
        if let [only] = values.as_slice()
            && let Some(of) = only.only_reference()
        {
            return self.refers(of.to_vec(), at.line);
        }
        let is_known = values.iter().all(|word| word.is_literal);
        let value = values.into_iter().flat_map(|word| word.value).collect::<Vec<_>>();
        if !is_known || !is_plain(&value) {
            self.values.entry(name).or_insert_with(mention);
        }
    }

    /// Commands of which nothing but the name matters.
    pub(super) fn command(&mut self, name: &str, at: Position) {
        if matches!(name, "lo_import" | "lo_export" | "s") {
            self.file.get_or_insert_with(|| Mention::command(name, at));
        }
        let place = match name {
            "gset" | "prompt" | "getenv" | "c" | "connect" => &mut self.any_value,
            "cd" => &mut self.directory,
            "lo_export" | "s" => &mut self.output,
            _ => return,
        };
        place.get_or_insert_with(|| Mention::command(name, at));
    }

    /// An argument that names a file to be written.
    pub(super) fn written(&mut self, word: Word, command: &str, at: Position) {
        word.references.into_iter().for_each(|name| self.refers(name, at.line));
        self.output.get_or_insert_with(|| Mention::command(command, at));
        self.file.get_or_insert_with(|| Mention::command(command, at));
    }

    pub(super) fn reads(&mut self, at: Position) {
        self.input.get_or_insert_with(|| Mention { line: at.line, text: "standard input".to_owned() });
    }

    pub(super) fn copy(&mut self, copy: &Copy, at: Position) {
        if matches!(copy.side, Side::File(_)) {
            self.file.get_or_insert_with(|| Mention::command("copy", at));
            if !copy.from {
                self.output.get_or_insert_with(|| Mention::command("copy", at));
            }
        }
    }

    /// A statement; `is_followed`: what it does to strings is.
    pub(super) fn statement(&mut self, text: &[u8], is_followed: bool, line: u64) {
        if self.escape.is_none()
            && memchr::memchr_iter(b'\\', text).any(|at| text.get(at + 1) == Some(&b'\''))
        {
            self.escape = Some(Mention { line, text: "\\'".to_owned() });
        }
        let sets_strings = || SETTING.iter().any(|word| word.find(text).is_some());
        if self.strings.is_none() && !is_followed && sets_strings() {
            self.strings = Some(Mention { line, text: "standard_conforming_strings".to_owned() });
        }
    }
}

/// Whether a variable's value is text in which psql finds no meta-command, whatever stands around it.
pub fn is_plain(value: &[u8]) -> bool {
    if value.starts_with(b"|") || value.iter().any(|byte| b"\\`:\r\n\0".contains(byte)) {
        return false;
    }
    let mut lexer = Lexer::new();
    if lexer.feed(value, Place { line: 2, offset: 0 }) {
        while lexer.scan(&NoVariables) == Stop::Statement {
            lexer.clear();
        }
    }
    lexer.finish().inside.is_none_or(|(inside, _)| inside == Inside::Parentheses)
}

/// Variables of which nothing is known, but which were asked for.
#[derive(Default)]
pub(super) struct Asked(RefCell<Vec<Vec<u8>>>);

impl Asked {
    pub fn take(&self) -> Vec<Vec<u8>> {
        self.0.take()
    }
}

impl lexer::Variables for Asked {
    fn value(&self, name: &[u8]) -> Option<std::borrow::Cow<'_, [u8]>> {
        self.0.borrow_mut().push(name.to_vec());
        None
    }
}

/// The same, but for those only whose values are read as if they were typed.
#[derive(Default)]
pub(super) struct Spliced(Asked);

impl Spliced {
    pub fn take(&self) -> Vec<Vec<u8>> {
        self.0.take()
    }
}

impl lexer::Variables for Spliced {
    fn value(&self, _name: &[u8]) -> Option<std::borrow::Cow<'_, [u8]>> {
        None
    }

    fn typed_value(&self, name: &[u8]) -> Option<std::borrow::Cow<'_, [u8]>> {
        self.0.value(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_hides_no_command_and_leaves_nothing_open() {
        for plain in ["", "17", "a.b", "'2020-01-01'", "$$x$$", "(1", "x -- y"] {
            assert!(is_plain(plain.as_bytes()), "{plain}");
        }
        for other in ["\\! ls", "'", "$$", "/*", "|ls", ":x", "`ls`", "a\nb", "\"", "$x$ $y$"] {
            assert!(!is_plain(other.as_bytes()), "{other}");
        }
    }
}
