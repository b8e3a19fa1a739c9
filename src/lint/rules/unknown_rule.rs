//! `unknown-rule`: a comment that allows something names a rule.

use crate::lint::config;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};
use crate::lint::rules;

pub static RULE: Rule = Rule {
    name: "unknown-rule",
    wants: "`-- dbctl: allow RULE` names rules that exist",
    why: "A comment with a typing error silences nothing, and looks as if it did.",
    example: Example::Sql {
        wrong: "-- dbctl: allow nodrop\nDROP TABLE IF EXISTS users;",
        right: "-- dbctl: allow no-drop\nDROP TABLE IF EXISTS users;",
    },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    for (name, span) in look.reading.allowances.iter().flat_map(|allowance| &allowance.rules) {
        if rules::find(name).is_none() {
            let finding = look.report(span, format!("there is no rule `{name}`"));
            match config::nearest(name) {
                Some(nearest) => finding.label(format!("did you mean `{nearest}`?")),
                None => finding.help("`dbctl lint --list` shows the rules"),
            };
        }
    }
    for allowance in look.reading.allowances.iter().filter(|allowance| allowance.rules.is_empty()) {
        let at = allowance.statement.map_or(0, |index| look.statements()[index].span.start);
        look.report(&(at..at), "`-- dbctl: allow` names no rule");
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn names_are_compared_one_by_one() {
        assert_eq!(
            found("unknown-rule", "-- dbctl: allow no-drop, heade\nSELECT 1; -- dbctl: allow x\n"),
            ["heade", "x"]
        );
    }
}
