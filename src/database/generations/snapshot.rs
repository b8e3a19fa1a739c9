//! Snapshots, kept under a name of the user's, and previous generations: all with their data.

use std::cmp::Reverse;

use super::swap::Content;
use super::{Generation, GenerationError, Generations, Kind, Mark, Sessions, Swapped};

impl Generations<'_> {
    /// Those of this service, sizes included, those first that were saved first.
    pub fn snapshots(&mut self) -> Result<Vec<Generation>, GenerationError> {
        Ok(of_kind(Kind::Snapshot, self.list()?))
    }

    /// Keeps the database in service as it is now, with its data, owner, privileges and settings. Sessions in it are
    /// ended, and new ones wait until the copy is complete. A kill leaves no snapshot, or a complete one.
    ///
    /// # Errors
    /// [`GenerationError::SnapshotExists`] where the name is taken.
    pub fn save(&mut self, name: &str) -> Result<(), GenerationError> {
        if of_kind(Kind::Snapshot, self.all()?).iter().any(|known| known.mark.name.as_deref() == Some(name)) {
            return Err(GenerationError::SnapshotExists { name: name.to_owned() });
        }
        let service = self.of.clone();
        let building = self.copied(&service, Sessions::End)?;
        let mark = Mark { name: Some(name.to_owned()), ..Mark::new(Kind::Snapshot, &service) };
        self.finish(&building, &mark).map(drop)
    }

    /// Puts a copy of the snapshot in service; what was in service becomes the previous generation. Promises and
    /// errors as [`Self::swap`]; the snapshot stays.
    ///
    /// # Errors
    /// [`GenerationError::NoSnapshot`] where none has that name.
    pub fn restore(&mut self, name: &str) -> Result<Swapped, GenerationError> {
        let snapshot = self.snapshot(name)?;
        let building = self.copied(&snapshot.database, Sessions::Respect)?;
        let building = self.expect(&building, &[Kind::Building])?;
        self.exchange(&building, Content::Data, None)
    }

    /// Drops the snapshot: what only it held is gone.
    ///
    /// # Errors
    /// [`GenerationError::NoSnapshot`] where none has that name.
    pub fn forget(&mut self, name: &str) -> Result<(), GenerationError> {
        let snapshot = self.snapshot(name)?;
        self.drop(&snapshot.database, Kind::Snapshot)
    }

    /// Previous generations, the newest first, sizes included.
    pub fn previous(&mut self) -> Result<Vec<Generation>, GenerationError> {
        Ok(newest_first(self.list()?))
    }

    /// Drops all previous generations but the newest, which [`Self::undo`] brings back: what only they held is gone.
    /// How many.
    pub fn forget_previous(&mut self) -> Result<u32, GenerationError> {
        let all = newest_first(self.all()?);
        let older = all.get(1..).unwrap_or_default();
        for generation in older {
            self.drop(&generation.database, Kind::Previous)?;
        }
        Ok(u32::try_from(older.len()).unwrap_or(u32::MAX))
    }

    fn snapshot(&mut self, name: &str) -> Result<Generation, GenerationError> {
        let mut known = of_kind(Kind::Snapshot, self.all()?);
        if let Some(at) = known.iter().position(|snapshot| snapshot.mark.name.as_deref() == Some(name)) {
            return Ok(known.swap_remove(at));
        }
        let known = known.into_iter().filter_map(|snapshot| snapshot.mark.name).collect();
        Err(GenerationError::NoSnapshot { name: name.to_owned(), known })
    }

    /// A copy that is still marked as building, with all that a copy by itself does not have.
    pub(super) fn copied(&mut self, from: &str, sessions: Sessions) -> Result<String, GenerationError> {
        let properties = self.properties(from)?;
        let building = self.clone(from, &Mark::new(Kind::Building, &self.of.clone()), sessions)?;
        self.reapply(&properties, &building)?;
        Ok(building)
    }
}

/// Those of `kind` that can be used.
fn of_kind(kind: Kind, mut all: Vec<Generation>) -> Vec<Generation> {
    all.retain(|found| found.mark.kind == kind && !found.half_dropped);
    all
}

/// The previous generations among them, as `undo` takes them.
pub(super) fn newest_first(all: Vec<Generation>) -> Vec<Generation> {
    let mut previous = of_kind(Kind::Previous, all);
    previous.sort_by_key(|found| Reverse(found.mark.turn));
    previous
}
