//! The commands that send statements: each counts as the session numbers it.

use std::io::{self, Read};

use super::listener::Listener;
use super::surveyor::Surveyor;
use crate::sql::copy::{Copy, Side};
use crate::sql::lexer::{Mode, NoVariables};
use crate::sql::statement::{self, Kind};
use crate::text::Position;

impl<R: Read, L: Listener> Surveyor<R, L> {
    pub(super) fn send(&mut self, position: Position) -> io::Result<()> {
        if self.lexer.is_empty() {
            self.again(position)?;
        } else {
            self.statement()?;
        }
        self.lexer.reset();
        Ok(())
    }

    /// `\watch` sends the same as often as it is told; without a number, nobody knows how often.
    pub(super) fn watch(&mut self, position: Position) -> io::Result<()> {
        let mut times = None;
        while let Some(word) = self.word(position) {
            let text = word.literal().unwrap_or_default();
            let count = text.strip_prefix(b"c=").or_else(|| text.strip_prefix(b"count="));
            times = times.or_else(|| String::from_utf8_lossy(count?).parse::<u64>().ok());
        }
        self.send(position)?;
        self.found.is_counted &= times.is_some();
        self.found.statements += times.unwrap_or(1).saturating_sub(1);
        Ok(())
    }

    pub(super) fn prompt(&mut self, position: Position) -> io::Result<()> {
        self.found.unknowns.reads(position);
        if self.is_standard {
            self.lines.next_line()?;
        }
        Ok(())
    }

    pub(super) fn rest_of_line(&mut self) -> Vec<u8> {
        let line = self.lexer.argument(Mode::WholeLine, false, &NoVariables);
        let line = line.ok().flatten().map(|argument| argument.value).unwrap_or_default();
        self.listener.argument(&line);
        line
    }

    /// `\copy` counts as a statement; `\copy … from stdin` reads the script's next lines.
    pub(super) fn copy(&mut self, position: Position) -> io::Result<()> {
        let line = self.rest_of_line();
        self.lexer.abandon_command();
        // Both ways of reading strings, as nobody knows which one holds then.
        for copy in [true, false].map(|strings| Copy::parse(&line, strings)).iter().flatten() {
            if matches!(copy.side, Side::Program(_)) {
                self.runs_program();
            }
            self.found.unknowns.copy(copy, position);
        }
        if let Some(copy) =
            Copy::parse(&line, self.strings).ok().filter(|copy| copy.from && copy.side == Side::Standard)
        {
            self.found.unknowns.reads(position);
            let kinds = statement::kinds(&copy.statement(), self.strings);
            self.count(&kinds);
            return match kinds.as_slice() {
                [Kind::CopyFromStdin { binary }] if self.is_standard => self.skip_data(*binary),
                _ => Ok(()),
            };
        }
        let kinds = statement::kinds(&[b"copy ".as_slice(), &line].concat(), self.strings);
        self.count(&kinds);
        match kinds.as_slice() {
            [Kind::CopyFromStdin { binary }] => self.skip_data(*binary),
            _ => Ok(()),
        }
    }
}
