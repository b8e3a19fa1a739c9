//! `dbctl watch`: after every save, a fresh rebuild from the layer before the script that was edited.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::json;

use super::fresh::{Asked, Outcome, start_ahead};
use super::reach::Wish;
use super::{Context, Result, names};
use crate::cli::{Command, WatchArgs};
use crate::error::{Error, Exit};
use crate::fresh::Rebuilt;
use crate::init_dir::InitDir;
use crate::project::{InitSource, Project};
use crate::report::line::duration;
use crate::saves::Saves;
use crate::server::Server;
use crate::text::counted;

/// Goes on until Ctrl-C.
pub fn watch(context: &mut Context) -> Result<Exit> {
    if matches!(&context.cli.command, Command::Watch(WatchArgs { ahead: true, .. })) {
        return super::fresh::ahead(context);
    }
    let project = context.project()?;
    let mut saves = Saves::of(directories(&project.init).iter().map(PathBuf::as_path))?;
    let mut watch = Watch { project, server: None, scripts: Vec::new() };
    if let Err(error) = watch.begin(context) {
        tell(&error);
    }
    while let Some(touched) = saves.wait(|| watch.get_ready()) {
        let begun = Instant::now();
        let outcome = watch.rebuild(context);
        watch.rest();
        match outcome {
            Ok(Outcome::Rebuilt(rebuilt)) => {
                show(context, &touched, &rebuilt, begun)?;
                start_ahead(context, &watch.project);
            }
            Ok(Outcome::First(summary)) => context.show(&summary, summary.json())?,
            Ok(Outcome::AsItWas) => {}
            // What cannot be built now may be after the next save.
            Err(error) => tell(&error),
        }
        // After the result, which is what somebody waits for.
        if let Err(error) = super::lint::show_saved(context, &watch.among_scripts(&touched)) {
            tell(&error);
        }
    }
    Ok(Exit::Interrupted)
}

fn directories(init: &InitSource) -> Vec<PathBuf> {
    match init {
        InitSource::Directory(path) => vec![path.clone()],
        InitSource::Files(files) => {
            let mut all: Vec<_> =
                files.iter().filter_map(|(_, path)| path.parent().map(Path::to_owned)).collect();
            all.sort();
            all.dedup();
            all
        }
    }
}

fn tell(error: &Error) {
    let _ = writeln!(anstream::stderr(), "\x1b[1;31merror\x1b[0m: {error}");
}

struct Watch {
    project: Project,
    /// As it was reached last; none after it was lost.
    server: Option<Server>,
    /// Where the scripts lay when they were read last.
    scripts: Vec<PathBuf>,
}

impl Watch {
    /// Those of the paths that are scripts, and are still there.
    fn among_scripts(&self, touched: &BTreeSet<PathBuf>) -> Vec<String> {
        let is_script = |path: &&PathBuf| self.scripts.contains(*path) && path.is_file();
        touched.iter().filter(is_script).map(|path| path.display().to_string()).collect()
    }

    /// Brings the server up; no script is run before the first save.
    fn begin(&mut self, context: &mut Context) -> Result<()> {
        let init = context.scripts(&self.project)?;
        self.server = Some(reach(context, &self.project, &init)?);
        self.rest();
        let count = init.scripts.len();
        context
            .show(format!("watching {}; Ctrl-C ends", counted(count, "script")), json!({ "watching": count }))
    }

    /// While the editor may still be at it.
    fn get_ready(&self) {
        if let Some(server) = &self.server {
            server.get_ready();
        }
    }

    /// Nobody is connected while nothing is saved.
    fn rest(&self) {
        if let Some(server) = &self.server {
            server.hang_up();
        }
    }

    fn rebuild(&mut self, context: &mut Context) -> Result<Outcome> {
        let init = context.scripts(&self.project)?;
        self.scripts = init.scripts.iter().map(|script| script.path.clone()).collect();
        let asked = Asked { project: &self.project, init: &init, to: None };
        if let Some(server) = self.server.take() {
            match asked.rebuild_if_changed(context, &server) {
                // The container was stopped, or made anew, since the last save.
                Err(error) if matches!(error.exit(), Exit::Docker | Exit::Database) => {}
                outcome => {
                    self.server = Some(server);
                    return outcome;
                }
            }
        }
        let server = reach(context, &self.project, &init)?;
        let outcome = asked.rebuild_if_changed(context, &server);
        self.server = Some(server);
        outcome
    }
}

fn reach(context: &mut Context, project: &Project, init: &InitDir) -> Result<Server> {
    Ok(context.bring_up(project, &names(&init.scripts), Wish::UP)?.server)
}

fn show(context: &Context, touched: &BTreeSet<PathBuf>, rebuilt: &Rebuilt, begun: Instant) -> Result<()> {
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let files: Vec<String> = touched.iter().filter_map(name).collect();
    let (took, ran) = (begun.elapsed(), rebuilt.ran.len());
    let all = counted(rebuilt.from_layer + ran, "script");
    let text = format!("{}: {all} in place, {ran} run, {}", files.join(", "), duration(took));
    let json = json!({
        "files": files, "scripts": rebuilt.ran, "from_layer": rebuilt.from_layer,
        "took_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    });
    context.show(text, json)
}
