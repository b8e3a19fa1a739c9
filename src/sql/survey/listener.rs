//! Who hears what a survey comes by: the hash of its tokens, and the judge of what it may touch.

use super::TokenHash;
use crate::sql::lexer::Statement;
use crate::text::Position;

/// Hears each part of a script that psql may come to, in order.
pub(in crate::sql) trait Listener {
    fn statement(&mut self, statement: &Statement, standard_strings: bool);

    fn command(&mut self, name: &str, position: Position);

    /// An argument of the last command.
    fn argument(&mut self, value: &[u8]);

    /// Rows of COPY, in blocks of any size.
    fn data(&mut self, block: &[u8]);
}

impl Listener for TokenHash {
    fn statement(&mut self, statement: &Statement, standard_strings: bool) {
        TokenHash::statement(self, statement.text, standard_strings);
    }

    fn command(&mut self, name: &str, _position: Position) {
        self.part(b'\\', name.as_bytes());
    }

    fn argument(&mut self, value: &[u8]) {
        self.part(b'a', value);
    }

    fn data(&mut self, block: &[u8]) {
        TokenHash::data(self, block);
    }
}

/// Two who both hear all of it.
impl<A: Listener, B: Listener> Listener for (A, B) {
    fn statement(&mut self, statement: &Statement, standard_strings: bool) {
        self.0.statement(statement, standard_strings);
        self.1.statement(statement, standard_strings);
    }

    fn command(&mut self, name: &str, position: Position) {
        self.0.command(name, position);
        self.1.command(name, position);
    }

    fn argument(&mut self, value: &[u8]) {
        self.0.argument(value);
        self.1.argument(value);
    }

    fn data(&mut self, block: &[u8]) {
        self.0.data(block);
        self.1.data(block);
    }
}
