//! `unterminated`: nothing is cut off by the script's end.

use crate::lint::finding::Edit;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};
use crate::sql::lexer::Inside;

pub static RULE: Rule = Rule {
    name: "unterminated",
    wants: "quotes, comments and parentheses are closed; the last statement ends with `;` (that alone: a warning)",
    why: "psql sends what is left as it is. In a comment or a quote that is never closed, the rest of the script is lost.",
    example: Example::Sql { wrong: "SELECT 'it''s;\nDROP VIEW v;", right: "SELECT 'it''s';\nDROP VIEW v;" },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: true,
    check,
};

fn check(look: &mut Look) {
    if let Some((inside, position)) = look.reading.survey.as_ref().and_then(|survey| survey.inside) {
        let at = usize::try_from(position.offset).unwrap_or(usize::MAX).min(look.reading.text.len());
        let words = words(inside);
        look.report(&(at..(at + 1).min(look.reading.text.len())), format!("{words} is never closed"))
            .label("the script ends inside");
    } else if let Some(last) = look.statements().last().filter(|last| !last.ends_with_semicolon) {
        // `\g` and its kin end a statement as well.
        let rest = look.reading.text.get(last.span.end..).unwrap_or_default();
        if !rest.contains(&b'\\') {
            let end = last.span.end;
            look.report(&(end.saturating_sub(1)..end), "the last statement does not end with `;`")
                .mild()
                .fix([Edit::insert(end, ";")]);
        }
    }
}

fn words(inside: Inside) -> &'static str {
    match inside {
        Inside::Quote => "this quote",
        Inside::Identifier => "this quoted name",
        Inside::DollarQuote => "this dollar quote",
        Inside::Comment => "this comment",
        Inside::Parentheses => "this parenthesis",
        Inside::AtomicBody => "this body",
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{fixed, found};

    #[test]
    fn what_is_open_is_shown_where_it_was_opened() {
        let cases = [
            ("SELECT 'a;", "'"),
            ("SELECT 1;\n/* a;", "/"),
            ("DO $$ BEGIN", "$"),
            ("SELECT (1; SELECT 'b';", "("),
        ];
        for (text, expected) in cases {
            assert_eq!(found("unterminated", text), [expected], "{text}");
        }
    }

    #[test]
    fn a_last_semicolon_is_added_before_comments() {
        assert_eq!(fixed("unterminated", "SELECT 1\n-- done\n"), "SELECT 1;\n-- done\n");
        assert_eq!(found("unterminated", "SELECT 1 \\gset\n"), [""; 0]);
    }
}
