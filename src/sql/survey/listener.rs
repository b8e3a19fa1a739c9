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
