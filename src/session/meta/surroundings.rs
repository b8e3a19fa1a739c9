//! The commands about dbctl's own surroundings: environment, directory, shell, terminal.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::outlet::text;
use super::{Channel, MetaError, Trouble};
use crate::session::print::message::{Kind, MessageStyle, ShowContext, Verbosity};
use crate::session::run::Run;
use crate::session::shell;
use crate::session::variables::{SpecialError, parse_bool};
use crate::sql::lexer;

impl Run<'_> {
    /// `\getenv VARIABLE NAME`
    pub(super) fn getenv(&mut self, command: &str) -> Result<(), Trouble> {
        let variable = self.required(command)?;
        let name = self.required(command)?;
        match self.environment_variable(&name) {
            Some(value) => self.assign(variable, Some(value)),
            None => Ok(()),
        }
    }

    /// `\setenv NAME [VALUE]`: for the commands that the script runs, and for `\getenv`.
    pub(super) fn setenv(&mut self, command: &str) -> Result<(), Trouble> {
        let name = self.required(command)?;
        let value = self.argument()?;
        if name.contains(&b'=') {
            return Err(MetaError::EnvironmentName { command: command.to_owned() }.into());
        }
        self.variables.environment.changes.insert(name, value);
        Ok(())
    }

    /// `\timing [on|off]`
    pub(super) fn timing_command(&mut self) -> Result<(), Trouble> {
        self.settle()?;
        let value = self.argument()?;
        let wanted = value.as_deref().map_or(Some(!self.timing), parse_bool);
        self.timing = wanted.unwrap_or(self.timing);
        // psql tells it even where it did not understand.
        self.confirm(if self.timing { "Timing is on." } else { "Timing is off." })?;
        match (wanted, value) {
            (None, Some(value)) => {
                let (name, value) = ("\\timing".to_owned(), text(&value));
                Err(MetaError::Variable(SpecialError::Boolean { name, value }.into()).into())
            }
            _ => Ok(()),
        }
    }

    /// `\errverbose`
    pub(super) fn last_error_in_full(&mut self) -> Result<(), Trouble> {
        self.settle()?;
        let Some((error, statement)) = self.conversation.last_error.clone() else {
            return self.show(Channel::Out, b"There is no previous error.\n");
        };
        let full = MessageStyle {
            verbosity: Verbosity::Verbose,
            show_context: ShowContext::Always,
            encoding: self.encoding(),
        };
        let text = full.render(Kind::Error, &error, Some(&statement));
        let locus = self.locus();
        self.conversation.stage.fault(text.trim_ascii_end(), &locus);
        Ok(())
    }

    /// `\bind [VALUE…]`: the next statement's parameters.
    pub(super) fn bind(&mut self) -> Result<(), Trouble> {
        let mut values = Vec::new();
        while let Some(value) = self.argument()? {
            values.push(value);
        }
        self.bound = Some(values);
        Ok(())
    }

    /// `\cd`: for the files that the script names from now on.
    pub(super) fn change_directory(&mut self) -> Result<(), Trouble> {
        let name = self.argument()?.unwrap_or_else(|| b"~/".to_vec());
        let directory = self.path(&name);
        // As chdir asks the system: there, a directory, and open to this user.
        let outcome = std::fs::read_dir(&directory).map(drop);
        outcome.map_err(|source| MetaError::Directory { name: text(&name), source })?;
        self.variables.environment.directory = directory;
        Ok(())
    }

    /// A variable as the commands see it that the script runs.
    fn environment_variable(&self, name: &[u8]) -> Option<Vec<u8>> {
        let changed = self.variables.environment.changes.get(name).cloned();
        changed.unwrap_or_else(|| self.source.environment(name))
    }

    /// A file's path, with `~` for the user's home, where `\cd` has led.
    pub(super) fn path(&self, name: &[u8]) -> PathBuf {
        self.variables.environment.directory.join(self.expanded(name))
    }

    /// With `~` for the user's home.
    pub(super) fn expanded(&self, name: &[u8]) -> PathBuf {
        let home = || self.environment_variable(b"HOME").filter(|home| !home.is_empty());
        let rest = if name == b"~" { Some(&b""[..]) } else { name.strip_prefix(b"~/") };
        match rest.zip(home()) {
            Some((rest, home)) => Path::new(OsStr::from_bytes(&home)).join(OsStr::from_bytes(rest)),
            None => PathBuf::from(OsStr::from_bytes(name)),
        }
    }

    /// `\prompt [TEXT] VARIABLE`: as psql without a terminal, asks on stdout and reads a line from stdin.
    pub(super) fn prompt(&mut self, command: &str) -> Result<(), Trouble> {
        let first = self.required(command)?;
        let (question, variable) = match self.argument()? {
            Some(variable) => (first, variable),
            None => (Vec::new(), first),
        };
        self.show(Channel::Out, &question)?;
        let answer = self.answer().map_err(|error| self.unreadable("<stdin>".to_owned(), error))?;
        self.assign(variable, Some(answer.ok_or(MetaError::NoAnswer)?))
    }

    /// `\! COMMAND`
    pub(super) fn shell_command(&mut self) -> Result<(), Trouble> {
        let command = self.argument_as(lexer::Mode::WholeLine, false)?.map(|line| line.value);
        self.permit_shell()?;
        let shown = shell::output_of(&command.unwrap_or_default(), &self.variables.environment)
            .map_err(|source| MetaError::File { name: "sh".to_owned(), source })?;
        self.show(Channel::Out, &shown)
    }
}
