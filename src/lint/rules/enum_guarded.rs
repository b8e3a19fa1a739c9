//! `enum-guarded`: an enum type, or its value, may be there already.

use crate::lint::act::{Setting, What};
use crate::lint::finding::Edit;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "enum-guarded",
    wants: "CREATE TYPE … AS ENUM inside a `DO` block that asks first; `ADD VALUE IF NOT EXISTS`",
    why: "A script that was interrupted, or that ran by hand before, must be able to run again. PostgreSQL has no \
          `CREATE TYPE IF NOT EXISTS`.",
    example: Example::Sql {
        wrong: "CREATE TYPE mood AS ENUM ('glad', 'sad');\nALTER TYPE mood ADD VALUE 'calm';",
        right: "DO $$\nBEGIN\n    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'mood') THEN\n        CREATE TYPE mood AS \
                ENUM ('glad', 'sad');\n    END IF;\nEND $$;\nALTER TYPE mood ADD VALUE IF NOT EXISTS 'calm';",
    },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: true,
    check,
};

fn check(look: &mut Look) {
    for act in look.acts().filter(|act| act.is_unguarded()) {
        match &act.what {
            What::CreateEnum { name } => {
                let message = format!("enum type `{name}` is created and nothing asks whether it is there");
                let (source, written) = (look.reading.source(&act.span), look.reading.source(&name.span));
                let finding = look.report(&name.span, message).label("a second run fails here");
                finding.help("ask in a `DO` block, as `dbctl new --enum` writes it");
                if act.setting == Setting::Open {
                    finding.fix([Edit::replace(
                        act.span.clone(),
                        guarded(&written, source.trim_end_matches(';')),
                    )]);
                }
            }
            What::AddValue { to, if_not_exists: false, insert } => {
                let finding =
                    look.report(&act.span, format!("a value is added to `{to}` without IF NOT EXISTS"));
                finding.label("a second run fails here").fix([Edit::insert(*insert, " IF NOT EXISTS")]);
            }
            _ => {}
        }
    }
}

/// `name` as it is written there, with its schema.
fn guarded(name: &str, statement: &str) -> String {
    let literal = name.replace('\'', "''");
    let tag = ["$$", "$guard$"].into_iter().find(|tag| !statement.contains(tag)).unwrap_or("$enum_guard$");
    let statement = indented(statement);
    format!(
        "DO {tag}\nBEGIN\n    IF to_regtype('{literal}') IS NULL THEN\n        {statement};\n    END IF;\nEND {tag};"
    )
}

/// Left as it is where a line begins inside a value.
fn indented(statement: &str) -> String {
    let mut lines = statement.match_indices('\n');
    let is_inside = |(at, _): (usize, &str)| statement[..at].matches(['\'', '"']).count() % 2 == 1;
    if lines.any(is_inside) { statement.to_owned() } else { statement.replace('\n', "\n        ") }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{fixed, found};

    #[test]
    fn both_are_mended() {
        assert_eq!(
            fixed("enum-guarded", "ALTER TYPE mood ADD VALUE 'calm' AFTER 'sad';"),
            "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'calm' AFTER 'sad';"
        );
        let expected = "DO $$\nBEGIN\n    IF to_regtype('mood') IS NULL THEN\n        \
                        CREATE TYPE mood AS ENUM ('glad');\n    END IF;\nEND $$;\n";
        assert_eq!(fixed("enum-guarded", "CREATE TYPE mood AS ENUM ('glad');\n"), expected);
    }

    #[test]
    fn the_guard_asks_for_that_very_type_and_takes_its_values_as_they_are() {
        let expected = "DO $guard$\nBEGIN\n    IF to_regtype('b.\"My Mood\"') IS NULL THEN\n        \
                        CREATE TYPE b.\"My Mood\" AS ENUM ('it''s', '$$', 'two\nlines');\n    END IF;\nEND $guard$;";
        let text = "CREATE TYPE b.\"My Mood\" AS ENUM ('it''s', '$$', 'two\nlines');";
        assert_eq!(fixed("enum-guarded", text), expected);
    }

    #[test]
    fn an_exception_handler_is_a_guard() {
        let text =
            "DO $$ BEGIN CREATE TYPE m AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;";
        assert_eq!(found("enum-guarded", text), [""; 0]);
        assert_eq!(found("enum-guarded", "DO $$ BEGIN CREATE TYPE m AS ENUM ('a'); END $$;"), ["m"]);
        assert_eq!(found("enum-guarded", "CREATE TYPE pair AS (a int, b int);"), [""; 0]);
    }
}
