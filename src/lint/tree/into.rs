//! `INTO` of PL/pgSQL: where its rows go. Without it, such a statement is SQL.

use crate::sql::lexer::{Token, Tokens};

/// The statement with blanks in place of its `INTO` and the targets; none where it has none.
pub fn without_into(text: &str) -> Option<String> {
    let tokens: Vec<Token> = Tokens::new(text.as_bytes(), true).collect();
    let mut depth = 0_i32;
    for (index, token) in tokens.iter().enumerate() {
        depth += nesting(token);
        let is_target = |before: &Token| !before.is("insert") && !before.is("merge");
        if depth == 0
            && token.is("into")
            && index.checked_sub(1).is_none_or(|before| is_target(&tokens[before]))
        {
            let end = targets(&tokens[index + 1..]).map_or(text.len(), |last| last.at + last.bytes.len());
            let blank = text[token.at..end].chars().map(|c| " ".repeat(c.len_utf8())).collect::<String>();
            return Some(format!("{}{blank}{}", &text[..token.at], &text[end..]));
        }
    }
    None
}

fn nesting(token: &Token) -> i32 {
    match token.bytes {
        b"(" | b"[" => 1,
        b")" | b"]" => -1,
        _ => 0,
    }
}

/// The last token of the targets: names, qualified or with subscripts, between commas.
fn targets<'a>(tokens: &[Token<'a>]) -> Option<Token<'a>> {
    let (mut last, mut depth, mut wants_name) = (None, 0, true);
    for token in tokens {
        let nesting = nesting(token);
        let belongs = match token.bytes {
            _ if depth > 0 || nesting > 0 => true,
            b"," | b"." => !wants_name,
            _ if token.is("strict") && last.is_none() => true,
            _ => wants_name && token.is_name(),
        };
        if !belongs {
            break;
        }
        depth += nesting;
        wants_name = matches!(token.bytes, b"," | b".") || token.is("strict") && last.is_none();
        last = Some(*token);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::without_into;

    #[test]
    fn the_rows_targets_are_blanked_and_nothing_else() {
        let cases = [
            ("SELECT a INTO x FROM t", "SELECT a        FROM t"),
            ("SELECT a INTO STRICT x, r.y[1] FROM t", "SELECT a                       FROM t"),
            ("UPDATE t SET a = 1 RETURNING id INTO x;", "UPDATE t SET a = 1 RETURNING id       ;"),
            ("INSERT INTO t VALUES (1) RETURNING id INTO x", "INSERT INTO t VALUES (1) RETURNING id       "),
            ("SELECT f(ARRAY(SELECT 1)) INTO x", "SELECT f(ARRAY(SELECT 1))       "),
        ];
        for (text, expected) in cases {
            assert_eq!(without_into(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(without_into("INSERT INTO t SELECT 1"), None);
        assert_eq!(without_into("WITH x AS (INSERT INTO t SELECT 1) SELECT 1"), None);
    }
}
