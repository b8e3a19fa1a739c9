//! `dbctl snapshot` and `dbctl undo`: what is kept beside the database in service, and put back in its place.

use std::fmt;

use serde_json::json;

use super::{Context, Result};
use crate::cli::{Command, SnapshotCommand};
use crate::database::generations::{Generation, GenerationError, Generations, Swapped};
use crate::docker::PreviousData;
use crate::error::Exit;
use crate::text::counted;

/// Keeps the database with its data under a name, and brings it back.
#[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself fits one lifetime only")]
pub fn snapshot(context: &mut Context) -> Result<Exit> {
    let Command::Snapshot { command } = &context.cli.command else { return Ok(Exit::Usage) };
    match command.clone() {
        SnapshotCommand::Save { name } => {
            context.change_generations(|generations| generations.save(&name))?;
            let text = format!("snapshot `{name}` is saved; `dbctl snapshot restore {name}` brings it back");
            context.show(text, json!({ "saved": name }))?;
        }
        SnapshotCommand::Restore { name } => {
            let swapped = context.change_generations(|generations| generations.restore(&name))?;
            let text = format!(
                "snapshot `{name}` is in service ({})\nwhat it replaced is kept: `dbctl undo`",
                Away(&swapped)
            );
            context.show(text, swapped_json(&swapped))?;
        }
        SnapshotCommand::Drop { name: None, .. } => {
            let count = context.change_generations(|generations| generations.forget_previous())?
                + super::undo::forget_data_directories(context)?;
            let text = format!(
                "{} dropped; the newest is kept for `dbctl undo`",
                counted(count, "previous generation")
            );
            context.show(text, json!({ "dropped": count }))?;
        }
        SnapshotCommand::Drop { name: Some(name), .. } => {
            context.change_generations(|generations| generations.forget(&name))?;
            context.show(format!("snapshot `{name}` is gone"), json!({ "dropped": name }))?;
        }
        SnapshotCommand::List => context.list_snapshots()?,
    }
    Ok(Exit::Done)
}

impl Context {
    /// Under the run's lock, after what a killed run has left is removed.
    pub(super) fn change_generations<T>(
        &mut self,
        change: impl FnOnce(&mut Generations) -> std::result::Result<T, GenerationError>,
    ) -> Result<T> {
        let project = self.project()?;
        let server = self.running(&project)?;
        let lock = server.lock(&mut *self.observer)?;
        let mut generations = Generations::under(&lock, &server.endpoint, &server.login)?;
        generations.tidy()?;
        // Of dbctl's own sessions only those in the database `postgres` may be open now.
        server.hang_up();
        Ok(change(&mut generations)?)
    }

    fn list_snapshots(&mut self) -> Result<()> {
        let project = self.project()?;
        let server = self.running(&project)?;
        let mut generations = Generations::connect(&server.endpoint, &server.login)?;
        let data = super::undo::data_directories(&project, &server)?;
        let listed = Listed { snapshots: generations.snapshots()?, previous: generations.previous()?, data };
        let list = |all: &[Generation]| all.iter().map(snapshot_json).collect::<Vec<_>>();
        self.show(
            &listed,
            json!({
                "snapshots": list(&listed.snapshots),
                "previous": list(&listed.previous),
                "data_directories": listed.data,
            }),
        )
    }
}

/// For how long other programs were turned away.
pub(super) struct Away<'a>(pub &'a Swapped);

impl fmt::Display for Away<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "others were turned away for {} ms", self.0.turned_away.as_millis())
    }
}

pub(super) fn swapped_json(swapped: &Swapped) -> serde_json::Value {
    json!({ "previous": swapped.previous, "turned_away_ms": swapped.turned_away.as_millis() })
}

fn snapshot_json(snapshot: &Generation) -> serde_json::Value {
    let mark = &snapshot.mark;
    json!({ "name": mark.name, "saved": mark.since, "bytes": snapshot.size })
}

struct Listed {
    snapshots: Vec<Generation>,
    previous: Vec<Generation>,
    /// Those of clusters that fresh rebuilds through a twin have replaced.
    data: Vec<PreviousData>,
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.snapshots.is_empty() {
            writeln!(f, "there is no snapshot; `dbctl snapshot save NAME` makes one")?;
        }
        let rows: Vec<_> =
            self.snapshots.iter().chain(&self.previous).map(|kept| (name(kept), kept)).collect();
        let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, Generation { mark, size, .. }) in rows {
            let since = mark.since.as_deref().unwrap_or_default();
            writeln!(f, "{name:width$}  {since}  {} MB", size.div_ceil(1_000_000))?;
        }
        for PreviousData { turn, replaced, bytes, .. } in &self.data {
            writeln!(f, "(data directory {turn})  {replaced}  {} MB", bytes.div_ceil(1_000_000))?;
        }
        match self.previous.len() + self.data.len() {
            0 => Ok(()),
            1 => writeln!(f, "`dbctl undo` brings the previous generation back"),
            _ => writeln!(
                f,
                "`dbctl undo` brings the newest previous generation back; `dbctl snapshot drop --previous` drops the others"
            ),
        }
    }
}

fn name(kept: &Generation) -> String {
    kept.mark.name.clone().unwrap_or_else(|| "(previous)".to_owned())
}
