//! `lock-heavy`: nobody waits for a script.

use crate::lint::act::{Act, ConstraintKind, Name, What};
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "lock-heavy",
    wants: "on an existing table no SET NOT NULL without a validated CHECK, no ADD FOREIGN KEY without NOT VALID, no change \
            of a type, no CREATE INDEX without CONCURRENTLY",
    why: "Each of them reads or rewrites the whole table under a lock for which every writer waits.",
    example: Example::Sql {
        wrong: "CREATE INDEX IF NOT EXISTS idx_users_name ON users (name);",
        right: "CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_name ON users (name);",
    },
    init: Severity::Off,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    for act in look.acts().filter(|act| act.is_run()) {
        let Some((table, problem, help)) = heavy(look, act) else { continue };
        if is_existing(look, table) {
            look.report(&act.span, format!("{problem} while `{table}` is locked")).help(help);
        }
    }
}

fn heavy<'a>(look: &Look, act: &'a Act) -> Option<(&'a Name, &'static str, &'static str)> {
    match &act.what {
        What::CreateIndex(index) if !index.is_concurrent => {
            Some((&index.table, "an index is built", "CREATE INDEX CONCURRENTLY, alone in its file"))
        }
        What::SetType { table, .. } => Some((
            table,
            "every row is rewritten",
            "add a column of the new type, fill it in steps, then exchange them",
        )),
        What::SetNotNull { table, column } if !is_checked(look, column) => Some((
            table,
            "every row is read",
            "ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID, VALIDATE it, then SET NOT NULL reads nothing",
        )),
        What::AddConstraint { table, constraint } if constraint.is_valid => match constraint.kind {
            ConstraintKind::Foreign { .. } => {
                Some((table, "every row is compared", "add it NOT VALID, and VALIDATE it in the next script"))
            }
            _ => None,
        },
        _ => None,
    }
}

/// A table that this script does not make.
fn is_existing(look: &Look, name: &Name) -> bool {
    let makes = |act: &Act| matches!(&act.what, What::CreateTable(table) if table.name.is_same(name));
    !look.acts().any(makes)
}

/// Whether some check says that the column is not null, and is validated.
fn is_checked(look: &Look, column: &Name) -> bool {
    let wanted = format!("{} is not null", column.name);
    let readings = look.before().iter().chain([look.reading]);
    let acts = readings.flat_map(|reading| &reading.statements).flat_map(|statement| &statement.acts);
    let (mut is_valid, mut waiting) = (false, Vec::new());
    for act in acts {
        match &act.what {
            What::AddConstraint { constraint, .. } => {
                if matches!(&constraint.kind, ConstraintKind::Check { text } if text.contains(&wanted)) {
                    is_valid |= constraint.is_valid;
                    waiting.extend(constraint.name.as_ref().map(|name| &name.name));
                }
            }
            What::ValidateConstraint { constraint, .. } => is_valid |= waiting.contains(&&constraint.name),
            _ => {}
        }
    }
    is_valid
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn each_heavy_statement_is_found_on_tables_that_exist() {
        let text = "ALTER TABLE users ALTER name TYPE varchar(9), ALTER id SET NOT NULL;\
                    ALTER TABLE users ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES x; CREATE INDEX i ON other (a);";
        assert_eq!(found("lock-heavy", text).len(), 4);
    }

    #[test]
    fn what_is_validated_or_new_is_light() {
        let text = "ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c; \
                    ALTER TABLE users ALTER name SET NOT NULL; ALTER TABLE users ADD FOREIGN KEY (id) REFERENCES x NOT VALID; \
                    CREATE TABLE t (a int); CREATE INDEX i ON t (a); ALTER TABLE t ALTER a TYPE bigint;";
        assert_eq!(found("lock-heavy", text), [""; 0]);
        let unvalidated = "ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID; ALTER TABLE users ALTER name SET NOT NULL;";
        assert_eq!(found("lock-heavy", unvalidated).len(), 1);
    }
}
