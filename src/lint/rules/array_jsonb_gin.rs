//! `array-jsonb-gin`: what is searched inside has an index for that.

use crate::lint::act::Type;
use crate::lint::catalog::Table;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "array-jsonb-gin",
    wants: "a GIN index on every array and JSONB column",
    why: "`@>`, `?` and `&&` read the whole table without one.",
    example: Example::Sql {
        wrong: "CREATE TABLE IF NOT EXISTS posts (tags TEXT[]);",
        right: "CREATE TABLE IF NOT EXISTS posts (tags TEXT[]);\nCREATE INDEX IF NOT EXISTS idx_posts_tags ON posts USING GIN (tags);",
    },
    init: Severity::Off,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let index = look.index;
    let is_meant = |of_type: &&Type| of_type.is_array() || of_type.base() == "jsonb";
    for table in look.catalog().of_script(index).filter(|table| !table.is_temporary && !table.is_derived) {
        let own = table.columns.iter().filter(|column| column.script == index);
        for column in own
            .filter(|column| column.of_type.as_ref().is_some_and(is_meant) && !has_gin(table, &column.name))
        {
            let message = format!("`{}.{}` has no GIN index", table.name, column.name);
            let help = format!(
                "CREATE INDEX IF NOT EXISTS idx_{}_{} ON {} USING GIN ({});",
                table.name.name, column.name, table.name, column.name
            );
            look.report(&column.column.name.span, message).help(help);
        }
    }
}

fn has_gin(table: &Table, column: &str) -> bool {
    let names =
        |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == column);
    table.indexes.iter().any(|index| index.method == "gin" && names(&index.text))
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{found, found_in};

    #[test]
    fn an_index_may_come_later_and_on_an_expression() {
        let table = ("001_a.sql", "CREATE TABLE t (a jsonb, b int[], c text ARRAY);");
        let index = ("002_b.sql", "CREATE INDEX i ON t USING gin ((a -> 'x') jsonb_path_ops, b);");
        assert_eq!(found_in("array-jsonb-gin", &[table, index]), ["c"]);
        assert_eq!(
            found_in("array-jsonb-gin", &[table, ("002_b.sql", "CREATE INDEX i ON t (a, b, c);")]).len(),
            3
        );
    }

    #[test]
    fn an_added_column_counts_and_a_temporary_table_does_not() {
        assert_eq!(found("array-jsonb-gin", "ALTER TABLE users ADD COLUMN x jsonb;"), ["x"]);
        assert_eq!(found("array-jsonb-gin", "CREATE TEMP TABLE t (a jsonb);"), [""; 0]);
    }
}
