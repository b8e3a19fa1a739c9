//! Runs one script: reads it as psql does, and sends it in one transaction or statement by statement.

use std::io;

use super::conversation::{Conversation, Sent};
use super::failure::{FailureKind, Outside, ScriptFailure};
use super::output::{Channel, Locus, Output};
use super::print::Settings;
use super::print::message::place;
use super::routine::Routines;
use super::script::{Input, ScriptSource};
use super::variables::{Echo, Variables};
use super::{Readiness, Session};
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
    /// The same between the BEGIN and the COMMIT of `psql --single-transaction`.
    Single,
}

impl Mode {
    /// Whether psql itself would send just this.
    pub(super) fn is_psqls(self) -> bool {
        matches!(self, Self::Plain | Self::Single)
    }
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
    /// Transaction mode: the command tags of the bookkeeping, in order.
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
    pub routines: Routines,
    pub restricted: Option<Vec<u8>>,
    pub(super) mode: Mode,
    pub(super) next: Next,
    /// Statements read so far.
    pub number: u32,
    pub ran: Ran,
    /// COMMIT may be on its way.
    pub committing: bool,
    /// Where the script's own transaction began.
    pub began: Option<Sent>,
    /// Wait for each answer while this line lasts: it refers to the last statement's result.
    pub careful_line: bool,
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
    /// Standard input, once it was read and while no file that is being read is it.
    pub standard_input: Option<Lines<Box<dyn io::Read>>>,
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
            routines: Routines::default(),
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
            standard_input: None,
            withhold_progress: false,
            home: None,
        };
        run.conversation.keeps_tags = mode == Mode::Transaction;
        let outcome = run.prepare().and_then(|()| match mode {
            Mode::Transaction => run.in_one_transaction(),
            Mode::Autocommit { .. } => run.statement_by_statement(),
            Mode::Plain => run.read_script().and_then(|()| run.settle()),
            Mode::Single => run.single_transaction(),
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
            Mode::Autocommit { .. } | Mode::Plain | Mode::Single => self.clean()?,
        }
        self.settle()?;
        let stop = !self.mode.is_psqls();
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

    pub fn begin(&mut self) -> Outcome<()> {
        self.clean()?;
        self.bookkeeping.begin().into_iter().try_for_each(|sql| self.send_bookkeeping(sql))
    }

    fn finished(&mut self) -> Ran {
        self.ran.failures = self.conversation.failures;
        self.ran.clone()
    }

    /// psql's words where the connection is gone.
    fn tell_of_loss(&mut self, failure: &ScriptFailure) {
        if !matches!(failure.kind, FailureKind::ConnectionLost { .. }) {
            return;
        }
        let locus = self.conversation.current().map_or(Locus::NOWHERE, Sent::locus);
        let text = format!(
            "{}server closed the connection unexpectedly\n\tThis probably means the server terminated \
             abnormally\n\tbefore or while processing the request.\n",
            place(&locus.file, locus.line)
        );
        self.conversation.stage.echo(Channel::Error, text.as_bytes());
        self.conversation.stage.fault(b"connection to server was lost", &locus);
    }

    /// Passes on what the special variables say. What has been sent must be answered.
    pub fn obey_variables(&mut self) {
        let special = &self.variables.special;
        // One transaction does not survive an error.
        self.conversation.carry_on = !special.stop && self.mode != Mode::Transaction;
        self.conversation.ends_early = special.stop && !self.mode.is_psqls();
        self.conversation.echo_errors = special.echo == Echo::Errors;
        self.conversation.stage.quiet(special.quiet);
        self.conversation.stage.rows_at_once(special.fetch_count);
        self.conversation.stage.message_style(special.style);
        self.restore_hold();
    }
}
