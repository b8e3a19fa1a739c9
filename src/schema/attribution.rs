//! Which script made an object, and which changed it last.

use std::collections::BTreeMap;

use super::Schema;
use super::diff::{Change, Difference, differences};
use super::object::Key;

/// Scripts by name, as they left an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub made: String,
    /// The last one that changed it or a part of it, if another one did.
    pub changed: Option<String>,
}

/// Grows script by script: [`Attribution::script`] is told each one's work, in the order in which they ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    origins: BTreeMap<Key, Origin>,
    removed: BTreeMap<Key, String>,
}

impl Attribution {
    /// From the schema before the first script, and after each.
    pub fn new<'a>(ground: &Schema, steps: impl IntoIterator<Item = (&'a str, &'a Schema)>) -> Self {
        let mut attribution = Self::default();
        let mut before = ground;
        for (script, after) in steps {
            attribution.script(script, before, after);
            before = after;
        }
        attribution
    }

    /// What `script` did.
    pub fn script(&mut self, script: &str, before: &Schema, after: &Schema) {
        let differences = differences(before, after);
        for difference in &differences {
            self.note(script, difference);
        }
        // A table has changed with its columns, indexes and triggers.
        for of in differences.iter().filter_map(|difference| difference.of.as_deref()) {
            let whole = super::diff::WHOLES.iter().map(|&kind| Key::new(kind, of));
            for key in whole.filter(|key| after.object(key).is_some()) {
                self.change(script, &key);
            }
        }
    }

    fn note(&mut self, script: &str, difference: &Difference) {
        let key = &difference.key;
        match difference.change {
            Change::Added => {
                self.removed.remove(key);
                self.origins.insert(key.clone(), Origin { made: script.to_owned(), changed: None });
            }
            Change::Altered(_) => self.change(script, key),
            Change::Removed => {
                self.origins.remove(key);
                self.removed.insert(key.clone(), script.to_owned());
            }
        }
    }

    fn change(&mut self, script: &str, key: &Key) {
        // What was there before the first script belongs to the script that first touched it.
        let origin = self
            .origins
            .entry(key.clone())
            .or_insert_with(|| Origin { made: script.to_owned(), changed: None });
        if origin.made != script {
            origin.changed = Some(script.to_owned());
        }
    }

    /// None where no script has to do with it: it was made by hand.
    pub fn of(&self, key: &Key) -> Option<&Origin> {
        self.origins.get(key)
    }

    /// The script that took it away, if one did and none made it again.
    pub fn removed(&self, key: &Key) -> Option<&str> {
        self.removed.get(key).map(String::as_str)
    }
}

impl Origin {
    /// The script whose word about the object was the last.
    pub fn last(&self) -> &str {
        self.changed.as_deref().unwrap_or(&self.made)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, tests::schema};
    use super::{Attribution, Key};

    #[test]
    fn an_object_knows_who_made_and_who_changed_it() {
        let ground = schema(&[]);
        let first =
            schema(&[("table", "t", None, "{}"), ("column", "t.a", Some("t"), r#"{"type": "integer"}"#)]);
        let second =
            schema(&[("table", "t", None, "{}"), ("column", "t.a", Some("t"), r#"{"type": "bigint"}"#)]);
        let third =
            schema(&[("table", "t", None, "{}"), ("column", "t.b", Some("t"), r#"{"type": "bigint"}"#)]);
        let steps = [("001.sql", &first), ("002.sql", &second), ("003.sql", &third)];
        let attribution = Attribution::new(&ground, steps);

        let table = attribution.of(&Key::new(Kind::Table, "t")).unwrap();
        assert_eq!((table.made.as_str(), table.last()), ("001.sql", "003.sql"));
        assert_eq!(attribution.of(&Key::new(Kind::Column, "t.b")).unwrap().last(), "003.sql");
        assert_eq!(attribution.of(&Key::new(Kind::Column, "t.a")), None);
        assert_eq!(attribution.removed(&Key::new(Kind::Column, "t.a")), Some("003.sql"));

        let early = Attribution::new(&ground, steps.into_iter().take(2));
        let column = early.of(&Key::new(Kind::Column, "t.a")).unwrap();
        assert_eq!((column.made.as_str(), column.changed.as_deref()), ("001.sql", Some("002.sql")));
    }
}
