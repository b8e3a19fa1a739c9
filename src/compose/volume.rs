//! The short syntax of a volume: `source:target:options`.

use super::error::ComposeError;
use super::node::{Node, Value};
use super::path::tidy_text;

struct Short<'t> {
    source: Option<&'t str>,
    target: &'t str,
    options: Vec<&'t str>,
}

/// The long form of a volume in short syntax.
pub fn expand(item: &Node) -> Result<Node, ComposeError> {
    let Some(text) = item.text() else { return Ok(item.clone()) };
    let wrong = || item.must_be("volumes", "`source:target:options`, without empty parts");
    Ok(long(&split(text).ok_or_else(wrong)?, item, text))
}

/// Where a volume in short syntax is mounted.
#[must_use]
pub fn target(text: &str) -> Option<String> {
    split(text).map(|short| short.target.to_owned())
}

fn split(text: &str) -> Option<Short<'_>> {
    let parts: Vec<_> = text.split(':').collect();
    if parts.iter().any(|part| part.is_empty()) {
        return None;
    }
    match parts.as_slice() {
        [target] => Some(Short { source: None, target, options: Vec::new() }),
        [source, target] => Some(Short { source: Some(source), target, options: Vec::new() }),
        [source, target, options] => {
            Some(Short { source: Some(source), target, options: options.split(',').collect() })
        }
        _ => None,
    }
}

fn long(short: &Short<'_>, item: &Node, text: &str) -> Node {
    let is_path = short.source.is_some_and(|source| source.starts_with(['.', '/', '~']));
    let kind = if is_path { "bind" } else { "volume" };
    let mut mount = item.with_entries([
        ("type", Value::Text(kind.to_owned())),
        ("target", Value::Text(tidy_text(short.target))),
    ]);
    let mut set = |key: &str, value: Value| {
        let node = item.with(value);
        mount.map_mut().map(|map| map.insert(key.to_owned(), node));
    };
    if let Some(source) = short.source {
        set("source", Value::Text(source.to_owned()));
    }
    if read_only(&short.options) {
        set("read_only", Value::Bool(true));
    }
    let bind = bind_options(&short.options);
    if is_path {
        let mut entries = bind.unwrap_or_default();
        entries.push(("create_host_path", Value::Bool(true)));
        set("bind", entries_of(item, entries));
        return mount;
    }
    if let Some(entries) = bind {
        set("bind", entries_of(item, entries));
    }
    // A text of one or two letters is an anonymous volume's target, for which compose says no more.
    if text.len() > 2 {
        let nocopy = short.options.contains(&"nocopy").then_some(("nocopy", Value::Bool(true)));
        set("volume", entries_of(item, nocopy.into_iter().collect()));
    }
    mount
}

fn read_only(options: &[&str]) -> bool {
    options.iter().rfind(|option| matches!(**option, "ro" | "rw")).is_some_and(|option| *option == "ro")
}

fn bind_options(options: &[&str]) -> Option<Vec<(&'static str, Value)>> {
    let known = options.iter().filter_map(|option| match *option {
        "z" | "Z" => Some(("selinux", Value::Text((*option).to_owned()))),
        "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave" => {
            Some(("propagation", Value::Text((*option).to_owned())))
        }
        _ => None,
    });
    let known: Vec<_> = known.collect();
    if known.is_empty() { None } else { Some(known) }
}

fn entries_of(item: &Node, entries: Vec<(&'static str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), item.with(value))).collect())
}
