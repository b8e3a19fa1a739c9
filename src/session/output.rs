//! Where what a script shows goes: results, notices, copied data, echoes.

use std::io;

use super::message::ServerMessage;
use super::print::message::MessageStyle;
use super::print::{Settings, Table};
use super::wire::{Column, Row};

/// Which of the two streams `\echo` and `\warn` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Out,
    Error,
}

/// Where psql stands in its input: the file it reads and the number of the line it read last, 1-based.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locus {
    pub file: String,
    pub line: u64,
}

impl Locus {
    /// Outside every file: psql's messages then name none.
    pub const NOWHERE: Self = Self { file: String::new(), line: 0 };
}

/// Takes what a script shows, in the order in which the server sent it. Each method may do nothing.
pub trait Output {
    /// The connection's `client_encoding` from now on.
    fn encoding(&mut self, _name: &str) {}

    /// A result with rows begins.
    fn columns(&mut self, _columns: &[Column]) {}

    fn row(&mut self, _row: &Row) {}

    /// A statement is done; the rows since [`Output::columns`] belong to it.
    fn complete(&mut self, _tag: &str) {}

    /// A result that is there already, all of it.
    fn table(&mut self, _table: &Table) {}

    /// The statement failed: what came of its result since [`Output::columns`] is not shown.
    fn discard(&mut self) {}

    /// Part of what `COPY … TO STDOUT` sends.
    fn copy_out(&mut self, _data: &[u8]) {}

    /// `COPY … TO STDOUT` is done.
    fn copied_out(&mut self, _tag: &str) {}

    /// How results are printed from now on.
    fn settings(&mut self, _settings: &Settings) {}

    /// From now on each result is printed so many rows at a time; 0: at its end.
    fn rows_at_once(&mut self, _rows: usize) {}

    /// Whether command tags are left out from now on.
    fn quiet(&mut self, _quiet: bool) {}

    /// How much of each message of the server is shown from now on.
    fn message_style(&mut self, _style: MessageStyle) {}

    /// A statement failed. In a script that goes on after errors, more may follow.
    fn error(&mut self, _error: &ServerMessage, _statement: &[u8], _locus: &Locus) {}

    /// An error of psql's own, in its words.
    fn fault(&mut self, _text: &[u8], _locus: &Locus) {}

    fn notice(&mut self, _notice: &ServerMessage, _statement: &[u8], _locus: &Locus) {}

    /// A message of `NOTIFY`, in the connection's encoding.
    fn notification(&mut self, _channel: &[u8], _payload: &[u8], _process: i32) {}

    fn echo(&mut self, _channel: Channel, _text: &[u8]) {}

    /// What writing has met since this was last asked, where that is to end the script.
    fn failure(&mut self) -> Option<io::Error> {
        None
    }
}

/// For scripts at which nobody looks.
pub struct Silent;

impl Output for Silent {}
