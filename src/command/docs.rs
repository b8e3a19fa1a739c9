//! `dbctl docs`: the schema document, from the scripts or from the live database.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Context, Result};
use crate::cli::{Command, DocsArgs};
use crate::error::{Error, Exit};
use crate::project::Project;
use crate::replay::Replay;
use crate::schema::{Attribution, Schema, markdown, page};

/// Where the document is, from the directory that holds the init dir's project.
pub const DOCUMENT: &str = "docs/DATABASE_SCHEMA.md";

pub fn docs(context: &mut Context) -> Result<Exit> {
    let Command::Docs(arguments) = &context.cli.command else { return Ok(Exit::Usage) };
    let arguments = arguments.clone();
    let project = context.project()?;
    let (schema, attribution) = described(context, &project, &arguments)?;
    let path = document(context, &arguments);
    let text = markdown("Database schema", &schema, &attribution);
    if arguments.check {
        return check(context, &path, &text);
    }
    let mut written = vec![write(&path, &text)?];
    if let Some(file) = &arguments.html {
        let file = context.surroundings.directory.join(file);
        written.push(write(&file, &page("Database schema", &schema, &attribution))?);
    }
    let told: Vec<String> =
        written.iter().map(|(path, changed)| told(&shown(context, path), *changed)).collect();
    let files: Vec<_> =
        written.iter().map(|(path, changed)| json!({ "file": path, "changed": changed })).collect();
    context.show(told.join("\n"), json!({ "written": files }))?;
    Ok(Exit::Done)
}

/// The schema that is told of, and who made what.
fn described(
    context: &mut Context,
    project: &Project,
    arguments: &DocsArgs,
) -> Result<(Schema, Attribution)> {
    if arguments.live {
        let server = context.running(project)?;
        return Ok((Schema::read(&mut server.database()?)?, Attribution::default()));
    }
    let init = context.scripts(project)?;
    let replay = context.replayed(project, &init)?;
    Ok((replay.last().clone(), replay.attribution()))
}

/// As `dbctl docs` would write it.
pub(super) fn document_text(replay: &Replay) -> String {
    markdown("Database schema", replay.last(), &replay.attribution())
}

fn document(context: &Context, arguments: &DocsArgs) -> PathBuf {
    let directory = &context.surroundings.directory;
    arguments.output.as_ref().map_or_else(|| usual_place(directory), |file| directory.join(file))
}

/// In the nearest directory above that has the document, else here.
pub(super) fn usual_place(directory: &Path) -> PathBuf {
    let known = directory.ancestors().map(|above| above.join(DOCUMENT)).find(|path| path.is_file());
    known.unwrap_or_else(|| directory.join(DOCUMENT))
}

fn check(context: &Context, path: &Path, text: &str) -> Result<Exit> {
    let found = fs::read_to_string(path).unwrap_or_default();
    if found == text {
        context.show(format!("`{}` is current", shown(context, path)), json!({ "current": true }))?;
        return Ok(Exit::Done);
    }
    context.show(stale(&shown(context, path), &found, text), json!({ "current": false }))?;
    Ok(Exit::Findings)
}

/// What is not current, with the first line that differs.
pub(super) fn stale(path: &str, found: &str, text: &str) -> String {
    let mut lines = found.lines().zip(text.lines()).enumerate();
    let place = match lines.find(|(_, (one, other))| one != other) {
        _ if found.is_empty() => "it does not exist".to_owned(),
        Some((number, (one, other))) => format!("line {}: has `{one}`, should have `{other}`", number + 1),
        None => format!("it has {} lines, and should have {}", found.lines().count(), text.lines().count()),
    };
    format!("`{path}` is not current: {place}\nnext: `dbctl docs`")
}

/// The path, and whether the file is not what it was.
fn write(path: &Path, text: &str) -> Result<(PathBuf, bool)> {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return Ok((path.to_owned(), false));
    }
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    written.map_err(|source| Error::Document { path: path.to_owned(), source })?;
    Ok((path.to_owned(), true))
}

/// The path as it is seen from where the command is run.
pub(super) fn shown(context: &Context, path: &Path) -> String {
    path.strip_prefix(&context.surroundings.directory).unwrap_or(path).display().to_string()
}

fn told(path: &str, changed: bool) -> String {
    let word = if changed { "written" } else { "current already" };
    format!("`{path}` is {word}")
}
