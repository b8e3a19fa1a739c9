//! The statements that change an object in place, where nothing can be lost by it.

use super::super::Schema;
use super::super::diff::Alteration;
use super::super::kind::Kind;
use super::super::object::{Object, Property};
use super::{create, target};
use crate::lint::tree::quoted;

/// The statements, or why there are none.
pub fn alteration(
    object: &Object,
    wanted: &Object,
    alteration: &Alteration,
    (from, to): (&Schema, &Schema),
) -> Result<Vec<String>, String> {
    let property = alteration.property.as_str();
    let text = wanted.text(property);
    let statements = match property {
        "comment" => Some(vec![target::comment(wanted, to, text)]),
        // It has its table's.
        "owner" if wanted.key.kind == Kind::Sequence && wanted.of.is_some() => Some(Vec::new()),
        "owner" => text.map(|role| vec![target::change_owner(wanted, to, role)]),
        "privileges" => Some(privileges(object, wanted, to)),
        "values" => values(wanted, object.list("values")),
        "definition" if create::is_inherited(wanted) && wanted.key.kind != Kind::Table => Some(Vec::new()),
        "definition" => definition(object, wanted, (from, to)),
        "enabled" => Some(vec![create::enabled(wanted).unwrap_or_else(|| create::firing(wanted, "ENABLE"))]),
        _ => in_place(wanted, alteration),
    };
    statements.ok_or_else(|| refusal(alteration))
}

fn refusal(alteration: &Alteration) -> String {
    let shown = |property: &Option<Property>| match property {
        Some(property) => format!("`{}`", property.to_string().trim()),
        None => "—".to_owned(),
    };
    format!("{}: {} → {}", alteration.property, shown(&alteration.first), shown(&alteration.second))
}

fn in_place(wanted: &Object, alteration: &Alteration) -> Option<Vec<String>> {
    let property = alteration.property.as_str();
    match wanted.key.kind {
        Kind::Column => column(wanted, property),
        Kind::Domain => domain(wanted, property),
        Kind::Table => table(wanted, alteration),
        Kind::View | Kind::Index | Kind::MaterializedView if property == "storage parameters" => {
            Some(parameters(wanted, alteration))
        }
        Kind::Sequence if matches!(property, "owned by" | "identity of" | "type" | "unlogged") => None,
        Kind::Sequence => {
            Some(vec![format!("ALTER SEQUENCE {}{};", wanted.key.name, create::sequence(wanted))])
        }
        Kind::Extension if property == "version" => {
            let version = target::literal(wanted.text(property)?);
            Some(vec![format!("ALTER EXTENSION {} UPDATE TO {version};", wanted.key.name)])
        }
        Kind::Policy => Some(again(wanted, create::policy(wanted))),
        _ => None,
    }
}

/// What a table's user may not do any more, he may not do with any of its columns: what is wanted of these is granted
/// again.
fn privileges(object: &Object, wanted: &Object, to: &Schema) -> Vec<String> {
    let (old, new) = (object.list("privileges"), wanted.list("privileges"));
    let lost: Vec<String> = old
        .iter()
        .filter(|item| !new.contains(item))
        .filter_map(|item| target::revoke(wanted, item))
        .collect();
    let columns = if lost.is_empty() { Vec::new() } else { to.parts(Kind::Column, &wanted.key.name) };
    let of_columns = columns
        .iter()
        .flat_map(|column| column.list("privileges").iter().filter_map(|item| target::grant(column, item)));
    let gained = new.iter().filter(|item| !old.contains(item)).filter_map(|item| target::grant(wanted, item));
    lost.into_iter().chain(gained).chain(of_columns).collect()
}

/// New values of an enum, each put after the one before it; none where a value is gone or has moved.
fn values(wanted: &Object, old: &[String]) -> Option<Vec<String>> {
    let new = wanted.list("values");
    let kept: Vec<&String> = new.iter().filter(|value| old.contains(value)).collect();
    if kept != old.iter().collect::<Vec<_>>() {
        return None;
    }
    let place = |at: usize| match (at.checked_sub(1), old.first()) {
        (Some(before), _) => format!(" AFTER {}", target::literal(&new[before])),
        (None, Some(first)) => format!(" BEFORE {}", target::literal(first)),
        (None, None) => String::new(),
    };
    let add = |(at, value): (usize, &String)| {
        let name = &wanted.key.name;
        format!("ALTER TYPE {name} ADD VALUE IF NOT EXISTS {}{};", target::literal(value), place(at))
    };
    Some(new.iter().enumerate().filter(|(_, value)| !old.contains(value)).map(add).collect())
}

fn definition(object: &Object, wanted: &Object, (from, to): (&Schema, &Schema)) -> Option<Vec<String>> {
    let definition = format!("{};", wanted.text("definition")?.trim_end_matches([';', '\n']));
    let same = |fact: &str| object.text(fact) == wanted.text(fact);
    match wanted.key.kind {
        Kind::Function | Kind::Procedure if same("returns") && same("arguments") => Some(vec![definition]),
        Kind::Aggregate if same("returns") => {
            Some(vec![definition.replacen("CREATE", "CREATE OR REPLACE", 1)])
        }
        Kind::View if goes_on(object, (from, to)) => Some(vec![create::view(wanted)]),
        Kind::Trigger | Kind::Rule => Some(again(wanted, definition)),
        _ => None,
    }
}

/// Nothing is lost with it: it is dropped and made anew.
fn again(wanted: &Object, creation: String) -> Vec<String> {
    let of = wanted.of.as_deref().unwrap_or_default();
    let word = wanted.key.kind.word().to_uppercase();
    let drop = format!("DROP {word} IF EXISTS {} ON {of};", quoted(&wanted.short));
    let comment = wanted.comment().map(|text| {
        format!("COMMENT ON {word} {} ON {of} IS {};", quoted(&wanted.short), target::literal(text))
    });
    [drop, creation].into_iter().chain(create::enabled(wanted)).chain(comment).collect()
}

/// Whether the columns that a view has stay as they are, and new ones come after them: all that can be replaced.
fn goes_on(view: &Object, (from, to): (&Schema, &Schema)) -> bool {
    let columns = |schema: &Schema| -> Vec<(String, Option<String>)> {
        let columns = schema.parts(Kind::Column, &view.key.name);
        columns
            .into_iter()
            .map(|column| (column.short.clone(), column.text("type").map(str::to_owned)))
            .collect()
    };
    columns(to).starts_with(&columns(from))
}

fn column(wanted: &Object, property: &str) -> Option<Vec<String>> {
    let of = wanted.of.as_deref()?;
    let alter = format!("ALTER TABLE {of} ALTER COLUMN {}", quoted(&wanted.short));
    let value = wanted.text(property);
    let sql = match (property, value) {
        ("default", Some(default)) => format!("{alter} SET DEFAULT {default};"),
        ("default", None) => format!("{alter} DROP DEFAULT;"),
        ("not null", None) => format!("{alter} DROP NOT NULL;"),
        ("statistics", value) => format!("{alter} SET STATISTICS {};", value.unwrap_or("-1")),
        ("storage", Some(storage)) => format!("{alter} SET STORAGE {storage};"),
        ("compression", value) => format!("{alter} SET COMPRESSION {};", value.unwrap_or("default")),
        ("options", _) if wanted.has("options") => {
            format!("{alter} SET ({});", wanted.list("options").join(", "))
        }
        _ => return None,
    };
    Some(vec![sql])
}

fn domain(wanted: &Object, property: &str) -> Option<Vec<String>> {
    let alter = format!("ALTER DOMAIN {}", wanted.key.name);
    let sql = match (property, wanted.text(property)) {
        ("default", Some(default)) => format!("{alter} SET DEFAULT {default};"),
        ("default", None) => format!("{alter} DROP DEFAULT;"),
        ("not null", None) => format!("{alter} DROP NOT NULL;"),
        _ => return None,
    };
    Some(vec![sql])
}

fn table(wanted: &Object, alteration: &Alteration) -> Option<Vec<String>> {
    let alter = format!("ALTER TABLE {}", wanted.key.name);
    match alteration.property.as_str() {
        "row security" => {
            let words = wanted.text("row security").unwrap_or_default();
            let enable = if words.contains("enabled") { "ENABLE" } else { "DISABLE" };
            let force = if words.contains("forced") { "FORCE" } else { "NO FORCE" };
            Some(vec![
                format!("{alter} {enable} ROW LEVEL SECURITY;"),
                format!("{alter} {force} ROW LEVEL SECURITY;"),
            ])
        }
        "replica identity" => match wanted.text("replica identity").unwrap_or("default") {
            "index" => Some(Vec::new()),
            word => Some(vec![format!("{alter} REPLICA IDENTITY {};", word.to_uppercase())]),
        },
        "storage parameters" => Some(parameters(wanted, alteration)),
        _ => None,
    }
}

fn parameters(wanted: &Object, alteration: &Alteration) -> Vec<String> {
    let name = |item: &String| item.split('=').next().unwrap_or_default().to_owned();
    let new = wanted.list("storage parameters");
    let Some(Property::List(old)) = &alteration.first else {
        return set(wanted, new).into_iter().collect();
    };
    let kept: Vec<String> = new.iter().map(name).collect();
    let gone: Vec<String> = old.iter().map(name).filter(|name| !kept.contains(name)).collect();
    let word = wanted.key.kind.word().to_uppercase();
    let reset =
        (!gone.is_empty()).then(|| format!("ALTER {word} {} RESET ({});", wanted.key.name, gone.join(", ")));
    reset.into_iter().chain(set(wanted, new)).collect()
}

fn set(wanted: &Object, list: &[String]) -> Option<String> {
    let word = wanted.key.kind.word().to_uppercase();
    (!list.is_empty()).then(|| format!("ALTER {word} {} SET ({});", wanted.key.name, list.join(", ")))
}
