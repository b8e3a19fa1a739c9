//! A fresh build, carried out: the new database comes about beside the one in service, and then takes its place.

mod ahead;
mod in_place;
mod known;
mod twin;

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use crate::database::generations::{GenerationError, Generations, Swapped};
use crate::database::{DatabaseError, Lock};
use crate::docker::ContainerError;
use crate::layer::Keep;
use crate::plan::fresh::Because;
use crate::runner::{RunError, ScriptDone};
use crate::script::ScriptError;
use crate::server::{Server, ServerError};

pub use known::{Known, Wanted};
pub use twin::Likeness;

/// Where a fresh database is built: the server, whose run's lock is held, and what lies beside its database.
pub struct Site<'a> {
    pub server: &'a Server,
    pub lock: &'a Lock,
    /// What lies beside the database; none where dbctl renames others in that very database, so that nothing can.
    pub generations: Option<Generations<'a>>,
    pub words: Words<'a>,
}

impl<'a> Site<'a> {
    fn generations(&mut self) -> Result<&mut Generations<'a>, GenerationError> {
        let database = &self.server.login.database;
        self.generations.as_mut().ok_or_else(|| GenerationError::Own { database: database.clone() })
    }
}

/// What the user has said about scripts and layers.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    pub variables: &'a BTreeMap<String, String>,
    pub who: &'a str,
    pub allow_shell: bool,
    pub keep: Keep,
}

/// What a fresh build did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Scripts that came with a layer.
    pub from_layer: usize,
    pub ran: Vec<ScriptDone>,
    pub replaced: Replaced,
}

/// What went out of service, and is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replaced {
    Database(Swapped),
    /// The whole data directory, under this number.
    DataDirectory {
        turn: u64,
        /// For how long no server ran.
        away: Duration,
    },
}

#[derive(Debug, Error)]
pub enum FreshError {
    #[error(
        "the database cannot be built beside the one in service: {because}\n\
         only a cluster of its own would do, and `--url` names a server that dbctl cannot make another of\n\
         nothing was changed; the old database stays in service\n\
         next: make the change by a new script, or on an empty server `dbctl up`"
    )]
    NoTwin { because: Because },
    #[error(
        "the scripts need a cluster of their own, and with the old one would go out of sight what no script makes:\n  {}\n\
         nothing was changed; the old database stays in service\n\
         next: `dbctl rebuild --fresh --whole-cluster`, if that is right; `dbctl undo` brings all of it back",
        lost.join("\n  ")
    )]
    OutOfSight { lost: Vec<String> },
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Generation(#[from] GenerationError),
    #[error(transparent)]
    Disk(#[from] ScriptError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Container(#[from] ContainerError),
}
