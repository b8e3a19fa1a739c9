//! The script's input: its file and those it includes, each with its own lexer and `\if` branches.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::branch::Branches;
use super::meta::MetaError;
use super::variables::Variables;
use crate::interrupt::Patient;
use crate::sql::encoding::Encoding;
use crate::sql::lexer::{Argument, Lexer, Mode, StatementText, UnterminatedQuote};
use crate::sql::reader::Lines;
use crate::sql::survey::begins_custom_dump;

/// Where a script's text comes from.
pub trait ScriptSource {
    /// The file as messages and notices name it.
    fn name(&self) -> String;

    /// The script's text, decompressed.
    fn open(&mut self) -> io::Result<Box<dyn Read>>;

    /// The script's file, from which `\ir` counts.
    fn path(&self) -> PathBuf {
        self.name().into()
    }

    /// Whether the script is standard input itself.
    fn is_standard_input(&self) -> bool {
        false
    }

    /// Standard input; it is asked for once.
    fn standard_input(&mut self) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(Patient(File::from(io::stdin().as_fd().try_clone_to_owned()?))))
    }

    /// The text of a file named by `\i`, or by `\ir` in the file `relative_to`, and the name it goes by.
    fn include(&mut self, name: &Path, relative_to: Option<&Path>) -> io::Result<(PathBuf, Box<dyn Read>)>;

    /// psql variables that are set before the script begins.
    fn variables(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// A variable of the caller's environment: for `\getenv`, and for `~` in the names of files.
    fn environment(&self, _name: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// What the script may do besides talking to its server.
    fn permissions(&self) -> Permissions {
        Permissions::default()
    }
}

/// What a script may do besides talking to its server; nothing, unless the caller allows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Run commands on this machine: `\!`, backticks, pipes of `\o`, `\g` and `\w`, `\copy … program`.
    pub allow_shell: bool,
}

/// One open file.
pub(super) struct Input {
    /// As messages call it.
    pub name: Rc<str>,
    /// From where `\ir` counts.
    pub path: PathBuf,
    /// It is standard input, which `\copy … from pstdin` and `\prompt` read on.
    pub is_standard: bool,
    pub lines: Lines<Box<dyn Read>>,
    pub lexer: Lexer,
    pub branches: Branches,
    /// The last statement that was sent, for `\p` and for `\g` without a new one.
    pub previous: Rc<StatementText>,
}

impl Input {
    pub fn new(name: String, path: PathBuf, lines: Lines<Box<dyn Read>>) -> Self {
        Self {
            name: name.into(),
            path,
            is_standard: false,
            lines,
            lexer: Lexer::new(),
            branches: Branches::default(),
            previous: Rc::default(),
        }
    }

    /// The number of the last line that was read, as psql's messages give it.
    pub fn line(&self) -> u64 {
        self.lines.count()
    }

    /// Feeds the lexer the next line; none at the end of the file.
    pub fn read_line(&mut self) -> io::Result<Option<LineRead<'_>>> {
        let Some(line) = self.lines.next_line()? else { return Ok(None) };
        let depends = super::variables::names_row_count(line.bytes);
        let is_dump = line.place.line == 1 && begins_custom_dump(line.bytes);
        let kept = self.lexer.feed(line.bytes, line.place);
        Ok(Some(LineRead { depends, is_dump, text: kept.then_some(line.bytes) }))
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

    /// The next argument of a meta-command; none at its end. `strip` takes unquoted semicolons off its end.
    pub fn argument(
        &mut self,
        mode: Mode,
        strip: bool,
        variables: &Variables,
    ) -> Result<Option<Argument>, MetaError> {
        match self.lexer.argument(mode, strip, variables) {
            Err(UnterminatedQuote) => Err(MetaError::UnterminatedQuote),
            Ok(Some(argument)) if !argument.backticks.is_empty() && !variables.allow_shell => {
                Err(MetaError::Shell)
            }
            Ok(argument) => Ok(argument),
        }
    }
}

/// A line that the lexer has taken.
pub(super) struct LineRead<'a> {
    /// It may refer to what the last statement left.
    pub depends: bool,
    /// The file is no script but a dump for `pg_restore`.
    pub is_dump: bool,
    /// The line; none where psql drops it unseen.
    pub text: Option<&'a [u8]>,
}
