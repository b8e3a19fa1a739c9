//! What the keys of a compose file hold, and how compose prints them in its canonical form.

use serde_json::{Map as Json, Value as JsonValue, json};

use super::error::ComposeError;
use super::node::{Map, Node, Value};
use super::units;

/// The form of a value.
pub enum Shape {
    Text,
    Bool,
    Int,
    Float,
    /// Printed as a text of digits.
    Bytes,
    Duration,
    /// A command: a text split into words, or a list.
    Words,
    /// `healthcheck.test`.
    Test,
    /// A text or a list of texts and numbers.
    Texts,
    /// A mapping, or a list of `key=value`; no value means an empty one.
    Pairs,
    /// The same, but a key without value stays without.
    Variables,
    Hosts,
    Ulimit,
    /// `all`, or a number.
    Count,
    List(&'static Shape),
    MapOf(&'static Shape),
    Object(&'static [Field]),
}

pub struct Field {
    pub name: &'static str,
    pub shape: Shape,
    pub print: Print,
}

/// When a field is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Print {
    /// Unless it is empty, zero or false.
    Filled,
    /// Whenever it is given.
    Given,
    /// Always; an object that is not given is empty, anything else null.
    Always,
}

/// A key's value in canonical form.
type Printed = Result<JsonValue, ComposeError>;

impl Shape {
    /// The canonical form of `node`, the value of `key`.
    pub fn print(&self, node: &Node, key: &str) -> Printed {
        if node.is_null() {
            return Ok(JsonValue::Null);
        }
        match self {
            Self::Text => text(node, key).map(JsonValue::from),
            Self::Bool => boolean(node, key),
            Self::Float => float(node, key),
            Self::Bytes => bytes(node, key),
            Self::Duration => duration(node, key),
            Self::Words => words(node, key),
            Self::Test => test(node, key),
            Self::Texts => texts(node, key),
            Self::Pairs => pairs(node, key, || json!("")),
            Self::Variables => pairs(node, key, || JsonValue::Null),
            Self::Hosts => hosts(node, key),
            Self::Ulimit if node.map().is_some() => object(node, key, ULIMIT),
            Self::Count if node.text().is_some_and(|text| text.eq_ignore_ascii_case("all")) => Ok(json!(-1)),
            Self::Int | Self::Count | Self::Ulimit => integer(node, key),
            Self::List(of) => list(node, key, of),
            Self::MapOf(of) => map_of(node, key, of),
            Self::Object(fields) => object(node, key, fields),
        }
    }
}

const ULIMIT: &[Field] = &[
    Field { name: "soft", shape: Shape::Int, print: Print::Filled },
    Field { name: "hard", shape: Shape::Int, print: Print::Filled },
];

/// The canonical form of a mapping. Keys that start with `x-` are left out; unknown ones are printed as they
/// stand, for the caller to judge.
pub fn object(node: &Node, key: &str, fields: &[Field]) -> Printed {
    let given = node.map().ok_or_else(|| node.must_be(key, "a mapping"))?;
    let mut printed = Json::new();
    for field in fields {
        let value = match given.get(field.name) {
            Some(node) => field.shape.print(node, &format!("{key}.{}", field.name))?,
            None => JsonValue::Null,
        };
        insert(&mut printed, field, value);
    }
    let known = |name: &str| fields.iter().any(|field| field.name == name);
    for (name, node) in given.iter().filter(|(name, _)| !name.starts_with("x-") && !known(name)) {
        printed.insert(name.clone(), as_it_stands(node));
    }
    Ok(JsonValue::Object(printed))
}

fn insert(printed: &mut Json<String, JsonValue>, field: &Field, value: JsonValue) {
    let wanted = match field.print {
        Print::Filled => !is_empty(&value),
        Print::Given => !value.is_null(),
        Print::Always => true,
    };
    let missing_object = value.is_null() && matches!(field.shape, Shape::Object(_));
    let value = if missing_object { empty_object(&field.shape) } else { value };
    if wanted {
        printed.insert(field.name.to_owned(), value);
    }
}

fn empty_object(shape: &Shape) -> JsonValue {
    let Shape::Object(fields) = shape else { return JsonValue::Null };
    let mut printed = Json::new();
    fields.iter().for_each(|field| insert(&mut printed, field, JsonValue::Null));
    JsonValue::Object(printed)
}

fn is_empty(value: &JsonValue) -> bool {
    match value {
        JsonValue::Null => true,
        JsonValue::Bool(flag) => !flag,
        JsonValue::Number(number) => number.as_f64() == Some(0.0),
        JsonValue::String(text) => text.is_empty(),
        JsonValue::Array(items) => items.is_empty(),
        JsonValue::Object(map) => map.is_empty(),
    }
}

/// A value that compose does not interpret, such as below `x-`.
#[must_use]
pub fn as_it_stands(node: &Node) -> JsonValue {
    match &node.value {
        Value::Null => JsonValue::Null,
        Value::Bool(flag) => json!(flag),
        Value::Int(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::List(items) => items.iter().map(as_it_stands).collect(),
        Value::Map(map) => map.iter().map(|(key, value)| (key.clone(), as_it_stands(value))).collect(),
    }
}

fn text(node: &Node, key: &str) -> Result<String, ComposeError> {
    node.printed().ok_or_else(|| node.must_be(key, "a text"))
}

fn unfit(node: &Node, key: &str, expected: &'static str) -> ComposeError {
    match node.printed() {
        Some(value) => {
            ComposeError::Value { place: node.place.clone(), key: key.to_owned(), value, expected }
        }
        None => node.must_be(key, expected),
    }
}

fn boolean(node: &Node, key: &str) -> Printed {
    let word = node.printed().unwrap_or_default().to_ascii_lowercase();
    match word.as_str() {
        "true" | "y" | "yes" | "on" => Ok(json!(true)),
        "false" | "n" | "no" | "off" => Ok(json!(false)),
        _ => Err(unfit(node, key, "`true` or `false`")),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float without fraction, far inside the range")]
fn integer(node: &Node, key: &str) -> Printed {
    match &node.value {
        Value::Int(number) => Ok(json!(number)),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => Ok(json!(*number as i64)),
        Value::Text(text) => match text.parse::<i64>() {
            Ok(number) => Ok(json!(number)),
            Err(_) => Err(unfit(node, key, "a whole number")),
        },
        _ => Err(unfit(node, key, "a whole number")),
    }
}

/// Compose keeps 32 bits of a fraction.
fn float(node: &Node, key: &str) -> Printed {
    let number = node.printed().and_then(|text| text.parse::<f32>().ok());
    let number = number.ok_or_else(|| unfit(node, key, "a number"))?;
    // Through its text, so that 0.1 stays 0.1.
    let shown = number.to_string().parse::<f64>().unwrap_or_default();
    Ok(json!(shown))
}

fn bytes(node: &Node, key: &str) -> Printed {
    let bytes = match &node.value {
        Value::Int(number) => Some(*number),
        _ => node.printed().and_then(|text| units::bytes(&text)),
    };
    match bytes {
        Some(0) => Ok(JsonValue::Null),
        Some(bytes) => Ok(json!(bytes.to_string())),
        None => Err(unfit(node, key, "a size such as `512m` or `1gb`")),
    }
}

fn duration(node: &Node, key: &str) -> Printed {
    let duration = node.printed().and_then(|text| units::duration(&text));
    let wrong = || unfit(node, key, "a duration such as `10s` or `1m30s`");
    Ok(json!(units::print_duration(duration.ok_or_else(wrong)?)))
}

fn words(node: &Node, key: &str) -> Printed {
    let Some(line) = node.text() else { return texts(node, key) };
    units::words(line).map(JsonValue::from).ok_or_else(|| {
        node.must_be(key, "a command line with closed quotes and no bare parentheses, or a list")
    })
}

fn test(node: &Node, key: &str) -> Printed {
    match node.text() {
        Some(line) => Ok(json!(["CMD-SHELL", line])),
        None => texts(node, key),
    }
}

fn texts(node: &Node, key: &str) -> Printed {
    match &node.value {
        Value::List(items) => {
            items.iter().map(|item| text(item, key).map(JsonValue::from)).collect::<Result<_, _>>()
        }
        Value::Map(_) => Err(node.must_be(key, "a list of texts")),
        _ => Ok(json!([text(node, key)?])),
    }
}

fn pairs(node: &Node, key: &str, nothing: fn() -> JsonValue) -> Printed {
    match &node.value {
        Value::Map(map) => map.iter().map(|(name, value)| pair(name, value, key, nothing)).collect(),
        Value::List(items) => items.iter().map(|item| item_pair(item, key, nothing)).collect(),
        _ => Err(node.must_be(key, "a mapping, or a list of `key=value`")),
    }
}

fn pair(
    name: &str,
    value: &Node,
    key: &str,
    nothing: fn() -> JsonValue,
) -> Result<(String, JsonValue), ComposeError> {
    let printed = if value.is_null() { nothing() } else { json!(text(value, &format!("{key}.{name}"))?) };
    Ok((name.to_owned(), printed))
}

fn item_pair(
    item: &Node,
    key: &str,
    nothing: fn() -> JsonValue,
) -> Result<(String, JsonValue), ComposeError> {
    let line = text(item, key)?;
    Ok(match line.split_once('=') {
        Some((name, value)) => (name.to_owned(), json!(value)),
        None => (line, nothing()),
    })
}

/// `host=ip`, sorted; the short form also takes `host:ip`, and brackets around an IPv6 address.
fn hosts(node: &Node, key: &str) -> Printed {
    let wrong = || node.must_be(key, "a list of `host=ip`, or a mapping");
    let mut lines = Vec::new();
    match &node.value {
        Value::Map(map) => {
            for (host, addresses) in map {
                let several = addresses.list().unwrap_or(std::slice::from_ref(addresses));
                lines.extend(several.iter().map(|ip| host_line(host, &ip.printed().unwrap_or_default())));
            }
        }
        Value::List(items) => {
            for item in items {
                let line = text(item, key)?;
                let (host, ips) = line.split_once('=').or_else(|| line.split_once(':')).ok_or_else(wrong)?;
                lines.extend(ips.split(',').map(|ip| host_line(host, ip)));
            }
        }
        _ => return Err(wrong()),
    }
    lines.sort();
    Ok(json!(lines))
}

fn host_line(host: &str, ip: &str) -> String {
    let bare = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(ip);
    format!("{host}={bare}")
}

fn list(node: &Node, key: &str, of: &Shape) -> Printed {
    let items = node.list().ok_or_else(|| node.must_be(key, "a list"))?;
    items.iter().map(|item| of.print(item, key)).collect()
}

fn map_of(node: &Node, key: &str, of: &Shape) -> Printed {
    let map: &Map = node.map().ok_or_else(|| node.must_be(key, "a mapping"))?;
    map.iter().map(|(name, value)| Ok((name.clone(), of.print(value, &format!("{key}.{name}"))?))).collect()
}
