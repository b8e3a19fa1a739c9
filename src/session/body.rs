//! Where in the body of a `DO` block or a routine a server's error lies.

use std::ops::Range;

use memchr::{memchr_iter, memmem};

use super::caution::verb;
use super::message::ServerMessage;
use crate::sql::lexer::Tokens;

/// What PL/pgSQL calls the function that a `DO` block is.
const INLINE: &str = "inline_code_block";

/// The byte of the statement at which an error in its own body happened.
pub(super) fn error_in_body(message: &ServerMessage, text: &[u8], standard_strings: bool) -> Option<usize> {
    let context = message.context()?;
    let body = Body::of(text, standard_strings)?;
    if verb(text).eq_ignore_ascii_case(b"do") {
        // The outermost frame comes last; what it called may be an inline block as well.
        let frame = context.lines().rfind(|line| line.contains(INLINE))?;
        let innermost = context.lines().find(|line| line.contains("PL/pgSQL")) == Some(frame);
        let line = number_after(frame, INLINE)?;
        return Some(body.error_at(text, line, message.internal_query().filter(|_| innermost), message));
    }
    // A body that does not compile: "compilation of PL/pgSQL function "f" near line 2".
    let frame = context.lines().find(|line| line.contains("PL/pgSQL") && !line.contains('('))?;
    let line = last_number(frame)?;
    Some(body.error_at(text, line, None, message))
}

/// The text between the quotes of the longest literal: `$$…$$` or `'…'`.
pub(super) struct Body(Range<usize>);

impl Body {
    pub fn of(text: &[u8], standard_strings: bool) -> Option<Self> {
        let literals = Tokens::new(text, standard_strings).filter_map(|token| {
            let quote = match token.bytes {
                [b'$', rest @ ..] => rest.iter().position(|&byte| byte == b'$')? + 2,
                [b'\'', ..] => 1,
                _ => return None,
            };
            let end = token.bytes.len().checked_sub(quote).filter(|end| *end >= quote)?;
            Some(token.at + quote..token.at + end)
        });
        literals.max_by_key(ExactSizeIterator::len).map(Self)
    }

    /// The byte of the statement behind the opening quote.
    pub fn start(&self) -> usize {
        self.0.start
    }

    /// The byte of the statement where the body's line `line` begins, white space left out.
    fn line(&self, text: &[u8], line: usize) -> usize {
        let body = &text[self.0.clone()];
        let start = match line {
            0 | 1 => 0,
            _ => memchr_iter(b'\n', body).nth(line - 2).map_or(0, |newline| newline + 1),
        };
        let space = body[start..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.0.start + start + space
    }

    /// As exactly as `query`, a statement of the body that the server quotes, allows.
    fn error_at(
        &self,
        text: &[u8],
        line: usize,
        query: Option<std::borrow::Cow<'_, str>>,
        message: &ServerMessage,
    ) -> usize {
        let from = self.line(text, line);
        let rest = &text[from..self.0.end.max(from)];
        let found = query.zip(message.internal_position()).and_then(|(query, character)| {
            let written = format!("PERFORM{}", query.strip_prefix("SELECT").unwrap_or(&query));
            let in_query =
                crate::text::byte_of_character(query.as_bytes(), character.saturating_sub(1) as u64);
            memmem::find(rest, query.as_bytes())
                .map(|at| at + in_query)
                // PL/pgSQL sends PERFORM as SELECT, one letter shorter.
                .or_else(|| find_caseless(rest, &written).map(|at| at + in_query + 1))
        });
        found.map_or(from, |at| from + at)
    }
}

/// Where `written` stands, its keyword in any case.
fn find_caseless(text: &[u8], written: &str) -> Option<usize> {
    let keyword = "PERFORM".len();
    let (wanted, rest) = written.as_bytes().split_at(keyword);
    memmem::find_iter(text, rest)
        .filter_map(|at| at.checked_sub(keyword))
        .find(|&at| text[at..at + keyword].eq_ignore_ascii_case(wanted))
}

/// The number behind a word.
pub(super) fn number_after(frame: &str, word: &str) -> Option<usize> {
    let (_, rest) = frame.split_once(word)?;
    let digits = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits[..digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len())].parse().ok()
}

fn last_number(frame: &str) -> Option<usize> {
    let trimmed = frame.trim_end_matches(|c: char| !c.is_ascii_digit());
    trimmed[trimmed.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1)..].parse().ok()
}
