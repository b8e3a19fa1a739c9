//! `enum-check`: columns with a few values say which.

use crate::lint::catalog::{KnownColumn, Table};
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "enum-check",
    wants: "text columns like `status`, `type`, `kind` carry a CHECK, or are of an enum type",
    why: "A value with a typing error is otherwise found by whoever reads it.",
    example: Example::Sql {
        wrong: "CREATE TABLE IF NOT EXISTS jobs (status VARCHAR(20));",
        right: "CREATE TABLE IF NOT EXISTS jobs (status VARCHAR(20) CHECK (status IN ('new', 'done')));",
    },
    init: Severity::Off,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

const WORDS: [&str; 8] = ["status", "state", "type", "kind", "level", "severity", "priority", "mode"];

fn check(look: &mut Look) {
    let index = look.index;
    for table in look.catalog().of_script(index).filter(|table| !table.is_temporary) {
        let own = table.columns.iter().filter(|column| column.script == index);
        for column in own.filter(|column| is_open(table, column)) {
            look.report(&column.column.name.span, format!("`{}.{}` takes any text", table.name, column.name))
                .help(format!("add `CHECK ({} IN (…))`, or an enum type", column.name));
        }
    }
}

fn is_open(table: &Table, column: &KnownColumn) -> bool {
    let is_meant = column.name.rsplit('_').next().is_some_and(|word| WORDS.contains(&word));
    let is_text = column.of_type.is_some_and(|of_type| of_type.is_text() && !of_type.is_array());
    let names =
        |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == column.name);
    let refers = table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
    is_meant && is_text && !refers && !table.checks.iter().any(|check| names(check))
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{found, found_in};

    #[test]
    fn a_check_may_come_later_and_a_foreign_key_is_one() {
        let fine = "CREATE TABLE t (status text REFERENCES statuses, kind my_enum, mime_type text CHECK (mime_type <> ''), typed text);";
        assert_eq!(found("enum-check", fine), [""; 0]);
        let table = ("001_a.sql", "CREATE TABLE t (order_status text, kind char(1));");
        let check = ("002_b.sql", "ALTER TABLE t ADD CONSTRAINT c CHECK (order_status IN ('a', 'b'));");
        assert_eq!(found_in("enum-check", &[table, check]), ["kind"]);
    }
}
