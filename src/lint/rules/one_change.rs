//! `one-change`: a script does one thing.

use crate::lint::act::{ConstraintKind, Table, What};
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "one-change",
    wants: "one logical change a file: the tables that it creates refer to each other",
    why: "Two changes in one file are applied, reviewed and taken back together.",
    example: Example::Sql {
        wrong: "CREATE TABLE IF NOT EXISTS a (id SERIAL PRIMARY KEY);\nCREATE TABLE IF NOT EXISTS b (id SERIAL PRIMARY KEY);",
        right: "CREATE TABLE IF NOT EXISTS a (id SERIAL PRIMARY KEY);\nCREATE TABLE IF NOT EXISTS b (a_id INTEGER REFERENCES a);",
    },
    init: Severity::Off,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let tables: Vec<&Table> = look
        .acts()
        .filter_map(|act| match &act.what {
            What::CreateTable(table) if act.is_run() && !table.is_temporary && !table.is_derived => {
                Some(table)
            }
            _ => None,
        })
        .collect();
    // Each table's group is named by the smallest index in it.
    let mut groups: Vec<usize> = (0..tables.len()).collect();
    for (index, table) in tables.iter().enumerate() {
        for other in (0..tables.len()).filter(|&other| refers(table, tables[other])) {
            let (from, to) = (groups[index].max(groups[other]), groups[index].min(groups[other]));
            groups.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
        }
    }
    for (index, table) in
        tables.iter().enumerate().filter(|(index, _)| *index > 0 && groups[*index] == *index)
    {
        let message = format!("table `{}` has nothing to do with `{}`", table.name, tables[index - 1].name);
        look.report(&table.name.span, message).help("give it a script of its own");
    }
}

/// By a foreign key, or by its name: `orders` and `order_items`.
fn refers(table: &Table, other: &Table) -> bool {
    let columns = table.columns.iter().flat_map(|column| &column.constraints);
    let singular = other.name.name.trim_end_matches('s');
    columns.chain(&table.constraints).any(|constraint| {
        matches!(&constraint.kind, ConstraintKind::Foreign { to, .. } if to.is_same(&other.name))
    }) || table.name.name.starts_with(&format!("{singular}_"))
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn tables_that_refer_to_each_other_are_one_change() {
        let chain = "CREATE TABLE a (x int, FOREIGN KEY (x) REFERENCES c); CREATE TABLE b (x int REFERENCES a); CREATE TABLE c (x int);";
        assert_eq!(found("one-change", chain), [""; 0]);
        assert_eq!(found("one-change", "CREATE TABLE orders (); CREATE TABLE order_items ();"), [""; 0]);
        assert_eq!(
            found("one-change", "CREATE TABLE a (); CREATE TABLE b (); CREATE TEMP TABLE c ();"),
            ["b"]
        );
    }
}
