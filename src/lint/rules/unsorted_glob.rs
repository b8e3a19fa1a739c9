//! `unsorted-glob`: scripts run in the same order everywhere.

use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "unsorted-glob",
    wants: "names sort alike by number, by bytes and by the image's locale",
    why: "The entrypoint takes scripts as its shell's `*` gives them: in `en_US` on Debian, by bytes on Alpine. dbctl \
          takes them by number.",
    example: Example::Files {
        wrong: &["9_first.sql", "10_second.sql"],
        right: &["09_first.sql", "10_second.sql"],
    },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let name = &look.reading.file.name;
    let before = look.before().iter().map(|reading| &reading.file.name);
    let by_bytes = before.clone().find(|other| *other > name);
    let by_locale = before.clone().find(|other| collation(other) > collation(name));
    let (other, order) = match (by_bytes, by_locale) {
        (Some(other), _) => (other, "by bytes (as on Alpine)"),
        (None, Some(other)) => (other, "in the locale en_US (as on Debian)"),
        (None, None) => return,
    };
    let message = format!("`{name}` runs after `{other}` by its number, but before it {order}");
    let span = look.reading.first_line();
    look.report_script(span, message).help("numbers of equal width, then small letters and underscores");
}

/// The key by which glibc's `en_US.UTF-8` sorts ASCII: punctuation, digits, letters without regard to case; then
/// small letters before capital ones.
fn collation(name: &str) -> (Vec<u32>, Vec<bool>) {
    const PUNCTUATION: &str = "_-,;:!?/.`^~'\"()[]{}@$*\\&#%+<=>|";
    let weight = |c: char| match (PUNCTUATION.find(c), c) {
        (Some(place), _) => u32::try_from(place).unwrap_or(0),
        (None, '0'..='9') => 100 + u32::from(c),
        _ => 1_000 + u32::from(c.to_ascii_lowercase()),
    };
    (name.chars().map(weight).collect(), name.chars().map(char::is_uppercase).collect())
}

#[cfg(test)]
mod tests {
    use super::collation;
    use crate::lint::rules::testing::among;

    #[test]
    fn the_locale_of_the_image_puts_an_underscore_before_a_dot() {
        assert!(collation("001_schema_data.sql") < collation("001_schema.sql"));
        assert!(collation("108_x.sql") < collation("108a_x.sql"));
        assert!(collation("001_a.sql") < collation("001_B.sql"));
    }

    #[test]
    fn a_letter_behind_a_number_must_be_small() {
        assert_eq!(
            among("unsorted-glob", &["107_x.sql", "108_x.sql", "108a_x.sql", "109_x.sql", "x.sql"]),
            [""; 0]
        );
        let found = among("unsorted-glob", &["108_x.sql", "108A_x.sql"]);
        assert_eq!(
            found,
            ["`108A_x.sql` runs after `108_x.sql` by its number, but before it by bytes (as on Alpine)"]
        );
    }
}
