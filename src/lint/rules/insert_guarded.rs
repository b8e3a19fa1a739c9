//! `insert-guarded`: default rows are there once.

use crate::lint::act::{Name, What};
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "insert-guarded",
    wants: "default rows with `WHERE NOT EXISTS` or `ON CONFLICT`",
    why: "A second run would add the rows again, or fail on a unique key.",
    example: Example::Sql {
        wrong: "INSERT INTO users (name) VALUES ('admin');",
        right: "INSERT INTO users (name)\nSELECT 'admin'\nWHERE NOT EXISTS (SELECT 1 FROM users WHERE name = 'admin');",
    },
    init: Severity::Warn,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    for act in look.acts().filter(|act| act.is_unguarded()) {
        let (table, words) = match &act.what {
            What::Insert { table, is_guarded: false } => (table, "inserted into"),
            What::CopyFrom { table } => (table, "copied to"),
            _ => continue,
        };
        if !is_temporary(look, table) {
            let message = format!("rows are {words} `{table}` and nothing asks whether they are there");
            let finding = look.report(&table.span, message).label("a second run adds them again");
            finding.help(match act.what {
                What::CopyFrom { .. } => "copy to a temporary table, then INSERT … SELECT … ON CONFLICT",
                _ => "add `ON CONFLICT … DO NOTHING`, or select the row `WHERE NOT EXISTS (…)`",
            });
        }
    }
}

fn is_temporary(look: &Look, table: &Name) -> bool {
    let made = |what: &What| matches!(what, What::CreateTable(made) if made.is_temporary && made.name.is_same(table));
    look.acts().any(|act| made(&act.what))
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn rows_for_a_temporary_table_or_with_a_question_are_fine() {
        let fine = [
            "INSERT INTO users (name) VALUES ('a') ON CONFLICT DO NOTHING;",
            "INSERT INTO users (name) SELECT x FROM y LEFT JOIN users u ON u.name = x WHERE u.id IS NULL;",
            "INSERT INTO users (name) SELECT 'a' EXCEPT SELECT name FROM users;",
            "CREATE TEMP TABLE t (i int); INSERT INTO t VALUES (1); COPY t FROM STDIN;\n1\n\\.\n",
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM users) THEN INSERT INTO users VALUES (1); END IF; END $$;",
            "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS $$ INSERT INTO users VALUES (1) $$;",
            "COPY users TO STDOUT;",
        ];
        for text in fine {
            assert_eq!(found("insert-guarded", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn copied_rows_and_rows_of_a_block_count() {
        assert_eq!(found("insert-guarded", "COPY users (id) FROM STDIN;\n1\n\\.\n"), ["users"]);
        assert_eq!(found("insert-guarded", "DO $$ BEGIN INSERT INTO users VALUES (1); END $$;"), ["users"]);
    }
}
