//! The script's input: its file and those it includes, each with its own lexer and `\if` branches.

use std::io::{self, Read};
use std::rc::Rc;

use super::branch::Branches;
use super::meta::MetaError;
use super::variables::Variables;
use crate::sql::encoding::Encoding;
use crate::sql::lexer::{Argument, Lexer, Mode, Position, UnterminatedQuote};
use crate::sql::reader::Lines;

/// Where a script's text comes from.
pub trait ScriptSource {
    /// The file as messages and notices name it.
    fn name(&self) -> String;

    /// The script's text, decompressed.
    fn open(&mut self) -> io::Result<Box<dyn Read>>;

    /// The text of a file named by `\i`, or by `\ir` in the file `relative_to`, and the name it goes by.
    fn include(&mut self, name: &str, relative_to: Option<&str>) -> io::Result<(String, Box<dyn Read>)>;

    /// psql variables that are set before the script begins.
    fn variables(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// One open file.
pub(super) struct Input {
    pub name: Rc<str>,
    pub lines: Lines<Box<dyn Read>>,
    pub lexer: Lexer,
    pub branches: Branches,
    /// The last statement that was sent, for `\p`.
    pub previous: Vec<u8>,
}

impl Input {
    pub fn new(name: String, text: Box<dyn Read>) -> Self {
        Self {
            name: name.into(),
            lines: Lines::new(text),
            lexer: Lexer::new(),
            branches: Branches::default(),
            previous: Vec::new(),
        }
    }

    /// The number of the last line that was read, as psql's messages give it.
    pub fn line(&self) -> u64 {
        self.lines.place().line.saturating_sub(1)
    }

    /// Feeds the lexer the next line; false at the end of the file.
    pub fn read_line(&mut self) -> io::Result<Option<bool>> {
        let Some(line) = self.lines.next_line()? else { return Ok(None) };
        let depends = super::variables::names_row_count(line.bytes);
        self.lexer.feed(line.bytes, line.place);
        Ok(Some(depends))
    }

    pub fn position(&mut self) -> Position {
        self.lexer.position()
    }

    /// Tells the lexer what the server reported.
    pub fn follow(&mut self, encoding: Encoding, standard_strings: bool) {
        self.lexer.set_client_encoding(encoding);
        self.lexer.set_standard_conforming_strings(standard_strings);
    }

    /// Lets the lexer know whether the current branch is a true one.
    pub fn activate(&mut self) {
        self.lexer.set_active(self.branches.is_active());
    }

    /// The next argument of a meta-command; none at its end.
    pub fn argument(&mut self, variables: &Variables) -> Result<Option<Argument>, MetaError> {
        match self.lexer.argument(Mode::Normal, false, variables) {
            Err(UnterminatedQuote) => Err(MetaError::UnterminatedQuote),
            Ok(Some(argument)) if !argument.backticks.is_empty() => Err(MetaError::Shell),
            Ok(argument) => Ok(argument),
        }
    }
}
