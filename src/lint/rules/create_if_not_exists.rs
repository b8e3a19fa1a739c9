//! `create-if-not-exists`: what is created may be there already.

use crate::lint::act::{Act, Creation, Name, Object, What};
use crate::lint::finding::Edit;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "create-if-not-exists",
    wants: "`IF NOT EXISTS` on CREATE TABLE, INDEX, SCHEMA, SEQUENCE, EXTENSION, MATERIALIZED VIEW; `OR REPLACE` on \
            functions and views; `DROP … IF EXISTS` before CREATE TRIGGER and POLICY",
    why: "A script that was interrupted, or that ran by hand before, must be able to run again.",
    example: Example::Sql {
        wrong: "CREATE TABLE orders (id SERIAL PRIMARY KEY);",
        right: "CREATE TABLE IF NOT EXISTS orders (id SERIAL PRIMARY KEY);",
    },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: true,
    check,
};

/// Something that would be created a second time.
struct Repeated<'a> {
    object: Object,
    name: &'a Name,
    words: &'static str,
    edit: Edit,
}

fn check(look: &mut Look) {
    let mut dropped: Vec<(Object, &Name, Option<&Name>)> = Vec::new();
    for act in look.acts() {
        match &act.what {
            What::Drop { object, names, on, if_exists: true } => {
                dropped.extend(names.iter().map(|name| (*object, name, on.as_ref())));
            }
            what if act.is_unguarded() => {
                let Some(repeated) = repeated(look, act, what) else { continue };
                let is_gone = |(object, name, _): &(Object, &Name, Option<&Name>)| {
                    *object == repeated.object && name.is_same(repeated.name)
                };
                if !dropped.iter().any(is_gone) {
                    report(look, act, repeated);
                }
            }
            _ => {}
        }
    }
}

fn report(look: &mut Look, act: &Act, repeated: Repeated) {
    let Repeated { object, name, words, edit } = repeated;
    let message = format!("{} `{name}` is created without {words}", object.words());
    let stands_alone = object != Object::Schema || !holds_elements(&look.reading.source(&act.span));
    let finding = look.report(&name.span, message).label("a second run fails here");
    match object {
        Object::Trigger | Object::Policy => finding.help(format!("write `{}` before it", edit.text.trim())),
        _ => finding.help(format!("write `{words}`")),
    };
    // In a string that is executed, the place is not the text's; and a schema that is made with what is in it takes
    // no `IF NOT EXISTS`.
    let is_here = act.span.contains(&edit.span.start) || act.span.start == edit.span.start;
    if is_here && stands_alone {
        finding.fix([edit]);
    }
}

fn holds_elements(schema: &str) -> bool {
    let words = schema.split_whitespace().skip(1);
    words.into_iter().any(|word| word.eq_ignore_ascii_case("create") || word.eq_ignore_ascii_case("grant"))
}

fn repeated<'a>(look: &Look, act: &Act, what: &'a What) -> Option<Repeated<'a>> {
    let exists = |object, name, insert| {
        let edit = Edit::insert(insert, " IF NOT EXISTS");
        Some(Repeated { object, name, words: "IF NOT EXISTS", edit })
    };
    match what {
        What::CreateTable(table) if !table.if_not_exists && !table.is_temporary => {
            exists(Object::Table, &table.name, table.insert)
        }
        What::CreateIndex(index) if !index.if_not_exists => {
            exists(Object::Index, index.name.as_ref()?, index.insert)
        }
        What::CreateTrigger(trigger) => of_creation(look, act, &trigger.creation),
        What::Create(creation) => of_creation(look, act, creation),
        _ => None,
    }
}

fn of_creation<'a>(look: &Look, act: &Act, creation: &'a Creation) -> Option<Repeated<'a>> {
    if creation.is_repeatable || creation.is_temporary {
        return None;
    }
    let (object, name) = (creation.object, &creation.name);
    let (words, edit) = match object {
        Object::Trigger | Object::Policy => {
            let on = look.reading.source(&creation.on.as_ref()?.span);
            let what = object.words().to_uppercase();
            let drop = format!("DROP {what} IF EXISTS {} ON {on};\n", look.reading.source(&name.span));
            ("DROP … IF EXISTS before it", Edit::insert(act.span.start, drop))
        }
        Object::View | Object::Function | Object::Procedure | Object::Aggregate => {
            ("OR REPLACE", Edit::insert(creation.insert, " OR REPLACE"))
        }
        _ => ("IF NOT EXISTS", Edit::insert(creation.insert, " IF NOT EXISTS")),
    };
    Some(Repeated { object, name, words, edit })
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{fixed, found, left_to_the_author};

    #[test]
    fn each_kind_is_found_and_mended() {
        let cases = [
            ("CREATE TABLE a.t (i int);", "CREATE TABLE IF NOT EXISTS a.t (i int);"),
            ("create table t as select 1;", "create table IF NOT EXISTS t as select 1;"),
            ("CREATE UNIQUE INDEX i ON users (id);", "CREATE UNIQUE INDEX IF NOT EXISTS i ON users (id);"),
            (
                "CREATE INDEX CONCURRENTLY i ON users (id);",
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (id);",
            ),
            ("CREATE SCHEMA s;", "CREATE SCHEMA IF NOT EXISTS s;"),
            ("CREATE SEQUENCE s;", "CREATE SEQUENCE IF NOT EXISTS s;"),
            ("CREATE EXTENSION citext;", "CREATE EXTENSION IF NOT EXISTS citext;"),
            (
                "CREATE MATERIALIZED VIEW m AS SELECT 1;",
                "CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT 1;",
            ),
            ("CREATE VIEW v AS SELECT 1;", "CREATE OR REPLACE VIEW v AS SELECT 1;"),
            (
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
                "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
            ),
            ("CREATE POLICY p ON users;", "DROP POLICY IF EXISTS p ON users;\nCREATE POLICY p ON users;"),
            (
                "CREATE TRIGGER t BEFORE UPDATE ON s.u FOR EACH ROW EXECUTE FUNCTION f();",
                "DROP TRIGGER IF EXISTS t ON s.u;\nCREATE TRIGGER t BEFORE UPDATE ON s.u FOR EACH ROW EXECUTE FUNCTION f();",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(fixed("create-if-not-exists", text), expected);
        }
    }

    #[test]
    fn a_schema_with_what_is_in_it_is_left_to_its_author() {
        let text = "CREATE SCHEMA shop\n    CREATE VIEW one AS SELECT 1;";
        assert_eq!(found("create-if-not-exists", text)[0], "shop");
        assert_eq!(left_to_the_author("create-if-not-exists", text), 1);
    }

    #[test]
    fn a_guard_of_another_kind_is_one_too() {
        let guarded = [
            "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 1;",
            "DROP INDEX IF EXISTS public.i; CREATE INDEX i ON users (id);",
            "CREATE TEMP TABLE t (i int);",
            "CREATE INDEX ON users (id);",
            "CREATE OR REPLACE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f();",
            "DO $$ BEGIN IF to_regclass('t') IS NULL THEN CREATE TABLE t (i int); END IF; END $$;",
            "DO $$ BEGIN IF to_regclass('t') IS NOT NULL THEN RETURN; END IF; CREATE TABLE t (i int); END $$;",
            "DO $$ BEGIN CREATE SCHEMA s; EXCEPTION WHEN duplicate_schema THEN NULL; END $$;",
            "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE t (i int); END $$;",
        ];
        for text in guarded {
            assert_eq!(found("create-if-not-exists", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_block_without_a_guard_is_looked_into() {
        let text = "DO $$ BEGIN CREATE TABLE t (i int); EXECUTE 'CREATE TABLE u (i int)'; END $$;";
        assert_eq!(found("create-if-not-exists", text), ["t", "u"]);
        let text = "SELECT :x;\n\\if :y\nCREATE TABLE t (i int);\n\\endif\nCOPY users FROM STDIN;\nCREATE TABLE x ();\n\\.\n";
        assert_eq!(found("create-if-not-exists", text), ["t"]);
    }
}
