//! `dbctl run`: files from outside the init dir, as `psql -f` runs them.

use serde_json::json;

use super::{Context, Result};
use crate::cli::{Command, RunArgs};
use crate::error::Exit;
use crate::project::Project;
use crate::runner::{self, Files};

pub fn run(context: &mut Context) -> Result<Exit> {
    let Command::Run(RunArgs { files, single_transaction, .. }) = &context.cli.command else {
        return Ok(Exit::Usage);
    };
    let (names, single_transaction) = (files.clone(), *single_transaction);
    let project = Project::server_only(&context.surroundings, context.cli.settings())?;
    let server = context.running(&project)?;
    let directory = context.surroundings.directory.clone();
    let mut files = Files { names: &names, directory: &directory, variables: project.variables };
    let done = runner::run_files(&server, &mut files, single_transaction, &mut *context.observer)?;
    if context.cli.global.json {
        context.show("", json!(done))?;
    }
    Ok(Exit::Done)
}
