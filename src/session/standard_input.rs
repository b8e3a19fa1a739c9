//! Standard input, which scripts, `\\copy … from pstdin` and `\\prompt` read, each from where the other has stopped.

use std::io::{self, Read};
use std::path::PathBuf;

use super::run::{Outcome, Run};
use super::script::Input;
use crate::sql::reader::Lines;

/// How psql calls it in its messages.
const NAME: &str = "<stdin>";

impl Run<'_> {
    /// Runs it as a script (`-`).
    pub fn read_standard_input(&mut self) -> Outcome<()> {
        let lines = self.borrow_standard_input().map_err(|error| self.unreadable(NAME.to_owned(), error))?;
        let input = Input::new(NAME.to_owned(), PathBuf::new(), lines);
        self.read_input(Input { is_standard: true, ..input })
    }

    /// The rest of it, from whoever reads it now.
    pub fn borrow_standard_input(&mut self) -> io::Result<Lines<Box<dyn Read>>> {
        if let Some(input) = self.inputs.iter_mut().rev().find(|input| input.is_standard) {
            return Ok(input.lines.lend());
        }
        match &mut self.standard_input {
            Some(lines) => Ok(lines.lend()),
            None => self.source.standard_input().map(Lines::new),
        }
    }

    pub fn return_standard_input(&mut self, lines: Lines<Box<dyn Read>>) {
        match self.inputs.iter_mut().rev().find(|input| input.is_standard) {
            Some(input) => input.lines.regain(lines),
            None => self.standard_input = Some(lines),
        }
    }

    /// Its next line; none at its end.
    pub fn answer(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut lines = self.borrow_standard_input()?;
        let line = lines.next_line().map(|line| line.map(|line| line.bytes.to_vec()));
        self.return_standard_input(lines);
        line
    }
}
