//! How psql lays out a value: its lines, with control characters made visible, and their widths on a terminal.

mod tables;

use std::cmp::Ordering;

use tables::{NO_WIDTH, TWO_COLUMNS};

/// Part of a value that stands on one line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct DisplayLine {
    pub bytes: Vec<u8>,
    pub width: usize,
}

/// The value's lines; at least one. Only UTF-8 has characters of other widths than one here.
pub(super) fn display_lines(value: &[u8], utf8: bool) -> Vec<DisplayLine> {
    let mut lines = vec![];
    let mut line = DisplayLine::default();
    let mut rest = value;
    while let Some(&first) = rest.first() {
        let length = if utf8 { sequence_length(first).min(rest.len()) } else { 1 };
        let (symbol, after) = rest.split_at(length);
        rest = after;
        match symbol {
            b"\n" => lines.push(std::mem::take(&mut line)),
            _ => line.push(symbol, utf8),
        }
    }
    lines.push(line);
    lines
}

impl DisplayLine {
    fn push(&mut self, symbol: &[u8], utf8: bool) {
        match symbol {
            b"\r" => self.text("\\r"),
            b"\t" => self.text(&"        "[self.width % 8..]),
            [byte @ (0..0x20 | 0x7f)] => self.text(&format!("\\x{byte:02X}")),
            [_] if !utf8 || symbol.is_ascii() => self.raw(symbol, 1),
            _ => self.character(symbol),
        }
    }

    // psql drops what is no character: invalid bytes, and the last two code points of the upper planes.
    fn character(&mut self, symbol: &[u8]) {
        match std::str::from_utf8(symbol).ok().and_then(|text| text.chars().next()) {
            Some(character @ '\u{80}'..'\u{a0}') => self.text(&format!("\\u{:04X}", u32::from(character))),
            Some(character @ '\u{10000}'..) if u32::from(character) & 0xfffe == 0xfffe => {}
            Some(character) => self.raw(symbol, width(character)),
            None => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.raw(text.as_bytes(), text.len());
    }

    fn raw(&mut self, bytes: &[u8], width: usize) {
        self.bytes.extend_from_slice(bytes);
        self.width += width;
    }
}

/// The columns that psql counts for a character above ASCII.
fn width(character: char) -> usize {
    match u32::from(character) {
        code if is_within(code, NO_WIDTH) => 0,
        code if is_within(code, TWO_COLUMNS) => 2,
        _ => 1,
    }
}

fn is_within(code: u32, ranges: &[(u32, u32)]) -> bool {
    let place = |&(first, last): &(u32, u32)| match () {
        () if last < code => Ordering::Less,
        () if code < first => Ordering::Greater,
        () => Ordering::Equal,
    };
    ranges.binary_search_by(place).is_ok()
}

fn sequence_length(first: u8) -> usize {
    match first {
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &str) -> Vec<(String, usize)> {
        let text = |line: DisplayLine| (String::from_utf8(line.bytes).unwrap(), line.width);
        display_lines(value.as_bytes(), true).into_iter().map(text).collect()
    }

    #[test]
    fn a_value_is_split_at_its_newlines() {
        assert_eq!(shown("a\nbc\n"), [("a".into(), 1), ("bc".into(), 2), (String::new(), 0)]);
    }

    #[test]
    fn control_characters_are_written_out_and_tabs_expanded() {
        assert_eq!(shown("a\tb\r\u{1}\u{85}"), [("a       b\\r\\x01\\u0085".into(), 21)]);
    }

    #[test]
    fn wide_and_combining_characters_have_their_own_width() {
        assert_eq!(shown("漢e\u{301}"), [("漢e\u{301}".into(), 3)]);
    }
}
