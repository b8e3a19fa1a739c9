//! `updated_at-trigger`: a stamp that is kept.

use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "updated-at-trigger",
    wants: "a table with `updated_at` has a trigger that sets it",
    why: "Whoever forgets the column in one UPDATE makes it a lie.",
    example: Example::Sql {
        wrong: "CREATE TABLE IF NOT EXISTS notes (updated_at TIMESTAMPTZ DEFAULT NOW());",
        right: "CREATE TABLE IF NOT EXISTS notes (updated_at TIMESTAMPTZ DEFAULT NOW());\nCREATE OR REPLACE TRIGGER \
                trg_notes_updated_at\n    BEFORE UPDATE ON notes\n    FOR EACH ROW EXECUTE FUNCTION set_updated_at();",
    },
    init: Severity::Warn,
    migrations: Severity::Off,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let index = look.index;
    let catalog = look.catalog();
    if catalog.has_dynamic_triggers {
        return;
    }
    for table in catalog.of_script(index).filter(|table| !table.is_temporary && !table.is_derived) {
        let Some(column) = table.column("updated_at").filter(|column| column.script == index) else {
            continue;
        };
        if !table.triggers.iter().any(|trigger| trigger.is_before_update) {
            let name = &table.name.name;
            look.report(&column.column.name.span, format!("no trigger sets `{}.updated_at`", table.name)).help(format!(
                "CREATE TRIGGER trg_{name}_updated_at BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION …; \
                 `dbctl new --trigger {name}` writes it",
                table.name
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{found, found_in};

    const TABLE: (&str, &str) = ("001_a.sql", "CREATE TABLE t (updated_at timestamptz);");

    #[test]
    fn the_trigger_may_come_later() {
        let trigger =
            "CREATE TRIGGER x BEFORE INSERT OR UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION f();";
        assert_eq!(found_in("updated-at-trigger", &[TABLE, ("002_b.sql", trigger)]), [""; 0]);
        let after = "CREATE TRIGGER x AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();";
        assert_eq!(found_in("updated-at-trigger", &[TABLE, ("002_b.sql", after)]), ["updated_at"]);
    }

    #[test]
    fn triggers_made_while_a_script_runs_cannot_be_told_from_its_text() {
        let dynamic = "DO $$ BEGIN EXECUTE format('CREATE TRIGGER x BEFORE UPDATE ON %I …', name); END $$;";
        assert_eq!(found_in("updated-at-trigger", &[TABLE, ("002_b.sql", dynamic)]), [""; 0]);
        assert_eq!(
            found("updated-at-trigger", "ALTER TABLE users ADD updated_at timestamptz;"),
            ["updated_at"]
        );
    }
}
