//! From YAML text to nodes: anchors and merge keys resolved, duplicate keys refused.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::error::{ComposeError, Place};
use super::node::{Map, Mark, Node, Value};
use super::scalar;

/// The documents of a file, in order. An empty file has none.
pub fn documents(text: &str, file: &Path) -> Result<Vec<Node>, ComposeError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader =
        Reader { events: Parser::new_from_str(text), file: file.into(), anchors: HashMap::new() };
    let mut documents = Vec::new();
    loop {
        match reader.next()?.0 {
            Event::StreamEnd => return Ok(documents),
            Event::DocumentStart(_) => {
                reader.anchors.clear();
                let first = reader.next()?;
                documents.push(reader.node(first)?);
            }
            _ => {}
        }
    }
}

struct Reader<'t> {
    events: Parser<'t, StrInput<'t>>,
    file: Arc<Path>,
    anchors: HashMap<usize, Node>,
}

/// The keys of a map while it is read: plain ones, and what `<<` brings in.
#[derive(Default)]
struct Entries {
    own: Map,
    lines: BTreeMap<String, usize>,
    merged: Vec<Map>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), ComposeError> {
        match self.events.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn syntax(&self, error: &ScanError) -> ComposeError {
        let mark = error.marker();
        let place = Place { file: self.file.clone(), line: mark.line(), column: mark.col() + 1 };
        ComposeError::Yaml { place, cause: error.info().to_owned() }
    }

    fn place(&self, span: Span) -> Place {
        Place { file: self.file.clone(), line: span.start.line(), column: span.start.col() + 1 }
    }

    fn node(&mut self, (event, span): (Event<'t>, Span)) -> Result<Node, ComposeError> {
        let place = self.place(span);
        let (value, anchor, tag) = match event {
            Event::Alias(anchor) => return self.alias(anchor, place),
            Event::Scalar(text, style, anchor, tag) => {
                (scalar_value(&text, style, tag.as_deref()), anchor, tag)
            }
            Event::SequenceStart(anchor, tag) => (Value::List(self.list()?), anchor, tag),
            Event::MappingStart(anchor, tag) => (Value::Map(self.map()?), anchor, tag),
            _ => return Err(ComposeError::Yaml { place, cause: "a value is missing here".to_owned() }),
        };
        let node = Node { value, place, mark: tag.as_deref().and_then(mark) };
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&self, anchor: usize, place: Place) -> Result<Node, ComposeError> {
        // An anchor is known once its node is complete, so a node cannot contain itself.
        let cause = || "this alias lies inside its own anchor".to_owned();
        self.anchors.get(&anchor).cloned().ok_or_else(|| ComposeError::Yaml { place, cause: cause() })
    }

    fn list(&mut self) -> Result<Vec<Node>, ComposeError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                item => items.push(self.node(item)?),
            }
        }
    }

    fn map(&mut self) -> Result<Map, ComposeError> {
        let mut entries = Entries::default();
        loop {
            match self.next()? {
                (Event::MappingEnd, _) => return Ok(entries.complete()),
                key => self.entry(key, &mut entries)?,
            }
        }
    }

    fn entry(&mut self, key: (Event<'t>, Span), entries: &mut Entries) -> Result<(), ComposeError> {
        let is_merge = matches!(&key.0, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
        let key = self.node(key)?;
        let Some(name) = key.text().map(str::to_owned) else {
            return Err(key.must_be(&key.printed().unwrap_or_default(), "text, as every key"));
        };
        let following = self.next()?;
        let mut value = self.node(following)?;
        if is_merge {
            return entries.merge(value);
        }
        if value.place.line != key.place.line {
            value.place = key.place.clone();
        }
        entries.insert(name, value, key.place)
    }
}

impl Entries {
    fn insert(&mut self, name: String, value: Node, place: Place) -> Result<(), ComposeError> {
        if let Some(&first) = self.lines.get(&name) {
            return Err(ComposeError::DuplicateKey { place, key: name, first });
        }
        self.lines.insert(name.clone(), place.line);
        self.own.insert(name, value);
        Ok(())
    }

    fn merge(&mut self, source: Node) -> Result<(), ComposeError> {
        let wrong = source.must_be("<<", "a mapping or a list of mappings");
        match source.value {
            Value::Map(map) => self.merged.push(map),
            Value::List(items) => {
                for item in items {
                    self.merge(item)?;
                }
            }
            _ => return Err(wrong),
        }
        Ok(())
    }

    /// A map's own keys win over merged ones, and earlier merged maps over later ones.
    fn complete(self) -> Map {
        let mut map = self.own;
        for (key, value) in self.merged.into_iter().flatten() {
            map.entry(key).or_insert(value);
        }
        map
    }
}

fn scalar_value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let forced_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
    if style == ScalarStyle::Plain && !forced_text {
        scalar::resolve(text)
    } else {
        Value::Text(text.to_owned())
    }
}

fn mark(tag: &Tag) -> Option<Mark> {
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", "reset") => Some(Mark::Reset),
        ("!", "override") => Some(Mark::Override),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Node, documents};

    fn one(text: &str) -> Node {
        documents(text, Path::new("compose.yaml")).unwrap().remove(0)
    }

    fn fault(text: &str) -> String {
        documents(text, Path::new("compose.yaml")).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_mapping_keeps_its_own_keys_over_merged_ones_and_earlier_merges_over_later() {
        let node = one("a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc:\n  y: 3\n  <<: [*a, *b]\n");
        let read = |key: &str| node.get("c").unwrap().get(key).unwrap().printed().unwrap();
        assert_eq!((read("x"), read("y"), read("z")), ("1".into(), "3".into(), "2".into()));
    }

    #[test]
    fn a_key_given_twice_is_refused_with_both_lines() {
        assert_eq!(
            fault("a: 1\nb: 2\na: 3\n"),
            "`compose.yaml`, line 3, column 1: `a` is given twice; the first is on line 1"
        );
    }

    #[test]
    fn a_key_must_be_text() {
        assert!(fault("80: x\n").contains("`80` must be text"));
    }

    #[test]
    fn documents_are_separate_and_an_empty_file_has_none() {
        let read = |text| documents(text, Path::new("f")).unwrap().len();
        assert_eq!((read("a: 1\n---\nb: 2\n"), read(""), read("# only a comment\n")), (2, 0, 0));
    }

    #[test]
    fn a_node_cannot_contain_itself() {
        assert!(fault("a: &a\n  b: *a\n").contains("inside its own anchor"));
    }
}
