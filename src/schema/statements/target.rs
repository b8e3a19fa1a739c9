//! How an object is named in SQL, and the statements that every kind of object has: owner, comment, privileges.

use super::super::Schema;
use super::super::kind::Kind;
use super::super::object::{Key, Object};
use crate::lint::tree::quoted;

/// `TABLE public.orders`, `TRIGGER touch ON public.orders`: as `COMMENT ON` and `ALTER` want it.
pub fn target(object: &Object, schema: &Schema) -> String {
    let name = &object.key.name;
    let (short, of) = (quoted(&object.short), object.of.as_deref().unwrap_or_default());
    match object.key.kind {
        Kind::Attribute => format!("COLUMN {name}"),
        Kind::Enum | Kind::BaseType | Kind::RangeType | Kind::CompositeType => format!("TYPE {name}"),
        Kind::Constraint if schema.object(&Key::new(Kind::Domain, of)).is_some() => {
            format!("CONSTRAINT {short} ON DOMAIN {of}")
        }
        Kind::Constraint | Kind::Trigger | Kind::Rule | Kind::Policy => {
            format!("{} {short} ON {of}", word(object.key.kind))
        }
        Kind::Aggregate => format!("AGGREGATE {}", name.replace("()", "(*)")),
        kind => format!("{} {name}", word(kind)),
    }
}

fn word(kind: Kind) -> String {
    kind.word().to_uppercase().replace('-', " ")
}

/// Owner, comment and privileges of a new object; what it has by itself is left out.
pub fn remarks(object: &Object, schema: &Schema) -> Vec<String> {
    let runner = schema.of_kind(Kind::Database).next().and_then(|database| database.text("owner"));
    let owner = object.text("owner").filter(|owner| Some(*owner) != runner);
    // An extension's owner cannot be changed; a column's sequence has the table's.
    let owner = owner.filter(|_| {
        !(object.key.kind == Kind::Extension || object.key.kind == Kind::Sequence && object.of.is_some())
    });
    let owner = owner.map(|role| change_owner(object, schema, role));
    let comment = object.comment().map(|text| comment(object, schema, Some(text)));
    let grants = object.list("privileges").iter().filter_map(|item| grant(object, item));
    owner.into_iter().chain(comment).chain(grants).collect()
}

pub fn change_owner(object: &Object, schema: &Schema, role: &str) -> String {
    format!("ALTER {} OWNER TO {};", target(object, schema), quoted(role))
}

pub fn comment(object: &Object, schema: &Schema, text: Option<&str>) -> String {
    let text = text.map_or_else(|| "NULL".to_owned(), literal);
    format!("COMMENT ON {} IS {text};", target(object, schema))
}

/// The statement that makes an item of `privileges` true; none where its form is not known.
pub fn grant(object: &Object, item: &str) -> Option<String> {
    if let Some(lost) = item.strip_prefix("not ") {
        return revoke(object, lost);
    }
    let (words, option) = without_option(item);
    let (privilege, grantee) = words.split_once(" to ")?;
    let option = if option { " WITH GRANT OPTION" } else { "" };
    Some(statement(object, "GRANT", privilege, &format!("TO {grantee}{option}")))
}

/// The statement after which an item of `privileges` no longer holds.
pub fn revoke(object: &Object, item: &str) -> Option<String> {
    if let Some(lost) = item.strip_prefix("not ") {
        return grant(object, lost);
    }
    let (words, _) = without_option(item);
    let (privilege, grantee) = words.split_once(" to ")?;
    Some(statement(object, "REVOKE", privilege, &format!("FROM {grantee}")))
}

fn without_option(item: &str) -> (&str, bool) {
    let item = item.split_once(" by ").map_or(item, |(item, _)| item);
    item.strip_suffix(" with grant option").map_or((item, false), |words| (words, true))
}

fn statement(object: &Object, verb: &str, privilege: &str, rest: &str) -> String {
    let name = &object.key.name;
    let on = match object.key.kind {
        Kind::Column => {
            let of = object.of.as_deref().unwrap_or_default();
            return format!("{verb} {privilege} ({}) ON TABLE {of} {rest};", quoted(&object.short));
        }
        Kind::DefaultPrivileges => return by_default(object, verb, privilege, rest),
        Kind::Table | Kind::ForeignTable | Kind::View | Kind::MaterializedView => format!("TABLE {name}"),
        Kind::Enum | Kind::BaseType | Kind::RangeType | Kind::CompositeType => format!("TYPE {name}"),
        Kind::Aggregate => format!("FUNCTION {name}"),
        Kind::Server => format!("FOREIGN SERVER {name}"),
        kind => format!("{} {name}", word(kind)),
    };
    format!("{verb} {privilege} ON {on} {rest};")
}

fn by_default(object: &Object, verb: &str, privilege: &str, rest: &str) -> String {
    let schema =
        object.text("schema").map_or_else(String::new, |schema| format!(" IN SCHEMA {}", quoted(schema)));
    let role = quoted(object.text("role").unwrap_or_default());
    let objects = object.text("objects").unwrap_or_default().to_uppercase();
    format!("ALTER DEFAULT PRIVILEGES FOR ROLE {role}{schema} {verb} {privilege} ON {objects} {rest};")
}

/// A text as SQL writes it.
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// `a=b` of an options list as `a 'b'`.
pub fn options(list: &[String]) -> String {
    let option = |item: &String| {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        format!("{} {}", quoted(name), literal(value))
    };
    list.iter().map(option).collect::<Vec<_>>().join(", ")
}
