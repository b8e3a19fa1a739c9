//! The Docker room: the only user of bollard and tokio. Outside it, everything blocks.

mod container;
mod container_error;
mod container_facts;
mod container_lock;
mod copy;
mod create;
mod engine;
mod error;
mod exec;
mod identity;
mod initialise;
pub mod labels;
mod ladder;
mod network;
mod observe;
mod ready;
mod tunnel;
mod volume;

pub use container::Wanted;
pub use container_error::ContainerError;
pub use container_facts::{ContainerFacts, ImageFacts, MountFacts, MountedFrom, Published, State};
pub use container_lock::ContainerLock;
pub use copy::Upload;
pub use engine::{Connection, Engine, Tls};
pub use error::DockerError;
pub use exec::{Channel, Command, Output, Terminal};
pub use identity::ServerIdentity;
pub use initialise::{Initialisation, Uninitialised};
pub use ladder::{Answer, Ask, Ladder, Rung, UnknownRung};
pub use observe::Observed;
