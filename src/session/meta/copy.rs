//! `\copy`: COPY with a file, a command or a stream on this side.

use std::fs::{self, File};
use std::io::{self, Read, Write};

use super::outlet::text;
use super::{MetaError, Trouble};
use crate::interrupt::{self, Patient};
use crate::session::conversation::Command;
use crate::session::request::How;
use crate::session::run::Run;
use crate::session::shell::{self, Ending};
use crate::sql::copy::{Copy, CopyError, Side};
use crate::sql::lexer::{self, Position};
use crate::sql::reader::Lines;

impl Run<'_> {
    /// `\copy`
    pub(super) fn copy(&mut self, at: Position) -> Result<(), Trouble> {
        // One that fails on this side is numbered, too: another attempt, at which it succeeds, has the same numbers.
        self.number += 1;
        self.ran.statements = self.number;
        let strings = self.standard_strings();
        let excerpt = self.input().lexer.excerpt(at, "\\copy".len());
        let line = self.argument_as(lexer::Mode::WholeLine, false)?.map(|line| line.value);
        let line = line.ok_or(CopyError::Empty).map_err(MetaError::Copy)?;
        let copy = Copy::parse(&line, strings).map_err(MetaError::Copy)?;
        let statement = copy.statement();
        let ending = if copy.from { self.open_source(&copy.side)? } else { self.open_target(&copy.side)? };
        let sent = self.submit_generated(statement, How::Simple, &Command { position: at, excerpt });
        let sent = sent.and_then(|()| self.settle());
        if let Some(lines) = self.data.take().filter(|_| copy.side == Side::Standard) {
            self.return_standard_input(lines);
        }
        self.conversation.stage.redirect_once(None);
        self.conversation.stage.to_screen = false;
        sent?;
        match (copy.side, ending.and_then(|ending| ending.complaint())) {
            (Side::Program(command), Some(status)) => {
                Err(MetaError::Command { command: text(&command), status }.into())
            }
            _ => Ok(()),
        }
    }

    fn open_source(&mut self, side: &Side) -> Result<Option<Ending>, MetaError> {
        let mut ending = None;
        let source: Box<dyn Read> = match side {
            Side::Script => return Ok(None),
            Side::Standard if self.input().is_standard => return Ok(None),
            Side::Standard => {
                let lines = self.borrow_standard_input();
                let lines = lines.map_err(|source| MetaError::File { name: "pstdin".to_owned(), source })?;
                self.data = Some(lines);
                return Ok(None);
            }
            Side::File(name) => {
                let opened = interrupt::open(&self.path(name)).and_then(no_directory);
                let opened = opened.map_err(|source| MetaError::File { name: text(name), source })?;
                Box::new(opened)
            }
            Side::Program(command) => {
                self.permit_shell()?;
                let opened = shell::Source::new(command, &self.variables.environment);
                let opened = opened.map_err(|source| MetaError::File { name: text(command), source })?;
                ending = Some(opened.ending());
                Box::new(opened)
            }
        };
        self.data = Some(Lines::new(source));
        Ok(ending)
    }

    fn open_target(&mut self, side: &Side) -> Result<Option<Ending>, MetaError> {
        let mut ending = None;
        let outlet: Box<dyn Write> = match side {
            Side::Script => return Ok(None),
            Side::Standard => {
                self.conversation.stage.to_screen = true;
                return Ok(None);
            }
            Side::File(name) => {
                let opened = File::create(self.path(name));
                Box::new(opened.map_err(|source| MetaError::File { name: text(name), source })?)
            }
            Side::Program(command) => {
                self.permit_shell()?;
                let opened = shell::Sink::new(command, &self.variables.environment);
                let opened = opened.map_err(|source| MetaError::File { name: text(command), source })?;
                ending = Some(opened.ending());
                Box::new(opened)
            }
        };
        self.conversation.stage.redirect_once(Some(outlet));
        Ok(ending)
    }

    pub(super) fn permit_shell(&self) -> Result<(), MetaError> {
        if self.variables.allow_shell { Ok(()) } else { Err(MetaError::Shell) }
    }
}

fn no_directory(file: Patient<File>) -> io::Result<Patient<File>> {
    let is_directory = file.0.metadata().as_ref().is_ok_and(fs::Metadata::is_dir);
    if is_directory { Err(io::Error::other("cannot copy from/to a directory")) } else { Ok(file) }
}
