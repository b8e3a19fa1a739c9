//! Names, types and texts of Python.

use super::super::Schema;
use super::super::kind::Kind;
use super::super::object::{Key, Object};
use crate::lint::tree::quoted;

const KEYWORDS: [&str; 36] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "self",
];

/// What asyncpg makes of a type, and what must be imported for it; anything that is not listed is `Any`.
const TYPES: [(&str, &str, &str); 21] = [
    ("smallint", "int", ""),
    ("integer", "int", ""),
    ("bigint", "int", ""),
    ("oid", "int", ""),
    ("real", "float", ""),
    ("double precision", "float", ""),
    ("numeric", "Decimal", "from decimal import Decimal"),
    ("boolean", "bool", ""),
    ("text", "str", ""),
    ("character varying", "str", ""),
    ("character", "str", ""),
    ("name", "str", ""),
    ("citext", "str", ""),
    ("bytea", "bytes", ""),
    ("uuid", "uuid.UUID", "import uuid"),
    ("date", "datetime.date", "import datetime"),
    ("time without time zone", "datetime.time", "import datetime"),
    ("time with time zone", "datetime.time", "import datetime"),
    ("timestamp without time zone", "datetime.datetime", "import datetime"),
    ("timestamp with time zone", "datetime.datetime", "import datetime"),
    ("interval", "datetime.timedelta", "import datetime"),
];

pub struct Column {
    /// As the database has it, unquoted.
    pub source: String,
    /// As Python has it.
    pub name: String,
    pub data_type: String,
    pub imports: Vec<&'static str>,
    pub is_json: bool,
    pub is_nullable: bool,
    /// The server makes a value where none is given.
    pub is_made: bool,
    /// It may be left out when a row is written.
    pub is_optional: bool,
    /// A program may write it: no expression computes it, no sequence counts it.
    pub is_written: bool,
}

impl Column {
    pub fn new(schema: &Schema, column: &Object) -> Self {
        let (data_type, import, is_json) = of_type(schema, column.text("type").unwrap_or_default());
        let counted =
            column.has("identity") || column.text("default").is_some_and(|text| text.starts_with("nextval("));
        let is_nullable = !column.has("not null");
        Self {
            source: column.short.clone(),
            name: name(&column.short),
            data_type,
            imports: if import.is_empty() { Vec::new() } else { vec![import] },
            is_json,
            is_nullable,
            is_made: counted || column.has("default"),
            is_optional: is_nullable || column.has("default"),
            is_written: !counted && !column.has("generated"),
        }
    }

    pub fn annotation(&self) -> String {
        let optional = self.is_nullable && self.data_type != "Any";
        if optional { format!("{} | None", self.data_type) } else { self.data_type.clone() }
    }

    /// In a SELECT, under its Python name.
    pub fn selected(&self) -> String {
        let column = quoted(&self.source);
        if column == self.name { column } else { format!("{column} AS {}", quoted(&self.name)) }
    }

    /// The argument as it is sent: asyncpg takes JSON as a text.
    pub fn sent(&self) -> String {
        let name = &self.name;
        if self.is_json {
            format!("{name} if {name} is None or {name} is _UNSET else json.dumps({name})")
        } else {
            name.clone()
        }
    }
}

/// The annotation, what it imports, and whether it is JSON.
fn of_type(schema: &Schema, declared: &str) -> (String, &'static str, bool) {
    if let Some(element) = declared.strip_suffix("[]") {
        let (element, import, _) = of_type(schema, element);
        return (format!("list[{element}]"), import, false);
    }
    let domain = schema.object(&Key::new(Kind::Domain, declared));
    if let Some(base) = domain.and_then(|domain| domain.text("type")) {
        return of_type(schema, base);
    }
    let plain = without_modifier(declared);
    if matches!(plain.as_str(), "json" | "jsonb") {
        return ("Any".to_owned(), "", true);
    }
    if schema.object(&Key::new(Kind::Enum, declared)).is_some() {
        return ("str".to_owned(), "", false);
    }
    let bare = plain.rsplit('.').next().unwrap_or(&plain);
    let known = TYPES.iter().find(|(name, ..)| *name == plain || *name == bare);
    known.map_or(("Any".to_owned(), "", false), |(_, python, import)| ((*python).to_owned(), *import, false))
}

/// `timestamp(3) with time zone` as `timestamp with time zone`.
fn without_modifier(declared: &str) -> String {
    match (declared.find('('), declared.find(')')) {
        (Some(from), Some(to)) => format!("{}{}", &declared[..from], &declared[to + 1..]),
        _ => declared.to_owned(),
    }
}

fn name(column: &str) -> String {
    let lower = column.to_lowercase();
    let name: String =
        lower.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if KEYWORDS.contains(&name.as_str()) || matches!(name.as_str(), "given" | "places" | "changes" | "row") {
        return format!("{name}_");
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("c_{name}") } else { name }
}

/// `admin_users` as `AdminUsers`.
pub fn class(table: &str) -> String {
    let words = table.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let class: String = words.map(capital).collect();
    if class.starts_with(|c: char| c.is_ascii_alphabetic()) { class } else { format!("Table{class}") }
}

pub fn docstring(text: &str, indent: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{indent}\"\"\"{}\"\"\"", inside(&line))
}

/// A text between double quotes.
pub fn inside(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A text inside an f-string.
pub fn braces(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// Items joined by commas, as string literals of a line each.
pub fn wrapped(items: &[String]) -> String {
    const WIDEST: usize = 72;
    let mut lines: Vec<String> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let item = if at + 1 < items.len() { format!("{}, ", inside(item)) } else { inside(item) };
        match lines.last_mut() {
            Some(line) if line.len() + item.len() <= WIDEST => *line += &item,
            _ => lines.push(item),
        }
    }
    lines.iter().map(|line| format!("        \"{line}\"")).collect::<Vec<_>>().join("\n")
}
