//! `\if` blocks, judged where their conditions depend on no variable.

use crate::sql::lexer::{Lexer, Mark};
use crate::text::Position;

/// Whether psql comes to a place in the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    Never,
    /// A variable decides.
    Perhaps,
    Always,
}

/// An `\if` that is open.
struct Block {
    at: Position,
    buffer: Mark,
    /// Whether the block itself is come to.
    outer: Reach,
    /// The current branch, where the block itself is come to.
    branch: Reach,
    /// What the branches before it leave for those that follow.
    left: Reach,
    after_else: bool,
}

/// The open `\if`s, innermost last.
#[derive(Default)]
pub struct Branches(Vec<Block>);

impl Branches {
    /// Whether psql comes to where the lexer is.
    pub fn reach(&self) -> Reach {
        self.0.last().map_or(Reach::Always, |block| block.outer.min(block.branch))
    }

    /// Whether psql judges the condition of an `\elif` that follows.
    pub fn is_elif_judged(&self) -> bool {
        self.0.last().is_some_and(|block| block.outer.min(block.left) > Reach::Never)
    }

    pub fn are_open(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether the innermost one has had its `\else`.
    pub fn is_after_else(&self) -> bool {
        self.0.last().is_some_and(|block| block.after_else)
    }

    /// Where the outermost one stands.
    pub fn opened_at(&self) -> Option<Position> {
        self.0.first().map(|block| block.at)
    }

    /// `\if` with this condition; none where a variable takes part in it.
    pub fn open(&mut self, condition: Option<bool>, lexer: &Lexer, at: Position) {
        let (branch, left) = divided(Reach::Always, condition);
        let outer = self.reach();
        self.0.push(Block { at, buffer: lexer.mark(), outer, branch, left, after_else: false });
    }

    /// `\elif`, once its branch has been left.
    pub fn enter(&mut self, condition: Option<bool>) {
        if let Some(block) = self.0.last_mut() {
            (block.branch, block.left) = divided(block.left, condition);
        }
    }

    /// `\else`, once its branch has been left.
    pub fn enter_else(&mut self) {
        if let Some(block) = self.0.last_mut() {
            (block.branch, block.left, block.after_else) = (block.left, Reach::Never, true);
        }
    }

    /// What one branch has left in the query buffer is not there in the next, unless it is the branch that is
    /// taken.
    pub fn leave(&mut self, lexer: &mut Lexer) {
        let reach = self.reach();
        let Some(block) = self.0.last_mut() else { return };
        match reach {
            Reach::Always => block.buffer = lexer.mark(),
            Reach::Perhaps | Reach::Never => lexer.rewind(block.buffer),
        }
    }

    /// `\endif`
    pub fn close(&mut self, lexer: &mut Lexer) {
        let is_dead = self.reach() == Reach::Never;
        if let Some(block) = self.0.pop().filter(|_| is_dead) {
            lexer.rewind(block.buffer);
        }
    }

    /// The script ends here, whatever is open.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}

/// How far a branch with this condition is come to, and what it leaves for the branches after it.
fn divided(left: Reach, condition: Option<bool>) -> (Reach, Reach) {
    match condition {
        Some(true) => (left, Reach::Never),
        Some(false) => (Reach::Never, left),
        None => (left.min(Reach::Perhaps), left.min(Reach::Perhaps)),
    }
}
