//! What is done once the new database is in service, so that the next fresh build begins further ahead: the layer of
//! all scripts, ready clones of the layers used last, and the end of layers that are no longer worth their place.

use super::in_place::{Segments, steps};
use super::{FreshError, Known, Site};
use crate::database::generations::{Kind, Origin};
use crate::event::Silent;
use crate::fault;
use crate::layer::{Layer, LayerKey};
use crate::runner;
use crate::server::Server;

/// Of so many layers a clone lies ready: of the one before the script that is being edited, and of all scripts.
const READY: usize = 2;

/// Writes a row, so that the counters of a database that nobody has written to can be told from lost ones.
fn count_one(server: &Server, building: &str) -> Result<(), FreshError> {
    Ok(server.in_database(building).database()?.flush()?)
}

impl Site<'_> {
    /// Does all of it. Nothing that is in service is touched; a kill leaves what the next run removes.
    pub fn prepare_ahead(&mut self, known: &Known) -> Result<(), FreshError> {
        self.complete_layer(known)?;
        let fitting = self.fitting(known)?;
        let ready: Vec<LayerKey> = fitting.iter().take(READY).map(|layer| layer.key.clone()).collect();
        self.prune(&ready)?;
        self.generations()?.drop_untouched()?;
        fault::step("ahead.pruned");
        let there = self.generations()?.layers(false)?.prepared;
        for key in ready.iter().filter(|key| !there.contains(key)) {
            let server = self.server;
            self.generations()?.prepare(key, |building| count_one(server, building))?;
            fault::step("ahead.prepared");
        }
        Ok(())
    }

    /// The layer that holds as many scripts as a layer may.
    fn complete_layer(&mut self, known: &Known) -> Result<(), FreshError> {
        let Some(ahead) = crate::plan::fresh::ahead(&known.facts()) else { return Ok(()) };
        let plan = steps(&ahead.run);
        let prepared = runner::prepare(&plan, self.means())?;
        let origin = ahead.from.map_or(Origin::Empty, |(key, _)| Origin::Layer(key));
        let building = self.generations()?.begin(&origin)?;
        let segments = Segments { layers: &[], prepared: &prepared, from: 0 };
        match self.run(&building, &segments, &mut Silent) {
            Ok(_) => Ok(self.generations()?.finish_layer(
                &building,
                &ahead.layer.key,
                ahead.layer.after.as_deref(),
            )?),
            Err(error) => {
                let _ = self.generations()?.give_up(&building);
                Err(error)
            }
        }
    }

    /// The layers that scripts on the disk lead to, the last used first.
    fn fitting(&mut self, known: &Known) -> Result<Vec<Layer>, FreshError> {
        let facts = known.facts();
        let mut fitting = self.generations()?.layers(false)?.layers;
        fitting.retain(|layer| facts.keys.contains(&layer.key));
        fitting.sort_by_key(|layer| std::cmp::Reverse(layer.used));
        Ok(fitting)
    }

    /// Drops clones that are not `ready` ones, and the layers beyond what the user lets be kept.
    fn prune(&mut self, ready: &[LayerKey]) -> Result<(), FreshError> {
        self.generations()?.drop_layers(|key| ready.contains(key), Kind::Clone)?;
        let layers = self.generations()?.layers(true)?.layers;
        let needed: Vec<&LayerKey> = ready.iter().collect();
        let keep = self.words.keep;
        let dropped = keep.to_drop(&layers, &needed);
        let dropped: Vec<&LayerKey> = dropped.into_iter().map(|layer| &layer.key).collect();
        self.generations()?.drop_layers(|key| !dropped.contains(&key), Kind::Layer)?;
        Ok(())
    }
}
