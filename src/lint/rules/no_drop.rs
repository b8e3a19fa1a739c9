//! `no-drop`: scripts take nothing away.

use crate::lint::act::{Name, Object, What};
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "no-drop",
    wants: "no DROP TABLE, DROP COLUMN or TRUNCATE in a script",
    why: "The data are gone on every database that the script reaches, and the version of the program that still runs \
          there fails.",
    example: Example::Sql {
        wrong: "DROP TABLE IF EXISTS users;",
        right: "COMMENT ON TABLE users IS 'No longer written';",
    },
    init: Severity::Warn,
    migrations: Severity::Error,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let mut temporary: Vec<&Name> = Vec::new();
    for act in look.acts().filter(|act| act.is_run()) {
        match &act.what {
            What::CreateTable(table) if table.is_temporary => temporary.push(&table.name),
            What::Drop { object: Object::Table, names, .. } => {
                for name in lasting(names, &temporary) {
                    look.report(&name.span, format!("table `{name}` is dropped with its rows"));
                }
            }
            What::Truncate { tables } => {
                for name in lasting(tables, &temporary) {
                    look.report(&name.span, format!("table `{name}` is emptied"));
                }
            }
            What::DropColumn { table, column } if !is_among(table, &temporary) => {
                look.report(&act.span, format!("column `{table}.{column}` is dropped with what it holds"));
            }
            _ => {}
        }
    }
}

fn lasting<'a>(names: &'a [Name], temporary: &[&Name]) -> Vec<&'a Name> {
    names.iter().filter(|name| !is_among(name, temporary)).collect()
}

fn is_among(name: &Name, names: &[&Name]) -> bool {
    names.iter().any(|other| other.is_same(name))
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn tables_columns_and_truncation_count() {
        let text = "DROP TABLE a, b.c; ALTER TABLE users DROP COLUMN IF EXISTS name; TRUNCATE users; DO $$ BEGIN DROP TABLE d; END $$;";
        assert_eq!(found("no-drop", text), ["a", "b.c", "DROP COLUMN IF EXISTS name", "users", "d"]);
    }

    #[test]
    fn temporary_tables_views_and_bodies_of_functions_do_not() {
        let fine = "CREATE TEMP TABLE t (a int); ALTER TABLE t DROP COLUMN a; TRUNCATE t; DROP TABLE t; DROP VIEW v; \
                    CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE users; END $$; \
                    ALTER TABLE users DROP CONSTRAINT c;";
        assert_eq!(found("no-drop", fine), [""; 0]);
    }
}
