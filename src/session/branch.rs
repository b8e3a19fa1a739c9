//! `\if`, `\elif`, `\else` and `\endif`.

use super::meta::MetaError;
use super::run::Run;
use super::variables::parse_bool;
use crate::sql::lexer::{Lexer, Mark, Position};

/// psql's states of an `\if`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Branch {
    True,
    /// No branch was true yet.
    False,
    /// A branch was true before, or the whole `\if` lies in a false one.
    Ignored,
    ElseTrue,
    ElseFalse,
}

/// The open `\if`s of one file, innermost last, with the query buffer to which a false branch goes back.
#[derive(Default)]
pub(super) struct Branches(Vec<(Branch, Mark, Position)>);

impl Branches {
    pub fn is_active(&self) -> bool {
        self.0.last().is_none_or(|(branch, ..)| matches!(branch, Branch::True | Branch::ElseTrue))
    }

    pub fn innermost(&self) -> Option<Branch> {
        self.0.last().map(|(branch, ..)| *branch)
    }

    /// Where the innermost `\if` stands.
    pub fn opened_at(&self) -> Option<Position> {
        self.0.last().map(|(.., position)| *position)
    }

    pub fn open(&mut self, branch: Branch, lexer: &Lexer, at: Position) {
        self.0.push((branch, lexer.mark(), at));
    }

    /// Leaves the current branch: what was read in a false one is thrown away, what was read in a true one
    /// is kept.
    pub fn leave(&mut self, lexer: &mut Lexer) {
        let active = self.is_active();
        let Some((_, mark, _)) = self.0.last_mut() else { return };
        if active {
            *mark = lexer.mark();
        } else {
            lexer.rewind(*mark);
        }
    }

    pub fn enter(&mut self, next: Branch) {
        if let Some((branch, ..)) = self.0.last_mut() {
            *branch = next;
        }
    }

    pub fn close(&mut self) {
        self.0.pop();
    }
}

impl Run<'_> {
    /// Carries out `\if`, `\elif`, `\else` or `\endif`.
    pub fn branch(&mut self, command: &str, at: Position) -> Result<(), MetaError> {
        let innermost = self.input().branches.innermost();
        let next = match (command, innermost) {
            ("if", _) => return self.open_branch(at),
            (_, None) => return Err(MetaError::NoIf { command: command.to_owned() }),
            ("endif", _) => None,
            (_, Some(Branch::ElseTrue | Branch::ElseFalse)) => {
                return Err(MetaError::AfterElse { command: command.to_owned() });
            }
            ("elif", Some(Branch::False)) => Some(Branch::False),
            ("elif", _) => Some(Branch::Ignored),
            (_, Some(Branch::False)) => Some(Branch::ElseTrue),
            (_, _) => Some(Branch::ElseFalse),
        };
        let input = self.input();
        input.branches.leave(&mut input.lexer);
        match next {
            None => input.branches.close(),
            Some(Branch::False) => {
                // The condition is read as in an active branch.
                input.lexer.set_active(true);
                let holds = self.condition("\\elif expression")?;
                self.input().branches.enter(if holds { Branch::True } else { Branch::False });
            }
            Some(next) => input.branches.enter(next),
        }
        self.input().activate();
        Ok(())
    }

    fn open_branch(&mut self, at: Position) -> Result<(), MetaError> {
        let active = self.input().branches.is_active();
        let branch = if !active {
            Branch::Ignored
        } else if self.condition("\\if expression")? {
            Branch::True
        } else {
            Branch::False
        };
        let input = self.input();
        input.branches.open(branch, &input.lexer, at);
        input.activate();
        Ok(())
    }

    /// All arguments, as one Boolean; anything else is false, and psql says so.
    fn condition(&mut self, what: &str) -> Result<bool, MetaError> {
        let mut words = Vec::new();
        while let Some(word) = self.argument()? {
            words.push(word);
        }
        let text = words.join(&b' ');
        Ok(parse_bool(&text).unwrap_or_else(|| {
            let text = String::from_utf8_lossy(&text).into_owned();
            self.complain(&format!("error: unrecognized value \"{text}\" for \"{what}\": Boolean expected"));
            false
        }))
    }
}
