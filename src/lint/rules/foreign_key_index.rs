//! `foreign-key-index`: what refers elsewhere is found from there.

use crate::lint::act::ConstraintKind;
use crate::lint::catalog::{ForeignKey, Table};
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "foreign-key-index",
    wants: "an index on every foreign key column; `ON DELETE` stated",
    why: "Without an index each DELETE of a referenced row reads the whole referring table, and holds its locks \
          meanwhile. What a DELETE then does is a decision; it should be readable.",
    example: Example::Sql {
        wrong: "CREATE TABLE IF NOT EXISTS orders (user_id INTEGER REFERENCES users (id));",
        right: "CREATE TABLE IF NOT EXISTS orders (user_id INTEGER REFERENCES users (id) ON DELETE CASCADE);\n\
                CREATE INDEX IF NOT EXISTS idx_orders_user_id ON orders (user_id);",
    },
    init: Severity::Error,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let index = look.index;
    for table in look.catalog().of_script(index).filter(|table| !table.is_temporary) {
        for key in table.foreign_keys.iter().filter(|key| key.script == index) {
            check_key(look, table, key);
        }
    }
}

fn check_key(look: &mut Look, table: &Table, key: &ForeignKey) {
    let columns = key.columns.join(", ");
    if !table.is_indexed(&key.columns) && !table.is_derived {
        let help = format!(
            "CREATE INDEX IF NOT EXISTS idx_{}_{} ON {} ({columns});",
            table.name.name,
            key.columns.join("_"),
            table.name
        );
        look.report(
            key.span,
            format!("no index of `{}` begins with the foreign key ({columns})", table.name),
        )
        .help(help);
    }
    if matches!(&key.constraint.kind, ConstraintKind::Foreign { says_on_delete: false, .. }) {
        look.report(
            key.span,
            format!("the foreign key ({columns}) of `{}` does not say `ON DELETE`", table.name),
        )
        .help("ON DELETE CASCADE, SET NULL, RESTRICT or NO ACTION");
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{found, found_in};

    const RULE: &str = "foreign-key-index";

    #[test]
    fn keys_and_later_indexes_count_as_indexes() {
        let fine = [
            "CREATE TABLE t (a int REFERENCES users ON DELETE CASCADE UNIQUE);",
            "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b), FOREIGN KEY (a) REFERENCES users ON DELETE CASCADE);",
            "CREATE TABLE t (a int, b int, FOREIGN KEY (a, b) REFERENCES x (a, b) ON DELETE CASCADE); CREATE INDEX i ON t (b, a, c);",
            "CREATE TEMP TABLE t (a int REFERENCES users);",
        ];
        for text in fine {
            assert_eq!(found(RULE, text), [""; 0], "{text}");
        }
        let table = ("001_a.sql", "CREATE TABLE t (a int REFERENCES t ON DELETE CASCADE, b int);");
        assert_eq!(found_in(RULE, &[table, ("002_b.sql", "CREATE INDEX i ON public.t (a);")]), [""; 0]);
        assert_eq!(found_in(RULE, &[table, ("002_b.sql", "CREATE INDEX i ON t (b, a);")]).len(), 1);
    }

    #[test]
    fn a_key_that_is_added_or_dropped_later_counts() {
        let text = "ALTER TABLE users ADD COLUMN a int REFERENCES users (id);";
        assert_eq!(found(RULE, text), ["REFERENCES users (id)"; 2]);
        let guarded = "DO $$ BEGIN IF true THEN ALTER TABLE users ADD CONSTRAINT c FOREIGN KEY (name) REFERENCES x ON DELETE \
                       CASCADE; END IF; END $$;";
        assert_eq!(found(RULE, guarded).len(), 1);
        let dropped = "ALTER TABLE users ADD COLUMN a int REFERENCES x; ALTER TABLE users DROP CONSTRAINT users_a_fkey;";
        assert_eq!(found(RULE, dropped), [""; 0]);
    }

    #[test]
    fn an_index_of_a_table_of_that_name_in_another_schema_does_not_count() {
        let text = "CREATE TABLE s.letters (id int, author int REFERENCES users (id) ON DELETE CASCADE); CREATE TABLE letters (id int, author int);\n\
                    CREATE INDEX i ON letters (author);";
        assert_eq!(found(RULE, text).len(), 1);
        assert_eq!(found(RULE, &text.replace("ON letters", "ON s.letters")), [""; 0]);
    }

    #[test]
    fn a_renamed_table_is_still_the_same() {
        let text = "CREATE TABLE t (a int REFERENCES users ON DELETE CASCADE); ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME a TO b; \
                    CREATE INDEX i ON u (b);";
        assert_eq!(found(RULE, text), [""; 0]);
    }
}
