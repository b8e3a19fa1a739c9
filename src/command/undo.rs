//! `dbctl undo`: what the last fresh rebuild or restore has replaced comes back into service.

use jiff::Timestamp;

use super::snapshot::{Away, swapped_json};
use super::{Context, Result};
use crate::compose::service::Service;
use crate::database::generations::{GenerationError, Generations};
use crate::docker::{ContainerLock, PreviousData};
use crate::error::Exit;
use crate::project::{Project, Target};
use crate::server::{Container, Server, ServerError};

mod way_back;

pub(super) use way_back::with_way_back;
use way_back::{undo_data_directory, undo_failed_start};

/// Whichever was replaced last: a database, or the whole data directory.
#[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself fits one lifetime only")]
pub fn undo(context: &mut Context) -> Result<Exit> {
    let project = context.project()?;
    let server = match context.look(&project) {
        Ok(Some(server)) => server,
        Err(error) if !error.is_failed_start() => return Err(error),
        Ok(None) | Err(_) => return undo_failed_start(context, &project),
    };
    let data = data_directories(&project, &server)?;
    let replaced = data.first().and_then(|newest| newest.replaced.parse::<Timestamp>().ok());
    let database = newest_database(&server)?;
    if replaced.is_some() && replaced > database {
        return undo_data_directory(context, &project, server);
    }
    drop(server);
    let swapped = context.change_generations(|generations| generations.undo())?;
    let text = format!(
        "the previous generation is in service again ({})\nwhat it replaced is kept: `dbctl undo` once more",
        Away(&swapped)
    );
    context.show(text, swapped_json(&swapped))?;
    Ok(Exit::Done)
}

/// When the newest previous generation was replaced.
fn newest_database(server: &Server) -> Result<Option<Timestamp>> {
    let mut generations = match Generations::connect(&server.endpoint, &server.login) {
        Err(GenerationError::Own { .. }) => return Ok(None),
        connected => connected?,
    };
    let newest = generations.previous()?.into_iter().next();
    Ok(newest.and_then(|newest| newest.mark.since?.parse().ok()))
}

/// Data directories that were replaced, the newest first.
pub(super) fn data_directories(project: &Project, server: &Server) -> Result<Vec<PreviousData>> {
    let Some((service, container)) = in_container(project, server) else { return Ok(Vec::new()) };
    if !container.facts.keeps_its_data() {
        return Ok(Vec::new());
    }
    Ok(container.engine.previous_data(service, &container.facts)?)
}

/// Drops all but the newest: what only they held is gone. How many.
pub(super) fn forget_data_directories(context: &mut Context) -> Result<u32> {
    let project = context.project()?;
    let server = context.running(&project)?;
    let known = data_directories(&project, &server)?;
    let older: Vec<u64> = known.iter().skip(1).map(|data| data.turn).collect();
    let Some((service, container)) = in_container(&project, &server).filter(|_| !older.is_empty()) else {
        return Ok(0);
    };
    let _lock = ContainerLock::acquire(&project.cache_dir, service, &mut *context.observer)
        .map_err(ServerError::from)?;
    container.engine.drop_previous_data(service, &container.facts, &older)?;
    Ok(u32::try_from(older.len()).unwrap_or(u32::MAX))
}

fn in_container<'a>(project: &'a Project, server: &'a Server) -> Option<(&'a Service, &'a Container)> {
    match (&project.target, &server.container) {
        (Target::Service(service), Some(container)) => Some((service, container)),
        _ => None,
    }
}
