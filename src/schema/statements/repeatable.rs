//! A statement in the form that does nothing when what it makes is there already: a script of them can run twice, and
//! on a fresh database that has all of it.

use super::super::kind::Kind;
use super::super::object::Object;
use super::target::literal;
use crate::lint::tree::quoted;

/// What the server makes only `IF NOT EXISTS`.
const ASKING: [&str; 12] = [
    "CREATE TABLE",
    "CREATE UNLOGGED TABLE",
    "CREATE FOREIGN TABLE",
    "CREATE SCHEMA",
    "CREATE EXTENSION",
    "CREATE SEQUENCE",
    "CREATE MATERIALIZED VIEW",
    "CREATE UNIQUE INDEX",
    "CREATE INDEX",
    "CREATE SERVER",
    "CREATE STATISTICS",
    "CREATE COLLATION",
];

/// What is added a second time with an error.
const ADDING: [&str; 4] = ["CREATE ", "ALTER TYPE ", "ALTER TEXT SEARCH ", "ALTER OPERATOR FAMILY "];

/// The statement of `object`, repeatable.
pub fn repeatable(object: &Object, sql: String) -> String {
    let of = object.of.as_deref().unwrap_or_default();
    let short = quoted(&object.short);
    if let Some(asking) = ASKING.iter().find(|words| begins(&sql, words)) {
        return sql.replacen(asking, &format!("{asking} IF NOT EXISTS"), 1);
    }
    if begins(&sql, "CREATE RULE") {
        return sql.replacen("CREATE RULE", "CREATE OR REPLACE RULE", 1);
    }
    match object.key.kind {
        Kind::Column if sql.contains(" ADD COLUMN ") => {
            sql.replacen(" ADD COLUMN ", " ADD COLUMN IF NOT EXISTS ", 1)
        }
        Kind::Trigger if begins(&sql, "CREATE TRIGGER") || begins(&sql, "CREATE CONSTRAINT TRIGGER") => {
            format!("DROP TRIGGER IF EXISTS {short} ON {of};\n{sql}")
        }
        Kind::Policy if begins(&sql, "CREATE POLICY") => {
            format!("DROP POLICY IF EXISTS {short} ON {of};\n{sql}")
        }
        Kind::Constraint if sql.contains(" ADD CONSTRAINT ") => unless_there(&sql, of, &object.short),
        _ if sql.contains(" ADD VALUE IF NOT EXISTS ") || begins(&sql, "CREATE OR REPLACE") => sql,
        _ if ADDING.iter().any(|words| sql.starts_with(words)) => unless_duplicate(&sql),
        _ => sql,
    }
}

fn begins(sql: &str, words: &str) -> bool {
    sql.strip_prefix(words).is_some_and(|rest| rest.starts_with(' '))
}

/// A constraint is found by its name: what is there under it may be checked still.
fn unless_there(sql: &str, of: &str, name: &str) -> String {
    let (of, name) = (literal(of), literal(name));
    let (column, kind) =
        if sql.starts_with("ALTER DOMAIN ") { ("contypid", "regtype") } else { ("conrelid", "regclass") };
    block(&format!(
        "    IF NOT EXISTS (\n        SELECT 1 FROM pg_constraint\n        \
         WHERE conname = {name} AND {column} = {of}::{kind}\n    ) THEN\n        {sql}\n    END IF;\n"
    ))
}

fn unless_duplicate(sql: &str) -> String {
    block(&format!(
        "    {sql}\nEXCEPTION\n    \
         WHEN duplicate_object OR duplicate_table OR duplicate_function OR duplicate_column OR unique_violation THEN\n        \
         NULL;\n"
    ))
}

fn block(body: &str) -> String {
    let mut tag = String::from("$$");
    while body.contains(&tag) {
        tag = format!("${}$", if tag == "$$" { "there".to_owned() } else { tag.replace('$', "") + "_" });
    }
    format!("DO {tag}\nBEGIN\n{body}END {tag};")
}
