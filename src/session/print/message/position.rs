//! The line of a statement that a message points into, with a caret below it.

use std::io::Write as _;

use super::super::width::symbol_width;
use crate::sql::encoding::Encoding;

/// So many columns of the line are shown.
const SHOWN: usize = 60;

/// So many columns behind the place are kept when the line's end is cut off.
const KEPT_BEHIND: usize = 10;

/// A character of the statement: the byte and the column at which it begins.
#[derive(Clone, Copy)]
struct Symbol {
    byte: usize,
    column: usize,
}

/// The characters of a statement up to the end of the line that is shown, and one more for that end.
struct Line {
    symbols: Vec<Symbol>,
    /// 1-based.
    number: usize,
    start: usize,
}

/// Adds the excerpt to `text`; nothing where the position lies outside of the statement. It is 1-based.
pub(super) fn write_position(query: &[u8], position: usize, encoding: Encoding, text: &mut Vec<u8>) {
    let Some(at) = position.checked_sub(1) else { return };
    let line = Line::find(query, at, encoding);
    if at >= line.symbols.len() {
        return;
    }
    let (start, end) = line.shown(at);
    let column = |index: usize| line.symbols[index].column;
    let shown = &query[line.symbols[start].byte..line.symbols[end].byte];
    let before = if start > line.start { "..." } else { "" };
    let after = if end + 1 < line.symbols.len() { "..." } else { "" };
    let prefix = format!("LINE {}: {before}", line.number);
    text.extend_from_slice(prefix.as_bytes());
    text.extend(shown.iter().map(|&byte| if byte == b'\t' { b' ' } else { byte }));
    let caret = prefix.len() + column(at) - column(start);
    // Writing to memory cannot fail.
    let _ = writeln!(text, "{after}\n{:caret$}^", "");
}

impl Line {
    /// The line that the character `at` stands in.
    fn find(query: &[u8], at: usize, encoding: Encoding) -> Self {
        let mut line = Self { symbols: vec![], number: 1, start: 0 };
        let (mut byte, mut column) = (0, 0);
        let mut previous = 0;
        while let Some(&first) = query.get(byte) {
            line.symbols.push(Symbol { byte, column });
            if matches!(first, b'\r' | b'\n') {
                if line.symbols.len() > at {
                    return line;
                }
                // A carriage return and a newline together end one line.
                line.number += usize::from(first == b'\r' || previous != b'\r');
                line.start = line.symbols.len();
            }
            previous = first;
            column += symbol_width(&query[byte..], encoding).filter(|&width| width > 0).unwrap_or(1);
            byte = (byte + encoding.character_length(&query[byte..])).min(query.len());
        }
        line.symbols.push(Symbol { byte, column });
        line
    }

    /// The first character that is shown and the one behind the last, around the character `at`.
    fn shown(&self, at: usize) -> (usize, usize) {
        let column = |index: usize| self.symbols[index].column;
        let (mut start, mut end) = (self.start, self.symbols.len() - 1);
        let is_long = |start, end| column(end) - column(start) > SHOWN;
        if !is_long(start, end) {
            return (start, end);
        }
        if column(start) + SHOWN >= column(at) + KEPT_BEHIND {
            while is_long(start, end) {
                end -= 1;
            }
            return (start, end);
        }
        while column(at) + KEPT_BEHIND < column(end) {
            end -= 1;
        }
        while is_long(start, end) {
            start += 1;
        }
        (start, end)
    }
}
