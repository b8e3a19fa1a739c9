//! A statement's way out: numbered, echoed, timed, and sent as the mode has it.

use std::rc::Rc;

use super::caution::Caution;
use super::conversation::{Command, Sent, What};
use super::output::{Channel, Locus};
use super::request::How;
use super::routine::Routines;
use super::run::{Mode, Outcome, Run};
use super::stage::Hold;
use super::timing::Timing;
use super::variables::Echo;
use crate::sql::lexer::StatementText;

impl Run<'_> {
    /// Sends a statement of the script.
    pub fn submit(&mut self, statement: Rc<StatementText>) -> Outcome<()> {
        let how = self.bound.take().map_or(How::Simple, How::Bound);
        self.submit_as(statement, how)
    }

    pub fn submit_as(&mut self, statement: Rc<StatementText>, how: How) -> Outcome<()> {
        self.number += 1;
        if Routines::concern(&statement.text) {
            let (file, standard_strings) = (Rc::clone(&self.input().name), self.standard_strings());
            self.routines.note(&statement, file, standard_strings);
        }
        self.input().previous = Rc::clone(&statement);
        let sent = self.sent(What::Script { number: self.number, statement }, how);
        self.dispatch(sent)?;
        self.ran.statements = self.number;
        Ok(())
    }

    /// Sends a statement that a meta-command of the script has made.
    pub fn submit_generated(&mut self, text: Vec<u8>, how: How, command: &Command) -> Outcome<()> {
        let what = What::Generated { number: self.number, text, command: command.clone() };
        let sent = self.sent(what, how);
        self.dispatch(sent)
    }

    /// Whether a statement of that number ran before an interruption.
    pub fn is_left_out(&self, number: u32) -> bool {
        matches!(self.mode, Mode::Autocommit { resume_after } if number <= resume_after)
    }

    /// What is done with results that no meta-command asks for. What has been sent must be answered.
    pub fn restore_hold(&mut self) {
        let all = self.variables.special.show_all;
        self.conversation.stage.hold = if all { Hold::No } else { Hold::ShowLast };
    }

    pub fn sent(&mut self, what: What, how: How) -> Sent {
        let Locus { line, .. } = self.locus();
        Sent { what, how, file: Rc::clone(&self.input().name), line, data: None }
    }

    fn dispatch(&mut self, sent: Sent) -> Outcome<()> {
        let caution = Caution::of(sent.text(), self.standard_strings());
        self.over()?;
        let special = &self.variables.special;
        if matches!(special.echo, Echo::Queries) && !self.unseen {
            self.echo_line(sent.text())?;
        }
        let timing = self.begin_timing()?;
        match self.mode {
            Mode::Transaction => self.pipeline(sent, &caution)?,
            Mode::Autocommit { resume_after } => self.one_statement(sent, &caution, resume_after)?,
            Mode::Plain | Mode::Single => self.as_it_stands(sent, &caution)?,
        }
        self.end_timing(timing)
    }

    fn begin_timing(&mut self) -> Outcome<Option<Timing>> {
        if !self.timing || self.unseen {
            return Ok(None);
        }
        self.settle()?;
        Ok(Some(Timing::begin()))
    }

    fn end_timing(&mut self, timing: Option<Timing>) -> Outcome<()> {
        if let Some(timing) = timing {
            self.settle()?;
            self.conversation.stage.echo(Channel::Out, timing.to_string().as_bytes());
        }
        Ok(())
    }

    /// Whether the statement must be answered before the next one follows.
    pub fn must_wait(&self, caution: &Caution) -> bool {
        caution.wait || self.careful_line || self.is_watched()
    }

    /// Whether each statement must be answered before anything follows: its text, its errors or its time are
    /// shown, or the script goes on after an error.
    fn is_watched(&self) -> bool {
        let special = &self.variables.special;
        !special.stop || self.timing || matches!(special.echo, Echo::Queries | Echo::All)
    }

    pub fn send(&mut self, sent: Sent) -> Outcome<()> {
        self.conversation.send(sent).map_err(|lost| self.lost(lost))
    }

    pub fn send_bookkeeping(&mut self, sql: String) -> Outcome<()> {
        let file =
            self.inputs.last().map_or_else(|| self.source.name().into(), |input| Rc::clone(&input.name));
        self.send(Sent { what: What::Bookkeeping(sql), how: How::Simple, file, line: 0, data: None })
    }

    pub fn bookkeep(&mut self, sql: String) -> Outcome<()> {
        self.send_bookkeeping(sql)?;
        self.settle()
    }

    pub fn ask(&mut self, sent: Sent) -> Outcome<()> {
        self.send(sent)?;
        self.settle()
    }
}
