//! How a later compose file changes an earlier one: compose's merge rules, key by key.

use super::error::ComposeError;
use super::node::{Map, Node, Value, below};

type Merged = Result<Node, ComposeError>;

/// `over` merged onto `base`. `path` is where both stand, from the top of the file.
pub fn merge(base: Node, over: Node, path: &[&str]) -> Merged {
    match path {
        ["services", _, "command" | "entrypoint"]
        | ["services", _, "healthcheck", "test"]
        | ["services", _, "ulimits", _] => Ok(over),
        ["services", _, key] if is_appended(key) => Ok(appended(base, over)),
        ["services", _, "build", "args" | "additional_contexts" | "labels"]
        | ["services", _, "deploy", "labels"]
        | ["networks" | "volumes", _, "labels"] => Ok(appended(base, over)),
        ["services", _, "extra_hosts"] | ["services", _, "build", "extra_hosts"] => Ok(hosts(base, over)),
        ["services", _, "build"] => maps(build(base), build(over), path),
        ["services", _, "depends_on"] => maps(dependencies(base), dependencies(over), path),
        ["services", _, "networks"] => maps(keys(base, |_| Value::Null), keys(over, |_| Value::Null), path),
        ["services", _, "logging"] => logging(base, over, path),
        ["networks", _, "ipam", "config"] => pools(base, over, path),
        _ => plain(base, over, path),
    }
}

fn is_appended(key: &str) -> bool {
    matches!(
        key,
        "annotations"
            | "dns"
            | "dns_opt"
            | "dns_search"
            | "env_file"
            | "label_file"
            | "environment"
            | "labels"
            | "sysctls"
            | "tmpfs"
    )
}

/// Maps key by key, lists one after the other, anything else replaced; null changes nothing.
fn plain(base: Node, over: Node, path: &[&str]) -> Merged {
    if over.is_null() {
        return Ok(base);
    }
    match (&base.value, &over.value) {
        (Value::Map(_), Value::Map(_)) => maps(base, over, path),
        (Value::List(_), Value::List(_)) => Ok(appended(base, over)),
        (Value::Map(_), _) => Err(over.must_be(&path.join("."), "a mapping, as in the file before")),
        (Value::List(_), _) => Err(over.must_be(&path.join("."), "a list, as in the file before")),
        _ => Ok(over),
    }
}

fn maps(base: Node, over: Node, path: &[&str]) -> Merged {
    let place = over.place.clone();
    let mut merged = into_map(base);
    for (key, value) in into_map(over) {
        let value = match merged.remove(&key) {
            Some(earlier) if !key.starts_with("x-") => merge(earlier, value, &below(path, &key))?,
            _ => value,
        };
        merged.insert(key, value);
    }
    Ok(Node::new(Value::Map(merged), place))
}

fn into_map(node: Node) -> Map {
    if let Value::Map(map) = node.value { map } else { Map::new() }
}

fn appended(base: Node, over: Node) -> Node {
    let place = over.place.clone();
    let mut items = items(base);
    items.extend(self::items(over));
    Node::new(Value::List(items), place)
}

fn hosts(base: Node, over: Node) -> Node {
    let place = over.place.clone();
    let mut items = items(base);
    let known: Vec<_> = items.iter().map(Node::printed).collect();
    items.extend(self::items(over).into_iter().filter(|item| !known.contains(&item.printed())));
    Node::new(Value::List(items), place)
}

/// The list form of a list, a text or a mapping (`key=value`, sorted).
fn items(node: Node) -> Vec<Node> {
    match node.value {
        Value::List(items) => items,
        Value::Text(_) => vec![node],
        Value::Map(map) => map.into_iter().flat_map(|(key, value)| pairs(&key, &value)).collect(),
        _ => Vec::new(),
    }
}

fn pairs(key: &str, value: &Node) -> Vec<Node> {
    if let Some(several) = value.list() {
        return several.iter().flat_map(|one| pairs(key, one)).collect();
    }
    let text = value.printed().map_or_else(|| key.to_owned(), |value| format!("{key}={value}"));
    vec![value.with_text(text)]
}

/// The mapping form of a list of names.
fn keys(node: Node, value: fn(&Node) -> Value) -> Node {
    let Value::List(names) = &node.value else { return node };
    let entry = |name: &Node| Some((name.text()?.to_owned(), name.with(value(name))));
    let map = names.iter().filter_map(entry).collect();
    node.with(Value::Map(map))
}

fn dependencies(node: Node) -> Node {
    keys(node, |name| name.with_entries(started()).value)
}

/// What a dependency is that says nothing about itself.
#[must_use]
pub fn started() -> [(&'static str, Value); 2] {
    [("condition", Value::Text("service_started".to_owned())), ("required", Value::Bool(true))]
}

fn build(node: Node) -> Node {
    match &node.value {
        Value::Text(context) => node.with_entries([("context", Value::Text(context.clone()))]),
        _ => node,
    }
}

/// The options of another driver are of no use to this one.
fn logging(base: Node, over: Node, path: &[&str]) -> Merged {
    let driver = |node: &Node| node.get("driver").and_then(Node::printed);
    match (driver(&base), driver(&over)) {
        (Some(one), Some(other)) if one != other => Ok(over),
        _ => maps(base, over, path),
    }
}

fn pools(base: Node, over: Node, path: &[&str]) -> Merged {
    let subnet = |pool: &Node| pool.get("subnet").and_then(Node::printed);
    let place = over.place.clone();
    let earlier = items(base);
    let merged = items(over).into_iter().map(|pool| {
        match earlier.iter().find(|candidate| subnet(candidate) == subnet(&pool)) {
            Some(same) => maps(same.clone(), pool, path),
            None => Ok(pool),
        }
    });
    Ok(Node::new(Value::List(merged.collect::<Result<_, _>>()?), place))
}
