//! `jsonb-not-json`: documents are stored parsed.

use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "jsonb-not-json",
    wants: "JSONB, not JSON",
    why: "JSON is kept as text: it has no equality, no index, and is parsed at each use.",
    example: Example::Sql {
        wrong: "CREATE TABLE IF NOT EXISTS events (payload JSON);",
        right: "CREATE TABLE IF NOT EXISTS events (payload JSONB);",
    },
    init: Severity::Warn,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    for (table, column) in look.columns() {
        if let Some(of_type) = column.of_type.as_ref().filter(|of_type| of_type.base() == "json") {
            look.report(&of_type.span, format!("`{table}.{}` is JSON", column.name)).label("write JSONB");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn columns_count_and_functions_do_not() {
        assert_eq!(found("jsonb-not-json", "ALTER TABLE users ADD COLUMN a json, ADD b jsonb;"), ["json"]);
        assert_eq!(found("jsonb-not-json", "SELECT '{}'::json, json_agg(1);"), [""; 0]);
    }
}
