//! The statements that make an object that is missing.

use std::fmt::Write;
use std::iter;

use super::super::Schema;
use super::super::diff::WHOLES;
use super::super::kind::Kind;
use super::super::object::{Key, Object};
use super::target::{literal, options};
use crate::lint::tree::quoted;

pub enum Creation {
    Statements(Vec<String>),
    Left(String),
}

use Creation::{Left, Statements};

pub fn creation(object: &Object, from: &Schema, to: &Schema) -> Creation {
    let name = &object.key.name;
    match object.key.kind {
        Kind::Constraint | Kind::Index | Kind::Trigger if is_inherited(object) => Statements(Vec::new()),
        Kind::Database | Kind::SystemPrivileges | Kind::UserMapping | Kind::Subscription => {
            Left("holds what is not read here; make it by hand".to_owned())
        }
        Kind::Role => role(object),
        Kind::Schema => one(format!("CREATE SCHEMA {name};")),
        Kind::Extension => one(format!("CREATE EXTENSION {name} WITH SCHEMA {};", text(object, "schema"))),
        Kind::Enum => one(format!("CREATE TYPE {name} AS ENUM ({});", literals(object.list("values")))),
        Kind::CompositeType => {
            let attributes = to.parts(Kind::Attribute, name).into_iter().map(attribute);
            one(format!("CREATE TYPE {name} AS ({});", attributes.collect::<Vec<_>>().join(", ")))
        }
        Kind::Domain => one(domain(object)),
        Kind::Sequence if object.has("identity of") => Statements(Vec::new()),
        Kind::Sequence => {
            one(format!("CREATE SEQUENCE {name} AS {}{};", text(object, "type"), sequence(object)))
        }
        Kind::Table | Kind::ForeignTable => table(object, to),
        Kind::Attribute | Kind::Column => part(object, from),
        Kind::View => Statements(iter::once(view(object)).chain(view_defaults(object, to)).collect()),
        Kind::MaterializedView => one(view(object)),
        Kind::Constraint => one(constraint(object, to)),
        Kind::Policy => one(policy(object)),
        Kind::Server => one(server(object)),
        Kind::Publication => one(publication(object)),
        Kind::OperatorFamily => one(format!("{};", text(object, "create"))),
        Kind::TextSearchConfiguration => search_configuration(object),
        Kind::DefaultPrivileges => Statements(Vec::new()),
        Kind::ForeignDataWrapper if object.has("options") => {
            one(format!("{} OPTIONS ({});", text(object, "definition"), options(object.list("options"))))
        }
        Kind::BaseType if !text(object, "definition").contains('(') => Statements(Vec::new()),
        _ => defined(object),
    }
}

/// Whether it comes, and changes, with what it is inherited from.
pub fn is_inherited(object: &Object) -> bool {
    object.text("inherited").is_some_and(|word| word != "and local") || object.has("partition of")
}

fn one(sql: String) -> Creation {
    Statements(vec![sql])
}

fn text<'a>(object: &'a Object, property: &str) -> &'a str {
    object.text(property).unwrap_or_default()
}

/// The server itself can write the definition.
fn defined(object: &Object) -> Creation {
    // An index of a partitioned table is printed as if its partitions' indexes were attached one by one.
    let definition = text(object, "definition").replacen(" ON ONLY ", " ON ", 1);
    let mut list = vec![format!("{};", definition.trim_end_matches([';', '\n']))];
    list.extend(enabled(object));
    list.extend(index_remarks(object));
    Statements(list)
}

/// Whether a trigger or rule fires, where that is not as usual.
pub fn enabled(object: &Object) -> Option<String> {
    let state = match object.text("enabled")? {
        "no" => "DISABLE",
        "always" => "ENABLE ALWAYS",
        _ => "ENABLE REPLICA",
    };
    Some(firing(object, state))
}

pub fn firing(object: &Object, state: &str) -> String {
    let name = quoted(&object.short);
    if object.key.kind == Kind::EventTrigger {
        return format!("ALTER EVENT TRIGGER {name} {state};");
    }
    let (of, word) = (object.of.as_deref().unwrap_or_default(), object.key.kind.word().to_uppercase());
    let (verb, how) =
        state.split_once(' ').map_or((state, String::new()), |(verb, how)| (verb, format!("{how} ")));
    format!("ALTER TABLE {of} {verb} {how}{word} {name};")
}

fn index_remarks(object: &Object) -> Vec<String> {
    let of = object.of.as_deref().unwrap_or_default();
    let name = quoted(&object.short);
    let clustered = object.has("clustered").then(|| format!("ALTER TABLE {of} CLUSTER ON {name};"));
    let identity = object
        .has("replica identity")
        .then(|| format!("ALTER TABLE {of} REPLICA IDENTITY USING INDEX {name};"));
    clustered.into_iter().chain(identity).collect()
}

fn role(object: &Object) -> Creation {
    const WORDS: [(&str, &str); 7] = [
        ("superuser", "SUPERUSER"),
        ("no inherit", "NOINHERIT"),
        ("may create roles", "CREATEROLE"),
        ("may create databases", "CREATEDB"),
        ("may log in", "LOGIN"),
        ("may replicate", "REPLICATION"),
        ("bypasses row security", "BYPASSRLS"),
    ];
    let words = WORDS.iter().filter(|(property, _)| object.has(property)).map(|(_, word)| format!(" {word}"));
    let mut list = vec![format!("CREATE ROLE {}{};", object.key.name, words.collect::<String>())];
    list.extend(
        object
            .list("member of")
            .iter()
            .filter(|group| !group.contains(" with"))
            .map(|group| format!("GRANT {} TO {};", quoted(group), object.key.name)),
    );
    Statements(list)
}

fn literals(list: &[String]) -> String {
    list.iter().map(|text| literal(text)).collect::<Vec<_>>().join(", ")
}

fn domain(object: &Object) -> String {
    format!("CREATE DOMAIN {} AS {};", object.key.name, column_type(object))
}

fn attribute(object: &Object) -> String {
    format!("{} {}", quoted(&object.short), column_type(object))
}

/// Type, collation, default or expression, and NOT NULL.
pub fn column_type(object: &Object) -> String {
    let mut sql = text(object, "type").to_owned();
    if let Some(collation) = object.text("collation") {
        let _ = write!(sql, " COLLATE {collation}");
    }
    if let Some(default) = object.text("default") {
        let _ = write!(sql, " DEFAULT {default}");
    }
    if let Some(expression) = object.text("generated") {
        let kind = if object.has("virtual") { "VIRTUAL" } else { "STORED" };
        let _ = write!(sql, " GENERATED ALWAYS AS ({expression}) {kind}");
    }
    if let Some(identity) = object.text("identity") {
        let _ = write!(sql, " GENERATED {} AS IDENTITY", identity.to_uppercase());
    }
    if object.has("not null") { sql + " NOT NULL" } else { sql }
}

/// The options of a sequence, each with a space before it.
pub fn sequence(object: &Object) -> String {
    let number = |word: &str, property| format!(" {word} {}", text(object, property));
    let cycle = if object.has("cycle") { " CYCLE" } else { " NO CYCLE" };
    number("INCREMENT BY", "increment")
        + &number("MINVALUE", "minimum")
        + &number("MAXVALUE", "maximum")
        + &number("START WITH", "start")
        + &number("CACHE", "cache")
        + cycle
}

fn table(object: &Object, to: &Schema) -> Creation {
    let name = &object.key.name;
    let columns = to.parts(Kind::Column, name);
    let own = columns.iter().filter(|column| column.text("inherited") != Some("only"));
    let own: Vec<String> = own.map(|column| column_definition(column)).collect();
    let words = if object.has("unlogged") { "UNLOGGED TABLE" } else { object.key.kind.word() }.to_uppercase();
    let body = match (object.text("partition of"), object.text("of type")) {
        (Some(parent), _) => format!(" PARTITION OF {parent}"),
        (_, Some(of)) => format!(" OF {of}"),
        _ => format!(" (\n    {}\n)", own.join(",\n    ")).replace("(\n    \n)", "()"),
    };
    let mut list = vec![format!("CREATE {words} {name}{body}{};", clauses(object))];
    list.extend(columns.iter().flat_map(|column| column_remarks(column)));
    list.extend(to.of_kind(Kind::Sequence).filter_map(|sequence| owned(sequence, name)));
    list.extend(table_remarks(object));
    Statements(list)
}

fn column_definition(column: &Object) -> String {
    let foreign = column.list("foreign options");
    let options = if foreign.is_empty() { String::new() } else { format!(" OPTIONS ({})", options(foreign)) };
    format!(
        "{} {}",
        quoted(&column.short),
        column_type(column).replacen(" DEFAULT", &format!("{options} DEFAULT"), 1)
            + if column.has("default") { "" } else { &options }
    )
}

fn clauses(object: &Object) -> String {
    let mut sql = String::new();
    if !object.list("inherits").is_empty() {
        let _ = write!(sql, " INHERITS ({})", object.list("inherits").join(", "));
    }
    if let Some(key) = object.text("partitioned by") {
        let _ = write!(sql, " PARTITION BY {key}");
    }
    if let Some(method) = object.text("access method") {
        let _ = write!(sql, " USING {}", quoted(method));
    }
    if !object.list("storage parameters").is_empty() {
        let _ = write!(sql, " WITH ({})", object.list("storage parameters").join(", "));
    }
    if let Some(tablespace) = object.text("tablespace") {
        let _ = write!(sql, " TABLESPACE {}", quoted(tablespace));
    }
    if let Some(server) = object.text("server") {
        let _ = write!(sql, " SERVER {server}");
        if object.has("options") {
            let _ = write!(sql, " OPTIONS ({})", options(object.list("options")));
        }
    }
    sql
}

/// A serial column's sequence goes with its column, and an identity column's has options.
fn owned(object: &Object, table: &str) -> Option<String> {
    if object.of.as_deref() != Some(table) {
        return None;
    }
    let name = &object.key.name;
    match object.text("owned by") {
        Some(column) => Some(format!("ALTER SEQUENCE {name} OWNED BY {column};")),
        None => Some(format!("ALTER SEQUENCE {name}{};", sequence(object))),
    }
}

/// Statistics, storage, compression and options of a column.
pub fn column_remarks(column: &Object) -> Vec<String> {
    let of = column.of.as_deref().unwrap_or_default();
    let alter = format!("ALTER TABLE {of} ALTER COLUMN {}", quoted(&column.short));
    let mut list = Vec::new();
    for (property, word) in
        [("statistics", "STATISTICS"), ("storage", "STORAGE"), ("compression", "COMPRESSION")]
    {
        list.extend(column.text(property).map(|value| format!("{alter} SET {word} {value};")));
    }
    if column.has("options") {
        list.push(format!("{alter} SET ({});", column.list("options").join(", ")));
    }
    list
}

fn table_remarks(object: &Object) -> Vec<String> {
    let alter = format!("ALTER TABLE {}", object.key.name);
    let mut list = Vec::new();
    let security = object.text("row security").unwrap_or_default();
    if security.contains("enabled") {
        list.push(format!("{alter} ENABLE ROW LEVEL SECURITY;"));
    }
    if security.contains("forced") {
        list.push(format!("{alter} FORCE ROW LEVEL SECURITY;"));
    }
    if let Some(word @ ("nothing" | "full")) = object.text("replica identity") {
        list.push(format!("{alter} REPLICA IDENTITY {};", word.to_uppercase()));
    }
    list
}

/// A new column or attribute of what is there already; with a new table it comes by itself.
fn part(object: &Object, from: &Schema) -> Creation {
    let of = object.of.as_deref().unwrap_or_default();
    let holder = WHOLES.iter().find_map(|&kind| from.object(&Key::new(kind, of)));
    let filled = ["default", "generated", "identity"].iter().any(|property| object.has(property));
    match holder.map(|holder| holder.key.kind) {
        Some(Kind::Table | Kind::ForeignTable) if object.has("not null") && !filled => {
            Left("is not null, and the rows that are there would have no value for it".to_owned())
        }
        Some(Kind::Table | Kind::ForeignTable) if object.text("inherited") != Some("only") => {
            let mut list = vec![format!("ALTER TABLE {of} ADD COLUMN {};", column_definition(object))];
            list.extend(column_remarks(object));
            Statements(list)
        }
        Some(Kind::CompositeType) => one(format!("ALTER TYPE {of} ADD ATTRIBUTE {};", attribute(object))),
        _ => Statements(Vec::new()),
    }
}

pub fn view(object: &Object) -> String {
    let with = object.list("storage parameters");
    let with = if with.is_empty() { String::new() } else { format!(" WITH ({})", with.join(", ")) };
    let body = text(object, "definition").trim_end_matches(';');
    let (verb, data) = match object.key.kind {
        Kind::View => ("CREATE OR REPLACE VIEW", ""),
        _ => ("CREATE MATERIALIZED VIEW", "\nWITH NO DATA"),
    };
    format!("{verb} {}{with} AS\n{body}{data};", object.key.name)
}

/// Its columns may have defaults of their own.
fn view_defaults(object: &Object, to: &Schema) -> impl Iterator<Item = String> {
    let name = &object.key.name;
    to.parts(Kind::Column, name).into_iter().filter_map(move |column| {
        let default = column.text("default")?;
        Some(format!("ALTER VIEW {name} ALTER COLUMN {} SET DEFAULT {default};", quoted(&column.short)))
    })
}

fn constraint(object: &Object, to: &Schema) -> String {
    let of = object.of.as_deref().unwrap_or_default();
    let is_domain = to.object(&Key::new(Kind::Domain, of)).is_some();
    let word = if is_domain { "DOMAIN" } else { "TABLE" };
    let constraint =
        format!("ALTER {word} {of} ADD CONSTRAINT {} {};", quoted(&object.short), text(object, "definition"));
    [constraint].into_iter().chain(index_remarks(object)).collect::<Vec<_>>().join("\n")
}

pub fn policy(object: &Object) -> String {
    let mut sql =
        format!("CREATE POLICY {} ON {}", quoted(&object.short), object.of.as_deref().unwrap_or_default());
    if object.has("restrictive") {
        sql += " AS RESTRICTIVE";
    }
    let _ = write!(sql, " FOR {} TO {}", text(object, "for"), object.list("to").join(", "));
    if let Some(condition) = object.text("using") {
        let _ = write!(sql, " USING ({condition})");
    }
    if let Some(condition) = object.text("with check") {
        let _ = write!(sql, " WITH CHECK ({condition})");
    }
    sql + ";"
}

fn server(object: &Object) -> String {
    let mut sql = format!("CREATE SERVER {}", object.key.name);
    for (property, word) in [("type", "TYPE"), ("version", "VERSION")] {
        if let Some(value) = object.text(property) {
            let _ = write!(sql, " {word} {}", literal(value));
        }
    }
    let _ = write!(sql, " FOREIGN DATA WRAPPER {}", text(object, "wrapper"));
    if object.has("options") {
        let _ = write!(sql, " OPTIONS ({})", options(object.list("options")));
    }
    sql + ";"
}

fn publication(object: &Object) -> String {
    let tables = object.list("tables").iter().map(|table| format!("TABLE {table}"));
    let schemas = object.list("schemas").iter().map(|schema| format!("TABLES IN SCHEMA {schema}"));
    let objects: Vec<String> = tables.chain(schemas).collect();
    let what = match (object.has("all tables"), objects.is_empty()) {
        (true, _) => " FOR ALL TABLES".to_owned(),
        (false, true) => String::new(),
        (false, false) => format!(" FOR {}", objects.join(", ")),
    };
    let root = if object.has("via root") { ", publish_via_partition_root = true" } else { "" };
    format!(
        "CREATE PUBLICATION {}{what} WITH (publish = {}{root});",
        object.key.name,
        literal(text(object, "publishes"))
    )
}

fn search_configuration(object: &Object) -> Creation {
    let mut list = vec![format!("{};", text(object, "definition"))];
    list.extend(object.list("mappings").iter().map(|mapping| {
        let name = &object.key.name;
        format!(
            "ALTER TEXT SEARCH CONFIGURATION {name} ADD MAPPING FOR {};",
            mapping.replacen(" with ", " WITH ", 1)
        )
    }));
    Statements(list)
}
