//! After a first build: the settings that scripts have made hold, as they do when the image has initialised a database.

use super::reach::approach;
use super::{Context, Result};
use crate::database::Database;
use crate::event::Event;
use crate::project::{Project, Target};
use crate::server::{Server, ServerError};

impl Context {
    /// Lets the server read its settings again; restarts it once where that is not enough.
    pub(super) fn settle(
        &mut self,
        project: &Project,
        server: &Server,
        mut database: Database,
    ) -> Result<()> {
        let settings = database.waiting_for_restart()?;
        if settings.is_empty() {
            return Ok(database.reload_if_changed()?);
        }
        drop(database);
        self.restart(project, server, settings)
    }

    fn restart(&mut self, project: &Project, server: &Server, settings: Vec<String>) -> Result<()> {
        let (Target::Service(service), Some(container)) = (&project.target, &server.container) else {
            let text = format!("`{}` waits for a restart of the server", settings.join("`, `"));
            self.observer.observe(Event::Warning { text });
            return Ok(());
        };
        let approach = approach(project, service, &container.facts)?;
        server.hang_up();
        let started = container.engine.restart(&container.facts).map_err(ServerError::from)?;
        Server::in_container(container.engine.clone(), started, approach, true, &mut *self.observer)?;
        self.observer.observe(Event::ServerRestarted { settings });
        Ok(())
    }
}
