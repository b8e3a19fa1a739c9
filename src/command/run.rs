//! `dbctl run`: files from outside the init dir, as `psql -f` runs them.

use serde_json::json;

use super::{Context, Result};
use crate::cli::{Command, RunArgs};
use crate::error::{Error, Exit};
use crate::project::Project;
use crate::runner::{self, Files, How};

pub fn run(context: &mut Context) -> Result<Exit> {
    let Command::Run(RunArgs { files, single_transaction, no_stop, .. }) = &context.cli.command else {
        return Ok(Exit::Usage);
    };
    let (names, how) = (files.clone(), How { single_transaction: *single_transaction, stop: !*no_stop });
    let project = Project::server_only(&context.surroundings, context.cli.settings())?;
    let mut server = context.running(&project)?;
    // What the files do may want nobody else in the database.
    server.hang_up();
    server.obey(&context.surroundings.environment);
    let directory = context.surroundings.directory.clone();
    let allow_shell = context.cli.script_arguments().allow_shell;
    let mut files = Files::new(&names, &directory, project.variables);
    files.allow_shell = allow_shell;
    let done = runner::run_files(&server, &mut files, how, &mut *context.observer)?;
    if context.cli.global.json {
        context.show("", json!(done))?;
    }
    match done.failures {
        0 => Ok(Exit::Done),
        _ if context.cli.psql_output() => Ok(Exit::Done),
        // The document has told how many.
        _ if context.cli.global.json => Ok(Exit::Findings),
        failures => Err(Error::WentOn { failures }),
    }
}
