//! How psql lays out a value: its lines, with control characters made visible, and their widths on a terminal.

mod tables;

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::sql::encoding::Encoding;
use tables::{NO_WIDTH, TWO_COLUMNS};

/// Part of a value that stands on one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DisplayLine<'v> {
    pub bytes: Cow<'v, [u8]>,
    pub width: usize,
}

/// The room that a value takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub width: usize,
    pub height: usize,
}

pub(super) fn size(value: &[u8], encoding: Encoding) -> Size {
    if is_plain(value) {
        return Size { width: value.len(), height: 1 };
    }
    let lines = display_lines(value, encoding);
    Size { width: lines.iter().map(|line| line.width).max().unwrap_or(0), height: lines.len() }
}

/// The value's lines; at least one.
pub(super) fn display_lines(value: &[u8], encoding: Encoding) -> Vec<DisplayLine<'_>> {
    if is_plain(value) {
        return vec![DisplayLine { bytes: Cow::Borrowed(value), width: value.len() }];
    }
    let mut lines = vec![];
    let mut line = DisplayLine::default();
    let mut rest = value;
    while !rest.is_empty() {
        // As psql: the rest of a value that ends within a character is not shown.
        let Some((symbol, after)) = rest.split_at_checked(encoding.character_length(rest)) else { break };
        rest = after;
        match symbol {
            b"\n" => lines.push(std::mem::take(&mut line)),
            _ => line.push(symbol, encoding),
        }
    }
    lines.push(line);
    lines
}

fn is_plain(value: &[u8]) -> bool {
    value.iter().all(|byte| matches!(byte, 0x20..=0x7e))
}

/// The part of a line, from its start, that fits into `room` columns, but at least one character: how many bytes
/// it has and how many columns it takes.
pub(super) fn fit(line: &[u8], room: usize, encoding: Encoding) -> (usize, usize) {
    let (mut at, mut width) = (0, 0);
    while at < line.len() {
        let wider = width + symbol_width(&line[at..], encoding).unwrap_or(0);
        if wider > room && width != 0 {
            break;
        }
        width = wider;
        at = (at + encoding.character_length(&line[at..])).min(line.len());
    }
    (at, width)
}

/// Leaves out what psql does not take for characters before it prints anything: only UTF-8 is looked at.
pub(super) fn valid(value: &[u8], encoding: Encoding) -> Cow<'_, [u8]> {
    if encoding != Encoding::Utf8 || value.is_ascii() {
        return Cow::Borrowed(value);
    }
    let is_noncharacter = |&character: &char| {
        let code = u32::from(character);
        code > 0xffff && code & 0xfffe == 0xfffe
    };
    match std::str::from_utf8(value) {
        Ok(text) if !text.chars().any(|character| is_noncharacter(&character)) => Cow::Borrowed(value),
        _ => {
            let known = value.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
            let kept: String = known.filter(|character| !is_noncharacter(character)).collect();
            Cow::Owned(kept.into_bytes())
        }
    }
}

impl DisplayLine<'_> {
    fn push(&mut self, symbol: &[u8], encoding: Encoding) {
        match (symbol, symbol_width(symbol, encoding)) {
            (b"\r", _) => self.text("\\r"),
            (b"\t", _) => self.text(&"        "[self.width % 8..]),
            (_, Some(width)) => self.raw(symbol, width),
            ([byte], None) => self.text(&format!("\\x{byte:02X}")),
            (_, None) => self.text(&format!("\\u{:04X}", code_point(symbol).unwrap_or(0))),
        }
    }

    fn text(&mut self, text: &str) {
        self.raw(text.as_bytes(), text.len());
    }

    fn raw(&mut self, bytes: &[u8], width: usize) {
        self.bytes.to_mut().extend_from_slice(bytes);
        self.width += width;
    }
}

/// The columns that psql counts for the character at the start of `text`; none for control characters.
pub(super) fn symbol_width(text: &[u8], encoding: Encoding) -> Option<usize> {
    let first = text.first().copied()?;
    match (first, encoding) {
        // psql has never looked for control characters in this one.
        (0x90..=0x99 | 0x9c | 0x9d, Encoding::MuleInternal) => Some(2),
        (_, Encoding::MuleInternal) => Some(1),
        (0x00..0x20 | 0x7f, _) => None,
        (0x20..0x7f, _) | (_, Encoding::SingleByte) => Some(1),
        (_, Encoding::Utf8) => match code_point(text) {
            Some(0x80..0xa0) => None,
            Some(code) => Some(width(code)),
            None => Some(1),
        },
        (0xa1..=0xdf, Encoding::Sjis) | (0x8e, Encoding::EucJp) => Some(1),
        _ => Some(2),
    }
}

fn code_point(text: &[u8]) -> Option<u32> {
    let symbol = text.get(..Encoding::Utf8.character_length(text))?;
    std::str::from_utf8(symbol).ok()?.chars().next().map(u32::from)
}

/// The columns that psql counts for a character above ASCII.
fn width(code: u32) -> usize {
    match () {
        () if is_within(code, NO_WIDTH) => 0,
        () if is_within(code, TWO_COLUMNS) => 2,
        () => 1,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &str) -> Vec<(String, usize)> {
        let text = |line: DisplayLine| (String::from_utf8(line.bytes.into_owned()).unwrap(), line.width);
        display_lines(value.as_bytes(), Encoding::Utf8).into_iter().map(text).collect()
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
