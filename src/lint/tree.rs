//! From the text of a statement to what it does: the only user of squawk-syntax.

mod body;
mod into;
mod node;
mod reader;
mod table;

use std::ops::Range;

use squawk_syntax::SourceFile;

use super::act::{Act, Setting, Span};
use reader::Reader;

/// What one statement (or several, joined by `\;`) does, and where it does not parse.
#[derive(Default)]
pub struct Tree {
    pub acts: Vec<Act>,
    pub errors: Vec<Unparsed>,
}

/// Text that is no SQL, as far as the parser knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unparsed {
    pub message: String,
    pub span: Span,
}

/// Reads `text`; `place` tells where a range of it stands in the script.
pub fn read(text: &str, place: &dyn Fn(Range<usize>) -> Span) -> Tree {
    let parsed = SourceFile::parse(text);
    let mut tree = Tree::default();
    let mut reader = Reader { place, setting: Setting::Open, tree: &mut tree };
    for node in parsed.syntax_node().children() {
        reader.statement(&node);
    }
    for error in parsed.errors() {
        let range = error.range().into();
        tree.errors.push(Unparsed { message: error.message().to_owned(), span: place(range) });
    }
    tree
}

/// A name as it must be written: in quotes where it is none of small letters, or a word of SQL's own.
pub fn quoted(name: &str) -> String {
    squawk_syntax::quote::quote_ident(name)
}
