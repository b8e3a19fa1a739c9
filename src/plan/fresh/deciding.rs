//! What speaks against building in place, and what a build consists of.

use super::{Because, Facts, Fresh, Judged, NewLayer, Way};
use crate::layer::{Layer, LayerKey};
use crate::ledger::{Entry, Mode, Outcome, Standing};

impl<'a> Facts<'a> {
    /// How many of the scripts may be in a layer: none from the first that reads what its checksum does not
    /// cover.
    pub(super) fn covered(&self) -> usize {
        self.scripts.iter().position(|judged| judged.reach.uncovered.is_some()).unwrap_or(self.scripts.len())
    }

    /// Why the database cannot be built in place.
    pub(super) fn obstacle(&self, layer: Option<(usize, &Layer)>) -> Option<Because> {
        let scripts = layer.map_or(0, |(scripts, _)| scripts);
        let fingerprint = layer.and_then(|(_, layer)| layer.cluster.as_deref());
        let is_untouched = fingerprint.is_some() && fingerprint == self.cluster;
        let because = reaching(&self.scripts[scripts..]);
        let because =
            because.or_else(|| self.image_fills.then_some(Because::ImageFills).filter(|_| layer.is_none()));
        because.or_else(|| if is_untouched { None } else { self.unknown_past() })
    }

    /// What may have been done to the cluster by texts that are not there any more, or not wanted.
    fn unknown_past(&self) -> Option<Because> {
        self.edited().or_else(|| self.removed()).or_else(|| {
            let judged = self.left_out.iter().find(|judged| {
                judged.reach.cluster.is_some() && self.ledger.entry(&judged.script.name).is_some_and(has_run)
            })?;
            Some(Because::LeftOut { script: judged.script.name.clone() })
        })
    }

    fn on_disk(&self) -> impl Iterator<Item = &'a Judged> {
        self.scripts.iter().chain(self.left_out)
    }

    fn edited(&self) -> Option<Because> {
        let judged = self.on_disk().find(|judged| {
            let checksum = judged.script.checksum.to_string();
            let differs = |entry: &Entry| {
                entry.checksum != checksum
                    || entry.applied.as_ref().is_some_and(|applied| applied.checksum != checksum)
            };
            self.ledger.entry(&judged.script.name).is_some_and(|entry| has_run(entry) && differs(entry))
        })?;
        Some(Because::Edited { script: judged.script.name.clone() })
    }

    fn removed(&self) -> Option<Because> {
        let is_on_disk = |name: &str| self.on_disk().any(|judged| judged.script.name == name);
        let gone = self.ledger.entries().find(|entry| has_run(entry) && !is_on_disk(&entry.script))?;
        Some(Because::Removed { script: gone.script.clone() })
    }

    /// What is run after so many scripts, and the layers that are worth keeping of it: before the first script that
    /// differs from the last build, which is the one that is edited, and at the end.
    pub(super) fn build(&self, way: Way, from: usize) -> Fresh {
        let wanted = self.scripts;
        let run = wanted[from..].iter().map(|judged| judged.script.clone()).collect();
        let differs = |judged: &Judged| self.ledger.standing(&judged.script) != Standing::Applied;
        let first = wanted.iter().position(differs).unwrap_or(wanted.len());
        let mut places = vec![first, wanted.len()];
        places.dedup();
        let is_twin = matches!(way, Way::Twin { .. });
        // A twin's cluster has no layers yet.
        let is_there = |key: &LayerKey| !is_twin && self.layers.iter().any(|layer| layer.key == *key);
        let new = |scripts: usize| NewLayer {
            key: self.keys[scripts].clone(),
            scripts,
            after: scripts.checked_sub(1).map(|last| wanted[last].script.name.clone()),
        };
        let covered = self.covered();
        let layers = places.into_iter().filter(|&scripts| from <= scripts && scripts <= covered).map(new);
        let layers = layers.filter(|layer| !is_there(&layer.key)).collect();
        Fresh { way, run, layers }
    }
}

/// Something of it may be in the cluster, whatever became of it.
fn has_run(entry: &Entry) -> bool {
    !(entry.mode == Mode::NotNeeded && entry.outcome == Outcome::Applied)
}

fn reaching(scripts: &[Judged]) -> Option<Because> {
    scripts.iter().find_map(|judged| {
        let found = judged.reach.cluster.clone()?;
        Some(Because::Reaches { script: judged.script.name.clone(), found })
    })
}
