//! Failures with their places: from the server's words and the lexer's map to file, line and column.

use std::io;

use super::body;
use super::caution::{data_line, first_token};
use super::conversation::{Sent, What};
use super::error::{Lost, os_words};
use super::failure::{FailureKind, Phase, ScriptFailure};
use super::message::ServerMessage;
use super::meta::MetaError;
use super::output::Locus;
use super::run::Run;
use super::script::Input;
use crate::interrupt;
use crate::sql::encoding::Encoding;
use crate::sql::lexer::{Position, StatementText};
use crate::text;

impl Run<'_> {
    /// What the server reported, at the place it gave.
    pub fn server_failure(&self, sent: &Sent, message: Box<ServerMessage>) -> Box<ScriptFailure> {
        if self.conversation.interrupted && message.sqlstate() == "57014" {
            return self.failure(FailureKind::Interrupted, Some(sent));
        }
        let routine = self.routines.place(&message);
        let mut failure = self.failure(FailureKind::Server(message), Some(sent));
        failure.routine = routine;
        if let (FailureKind::Server(message), What::Script { statement, .. }) = (&failure.kind, &sent.what) {
            let place = error_place(message, sent, statement, (self.encoding(), self.standard_strings()));
            failure.position = place.0;
            failure.excerpt = place.1.map(|at| statement.excerpt(at));
        }
        failure
    }

    pub fn lost(&self, lost: Lost) -> Box<ScriptFailure> {
        let sent = self.conversation.current().cloned();
        let kind = FailureKind::ConnectionLost { during_commit: self.committing, lost };
        self.failure(kind, sent.as_ref())
    }

    pub fn unreadable(&mut self, file: String, error: io::Error) -> Box<ScriptFailure> {
        let kind = if interrupt::requested() {
            FailureKind::Interrupted
        } else {
            let locus = Locus { file: file.clone(), line: self.inputs.last().map_or(0, Input::line) };
            let words = format!("could not read from input file: {}", os_words(&error));
            self.conversation.stage.fault(words.as_bytes(), &locus);
            FailureKind::Unreadable(error)
        };
        let mut failure = self.failure(kind, None);
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
            routine: None,
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
            What::Generated { number, text, command } => {
                failure.number = *number;
                failure.statement = bounded(text);
                failure.position = command.position;
                failure.excerpt = Some(command.excerpt.clone());
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
}

/// Where a server's error lies in the script, and which byte of the statement that is.
fn error_place(
    message: &ServerMessage,
    sent: &Sent,
    statement: &StatementText,
    (encoding, standard_strings): (Encoding, bool),
) -> (Position, Option<usize>) {
    let in_data = sent.data.zip(message.field(b'W'));
    if let Some(position) = in_data.and_then(|(data, context)| data_line(context, data.line)) {
        return (position, None);
    }
    let at = match message.position() {
        Some(character) => character_at(&statement.text, character.saturating_sub(1), encoding),
        None => body::error_in_body(message, &statement.text, standard_strings)
            .unwrap_or_else(|| first_token(&statement.text)),
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
