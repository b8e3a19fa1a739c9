//! `rebuild --fresh`: where the new database is built, from which layer, and which layers are made on the way.

mod deciding;
#[cfg(test)]
mod tests;
mod text;

use crate::layer::{Layer, LayerKey, longest};
use crate::ledger::{Ledger, Past};
use crate::script::Script;
use crate::sql::reach::{Found, Reach};

/// A script of the init dir, and how far it reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub script: Script,
    /// With all that it includes.
    pub reach: Reach,
}

/// What is known before a fresh build.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Those that are wanted, as [`in_build_order`] has them.
    pub scripts: &'a [Judged],
    /// Those of the init dir that `--to` leaves out.
    pub left_out: &'a [Judged],
    /// One more than there are scripts: [`crate::layer::Ground::keys`] of them, in the same order.
    pub keys: &'a [LayerKey],
    pub layers: &'a [Layer],
    /// What the service's database remembers: the last build, and what ran since.
    pub ledger: &'a Ledger,
    /// All texts that have ever run there: what they did to the cluster is still there.
    pub past: &'a Past,
    /// The layers of which a clone lies ready.
    pub prepared: &'a [LayerKey],
    /// The image puts something into its first database before any script runs, which a database made by hand
    /// would lack.
    pub image_fills: bool,
    /// A database can be built beside the one in service; not where that is `postgres`, in which dbctl itself is while
    /// it renames others.
    pub has_place: bool,
}

/// How a fresh database comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    pub way: Way,
    /// In this order.
    pub run: Vec<Script>,
    /// In the order in which they come about.
    pub layers: Vec<NewLayer>,
}

/// Where it is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// In the service's database: no script has run in it yet.
    Itself,
    /// Beside the service's database, which is then swapped.
    InPlace {
        /// The layer to clone, and how many scripts are in it; none for an empty database.
        from: Option<(LayerKey, usize)>,
        /// A clone of it lies ready.
        prepared: bool,
    },
    /// In a cluster of its own, for a reason.
    Twin { because: Because },
}

/// Why only a cluster of its own gives what an empty volume would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// A script that would be run reaches beyond its database.
    Reaches { script: String, found: Found },
    /// What its old text, which ran, did beyond the database would stay.
    Edited { script: String },
    /// As above: its text is gone.
    Removed { script: String },
    /// `--to` leaves it out, and what it did beyond the database would stay.
    LeftOut { script: String },
    /// When it was run in place, it changed what all databases share, and was rolled back.
    Changed { script: String, what: String },
    /// The service's database is the one in which dbctl is while it renames others.
    NoPlace,
    /// No layer holds what the image itself puts into its first database.
    ImageFills,
}

/// A layer to make once so many of the scripts are in the database: a template that is cloned from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLayer {
    pub key: LayerKey,
    pub scripts: usize,
    /// The last of these scripts; none where the layer holds none.
    pub after: Option<String>,
}

/// The scripts up to the one named (`--to`), or all, as an empty volume gets them: repeatable ones after all others;
/// and those that are left out.
pub fn in_build_order(mut scripts: Vec<Judged>, to: Option<&str>) -> (Vec<Judged>, Vec<Judged>) {
    let last = to.and_then(|name| scripts.iter().position(|judged| judged.script.name == name));
    let left_out = last.map_or_else(Vec::new, |last| scripts.split_off(last + 1));
    scripts.sort_by_key(|judged| judged.script.directives.repeatable);
    (scripts, left_out)
}

/// Decides in place or not. In place is right only where the cluster then is what the scripts would make of an
/// empty volume:
///
/// - No script after the layer reaches beyond its database. Those in the layer did what they do when it was made,
///   and roles and the like have stayed since.
/// - No text has touched the cluster that the scripts do not have any more: one that was edited or removed since, or
///   that `--to` leaves out. What each text may touch stands in the ledger; one that nobody judged may have touched
///   anything.
///
/// # Panics
/// If there are not one more `keys` than `scripts`.
pub fn fresh(facts: &Facts) -> Fresh {
    assert_eq!(
        facts.keys.len(),
        facts.scripts.len() + 1,
        "a key before the first script, and one after each"
    );
    if is_first_build(facts) {
        return facts.build(Way::Itself, 0);
    }
    let layer = longest(&facts.keys[..=facts.covered()], facts.layers);
    let scripts = layer.map_or(0, |(scripts, _)| scripts);
    if let Some(because) = facts.obstacle(layer) {
        return facts.build(Way::Twin { because }, 0);
    }
    let from = layer.map(|(scripts, layer)| (layer.key.clone(), scripts));
    let prepared = from.as_ref().is_some_and(|(key, _)| facts.prepared.contains(key));
    facts.build(Way::InPlace { from, prepared }, scripts)
}

impl Facts<'_> {
    /// All of it in a cluster of its own.
    pub fn through_twin(&self, because: &Because) -> Fresh {
        self.build(Way::Twin { because: because.clone() }, 0)
    }
}

/// A layer that is worth making once a build is done, and the scripts that lead to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// The layer to begin with, and how many scripts are in it; none for an empty database.
    pub from: Option<(LayerKey, usize)>,
    pub run: Vec<Script>,
    pub layer: NewLayer,
}

/// The layer of as many scripts as a layer may hold, unless it is there or cannot be made in place.
pub fn ahead(facts: &Facts) -> Option<Ahead> {
    let covered = facts.covered();
    let from = longest(&facts.keys[..=covered], facts.layers);
    let scripts = from.map_or(0, |(scripts, _)| scripts);
    let reaches = facts.scripts[scripts..covered].iter().any(|judged| judged.reach.cluster.is_some());
    if !facts.has_place || scripts == covered || reaches || (from.is_none() && facts.image_fills) {
        return None;
    }
    let run = facts.scripts[scripts..covered].iter().map(|judged| judged.script.clone()).collect();
    let from = from.map(|(scripts, layer)| (layer.key.clone(), scripts));
    Some(Ahead { from, run, layer: facts.new_layer(covered) })
}

/// The volume was just initialised, and nothing has been tried on it.
fn is_first_build(facts: &Facts) -> bool {
    facts.ledger.building && facts.ledger.entries().next().is_none()
}
