//! `\if`, `\elif`, `\else` and `\endif`: which branches psql may come to.

use std::io::Read;

use super::MalformedError;
use super::listener::Listener;
use super::surveyor::Surveyor;
use crate::sql::boolean::parse_bool;
use crate::text::Position;

impl<R: Read, L: Listener> Surveyor<R, L> {
    /// `\if` and its kin.
    pub(super) fn divide(&mut self, name: &str, position: Position) {
        match name {
            "if" => {
                let condition = if self.is_reached() { self.condition(position) } else { Some(false) };
                self.branches.open(condition, &self.lexer, position);
            }
            _ if !self.branches.are_open() => self.refuse(position, MalformedError::NoIf(name.to_owned())),
            "endif" => self.branches.close(&mut self.lexer),
            _ if self.branches.is_after_else() => {
                self.refuse(position, MalformedError::AfterElse(name.to_owned()));
            }
            "else" => {
                self.branches.leave(&mut self.lexer);
                self.branches.enter_else();
            }
            _ => {
                self.branches.leave(&mut self.lexer);
                let condition = if self.branches.is_elif_judged() {
                    self.lexer.set_active(true);
                    self.condition(position)
                } else {
                    Some(false)
                };
                self.branches.enter(condition);
            }
        }
        let reached = self.is_reached();
        self.lexer.set_active(reached);
    }

    /// All arguments as one Boolean, anything else being false; none where it is not known before the script
    /// runs.
    fn condition(&mut self, position: Position) -> Option<bool> {
        let (mut words, mut is_known) = (Vec::new(), true);
        while let Some(word) = self.word(position) {
            is_known &= word.is_literal;
            words.push(word.value);
        }
        is_known.then(|| parse_bool(&words.join(&b' ')).unwrap_or(false))
    }
}
