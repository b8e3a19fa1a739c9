//! `\lo_import`, `\lo_export`, `\lo_unlink` and `\lo_list`.

use std::fs;
use std::io::{Read, Write};

use super::deliver::literal;
use super::outlet::text;
use super::{MetaError, Trouble};
use crate::session::conversation::Command;
use crate::session::request::How;
use crate::session::run::Run;
use crate::session::stage::Hold;
use crate::session::wire::TransactionStatus;
use crate::sql::lexer::Position;

/// What one statement carries.
const PIECE: usize = 256 * 1024;

impl Run<'_> {
    pub(super) fn large_object(&mut self, name: &str, at: Position) -> Result<(), Trouble> {
        let excerpt = self.input().lexer.excerpt(at, 1 + name.len());
        let command = Command { position: at, excerpt };
        match name {
            "lo_import" => self.import_object(name, &command),
            "lo_export" => self.export_object(name, &command),
            "lo_unlink" => self.unlink_object(name, &command),
            _ => self.list_objects(name.ends_with('+'), &command),
        }
    }

    fn list_objects(&mut self, with_rights: bool, command: &Command) -> Result<(), Trouble> {
        let rights = "pg_catalog.array_to_string(lomacl, E'\\n') AS \"Access privileges\",\n  ";
        let query = format!(
            "SELECT oid as \"ID\",\n  pg_catalog.pg_get_userbyid(lomowner) as \"Owner\",\n  {}pg_catalog.obj_description(oid, 'pg_largeobject') as \"Description\"\nFROM pg_catalog.pg_largeobject_metadata\nORDER BY oid",
            if with_rights { rights } else { "" }
        );
        self.show_hidden(&query);
        self.conversation.stage.settings(&self.settings.for_list("Large objects"));
        (self.withhold_progress, self.unseen) = (true, true);
        let sent = self.submit_generated(query.into_bytes(), How::Simple, command);
        let sent = sent.and_then(|()| self.settle());
        (self.withhold_progress, self.unseen) = (false, false);
        self.conversation.stage.settings(&self.settings);
        Ok(sent?)
    }

    fn import_object(&mut self, name: &str, command: &Command) -> Result<(), Trouble> {
        let file = self.required(name)?;
        let comment = self.argument()?;
        let wrong = |source| MetaError::ObjectFile { work: "open", name: text(&file), source };
        let mut input = fs::File::open(self.path(&file)).map_err(wrong)?;
        let oid = self.within_transaction(|run| {
            let Some(oid) = run.value_of(b"SELECT pg_catalog.lo_create(0)".to_vec(), command)? else {
                return Ok(None);
            };
            run.write_object(&oid, &mut input, command, &file)?;
            if let Some(comment) = &comment {
                let statement =
                    [b"COMMENT ON LARGE OBJECT ", oid.as_slice(), b" IS ", &literal(comment)].concat();
                run.show_hidden(&text(&statement));
                run.silently(statement, command)?;
            }
            Ok(Some(oid))
        })?;
        let Some(oid) = oid else { return Ok(()) };
        self.confirm(&format!("lo_import {}", text(&oid)))?;
        self.assign(b"LASTOID".to_vec(), Some(oid))
    }

    fn write_object(
        &mut self,
        oid: &[u8],
        input: &mut fs::File,
        command: &Command,
        file: &[u8],
    ) -> Result<(), Trouble> {
        let mut offset = 0;
        let mut piece = Vec::with_capacity(PIECE);
        loop {
            piece.clear();
            let limit = u64::try_from(PIECE).unwrap_or(u64::MAX);
            let read = Read::by_ref(input).take(limit).read_to_end(&mut piece);
            if read.map_err(|source| MetaError::ObjectFile { work: "read from", name: text(file), source })?
                == 0
            {
                return Ok(());
            }
            let digits = hexadecimal(&piece);
            let statement = format!(
                "SELECT pg_catalog.lo_put({}, {offset}, pg_catalog.decode('{digits}', 'hex'))",
                text(oid)
            );
            self.silently(statement.into_bytes(), command)?;
            offset += piece.len();
        }
    }

    fn export_object(&mut self, name: &str, command: &Command) -> Result<(), Trouble> {
        let oid = number(&self.required(name)?);
        let file = self.required(name)?;
        let wrong = |work, source| MetaError::ObjectFile { work, name: text(&file), source };
        let done = self.within_transaction(|run| {
            let mut output = None;
            let mut offset = 0;
            loop {
                let statement =
                    format!("SELECT pg_catalog.encode(pg_catalog.lo_get({oid}, {offset}, {PIECE}), 'hex')");
                let Some(digits) = run.value_of(statement.into_bytes(), command)? else { return Ok(false) };
                let output = match &mut output {
                    Some(output) => output,
                    none => {
                        none.insert(fs::File::create(run.path(&file)).map_err(|error| wrong("open", error))?)
                    }
                };
                let bytes = bytes(&digits);
                output.write_all(&bytes).map_err(|error| wrong("write to", error))?;
                if bytes.is_empty() {
                    return Ok(true);
                }
                offset += bytes.len();
            }
        })?;
        if done { self.confirm("lo_export") } else { Ok(()) }
    }

    fn unlink_object(&mut self, name: &str, command: &Command) -> Result<(), Trouble> {
        let oid = number(&self.required(name)?);
        let statement = format!("SELECT pg_catalog.lo_unlink({oid})").into_bytes();
        let done = self.within_transaction(|run| run.value_of(statement, command))?;
        if done.is_some() { self.confirm(&format!("lo_unlink {oid}")) } else { Ok(()) }
    }

    /// As psql: in the script's transaction, or else in one of its own.
    fn within_transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let own = self.status() == TransactionStatus::Idle;
        if own {
            self.show_hidden("BEGIN");
            self.bookkeep("BEGIN".to_owned())?;
        }
        (self.withhold_progress, self.unseen) = (true, true);
        let outcome = work(self);
        (self.withhold_progress, self.unseen) = (false, false);
        let outcome = outcome?;
        if own {
            let end = if self.status() == TransactionStatus::Failed { "ROLLBACK" } else { "COMMIT" };
            self.show_hidden(end);
            self.bookkeep(end.to_owned())?;
        }
        Ok(outcome)
    }

    /// The only value of a statement that the script does not show; none if it failed.
    fn value_of(&mut self, statement: Vec<u8>, command: &Command) -> Result<Option<Vec<u8>>, Trouble> {
        self.settle()?;
        self.conversation.stage.hold = Hold::Take;
        let sent = self.submit_generated(statement, How::Simple, command).and_then(|()| self.settle());
        let held = self.conversation.stage.take();
        self.restore_hold();
        sent?;
        let row = held.and_then(|mut held| held.rows.pop());
        Ok(row.and_then(|row| row.values().next().map(|value| value.unwrap_or_default().to_vec())))
    }

    fn silently(&mut self, statement: Vec<u8>, command: &Command) -> Result<(), Trouble> {
        self.settle()?;
        self.conversation.stage.hold = Hold::Hide;
        let sent = self.submit_generated(statement, How::Simple, command).and_then(|()| self.settle());
        self.restore_hold();
        Ok(sent?)
    }
}

/// The digits that begin the word, as C reads a number.
fn number(word: &[u8]) -> u32 {
    let word = String::from_utf8_lossy(word);
    let digits = word.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().unwrap_or(0)
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        digits.extend([byte >> 4, byte & 15].map(|half| char::from(b"0123456789abcdef"[usize::from(half)])));
    }
    digits
}

fn bytes(digits: &[u8]) -> Vec<u8> {
    let value =
        |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or(0);
    digits.chunks_exact(2).map(|pair| value(pair[0]) * 16 + value(pair[1])).collect()
}
