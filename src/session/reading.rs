//! Reads a script and what it includes, line by line as psql's main loop does.

use std::rc::Rc;

use super::meta::{Flow, MetaError};
use super::output::{Channel, Locus};
use super::run::{Outcome, Run};
use super::script::Input;
use super::variables::Echo;
use crate::sql::encoding::Encoding;
use crate::sql::lexer::{Position, Stop};
use crate::sql::reader::Lines;

impl Run<'_> {
    /// Reads the script and everything it includes, and sends what it says.
    pub fn read_script(&mut self) -> Outcome<()> {
        let name = self.source.name();
        if self.source.is_standard_input() {
            return self.read_standard_input();
        }
        let text = self.source.open().map_err(|error| self.unreadable(name.clone(), error))?;
        self.read_input(Input::new(name, self.source.path(), Lines::new(text)))
    }

    /// Reads one file, as psql's main loop does.
    pub fn read_input(&mut self, input: Input) -> Outcome<()> {
        self.inputs.push(input);
        let mut quits = false;
        while !quits && self.next_line()? {
            quits = self.read_line()? == Flow::Quit;
        }
        self.finish_file(quits)?;
        if let Some(Input { is_standard: true, lines, .. }) = self.inputs.pop() {
            self.return_standard_input(lines);
        }
        Ok(())
    }

    pub fn input(&mut self) -> &mut Input {
        self.inputs.last_mut().expect("a file is being read")
    }

    fn next_line(&mut self) -> Outcome<bool> {
        self.follow_server();
        let echo = self.variables.special.echo == Echo::All;
        let input = self.inputs.last_mut().expect("a file is being read");
        let (depends, text) = match input.read_line() {
            Ok(None) => return Ok(false),
            Ok(Some(line)) if line.is_dump => return self.refuse_dump().map(|()| false),
            Ok(Some(line)) => (line.depends, line.text.filter(|_| echo).map(<[u8]>::to_vec)),
            Err(error) => {
                let name = input.name.to_string();
                return Err(self.unreadable(name, error));
            }
        };
        self.careful_line = depends || self.variables.row_count_is_hidden;
        if self.careful_line {
            self.settle()?;
        }
        if let Some(text) = text {
            self.echo_line(&text)?;
        }
        Ok(true)
    }

    /// psql's words; where errors do not stop the script, what includes the dump goes on.
    fn refuse_dump(&mut self) -> Outcome<()> {
        self.settle()?;
        let words = b"The input is a PostgreSQL custom-format dump.\n\
                      Use the pg_restore command-line client to restore this dump to a database.\n\n";
        self.conversation.stage.echo(Channel::Out, words);
        if self.variables.special.stop || self.inputs.len() == 1 {
            let position = Position { line: 1, column: 1, offset: 0 };
            return Err(self.meta_failure(position, MetaError::CustomDump));
        }
        self.conversation.failures += 1;
        Ok(())
    }

    /// Shows a line of the script itself, on psql's own standard output.
    pub fn echo_line(&mut self, text: &[u8]) -> Outcome<()> {
        self.settle()?;
        self.conversation.stage.echo(Channel::Out, &[text, b"\n"].concat());
        Ok(())
    }

    // psql looks at both when it begins a line.
    fn follow_server(&mut self) {
        let (encoding, standard) = (self.encoding(), self.standard_strings());
        self.input().follow(encoding, standard);
        if let Some(name) = self.conversation.session.parameter("client_encoding") {
            self.variables.set_encoding(name);
        }
    }

    pub fn standard_strings(&self) -> bool {
        self.conversation.session.parameter("standard_conforming_strings") != Some("off")
    }

    pub fn encoding(&self) -> Encoding {
        self.conversation.session.parameter("client_encoding").and_then(Encoding::named).unwrap_or_default()
    }

    fn read_line(&mut self) -> Outcome<Flow> {
        loop {
            let input = self.inputs.last_mut().expect("a file is being read");
            let (stop, active) = (input.lexer.scan(&self.variables), input.branches.is_active());
            self.pass_on_notices()?;
            match stop {
                Stop::LineEnd => return Ok(Flow::Continue),
                Stop::Statement if !active => {}
                Stop::Statement => self.statement()?,
                Stop::MetaCommand => {
                    if self.meta_command()? == Flow::Quit {
                        return Ok(Flow::Quit);
                    }
                }
            }
        }
    }

    fn finish_file(&mut self, quits: bool) -> Outcome<()> {
        let input = self.input();
        if input.lexer.finish().pending && input.branches.is_active() {
            self.statement()?;
        }
        match self.input().branches.opened_at() {
            // Whoever says `\q` may leave them open.
            Some(position) if !quits => self.meta_trouble(position, MetaError::UnclosedIf),
            _ => Ok(()),
        }
    }

    fn statement(&mut self) -> Outcome<()> {
        let input = self.input();
        let statement = Rc::new(input.lexer.statement().to_text());
        input.lexer.clear();
        self.submit(statement)
    }

    /// Where psql's messages say that they come from.
    pub fn locus(&self) -> Locus {
        let input = self.inputs.last().expect("a file is being read");
        Locus { file: input.name.to_string(), line: input.line() }
    }
}
