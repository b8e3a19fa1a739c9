//! What speaks against building in place, and what a build consists of.

use super::{Because, Facts, Fresh, Judged, NewLayer, Way};
use crate::layer::{Layer, LayerKey};
use crate::ledger::Standing;

impl Facts<'_> {
    /// How many of the scripts may be in a layer: none from the first that reads what its checksum does not
    /// cover.
    pub(super) fn covered(&self) -> usize {
        self.scripts.iter().position(|judged| judged.reach.uncovered.is_some()).unwrap_or(self.scripts.len())
    }

    /// Why the database cannot be built in place.
    pub(super) fn obstacle(&self, layer: Option<(usize, &Layer)>) -> Option<Because> {
        let scripts = layer.map_or(0, |(scripts, _)| scripts);
        if !self.has_place {
            return Some(Because::NoPlace);
        }
        let because = reaching(&self.scripts[scripts..]);
        let because =
            because.or_else(|| self.image_fills.then_some(Because::ImageFills).filter(|_| layer.is_none()));
        because.or_else(|| self.lost_text())
    }

    /// A text that may have touched the cluster, and is not there any more or not wanted.
    fn lost_text(&self) -> Option<Because> {
        self.past.beyond_database().find_map(|ran| {
            let is_it = |judged: &&Judged| judged.script.name == ran.script;
            let script = ran.script.clone();
            let is_text = |judged: &Judged| judged.script.checksum.to_string() == ran.checksum;
            match (self.scripts.iter().find(is_it), self.left_out.iter().find(is_it)) {
                (Some(judged), _) => (!is_text(judged)).then_some(Because::Edited { script }),
                (None, Some(_)) => Some(Because::LeftOut { script }),
                (None, None) => Some(Because::Removed { script }),
            }
        })
    }

    /// A layer of so many scripts.
    pub(super) fn new_layer(&self, scripts: usize) -> NewLayer {
        NewLayer {
            key: self.keys[scripts].clone(),
            scripts,
            after: scripts.checked_sub(1).map(|last| self.scripts[last].script.name.clone()),
        }
    }

    /// What is run after so many scripts, and the layers to keep on the way: before the first script that differs from
    /// the last build, which is the one that is edited. The layer of all scripts can wait ([`super::ahead`]), but in a
    /// twin, where it cannot be made by itself, and neither can the one after the last script that needs the twin.
    pub(super) fn build(&self, way: Way, from: usize) -> Fresh {
        let wanted = self.scripts;
        let run = wanted[from..].iter().map(|judged| judged.script.clone()).collect();
        let differs = |judged: &Judged| self.ledger.standing(&judged.script) != Standing::Applied;
        let first = wanted.iter().position(differs).unwrap_or(wanted.len());
        let is_twin = matches!(way, Way::Twin { .. });
        let mut places = vec![first];
        if is_twin {
            // Whatever is edited behind the last script that reaches beyond its database can be built in place on it.
            let reaching = wanted.iter().rposition(|judged| judged.reach.cluster.is_some());
            places.extend(reaching.map(|last| last + 1));
            places.push(wanted.len());
        }
        places.sort_unstable();
        places.dedup();
        // A twin's cluster has no layers yet.
        let is_there = |key: &LayerKey| !is_twin && self.layers.iter().any(|layer| layer.key == *key);
        let covered = self.covered();
        let layers = places
            .into_iter()
            .filter(|&scripts| from <= scripts && scripts <= covered)
            .map(|scripts| self.new_layer(scripts));
        let layers = layers.filter(|layer| !is_there(&layer.key)).collect();
        Fresh { way, run, layers }
    }
}

fn reaching(scripts: &[Judged]) -> Option<Because> {
    scripts.iter().find_map(|judged| {
        let found = judged.reach.cluster.clone()?;
        Some(Because::Reaches { script: judged.script.name.clone(), found })
    })
}
