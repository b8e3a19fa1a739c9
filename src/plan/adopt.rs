//! Scripts that ran without dbctl: what the entrypoint's log proves, and what the user says.

use std::collections::BTreeSet;

use super::{Evidence, Plan, Refusal, Step};
use crate::ledger::{Applied, Entry, Ledger, Mode, Outcome};
use crate::script::Script;

/// What the image's entrypoint wrote when it initialised the data directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntrypointLog {
    /// Names of the files it ran, in its order.
    pub ran: Vec<String>,
    /// It came to its end.
    pub complete: bool,
}

impl EntrypointLog {
    /// Reads a container's log. Source: the lines that the official image writes.
    pub fn read(log: &str) -> Self {
        let name = |line: &str| {
            let (_, path) = line.split_once(": running /docker-entrypoint-initdb.d/")?;
            Some(path.split_whitespace().next().unwrap_or(path).to_owned())
        };
        Self {
            ran: log.lines().filter_map(name).collect(),
            complete: log.contains("PostgreSQL init process complete"),
        }
    }
}

/// A filled database without a ledger: the log's word for each script, or a refusal.
pub fn from_log(on_disk: &[Script], log: &EntrypointLog) -> Result<Plan, Refusal> {
    let ran: BTreeSet<&str> = log.ran.iter().map(String::as_str).collect();
    let known: Vec<&Script> = on_disk.iter().filter(|script| ran.contains(script.name.as_str())).collect();
    match (known.last(), log.complete) {
        (None, _) => Err(Refusal::UnknownHistory),
        (Some(last), false) => Err(Refusal::HalfInitialised { script: last.name.clone() }),
        _ => Ok(adoption(known, Evidence::EntrypointLog)),
    }
}

/// Every script up to the one at `last`, on the user's word, unless the ledger has it already.
pub fn through(on_disk: &[Script], last: &Script, ledger: &Ledger) -> Plan {
    let up_to = on_disk.iter().position(|script| script.name == last.name).map_or(0, |index| index + 1);
    let unknown = |script: &&Script| ledger.entry(&script.name).is_none_or(|entry| entry.applied.is_none());
    adoption(on_disk[..up_to].iter().filter(unknown).collect(), Evidence::UsersWord)
}

/// The ledger as it will be once `plan`'s adoptions are recorded.
pub fn expected(ledger: &Ledger, plan: &Plan) -> Ledger {
    let adopted = plan.steps.iter().filter_map(|step| match step {
        Step::Adopt { script, .. } => Some(entry(script)),
        _ => None,
    });
    Ledger::new(ledger.entries().cloned().chain(adopted), ledger.building)
}

fn adoption(scripts: Vec<&Script>, evidence: Evidence) -> Plan {
    let steps = scripts.into_iter().map(|script| Step::Adopt { script: script.clone(), evidence }).collect();
    Plan { steps, notes: Vec::new() }
}

fn entry(script: &Script) -> Entry {
    let checksum = script.checksum.to_string();
    Entry {
        finished_hash: None,
        script: script.name.clone(),
        outcome: Outcome::Adopted,
        mode: Mode::NotNeeded,
        checksum: checksum.clone(),
        finished: 0,
        at: String::new(),
        took_ms: None,
        error: None,
        by: String::new(),
        applied: Some(Applied { checksum, token_hash: None, at: String::new() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entrypoints_log_names_the_files_it_ran() {
        let log = "…\n/usr/local/bin/docker-entrypoint.sh: running /docker-entrypoint-initdb.d/001_a.sql\nCREATE TABLE\n\
                   /usr/local/bin/docker-entrypoint.sh: running /docker-entrypoint-initdb.d/002_b.sql.gz\n\n\
                   PostgreSQL init process complete; ready for start up.\n";
        let read = EntrypointLog::read(log);
        assert_eq!(read.ran, ["001_a.sql", "002_b.sql.gz"]);
        assert!(read.complete);
        assert!(!EntrypointLog::read(&log[..150]).complete);
    }
}
