//! One file a command; here, what they share.

use std::io::{IsTerminal as _, Write};

use serde_json::Value;

use crate::cli::{Cli, Command};
use crate::error::{Error, Exit};
use crate::event::Observer;
use crate::fault;
use crate::init_dir::InitDir;
use crate::project::{InitSource, Project, Surroundings};
use crate::report::{self, Detail};
use crate::script::Script;

mod adopt;
mod check;
mod completions;
mod diff;
mod docs;
mod doctor;
mod down;
mod exec;
mod fresh;
mod lint;
mod logs;
mod new;
mod plan;
mod psql;
mod reach;
mod replay;
mod run;
mod scripts;
mod settle;
mod show;
mod snapshot;
mod status;
mod undo;
mod up;
mod watch;

type Result<T> = std::result::Result<T, Error>;

/// What a command is given: the surroundings, the flags, and where to show what happens.
pub struct Context {
    pub cli: Cli,
    pub surroundings: Surroundings,
    pub observer: Box<dyn Observer>,
}

/// Runs the command that `cli` names.
pub fn run(cli: Cli) -> Result<Exit> {
    let mut surroundings = Surroundings::of_process()?;
    fault::arm(&surroundings.environment);
    if let Some(directory) = &cli.global.directory {
        surroundings.directory = surroundings.directory.join(directory);
    }
    let detail = detail(&cli, surroundings.has_cursor());
    let observer = report::observer(detail, surroundings.has_cursor());
    let mut context = Context { cli, surroundings, observer };
    context.dispatch().map_err(|error| undo::with_way_back(&mut context, error))
}

/// Who runs a named script at a terminal wants to see what it prints.
fn detail(cli: &Cli, has_cursor: bool) -> Detail {
    let at_a_terminal = has_cursor && !cli.global.json && std::io::stdout().is_terminal();
    match (cli.global.quiet, cli.global.verbose, &cli.command) {
        _ if cli.psql_output() => Detail::Psql,
        (true, _, _) => Detail::Quiet,
        (_, _, Command::Run(_)) if !cli.global.json => Detail::Verbose,
        (_, true, _) => Detail::Verbose,
        (_, _, Command::Exec(_)) if at_a_terminal => Detail::Verbose,
        _ => Detail::Normal,
    }
}

impl Context {
    fn dispatch(&mut self) -> Result<Exit> {
        match &self.cli.command {
            Command::Up(_) => up::up(self),
            Command::Rebuild(_) => up::rebuild(self),
            Command::Watch(_) => watch::watch(self),
            Command::Exec(_) => exec::exec(self),
            Command::Run(_) => run::run(self),
            Command::Status => status::status(self),
            Command::Plan => plan::plan(self),
            Command::New(_) => new::new(self),
            Command::Lint(_) => lint::lint(self),
            Command::Check(_) => check::check(self),
            Command::Docs(_) => docs::docs(self),
            Command::Diff(_) => diff::diff_command(self),
            Command::Show(_) => show::show(self),
            Command::Adopt(_) => adopt::adopt(self),
            Command::Snapshot { .. } => snapshot::snapshot(self),
            Command::Undo => undo::undo(self),
            Command::Psql(_) => psql::psql(self),
            Command::Logs(_) => logs::logs(self),
            Command::Down => down::down(self),
            Command::Doctor => doctor::doctor(self),
            Command::Completions { shell } => completions::completions(*shell),
            Command::Man => completions::man(),
        }
    }

    /// The project, with a word about what looks wrong in it.
    fn project(&mut self) -> Result<Project> {
        let project = Project::discover(&self.surroundings, self.cli.settings())?;
        for text in &project.warnings {
            self.observer.observe(crate::event::Event::Warning { text: text.clone() });
        }
        Ok(project)
    }

    /// The scripts, with a word about every file that is none.
    fn scripts(&mut self, project: &Project) -> Result<InitDir> {
        let mut init = match &project.init {
            InitSource::Directory(path) => InitDir::read(path)?,
            InitSource::Files(files) => InitDir::from_files(files.clone())?,
        };
        for warning in &init.warnings {
            self.observer.observe(crate::event::Event::Warning { text: warning.to_string() });
        }
        let variables = || project.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for script in &mut init.scripts {
            script.checksum = script.checksum.clone().with_variables(variables());
        }
        Ok(init)
    }

    /// Text for people, or the JSON document.
    fn show(&self, text: impl std::fmt::Display, json: Value) -> Result<()> {
        let mut out = std::io::stdout().lock();
        if self.cli.global.json {
            writeln!(out, "{json:#}")?;
        } else {
            writeln!(out, "{}", text.to_string().trim_end())?;
        }
        out.flush()?;
        Ok(())
    }
}

fn names(scripts: &[Script]) -> Vec<String> {
    scripts.iter().map(|script| script.name.clone()).collect()
}
