//! `dbctl down`: the container goes, its volumes stay.

use serde_json::json;

use super::{Context, Result};
use crate::docker::{ContainerLock, Engine};
use crate::error::{Error, Exit};
use crate::project::Target;
use crate::server::ServerError;

pub fn down(context: &mut Context) -> Result<Exit> {
    let project = context.project()?;
    let Target::Service(service) = &project.target else {
        return Err(Error::NoContainer { command: "down" });
    };
    let engine = Engine::connect(&project.connection)?;
    let _lock = ContainerLock::acquire(&project.cache_dir, service, &mut *context.observer)?;
    let mut observed = engine.observe(service).map_err(ServerError::from)?;
    engine.tidy(&mut observed)?;
    let Some(container) = observed.container else {
        context.show("nothing to do: there is no container", json!({ "removed": null }))?;
        return Ok(Exit::Done);
    };
    engine.stop(&container, &mut *context.observer)?;
    engine.remove(&container, "asked for", &mut *context.observer)?;
    let text =
        format!("container `{}` is gone; its volumes stay, and `dbctl up` brings it back", container.name);
    context.show(text, json!({ "removed": container.name }))?;
    Ok(Exit::Done)
}
