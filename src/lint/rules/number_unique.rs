//! `number-unique`: no number twice.

use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "number-unique",
    wants: "no number twice",
    why: "Two branches that both add script 030 run in the order of the rest of their names, which nobody has chosen. \
          dbctl refuses such an init dir.",
    example: Example::Files { wrong: &["001_a.sql", "001_b.sql"], right: &["001_a.sql", "002_b.sql"] },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let Some(id) = look.reading.id else { return };
    let Some(first) = look.before().iter().find(|reading| reading.id == Some(id)) else { return };
    let message =
        format!("number {id} is used twice: `{}` and `{}`", first.file.name, look.reading.file.name);
    let highest = look.set.readings.iter().filter_map(|reading| reading.id).map(|id| id.number).max();
    let next = highest.unwrap_or(0) + 1;
    let span = look.reading.first_line();
    look.report_script(span, message).help(format!("the next free number is {next}"));
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::among;

    #[test]
    fn zeros_and_the_case_of_letters_do_not_make_a_number_another() {
        assert_eq!(among("number-unique", &["1_a.sql", "001_b.sql"]).len(), 1);
        assert_eq!(among("number-unique", &["108a_a.sql", "108A_b.sql"]).len(), 1);
        assert_eq!(among("number-unique", &["108_a.sql", "108a_b.sql", "x.sql", "y.sql"]), [""; 0]);
    }
}
