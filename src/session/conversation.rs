//! Statements on their way: sent without waiting for each answer, answered in order, shown until the first
//! error.

mod feed;

use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Buf;

use super::error::Lost;
use super::message::ServerMessage;
use super::meta::MetaError;
use super::output::{Locus, Output};
use super::request::How;
use super::stage::Stage;
use super::wire::{Reply, Row, TransactionStatus, Wake};
use super::{Session, request};
use crate::sql::lexer::{Excerpt, Place, Position, StatementText};

/// Bytes gathered before the socket is touched.
const FLUSH_SIZE: usize = 16 * 1024;
/// Bytes that may be unanswered.
const WINDOW_BYTES: usize = 1024 * 1024;
/// A server that has half a window before it needs no attention for so long.
const NAP: Duration = Duration::from_micros(250);
/// A request to cancel may come between two statements and miss; it is repeated until the answer is there.
const CANCEL_AGAIN: Duration = Duration::from_secs(1);

/// A statement that was sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub what: What,
    pub how: How,
    pub file: Rc<str>,
    /// The last line that psql would have read by now.
    pub line: u64,
    /// Where the COPY data began, once it did.
    pub data: Option<Place>,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Script {
        number: u32,
        statement: Rc<StatementText>,
    },
    /// Made by a meta-command of the script.
    Generated {
        number: u32,
        text: Vec<u8>,
        command: Command,
    },
    Bookkeeping(String),
}

/// Where a meta-command stands.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub position: Position,
    pub excerpt: Excerpt,
}

impl Sent {
    pub fn text(&self) -> &[u8] {
        match &self.what {
            What::Script { statement, .. } => &statement.text,
            What::Generated { text, .. } => text,
            What::Bookkeeping(sql) => sql.as_bytes(),
        }
    }

    pub fn is_script(&self) -> bool {
        matches!(self.what, What::Script { .. } | What::Generated { .. })
    }

    pub fn locus(&self) -> Locus {
        Locus { file: self.file.to_string(), line: self.line }
    }
}

/// Why the answers ended.
pub(super) enum Stopped {
    Error {
        sent: Sent,
        message: Box<ServerMessage>,
    },
    /// The server answered, but the transaction is no longer open.
    TransactionOver {
        sent: Sent,
    },
    /// Its result cannot be written.
    Unwritten {
        sent: Sent,
        error: MetaError,
    },
}

/// What waiting for answers came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Every statement is answered.
    Quiet,
    /// The statement in front wants its data.
    CopyIn { binary: bool },
}

pub(super) struct Conversation<'a> {
    pub session: &'a mut Session,
    pub stage: Stage<'a>,
    window: VecDeque<Sent>,
    unanswered: usize,
    /// The script runs in one transaction, which must stay open.
    pub in_one_transaction: bool,
    pub stopped: Option<Stopped>,
    /// Errors of the script's statements are shown, and it goes on.
    pub carry_on: bool,
    /// The rest of COPY data is of no use once they are rejected: the script ends there.
    pub ends_early: bool,
    /// Errors are not shown: the statement may be tried in another way.
    pub trying: bool,
    /// A failed statement is shown once more after its error (`ECHO=errors`).
    pub echo_errors: bool,
    /// The statement in front has failed.
    failing: bool,
    /// It failed after its data had begun.
    pub failed_in_copy: bool,
    /// The script's last statement failed.
    pub failed: bool,
    /// A statement of the script was answered since this was last asked.
    pub has_news: bool,
    /// Errors over which the script was carried.
    pub failures: u32,
    /// The script's last error, and its statement.
    pub last_error: Option<(Rc<ServerMessage>, Rc<[u8]>)>,
    pub interrupted: bool,
    /// Statements of the script that succeeded.
    pub finished: u32,
    /// The tag of the last statement.
    pub last_tag: String,
    /// Those of the runner's own statements, in a transaction that has few of them.
    pub bookkeeping_tags: Vec<String>,
    pub keeps_tags: bool,
    copying_out: bool,
    /// What `NOTIFY` has brought. psql shows it once the script's next statement is answered.
    notified: Vec<(Vec<u8>, Vec<u8>, i32)>,
    /// The statement in front has asked for data.
    fed: bool,
    /// And is still given them.
    feeding: bool,
    /// An error that came meanwhile.
    late: Option<ServerMessage>,
    /// The statement in front wants its data, in binary or not.
    wants_data: Option<bool>,
}

impl<'a> Conversation<'a> {
    pub fn new(session: &'a mut Session, output: &'a mut dyn Output) -> Self {
        session.wire.interruptible = true;
        let mut stage = Stage::new(output);
        stage.encoding(session.parameter("client_encoding").unwrap_or("UTF8"));
        Self {
            session,
            stage,
            window: VecDeque::new(),
            unanswered: 0,
            in_one_transaction: false,
            stopped: None,
            carry_on: false,
            ends_early: false,
            trying: false,
            echo_errors: false,
            failing: false,
            failed: false,
            has_news: false,
            failed_in_copy: false,
            failures: 0,
            last_error: None,
            interrupted: false,
            finished: 0,
            last_tag: String::new(),
            bookkeeping_tags: Vec::new(),
            keeps_tags: false,
            copying_out: false,
            notified: Vec::new(),
            fed: false,
            feeding: false,
            late: None,
            wants_data: None,
        }
    }

    /// Whether nothing more should be sent.
    pub fn is_over(&self) -> bool {
        self.stopped.is_some() || self.interrupted
    }

    /// The statement that the server is working on.
    pub fn current(&self) -> Option<&Sent> {
        self.window.front()
    }

    /// Sends a statement, or at least puts it in line; waits only where too much is unanswered.
    pub fn send(&mut self, sent: Sent) -> Result<(), Lost> {
        request::write(&sent.how, sent.text(), self.session.wire.outgoing())
            .map_err(|source| self.session.lost(source))?;
        self.unanswered += sent.text().len();
        self.window.push_back(sent);
        if self.has_much_to_send() {
            self.exchange()?;
        }
        while !self.is_over() && self.wants_data.is_none() && self.is_full() {
            self.make_room()?;
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.window.len() >= self.session.window || self.unanswered >= WINDOW_BYTES
    }

    // Waking up for each of the server's answers would take the time that it needs itself.
    fn make_room(&mut self) -> Result<(), Lost> {
        let half = self.session.window / 2;
        if self.window.len() < half || half == 0 {
            return self.listen();
        }
        while !self.is_over() && self.window.len() >= half {
            std::thread::sleep(NAP);
            self.exchange()?;
        }
        Ok(())
    }

    /// Sends and takes in what is possible now.
    fn exchange(&mut self) -> Result<(), Lost> {
        let wake = self.session.wait(Some(Duration::ZERO))?;
        self.attend(wake);
        self.take_in()
    }

    /// Waits until something happens.
    fn listen(&mut self) -> Result<(), Lost> {
        let wake = self.session.wait(self.interrupted.then_some(CANCEL_AGAIN))?;
        self.attend(wake);
        self.take_in()
    }

    fn wait_for_room(&mut self) -> Result<(), Lost> {
        let wake = self.session.wire.wait_for_room().map_err(|source| self.session.lost(source))?;
        self.attend(wake);
        self.take_in()
    }

    fn take_in(&mut self) -> Result<(), Lost> {
        while self.wants_data.is_none() && self.late.is_none() {
            let Some(reply) = self.session.take()? else { return Ok(()) };
            self.process(reply)?;
        }
        Ok(())
    }

    /// Waits until all statements are answered, or the one in front wants its data.
    pub fn drain(&mut self) -> Result<Turn, Lost> {
        loop {
            self.take_in()?;
            if let Some(binary) = self.wants_data.take() {
                return Ok(Turn::CopyIn { binary });
            }
            if self.window.is_empty() {
                return Ok(Turn::Quiet);
            }
            self.listen()?;
        }
    }

    fn attend(&mut self, wake: Wake) {
        match wake {
            Wake::Interrupt => {
                self.interrupted = true;
                self.session.wire.interruptible = false;
            }
            Wake::Timeout if self.interrupted && !self.window.is_empty() => {}
            Wake::Timeout | Wake::Traffic => return,
        }
        // A server that cannot be asked is gone, and the next read will say so.
        let _ = self.session.cancel();
    }

    fn process(&mut self, reply: Reply) -> Result<(), Lost> {
        let shown = self.stopped.is_none() && self.window.front().is_some_and(Sent::is_script);
        match reply {
            Reply::Ready(status) => self.answered(status)?,
            Reply::Error(message) if self.feeding => self.late = Some(message),
            Reply::Error(message) => self.failed(message),
            Reply::CopyIn { binary } => {
                (self.fed, self.feeding) = (true, true);
                self.wants_data = Some(binary);
            }
            Reply::Parameter { name, value } if name == "client_encoding" => self.stage.encoding(&value),
            Reply::Complete(tag) => self.complete(tag, shown),
            Reply::Columns(columns) if shown => self.stage.columns(columns),
            Reply::Row(body) if shown => self.stage.row(Row::new(body)),
            Reply::CopyData(data) if shown => self.stage.copy_out(&data),
            Reply::CopyOut => self.copying_out = true,
            Reply::Empty => self.last_tag.clear(),
            Reply::Notice(message) if shown => self.notice(&message),
            Reply::Notification { process, channel, payload } if self.stopped.is_none() => {
                self.notified.push((channel, payload, process));
            }
            _ => {}
        }
        Ok(())
    }

    fn answered(&mut self, status: TransactionStatus) -> Result<(), Lost> {
        let Some(sent) = self.window.pop_front() else {
            return Err(self.session.lost(io::Error::other("an answer without a question")));
        };
        self.unanswered -= sent.text().len();
        self.copying_out = false;
        self.fed = false;
        if !sent.is_script() {
            return Ok(());
        }
        let failed = std::mem::take(&mut self.failing);
        self.stage.answered(!failed);
        if let Some(error) = self.stage.unwritten() {
            self.note_unwritten(&sent, error);
        }
        self.show_notifications();
        self.failed = failed;
        self.has_news = true;
        if self.stopped.is_none() {
            self.finished += u32::from(matches!(sent.what, What::Script { .. }));
            if self.in_one_transaction && status != TransactionStatus::InTransaction {
                self.stopped = Some(Stopped::TransactionOver { sent });
            }
        }
        Ok(())
    }

    fn note_unwritten(&mut self, sent: &Sent, error: MetaError) {
        if self.stopped.is_some() {
            return;
        }
        // To psql it is a signal, which leaves no time for words.
        if !error.is_closed_pipe() {
            self.stage.fault(error.in_psqls_words().as_bytes(), &sent.locus());
        }
        if self.carry_on {
            self.failures += 1;
        } else {
            self.stopped = Some(Stopped::Unwritten { sent: sent.clone(), error });
        }
    }

    /// Shows what `NOTIFY` has brought.
    pub fn show_notifications(&mut self) {
        for (channel, payload, process) in self.notified.drain(..) {
            self.stage.notification(&channel, &payload, process);
        }
    }

    fn failed(&mut self, message: ServerMessage) {
        let Some(sent) = self.window.front() else { return };
        if self.stopped.is_some() {
            return;
        }
        let (sent, message) = (sent.clone(), Box::new(message));
        let is_script = sent.is_script();
        self.failing = is_script;
        self.failed_in_copy = self.fed || self.copying_out;
        if is_script && !self.trying {
            self.show_error(&sent, &message);
        }
        if is_script && self.carry_on && !self.trying && !message.is_fatal() {
            self.failures += 1;
        } else {
            self.stopped = Some(Stopped::Error { sent, message });
        }
    }

    /// Shows a statement's error as psql does.
    pub fn show_error(&mut self, sent: &Sent, message: &ServerMessage) {
        let locus = sent.locus();
        self.last_error = Some((Rc::new(message.clone()), sent.text().into()));
        self.stage.error(message, sent.text(), &locus);
        if self.echo_errors {
            let mut text = format!("psql:{}:{}: STATEMENT:  ", locus.file, locus.line).into_bytes();
            text.extend_from_slice(sent.text());
            text.push(b'\n');
            self.stage.echo(super::output::Channel::Error, &text);
        }
    }

    fn complete(&mut self, tag: String, shown: bool) {
        if shown && self.copying_out {
            self.stage.copied_out(&tag);
        } else if shown {
            self.stage.complete(&tag);
        } else {
            if self.keeps_tags {
                self.bookkeeping_tags.push(tag);
            }
            return;
        }
        self.copying_out = false;
        self.last_tag = tag;
    }

    fn notice(&mut self, message: &ServerMessage) {
        let Some(sent) = self.window.front() else { return };
        self.stage.notice(message, sent.text(), &sent.locus());
    }

    /// Waits without a question to the server; whether the user asked to stop.
    pub fn rest(&mut self, time: Duration) -> Result<bool, Lost> {
        let end = Instant::now() + time;
        while !self.interrupted {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let wake = self.session.wait(Some(left))?;
            self.attend(wake);
            self.take_in()?;
        }
        Ok(self.interrupted)
    }

    fn has_much_to_send(&mut self) -> bool {
        self.session.wire.outgoing().remaining() > FLUSH_SIZE
    }
}
