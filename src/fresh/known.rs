//! What is known before a fresh build: the scripts and how far they reach, the layers, and what has run.

use std::fs::File;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use super::FreshError;
use crate::database::generations::{GenerationError, Generations, Layers};
use crate::database::{Database, DatabaseError};
use crate::layer::{Ground, LayerKey};
use crate::ledger::{Ledger, Past, Ran, Standing};
use crate::plan::fresh::{Facts, Judged, in_build_order};
use crate::runner::{DEEPEST, RunError, reach_of_variables};
use crate::script::{Kind, Script, resolve_include};
use crate::server::Server;
use crate::sql::reach::{self, Extent, Reach};
use crate::sql::survey::Survey;

use super::Words;

/// The scripts that a fresh build is asked for.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub scripts: &'a [Script],
    /// The name of the last one, of `--to`.
    pub to: Option<&'a str>,
}

/// All that a fresh build is planned from.
pub struct Known {
    scripts: Vec<Judged>,
    left_out: Vec<Judged>,
    keys: Vec<LayerKey>,
    pub layers: Layers,
    ledger: Ledger,
    past: Past,
    image_fills: bool,
    has_place: bool,
}

impl Known {
    /// Looks, and changes nothing.
    pub fn of(
        server: &Server,
        generations: Option<&mut Generations>,
        wanted: Wanted,
        words: Words,
    ) -> Result<Self, FreshError> {
        Self::look(server, generations, wanted, words, |_| Ok(()))
    }

    /// As [`Self::of`], while the run's lock is held: what killed runs have left is removed first.
    pub fn under_lock(
        server: &Server,
        generations: Option<&mut Generations>,
        wanted: Wanted,
        words: Words,
    ) -> Result<Self, FreshError> {
        Self::look(server, generations, wanted, words, |generations| generations.tidy().map(drop))
    }

    fn look(
        server: &Server,
        generations: Option<&mut Generations>,
        wanted: Wanted,
        words: Words,
        first: fn(&mut Generations) -> Result<(), GenerationError>,
    ) -> Result<Self, FreshError> {
        let has_place = generations.is_some();
        let connected = server.database();
        let (remembered, beside) = thread::scope(|scope| {
            let remembered = scope.spawn(|| connected.and_then(Remembered::read));
            let beside = generations.map(|generations| {
                first(generations)?;
                beside(server, generations, words)
            });
            let beside = beside.transpose();
            (remembered.join(), beside)
        });
        let remembered = match remembered.unwrap_or_else(|panic| resume_unwind(panic)) {
            // Connected before the lock was had, and ended since by whoever had it.
            Err(error) if error.is_lost() => Remembered::read(server.database()?)?,
            other => other?,
        };
        let Remembered { ledger, past, is_recorded, building } = remembered;
        let (ground, layers) = beside?.unwrap_or_default();
        let judging = Judging { past: &past, variables: reach_of_variables(words.variables) };
        let judged = wanted.scripts.iter().map(|script| judging.judge(script)).collect::<Result<_, _>>()?;
        let (scripts, left_out) = in_build_order(judged, wanted.to);
        let keys = ground.keys(scripts.iter().map(|judged| &judged.script));
        let past = if is_recorded || building { past } else { as_on_disk(&scripts, &left_out) };
        let image_fills = has_place
            && !layers.layers.iter().any(|layer| keys.contains(&layer.key))
            && image_fills(server, wanted.scripts)?;
        Ok(Self { scripts, left_out, keys, layers, ledger, past, image_fills, has_place })
    }

    /// Whether the database in service is what the scripts say, as far as the ledger tells.
    pub fn is_in_place(&self) -> bool {
        let wanted: Vec<Script> = self.scripts.iter().map(|judged| judged.script.clone()).collect();
        wanted.iter().all(|script| self.ledger.standing(script) == Standing::Applied)
            && self.ledger.missing(&wanted).next().is_none()
    }

    /// What the plan is made of.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            scripts: &self.scripts,
            left_out: &self.left_out,
            keys: &self.keys,
            layers: &self.layers.layers,
            ledger: &self.ledger,
            past: &self.past,
            prepared: &self.layers.prepared,
            image_fills: self.image_fills,
            has_place: self.has_place,
        }
    }
}

/// What the service's database remembers.
struct Remembered {
    ledger: Ledger,
    past: Past,
    /// There is a ledger.
    is_recorded: bool,
    /// There is none, and nothing else either.
    building: bool,
}

impl Remembered {
    /// The connection is closed at once: nobody may be there when the database changes its name.
    fn read(mut database: Database) -> Result<Self, DatabaseError> {
        let ledger = database.ledger()?;
        let is_recorded = ledger.is_some();
        let past = if is_recorded { database.past()? } else { Past::default() };
        let building = !is_recorded && database.is_empty()?;
        let ledger = ledger.unwrap_or_else(|| Ledger::new([], building));
        Ok(Self { ledger, past, is_recorded, building })
    }
}

/// What a database begins with, and the layers that there are.
fn beside(
    server: &Server,
    generations: &mut Generations,
    words: Words,
) -> Result<(Ground, Layers), FreshError> {
    Ok((ground(server, generations, words)?, generations.layers(false)?))
}

fn ground(server: &Server, generations: &mut Generations, words: Words) -> Result<Ground, FreshError> {
    let image = server.container.as_ref().map(|container| container.facts.image.as_str());
    let variables = words.variables.iter().map(|(name, value)| (name.clone(), value.clone()));
    Ok(generations.ground(image, variables)?)
}

/// A database that the image's entrypoint has filled: with these texts, as far as anybody knows.
fn as_on_disk(scripts: &[Judged], left_out: &[Judged]) -> Past {
    let ran = |judged: &Judged| Ran {
        script: judged.script.name.clone(),
        checksum: judged.script.checksum.to_string(),
        extent: Some(judged.reach.extent()),
    };
    Past(scripts.iter().chain(left_out).map(ran).collect())
}

/// Whether the image puts something into its first database before any script runs.
fn image_fills(server: &Server, scripts: &[Script]) -> Result<bool, FreshError> {
    let Some(container) = &server.container else { return Ok(false) };
    let own: Vec<&str> = scripts.iter().map(|script| script.name.as_str()).collect();
    Ok(container.engine.has_own_init_files(&container.facts, &own)?)
}

/// Reads scripts, but for those that the ledger knows already to stay where they are.
struct Judging<'a> {
    past: &'a Past,
    variables: Reach,
}

impl Judging<'_> {
    fn judge(&self, script: &Script) -> Result<Judged, FreshError> {
        let reach = match script.kind {
            Kind::Shell => Reach::of_shell(),
            Kind::Sql(_) if self.is_known_to_stay(script) => Reach::default(),
            Kind::Sql(_) => self.read(script)?,
        };
        Ok(Judged { script: script.clone(), reach })
    }

    fn is_known_to_stay(&self, script: &Script) -> bool {
        self.past.extent(&script.name, &script.checksum.to_string()) == Some(Extent::Database)
    }

    fn read(&self, script: &Script) -> Result<Reach, FreshError> {
        let (survey, reach) = script.judged()?;
        let directory = script.path.parent().unwrap_or(Path::new(""));
        let reach = reach.with_included(self.variables.clone());
        Ok(included(&survey, &script.path, directory, 1)?.into_iter().fold(reach, Reach::with_included))
    }
}

/// How far the files reach that are included there, however deep.
fn included(
    survey: &Survey,
    including: &Path,
    directory: &Path,
    depth: usize,
) -> Result<Vec<Reach>, RunError> {
    let mut found = Vec::new();
    for include in &survey.includes {
        let Some(file) = include.file.as_deref() else { continue };
        let path = resolve_include(file, include.relative, including, directory);
        if depth > DEEPEST {
            return Err(RunError::IncludedTooDeep { path });
        }
        let unreadable = |source| RunError::Unreadable { path: path.clone(), source };
        let (survey, reach) = reach::judged(File::open(&path).map_err(unreadable)?).map_err(unreadable)?;
        found.push(reach);
        found.extend(included(&survey, &path, directory, depth + 1)?);
    }
    Ok(found)
}
