//! One pattern of an ignore file, compiled.

use std::iter::Peekable;
use std::str::Chars;

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("nothing is left of it")]
    Empty,
    #[error("`[` is never closed")]
    OpenClass,
    #[error("the characters between `[` and `]` are no set")]
    BadClass,
    #[error("it ends in a backslash")]
    TrailingBackslash,
}

#[derive(Clone, Debug)]
pub(in crate::docker) struct Pattern {
    text: String,
    shape: Shape,
}

/// The engine takes short cuts for plain patterns, and they differ from the general rule: `**foo` matches
/// every path that ends in `foo`, where the general rule would want a `/` before it.
#[derive(Clone, Debug)]
enum Shape {
    Exact,
    /// `text**`, and nothing special before.
    Prefix,
    /// `**text`, and nothing special after.
    Suffix,
    General(Vec<Piece>),
}

#[derive(Clone, Debug)]
enum Piece {
    Literal(char),
    /// `?`: one character of a name.
    One,
    /// `*`: any part of a name.
    Many,
    /// `**` or `**/`: any number of whole directories, none included.
    Directories,
    /// `**` at the end: everything.
    Rest,
    Set(Set),
}

#[derive(Clone, Debug)]
struct Set {
    negated: bool,
    ranges: Vec<(char, char)>,
}

impl Pattern {
    /// Compiles a cleaned pattern.
    pub(in crate::docker) fn parse(text: &str) -> Result<Self, PatternError> {
        let mut compiler =
            Compiler { rest: text.chars().peekable(), pieces: Vec::new(), shape: Shape::Exact };
        compiler.compile()?;
        let shape = match compiler.shape {
            Shape::General(_) => Shape::General(compiler.pieces),
            plain => plain,
        };
        Ok(Self { text: text.to_owned(), shape })
    }

    /// The pattern that matches `path` alone.
    pub(in crate::docker) fn literal(path: &str) -> Self {
        Self { text: path.to_owned(), shape: Shape::Exact }
    }

    pub(in crate::docker) fn text(&self) -> &str {
        &self.text
    }

    pub(in crate::docker) fn matches(&self, path: &str) -> bool {
        match &self.shape {
            Shape::Exact => path == self.text,
            Shape::Prefix => path.starts_with(&self.text[..self.text.len() - 2]),
            Shape::Suffix => {
                let suffix = &self.text[2..];
                path.ends_with(suffix) || suffix.strip_prefix('/') == Some(path)
            }
            Shape::General(pieces) => fits(pieces, &path.chars().collect::<Vec<_>>()),
        }
    }
}

struct Compiler<'a> {
    rest: Peekable<Chars<'a>>,
    pieces: Vec<Piece>,
    shape: Shape,
}

impl Compiler<'_> {
    fn compile(&mut self) -> Result<(), PatternError> {
        while let Some(next) = self.rest.next() {
            match next {
                '*' if self.rest.next_if_eq(&'*').is_some() => self.double_star(),
                '*' => self.special(Piece::Many),
                '?' => self.special(Piece::One),
                '[' => {
                    let set = self.set()?;
                    self.special(Piece::Set(set));
                }
                '\\' => {
                    let escaped = self.rest.next().ok_or(PatternError::TrailingBackslash)?;
                    self.special(Piece::Literal(escaped));
                }
                plain => self.pieces.push(Piece::Literal(plain)),
            }
        }
        Ok(())
    }

    fn special(&mut self, piece: Piece) {
        self.shape = Shape::General(Vec::new());
        self.pieces.push(piece);
    }

    fn double_star(&mut self) {
        let first = self.pieces.is_empty();
        self.rest.next_if_eq(&'/');
        if self.rest.peek().is_some() {
            self.special(Piece::Directories);
        } else if matches!(self.shape, Shape::Exact) {
            self.shape = Shape::Prefix;
        } else {
            self.special(Piece::Rest);
        }
        if first {
            self.shape = Shape::Suffix;
        }
    }

    fn set(&mut self) -> Result<Set, PatternError> {
        let negated = self.rest.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        loop {
            match self.rest.peek().ok_or(PatternError::OpenClass)? {
                ']' if !ranges.is_empty() => break,
                ']' | '-' => return Err(PatternError::BadClass),
                _ => ranges.push(self.range()?),
            }
        }
        self.rest.next();
        Ok(Set { negated, ranges })
    }

    fn range(&mut self) -> Result<(char, char), PatternError> {
        let low = self.member()?;
        if self.rest.next_if_eq(&'-').is_none() {
            return Ok((low, low));
        }
        if matches!(self.rest.peek(), Some(']' | '-')) {
            return Err(PatternError::BadClass);
        }
        let high = self.member()?;
        if low > high { Err(PatternError::BadClass) } else { Ok((low, high)) }
    }

    fn member(&mut self) -> Result<char, PatternError> {
        match self.rest.next() {
            Some('\\') => self.rest.next().ok_or(PatternError::OpenClass),
            other => other.ok_or(PatternError::OpenClass),
        }
    }
}

fn fits(pieces: &[Piece], path: &[char]) -> bool {
    let Some((piece, pieces)) = pieces.split_first() else { return path.is_empty() };
    let one = |accepted: bool| accepted && fits(pieces, &path[1..]);
    match piece {
        Piece::Literal(wanted) => one(path.first() == Some(wanted)),
        Piece::One => one(path.first().is_some_and(|found| *found != '/')),
        Piece::Set(set) => one(path.first().is_some_and(|found| set.holds(*found))),
        Piece::Rest => true,
        Piece::Many => {
            let name = path.iter().position(|found| *found == '/').unwrap_or(path.len());
            (0..=name).any(|taken| fits(pieces, &path[taken..]))
        }
        Piece::Directories => {
            let ends = (0..path.len()).filter(|at| path[*at] == '/').map(|at| at + 1);
            std::iter::once(0).chain(ends).any(|taken| fits(pieces, &path[taken..]))
        }
    }
}

impl Set {
    /// A negated set accepts `/` too, as the engine's does.
    fn holds(&self, found: char) -> bool {
        self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&found)) != self.negated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matching<'a>(pattern: &str, paths: &[&'a str]) -> Vec<&'a str> {
        let pattern = Pattern::parse(pattern).unwrap();
        paths.iter().copied().filter(|path| pattern.matches(path)).collect()
    }

    #[test]
    fn a_star_stays_within_a_name() {
        assert_eq!(matching("a/*.c", &["a/x.c", "a/.c", "a/b/x.c", "a/x.h"]), ["a/x.c", "a/.c"]);
        assert_eq!(matching("?", &["a", "/", "ab", "é"]), ["a", "é"]);
    }

    #[test]
    fn a_double_star_spans_directories_and_none() {
        assert_eq!(
            matching("a/**/z", &["a/z", "a/b/z", "a/b/c/z", "az", "a/bz"]),
            ["a/z", "a/b/z", "a/b/c/z"]
        );
        assert_eq!(matching("a/**", &["a", "a/b", "a/b/c", "ab"]), ["a/b", "a/b/c"]);
        assert_eq!(matching("**", &["a", "a/b"]), ["a", "a/b"]);
        assert_eq!(matching("a*/**", &["ab/c", "ab"]), ["ab/c"]);
    }

    #[test]
    fn a_leading_double_star_without_a_slash_matches_any_ending() {
        assert_eq!(matching("**foo", &["foo", "barfoo", "a/foo", "foo/a"]), ["foo", "barfoo", "a/foo"]);
        assert_eq!(matching("**/foo", &["foo", "barfoo", "a/foo"]), ["foo", "a/foo"]);
    }

    #[test]
    fn sets_ranges_and_escapes() {
        assert_eq!(matching("[a-c]x", &["ax", "cx", "dx"]), ["ax", "cx"]);
        assert_eq!(matching("[^a]x", &["ax", "bx"]), ["bx"]);
        assert_eq!(matching(r"\*x", &["*x", "ax"]), ["*x"]);
        assert_eq!(matching("a.b", &["a.b", "aXb"]), ["a.b"]);
    }

    #[test]
    fn broken_sets_are_refused() {
        for (pattern, error) in [
            ("[a", PatternError::OpenClass),
            ("[]a]", PatternError::BadClass),
            ("[z-a]", PatternError::BadClass),
            ("[a-]", PatternError::BadClass),
            ("a\\", PatternError::TrailingBackslash),
        ] {
            assert_eq!(Pattern::parse(pattern).unwrap_err(), error, "{pattern}");
        }
    }
}
