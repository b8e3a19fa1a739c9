//! `no-transaction-control`: the runner wraps each script.

use crate::lint::act::{Setting, Span, What};
use crate::lint::finding::Edit;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "no-transaction-control",
    wants: "no BEGIN, COMMIT or ROLLBACK: each script is wrapped by who runs it",
    why: "A script with its own COMMIT is half in place when what follows fails, and its row in the ledger is not part \
          of its transaction.",
    example: Example::Sql {
        wrong: "BEGIN;\nUPDATE users SET name = 'x';\nCOMMIT;",
        right: "UPDATE users SET name = 'x';",
    },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: true,
    check,
};

fn check(look: &mut Look) {
    let spans: Vec<&Span> = look
        .acts()
        .filter(|act| matches!(act.what, What::Transaction) && act.setting != Setting::Routine)
        .map(|act| &act.span)
        .collect();
    let is_wrapped = is_wrapped(look);
    for span in spans {
        let word = look.reading.source(span);
        let end = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
        let message = format!("`{}`: a script controls no transaction itself", word[..end].to_uppercase());
        let line = whole_line(&look.reading.text, span);
        let finding = look.report(span, message);
        if is_wrapped {
            finding.help("leave it out: the script runs in one transaction").fix([Edit::replace(line, "")]);
        } else {
            finding.help("split the script where it commits; what must stand alone has a file of its own");
        }
    }
}

/// A BEGIN at the beginning and a COMMIT at the end, and nothing else of the kind.
fn is_wrapped(look: &Look) -> bool {
    let kinds: Vec<bool> = look
        .statements()
        .iter()
        .map(|statement| statement.acts.iter().any(|act| matches!(act.what, What::Transaction)))
        .collect();
    let word = |index: usize| look.reading.source(&look.statements()[index].span).to_ascii_uppercase();
    match kinds.as_slice() {
        [true, middle @ .., true] if !middle.contains(&true) => {
            (word(0).starts_with("BEGIN") || word(0).starts_with("START"))
                && word(kinds.len() - 1).starts_with("COMMIT")
        }
        _ => false,
    }
}

/// The span with its line, if nothing else stands there.
fn whole_line(text: &[u8], span: &Span) -> Span {
    let start = text[..span.start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let end =
        text[span.end..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| span.end + at + 1);
    let is_alone =
        text[start..span.start].trim_ascii().is_empty() && text[span.end..end].trim_ascii().is_empty();
    if is_alone { start..end } else { span.clone() }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{fixed, found};

    #[test]
    fn a_wrapping_pair_is_taken_away() {
        let text = "-- a\nBEGIN;\nUPDATE users SET id = 1;\nCOMMIT;\n";
        assert_eq!(fixed("no-transaction-control", text), "-- a\nUPDATE users SET id = 1;\n");
        assert_eq!(fixed("no-transaction-control", "BEGIN; SELECT 1; COMMIT;"), " SELECT 1; ");
    }

    #[test]
    fn blocks_count_and_savepoints_and_procedures_do_not() {
        assert_eq!(found("no-transaction-control", "DO $$ BEGIN COMMIT; END $$;"), ["COMMIT;"]);
        assert_eq!(found("no-transaction-control", "BEGIN; SELECT 1; COMMIT; SELECT 2; ROLLBACK;").len(), 3);
        let fine =
            "SAVEPOINT a; ROLLBACK TO a; CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;";
        assert_eq!(found("no-transaction-control", fine), [""; 0]);
    }
}
