//! A statement of a script: where it stands, what it does, where it does not parse.

use std::ops::Range;

use super::act::{Act, Span};
use super::tree::{self, Tree, Unparsed};
use crate::sql::lexer::{StatementText, Tokens};

pub struct Statement {
    /// From its first token to its last.
    pub span: Span,
    pub acts: Vec<Act>,
    pub errors: Vec<Unparsed>,
    pub ends_with_semicolon: bool,
}

/// The statements of a script. Those that hold only comments are none.
pub fn read(texts: &[StatementText]) -> Vec<Statement> {
    let sources: Vec<Source> = texts.iter().filter_map(Source::of).collect();
    // One pass of the parser costs less than many; but an error may hide what follows it.
    let whole = whole(&sources);
    let trees = whole.unwrap_or_else(|| sources.iter().map(Source::tree).collect());
    sources.into_iter().zip(trees).map(|(source, tree)| source.read(tree)).collect()
}

/// All of them parsed as one text, if there is no error in it.
fn whole(sources: &[Source]) -> Option<Vec<Tree>> {
    let texts: Vec<&str> = sources.iter().map(|source| source.text.as_str()).collect();
    tree::read_all(&texts, &|index, range| sources[index].place(range))
}

/// A statement's text with its way back to the script.
struct Source<'a> {
    origin: &'a StatementText,
    /// UTF-8 of the same length.
    text: String,
    tokens: Range<usize>,
    ends_with_semicolon: bool,
}

impl<'a> Source<'a> {
    fn of(origin: &'a StatementText) -> Option<Self> {
        let text = one_byte_for_one(&origin.text);
        let mut tokens = Tokens::new(text.as_bytes(), true);
        let first = tokens.next()?;
        let last = tokens.last().unwrap_or(first);
        let (tokens, ends_with_semicolon) = (first.at..last.at + last.bytes.len(), last.bytes == b";");
        Some(Self { origin, text, tokens, ends_with_semicolon })
    }

    /// Where a range of the text stands in the script. An empty range must not end before it begins, whatever a
    /// variable has put there.
    fn place(&self, range: Range<usize>) -> Span {
        let start = self.origin.offset(range.start);
        let end = if range.is_empty() { start } else { self.origin.offset(range.end - 1) + 1 };
        start..end.max(start)
    }

    /// Parsed alone.
    fn tree(&self) -> Tree {
        let place = |range| self.place(range);
        let mut tree = tree::read(&self.text, &place);
        if !tree.errors.is_empty() && references(&self.text).next().is_some() {
            tree = tree::read(&without_variables(&self.text), &place);
            // What stands for a variable may be anything.
            tree.errors.clear();
        }
        if !tree.errors.is_empty() && is_beyond_parser(&self.text) {
            tree.errors.clear();
        }
        tree
    }

    fn read(self, tree: Tree) -> Statement {
        let span = self.place(self.tokens.clone());
        let ends_with_semicolon = self.ends_with_semicolon;
        Statement { span, acts: tree.acts, errors: tree.errors, ends_with_semicolon }
    }
}

/// Whether the server knows the statement, and the parser does not.
fn is_beyond_parser(text: &str) -> bool {
    let words: Vec<_> = Tokens::new(text.as_bytes(), true).take(5).collect();
    let are = |wanted: &[&str]| {
        words.len() >= wanted.len() && words.iter().zip(wanted).all(|(word, is)| word.is(is))
    };
    let makes_language =
        words.first().is_some_and(|word| word.is("create")) && words.iter().any(|word| word.is("language"));
    are(&["set", "names"])
        || are(&["set", "session", "names"])
        || makes_language && !words.iter().any(|word| word.is("function"))
}

/// The text as UTF-8 of the same length.
fn one_byte_for_one(text: &[u8]) -> String {
    let mut valid = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        valid.push_str(chunk.valid());
        valid.extend(chunk.invalid().iter().map(|_| '_'));
    }
    valid
}

fn references(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let follows = |at: usize| {
        bytes.get(at + 1).is_some_and(|&next| next.is_ascii_alphabetic() || b"_'\"{".contains(&next))
    };
    memchr::memchr_iter(b':', bytes).filter(move |&at| follows(at) && (at == 0 || bytes[at - 1] != b':'))
}

/// With a name, a string or an identifier of the same length where psql would put a variable's value.
fn without_variables(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for at in references(text) {
        bytes[at] = if matches!(bytes[at + 1], b'\'' | b'"') { b' ' } else { b'_' };
    }
    String::from_utf8(bytes).unwrap_or_default()
}
