//! The script's input: its file and those it includes, each with its own lexer and `\if` branches.

use std::io::{self, Read};
use std::rc::Rc;

use super::variables::Variables;
use crate::sql::encoding::Encoding;
use crate::sql::lexer::{Lexer, Mark, Mode, Position};
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
}

impl Input {
    pub fn new(name: String, text: Box<dyn Read>) -> Self {
        Self {
            name: name.into(),
            lines: Lines::new(text),
            lexer: Lexer::new(),
            branches: Branches::default(),
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

    /// Whether another argument of a meta-command follows; its value.
    pub fn argument(&mut self, variables: &Variables) -> Option<Vec<u8>> {
        let argument = self.lexer.argument(Mode::Normal, false, variables);
        argument.ok().flatten().map(|argument| argument.value)
    }
}

/// psql's states of an `\if`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Branch {
    True,
    /// No branch was true yet.
    False,
    /// A branch was true before, or the whole `\if` lies in a false one.
    Ignored,
    ElseTrue,
    ElseFalse,
}

/// The open `\if`s of one file, innermost last, with the query buffer to which a false branch goes back.
#[derive(Default)]
pub(super) struct Branches(Vec<(Branch, Mark, Position)>);

impl Branches {
    pub fn is_active(&self) -> bool {
        self.0.last().is_none_or(|(branch, ..)| matches!(branch, Branch::True | Branch::ElseTrue))
    }

    pub fn innermost(&self) -> Option<Branch> {
        self.0.last().map(|(branch, ..)| *branch)
    }

    /// Where the innermost `\if` stands.
    pub fn opened_at(&self) -> Option<Position> {
        self.0.last().map(|(.., position)| *position)
    }

    pub fn open(&mut self, branch: Branch, lexer: &Lexer, at: Position) {
        self.0.push((branch, lexer.mark(), at));
    }

    /// Leaves the current branch: what was read in a false one is thrown away, what was read in a true one
    /// is kept.
    pub fn leave(&mut self, lexer: &mut Lexer) {
        let active = self.is_active();
        let Some((_, mark, _)) = self.0.last_mut() else { return };
        if active {
            *mark = lexer.mark();
        } else {
            lexer.rewind(*mark);
        }
    }

    pub fn enter(&mut self, next: Branch) {
        if let Some((branch, ..)) = self.0.last_mut() {
            *branch = next;
        }
    }

    pub fn close(&mut self) {
        self.0.pop();
    }
}
