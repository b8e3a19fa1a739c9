//! The meta-commands of a script, looked at without carrying any of them out.

use std::io::{self, Read};

use super::{Block, CommandUse, Include, Malformed, MalformedError, Reason, Surveyor};
use crate::sql::encoding::Encoding;
use crate::sql::lexer::{Argument, Mode, NoVariables, Tokens};
use crate::sql::statement::{self, Kind};
use crate::text::Position;

/// Those that send the query buffer.
const SENDING: &[&str] = &["g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch"];

/// Those whose file may be a pipe to a program.
const PIPING: &[&str] = &["g", "gx", "o", "out", "w", "write"];

/// The commands of psql 13 to 18, but for `\d…`.
const KNOWN: &str = "! ? C H T a bind bind_named c cd close_prepared conninfo connect copy copyright \
    crosstabview e echo edit ef elif else encoding endif endpipeline errverbose ev f flush flushrequest g gdesc \
    getenv getresults gexec gset gx h help html i if include include_relative ir l l+ list list+ lo_export \
    lo_import lo_list lo_list+ lo_unlink o out p parse password print prompt pset q qecho quit r reset restrict \
    s sendpipeline set setenv sf sf+ startpipeline sv sv+ syncpipeline t timing unrestrict unset w warn watch \
    write x z zS zS+ z+ \\";

/// Whether psql has a meta-command of that name.
pub fn is_psqls(name: &str) -> bool {
    name.is_empty() || name.starts_with('d') || KNOWN.split_ascii_whitespace().any(|known| known == name)
}

impl<R: Read> Surveyor<R> {
    /// False for a `\q` that is not in a branch.
    pub(super) fn command(&mut self) -> io::Result<bool> {
        let position = self.lexer.command_position();
        let name = String::from_utf8_lossy(&self.lexer.command_name()).into_owned();
        if !is_psqls(&name) {
            self.refuse(position, MalformedError::Unknown(name));
            self.lexer.abandon_command();
            return Ok(true);
        }
        self.found.commands.push(CommandUse { name: name.clone(), position, runs_program: name == "!" });
        self.tokens.command(&name);
        match name.as_str() {
            "i" | "include" => self.include(&name, false, position),
            "ir" | "include_relative" => self.include(&name, true, position),
            "if" => self.blocks.push(Block { at: position, buffer: self.lexer.mark() }),
            "elif" | "else" | "endif" => self.branch(&name, position),
            "set" => self.set(position),
            "unset" => self.unset(position),
            "encoding" => self.encoding(),
            "r" | "reset" => self.lexer.reset(),
            "copy" => return self.copy().map(|()| true),
            "!" => self.whole_line(),
            "q" | "quit" if self.blocks.is_empty() => return Ok(false),
            _ if SENDING.contains(&name.as_str()) => self.send()?,
            _ => {}
        }
        self.arguments(PIPING.contains(&name.as_str()), position);
        Ok(true)
    }

    fn refuse(&mut self, position: Position, error: MalformedError) {
        self.found.malformed.get_or_insert(Malformed { position, error });
    }

    fn runs_program(&mut self) {
        if let Some(command) = self.found.commands.last_mut() {
            command.runs_program = true;
        }
    }

    /// The command's next argument; what it tells of programs and quotes is noted.
    fn argument(&mut self, position: Position) -> Option<Argument> {
        let Ok(argument) = self.lexer.argument(Mode::Normal, true, &NoVariables) else {
            self.refuse(position, MalformedError::UnterminatedQuote);
            return None;
        };
        let argument = argument?;
        self.tokens.argument(&argument.value);
        if !argument.backticks.is_empty() {
            self.runs_program();
        }
        Some(argument)
    }

    /// The arguments that are left.
    fn arguments(&mut self, may_pipe: bool, position: Position) {
        while let Some(argument) = self.argument(position) {
            if may_pipe && argument.quote.is_none() && argument.value.starts_with(b"|") {
                self.runs_program();
            }
        }
        for argument in self.lexer.end_command() {
            self.tokens.argument(&argument);
        }
    }

    fn include(&mut self, name: &str, relative: bool, position: Position) {
        let Some(argument) = self.argument(position) else {
            return self.refuse(position, MalformedError::MissingArgument(name.to_owned()));
        };
        let file = is_literal(&argument).then_some(argument.value);
        self.found.includes.push(Include { file, relative, position });
    }

    /// Text that one branch has left in the query buffer is not there in the next.
    fn branch(&mut self, name: &str, position: Position) {
        match self.blocks.last() {
            None => self.refuse(position, MalformedError::NoIf(name.to_owned())),
            Some(_) if name == "endif" => drop(self.blocks.pop()),
            Some(block) => self.lexer.rewind(block.buffer),
        }
    }

    fn set(&mut self, position: Position) {
        let Some(name) = self.argument(position) else { return };
        let value = self.argument(position);
        // Without a value it is set to nothing, which is `on` to these.
        let value = value.map_or(Some(b"on".to_vec()), |value| is_literal(&value).then_some(value.value));
        self.variable(&name.value, value.as_deref(), position);
    }

    fn unset(&mut self, position: Position) {
        if let Some(name) = self.argument(position) {
            self.variable(&name.value, Some(b"off"), position);
        }
    }

    /// Values that are as dbctl runs a script anyway change nothing; of any other the script wants something.
    fn variable(&mut self, name: &[u8], value: Option<&[u8]>, position: Position) {
        let usual: &[&str] = match name {
            b"AUTOCOMMIT" | b"ON_ERROR_STOP" => &["on", "true", "yes", "1", ""],
            b"ON_ERROR_ROLLBACK" => &["off", "false", "no", "0"],
            _ => return,
        };
        let is_usual =
            value.is_some_and(|value| usual.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes())));
        if !is_usual {
            let name = String::from_utf8_lossy(name).into_owned();
            self.want_autocommit(Reason::Variable { name }, position);
        }
    }

    fn encoding(&mut self) {
        let name = self.argument(Position::default()).map(|argument| argument.value).unwrap_or_default();
        if let Some(encoding) = Encoding::named(&String::from_utf8_lossy(&name)) {
            self.lexer.set_client_encoding(encoding);
        }
    }

    fn send(&mut self) -> io::Result<()> {
        if !self.lexer.is_empty() {
            self.statement()?;
        }
        self.lexer.reset();
        Ok(())
    }

    fn rest_of_line(&mut self) -> Vec<u8> {
        let line = self.lexer.argument(Mode::WholeLine, false, &NoVariables);
        let line = line.ok().flatten().map(|argument| argument.value).unwrap_or_default();
        self.tokens.argument(&line);
        line
    }

    fn whole_line(&mut self) {
        self.rest_of_line();
    }

    /// `\copy … from stdin` reads the script's next lines.
    fn copy(&mut self) -> io::Result<()> {
        let line = self.rest_of_line();
        self.lexer.abandon_command();
        if names_program(&line, self.strings) {
            self.runs_program();
        }
        let statement = [b"copy ".as_slice(), &line].concat();
        if statement::kinds(&statement, self.strings) == [Kind::CopyFromStdin] {
            self.skip_data()?;
        }
        Ok(())
    }
}

fn is_literal(argument: &Argument) -> bool {
    argument.backticks.is_empty() && argument.quote != Some(b':') && !argument.value.starts_with(b":")
}

/// Whether `from` or `to` is followed by `program`, outside of parentheses.
fn names_program(line: &[u8], strings: bool) -> bool {
    let (mut depth, mut after_direction) = (0, false);
    for token in Tokens::new(line, strings) {
        match token.bytes {
            b"(" => depth += 1,
            b")" => depth -= 1,
            _ if depth > 0 => {}
            _ if after_direction && token.is("program") => return true,
            _ => {}
        }
        after_direction = depth == 0 && (token.is("from") || token.is("to"));
    }
    false
}
