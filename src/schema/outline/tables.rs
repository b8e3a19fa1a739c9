//! Tables and views, each with its columns and what hangs on it.

use super::super::kind::Kind;
use super::super::object::{Object, plain};
use super::{Cell, Grid, Section, Source, meaning, privileges};

pub fn tables(source: &Source) -> Vec<Section> {
    let kinds = [Kind::Table, Kind::ForeignTable];
    kinds.iter().flat_map(|&kind| source.schema.of_kind(kind)).map(|table| section(source, table)).collect()
}

pub fn views(source: &Source) -> Vec<Section> {
    let kinds = [Kind::View, Kind::MaterializedView];
    let views = kinds.iter().flat_map(|&kind| source.schema.of_kind(kind));
    views.map(|view| Section { sql: view.text("definition").map(plain), ..section(source, view) }).collect()
}

fn section(source: &Source, table: &Object) -> Section {
    let grids = [
        columns(source, table),
        constraints(source, table),
        indexes(source, table),
        triggers(source, table),
        policies(source, table),
        privileges(table),
    ];
    Section {
        name: Some(table.plain_name().to_owned()),
        purpose: table.comment().map(str::to_owned),
        notes: source.origin(table).into_iter().chain(notes(table)).collect(),
        grids: grids.into_iter().filter(|grid| !grid.rows.is_empty()).collect(),
        sql: None,
    }
}

/// What sets a table apart from a plain one.
fn notes(table: &Object) -> Vec<String> {
    let told = [
        ("partitioned by", "Partitioned by"),
        ("partition of", "Partition of"),
        ("inherits", "Inherits"),
        ("of type", "Of type"),
        ("row security", "Row security is"),
        ("replica identity", "Replica identity:"),
        ("access method", "Access method"),
        ("storage parameters", "Storage parameters"),
        ("server", "On server"),
    ];
    let property = |name: &str| table.properties.get(name).map(ToString::to_string);
    let mut notes: Vec<String> =
        told.iter().filter_map(|(name, words)| Some(format!("{words} {}.", property(name)?))).collect();
    if table.has("unlogged") {
        notes.push("Unlogged: its rows do not survive a crash.".to_owned());
    }
    if table.key.kind == Kind::MaterializedView {
        notes.push("Materialized: holds what the last REFRESH found.".to_owned());
    }
    notes
}

fn columns(source: &Source, table: &Object) -> Grid {
    let parts = source.schema.parts(Kind::Column, &table.key.name);
    let rows = parts.into_iter().map(|column| {
        vec![
            Cell::Code(column.short.clone()),
            Cell::Code(plain(column.text("type").unwrap_or_default())),
            Cell::Text(if column.has("not null") { "no" } else { "yes" }.to_owned()),
            Cell::Code(default(column)),
            meaning(column),
            source.script(column),
        ]
    });
    let header = &["column", "type", "null", "default", "meaning", "script"];
    Grid { caption: "Columns", header, rows: rows.collect() }
}

fn default(column: &Object) -> String {
    if let Some(expression) = column.text("generated") {
        return format!("generated: {}", plain(expression));
    }
    match (column.text("identity"), column.text("default")) {
        (Some(identity), _) => format!("identity, {identity}"),
        (None, Some(default)) if default.starts_with("nextval(") => "serial".to_owned(),
        (None, default) => plain(default.unwrap_or_default()),
    }
}

fn constraints(source: &Source, table: &Object) -> Grid {
    let mut parts = source.schema.parts(Kind::Constraint, &table.key.name);
    let rank = |object: &Object| match object.text("form") {
        Some("primary key") => 0,
        Some("unique") => 1,
        Some("foreign key") => 2,
        _ => 3,
    };
    parts.sort_by_key(|constraint| rank(constraint));
    let rows = parts.into_iter().map(|constraint| {
        vec![
            Cell::Code(constraint.short.clone()),
            Cell::Code(plain(constraint.text("definition").unwrap_or_default())),
            meaning(constraint),
            source.script(constraint),
        ]
    });
    Grid {
        caption: "Keys and checks",
        header: &["name", "definition", "meaning", "script"],
        rows: rows.collect(),
    }
}

fn indexes(source: &Source, table: &Object) -> Grid {
    let rows = source.schema.parts(Kind::Index, &table.key.name).into_iter().map(|index| {
        let columns = index.list("columns").join(", ");
        let method = index.text("method").unwrap_or_default();
        let unique = if index.has("unique") { "unique " } else { "" };
        let condition =
            index.text("predicate").map(|text| format!(" where {}", plain(text))).unwrap_or_default();
        vec![
            Cell::Code(index.short.clone()),
            Cell::Code(format!("{unique}{method} ({columns}){condition}")),
            meaning(index),
            source.script(index),
        ]
    });
    Grid { caption: "Indexes", header: &["name", "on", "meaning", "script"], rows: rows.collect() }
}

fn triggers(source: &Source, table: &Object) -> Grid {
    let rows =
        [Kind::Trigger, Kind::Rule].iter().flat_map(|&kind| source.schema.parts(kind, &table.key.name));
    let rows = rows.map(|trigger| {
        let definition = trigger.text("definition").unwrap_or_default();
        // What stands before it, the row has said already.
        let from =
            [" BEFORE ", " AFTER ", " INSTEAD OF "].iter().filter_map(|word| definition.find(word)).min();
        vec![
            Cell::Code(trigger.short.clone()),
            Cell::Code(plain(definition[from.unwrap_or(0)..].trim())),
            meaning(trigger),
            source.script(trigger),
        ]
    });
    Grid {
        caption: "Triggers",
        header: &["name", "when and what", "meaning", "script"],
        rows: rows.collect(),
    }
}

fn policies(source: &Source, table: &Object) -> Grid {
    let rows = source.schema.parts(Kind::Policy, &table.key.name).into_iter().map(|policy| {
        let of = |name: &str| Cell::Code(plain(policy.text(name).unwrap_or_default()));
        vec![
            Cell::Code(policy.short.clone()),
            Cell::Text(format!(
                "{} to {}",
                policy.text("for").unwrap_or_default(),
                policy.list("to").join(", ")
            )),
            of("using"),
            of("with check"),
            meaning(policy),
            source.script(policy),
        ]
    });
    let header = &["policy", "for", "rows that are seen", "rows that may be written", "meaning", "script"];
    Grid { caption: "Row security", header, rows: rows.collect() }
}
