//! A failed script in words: the place, the cause, what was and was not applied, the next command.

use std::fmt;

use serde_json::{Value, json};

use super::{FailedScript, Failure, Place};
use crate::ledger::Mode;
use crate::session::{FailureKind, Phase, ScriptFailure, ServerMessage};

/// Columns that an excerpt may take: a terminal's usual width.
const WIDTH: usize = 100;

impl std::error::Error for FailedScript {}

impl fmt::Display for FailedScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.script.name;
        match &self.why {
            Failure::Sql(failure) => {
                sql(f, name, failure)?;
                if matches!(failure.kind, FailureKind::ConnectionLost { during_commit: true, .. }) {
                    writeln!(f, "the transaction was not committed, as the ledger shows")?;
                }
            }
            Failure::Program { code, last_lines } => {
                match self.mode {
                    Mode::Shell => writeln!(f, "shell script `{name}` ended with exit code {code}")?,
                    _ => writeln!(f, "psql ended script `{name}` with exit code {code}")?,
                }
                indented(f, last_lines)?;
            }
            Failure::Interrupted => writeln!(f, "script `{name}` was interrupted")?,
        }
        self.state(f)?;
        self.next(f)
    }
}

impl FailedScript {
    /// What was and was not applied.
    fn state(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.script.name;
        match self.place {
            Place::InService => {}
            Place::Beside => {
                return writeln!(f, "the new database is given up; the old one stays in service, as it was");
            }
            Place::Replay => return writeln!(f, "it was a replay: the live database was not touched"),
        }
        match (self.mode, self.finished) {
            (mode, _) if mode.is_uncounted() => write!(f, "what `{name}` had done by then is in place")?,
            (Mode::Transaction, _) | (_, 0) => write!(f, "nothing of `{name}` was applied")?,
            (_, 1) => write!(f, "its first statement is committed")?,
            (_, finished) => write!(f, "its first {finished} statements are committed")?,
        }
        match self.before.as_slice() {
            [] => writeln!(f),
            [one] => writeln!(f, "; `{one}` is in place"),
            [first, .., last] => writeln!(f, "; `{first}` … `{last}` are in place"),
        }
    }

    fn next(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self.script.id.as_ref().map_or_else(|| self.script.name.clone(), ToString::to_string);
        let lost = matches!(&self.why, Failure::Sql(failure) if matches!(failure.kind, FailureKind::ConnectionLost { .. }));
        match (&self.why, self.finished) {
            (Failure::Interrupted, _) if self.place == Place::Replay => {
                write!(f, "next: the same command again")
            }
            _ if self.place == Place::Replay => write!(f, "next: fix the file, then the same command again"),
            (Failure::Interrupted, _) if self.place == Place::Beside => {
                write!(f, "next: `dbctl rebuild --fresh`")
            }
            _ if self.place == Place::Beside => write!(f, "next: fix the file, then `dbctl rebuild --fresh`"),
            (_, finished) if finished > 0 => write!(
                f,
                "next: fix the file, then `dbctl exec {short} --resume` goes on with statement {}; `--again` starts over",
                finished + 1
            ),
            (Failure::Interrupted, _) if !self.mode.is_uncounted() => write!(f, "next: `dbctl exec {short}`"),
            _ if self.mode.is_uncounted() => write!(
                f,
                "next: look at what it has done, fix the file, then `dbctl exec {short}`: it runs again from its first line"
            ),
            _ if lost => write!(f, "next: `dbctl logs`, then `dbctl up`"),
            _ => write!(f, "next: fix the file, then `dbctl exec {short}`"),
        }
    }
}

/// The place and the cause.
pub fn sql(f: &mut fmt::Formatter<'_>, name: &str, failure: &ScriptFailure) -> fmt::Result {
    let position = failure.position;
    match &failure.kind {
        FailureKind::ConnectionLost { lost, .. } => {
            writeln!(f, "script `{name}`: {lost} (at line {})", position.line)
        }
        kind if failure.phase == Phase::Bookkeeping => {
            let (message, rest) = words(kind);
            writeln!(
                f,
                "script `{name}` ran to its end, but could not be committed with its ledger row: {message}"
            )?;
            f.write_str(&rest)
        }
        kind => {
            let included = (!failure.file.ends_with(name)).then(|| format!(" of `{}`", failure.file));
            let (line, column) = (position.line, position.column);
            writeln!(
                f,
                "script `{name}` failed at line {line}, column {column}{}",
                included.unwrap_or_default()
            )?;
            let (message, rest) = words(kind);
            match &failure.excerpt {
                Some(excerpt) => writeln!(f, "{}", excerpt.render(&message, WIDTH, false))?,
                None => writeln!(f, "{message}")?,
            }
            if let Some(routine) = &failure.routine {
                writeln!(f, "{routine}")?;
            }
            f.write_str(&rest)
        }
    }
}

/// What stands behind the caret, and what follows below.
pub fn words(kind: &FailureKind) -> (String, String) {
    let FailureKind::Server(server) = kind else { return (kind.to_string(), String::new()) };
    (format!("{} ({})", server.message(), server.sqlstate()), details(server))
}

fn details(server: &ServerMessage) -> String {
    let parts = [("detail", server.detail()), ("hint", server.hint()), ("context", server.context())];
    parts.into_iter().filter_map(|(word, text)| Some(format!("{word}: {}\n", text?))).collect()
}

fn indented(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.lines().try_for_each(|line| writeln!(f, "   | {line}"))
}

/// The error as the ledger keeps it.
pub fn json(failure: &ScriptFailure) -> Value {
    let message = match &failure.kind {
        FailureKind::Server(server) => server.message().into_owned(),
        kind => kind.to_string(),
    };
    json!({
        "message": message,
        "sqlstate": failure.sqlstate(),
        "line": failure.position.line,
        "column": failure.position.column,
        "statement": failure.number,
    })
}

pub fn program_json(why: &Failure) -> Value {
    match why {
        Failure::Program { code, .. } => json!({ "message": format!("exit code {code}"), "exit_code": code }),
        _ => json!({ "message": "interrupted" }),
    }
}
