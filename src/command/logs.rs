//! `dbctl logs`: what the container wrote.

use std::io::Write;

use super::{Context, Result};
use crate::cli::Command;
use crate::docker::Engine;
use crate::error::{Error, Exit};
use crate::project::Target;
use crate::server::ServerError;

pub fn logs(context: &mut Context) -> Result<Exit> {
    let Command::Logs(arguments) = &context.cli.command else { return Ok(Exit::Usage) };
    let (follow, tail) = (arguments.follow, arguments.tail.clone());
    let lines = match tail.as_str() {
        "all" => None,
        number => Some(number.parse::<usize>().map_err(|_| Error::NotACount { text: tail.clone() })?),
    };
    let project = context.project()?;
    let Target::Service(service) = &project.target else {
        return Err(Error::NoContainer { command: "logs" });
    };
    let engine = Engine::connect(&project.connection)?;
    let observed = engine.observe(service).map_err(ServerError::from)?;
    let container = observed.container.ok_or_else(|| Error::NotRunning { service: service.name.clone() })?;
    if follow {
        engine.follow_log(&container.id, lines, &mut std::io::stdout())?;
    } else {
        std::io::stdout()
            .write_all(engine.last_log_lines(&container.id, lines.unwrap_or(usize::MAX))?.as_bytes())?;
    }
    Ok(Exit::Done)
}
