//! The query buffer: the bytes psql would send, and where in the script each of them was written.

use memchr::{memchr, memchr_iter, memrchr};

use crate::text::{self, Excerpt, Position};

/// Where a line begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// 1-based.
    pub line: u64,
    /// Bytes of the (decompressed) input before the line.
    pub offset: u64,
}

/// A run of the buffer that stands in the script just so, or that came out of one variable reference.
#[derive(Clone, Copy, Debug)]
struct Segment {
    start: usize,
    position: Position,
    /// Bytes that the reference takes in the script; 0 for text that was not substituted.
    reference: u32,
}

/// A piece of a script's line, kept where the buffer alone does not show the line as it is written.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub line: u64,
    pub first_column: u64,
    pub bytes: Vec<u8>,
}

/// The buffer's text with its way back to the script.
#[derive(Clone, Copy)]
pub struct Statement<'a> {
    /// Exactly what psql would send.
    pub text: &'a [u8],
    map: &'a Map,
}

/// A [`Statement`] that outlives the lexer's buffer.
#[derive(Clone, Debug, Default)]
pub struct StatementText {
    pub text: Vec<u8>,
    map: Map,
}

#[derive(Clone, Debug, Default)]
struct Map {
    segments: Vec<Segment>,
    windows: Vec<Window>,
}

#[derive(Default)]
pub(super) struct Query {
    text: Vec<u8>,
    map: Map,
    /// The length after the newline that was put between two lines, as long as it may be taken back.
    newline_at: Option<usize>,
}

impl Query {
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// psql puts a newline between source lines once there is something to separate.
    pub fn begin_line(&mut self) {
        self.newline_at = None;
        if !self.text.is_empty() {
            self.text.push(b'\n');
            self.newline_at = Some(self.text.len());
        }
    }

    /// Takes the newline back if nothing followed it (the line holds only a meta-command).
    pub fn drop_unused_newline(&mut self) {
        if self.newline_at.take() == Some(self.text.len()) {
            self.text.pop();
        }
    }

    /// Whether a byte at `offset` of the script would follow on the last one as it does in the script.
    pub fn continues_at(&self, offset: u64) -> bool {
        self.map.segments.last().is_some_and(|last| {
            last.reference == 0 && last.position.offset + (self.text.len() - last.start) as u64 == offset
        })
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.text.extend_from_slice(bytes);
    }

    /// From here on the buffer's text comes from `position`; `reference` is the length of the variable
    /// reference that it replaces, 0 for none.
    pub fn begin_segment(&mut self, position: Position, reference: u32) {
        self.map.segments.push(Segment { start: self.text.len(), position, reference });
    }

    pub fn wants_window(&self, line: u64) -> bool {
        self.map.windows.last().is_none_or(|window| window.line != line)
    }

    pub fn keep_window(&mut self, window: Window) {
        self.map.windows.push(window);
    }

    pub fn clear(&mut self) {
        self.truncate(0);
        self.newline_at = None;
    }

    pub fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
        self.map.segments.truncate(self.map.segments.partition_point(|segment| segment.start < length));
        if length == 0 {
            self.map.windows.clear();
        }
    }

    pub fn statement(&self) -> Statement<'_> {
        Statement { text: &self.text, map: &self.map }
    }

    pub fn position(&self, at: usize) -> Position {
        self.map.position(&self.text, at)
    }
}

impl Statement<'_> {
    pub fn to_text(&self) -> StatementText {
        StatementText { text: self.text.to_vec(), map: self.map.clone() }
    }

    /// Where the byte at `at` was written; for a variable's text, where the variable is named.
    pub fn position(&self, at: usize) -> Position {
        self.map.position(self.text, at)
    }
}

impl StatementText {
    /// Where the byte at `at` was written; for a variable's text, where the variable is named.
    pub fn position(&self, at: usize) -> Position {
        self.map.position(&self.text, at)
    }

    /// [`Position::offset`] of the byte at `at`, which takes no counting of lines and characters.
    pub fn offset(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        let Some((_, segment)) = self.map.segment(at) else { return 0 };
        let behind = if segment.reference > 0 { 0 } else { at - segment.start.min(at) };
        usize::try_from(segment.position.offset).unwrap_or(usize::MAX).saturating_add(behind)
    }

    /// The script's line around the byte at `at`, with the token there marked.
    pub fn excerpt(&self, at: usize) -> Excerpt {
        self.map.excerpt(&self.text, at)
    }
}

impl Map {
    fn segment(&self, at: usize) -> Option<(usize, &Segment)> {
        let index = self.segments.partition_point(|segment| segment.start <= at).max(1) - 1;
        self.segments.get(index).map(|segment| (index, segment))
    }

    fn position(&self, text: &[u8], at: usize) -> Position {
        let at = at.min(text.len());
        let Some((_, segment)) = self.segment(at) else { return Position::default() };
        let start = segment.position;
        if segment.reference > 0 {
            return start;
        }
        let before = &text[segment.start.min(at)..at];
        let offset = start.offset + before.len() as u64;
        match memrchr(b'\n', before) {
            None => Position { column: start.column + text::characters(before), offset, ..start },
            Some(newline) => Position {
                line: start.line + memchr_iter(b'\n', before).count() as u64,
                column: 1 + text::characters(&before[newline + 1..]),
                offset,
            },
        }
    }

    fn excerpt(&self, text: &[u8], at: usize) -> Excerpt {
        let at = at.min(text.len());
        let position = self.position(text, at);
        let reference = self.segment(at).map_or(0, |(_, segment)| segment.reference as usize);
        let length = if reference > 0 { reference } else { text::token_length(&text[at..]) };
        self.excerpt_from_window(position, length)
            .unwrap_or_else(|| self.excerpt_from_text(text, at, position))
    }

    fn excerpt_from_window(&self, position: Position, length: usize) -> Option<Excerpt> {
        let window = self.windows.iter().find(|window| window.line == position.line)?;
        let at = text::byte_of_character(&window.bytes, position.column.checked_sub(window.first_column)?);
        (at < window.bytes.len()).then(|| Excerpt::new(position, &window.bytes, at, length))
    }

    fn excerpt_from_text(&self, text: &[u8], at: usize, position: Position) -> Excerpt {
        let (index, segment) = self.segment(at).map_or((0, 0), |(index, segment)| (index, segment.start));
        let limit = self.segments.get(index + 1).map_or(text.len(), |next| next.start).max(at);
        let start =
            memrchr(b'\n', &text[segment.min(at)..at]).map_or(segment, |newline| segment + newline + 1);
        let end = memchr(b'\n', &text[at..limit]).map_or(limit, |newline| at + newline);
        let length = text::token_length(&text[at..end]);
        Excerpt::new(position, &text[start.min(at)..end], at - start.min(at), length)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use crate::sql::lexer::{Lexer, StatementText, Stop, Variables};
    use crate::sql::reader::Lines;

    struct Value;

    impl Variables for Value {
        fn value(&self, name: &[u8]) -> Option<Cow<'_, [u8]>> {
            (name == b"v").then_some(Cow::Borrowed(b"x\ny".as_slice()))
        }
    }

    fn statements(script: &str) -> Vec<StatementText> {
        let (mut lines, mut lexer, mut found) = (Lines::new(script.as_bytes()), Lexer::new(), Vec::new());
        while let Some(line) = lines.next_line().expect("memory can be read") {
            lexer.feed(line.bytes, line.place);
            while lexer.scan(&Value) == Stop::Statement {
                found.push(lexer.statement().to_text());
                lexer.clear();
            }
        }
        found
    }

    /// Line, column, and the excerpt with the marked part in brackets, of `word` in the last statement.
    fn place(script: &str, word: &str) -> (u64, u64, String) {
        let statement = statements(script).pop().expect("a statement");
        let text = String::from_utf8(statement.text.clone()).expect("utf-8");
        let at = text.find(word).expect("the word is there");
        let excerpt = statement.excerpt(at);
        assert_eq!(excerpt.position, statement.position(at));
        assert_eq!(excerpt.position.offset, statement.offset(at) as u64);
        let (start, end) = (excerpt.marked.start, excerpt.marked.end);
        let line = String::from_utf8(excerpt.text).expect("utf-8");
        let shown = format!("{}[{}]{}", &line[..start], &line[start..end], &line[end..]);
        (excerpt.position.line, excerpt.position.column, shown)
    }

    #[test]
    fn a_byte_of_a_statement_finds_its_place_in_the_script() {
        assert_eq!(place("select 1,\n  'ä', oops,\n2;", "oops"), (2, 8, "  'ä', [oops],".to_owned()));
        assert_eq!(place("\u{feff}select oops;", "oops"), (1, 8, "select [oops];".to_owned()));
        assert_eq!(place("-- a\n\n  select\n\n\noops;", "oops"), (6, 1, "[oops];".to_owned()));
        assert_eq!(place("select\r\n oops\r\n;", "oops"), (2, 2, " [oops]\r".to_owned()));
    }

    #[test]
    fn a_statement_in_the_middle_of_a_line_shows_the_whole_line() {
        let script = "select 'ä'; select 2; select oops; select 3";
        assert_eq!(
            place(script, "oops"),
            (1, 30, "select 'ä'; select 2; select [oops]; select 3".to_owned())
        );
        assert_eq!(
            place("select 1 \\; select oops;", "oops"),
            (1, 20, "select 1 \\; select [oops];".to_owned())
        );
    }

    #[test]
    fn text_of_a_variable_is_placed_where_the_variable_is_named() {
        let script = "select 1,\n :v, oops;";
        assert_eq!(place(script, "y"), (2, 2, " [:v], oops;".to_owned()));
        assert_eq!(place(script, "oops"), (2, 6, " :v, [oops];".to_owned()));
        assert_eq!(place("select :'v' a;", "'x"), (1, 8, "select [:'v'] a;".to_owned()));
        assert_eq!(place("select :'v' oops;", "oops"), (1, 13, "select :'v' [oops];".to_owned()));
    }
}
