//! Each script run a second time, which must change nothing: idempotence proven, not guessed.

use std::io::Read as _;

use super::{Contents, Replay, ReplayError};
use crate::event::{Event, Observer};
use crate::fresh::Words;
use crate::runner::RunError;
use crate::schema::{Schema, Sides, diff};
use crate::script::{Kind, Script};
use crate::sql::lexer::StatementText;
use crate::sql::outline::outline;
use crate::text::Position;

/// What a second run came to.
pub enum Second {
    Same,
    NotIdempotent(NotIdempotent),
}

/// A script that cannot be run twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotIdempotent {
    pub script: String,
    /// The statement that did it, where it can be told: its place, and its first line.
    pub statement: Option<(Position, String)>,
    /// The error of the second run, or what it changed.
    pub what: Vec<String>,
    /// What the second run did is still there, and in the way of the scripts after it.
    pub left_traces: bool,
}

impl NotIdempotent {
    fn failing(script: &Script, error: &str, left_traces: bool) -> Self {
        // What an error says of a database in service has no meaning here.
        let lines: Vec<&str> =
            error.lines().take_while(|line| !line.starts_with("it was a replay")).collect();
        let what = vec![format!("fails when it is run again:\n{}", lines.join("\n"))];
        Self { script: script.name.clone(), statement: None, what, left_traces }
    }
}

impl Replay {
    /// Runs the script, and then again: the second run must succeed, and change neither the schema nor any row.
    pub fn run_twice(
        &mut self,
        script: &Script,
        words: Words,
        observer: &mut dyn Observer,
    ) -> Result<Second, ReplayError> {
        self.run(script, words, observer)?;
        let before = self.ask(Contents::read)?;
        let failed = match self.run_only(script, words) {
            Ok(()) => None,
            Err(ReplayError::Run(RunError::Script(failed))) => Some(failed),
            Err(error) => return Err(error),
        };
        let now = self.ask(Contents::read)?;
        let what = self.changed(&before, &now)?;
        if what.is_empty() {
            self.ask(|database| before.put_sequences_back(&now, database))?;
        }
        if let Some(failed) = failed {
            let found = NotIdempotent::failing(script, &failed.to_string(), !what.is_empty());
            return Ok(Second::NotIdempotent(found));
        }
        observer.observe(Event::ScriptReplayed { script: format!("{} again", script.name) });
        if what.is_empty() {
            return Ok(Second::Same);
        }
        let statement = self.culprit(script)?;
        let (script, left_traces) = (script.name.clone(), true);
        Ok(Second::NotIdempotent(NotIdempotent { script, statement, what, left_traces }))
    }

    fn changed(&mut self, before: &Contents, now: &Contents) -> Result<Vec<String>, ReplayError> {
        let schema = self.schema()?;
        let mut what: Vec<String> = diff(self.last(), &schema)
            .iter()
            .map(|difference| difference.told(Sides::BeforeAndAfter))
            .collect();
        what.extend(before.differing(now));
        Ok(what)
    }

    /// The first statement that changes something once more: each is run a third time. Only scripts of plain SQL can be
    /// taken apart like this.
    fn culprit(&mut self, script: &Script) -> Result<Option<(Position, String)>, ReplayError> {
        let Some(statements) = statements(script) else { return Ok(None) };
        // What a script sets for its session is to go with it, and what it has locked in one is to be free.
        self.session = None;
        let database = &mut self.server.database()?;
        let read = |database: &mut crate::database::Database| -> Result<_, ReplayError> {
            Ok((Schema::read(database)?, Contents::read(database)?))
        };
        let mut before = read(database)?;
        for (position, text) in statements {
            if database.catalog("trying a script's statement", &text).is_err() {
                return Ok(None);
            }
            let after = read(database)?;
            if !diff(&before.0, &after.0).is_empty() || !before.1.differing(&after.1).is_empty() {
                let first = text.trim_start().lines().next().unwrap_or_default().to_owned();
                return Ok(Some((position, first)));
            }
            before = after;
        }
        Ok(None)
    }
}

/// The script's statements with their places; none where it holds more than plain SQL.
fn statements(script: &Script) -> Option<Vec<(Position, String)>> {
    if script.kind == Kind::Shell {
        return None;
    }
    let mut text = Vec::new();
    script.open().ok()?.read_to_end(&mut text).ok()?;
    let outline = outline(text.as_slice()).ok()?;
    if !outline.survey.commands.is_empty() || !outline.survey.includes.is_empty() {
        return None;
    }
    let one = |statement: &StatementText| {
        Some((statement.position(0), String::from_utf8(statement.text.clone()).ok()?))
    };
    outline.statements.iter().map(one).collect()
}
