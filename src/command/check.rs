//! `dbctl check`: lint, idempotence, drift and the schema document, in one go. The live database is only read.

use std::fmt;
use std::fs;

use serde_json::{Value, json};

use super::replay::Twice;
use super::{Context, Result, diff, docs};
use crate::error::Exit;
use crate::event::Event;
use crate::init_dir::InitDir;
use crate::lint::{Report, Severity};
use crate::project::Project;
use crate::replay::{NotIdempotent, Replay};
use crate::report::lint::{Format, render};
use crate::schema::{Schema, Sides, diff as differences};
use crate::text::counted;

pub fn check(context: &mut Context) -> Result<Exit> {
    let lint = super::lint::report(context)?;
    let project = context.project()?;
    let init = context.scripts(&project)?;
    let Twice { replay, found: twice, ended } = context.replayed_twice(&project, &init)?;
    let (mut drift, mut document) = (None, Document::Unknown);
    if ended.is_none() {
        drift = self::drift(context, &project, &init, &replay)?;
        document = self::document(context, &replay)?;
    }
    let checked = Checked { scripts: init.scripts.len(), lint, twice, ended, drift, document };
    context.show(&checked, checked.json())?;
    Ok(if checked.is_clean() { Exit::Done } else { Exit::Findings })
}

/// What the check found.
struct Checked {
    scripts: usize,
    lint: Report,
    twice: Vec<NotIdempotent>,
    /// A script failed, so that nothing is known of those after it, nor of the whole.
    ended: Option<String>,
    /// None where there is no live database to compare with.
    drift: Option<Vec<String>>,
    document: Document,
}

enum Document {
    /// Not all scripts could be run.
    Unknown,
    Current,
    /// The conventions do not want it, and it is not there.
    NotWanted,
    Stale(String),
}

/// How the live database differs from what its own scripts make; one on which scripts are pending is behind, not adrift.
fn drift(
    context: &mut Context,
    project: &Project,
    init: &InitDir,
    replay: &Replay,
) -> Result<Option<Vec<String>>> {
    let Some(server) = context.look(project)? else { return Ok(None) };
    let mut database = server.database()?;
    let ledger = database.ledger()?.unwrap_or_default();
    if let Some(pending) = ledger.first_pending(&init.scripts) {
        let text = format!("the live database is not compared: `{}` is pending there", pending.name);
        context.observer.observe(Event::Warning { text });
        return Ok(None);
    }
    let live = replay.comparable_with(Schema::read(&mut database)?);
    let attribution = replay.attribution();
    let found = differences(&live, replay.last());
    let sides = Sides::Named("live", "fresh");
    Ok(Some(found.iter().map(|one| diff::attributed(one, sides, &attribution)).collect()))
}

fn document(context: &Context, replay: &Replay) -> Result<Document> {
    let path = docs::usual_place(&context.surroundings.directory);
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found.is_empty() && super::lint::severity(context, "docs-current")? == Severity::Off {
        return Ok(Document::NotWanted);
    }
    let text = docs::document_text(replay);
    Ok(if found == text {
        Document::Current
    } else {
        Document::Stale(docs::stale(&docs::shown(context, &path), &found, &text))
    })
}

impl Checked {
    fn is_clean(&self) -> bool {
        !self.lint.has_errors()
            && self.twice.is_empty()
            && self.ended.is_none()
            && self.drift.as_ref().is_none_or(Vec::is_empty)
            && !matches!(self.document, Document::Stale(_))
    }

    fn json(&self) -> Value {
        let lint: Value = serde_json::from_str(&render(&self.lint, Format::Json, false)).unwrap_or_default();
        let twice = |one: &NotIdempotent| {
            json!({
                "script": one.script,
                "line": one.statement.as_ref().map(|(position, _)| position.line),
                "statement": one.statement.as_ref().map(|(_, text)| text),
                "what": one.what,
            })
        };
        json!({
            "scripts": self.scripts,
            "lint": lint,
            "not_idempotent": self.twice.iter().map(twice).collect::<Vec<_>>(),
            "failed": self.ended,
            "drift": self.drift,
            "document": match &self.document {
                Document::Unknown => "unknown",
                Document::Current => "current",
                Document::NotWanted => "not wanted",
                Document::Stale(_) => "stale",
            },
            "clean": self.is_clean(),
        })
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render(&self.lint, Format::Text, false))?;
        for one in &self.twice {
            write!(f, "`{}`", one.script)?;
            if let Some((position, text)) = &one.statement {
                write!(f, ", line {}: `{text}`", position.line)?;
            }
            writeln!(f, " cannot be run twice: it {}", one.what.join("; "))?;
        }
        if let Some(ended) = &self.ended {
            writeln!(f, "{ended}")?;
        }
        for line in self.drift.iter().flatten() {
            writeln!(f, "drift: {line}")?;
        }
        if let Document::Stale(text) = &self.document {
            writeln!(f, "{text}")?;
        }
        f.write_str(&self.summary())
    }
}

impl Checked {
    fn summary(&self) -> String {
        let told = |all: usize, none: &str, some: String| if all == 0 { none.to_owned() } else { some };
        let found = self.lint.findings.len();
        let lint = told(found, "lint has no finding", format!("{} of lint", counted(found, "finding")));
        let twice = self.twice.len();
        let text = format!("checked {}: {lint}; ", counted(self.scripts, "script"));
        if self.ended.is_some() {
            let twice = told(twice, "", format!("{twice} cannot be run twice; "));
            return text + &twice + "one failed, and what comes after it is not known";
        }
        let twice = told(twice, "each runs twice", format!("{twice} cannot be run twice"));
        let drift = match &self.drift {
            Some(found) => {
                let differences = counted(found.len(), "difference");
                told(found.len(), "no drift", format!("{differences} of the live database"))
            }
            None => "no live database".to_owned(),
        };
        text + &format!("{twice}; {drift}")
            + match self.document {
                Document::Current => "; the schema document is current",
                Document::NotWanted | Document::Unknown => "",
                Document::Stale(_) => "; the schema document is not current",
            }
    }
}
