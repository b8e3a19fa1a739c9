//! The meta-commands of a script, looked at without carrying any of them out.

use std::io::{self, Read};

use super::branches::Reach;
use super::listener::Listener;
use super::surveyor::{Surveyor, Unknown};
use super::{CommandUse, Include, MalformedError, Reason, is_psqls};
use crate::sql::boolean::parse_bool;
use crate::sql::encoding::Encoding;
use crate::sql::lexer::Mode;
use crate::text::Position;

/// Those that send the query buffer, or the last statement again where it is empty.
const SENDING: &[&str] = &["g", "gx", "gset", "gexec", "gdesc", "crosstabview"];

/// Those whose file may be a pipe to a program.
const PIPING: &[&str] = &["g", "gx", "o", "out", "w", "write"];

/// A command's argument.
pub(super) struct Word {
    pub value: Vec<u8>,
    is_quoted: bool,
    /// No variable and no program takes part in it.
    pub is_literal: bool,
}

impl Word {
    /// The value, where it is known before the script runs.
    pub fn literal(self) -> Option<Vec<u8>> {
        self.is_literal.then_some(self.value)
    }
}

impl<R: Read, L: Listener> Surveyor<R, L> {
    /// False for a `\q` that psql comes to.
    pub(super) fn command(&mut self) -> io::Result<bool> {
        let position = self.lexer.command_position();
        let name = String::from_utf8_lossy(&self.lexer.command_name()).into_owned();
        if !is_psqls(&name) {
            self.refuse(position, MalformedError::Unknown(name));
            self.lexer.abandon_command();
            return Ok(true);
        }
        let divides = matches!(name.as_str(), "if" | "elif" | "else" | "endif");
        if !self.is_reached() && !divides {
            self.pass_over(&name);
            return Ok(true);
        }
        self.found.commands.push(CommandUse { name: name.clone(), position, runs_program: name == "!" });
        self.listener.command(&name, position);
        if divides {
            self.divide(&name, position);
        } else if !self.carry_on(&name, position)? {
            return Ok(false);
        }
        self.arguments(PIPING.contains(&name.as_str()), position);
        self.forget_repeated_command();
        Ok(true)
    }

    fn forget_repeated_command(&mut self) {
        let Some((last, earlier)) = self.found.commands.split_last() else { return };
        let is_alike = |used: &CommandUse| used.runs_program == last.runs_program && used.name == last.name;
        if earlier.iter().any(is_alike) {
            self.found.commands.pop();
        }
    }

    /// A command in a branch that is never taken.
    fn pass_over(&mut self, name: &str) {
        if matches!(name, "copy" | "!") {
            self.lexer.abandon_command();
        }
        self.lexer.end_command();
    }

    /// False for a `\q` that ends the script.
    fn carry_on(&mut self, name: &str, position: Position) -> io::Result<bool> {
        match name {
            "i" | "include" => self.include(name, false, position),
            "ir" | "include_relative" => self.include(name, true, position),
            "set" => self.set(position),
            "unset" => self.unset(position),
            "encoding" => self.encoding(position),
            "r" | "reset" => self.lexer.reset(),
            "copy" => self.copy()?,
            "!" => drop(self.rest_of_line()),
            "q" | "quit" if self.branches.reach() == Reach::Always => return Ok(false),
            "q" | "quit" => self.found.is_counted = false,
            "watch" => self.watch(position)?,
            _ if SENDING.contains(&name) => self.send(position)?,
            _ => {}
        }
        Ok(true)
    }

    pub(super) fn runs_program(&mut self) {
        if let Some(command) = self.found.commands.last_mut() {
            command.runs_program = true;
        }
    }

    /// The command's next argument; what it tells of programs and quotes is noted.
    pub(super) fn word(&mut self, position: Position) -> Option<Word> {
        let variables = Unknown::default();
        let Ok(argument) = self.lexer.argument(Mode::Normal, true, &variables) else {
            self.refuse(position, MalformedError::UnterminatedQuote);
            return None;
        };
        let argument = argument?;
        self.listener.argument(&argument.value);
        let runs_program = !argument.backticks.is_empty();
        if runs_program {
            self.runs_program();
        }
        let is_literal = !runs_program && !variables.were_asked();
        Some(Word { value: argument.value, is_quoted: argument.quote.is_some(), is_literal })
    }

    /// The arguments that are left.
    fn arguments(&mut self, may_pipe: bool, position: Position) {
        while self.is_reached() {
            let Some(word) = self.word(position) else { break };
            if may_pipe && !word.is_quoted && word.value.starts_with(b"|") {
                self.runs_program();
            }
        }
        for argument in self.lexer.end_command() {
            self.listener.argument(&argument);
        }
    }

    fn include(&mut self, name: &str, relative: bool, position: Position) {
        let Some(word) = self.word(position) else {
            return self.refuse(position, MalformedError::MissingArgument(name.to_owned()));
        };
        let end = self.lexer.position().offset;
        let is_certain = self.branches.reach() == Reach::Always;
        let file = word.literal();
        // Nobody knows what is in a file without a name.
        self.found.outlives_reset |= file.is_none();
        self.found.is_counted &= is_certain && file.is_some();
        self.found.includes.push(Include {
            file,
            relative,
            position,
            end,
            after: self.found.statements,
            is_certain,
        });
    }

    fn set(&mut self, position: Position) {
        let Some(name) = self.word(position) else { return };
        // Without a value it is set to nothing, which is `on` to these.
        let mut value = Some(b"on".to_vec());
        let mut is_first = true;
        while let Some(word) = self.word(position) {
            // Where the variable stands, there may be more statements than one.
            self.found.is_counted &= !word.value.contains(&b';');
            if std::mem::take(&mut is_first) {
                value = word.literal();
            }
        }
        self.variable(&name.value, value.as_deref(), position);
    }

    fn unset(&mut self, position: Position) {
        if let Some(name) = self.word(position) {
            self.variable(&name.value, Some(b"off"), position);
        }
    }

    /// Values that are as dbctl runs a script anyway change nothing; of any other the script wants something.
    fn variable(&mut self, name: &[u8], value: Option<&[u8]>, position: Position) {
        let usual: &[&str] = match name {
            b"AUTOCOMMIT" | b"ON_ERROR_STOP" => &["on", "true", "yes", "1", ""],
            b"ON_ERROR_ROLLBACK" => &["off", "false", "no", "0"],
            b"SINGLELINE" => return self.single_line(value),
            _ => return,
        };
        let is_usual =
            value.is_some_and(|value| usual.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes())));
        if !is_usual {
            let name = String::from_utf8_lossy(name).into_owned();
            self.want_autocommit(Reason::Variable { name }, position);
        }
    }

    fn single_line(&mut self, value: Option<&[u8]>) {
        match value.and_then(|value| if value.is_empty() { Some(true) } else { parse_bool(value) }) {
            Some(on) => self.lexer.set_single_line(on),
            None => self.found.is_counted = false,
        }
    }

    fn encoding(&mut self, position: Position) {
        let name = self.word(position).map(|word| word.value).unwrap_or_default();
        if let Some(encoding) = Encoding::named(&String::from_utf8_lossy(&name)) {
            self.lexer.set_client_encoding(encoding);
        }
    }
}
