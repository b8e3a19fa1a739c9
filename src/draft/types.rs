//! Types as an author writes them, and as the conventions want them.

use super::words::literal;
use crate::lint::act::Type;

/// A type as the author writes it.
pub fn read_type(text: &str) -> Type {
    let end = text.find(" not null").or_else(|| text.find(" NOT NULL")).unwrap_or(text.len());
    Type { text: text[..end].to_lowercase(), span: 0..0 }
}

/// Some value of a type.
pub fn example(of_type: &Type) -> String {
    match of_type.base() {
        _ if of_type.is_array() => "'{}'".to_owned(),
        "boolean" | "bool" => "FALSE".to_owned(),
        "timestamptz" | "timestamp with time zone" => "NOW()".to_owned(),
        "date" => "CURRENT_DATE".to_owned(),
        "json" | "jsonb" => "'{}'".to_owned(),
        "uuid" => "gen_random_uuid()".to_owned(),
        _ if of_type.is_integer() || of_type.is_floating() || of_type.base() == "numeric" => "0".to_owned(),
        _ => literal("example"),
    }
}

/// A type as the conventions want it; what follows it stays.
pub fn better_type(column: &str, of_type: &str) -> String {
    let (name, rest) = of_type.split_at(of_type.find([' ', '(', '[']).unwrap_or(of_type.len()));
    let lower = rest.to_lowercase();
    let zone = lower.trim_start().starts_with("with time zone")
        || lower.trim_start().starts_with("without time zone");
    let better = match name.to_lowercase().as_str() {
        "timestamp" if zone => return better_type(column, &rest_of_zone(rest)),
        "timestamp" => "TIMESTAMPTZ".to_owned(),
        "json" => "JSONB".to_owned(),
        plain if plain.chars().all(|c| c.is_ascii_alphanumeric()) && is_builtin(plain) => {
            plain.to_uppercase()
        }
        _ => name.to_owned(),
    };
    let is_stamp = matches!(column, "created_at" | "updated_at") && !lower.contains("default");
    format!("{better}{rest}{}", if is_stamp { " DEFAULT NOW()" } else { "" })
}

/// `timestamptz` and what follows `with time zone`.
fn rest_of_zone(rest: &str) -> String {
    let end = rest.to_lowercase().find("zone").map_or(rest.len(), |at| at + "zone".len());
    format!("timestamptz{}", &rest[end..])
}

fn is_builtin(name: &str) -> bool {
    const NAMES: [&str; 24] = [
        "text",
        "varchar",
        "char",
        "integer",
        "int",
        "int4",
        "int8",
        "bigint",
        "smallint",
        "serial",
        "bigserial",
        "numeric",
        "decimal",
        "real",
        "boolean",
        "bool",
        "date",
        "time",
        "interval",
        "timestamptz",
        "jsonb",
        "uuid",
        "bytea",
        "inet",
    ];
    NAMES.contains(&name)
}
