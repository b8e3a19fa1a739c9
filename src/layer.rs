//! Layers: which of them fits the scripts there are, and which are kept.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};

use crate::script::Script;

/// What a database begins with, before any script: where this differs, no layer fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ground {
    /// The image's id; of a server without a container, whatever names it for good.
    pub image: String,
    /// As the server tells it, such as `15.13 (Debian 15.13-0+deb12u1)`.
    pub server_version: String,
    pub user: String,
    pub database: String,
    /// Encoding, collation, locale provider and the like, and the variables that scripts are run with: names and
    /// values, in any order.
    pub settings: Vec<(String, String)>,
}

/// Stands for a database's content by what made it: its ground, and the scripts that ran, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerKey(String);

/// A layer as the server has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    pub key: LayerKey,
    /// The last script that is in it; none where it holds none.
    pub through: Option<String>,
    pub bytes: u64,
    /// When it was made or cloned from last: microseconds, by the server's clock.
    pub used: i64,
}

/// How many layers, and how much of the disk, are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    pub count: usize,
    pub bytes: u64,
}

impl Ground {
    /// The key of a database on which no script has run.
    pub fn key(&self) -> LayerKey {
        let mut settings: Vec<_> = self.settings.iter().collect();
        settings.sort();
        let settings = settings.into_iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        let parts = [&self.image, &self.server_version, &self.user, &self.database];
        LayerKey::of(["dbctl layer 1"].into_iter().chain(parts.map(String::as_str)).chain(settings))
    }

    /// The keys of a database that is built by these scripts: before the first one, and after each.
    pub fn keys<'a>(&self, scripts: impl IntoIterator<Item = &'a Script>) -> Vec<LayerKey> {
        let mut keys = vec![self.key()];
        for script in scripts {
            keys.push(keys[keys.len() - 1].after(script));
        }
        keys
    }
}

impl LayerKey {
    /// The key once this script has run, too.
    #[must_use]
    pub fn after(&self, script: &Script) -> Self {
        Self::of([self.0.as_str(), &script.name, &script.checksum.to_string()])
    }

    /// A key as it is kept with the layer.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Each part with its length, so that no two lists of parts read the same.
    fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let hex = hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self(hex)
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for LayerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The layer that holds most of what `keys` (as [`Ground::keys`] gives them) lead to, and how many scripts are in
/// it.
pub fn longest<'a>(keys: &[LayerKey], layers: &'a [Layer]) -> Option<(usize, &'a Layer)> {
    keys.iter().enumerate().rev().find_map(|(scripts, key)| {
        let layer = layers.iter().find(|layer| layer.key == *key)?;
        Some((scripts, layer))
    })
}

impl Keep {
    /// The layers to drop, least recently used first, until the others are within both limits. Those in `needed`
    /// (what was just used or made) stay even where they alone are beyond them.
    pub fn to_drop<'a>(&self, layers: &'a [Layer], needed: &[&LayerKey]) -> Vec<&'a Layer> {
        let mut oldest_first: Vec<&Layer> = layers.iter().collect();
        oldest_first.sort_by_key(|layer| (layer.used, &layer.key));
        let (mut count, mut bytes) = (layers.len(), layers.iter().map(|layer| layer.bytes).sum::<u64>());
        let mut dropped = Vec::new();
        for layer in oldest_first {
            if count <= self.count && bytes <= self.bytes {
                break;
            }
            if !needed.contains(&&layer.key) {
                (count, bytes) = (count - 1, bytes - layer.bytes);
                dropped.push(layer);
            }
        }
        dropped
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::*;
    use crate::script::{Checksum, Compression, Directives, Kind, ScriptId};

    fn script(name: &str, checksum: &str) -> Script {
        Script {
            id: ScriptId::of_name(name),
            name: name.to_owned(),
            path: name.into(),
            kind: Kind::Sql(Compression::None),
            checksum: Checksum::from_text(checksum),
            directives: Directives::default(),
        }
    }

    fn ground() -> Ground {
        Ground {
            image: "sha256:1".to_owned(),
            server_version: "15.13".to_owned(),
            user: "app".to_owned(),
            database: "db".to_owned(),
            settings: vec![("encoding".to_owned(), "UTF8".to_owned()), ("locale".to_owned(), "C".to_owned())],
        }
    }

    fn layer(key: &LayerKey, bytes: u64, used: i64) -> Layer {
        Layer { key: key.clone(), through: None, bytes, used }
    }

    #[test]
    fn a_key_stays_what_it_is_from_one_dbctl_to_the_next() {
        let keys = ground().keys(&[script("001_a.sql", "a"), script("002_b.sql", "b")]);
        let begins: Vec<String> = keys.iter().map(|key| key.to_string()[..12].to_owned()).collect();
        assert_eq!(begins, ["8da3d4117fcb", "2e19d06bc134", "8cc85f27bc7e"]);
    }

    #[test]
    fn whatever_differs_makes_another_key() {
        let scripts = [script("001_a.sql", "a"), script("002_b.sql", "b")];
        let last = |ground: Ground, scripts: &[Script]| ground.keys(scripts).pop();
        let usual = last(ground(), &scripts);
        let changes: [fn(&mut Ground); 7] = [
            |ground| ground.image.push('2'),
            |ground| ground.server_version.push('1'),
            |ground| ground.user.push('2'),
            |ground| ground.database.push('2'),
            |ground| ground.settings[1].1.push('2'),
            |ground| drop(ground.settings.pop()),
            |ground| std::mem::swap(&mut ground.user, &mut ground.database),
        ];
        for (index, change) in changes.iter().enumerate() {
            let mut ground = ground();
            change(&mut ground);
            assert_ne!(last(ground, &scripts), usual, "change {index}");
        }
        let [a, b] = scripts.clone();
        for other in [
            vec![b.clone(), a.clone()],
            vec![a.clone()],
            vec![b.clone()],
            vec![a.clone(), b.clone(), b.clone()],
            vec![script("001_a.sql", "c"), b.clone()],
            vec![script("001_b.sql", "a"), b],
        ] {
            assert_ne!(last(ground(), &other), usual, "{other:?}");
        }
        let mut turned = ground();
        turned.settings.reverse();
        assert_eq!(last(turned, &scripts), usual);
    }

    #[test]
    fn the_longest_layer_is_the_one_before_the_first_script_that_differs() {
        let scripts = [script("001_a.sql", "a"), script("002_b.sql", "b"), script("003_c.sql", "c")];
        let keys = ground().keys(&scripts);
        let layers = [layer(&keys[0], 1, 1), layer(&keys[2], 1, 2)];
        assert_eq!(longest(&keys, &layers).map(|(scripts, _)| scripts), Some(2));
        let mut edited = scripts.clone();
        edited[2] = script("003_c.sql", "other");
        assert_eq!(longest(&ground().keys(&edited), &layers).map(|(scripts, _)| scripts), Some(2));
        edited[1] = script("002_b.sql", "other");
        assert_eq!(longest(&ground().keys(&edited), &layers).map(|(scripts, _)| scripts), Some(0));
        assert_eq!(longest(&keys, &[]), None);
    }

    #[test]
    fn the_least_recently_used_go_and_never_the_one_just_used() {
        let keys = ground().keys(&[script("1", "a"), script("2", "b"), script("3", "c")]);
        let layers: Vec<Layer> =
            keys.iter().zip([30, 10, 20, 40]).map(|(key, used)| layer(key, 100, used)).collect();
        let dropped = |count, bytes, needed: &LayerKey| -> Vec<i64> {
            Keep { count, bytes }.to_drop(&layers, &[needed]).iter().map(|layer| layer.used).collect()
        };
        assert_eq!(dropped(4, 400, &keys[3]), Vec::<i64>::new());
        assert_eq!(dropped(2, 400, &keys[3]), [10, 20]);
        assert_eq!(dropped(4, 250, &keys[3]), [10, 20]);
        assert_eq!(dropped(2, 400, &keys[1]), [20, 30]);
        assert_eq!(dropped(0, 0, &keys[1]), [20, 30, 40]);
    }

    proptest! {
        #[test]
        fn what_is_kept_is_within_the_limits_and_does_not_depend_on_the_order(
            facts in proptest::collection::vec((0_u64..50, any::<i8>()), 0..12),
            count in 0_usize..8,
            bytes in 0_u64..200,
        ) {
            let keys = ground().keys(&vec![script("1", "a"); facts.len()]);
            let mut layers: Vec<Layer> =
                facts.iter().zip(&keys).map(|(fact, key)| layer(key, fact.0, fact.1.into())).collect();
            let keep = Keep { count, bytes };
            let dropped: Vec<Layer> = keep.to_drop(&layers, &[&keys[0]]).into_iter().cloned().collect();
            let kept: Vec<&Layer> = layers.iter().filter(|layer| !dropped.contains(layer)).collect();
            let is_within = kept.len() <= count && kept.iter().map(|layer| layer.bytes).sum::<u64>() <= bytes;
            prop_assert!(is_within || kept.iter().all(|layer| layer.key == keys[0]));
            prop_assert!(dropped.iter().all(|layer| layer.key != keys[0]));
            layers.reverse();
            let again: Vec<Layer> = keep.to_drop(&layers, &[&keys[0]]).into_iter().cloned().collect();
            prop_assert_eq!(dropped, again);
        }
    }
}
