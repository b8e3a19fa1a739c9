//! What is being scanned: the current line, and on top of it the values of variables.

use std::collections::HashSet;

use super::query::{Place, Window};
use crate::sql::encoding::Encoding;
use crate::text::{self, Excerpt, Position};

/// Bytes of a line that are kept on each side of a place for excerpts.
const WINDOW: usize = 200;

/// One text under the scanner's eye.
#[derive(Default)]
struct Source {
    /// What is scanned: in an unsafe encoding the trailing bytes of characters read 0xFF, as in psql.
    bytes: Vec<u8>,
    /// The text as it was, where it differs.
    original: Option<Vec<u8>>,
    at: usize,
    /// The variable that it is the value of.
    variable: Vec<u8>,
}

impl Source {
    fn set(&mut self, text: &[u8], encoding: Encoding) {
        self.at = 0;
        self.bytes.clear();
        self.bytes.extend_from_slice(text);
        self.original = encoding.mask(&mut self.bytes).then(|| text.to_vec());
    }

    fn original(&self) -> &[u8] {
        self.original.as_deref().unwrap_or(&self.bytes)
    }
}

#[derive(Default)]
pub(super) struct Input {
    line: Source,
    place: Place,
    values: Vec<Source>,
    /// The variables whose values these are.
    expanding: HashSet<Vec<u8>>,
    /// Where the outermost variable reference stands in the line, and its length.
    reference: (usize, u32),
    /// Characters counted so far in the line: up to which byte, and how many.
    counted: (usize, u64),
}

impl Input {
    pub fn set_line(&mut self, line: &[u8], place: Place, encoding: Encoding) {
        self.clear_values();
        self.line.set(line, encoding);
        self.place = place;
        self.counted = (0, 0);
    }

    pub fn clear(&mut self) {
        self.clear_values();
        self.line.at = self.line.bytes.len();
    }

    fn top(&self) -> &Source {
        self.values.last().unwrap_or(&self.line)
    }

    /// The text on top, as it is to be scanned, and how far it has been read.
    pub fn current(&self) -> (&[u8], usize) {
        let top = self.top();
        (&top.bytes, top.at)
    }

    /// What is left of the text on top.
    pub fn rest(&self) -> &[u8] {
        let top = self.top();
        &top.bytes[top.at..]
    }

    /// The next `length` bytes as they were written.
    pub fn original(&self, length: usize) -> &[u8] {
        let top = self.top();
        &top.original()[top.at..top.at + length]
    }

    pub fn advance(&mut self, length: usize) {
        self.values.last_mut().unwrap_or(&mut self.line).at += length;
    }

    /// Goes on with the text below, if there is one.
    pub fn pop(&mut self) -> bool {
        let Some(source) = self.values.pop() else { return false };
        self.expanding.remove(&source.variable);
        true
    }

    fn clear_values(&mut self) {
        self.values.clear();
        self.expanding.clear();
    }

    /// Leaves the texts that are used up; false at the end of the line.
    pub fn settle(&mut self) -> bool {
        while self.rest().is_empty() {
            if !self.pop() {
                return false;
            }
        }
        true
    }

    pub fn is_expanding(&self, variable: &[u8]) -> bool {
        self.expanding.contains(variable)
    }

    /// Puts a variable's value on top, in place of the reference of `length` bytes that comes next.
    pub fn expand(&mut self, variable: Vec<u8>, length: usize, value: &[u8], encoding: Encoding) {
        if self.values.is_empty() {
            self.reference = (self.line.at, u32::try_from(length).unwrap_or(u32::MAX));
        }
        self.advance(length);
        self.expanding.insert(variable.clone());
        let mut source = Source { variable, ..Source::default() };
        source.set(value, encoding);
        self.values.push(source);
    }

    /// The length of the outermost reference being expanded, 0 for none.
    pub fn reference(&self) -> u32 {
        if self.values.is_empty() { 0 } else { self.reference.1 }
    }

    fn at(&self) -> usize {
        if self.values.is_empty() { self.line.at } else { self.reference.0 }
    }

    /// Bytes of the script before the next one.
    pub fn offset(&self) -> u64 {
        self.place.offset + self.at() as u64
    }

    /// Where the next byte stands in the script. Counts on from the last call: linear over the line.
    pub fn position(&mut self) -> Position {
        let at = self.at();
        let (from, count) = if self.counted.0 <= at { self.counted } else { (0, 0) };
        let count = count + text::characters(&self.line.original()[from..at]);
        self.counted = (at, count);
        Position { line: self.place.line, column: count + 1, offset: self.offset() }
    }

    /// The current line around a position in it.
    pub fn excerpt(&self, position: Position, length: usize) -> Excerpt {
        let line = self.line.original();
        let at = usize::try_from(position.offset.saturating_sub(self.place.offset)).unwrap_or(usize::MAX);
        Excerpt::new(position, line, at.min(line.len()), length)
    }

    /// The line around the next byte.
    pub fn window(&mut self) -> Window {
        let column = self.position().column;
        let (line, at) = (self.line.original(), self.at());
        let start = text::character_start(line, at.saturating_sub(WINDOW));
        let end = text::character_start(line, (at + WINDOW).min(line.len()));
        let first_column = column - text::characters(&line[start..at]);
        Window { line: self.place.line, first_column, bytes: line[start..end].to_vec() }
    }
}
