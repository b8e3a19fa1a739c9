//! Which statements must not be followed, or overtaken, before the server has answered.

use memchr::{memchr2_iter, memmem};

use super::failure::Outside;
use crate::sql::lexer::Position;
use crate::sql::statement::{Alone, Kind, Transaction, kinds};

/// What a statement's text says about sending it without waiting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Caution {
    pub kinds: Vec<Kind>,
    /// The next statement may depend on the answer, or an answer before it on this one: data follows, the
    /// encoding changes, a failed transaction is left.
    pub wait: bool,
    pub outside: Outside,
    pub may_be_read_only: bool,
}

impl Caution {
    pub fn of(text: &[u8], standard_strings: bool) -> Self {
        let kinds = kinds(text, standard_strings);
        let verb = verb(text);
        let is = |verbs: &[&str]| verbs.iter().any(|other| verb.eq_ignore_ascii_case(other.as_bytes()));
        // Rows come in great numbers; they are not searched for what only a function could do.
        let runs = is(&["set", "select", "with", "values", "do", "call", "execute"]);
        let steers = runs && (mentions(text, b"client_encoding") || mentions(text, b"conforming_strings"));
        let wait = kinds.len() > 1 || steers || kinds.iter().any(must_be_answered);
        Self {
            kinds,
            wait: wait || is(&["copy"]),
            outside: outside(verb, text),
            may_be_read_only: runs && mentions(text, b"only"),
        }
    }

    /// The statement that would end the transaction in which the script runs.
    pub fn transaction_end(&self) -> Option<Transaction> {
        self.kinds.iter().find_map(|kind| match kind {
            Kind::Transaction(
                end @ (Transaction::Commit { .. } | Transaction::Rollback { .. } | Transaction::Prepare),
            ) => Some(*end),
            _ => None,
        })
    }
}

fn must_be_answered(kind: &Kind) -> bool {
    match kind {
        Kind::Transaction(_) | Kind::Alone(Alone::DiscardAll) | Kind::CopyFromStdin { .. } => true,
        Kind::Setting { name, .. } => {
            matches!(name.as_str(), "names" | "all" | "client_encoding" | "standard_conforming_strings")
        }
        Kind::Alone(_) | Kind::CopyToStdout | Kind::Other => false,
    }
}

fn outside(verb: &[u8], text: &[u8]) -> Outside {
    const LASTING: [&[u8]; 3] = [b"dblink", b"lo_", b"pg_"];
    let is = |verbs: &[&str]| verbs.iter().any(|other| verb.eq_ignore_ascii_case(other.as_bytes()));
    let defines =
        ["create", "alter", "drop", "comment", "grant", "revoke", "set", "reset", "truncate", "lock"];
    let writes = ["insert", "update", "delete", "merge", "copy"];
    let harmless = ["vacuum", "analyze", "cluster", "reindex", "savepoint", "rollback", "release", "show"];
    if is(&defines) || is(&harmless) || verb.is_empty() {
        Outside::Nothing
    } else if is(&writes) {
        let leaves = LASTING.iter().any(|word| memmem::find(text, word).is_some());
        let leaves = leaves || (is(&["copy"]) && mentions(text, b"program"));
        if leaves { Outside::Anything } else { Outside::Sequences }
    } else {
        Outside::Anything
    }
}

/// The statement's first word.
pub(super) fn verb(text: &[u8]) -> &[u8] {
    let text = &text[first_token(text)..];
    let end =
        text.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(text.len());
    &text[..end]
}

/// Where the first token begins, behind white space and comments; 0 where there is none.
pub(super) fn first_token(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let rest = &text[at..];
        match rest {
            [] => return 0,
            [b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c, ..] => at += 1,
            [b'-', b'-', ..] => at += memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
            [b'/', b'*', ..] => at += comment_length(rest),
            _ => return at,
        }
    }
}

fn comment_length(text: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        match &text[at..] {
            [b'/', b'*', ..] => depth += 1,
            [b'*', b'/', ..] => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// Whether `word` (in lower case) is in the text, in any case.
pub(super) fn mentions(text: &[u8], word: &[u8]) -> bool {
    let first = word[0];
    memchr2_iter(first, first.to_ascii_uppercase(), text)
        .any(|at| text[at..].get(..word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word)))
}

/// The line of the COPY data at which the server's context says that it stopped: "COPY t, line 3, …".
pub(super) fn data_line(context: &[u8], first: u64) -> Option<Position> {
    let text = std::str::from_utf8(context).ok()?.lines().find(|line| line.starts_with("COPY "))?;
    let number = text.split_once(", line ")?.1;
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let line: u64 = number[..digits].parse().ok()?;
    Some(Position { line: first + line.checked_sub(1)?, column: 1, offset: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_found_behind_comments() {
        assert_eq!(verb(b"-- about\n /* a /* b */ */ Insert into t"), b"Insert");
        assert_eq!(verb(b" -- nothing"), b"");
    }

    #[test]
    fn rows_do_not_wait_but_copies_and_settings_do() {
        assert!(!Caution::of(b"insert into t values (1);", true).wait);
        for text in [
            "COPY t FROM stdin;",
            "set names latin1;",
            "rollback to a",
            "reset all",
            "select set_config('CLIENT_encoding', 'x', false)",
        ] {
            assert!(Caution::of(text.as_bytes(), true).wait, "{text}");
        }
    }

    #[test]
    fn a_context_names_the_line_of_the_data() {
        let found = data_line(b"COPY t, line 3, column a: \"x\"", 10);
        assert_eq!(found.map(|position| position.line), Some(12));
        assert_eq!(data_line(b"PL/pgSQL function f() line 3", 10), None);
    }
}
