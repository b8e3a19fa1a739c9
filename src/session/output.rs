//! Where what a script shows goes: results, notices, copied data, echoes.

use super::message::ServerMessage;
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

/// Takes what a script shows, in the order in which the server sent it. Each method may do nothing.
pub trait Output {
    /// The connection's `client_encoding` from now on.
    fn encoding(&mut self, _name: &str) {}

    /// A result with rows begins.
    fn columns(&mut self, _columns: &[Column]) {}

    fn row(&mut self, _row: &Row) {}

    /// A statement is done; the rows since [`Output::columns`] belong to it.
    fn complete(&mut self, _tag: &str) {}

    /// Part of what `COPY … TO STDOUT` sends.
    fn copy_out(&mut self, _data: &[u8]) {}

    /// `COPY … TO STDOUT` is done.
    fn copied_out(&mut self, _tag: &str) {}

    fn notice(&mut self, _notice: &ServerMessage, _statement: &[u8], _locus: &Locus) {}

    /// A message of `NOTIFY`.
    fn notification(&mut self, _channel: &str, _payload: &str, _process: i32) {}

    fn echo(&mut self, _channel: Channel, _text: &[u8]) {}
}

/// For scripts at which nobody looks.
pub struct Silent;

impl Output for Silent {}
