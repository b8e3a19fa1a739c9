//! The meta-commands that a session understands.

mod connect;
mod conninfo;
mod copy;
mod deliver;
mod error;
mod include;
mod large_object;
mod outlet;
mod printing;
mod surroundings;
mod watch;

use super::conversation::Command;
use super::output::Channel;
use super::run::{Mode, Outcome, Run};
use super::variables::Special;
use crate::sql::lexer::{self, Notice, Position};
use crate::sql::survey::{is_psqls, pass_over};
use deliver::Delivery;
pub use error::MetaError;
pub use include::canonical;

/// Commands of which nothing happens on this side, unless their arguments run a program: they are about what is
/// sent next, and wait by themselves for results that they need.
const SENDING: [&str; 12] =
    ["bind", "crosstabview", "elif", "else", "endif", "g", "gdesc", "gexec", "gset", "gx", "if", "r"];

/// Whether the current file goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Continue,
    Quit,
}

/// What remains to be done once a command's line is read.
enum Next {
    Nothing,
    Quit,
    /// Send the query buffer.
    Deliver(Delivery),
}

impl Run<'_> {
    /// Carries out the meta-command whose backslash was just read.
    pub fn meta_command(&mut self) -> Outcome<Flow> {
        let input = self.input();
        let position = input.lexer.command_position();
        let name = String::from_utf8_lossy(&input.lexer.command_name()).into_owned();
        // Whatever it does on this side, it does not do if a statement before it has failed.
        if !SENDING.contains(&name.as_str()) || self.input().lexer.may_run_programs() {
            self.settle()?;
        }
        match self.carry_out(&name, position) {
            Ok(next) => {
                let excerpt = self.input().lexer.excerpt(position, 1 + name.len());
                self.warn_of_extra(&name);
                self.proceed(next, &Command { position, excerpt })
            }
            Err(Trouble::Failed(failure)) => Err(failure),
            Err(Trouble::Meta(error)) => {
                self.meta_trouble(position, error)?;
                let lexer = &mut self.input().lexer;
                lexer.abandon_command();
                lexer.end_command();
                Ok(Flow::Continue)
            }
        }
    }

    fn carry_out(&mut self, name: &str, at: Position) -> Result<Next, Trouble> {
        if self.restricted.is_some() && name != "unrestrict" {
            return Err(MetaError::Restricted.into());
        }
        match name {
            "if" | "elif" | "else" | "endif" => Ok(self.branch(name, at).map(|()| Next::Nothing)?),
            _ if self.input().branches.is_active() => self.plain_command(name, at),
            _ if is_psqls(name) => {
                pass_over(&mut self.input().lexer, name);
                Ok(Next::Nothing)
            }
            _ => Err(MetaError::Unknown(name.to_owned()).into()),
        }
    }

    fn proceed(&mut self, next: Next, command: &Command) -> Outcome<Flow> {
        match next {
            Next::Nothing => Ok(Flow::Continue),
            Next::Quit => Ok(Flow::Quit),
            Next::Deliver(delivery) => match self.deliver(delivery, command) {
                Ok(()) => Ok(Flow::Continue),
                Err(Trouble::Failed(failure)) => Err(failure),
                Err(Trouble::Meta(error)) => {
                    self.meta_trouble(command.position, error).map(|()| Flow::Continue)
                }
            },
        }
    }

    /// An error of psql's own, after the answers to all that was sent; the script goes on where it goes on
    /// after any error.
    pub fn meta_trouble(&mut self, at: Position, error: MetaError) -> Outcome<()> {
        self.settle()?;
        let locus = self.locus();
        let words = error.in_psqls_words();
        if error.is_libpqs() {
            self.complain(&words);
        } else {
            self.conversation.stage.fault(words.as_bytes(), &locus);
        }
        if self.variables.special.stop {
            return Err(self.meta_failure(at, error));
        }
        self.conversation.failures += 1;
        Ok(())
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
    pub fn pass_on_notices(&mut self) -> Outcome<()> {
        for notice in self.input().lexer.take_notices() {
            self.settle()?;
            let level = if matches!(notice, Notice::Recursion(_)) { "warning" } else { "error" };
            self.complain(&format!("{level}: {notice}"));
        }
        Ok(())
    }

    /// A message of psql itself.
    pub fn complain(&mut self, text: &str) {
        let input = self.input();
        let line = format!("psql:{}:{}: {text}\n", input.name, input.line());
        self.conversation.stage.echo(Channel::Error, line.as_bytes());
    }

    fn plain_command(&mut self, name: &str, at: Position) -> Result<Next, Trouble> {
        if let Some(delivery) = self.delivery(name)? {
            return Ok(Next::Deliver(delivery));
        }
        match name {
            "set" => self.set()?,
            "unset" => self.unset()?,
            "echo" => self.echo(Channel::Out, false)?,
            "qecho" => self.echo(Channel::Out, true)?,
            "warn" => self.echo(Channel::Error, false)?,
            "i" | "include" => self.include(name, false)?,
            "ir" | "include_relative" => self.include(name, true)?,
            "q" | "quit" => {
                self.input().lexer.drop_line();
                return Ok(Next::Quit);
            }
            "encoding" => self.encoding_command()?,
            "restrict" => self.restricted = Some(self.required(name)?),
            "unrestrict" => self.unrestrict(name)?,
            "p" | "print" => self.print_buffer()?,
            "r" | "reset" => self.reset_buffer()?,
            "copy" => self.copy(at)?,
            "c" | "connect" => self.connect(at)?,
            _ => self.other_command(name, at)?,
        }
        Ok(Next::Nothing)
    }

    fn other_command(&mut self, name: &str, at: Position) -> Result<(), Trouble> {
        match name {
            "conninfo" => self.connection_info(),
            "bind" => self.bind(),
            "timing" => self.timing_command(),
            "errverbose" => self.last_error_in_full(),
            "o" | "out" => self.redirect(),
            "w" | "write" => self.write_buffer(name),
            "getenv" => self.getenv(name),
            "setenv" => self.setenv(name),
            "cd" => self.change_directory(),
            "prompt" => self.prompt(name),
            "!" => self.shell_command(),
            "pset" | "x" | "t" | "a" | "f" | "C" | "H" | "html" | "T" => self.print_setting(name),
            "lo_import" | "lo_export" | "lo_unlink" | "lo_list" | "lo_list+" => self.large_object(name, at),
            _ if is_psqls(name) => Err(MetaError::Unsupported(name.to_owned()).into()),
            _ => Err(MetaError::Unknown(name.to_owned()).into()),
        }
    }

    pub fn argument(&mut self) -> Result<Option<Vec<u8>>, MetaError> {
        Ok(self.argument_as(lexer::Mode::Normal, false)?.map(|argument| argument.value))
    }

    /// The next argument, read in a way of its own.
    fn argument_as(&mut self, mode: lexer::Mode, strip: bool) -> Result<Option<lexer::Argument>, MetaError> {
        let input = self.inputs.last_mut().expect("a file is being read");
        match input.argument(mode, strip, &self.variables) {
            // psql says so, and takes it for the end of the line.
            Err(MetaError::UnterminatedQuote) if self.mode.is_psqls() => {
                self.complain("error: unterminated quoted string");
                Ok(None)
            }
            argument => argument,
        }
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
        self.assign(name, Some(value))
    }

    fn assign(&mut self, name: Vec<u8>, value: Option<Vec<u8>>) -> Result<(), Trouble> {
        let before = self.variables.special.clone();
        self.variables.set(name, value).map_err(MetaError::from)?;
        if self.mode == Mode::Transaction {
            self.check_mode(&before)?;
        }
        let single_line = self.variables.special.single_line;
        self.input().lexer.set_single_line(single_line);
        self.obey_variables();
        Ok(())
    }

    /// In one transaction the script neither ends it nor goes on after an error.
    fn check_mode(&mut self, before: &Special) -> Result<(), MetaError> {
        let special = &self.variables.special;
        let (name, value) = match special {
            Special { autocommit: false, .. } => ("AUTOCOMMIT", "off"),
            Special { stop: false, .. } if before.stop => ("ON_ERROR_STOP", "off"),
            Special { savepoints: true, .. } => ("ON_ERROR_ROLLBACK", "on"),
            _ => return Ok(()),
        };
        // Whatever it was, the script ends here.
        self.variables.special = before.clone();
        Err(MetaError::FixedVariable { name: name.to_owned(), value: value.to_owned() })
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
        self.assign(name, None)
    }

    /// `among`: among the results, and with them into the file of `\\o`.
    fn echo(&mut self, channel: Channel, among: bool) -> Result<(), Trouble> {
        let mut words = Vec::new();
        let mut newline = true;
        while let Some(word) = self.argument_as(lexer::Mode::Normal, false)? {
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
        if among { self.tell(&text) } else { self.show(channel, &text) }
    }

    /// Shows something in its place among the results of the statements before it.
    fn show(&mut self, channel: Channel, text: &[u8]) -> Result<(), Trouble> {
        self.settle()?;
        self.conversation.stage.echo(channel, text);
        Ok(())
    }

    /// Shows something among the results, wherever these go.
    fn tell(&mut self, text: &[u8]) -> Result<(), Trouble> {
        self.settle()?;
        self.conversation.stage.tell(text);
        Ok(())
    }

    /// Says what a command has done, unless psql is told to be quiet.
    fn confirm(&mut self, text: &str) -> Result<(), Trouble> {
        if self.variables.special.quiet {
            return Ok(());
        }
        self.show(Channel::Out, format!("{text}\n").as_bytes())
    }

    fn encoding_command(&mut self) -> Result<(), Trouble> {
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
                self.conversation.stage.encoding(&now);
                Ok(())
            }
            Err(super::SessionError::Lost(lost)) => Err(Trouble::Failed(self.lost(lost))),
            Err(_) if self.mode == Mode::Transaction => Err(MetaError::Encoding(name).into()),
            Err(_) => {
                self.complain(&format!("error: {}", MetaError::Encoding(name).in_psqls_words()));
                Ok(())
            }
        }
    }

    fn unrestrict(&mut self, command: &str) -> Result<(), Trouble> {
        let key = self.required(command)?;
        match &self.restricted {
            None => return Err(MetaError::NotRestricted.into()),
            Some(known) if *known != key => return Err(MetaError::WrongKey.into()),
            Some(_) => {}
        }
        self.restricted = None;
        Ok(())
    }

    fn print_buffer(&mut self) -> Result<(), Trouble> {
        let input = self.input();
        let mut text = match (input.lexer.statement().text, input.previous.text.as_slice()) {
            (b"", b"") => b"Query buffer is empty.".to_vec(),
            (b"", previous) => previous.to_vec(),
            (current, _) => current.to_vec(),
        };
        text.push(b'\n');
        self.show(Channel::Out, &text)
    }

    fn reset_buffer(&mut self) -> Result<(), Trouble> {
        self.input().lexer.reset();
        self.confirm("Query buffer reset (cleared).")
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
