//! The Docker room: the only user of bollard and tokio. Outside it, everything blocks.

mod build;
mod build_context;
mod build_error;
mod build_progress;
mod connect;
mod container;
mod container_error;
mod container_facts;
<<<<<<< HEAD
mod context;
mod container_lock;
=======
mod container_lock;
mod context;
>>>>>>> container
mod copy;
mod create;
mod dockerfile;
mod engine;
mod error;
mod exec;
mod identity;
mod ignore;
mod ignore_pattern;
mod image;
mod initialise;
pub mod labels;
mod ladder;
mod logs;
mod network;
mod observe;
mod pull;
mod ready;
mod registry;
mod tunnel;
mod volume;

pub use build::context_hash;
pub use build_context::BuildContextError;
pub use build_error::BuildError;
pub use connect::{Attempt, ConnectError, Fault};
pub use container::Wanted;
pub use container_error::ContainerError;
pub use container_facts::{ContainerFacts, MountFacts, MountedFrom, Published, State};
pub use container_lock::ContainerLock;
pub use context::ContextError;
pub use copy::Upload;
pub use engine::{Connection, Description, Engine, Tls};
pub use error::DockerError;
pub use exec::{Channel, Command, Output, Terminal};
pub use identity::ServerIdentity;
pub use image::{Image, ImageNeed, image_name};
pub use initialise::{Initialisation, Uninitialised};
pub use ladder::{Answer, Ask, Ladder, Rung, UnknownRung};
pub use observe::Observed;
pub use pull::PullError;
