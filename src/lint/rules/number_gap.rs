//! `number-gap`: no number missing.

use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "number-gap",
    wants: "no number missing",
    why: "A gap is a script that was deleted though it ran somewhere, or one that is still to come and would then run \
          late on every database that is ahead of it.",
    example: Example::Files {
        wrong: &["001_a.sql", "003_c.sql"],
        right: &["001_a.sql", "002_b.sql", "003_c.sql"],
    },
    init: Severity::Warn,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let Some(id) = look.reading.id else { return };
    let before =
        look.before().iter().rev().find_map(|reading| Some((reading.id?.number, &reading.file.name)));
    let Some((last, name)) = before else { return };
    if id.number > last + 1 {
        let missing = match (last + 1, id.number - 1) {
            (from, to) if from == to => format!("number {from} is missing"),
            (from, to) => format!("numbers {from} to {to} are missing"),
        };
        let span = look.reading.first_line();
        look.report_script(span, format!("{missing}: `{}` follows `{name}`", look.reading.file.name));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::among;

    #[test]
    fn gaps_are_named_and_letters_are_none() {
        let found = among("number-gap", &["010_a.sql", "012_b.sql", "012a_c.sql", "016_d.sql", "x.sql"]);
        let expected = [
            "number 11 is missing: `012_b.sql` follows `010_a.sql`",
            "numbers 13 to 15 are missing: `016_d.sql` follows `012a_c.sql`",
        ];
        assert_eq!(found, expected);
    }
}
