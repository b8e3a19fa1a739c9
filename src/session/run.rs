//! Runs one script: reads it as psql does, and sends it in one transaction or statement by statement.

use std::io;
use std::rc::Rc;

use super::Session;
use super::caution::{Caution, data_line, first_token, verb};
use super::conversation::{Conversation, Sent, Stopped, Turn, What};
use super::error::Lost;
use super::failure::{FailureKind, Outside, Phase, ScriptFailure};
use super::message::ServerMessage;
use super::meta::{Flow, MetaError};
use super::output::Output;
use super::script::{Input, ScriptSource};
use super::variables::Variables;
use super::wire::TransactionStatus;
use crate::interrupt;
use crate::sql::encoding::Encoding;
use crate::sql::lexer::{Position, StatementText, Stop};
use crate::text;

/// The SQL that the runner wants sent around the script's own statements. The session does not know the ledger.
pub trait Bookkeeping {
    /// Transaction mode: what opens the transaction.
    fn begin(&mut self) -> Vec<String>;

    /// Transaction mode: what follows once every statement of the script succeeded; COMMIT is the last.
    fn applied(&mut self, ran: &Ran) -> Vec<String>;

    /// Autocommit mode: the progress row after statement `finished`.
    fn progress(&mut self, finished: u32) -> String;
}

/// How a script is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Transaction,
    /// The first `resume_after` statements are left out, but for session settings and transaction control.
    Autocommit {
        resume_after: u32,
    },
}

/// A script that ran to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    pub statements: u32,
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
    /// Statements read so far.
    pub number: u32,
    pub ran: Ran,
    /// COMMIT may be on its way.
    pub committing: bool,
    /// Where the script's own transaction began.
    pub began: Option<Sent>,
    /// Wait for each answer while this line lasts: it refers to the last statement's result.
    careful_line: bool,
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
        let mut run = Run {
            variables: Variables::new(source.variables()),
            conversation: Conversation::new(self, output),
            source,
            bookkeeping,
            inputs: Vec::new(),
            restricted: None,
            mode,
            number: 0,
            ran: Ran::default(),
            committing: false,
            began: None,
            careful_line: false,
        };
        let outcome = match mode {
            Mode::Transaction => run.in_one_transaction(),
            Mode::Autocommit { .. } => run.statement_by_statement(),
        };
        let outcome = outcome.map(|()| run.ran.clone()).map_err(|failure| run.undo(failure));
        self.wire.interruptible = false;
        outcome
    }
}

impl Run<'_> {
    fn in_one_transaction(&mut self) -> Outcome<()> {
        // A BEGIN that fails must be known before anything is sent that it should have protected.
        for sql in self.bookkeeping.begin() {
            self.send_bookkeeping(sql)?;
        }
        self.settle()?;
        self.conversation.in_one_transaction = true;
        self.read_script()?;
        self.settle()?;
        self.conversation.in_one_transaction = false;
        self.ran.read_only = self.ran.read_only && self.is_read_only()?;
        self.committing = true;
        for sql in self.bookkeeping.applied(&self.ran) {
            self.send_bookkeeping(sql)?;
        }
        self.settle()?;
        self.ran.bookkeeping = std::mem::take(&mut self.conversation.bookkeeping_tags);
        Ok(())
    }

    fn is_read_only(&mut self) -> Outcome<bool> {
        let answer = self.conversation.session.simple("show transaction_read_only");
        Ok(answer.is_ok_and(|answer| answer.rows == [[Some("on".to_owned())]]))
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
        match self.input().read_line() {
            Ok(None) => Ok(false),
            Ok(Some(depends)) => {
                self.careful_line = depends || self.variables.row_count_is_hidden;
                if self.careful_line {
                    self.settle()?;
                }
                Ok(true)
            }
            Err(error) => {
                let name = self.input().name.to_string();
                Err(self.unreadable(name, error))
            }
        }
    }

    // psql looks at both when it begins a line.
    fn follow_server(&mut self) {
        let session = &self.conversation.session;
        let encoding = session.parameter("client_encoding").and_then(Encoding::named).unwrap_or_default();
        let standard = session.parameter("standard_conforming_strings") != Some("off");
        self.input().follow(encoding, standard);
    }

    fn read_line(&mut self) -> Outcome<Flow> {
        loop {
            let input = self.inputs.last_mut().expect("a file is being read");
            match input.lexer.scan(&self.variables) {
                Stop::LineEnd => return Ok(Flow::Continue),
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
            Some(position) => Err(self.meta_failure(position, MetaError::UnclosedIf)),
            None => Ok(()),
        }
    }

    fn statement(&mut self) -> Outcome<()> {
        if interrupt::requested() && self.conversation.session.wire.interruptible {
            self.conversation.interrupted = true;
        }
        let input = self.input();
        let statement = input.lexer.statement().to_text();
        input.lexer.clear();
        let (file, line) = (Rc::clone(&input.name), input.line());
        self.number += 1;
        let caution = Caution::of(&statement.text);
        let what = What::Script { number: self.number, statement };
        let sent = Sent { what, file, line, data: None };
        self.over()?;
        match self.mode {
            Mode::Transaction => self.pipeline(sent, caution)?,
            Mode::Autocommit { resume_after } => self.one_statement(sent, caution, resume_after)?,
        }
        self.ran.statements = self.number;
        Ok(())
    }

    fn pipeline(&mut self, sent: Sent, caution: Caution) -> Outcome<()> {
        self.refuse_transaction_end(&sent)?;
        self.ran.read_only |= caution.may_be_read_only;
        self.ran.outside = self.ran.outside.max(caution.outside);
        // Commands that leave a failed transaction would take effect after an error before them.
        if caution.wait {
            self.settle()?;
        }
        self.send(sent)?;
        if caution.wait || self.careful_line { self.settle() } else { self.over() }
    }

    fn refuse_transaction_end(&self, sent: &Sent) -> Outcome<()> {
        let What::Script { statement, .. } = &sent.what else { return Ok(()) };
        let word = verb(&statement.text);
        let ends = [&b"commit"[..], b"end", b"abort"].iter().any(|verb| word.eq_ignore_ascii_case(verb));
        if !ends {
            return Ok(());
        }
        let verb = String::from_utf8_lossy(word).to_uppercase();
        Err(self.failure(FailureKind::TransactionEnded { verb }, Some(sent)))
    }

    pub fn send(&mut self, sent: Sent) -> Outcome<()> {
        self.conversation.send(sent).map_err(|lost| self.lost(lost))
    }

    pub fn send_bookkeeping(&mut self, sql: String) -> Outcome<()> {
        let file =
            self.inputs.last().map_or_else(|| self.source.name().into(), |input| Rc::clone(&input.name));
        self.send(Sent { what: What::Bookkeeping(sql), file, line: 0, data: None })
    }

    /// Waits until everything sent is answered, feeding the COPYs in it; fails as the first of them failed.
    pub fn settle(&mut self) -> Outcome<()> {
        while let Turn::CopyIn { binary } = self.conversation.drain().map_err(|lost| self.lost(lost))? {
            self.copy_in(binary)?;
        }
        self.over()?;
        if self.number > 0 {
            self.variables.set_row_count(&self.conversation.last_tag);
        }
        Ok(())
    }

    fn copy_in(&mut self, binary: bool) -> Outcome<()> {
        let refusal = match self.conversation.current().map(|sent| &sent.what) {
            Some(What::Script { .. }) if !binary => None,
            Some(What::Script { .. }) => Some("binary data cannot stand in a script"),
            _ => Some("no data belongs to this statement"),
        };
        let fed = match refusal {
            Some(reason) => self.conversation.refuse_data(reason),
            None => return self.feed_copy(),
        };
        fed.map_err(|lost| self.lost(lost))
    }

    fn feed_copy(&mut self) -> Outcome<()> {
        let begin = self.input().lines.place();
        self.conversation.data_begins(begin);
        loop {
            let input = self.inputs.last_mut().expect("a file is being read");
            let more = match input.lines.copy_data() {
                Ok(Some(data)) => Ok(self.conversation.copy(data)),
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
        self.conversation.end_copy().map_err(|lost| self.lost(lost))
    }

    /// Reads over the data of a COPY that is left out.
    pub fn skip_data(&mut self) -> Outcome<()> {
        loop {
            let input = self.input();
            match input.lines.copy_data() {
                Ok(Some(_)) => {}
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

    fn server_failure(&self, sent: &Sent, message: Box<ServerMessage>) -> Box<ScriptFailure> {
        if self.conversation.interrupted && message.sqlstate() == "57014" {
            return self.failure(FailureKind::Interrupted, Some(sent));
        }
        let mut failure = self.failure(FailureKind::Server(message), Some(sent));
        if let (FailureKind::Server(message), What::Script { statement, .. }) = (&failure.kind, &sent.what) {
            let place = error_place(message, sent, statement, self.encoding());
            failure.position = place.0;
            failure.excerpt = place.1.map(|at| statement.excerpt(at));
        }
        failure
    }

    fn encoding(&self) -> Encoding {
        self.conversation.session.parameter("client_encoding").and_then(Encoding::named).unwrap_or_default()
    }

    pub fn lost(&self, lost: Lost) -> Box<ScriptFailure> {
        let sent = self.conversation.current().cloned();
        let kind = FailureKind::ConnectionLost { during_commit: self.committing, lost };
        self.failure(kind, sent.as_ref())
    }

    fn unreadable(&self, file: String, error: io::Error) -> Box<ScriptFailure> {
        let mut failure = self.failure(FailureKind::Unreadable(error), None);
        failure.file = file;
        failure
    }

    pub fn meta_failure(&self, position: Position, error: MetaError) -> Box<ScriptFailure> {
        let mut failure = self.failure(FailureKind::Meta(error), None);
        failure.position = position;
        failure
    }

    /// A failure at the statement's first token; without a statement, where the script is being read.
    pub fn failure(&self, kind: FailureKind, sent: Option<&Sent>) -> Box<ScriptFailure> {
        let here = self.inputs.last();
        let mut failure = Box::new(ScriptFailure {
            kind,
            phase: Phase::Script,
            file: here.map_or_else(|| self.source.name(), |input| input.name.to_string()),
            position: Position { line: here.map_or(1, Input::line).max(1), column: 1, offset: 0 },
            excerpt: None,
            statement: String::new(),
            number: self.number,
            finished: self.conversation.finished,
            outside: self.ran.outside,
        });
        let Some(sent) = sent else { return failure };
        failure.file = sent.file.to_string();
        match &sent.what {
            What::Bookkeeping(sql) => {
                failure.phase = Phase::Bookkeeping;
                failure.statement = bounded(sql.as_bytes());
            }
            What::Script { number, statement } => {
                let start = first_token(&statement.text);
                failure.number = *number;
                failure.statement = bounded(&statement.text);
                failure.position = statement.position(start);
                failure.excerpt = Some(statement.excerpt(start));
            }
        }
        failure
    }

    /// Leaves the session without an open transaction.
    fn undo(&mut self, mut failure: Box<ScriptFailure>) -> Box<ScriptFailure> {
        if matches!(failure.kind, FailureKind::ConnectionLost { .. }) {
            return failure;
        }
        self.conversation.session.wire.interruptible = false;
        while let Ok(Turn::CopyIn { .. }) = self.conversation.drain() {
            let _ = self.conversation.refuse_data("the script has failed");
        }
        if self.conversation.session.status() != TransactionStatus::Idle {
            // If even this fails, the connection is gone, and with it the transaction.
            let _ = self.conversation.session.simple("ROLLBACK");
        }
        failure.finished = self.conversation.finished;
        failure
    }
}

/// Where a server's error lies in the script, and which byte of the statement that is.
fn error_place(
    message: &ServerMessage,
    sent: &Sent,
    statement: &StatementText,
    encoding: Encoding,
) -> (Position, Option<usize>) {
    let in_data = sent.data.zip(message.field(b'W'));
    if let Some(position) = in_data.and_then(|(data, context)| data_line(context, data.line)) {
        return (position, None);
    }
    let at = match message.position() {
        Some(character) => character_at(&statement.text, character.saturating_sub(1), encoding),
        None => first_token(&statement.text),
    };
    (statement.position(at), Some(at))
}

/// The byte at which a character of the statement begins, as the server counts them.
fn character_at(text: &[u8], index: usize, encoding: Encoding) -> usize {
    if encoding == Encoding::Utf8 {
        return text::byte_of_character(text, index as u64);
    }
    let mut at = 0;
    for _ in 0..index {
        at += encoding.character_length(&text[at.min(text.len())..]);
    }
    at.min(text.len())
}

fn bounded(text: &[u8]) -> String {
    let end = text::character_start(text, ScriptFailure::STATEMENT_LIMIT);
    String::from_utf8_lossy(&text[..end]).into_owned()
}
