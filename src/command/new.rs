//! `dbctl new`: the next script, written as the conventions want it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Context, Result};
use crate::cli::{Command, NewArgs};
use crate::draft::{Draft, DraftError, File, Pattern};
use crate::error::{Error, Exit};
use crate::event::Event;
use crate::init_dir::Named;
use crate::lint::{self, Config, Reading};
use crate::project::{self, InitSource};
use crate::schema::{self, Schema};
use crate::script::{Compression, Kind, ScriptError};

mod edit;
mod git;

pub fn new(context: &mut Context) -> Result<Exit> {
    let Command::New(arguments) = &context.cli.command else { return Ok(Exit::Usage) };
    if let Some(table) = &arguments.repository {
        let table = table.clone();
        return repository(context, &table);
    }
    let patterns = patterns(arguments)?;
    let asked = Asked {
        title: arguments.title.clone(),
        content: Content::Patterns(patterns),
        is_dry: arguments.dry_run,
        wants_edit: arguments.edit,
    };
    let written = write_next(context, asked)?;
    context.show(written.text(), written.json())?;
    Ok(Exit::Done)
}

/// The next script, as somebody asks for it.
pub(super) struct Asked {
    pub title: Option<String>,
    pub content: Content,
    /// It is only shown.
    pub is_dry: bool,
    pub wants_edit: bool,
}

pub(super) enum Content {
    Patterns(Vec<Pattern>),
    /// All below the header.
    Body(String),
}

/// Scripts that were written, or would be.
pub(super) struct Written {
    /// Each with its path as it is shown.
    files: Vec<(String, File)>,
    is_dry: bool,
}

impl Written {
    pub fn text(&self) -> String {
        let line = |(path, file): &(String, File)| {
            if self.is_dry { file.text.clone() } else { format!("created {path}") }
        };
        self.files.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    pub fn json(&self) -> serde_json::Value {
        let scripts: Vec<_> =
            self.files.iter().map(|(path, file)| json!({ "path": path, "text": file.text })).collect();
        json!({ "scripts": scripts, "written": !self.is_dry })
    }
}

/// Writes the next script, or as many as it takes, and warns of what the conventions say against it.
pub(super) fn write_next(context: &mut Context, asked: Asked) -> Result<Written> {
    let Asked { title, content, is_dry, wants_edit } = asked;
    let (patterns, body) = match content {
        Content::Patterns(patterns) => (patterns, None),
        Content::Body(body) => (Vec::new(), Some(body)),
    };
    let (settings, _) = project::settings(&context.surroundings, context.cli.settings())?;
    let config = Config::new(&settings.lint, None, &[])?;
    let (directory, named) = place(project::scripts(&context.surroundings, &settings)?)?;
    let mut readings = read(&named)?;
    let draft = Draft {
        title,
        author: author(context),
        date: jiff::Zoned::now().date().to_string(),
        patterns,
        preset: config.preset,
        readings: &readings,
    };
    let files = body.map_or_else(|| draft.files(), |body| draft.file_of(body));
    readings.extend(files.iter().map(|file| reading(&directory.join(&file.name), &file.text)));
    refuse_nonsense(&readings, &config)?;
    warn_of_others(context, &directory, &named, &files);
    let paths: Vec<PathBuf> = files.iter().map(|file| directory.join(&file.name)).collect();
    if !is_dry {
        write(&files, &paths)?;
    }
    if wants_edit {
        edit::edit(&context.surroundings, &paths)?;
        readings.truncate(named.len());
        for path in &paths {
            readings.push(Reading::read(&file(path))?);
        }
    }
    show_findings(context, &readings, &config);
    let shown = |path: &PathBuf| project::shown(path, &context.surroundings.directory);
    let files = paths.iter().map(shown).zip(files).collect();
    Ok(Written { files, is_dry })
}

/// The class for a table of the live database; the schema `public` need not be named.
fn repository(context: &mut Context, table: &str) -> Result<Exit> {
    let project = context.project()?;
    let schema = Schema::read(&mut context.running(&project)?.database()?)?;
    let name = if table.contains('.') { table.to_owned() } else { format!("public.{table}") };
    let text = schema::repository(&schema, &name).ok_or_else(|| Error::NoTable { table: name.clone() })?;
    context.show(&text, json!({ "table": name, "python": text }))?;
    Ok(Exit::Done)
}

fn patterns(arguments: &NewArgs) -> std::result::Result<Vec<Pattern>, DraftError> {
    type Read = fn(&str) -> std::result::Result<Pattern, crate::draft::PatternError>;
    // In the order in which each may need the ones before.
    let kinds: [(&[String], Read); 7] = [
        (&arguments.enums, Pattern::enumeration),
        (&arguments.tables, Pattern::table),
        (&arguments.columns, Pattern::column),
        (&arguments.foreign_keys, Pattern::foreign_key),
        (&arguments.enum_values, Pattern::enum_value),
        (&arguments.triggers, Pattern::trigger),
        (&arguments.seeds, Pattern::seed),
    ];
    let mut all = Vec::new();
    for (texts, read) in kinds {
        for text in texts {
            all.push(read(text)?);
        }
    }
    Ok(all)
}

/// Where the script will lie, and the scripts that are there.
fn place(init: InitSource) -> Result<(PathBuf, Vec<Named>)> {
    match init {
        InitSource::Directory(path) => {
            let named = Named::list(&path)?;
            Ok((path, named))
        }
        InitSource::Files(files) => {
            let directory = files.first().and_then(|(_, path)| path.parent()).unwrap_or(Path::new("."));
            Ok((directory.to_path_buf(), Named::of_files(files)))
        }
    }
}

fn read(named: &[Named]) -> std::result::Result<Vec<Reading>, ScriptError> {
    let files = named.iter().map(|script| lint::File {
        name: script.name.clone(),
        kind: script.kind,
        is_wanted: false,
        ..file(&script.path)
    });
    files.map(|file| Reading::read(&file)).collect()
}

fn file(path: &Path) -> lint::File {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    lint::File {
        shown: name.clone(),
        within: path.display().to_string(),
        path: path.to_path_buf(),
        kind: Kind::Sql(Compression::None),
        is_wanted: true,
        name,
    }
}

fn reading(path: &Path, text: &str) -> Reading {
    Reading::of(file(path), text.as_bytes().to_vec())
}

/// As git knows the author, else as the system does.
fn author(context: &Context) -> String {
    let known = git::user_name(&context.surroundings.directory);
    known.unwrap_or_else(|| context.surroundings.who().split('@').next().unwrap_or_default().to_owned())
}

/// A type or a name that makes no SQL is the caller's mistake.
fn refuse_nonsense(readings: &[Reading], config: &Config) -> Result<()> {
    let found = lint::findings(readings, config).into_iter().find(|finding| finding.rule.name == "syntax");
    let Some(finding) = found else { return Ok(()) };
    let text = String::from_utf8_lossy(&readings[finding.script].text).into_owned();
    let start = text[..finding.span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default().trim().to_owned();
    Err(DraftError::NoSql { message: finding.label, line }.into())
}

/// Somebody else may have taken the number.
fn warn_of_others(context: &mut Context, directory: &Path, named: &[Named], files: &[File]) {
    let ours: Vec<&str> = named.iter().map(|script| script.name.as_str()).collect();
    for file in files {
        for taken in git::taken(directory, &file.name, &ours) {
            let text = format!(
                "{} has `{}` already, which is not here: the number of `{}` may be taken",
                taken.by, taken.name, file.name
            );
            context.observer.observe(Event::Warning { text });
        }
    }
}

fn write(files: &[File], paths: &[PathBuf]) -> Result<()> {
    for (file, path) in files.iter().zip(paths) {
        let failed = |source| DraftError::Write { path: path.clone(), source };
        let mut out = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
        out.write_all(file.text.as_bytes()).map_err(failed)?;
    }
    Ok(())
}

fn show_findings(context: &mut Context, readings: &[Reading], config: &Config) {
    for finding in lint::findings(readings, config) {
        let (name, rule) = (&readings[finding.script].file.name, finding.rule.name);
        let text = format!("`{name}`: {} ({rule})", finding.message);
        context.observer.observe(Event::Warning { text });
    }
}
