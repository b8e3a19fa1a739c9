//! `dbctl status`: where each script stands.

use std::fmt;

use serde_json::{Value, json};

use super::{Context, Result};
use crate::database::generations::{Generation, GenerationError, Generations};
use crate::error::Exit;
use crate::ledger::{Entry, Ledger, Standing};
use crate::report::table;
use crate::script::Script;
use crate::server::Server;
use crate::text::counted;

pub fn status(context: &mut Context) -> Result<Exit> {
    let project = context.project()?;
    let init = context.scripts(&project)?;
    let server = context.running(&project)?;
    let ledger = server.database()?.ledger()?.unwrap_or_default();
    let lines: Vec<Line> = lines(&init.scripts, &ledger);
    let mut json = json!({ "scripts": lines.iter().map(Line::json).collect::<Vec<_>>() });
    let header = ["script", "standing", "mode", "when", "took", "by"];
    let mut text = table::of(&header, lines.iter().map(Line::cells)) + &totals(&lines);
    if context.cli.global.verbose {
        let kept = Kept::beside(&server)?;
        json["kept"] = kept.json();
        text += &kept.to_string();
    }
    context.show(text, json)?;
    Ok(Exit::Done)
}

/// What lies beside the database in service: layers, ready clones, previous generations, snapshots.
struct Kept(Vec<Generation>);

impl Kept {
    fn beside(server: &Server) -> Result<Self> {
        match Generations::connect(&server.endpoint, &server.login) {
            Ok(mut generations) => Ok(Self(generations.list()?)),
            // A service whose database is `postgres` has nothing beside it.
            Err(GenerationError::Own { .. }) => Ok(Self(Vec::new())),
            Err(error) => Err(error.into()),
        }
    }

    fn json(&self) -> Value {
        let one = |kept: &Generation| {
            let mark = &kept.mark;
            json!({
                "kind": mark.kind, "name": mark.name, "through": mark.through, "since": mark.since,
                "used": mark.used, "bytes": kept.size, "database": kept.database,
            })
        };
        self.0.iter().map(one).collect()
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return write!(f, "\nnothing is kept beside the database");
        }
        let cells = |kept: &Generation| {
            let mark = &kept.mark;
            let what =
                mark.name.clone().or_else(|| mark.through.as_ref().map(|script| format!("through {script}")));
            let megabytes = format!("{} MB", kept.size.div_ceil(1_000_000));
            let used = mark.used.clone().or_else(|| mark.since.clone());
            vec![mark.kind.to_string(), what.unwrap_or_default(), used.unwrap_or_default(), megabytes]
        };
        let rows = table::of(&["kept", "what", "last used", "size"], self.0.iter().map(cells));
        write!(f, "\n\n{}", rows.trim_end())
    }
}

/// One script's standing, with its last attempt.
struct Line<'a> {
    name: &'a str,
    standing: String,
    entry: Option<&'a Entry>,
}

fn lines<'a>(on_disk: &'a [Script], ledger: &'a Ledger) -> Vec<Line<'a>> {
    let mut lines: Vec<Line> = on_disk
        .iter()
        .map(|script| Line {
            name: &script.name,
            standing: words(&ledger.standing(script)),
            entry: ledger.entry(&script.name),
        })
        .collect();
    lines.extend(ledger.missing(on_disk).map(|entry| Line {
        name: &entry.script,
        standing: "missing".to_owned(),
        entry: Some(entry),
    }));
    lines
}

fn words(standing: &Standing) -> String {
    match standing {
        Standing::Interrupted { finished } | Standing::Failed { finished } if *finished > 0 => {
            format!("{} after {}", standing.as_str(), counted(*finished, "statement"))
        }
        _ => standing.as_str().to_owned(),
    }
}

impl Line<'_> {
    fn cells(&self) -> Vec<String> {
        let of = |text: fn(&Entry) -> String| self.entry.map(text).unwrap_or_default();
        vec![
            self.name.to_owned(),
            self.standing.clone(),
            of(|entry| entry.mode.as_str().to_owned()),
            of(|entry| entry.at.clone()),
            of(|entry| entry.took_ms.map(|ms| format!("{ms} ms")).unwrap_or_default()),
            of(|entry| entry.by.clone()),
        ]
    }

    fn json(&self) -> Value {
        json!({
            "script": self.name,
            "standing": self.standing.split(' ').next(),
            "mode": self.entry.map(|entry| entry.mode.as_str()),
            "at": self.entry.map(|entry| &entry.at),
            "took_ms": self.entry.and_then(|entry| entry.took_ms),
            "finished": self.entry.map(|entry| entry.finished),
            "error": self.entry.and_then(|entry| entry.error.as_deref()),
            "checksum": self.entry.and_then(|entry| entry.applied.as_ref()).map(|applied| &applied.checksum),
            "by": self.entry.map(|entry| &entry.by),
        })
    }
}

fn totals(lines: &[Line]) -> String {
    let applied = lines.iter().filter(|line| line.standing == "applied").count();
    format!("{applied} of {} scripts applied and unchanged", lines.len())
}
