//! `dbctl status`: where each script stands.

use serde_json::{Value, json};

use super::{Context, Result};
use crate::error::Exit;
use crate::ledger::{Entry, Ledger, Standing};
use crate::report::table;
use crate::script::Script;
use crate::text::counted;

pub fn status(context: &mut Context) -> Result<Exit> {
    let project = context.project()?;
    let init = context.scripts(&project)?;
    let server = context.running(&project)?;
    let ledger = server.database()?.ledger()?.unwrap_or_default();
    let lines: Vec<Line> = lines(&init.scripts, &ledger);
    let json = json!({ "scripts": lines.iter().map(Line::json).collect::<Vec<_>>() });
    let header = ["script", "standing", "mode", "when", "took", "by"];
    context.show(table::of(&header, lines.iter().map(Line::cells)) + &totals(&lines), json)?;
    Ok(Exit::Done)
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
