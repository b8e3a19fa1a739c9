//! The statements that bring one schema to another, where that is safe.

use std::collections::BTreeSet;

use super::Schema;
use super::diff::{Change, Difference, differences};
use super::kind::Kind;
use super::object::{Key, Object};

mod alter;
mod create;
mod repeatable;
mod target;

/// The property of an enum that its values are.
const VALUES: &str = "values";

/// What can be done, in an order in which it can, and what is left to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bridge {
    pub statements: Vec<Statement>,
    pub left: Vec<Left>,
}

/// One statement or more, each with its semicolon; they do nothing where it is done already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub key: Key,
    pub sql: String,
}

/// What is not safe to do without a person's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub key: Key,
    pub why: String,
}

/// From `from` to `to`. Nothing is dropped that holds data, no value is rewritten, and nothing is done that could fail
/// for what the rows hold, new constraints apart.
pub fn statements(from: &Schema, to: &Schema) -> Bridge {
    let differences = differences(from, to);
    let mut bridge = Bridge::default();
    // What is added may use a new value of an enum.
    bridge.settle(from, to, &differences, |property| property == VALUES);
    bridge.add_missing(from, to, &differences);
    bridge.settle(from, to, &differences, |property| property != VALUES);
    for difference in &differences {
        bridge.leave_removed(to, difference);
    }
    bridge
}

impl Bridge {
    pub fn sql(&self) -> String {
        self.statements.iter().flat_map(|statement| [statement.sql.as_str(), "\n"]).collect()
    }

    fn add_missing(&mut self, from: &Schema, to: &Schema, differences: &[Difference]) {
        let added = differences.iter().filter(|difference| matches!(difference.change, Change::Added));
        let added: BTreeSet<&Key> = added.map(|difference| &difference.key).collect();
        let mut order = Order { to, added: &added, done: BTreeSet::new(), keys: Vec::new() };
        // By kind; columns as they come in their table.
        let mut keys: Vec<&&Key> = added.iter().collect();
        keys.sort_by_key(|key| to.object(key).map(|object| (key.kind, &object.of, object.position)));
        for key in keys {
            order.visit(key);
        }
        let objects: Vec<&Object> = order.keys.into_iter().filter_map(|key| to.object(key)).collect();
        let (early, late): (Vec<&Object>, Vec<&Object>) =
            objects.iter().partition(|object| object.key.kind < Kind::BaseType);
        for object in early {
            self.create(from, to, object);
        }
        self.prepare(&late);
        for object in late {
            self.create(from, to, object);
        }
        for object in &objects {
            for sql in target::remarks(object, to) {
                self.state(object, sql);
            }
        }
    }

    /// A base type and its functions need each other, and a function's body may name what comes later.
    fn prepare(&mut self, late: &[&Object]) {
        for base in late.iter().filter(|object| object.key.kind == Kind::BaseType) {
            self.state(base, format!("CREATE TYPE {};", base.key.name));
        }
        if let Some(function) = late.iter().find(|object| object.key.kind == Kind::Function) {
            self.state(function, "SET LOCAL check_function_bodies = off;".to_owned());
        }
    }

    fn create(&mut self, from: &Schema, to: &Schema, object: &Object) {
        match create::creation(object, from, to) {
            create::Creation::Statements(list) => {
                for sql in list {
                    self.state(object, sql);
                }
            }
            create::Creation::Left(why) => self.left.push(Left { key: object.key.clone(), why }),
        }
    }

    /// What is altered in the properties that are `chosen`.
    fn settle(
        &mut self,
        from: &Schema,
        to: &Schema,
        differences: &[Difference],
        chosen: impl Fn(&str) -> bool,
    ) {
        for difference in differences {
            let Change::Altered(alterations) = &difference.change else { continue };
            let pair = (from.object(&difference.key), to.object(&difference.key));
            let (Some(object), Some(wanted)) = pair else { continue };
            for alteration in alterations.iter().filter(|alteration| chosen(&alteration.property)) {
                match alter::alteration(object, wanted, alteration, (from, to)) {
                    Ok(list) => {
                        for sql in list {
                            self.state(wanted, sql);
                        }
                    }
                    Err(why) => self.left.push(Left { key: difference.key.clone(), why }),
                }
            }
        }
    }

    /// A part goes with its table: only the table is told.
    fn leave_removed(&mut self, to: &Schema, difference: &Difference) {
        if !matches!(difference.change, Change::Removed) {
            return;
        }
        let goes_with =
            |of: &String| super::diff::WHOLES.iter().all(|&kind| to.object(&Key::new(kind, of)).is_none());
        if difference.of.as_ref().is_some_and(goes_with) {
            return;
        }
        let why = "is not wanted, and is not dropped here".to_owned();
        self.left.push(Left { key: difference.key.clone(), why });
    }

    fn state(&mut self, object: &Object, sql: String) {
        let sql = repeatable::repeatable(object, sql);
        self.statements.push(Statement { key: object.key.clone(), sql });
    }
}

/// What is new, with what it needs before it.
struct Order<'a> {
    to: &'a Schema,
    added: &'a BTreeSet<&'a Key>,
    done: BTreeSet<&'a Key>,
    keys: Vec<&'a Key>,
}

impl<'a> Order<'a> {
    fn visit(&mut self, key: &Key) {
        let Some(&key) = self.added.get(key) else { return };
        let Some(object) = self.to.object(key) else { return };
        if !self.done.insert(key) {
            return;
        }
        for needed in self.needs(object) {
            self.visit(needed);
        }
        self.keys.push(key);
    }

    fn needs(&self, object: &'a Object) -> Vec<&'a Key> {
        match object.key.kind {
            // The catalog has it the other way round, too: a sequence goes when its column goes.
            Kind::Sequence => Vec::new(),
            Kind::Table | Kind::ForeignTable | Kind::CompositeType => {
                let parts = self.parts(&object.key.name).into_iter().flat_map(|part| &part.needs);
                object.needs.iter().chain(parts).collect()
            }
            _ => {
                let whole = self.added.iter().copied().find(|key| {
                    super::diff::WHOLES.contains(&key.kind) && object.of.as_ref() == Some(&key.name)
                });
                object.needs.iter().chain(whole).collect()
            }
        }
    }

    fn parts(&self, of: &str) -> Vec<&'a Object> {
        let mut parts = self.to.parts(Kind::Column, of);
        parts.extend(self.to.parts(Kind::Attribute, of));
        parts
    }
}
