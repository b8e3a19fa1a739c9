//! Where results may be sent: files, and commands where the caller allows them.

use std::fs::File;
use std::io::Write;

use super::{MetaError, Trouble};
use crate::session::run::Run;
use crate::session::shell;
use crate::sql::lexer;

impl Run<'_> {
    /// Opens a file to write to, or with a leading `|` a command.
    pub(super) fn open_outlet(&mut self, name: &[u8]) -> Result<Box<dyn Write>, MetaError> {
        let command = name.strip_prefix(b"|");
        if command.is_some() && !self.variables.allow_shell {
            return Err(MetaError::Shell);
        }
        let opened: std::io::Result<Box<dyn Write>> = match command {
            Some(command) => shell::Sink::new(command, &self.variables.environment)
                .map(|sink| Box::new(sink) as Box<dyn Write>),
            None => File::create(self.path(name)).map(|file| Box::new(file) as Box<dyn Write>),
        };
        opened.map_err(|source| MetaError::File { name: text(name), source })
    }

    /// `\o`: without a file, results are shown again.
    pub(super) fn redirect(&mut self) -> Result<(), Trouble> {
        let file = self.argument_as(lexer::Mode::FileOrPipe, true)?;
        let outlet = file.map(|file| self.open_outlet(&file.value)).transpose()?;
        self.conversation.stage.redirect(outlet);
        Ok(())
    }

    /// `\w`: the query buffer, or the last statement where it is empty.
    pub(super) fn write_buffer(&mut self, command: &str) -> Result<(), Trouble> {
        let file = self.argument_as(lexer::Mode::FileOrPipe, true)?;
        let file = file.ok_or_else(|| MetaError::MissingArgument { command: command.to_owned() })?;
        let mut outlet = self.open_outlet(&file.value)?;
        let input = self.input();
        let mut buffer = match input.lexer.statement().text {
            b"" => input.previous.text.clone(),
            current => current.to_vec(),
        };
        if !buffer.is_empty() {
            buffer.push(b'\n');
        }
        let written = outlet.write_all(&buffer).and_then(|()| outlet.flush());
        written.map_err(|source| MetaError::File { name: text(&file.value), source })?;
        Ok(())
    }
}

pub(super) fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
