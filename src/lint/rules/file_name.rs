//! `file-name`: scripts are called alike.

use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};
use crate::script::ScriptId;

pub static RULE: Rule = Rule {
    name: "file-name",
    wants: "`NNN_lower_snake_case.sql`, numbers of equal width",
    why: "The image runs scripts in the order of their names as text, in its own locale. Numbers of one width, small \
          letters and underscores sort alike everywhere; a script without a number comes last, wherever it belongs.",
    example: Example::Files {
        wrong: &["001_users.sql", "2_Add-Orders.sql"],
        right: &["001_users.sql", "002_add_orders.sql"],
    },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let name = look.reading.file.name.as_str();
    let width = |name: &str| name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
    let numbered = look.set.readings.iter().filter(|reading| reading.id.is_some());
    let usual = numbered.map(|reading| width(&reading.file.name)).next();
    let problem = match look.reading.id {
        None => Some("has no number".to_owned()),
        Some(_) if !is_snake_case(name) => Some("is not in lower_snake_case behind its number".to_owned()),
        Some(_) => usual
            .filter(|&usual| usual != width(name))
            .map(|usual| format!("has a number of {} digits, the first script one of {usual}", width(name))),
    };
    if let Some(problem) = problem {
        let help = format!("call it like `{}`", proposal(name, usual.unwrap_or(3)));
        let span = look.reading.first_line();
        look.report_script(span, format!("the file's name `{name}` {problem}")).help(help);
    }
}

/// `001_a_b.sql`, `001a_a_b.sql.gz`.
fn is_snake_case(name: &str) -> bool {
    let (stem, _) = name.split_once('.').unwrap_or((name, ""));
    let rest = stem.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest
        .strip_prefix(|c: char| c.is_ascii_lowercase())
        .filter(|rest| rest.starts_with('_'))
        .unwrap_or(rest);
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    rest.strip_prefix('_').is_some_and(|words| words.split('_').all(is_word))
}

fn proposal(name: &str, width: usize) -> String {
    let (stem, ending) = name.split_once('.').unwrap_or((name, "sql"));
    let digits = stem.find(|c: char| !c.is_ascii_digit()).unwrap_or(stem.len());
    let number = match ScriptId::of_name(name) {
        Some(id) => format!("{:0width$}", id.number),
        None => "N".repeat(width),
    };
    let words: String = stem[digits..]
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect();
    let words: Vec<&str> = words.split('_').filter(|word| !word.is_empty()).collect();
    let words = if words.is_empty() { "what_it_does".to_owned() } else { words.join("_") };
    format!("{number}_{words}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::proposal;
    use crate::lint::rules::testing::among;

    #[test]
    fn names_that_sort_alike_everywhere_are_kept() {
        let right = ["001_a.sql", "002_b_2.sql.gz", "003_c.sh", "003a_late.sql"];
        assert_eq!(among("file-name", &right), [""; 0]);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let wrong = ["001_a.sql", "02_b.sql", "003-c.sql", "004_D.sql", "005.sql", "006__x.sql", "roles.sql"];
        let found = among("file-name", &wrong);
        assert_eq!(found.len(), 6, "{found:?}");
        assert!(
            found[0].contains("`02_b.sql` has a number of 2 digits, the first script one of 3"),
            "{found:?}"
        );
        assert!(found[5].contains("`roles.sql` has no number"));
    }

    #[test]
    fn a_better_name_is_proposed() {
        assert_eq!(proposal("2_Add-Orders.sql.gz", 3), "002_add_orders.sql.gz");
        assert_eq!(proposal("roles.sql", 3), "NNN_roles.sql");
        assert_eq!(proposal("7.sql", 2), "07_what_it_does.sql");
    }
}
