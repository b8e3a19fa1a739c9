//! `empty-script`: a script does something.

use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};
use crate::script::Kind;

pub static RULE: Rule = Rule {
    name: "empty-script",
    wants: "a script does something",
    why: "A file that was emptied, or whose statements are all in comments, counts as applied from then on.",
    example: Example::Sql { wrong: "-- SELECT 1;", right: "SELECT 1;" },
    init: Severity::Warn,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let is_idle = match &look.reading.survey {
        Some(survey) => look.statements().is_empty() && survey.commands.is_empty(),
        None => look.reading.file.kind == Kind::Shell && look.reading.text.trim_ascii().is_empty(),
    };
    if is_idle {
        let span = look.reading.first_line();
        look.report_script(span, "the script does nothing");
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{found, found_in};

    #[test]
    fn comments_do_nothing_and_commands_something() {
        assert_eq!(found("empty-script", "-- a\n/* b */\n"), ["-- a"]);
        assert_eq!(found("empty-script", "\\i other.sql\n"), [""; 0]);
        assert_eq!(found_in("empty-script", &[("001_a.sh", " \n")]).len(), 1);
    }
}
