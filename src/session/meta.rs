//! The meta-commands that a session understands.

use std::io;

use thiserror::Error;

use super::output::Channel;
use super::run::{Outcome, Run};
use super::variables::{is_name, parse_bool};
use crate::sql::lexer::{Notice, Position};
use crate::sql::survey::SPOKEN;

/// What a meta-command says wrongly, in psql's words where psql has any.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MetaError {
    #[error("`\\{0}` is a meta-command that dbctl does not carry out")]
    Unsupported(String),
    #[error("invalid command `\\{0}`")]
    Unknown(String),
    #[error("`\\{command}`: missing required argument")]
    MissingArgument { command: String },
    #[error("unterminated quoted string")]
    UnterminatedQuote,
    #[error("a command in backticks would run on this machine; scripts may not do that here")]
    Shell,
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

/// The commands of psql 13 to 18, but for `\d…` and what a session speaks: in a false branch they are skipped,
/// while others are errors there too.
const PSQLS: &str = "! ? C H T a bind bind_named c cd close_prepared conninfo connect copy copyright \
    crosstabview e edit ef endpipeline errverbose ev f flush flushrequest g gdesc getenv getresults gexec \
    gset gx h help html l l+ list list+ lo_export lo_import lo_list lo_list+ lo_unlink o out parse password \
    prompt pset s sendpipeline setenv sf sf+ startpipeline sv sv+ syncpipeline t timing w watch write x z zS z+";

fn is_psqls(name: &str) -> bool {
    name.is_empty()
        || name.starts_with('d')
        || SPOKEN.contains(&name)
        || PSQLS.split_ascii_whitespace().any(|known| known == name)
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
            "if" | "elif" | "else" | "endif" => {
                self.branch(&name, at).map(|()| Flow::Continue).map_err(Trouble::from)
            }
            _ if self.input().branches.is_active() => self.plain_command(&name),
            _ if is_psqls(&name) => Ok(Flow::Continue),
            _ => Err(MetaError::Unknown(name.clone()).into()),
        };
        let outcome = outcome.map_err(|trouble| match trouble {
            Trouble::Meta(error) => self.meta_failure(at, error),
            Trouble::Failed(failure) => failure,
        });
        if outcome.is_ok() {
            self.warn_of_extra(&name);
        }
        outcome
    }

    fn warn_of_extra(&mut self, name: &str) {
        let Some(input) = self.inputs.last_mut() else { return };
        let extra = input.lexer.end_command();
        if !input.branches.is_active() {
            return;
        }
        for argument in extra {
            let argument = String::from_utf8_lossy(&argument).into_owned();
            self.complain(&format!("warning: \\{name}: extra argument \"{argument}\" ignored"));
        }
    }

    /// Shows what psql would have said about the line while it read it.
    pub fn pass_on_notices(&mut self) {
        for notice in self.input().lexer.take_notices() {
            let level = if matches!(notice, Notice::Recursion(_)) { "warning" } else { "error" };
            self.complain(&format!("{level}: {notice}"));
        }
    }

    /// A message of psql itself.
    pub fn complain(&mut self, text: &str) {
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

    pub fn argument(&mut self) -> Result<Option<Vec<u8>>, MetaError> {
        let input = self.inputs.last_mut().expect("a file is being read");
        Ok(input.argument(&self.variables)?.map(|argument| argument.value))
    }

    fn required(&mut self, command: &str) -> Result<Vec<u8>, MetaError> {
        self.argument()?.ok_or_else(|| MetaError::MissingArgument { command: command.to_owned() })
    }

    fn set(&mut self) -> Result<(), Trouble> {
        let Some(name) = self.argument()? else { return self.list_variables() };
        let mut value = Vec::new();
        while let Some(part) = self.argument()? {
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
        let mut words = Vec::new();
        let mut newline = true;
        loop {
            let input = self.inputs.last_mut().expect("a file is being read");
            let Some(word) = input.argument(&self.variables)? else { break };
            // psql looks for it before the first word only, and not in quotes.
            if newline && words.is_empty() && word.value == b"-n" && word.quote.is_none() {
                newline = false;
            } else {
                words.push(word.value);
            }
        }
        let mut text = words.join(&b' ');
        if newline {
            text.push(b'\n');
        }
        self.show(channel, &text)
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
        let Some(name) = self.argument()? else {
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
        let input = self.input();
        let mut text = match (input.lexer.statement().text, input.previous.as_slice()) {
            (b"", b"") => b"Query buffer is empty.".to_vec(),
            (b"", previous) => previous.to_vec(),
            (current, _) => current.to_vec(),
        };
        text.push(b'\n');
        self.show(Channel::Out, &text)
    }

    fn reset_buffer(&mut self) -> Result<(), Trouble> {
        self.input().lexer.reset();
        self.show(Channel::Out, b"Query buffer reset (cleared).\n")
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
