//! `alter-guarded`: what is added to a table may be there already.

use crate::lint::act::{Name, What};
use crate::lint::finding::Edit;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "alter-guarded",
    wants: "ALTER TABLE … ADD COLUMN with `IF NOT EXISTS`, ADD CONSTRAINT inside a `DO` block that asks first",
    why: "A script that was interrupted, or that ran by hand before, must be able to run again. PostgreSQL has no \
          `ADD CONSTRAINT IF NOT EXISTS`.",
    example: Example::Sql {
        wrong: "ALTER TABLE users ADD COLUMN nickname TEXT;\nALTER TABLE users ADD CONSTRAINT users_name_key UNIQUE (name);",
        right: "ALTER TABLE users ADD COLUMN IF NOT EXISTS nickname TEXT;\nDO $$\nBEGIN\n    IF NOT EXISTS (SELECT 1 FROM \
                pg_constraint WHERE conname = 'users_name_key') THEN\n        ALTER TABLE users ADD CONSTRAINT users_name_key \
                UNIQUE (name);\n    END IF;\nEND $$;",
    },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: true,
    check,
};

fn check(look: &mut Look) {
    let mut dropped: Vec<(&Name, &Name)> = Vec::new();
    for act in look.acts() {
        match &act.what {
            What::DropConstraint { table, constraint, if_exists: true } => dropped.push((table, constraint)),
            What::AddColumn { table, column, if_not_exists: false, insert } if act.is_unguarded() => {
                let message = format!("column `{table}.{}` is added without IF NOT EXISTS", column.name);
                let finding = look.report(&column.name.span, message).label("a second run fails here");
                finding.help("write `ADD COLUMN IF NOT EXISTS`");
                if act.span.contains(insert) {
                    finding.fix([Edit::insert(*insert, addition(*insert, &act.span))]);
                }
            }
            What::AddConstraint { table, constraint } if act.is_unguarded() => {
                let is_gone = |name: &Name| {
                    dropped.iter().any(|(on, gone)| on.is_same(table) && gone.name == name.name)
                };
                if !constraint.name.as_ref().is_some_and(is_gone) {
                    let span = constraint.name.as_ref().map_or(&constraint.span, |name| &name.span);
                    look.report(
                        span,
                        format!("a constraint is added to `{table}` and nothing asks whether it is there"),
                    )
                    .label("a second run fails here")
                    .help("ask pg_constraint in a `DO` block, as `dbctl new --foreign-key` writes it");
                }
            }
            _ => {}
        }
    }
}

/// The keyword `COLUMN` is optional, and so may be missing.
fn addition(insert: usize, action: &std::ops::Range<usize>) -> &'static str {
    if insert - action.start <= "ADD".len() { " COLUMN IF NOT EXISTS" } else { " IF NOT EXISTS" }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{fixed, found};

    #[test]
    fn columns_are_mended() {
        let text = "ALTER TABLE users ADD COLUMN a int, ADD b int;";
        let expected = "ALTER TABLE users ADD COLUMN IF NOT EXISTS a int, ADD COLUMN IF NOT EXISTS b int;";
        assert_eq!(fixed("alter-guarded", text), expected);
    }

    #[test]
    fn a_constraint_may_be_dropped_first_or_be_asked_for() {
        let unguarded = "ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0);";
        assert_eq!(found("alter-guarded", unguarded), ["c"]);
        assert_eq!(found("alter-guarded", "ALTER TABLE users ADD CHECK (id > 0);"), ["CHECK (id > 0)"]);
        let dropped = format!("ALTER TABLE users DROP CONSTRAINT IF EXISTS c;\n{unguarded}");
        assert_eq!(found("alter-guarded", &dropped), [""; 0]);
        let asked = format!("DO $$ BEGIN IF true THEN {unguarded} END IF; END $$;");
        assert_eq!(found("alter-guarded", &asked), [""; 0]);
        let block = format!("DO $$ BEGIN {unguarded} END $$;");
        assert_eq!(found("alter-guarded", &block), ["c"]);
    }
}
