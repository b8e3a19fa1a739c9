//! The meta-commands of a script, looked at without carrying any of them out.

use std::io::{self, Read};

use super::branches::Reach;
use super::listener::Listener;
use super::surveyor::{Surveyor, Word};
use super::unknowns::Asked;
use super::{CommandUse, Include, MalformedError, Mention, Reason, is_psqls, known};
use crate::sql::boolean::parse_bool;
use crate::sql::encoding::Encoding;
use crate::sql::lexer::Mode;
use crate::text::Position;

/// Those that send the query buffer, or the last statement again where it is empty.
const SENDING: &[&str] = &["g", "gx", "gset", "gexec", "gdesc", "crosstabview"];

/// Those whose file may be a pipe to a program.
const PIPING: &[&str] = &["g", "gx", "o", "out", "w", "write"];

/// Those that run a program whatever their arguments are: a shell, an editor.
const RUNNING: &[&str] = &["!", "e", "edit", "ef", "ev"];

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
        let runs_program = RUNNING.contains(&name.as_str());
        self.found.commands.push(CommandUse { name: name.clone(), position, runs_program });
        self.found.unknowns.command(&name, position);
        self.listener.command(&name, position);
        if divides {
            self.divide(&name, position);
        } else if !self.carry_on(&name, position)? {
            return Ok(false);
        }
        self.arguments(&name, position);
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
        known::pass_over(&mut self.lexer, name);
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
            "copy" => self.copy(position)?,
            "prompt" => self.prompt(position)?,
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
        let variables = Asked::default();
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
        let references = variables.take();
        let is_literal = !runs_program && references.is_empty();
        Some(Word { value: argument.value, quote: argument.quote, is_literal, references })
    }

    /// The arguments that are left.
    fn arguments(&mut self, command: &str, position: Position) {
        while self.is_reached() {
            let Some(word) = self.word(position) else { break };
            if !PIPING.contains(&command) {
                continue;
            }
            // In quotes, too, it is a pipe.
            if word.value.starts_with(b"|") {
                self.runs_program();
            }
            self.found.unknowns.written(word, command, position);
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
        if file.is_none() {
            self.found.unknowns.include.get_or_insert_with(|| Mention::command(name, position));
        }
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
        let mut words = Vec::new();
        while let Some(word) = self.word(position) {
            // Where the variable stands, there may be more statements than one.
            self.found.is_counted &= !word.value.contains(&b';');
            words.push(word);
        }
        // Without a value it is set to nothing, which is `on` to these.
        let value = words.first().map_or(Some(b"on".to_vec()), |word| word.clone().literal());
        self.variable(&name.value, value.as_deref(), position);
        self.found.unknowns.set(name, words, position);
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
