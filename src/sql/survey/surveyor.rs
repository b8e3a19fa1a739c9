//! The pass itself: lines in, statements and commands noted.

use std::io::{self, Read};

use super::branches::{Branches, Reach};
use super::listener::Listener;
use super::look::begins_custom_dump;
use super::unknowns::Spliced;
use super::{Malformed, MalformedError, Reason, Survey, TokenHash, Wants};
use crate::sql::lexer::{Lexer, Stop};
use crate::sql::reader::Lines;
use crate::sql::statement::{self, Kind, Transaction};
use crate::text::Position;

pub(super) struct Surveyor<R, L = TokenHash> {
    /// The statement whose kinds are asked for.
    pub wanted: Option<u64>,
    pub wanted_kinds: Vec<Kind>,
    /// The script is standard input, of which its commands read, too.
    pub is_standard: bool,
    pub(super) lines: Lines<R>,
    pub(super) lexer: Lexer,
    pub(super) strings: bool,
    pub(super) branches: Branches,
    pub(super) listener: L,
    /// The last statement, which `\g` sends again.
    previous: Vec<u8>,
    spliced: Spliced,
    pub found: Survey,
}

/// A command's argument.
#[derive(Clone)]
pub(super) struct Word {
    pub value: Vec<u8>,
    pub quote: Option<u8>,
    /// No variable and no program takes part in it.
    pub is_literal: bool,
    /// The variables that take part in it.
    pub references: Vec<Vec<u8>>,
}

impl Word {
    /// The value, where it is known before the script runs.
    pub fn literal(self) -> Option<Vec<u8>> {
        self.is_literal.then_some(self.value)
    }

    /// The variable of which it is the value, and nothing else.
    pub fn only_reference(&self) -> Option<&[u8]> {
        let [name] = self.references.as_slice() else { return None };
        let is_alone = self.value.strip_prefix(b":") == Some(name) && self.quote == Some(b':');
        is_alone.then_some(name)
    }
}

impl<R: Read, L: Listener> Surveyor<R, L> {
    pub fn new(input: R, listener: L) -> Self {
        Self {
            wanted: None,
            wanted_kinds: Vec::new(),
            is_standard: false,
            lines: Lines::new(input),
            lexer: Lexer::new(),
            strings: true,
            branches: Branches::default(),
            listener,
            previous: Vec::new(),
            spliced: Spliced::default(),
            found: Survey::empty(),
        }
    }

    pub fn run(&mut self) -> io::Result<()> {
        while let Some(line) = self.lines.next_line()? {
            if line.place.line == 1 && begins_custom_dump(line.bytes) {
                self.found.is_custom_dump = true;
                return Ok(());
            }
            self.lexer.set_standard_conforming_strings(self.strings);
            let number = line.place.line;
            if self.lexer.feed(line.bytes, line.place) && !self.line(number)? {
                self.branches.forget();
                break;
            }
        }
        let ending = self.lexer.finish();
        self.found.inside = ending.inside.filter(|_| self.is_reached());
        if ending.pending && self.is_reached() {
            self.statement()?;
        }
        if let Some(position) = self.branches.opened_at() {
            self.refuse(position, MalformedError::UnclosedIf);
        }
        Ok(())
    }

    pub(super) fn is_reached(&self) -> bool {
        self.branches.reach() > Reach::Never
    }

    pub(super) fn refuse(&mut self, position: Position, error: MalformedError) {
        self.found.malformed.get_or_insert(Malformed { position, error });
    }

    /// False where the script ends by `\q`.
    fn line(&mut self, number: u64) -> io::Result<bool> {
        loop {
            let stop = self.lexer.scan(&self.spliced);
            self.spliced.take().into_iter().for_each(|name| self.found.unknowns.refers(name, number));
            match stop {
                Stop::LineEnd => return Ok(true),
                Stop::Statement if !self.is_reached() => {}
                Stop::Statement => self.statement()?,
                Stop::MetaCommand => {
                    if !self.command()? {
                        return Ok(false);
                    }
                }
            }
        }
    }

    /// The query buffer is sent.
    pub(super) fn statement(&mut self) -> io::Result<()> {
        let statement = self.lexer.statement();
        let kinds = statement::kinds(statement.text, self.strings);
        self.previous.clear();
        self.previous.extend_from_slice(statement.text);
        self.listener.statement(&statement, self.strings);
        self.found.outlives_reset |= statement::outlives_reset(statement.text, &kinds);
        let is_followed = matches!(kinds.as_slice(), [Kind::Setting { local: false, value: Some(_), .. }]);
        self.found.unknowns.statement(statement.text, is_followed, self.lines.place().line - 1);
        let ordinary = kinds.iter().all(|kind| *kind == Kind::Other);
        let position =
            if ordinary { Position::default() } else { statement.position(statement::start(statement.text)) };
        self.count(&kinds);
        self.lexer.clear();
        kinds.into_iter().try_for_each(|kind| self.note(kind, position))
    }

    /// The last statement is sent again, by the command at this place.
    pub(super) fn again(&mut self, position: Position) -> io::Result<()> {
        let kinds = statement::kinds(&self.previous, self.strings);
        self.count(&kinds);
        kinds.into_iter().try_for_each(|kind| self.note(kind, position))
    }

    /// One more statement, numbered as the session numbers it.
    pub(super) fn count(&mut self, kinds: &[Kind]) {
        self.found.is_counted &= self.branches.reach() == Reach::Always;
        self.found.statements += 1;
        if self.found.is_counted && self.wanted == Some(self.found.statements) {
            self.wanted_kinds = kinds.to_vec();
        }
    }

    fn note(&mut self, kind: Kind, position: Position) -> io::Result<()> {
        match kind {
            Kind::Transaction(statement) => self.note_transaction(statement, position),
            Kind::Alone(alone) => self.want_autocommit(Reason::Alone(alone), position),
            Kind::Setting { name, value: Some(value), .. } if name == "standard_conforming_strings" => {
                self.strings = !["off", "false", "no", "0"].contains(&value.as_str());
            }
            Kind::CopyFromStdin { binary } => self.skip_data(binary)?,
            Kind::Setting { .. } | Kind::CopyToStdout | Kind::Other => {}
        }
        Ok(())
    }

    fn note_transaction(&mut self, statement: Transaction, position: Position) {
        match statement {
            Transaction::Begin => self.found.open_transaction = Some(position),
            Transaction::Commit { chain: true } | Transaction::Rollback { chain: true } => {}
            Transaction::Commit { .. } | Transaction::Rollback { .. } | Transaction::Prepare => {
                self.found.open_transaction = None;
            }
            // Savepoints are as good inside the transaction that dbctl begins.
            Transaction::Savepoint | Transaction::Release | Transaction::RollbackTo => return,
        }
        self.want_autocommit(Reason::OwnTransaction(statement), position);
    }

    pub(super) fn want_autocommit(&mut self, reason: Reason, position: Position) {
        if self.found.wants == Wants::Transaction {
            self.found.wants = Wants::Autocommit { reason, position };
        }
    }

    pub(super) fn skip_data(&mut self, binary: bool) -> io::Result<()> {
        while let Some(block) = self.lines.data(binary)? {
            self.listener.data(block);
        }
        Ok(())
    }
}
