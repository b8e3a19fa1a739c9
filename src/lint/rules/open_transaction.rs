//! `open-transaction`: a BEGIN has its COMMIT.

use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "open-transaction",
    wants: "no script ends inside a transaction that it began",
    why: "psql ends with exit code 0, the server rolls back, and the image says that the script ran.",
    example: Example::Sql {
        wrong: "BEGIN;\nUPDATE users SET name = 'x';",
        right: "UPDATE users SET name = 'x';",
    },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let Some(position) = look.reading.survey.as_ref().and_then(|survey| survey.open_transaction) else {
        return;
    };
    let at = usize::try_from(position.offset).unwrap_or(usize::MAX).min(look.reading.text.len());
    let length = crate::text::token_length(&look.reading.text[at..]);
    look.report(&(at..at + length), "the script ends inside the transaction that begins here")
        .label("all of it is rolled back, in silence")
        .help("leave BEGIN out, or add COMMIT");
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn the_last_begin_counts() {
        let text = "BEGIN; COMMIT; START TRANSACTION; SELECT 1;";
        assert_eq!(found("open-transaction", text), ["START"]);
        assert_eq!(found("open-transaction", "BEGIN; ROLLBACK; DO $$ BEGIN NULL; END $$;"), [""; 0]);
    }
}
