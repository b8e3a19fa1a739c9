//! A database of its own to replay in, on a server that dbctl cannot make another of.

use super::ReplayError;
use crate::database::generations::{GenerationError, Generations, Origin};
use crate::database::{Guard, Lock};
use crate::endpoint::Endpoint;
use crate::event::Observer;
use crate::server::Server;
use crate::session::Login;

/// Gone when this is dropped. Made and dropped over the connection of the run's lock: whoever has that next finds no
/// statement of a killed dbctl under way, and removes what is half built.
pub(super) struct Scratch {
    lock: Lock,
    endpoint: Endpoint,
    login: Login,
    pub database: String,
    pub guard: Guard,
}

impl Scratch {
    /// Beside the database of `server`.
    pub fn make(server: &Server, observer: &mut dyn Observer) -> Result<Self, ReplayError> {
        let lock = server.lock(observer)?;
        let (endpoint, login) = (server.endpoint.clone(), server.login.clone());
        let (database, guard) = {
            let mut generations = Generations::under(&lock, &endpoint, &login)?;
            generations.tidy()?;
            let guard = generations.guard()?;
            (generations.begin(&Origin::Empty)?, guard)
        };
        Ok(Self { lock, endpoint, login, database, guard })
    }

    fn give_up(&self) -> Result<(), GenerationError> {
        Generations::under(&self.lock, &self.endpoint, &self.login)?.give_up(&self.database)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left is removed by the next run.
        let _ = self.give_up();
    }
}
