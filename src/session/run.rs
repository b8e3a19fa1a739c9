//! Runs one script: reads it as psql does, and sends it in one transaction or statement by statement.

use std::io;
use std::rc::Rc;

use super::branch::Branches;
use super::caution::Caution;
use super::conversation::{Command, Conversation, Sent, Stopped, Turn, What};
use super::error::SessionError;
use super::failure::{FailureKind, Outside, ScriptFailure};
use super::meta::{Flow, MetaError};
use super::output::{Channel, Locus, Output};
use super::print::Settings;
use super::request::How;
use super::script::{Input, ScriptSource};
use super::stage::Hold;
use super::timing::Timing;
use super::variables::{Echo, Variables};
use super::wire::TransactionStatus;
use super::{Readiness, Session};
use crate::sql::encoding::Encoding;
use crate::sql::lexer::{StatementText, Stop};
use crate::sql::reader::Lines;
use crate::text::Position;

/// The SQL that the runner wants sent around the script's own statements. The session does not know the ledger.
pub trait Bookkeeping {
    /// Transaction mode: what opens the transaction.
    fn begin(&mut self) -> Vec<String>;

    /// Transaction mode: what follows once every statement of the script succeeded; COMMIT is the last.
    fn applied(&mut self, ran: &Ran) -> Vec<String>;

    /// Autocommit mode: the progress row after statement `finished`.
    fn progress(&mut self, finished: u32) -> String;

    /// Autocommit mode: the next statement, as it is sent or left out because it is done already.
    fn statement(&mut self, _number: u32, _text: &[u8], _standard_strings: bool) {}

    /// Autocommit mode: data of the COPY in it.
    fn data(&mut self, _data: &[u8]) {}

    /// Autocommit mode: whether the statements that were left out are those that ran before.
    fn may_resume(&mut self) -> bool {
        true
    }
}

/// What follows a script in its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    Unknown,
    /// A script in one transaction. It is begun in the same packet in which this one's is committed.
    Transaction,
}

/// How a script is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Transaction,
    /// The first `resume_after` statements are left out, but for session settings and transaction control.
    Autocommit {
        resume_after: u32,
    },
    /// Exactly as `psql -X -f` does: nothing but the script's own statements, and no transaction but its own.
    /// What happens at an error is up to the variable `ON_ERROR_STOP`. Errors are shown. A transaction that is
    /// open at the end stays open.
    Plain,
}

/// A script that ran to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    pub statements: u32,
    /// Errors after which the script went on, because it or the caller said so (`ON_ERROR_STOP`).
    pub failures: u32,
    /// The script made its transaction read-only: no row can be written in it.
    pub read_only: bool,
    pub outside: Outside,
    /// The command tags of the bookkeeping, in order.
    pub bookkeeping: Vec<String>,
}

pub(super) type Outcome<T> = Result<T, Box<ScriptFailure>>;

/// The run of one script.
pub(super) struct Run<'a> {
    pub conversation: Conversation<'a>,
    pub source: &'a mut dyn ScriptSource,
    pub bookkeeping: &'a mut dyn Bookkeeping,
    pub inputs: Vec<Input>,
    pub variables: Variables,
    pub restricted: Option<Vec<u8>>,
    pub(super) mode: Mode,
    next: Next,
    /// Statements read so far.
    pub number: u32,
    pub ran: Ran,
    /// COMMIT may be on its way.
    pub committing: bool,
    /// Where the script's own transaction began.
    pub began: Option<Sent>,
    /// Wait for each answer while this line lasts: it refers to the last statement's result.
    careful_line: bool,
    /// What `\pset` has set.
    pub settings: Settings,
    /// `\timing`
    pub timing: bool,
    /// The values that `\bind` has set for the next statement.
    pub bound: Option<Vec<Vec<u8>>>,
    /// Statements are sent that psql neither echoes nor times.
    pub unseen: bool,
    /// The next statement's result is needed even where the statement is left out.
    pub needs_result: bool,
    /// What `\copy` feeds, where that is not the script itself.
    pub data: Option<Lines<Box<dyn io::Read>>>,
    /// The progress row waits until the statements that `\gexec` makes are done.
    pub withhold_progress: bool,
    /// The session that the runner gave, while `\connect` has led to another database.
    pub home: Option<Session>,
}

impl Session {
    /// Runs a script to its end or to its first error.
    ///
    /// In transaction mode nothing is committed before every statement has succeeded; after an error the
    /// transaction is rolled back, and the session can be used further unless the connection was lost.
    pub fn run(
        &mut self,
        source: &mut dyn ScriptSource,
        mode: Mode,
        bookkeeping: &mut dyn Bookkeeping,
        output: &mut dyn Output,
    ) -> Result<Ran, Box<ScriptFailure>> {
        self.run_before(Next::Unknown, source, mode, bookkeeping, output)
    }

    /// As [`Session::run`], where it is known what comes next.
    pub fn run_before(
        &mut self,
        next: Next,
        source: &mut dyn ScriptSource,
        mode: Mode,
        bookkeeping: &mut dyn Bookkeeping,
        output: &mut dyn Output,
    ) -> Result<Ran, Box<ScriptFailure>> {
        let mut run = Run {
            variables: Variables::default(),
            conversation: Conversation::new(self, output),
            source,
            bookkeeping,
            inputs: Vec::new(),
            restricted: None,
            mode,
            next,
            number: 0,
            ran: Ran::default(),
            committing: false,
            began: None,
            careful_line: false,
            settings: Settings::default(),
            timing: false,
            bound: None,
            unseen: false,
            needs_result: false,
            data: None,
            withhold_progress: false,
            home: None,
        };
        let outcome = run.prepare().and_then(|()| match mode {
            Mode::Transaction => run.in_one_transaction(),
            Mode::Autocommit { .. } => run.statement_by_statement(),
            Mode::Plain => run.read_script().and_then(|()| run.settle()),
        });
        let outcome = outcome.map(|()| run.finished()).map_err(|failure| {
            run.tell_of_loss(&failure);
            run.undo(failure)
        });
        let home = run.home.take();
        if let Some(home) = home {
            *self = home;
        }
        self.wire.interruptible = false;
        outcome
    }
}

impl Run<'_> {
    /// Waits for a clean session, and in transaction mode for its transaction: a BEGIN that fails must be known
    /// before anything is sent that it should have protected.
    fn prepare(&mut self) -> Outcome<()> {
        let session = &mut *self.conversation.session;
        match self.mode {
            Mode::Transaction if session.readiness == Readiness::Begun => {
                session.readiness = Readiness::Clean;
            }
            Mode::Transaction => self.begin()?,
            Mode::Autocommit { .. } | Mode::Plain => self.clean()?,
        }
        self.settle()?;
        let stop = self.mode != Mode::Plain;
        self.variables = Variables::new(self.conversation.session, stop, self.source.permissions());
        for (name, value) in self.source.variables() {
            let set = self.variables.set(name.into_bytes(), Some(value.into_bytes()));
            set.map_err(|error| self.meta_failure(Position { line: 1, column: 1, offset: 0 }, error.into()))?;
        }
        self.obey_variables();
        Ok(())
    }

    fn clean(&mut self) -> Outcome<()> {
        match self.conversation.session.clean() {
            Some(sql) => self.send_bookkeeping(sql.to_owned()),
            None => Ok(()),
        }
    }

    fn begin(&mut self) -> Outcome<()> {
        self.clean()?;
        self.bookkeeping.begin().into_iter().try_for_each(|sql| self.send_bookkeeping(sql))
    }

    fn finished(&mut self) -> Ran {
        self.ran.failures = self.conversation.failures;
        self.ran.clone()
    }

    /// psql's words where the connection is gone.
    fn tell_of_loss(&mut self, failure: &ScriptFailure) {
        if !matches!(failure.kind, FailureKind::ConnectionLost { .. }) || self.inputs.is_empty() {
            return;
        }
        let locus = self.locus();
        let text = format!(
            "psql:{}:{}: server closed the connection unexpectedly\n\tThis probably means the server terminated \
             abnormally\n\tbefore or while processing the request.\n",
            locus.file, locus.line
        );
        self.conversation.stage.echo(Channel::Error, text.as_bytes());
        self.conversation.stage.fault(b"connection to server was lost", &locus);
    }

    /// Passes on what the special variables say. What has been sent must be answered.
    pub fn obey_variables(&mut self) {
        let special = &self.variables.special;
        // One transaction does not survive an error.
        self.conversation.carry_on = !special.stop && self.mode != Mode::Transaction;
        self.conversation.echo_errors = special.echo == Echo::Errors;
        self.conversation.stage.quiet(special.quiet);
        self.conversation.stage.rows_at_once(special.fetch_count);
        self.conversation.stage.message_style(special.style);
        self.restore_hold();
    }

    /// Whether each statement must be answered before anything follows: its text, its errors or its time are
    /// shown, or the script goes on after an error.
    fn is_watched(&self) -> bool {
        let special = &self.variables.special;
        !special.stop || self.timing || matches!(special.echo, Echo::Queries | Echo::All)
    }

    fn in_one_transaction(&mut self) -> Outcome<()> {
        self.conversation.in_one_transaction = true;
        self.read_script()?;
        self.settle()?;
        self.conversation.in_one_transaction = false;
        self.ran.read_only = self.ran.read_only && self.is_read_only()?;
        self.committing = true;
        for sql in self.bookkeeping.applied(&self.ran) {
            self.send_bookkeeping(sql)?;
        }
        let settled = match self.next {
            Next::Unknown => self.settle(),
            Next::Transaction => self.settle_and_begin(),
        };
        self.ran.bookkeeping = std::mem::take(&mut self.conversation.bookkeeping_tags);
        settled.or_else(|failure| self.excuse(failure))
    }

    /// The next script's transaction begins in a clean session, unless this one's was not committed.
    fn settle_and_begin(&mut self) -> Outcome<()> {
        self.conversation.session.reset();
        self.begin()?;
        self.settle()?;
        self.conversation.session.readiness = Readiness::Begun;
        Ok(())
    }

    /// A Ctrl-C that came too late, or what went wrong after COMMIT, is no failure of a script that is in place.
    fn excuse(&mut self, failure: Box<ScriptFailure>) -> Outcome<()> {
        let committed = !self.ran.read_only && self.ran.bookkeeping.iter().any(|tag| tag == "COMMIT");
        if !committed || matches!(failure.kind, FailureKind::ConnectionLost { .. }) {
            return Err(failure);
        }
        self.leave_transaction();
        self.conversation.session.readiness = Readiness::Used;
        Ok(())
    }

    fn is_read_only(&mut self) -> Outcome<bool> {
        match self.conversation.session.simple("show transaction_read_only") {
            Ok(answer) => Ok(answer.rows == [[Some("on".to_owned())]]),
            Err(SessionError::Lost(lost)) => Err(self.lost(lost)),
            Err(_) => Ok(false),
        }
    }

    /// Reads the script and everything it includes, and sends what it says.
    pub fn read_script(&mut self) -> Outcome<()> {
        let name = self.source.name();
        let text = self.source.open().map_err(|error| self.unreadable(name.clone(), error))?;
        self.read_file(name, text)
    }

    /// Reads one file, as psql's main loop does.
    pub fn read_file(&mut self, name: String, text: Box<dyn io::Read>) -> Outcome<()> {
        self.inputs.push(Input::new(name, text));
        while self.next_line()? {
            if self.read_line()? == Flow::Quit {
                // Nobody misses the `\endif` of a script that has ended on purpose.
                self.input().branches = Branches::default();
                break;
            }
        }
        self.finish_file()?;
        self.inputs.pop();
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

    fn read_line(&mut self) -> Outcome<Flow> {
        loop {
            let input = self.inputs.last_mut().expect("a file is being read");
            match input.lexer.scan(&self.variables) {
                Stop::LineEnd => {
                    self.pass_on_notices();
                    return Ok(Flow::Continue);
                }
                Stop::Statement if !input.branches.is_active() => {}
                Stop::Statement => self.statement()?,
                Stop::MetaCommand => {
                    if self.meta_command()? == Flow::Quit {
                        return Ok(Flow::Quit);
                    }
                }
            }
        }
    }

    fn finish_file(&mut self) -> Outcome<()> {
        let input = self.input();
        if input.lexer.finish().pending && input.branches.is_active() {
            self.statement()?;
        }
        match self.input().branches.opened_at() {
            Some(position) => self.meta_trouble(position, MetaError::UnclosedIf),
            None => Ok(()),
        }
    }

    fn statement(&mut self) -> Outcome<()> {
        let input = self.input();
        let statement = Rc::new(input.lexer.statement().to_text());
        input.lexer.clear();
        self.submit(statement)
    }

    /// Sends a statement of the script.
    pub fn submit(&mut self, statement: Rc<StatementText>) -> Outcome<()> {
        let how = self.bound.take().map_or(How::Simple, How::Bound);
        self.submit_as(statement, how)
    }

    pub fn submit_as(&mut self, statement: Rc<StatementText>, how: How) -> Outcome<()> {
        self.number += 1;
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

    /// Where psql's messages say that they come from.
    pub fn locus(&self) -> Locus {
        let input = self.inputs.last().expect("a file is being read");
        Locus { file: input.name.to_string(), line: input.line() }
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
            Mode::Plain => self.as_it_stands(sent, &caution)?,
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

    fn pipeline(&mut self, sent: Sent, caution: &Caution) -> Outcome<()> {
        if let Some(end) = caution.transaction_end() {
            return Err(self.failure(FailureKind::TransactionEnded { verb: end.to_string() }, Some(&sent)));
        }
        self.ran.read_only |= caution.may_be_read_only;
        self.ran.outside = self.ran.outside.max(caution.outside);
        // Commands that leave a failed transaction would take effect after an error before them.
        if caution.wait {
            self.settle()?;
        }
        self.send(sent)?;
        if self.must_wait(caution) { self.settle() } else { self.over() }
    }

    pub fn send(&mut self, sent: Sent) -> Outcome<()> {
        self.conversation.send(sent).map_err(|lost| self.lost(lost))
    }

    pub fn send_bookkeeping(&mut self, sql: String) -> Outcome<()> {
        let file =
            self.inputs.last().map_or_else(|| self.source.name().into(), |input| Rc::clone(&input.name));
        self.send(Sent { what: What::Bookkeeping(sql), how: How::Simple, file, line: 0, data: None })
    }

    /// Waits until everything sent is answered, feeding the COPYs in it; fails as the first of them failed.
    pub fn settle(&mut self) -> Outcome<()> {
        while let Turn::CopyIn { binary } = self.conversation.drain().map_err(|lost| self.lost(lost))? {
            self.copy_in(binary)?;
        }
        self.over()?;
        if self.number > 0 {
            self.note_result();
        }
        Ok(())
    }

    fn note_result(&mut self) {
        // psql forgets to note an error of COPY's data.
        if self.conversation.failed && self.conversation.failed_in_copy {
            return;
        }
        match &self.conversation.last_error {
            Some((error, _)) if self.conversation.failed => self.variables.failed(error),
            _ => self.variables.succeeded(&self.conversation.last_tag),
        }
    }

    fn copy_in(&mut self, binary: bool) -> Outcome<()> {
        let refusal = match self.conversation.current().map(|sent| &sent.what) {
            Some(What::Script { .. } | What::Generated { .. }) if !binary => None,
            Some(What::Script { .. } | What::Generated { .. }) => {
                Some("binary data cannot stand in a script")
            }
            _ => Some("no data belongs to this statement"),
        };
        let fed = match refusal {
            Some(reason) => self.conversation.refuse_data(reason),
            None => return self.feed_copy(),
        };
        fed.map_err(|lost| self.lost(lost))
    }

    fn feed_copy(&mut self) -> Outcome<()> {
        let mut outside = self.data.take();
        if outside.is_none() {
            let begin = self.input().lines.place();
            self.conversation.data_begins(begin);
        }
        loop {
            let lines = match &mut outside {
                Some(lines) => lines,
                None => &mut self.inputs.last_mut().expect("a file is being read").lines,
            };
            let more = match lines.copy_data() {
                Ok(Some(data)) => {
                    if self.mode != Mode::Transaction {
                        self.bookkeeping.data(data);
                    }
                    Ok(self.conversation.copy(data))
                }
                Ok(None) => break,
                Err(error) => Err(error),
            };
            match more {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => break,
                Ok(Err(lost)) => return Err(self.lost(lost)),
                Err(error) => {
                    let name = self.input().name.to_string();
                    let _ = self.conversation.refuse_data("aborted because of read failure");
                    return Err(self.unreadable(name, error));
                }
            }
        }
        let line = self.input().line();
        self.conversation.data_ended(line);
        self.conversation.end_copy().map_err(|lost| self.lost(lost))
    }

    /// Reads over the data of a COPY that is left out.
    pub fn skip_data(&mut self) -> Outcome<()> {
        if self.data.take().is_some() {
            return Ok(());
        }
        loop {
            let input = self.inputs.last_mut().expect("a file is being read");
            match input.lines.copy_data() {
                Ok(Some(data)) => self.bookkeeping.data(data),
                Ok(None) => return Ok(()),
                Err(error) => {
                    let name = input.name.to_string();
                    return Err(self.unreadable(name, error));
                }
            }
        }
    }

    /// Fails if the conversation is over, after the answers to everything that was sent.
    pub fn over(&mut self) -> Outcome<()> {
        if !self.conversation.is_over() {
            return Ok(());
        }
        while let Turn::CopyIn { .. } = self.conversation.drain().map_err(|lost| self.lost(lost))? {
            self.conversation.refuse_data("canceled by user").map_err(|lost| self.lost(lost))?;
        }
        Err(match self.conversation.stopped.take() {
            None => self.failure(FailureKind::Interrupted, None),
            Some(Stopped::TransactionOver { sent }) => {
                self.failure(FailureKind::TransactionLost, Some(&sent))
            }
            Some(Stopped::Error { sent, message }) => self.server_failure(&sent, message),
        })
    }

    pub fn encoding(&self) -> Encoding {
        self.conversation.session.parameter("client_encoding").and_then(Encoding::named).unwrap_or_default()
    }

    /// Leaves the session without an open transaction.
    fn undo(&mut self, mut failure: Box<ScriptFailure>) -> Box<ScriptFailure> {
        if matches!(failure.kind, FailureKind::ConnectionLost { .. }) {
            return failure;
        }
        self.leave_transaction();
        failure.finished = self.conversation.finished;
        failure
    }

    fn leave_transaction(&mut self) {
        self.conversation.session.wire.interruptible = false;
        while let Ok(Turn::CopyIn { .. }) = self.conversation.drain() {
            let _ = self.conversation.refuse_data("the script has failed");
        }
        // A late answer to Ctrl-C may hit the first attempt; where all fail, the connection is gone.
        for _ in 0..3 {
            if self.conversation.session.status() == TransactionStatus::Idle {
                break;
            }
            let _ = self.conversation.session.simple("ROLLBACK");
        }
    }
}
