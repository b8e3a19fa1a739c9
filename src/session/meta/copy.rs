//! `\copy`: COPY with a file, a command or a stream on this side.

use std::fs::{self, File};
use std::io::{self, Read, Write};

use super::outlet::text;
use super::{MetaError, Trouble};
use crate::session::conversation::Command;
use crate::session::request::How;
use crate::session::run::Run;
use crate::session::shell;
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
        self.settle()?;
        if copy.from {
            self.open_source(&copy.side)?;
        } else {
            self.open_target(&copy.side)?;
        }
        let sent = self.submit_generated(statement, How::Simple, &Command { position: at, excerpt });
        let sent = sent.and_then(|()| self.settle());
        self.data = None;
        let _ = self.conversation.stage.redirect_once(None);
        Ok(sent?)
    }

    fn open_source(&mut self, side: &Side) -> Result<(), MetaError> {
        let source: Box<dyn Read> = match side {
            Side::Script => return Ok(()),
            Side::Standard => Box::new(io::stdin()),
            Side::File(name) => {
                let opened = File::open(self.path(name)).and_then(no_directory);
                Box::new(opened.map_err(|source| MetaError::File { name: text(name), source })?)
            }
            Side::Program(command) => {
                self.permit_shell()?;
                let opened = shell::Source::new(command, &self.variables.environment);
                Box::new(opened.map_err(|source| MetaError::File { name: text(command), source })?)
            }
        };
        self.data = Some(Lines::new(source));
        Ok(())
    }

    fn open_target(&mut self, side: &Side) -> Result<(), MetaError> {
        let outlet: Box<dyn Write> = match side {
            Side::Script | Side::Standard => return Ok(()),
            Side::File(name) => {
                let opened = if self.path(name).is_dir() {
                    Err(io::Error::other("cannot copy from/to a directory"))
                } else {
                    File::create(self.path(name))
                };
                Box::new(opened.map_err(|source| MetaError::File { name: text(name), source })?)
            }
            Side::Program(command) => {
                self.permit_shell()?;
                let opened = shell::Sink::new(command, &self.variables.environment);
                Box::new(opened.map_err(|source| MetaError::File { name: text(command), source })?)
            }
        };
        let _ = self.conversation.stage.redirect_once(Some(outlet));
        Ok(())
    }

    pub(super) fn permit_shell(&self) -> Result<(), MetaError> {
        if self.variables.allow_shell { Ok(()) } else { Err(MetaError::Shell) }
    }
}

fn no_directory(file: File) -> io::Result<File> {
    let is_directory = file.metadata().as_ref().is_ok_and(fs::Metadata::is_dir);
    if is_directory { Err(io::Error::other("cannot copy from/to a directory")) } else { Ok(file) }
}
