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

/// The same for several statements at once; none if anything in them does not parse.
pub fn read_all(texts: &[&str], place: &dyn Fn(usize, Range<usize>) -> Span) -> Option<Vec<Tree>> {
    let mut starts = Vec::with_capacity(texts.len());
    let mut whole = String::with_capacity(texts.iter().map(|text| text.len() + 2).sum());
    for text in texts {
        starts.push(whole.len());
        whole.push_str(text);
        // A command may have ended the statement.
        whole.push_str(if text.trim_end().ends_with(';') { "\n" } else { "\n;" });
    }
    let parsed = SourceFile::parse(&whole);
    if !parsed.errors().is_empty() {
        return None;
    }
    let mut trees: Vec<Tree> = texts.iter().map(|_| Tree::default()).collect();
    for node in parsed.syntax_node().children() {
        let at = usize::from(node.text_range().start());
        let index = starts.partition_point(|start| *start <= at) - 1;
        let own = |range: Range<usize>| place(index, range.start - starts[index]..range.end - starts[index]);
        Reader { place: &own, setting: Setting::Open, tree: &mut trees[index] }.statement(&node);
    }
    trees.iter().all(|tree| tree.errors.is_empty()).then_some(trees)
}

/// A name as it must be written: in quotes where it is none of small letters, or a word of SQL's own.
pub fn quoted(name: &str) -> String {
    squawk_syntax::quote::quote_quoted_ident(name)
}
