//! `new-column-default`: a new column fits the rows that are there.

use crate::lint::act::{Column, ConstraintKind, What};
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "new-column-default",
    wants: "a column that is added to an existing table has a default, or may be null",
    why: "With rows in the table the server refuses a NOT NULL column without a default; on an empty volume it does not, \
          so the error shows first where the data are.",
    example: Example::Sql {
        wrong: "ALTER TABLE users ADD COLUMN IF NOT EXISTS age INTEGER NOT NULL;",
        right: "ALTER TABLE users ADD COLUMN IF NOT EXISTS age INTEGER NOT NULL DEFAULT 0;",
    },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    for act in look.acts().filter(|act| act.is_run()) {
        let What::AddColumn { table, column, .. } = &act.what else { continue };
        let made = look.catalog().table(table).and_then(|table| table.script);
        if made != Some(look.index) && needs_value(column) {
            look.report(
                &column.span,
                format!("column `{table}.{}` is NOT NULL and has no default", column.name),
            )
            .label("fails where the table has rows")
            .help("add a DEFAULT; or add it without NOT NULL, fill it, then SET NOT NULL");
        }
    }
}

fn needs_value(column: &Column) -> bool {
    let is_filled = |kind: &ConstraintKind| {
        matches!(kind, ConstraintKind::Default { .. } | ConstraintKind::Identity | ConstraintKind::Generated)
    };
    let is_strict =
        column.has(|kind| matches!(kind, ConstraintKind::NotNull | ConstraintKind::Primary { .. }));
    is_strict
        && !column.has(is_filled)
        && !column.of_type.as_ref().is_some_and(crate::lint::act::Type::is_serial)
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn only_columns_that_rows_would_miss_count() {
        let fine = [
            "ALTER TABLE users ADD a int;",
            "ALTER TABLE users ADD a bigserial NOT NULL;",
            "ALTER TABLE users ADD a int GENERATED ALWAYS AS IDENTITY NOT NULL;",
            "ALTER TABLE users ADD a int GENERATED ALWAYS AS (id * 2) STORED NOT NULL;",
            "CREATE TABLE t (); ALTER TABLE t ADD a int NOT NULL;",
        ];
        for text in fine {
            assert_eq!(found("new-column-default", text), [""; 0], "{text}");
        }
        let block = "DO $$ BEGIN IF true THEN ALTER TABLE unknown ADD COLUMN a int NOT NULL; END IF; END $$;";
        assert_eq!(found("new-column-default", block), ["ADD COLUMN a int NOT NULL"]);
    }
}
