//! The meta-commands that a session understands.

use std::io;

use thiserror::Error;

use super::output::Channel;
use super::run::{Outcome, Run};
use super::script::Branch;
use super::variables::{is_name, parse_bool};
use crate::sql::lexer::Position;

/// What a meta-command says wrongly, in psql's words where psql has any.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MetaError {
    #[error("`\\{0}` is not understood here; `-- dbctl: psql` runs the script with the container's psql")]
    Unsupported(String),
    #[error("`\\{command}`: missing required argument")]
    MissingArgument { command: String },
    #[error("`\\set`: invalid variable name: \"{0}\"")]
    InvalidName(String),
    #[error(
        "`\\set {name} {value}` is not possible here: a script stops at its first error, in the mode chosen for it"
    )]
    FixedVariable { name: String, value: String },
    #[error("`\\{command}`: no matching \\if")]
    NoIf { command: String },
    #[error("`\\{command}`: cannot occur after \\else")]
    AfterElse { command: String },
    #[error("this `\\if` has no `\\endif`")]
    UnclosedIf,
    #[error("`{name}` cannot be read: {source}")]
    Include { name: String, source: io::Error },
    #[error("`{0}`: invalid encoding name or conversion procedure not found")]
    Encoding(String),
    #[error("backslash commands are restricted; only \\unrestrict is allowed")]
    Restricted,
    #[error("`\\unrestrict`: wrong key, or not currently in restricted mode")]
    WrongKey,
}

/// Whether the current file goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Continue,
    Quit,
}

impl Run<'_> {
    /// Carries out the meta-command whose backslash was just read.
    pub fn meta_command(&mut self) -> Outcome<Flow> {
        let position = self.input().position();
        let at = Position { column: position.column.saturating_sub(1), ..position };
        let name = String::from_utf8_lossy(&self.input().lexer.command_name()).into_owned();
        if self.restricted.is_some() && name != "unrestrict" {
            return Err(self.meta_failure(at, MetaError::Restricted));
        }
        let outcome = match name.as_str() {
            "if" | "elif" | "else" | "endif" => self.branch(&name, at),
            _ if !self.input().branches.is_active() => Ok(Flow::Continue),
            _ => match self.plain_command(&name) {
                Ok(flow) => Ok(flow),
                Err(Trouble::Meta(error)) => return Err(self.meta_failure(at, error)),
                Err(Trouble::Failed(failure)) => return Err(failure),
            },
        };
        self.warn_of_extra(&name);
        outcome
    }

    fn warn_of_extra(&mut self, name: &str) {
        let Some(input) = self.inputs.last_mut() else { return };
        let extra = input.lexer.end_command(&self.variables);
        if !input.branches.is_active() {
            return;
        }
        for argument in extra {
            let argument = String::from_utf8_lossy(&argument).into_owned();
            self.complain(&format!("warning: \\{name}: extra argument \"{argument}\" ignored"));
        }
    }

    /// A message of psql itself.
    fn complain(&mut self, text: &str) {
        let input = self.input();
        let line = format!("psql:{}:{}: {text}\n", input.name, input.line());
        self.conversation.output.echo(Channel::Error, line.as_bytes());
    }

    fn plain_command(&mut self, name: &str) -> Result<Flow, Trouble> {
        match name {
            "" | "\\" => {}
            "set" => self.set()?,
            "unset" => self.unset()?,
            "echo" | "qecho" => self.echo(Channel::Out)?,
            "warn" => self.echo(Channel::Error)?,
            "i" | "include" => self.include(name, false)?,
            "ir" | "include_relative" => self.include(name, true)?,
            "q" | "quit" => {
                self.input().lexer.drop_line();
                return Ok(Flow::Quit);
            }
            "encoding" => self.encoding_command()?,
            "restrict" => self.restricted = Some(self.required(name)?),
            "unrestrict" => self.unrestrict(name)?,
            "p" | "print" => self.print_buffer()?,
            "r" | "reset" => self.reset_buffer()?,
            _ => return Err(MetaError::Unsupported(name.to_owned()).into()),
        }
        Ok(Flow::Continue)
    }

    fn argument(&mut self) -> Option<Vec<u8>> {
        let input = self.inputs.last_mut()?;
        input.argument(&self.variables)
    }

    fn required(&mut self, command: &str) -> Result<Vec<u8>, MetaError> {
        self.argument().ok_or_else(|| MetaError::MissingArgument { command: command.to_owned() })
    }

    fn set(&mut self) -> Result<(), Trouble> {
        let Some(name) = self.argument() else { return self.list_variables() };
        let mut value = Vec::new();
        while let Some(part) = self.argument() {
            value.extend(part);
        }
        if !is_name(&name) {
            return Err(MetaError::InvalidName(String::from_utf8_lossy(&name).into_owned()).into());
        }
        check_fixed(&name, &value)?;
        if name == b"SINGLELINE" {
            self.input().lexer.set_single_line(parse_bool(&value) == Some(true));
        }
        self.variables.set(name, value);
        Ok(())
    }

    fn list_variables(&mut self) -> Result<(), Trouble> {
        let mut listing = Vec::new();
        for (name, value) in self.variables.iter() {
            listing.extend_from_slice(name);
            listing.extend_from_slice(b" = '");
            listing.extend_from_slice(value);
            listing.extend_from_slice(b"'\n");
        }
        self.show(Channel::Out, &listing)
    }

    fn unset(&mut self) -> Result<(), Trouble> {
        let name = self.required("unset")?;
        check_fixed(&name, b"off")?;
        self.variables.unset(&name);
        Ok(())
    }

    fn echo(&mut self, channel: Channel) -> Result<(), Trouble> {
        let mut text = Vec::new();
        let mut newline = true;
        let mut first = true;
        while let Some(argument) = self.next_echo_argument() {
            if first && newline && argument.0 == b"-n" && !argument.1 {
                newline = false;
                continue;
            }
            if !first {
                text.push(b' ');
            }
            first = false;
            text.extend(argument.0);
        }
        if newline {
            text.push(b'\n');
        }
        self.show(channel, &text)
    }

    /// The argument and whether it was quoted.
    fn next_echo_argument(&mut self) -> Option<(Vec<u8>, bool)> {
        let input = self.inputs.last_mut()?;
        let argument = input.lexer.argument(crate::sql::lexer::Mode::Normal, false, &self.variables);
        argument.ok().flatten().map(|argument| (argument.value, argument.quote.is_some()))
    }

    /// Shows something in its place among the results of the statements before it.
    fn show(&mut self, channel: Channel, text: &[u8]) -> Result<(), Trouble> {
        self.settle()?;
        self.conversation.output.echo(channel, text);
        Ok(())
    }

    fn include(&mut self, command: &str, relative: bool) -> Result<(), Trouble> {
        let name = String::from_utf8_lossy(&self.required(command)?).into_owned();
        let current = self.input().name.to_string();
        let opened = self.source.include(&name, relative.then_some(current.as_str()));
        let (name, text) = opened.map_err(|source| MetaError::Include { name, source })?;
        Ok(self.read_file(name, text)?)
    }

    fn encoding_command(&mut self) -> Result<(), Trouble> {
        self.settle()?;
        let Some(name) = self.argument() else {
            let current = self.conversation.session.parameter("client_encoding").unwrap_or_default();
            let line = format!("{current}\n");
            return self.show(Channel::Out, line.as_bytes());
        };
        let name = String::from_utf8_lossy(&name).into_owned();
        let sql = format!("set client_encoding to '{}'", name.replace('\'', "''"));
        match self.conversation.session.simple(&sql) {
            Ok(_) => {
                let now = self.conversation.session.parameter("client_encoding").unwrap_or("UTF8").to_owned();
                self.conversation.output.encoding(&now);
                Ok(())
            }
            Err(super::SessionError::Lost(lost)) => Err(Trouble::Failed(self.lost(lost))),
            Err(_) => Err(MetaError::Encoding(name).into()),
        }
    }

    fn unrestrict(&mut self, command: &str) -> Result<(), Trouble> {
        let key = self.required(command)?;
        if self.restricted.as_ref() != Some(&key) {
            return Err(MetaError::WrongKey.into());
        }
        self.restricted = None;
        Ok(())
    }

    fn print_buffer(&mut self) -> Result<(), Trouble> {
        let mut text = self.input().lexer.statement().text.to_vec();
        if text.is_empty() {
            text = b"Query buffer is empty.".to_vec();
        }
        text.push(b'\n');
        self.show(Channel::Out, &text)
    }

    fn reset_buffer(&mut self) -> Result<(), Trouble> {
        self.input().lexer.reset();
        self.show(Channel::Out, b"Query buffer reset (cleared).\n")
    }

    fn branch(&mut self, command: &str, at: Position) -> Outcome<Flow> {
        let innermost = self.input().branches.innermost();
        let next = match (command, innermost) {
            ("if", _) => return self.open_branch(at),
            (_, None) => return Err(self.meta_failure(at, MetaError::NoIf { command: command.to_owned() })),
            ("endif", _) => None,
            (_, Some(Branch::ElseTrue | Branch::ElseFalse)) => {
                return Err(self.meta_failure(at, MetaError::AfterElse { command: command.to_owned() }));
            }
            ("elif", Some(Branch::False)) => Some(Branch::False),
            ("elif", _) => Some(Branch::Ignored),
            (_, Some(Branch::False)) => Some(Branch::ElseTrue),
            (_, _) => Some(Branch::ElseFalse),
        };
        let input = self.input();
        input.branches.leave(&mut input.lexer);
        match next {
            None => input.branches.close(),
            Some(Branch::False) => {
                // The condition is read as in an active branch.
                input.lexer.set_active(true);
                let holds = self.condition("\\elif expression");
                self.input().branches.enter(if holds { Branch::True } else { Branch::False });
            }
            Some(next) => input.branches.enter(next),
        }
        self.input().activate();
        Ok(Flow::Continue)
    }

    fn open_branch(&mut self, at: Position) -> Outcome<Flow> {
        let active = self.input().branches.is_active();
        let branch = match active && self.condition("\\if expression") {
            true => Branch::True,
            false if active => Branch::False,
            false => Branch::Ignored,
        };
        let input = self.input();
        input.branches.open(branch, &input.lexer, at);
        input.activate();
        Ok(Flow::Continue)
    }

    /// All arguments, as one Boolean; anything else is false, and psql says so.
    fn condition(&mut self, what: &str) -> bool {
        let mut words = Vec::new();
        while let Some(word) = self.argument() {
            words.push(word);
        }
        let text = words.join(&b' ');
        parse_bool(&text).unwrap_or_else(|| {
            let text = String::from_utf8_lossy(&text).into_owned();
            self.complain(&format!("error: unrecognized value \"{text}\" for \"{what}\": Boolean expected"));
            false
        })
    }
}

/// A command's own error, or the script's failure while it was carried out.
enum Trouble {
    Meta(MetaError),
    Failed(Box<super::failure::ScriptFailure>),
}

impl From<MetaError> for Trouble {
    fn from(error: MetaError) -> Self {
        Self::Meta(error)
    }
}

impl From<Box<super::failure::ScriptFailure>> for Trouble {
    fn from(failure: Box<super::failure::ScriptFailure>) -> Self {
        Self::Failed(failure)
    }
}

/// Variables that would change how the script is run keep the only value that holds here.
fn check_fixed(name: &[u8], value: &[u8]) -> Result<(), MetaError> {
    let fixed = match name {
        b"ON_ERROR_STOP" | b"AUTOCOMMIT" => true,
        b"ON_ERROR_ROLLBACK" | b"SINGLESTEP" => false,
        _ => return Ok(()),
    };
    if parse_bool(value) == Some(fixed) {
        return Ok(());
    }
    Err(MetaError::FixedVariable {
        name: String::from_utf8_lossy(name).into_owned(),
        value: String::from_utf8_lossy(value).into_owned(),
    })
}
