//! Which scripts run, in which order, and why not.

use thiserror::Error;

use super::{Cause, Note, Plan, Step};
use crate::ledger::{Ledger, Mode, Standing};
use crate::script::Script;
use crate::text::counted;

/// What the user allows beyond the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// `--strict`: what is else a note refuses the run, or makes it end with 1.
    pub strict: bool,
    /// `--out-of-order`: an earlier script may still be pending.
    pub out_of_order: bool,
    pub attempt: Attempt,
}

/// What to do with a script that was attempted before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attempt {
    /// Run what is pending or changed.
    #[default]
    AsNeeded,
    /// `--again`: from its first statement, whatever the ledger says.
    Again,
    /// `--resume`: after the last committed statement.
    Resume,
}

/// Why nothing is run.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    #[error(
        "script `{script}` was interrupted after {}\n\
         nothing was run\n\
         next: `dbctl exec {script} --resume` goes on with statement {}, `dbctl exec {script} --again` starts over",
        counted(*finished, "committed statement"), finished + 1
    )]
    Interrupted { script: String, finished: u32 },
    #[error(
        "{by}script `{script}` was interrupted, and nobody knows how far it came\n\
         nothing was run\n\
         next: look at what it does, then `dbctl exec {script} --again`"
    )]
    InterruptedUncounted { script: String, by: &'static str },
    #[error(
        "script `{script}` failed in its last attempt after {}\n\
         nothing was run\n\
         next: `dbctl exec {script} --resume` goes on with statement {}, `dbctl exec {script} --again` starts over",
        counted(*finished, "committed statement"), finished + 1
    )]
    HalfDone { script: String, finished: u32 },
    #[error(
        "script `{earlier}` is still pending, and comes before `{script}`\n\
         nothing was run\n\
         next: `dbctl up` runs all that is pending in order; `dbctl exec {script} --out-of-order` runs it now"
    )]
    EarlierPending { script: String, earlier: String },
    #[error(
        "script `{script}` is pending below `{highest}`, which is applied already (`--strict`)\n\
         nothing was run\n\
         next: give it a number above `{highest}`, or leave out `--strict`"
    )]
    BelowApplied { script: String, highest: String },
    #[error(
        "the database holds tables, but no ledger, and no log tells which scripts ran\n\
         nothing was run\n\
         next: `dbctl adopt --through NNN` records the scripts up to number NNN as applied"
    )]
    UnknownHistory,
    #[error(
        "the container's first initialisation ended in the middle of script `{script}`: the image serves such a \
         half-made database without a word\n\
         nothing was run\n\
         next: repair it by hand and `dbctl adopt --through {script}`; or, if nothing in it is needed, \
         `docker compose down -v` and `dbctl up`"
    )]
    HalfInitialised { script: String },
    #[error("script `{script}` has no interrupted attempt to resume\nnext: `dbctl exec {script}`")]
    NothingToResume { script: String },
}

/// `up` and `rebuild`: all that is pending, in order, then the repeatable scripts that differ.
pub fn pending(on_disk: &[Script], ledger: &Ledger, policy: Policy) -> Result<Plan, Refusal> {
    let mut plan = Plan::default();
    let highest = highest_applied(on_disk, ledger);
    let is_repeatable = |script: &Script| script.directives.repeatable;
    for (index, script) in on_disk.iter().enumerate().filter(|(_, script)| !is_repeatable(script)) {
        match ledger.standing(script) {
            Standing::Applied => {}
            Standing::Changed => plan.notes.push(changed(script, ledger)),
            Standing::Interrupted { finished } => return Err(interrupted(script, ledger, finished)),
            Standing::Failed { finished } if finished > 0 => return Err(half_done(script, finished)),
            Standing::Pending | Standing::Failed { .. } => {
                let below = highest.filter(|highest| index < *highest).map(|highest| &on_disk[highest]);
                plan.steps.push(pending_step(script, ledger, below, policy)?);
                plan.notes.extend(below.map(|highest| below_note(script, highest)));
            }
        }
    }
    for script in on_disk.iter().filter(|script| is_repeatable(script)) {
        plan.steps.extend(repeatable_step(script, ledger)?);
    }
    plan.notes.extend(ledger.missing(on_disk).map(|entry| Note::Missing { script: entry.script.clone() }));
    Ok(plan)
}

/// `exec`: the chosen scripts, now.
pub fn exec(
    on_disk: &[Script],
    chosen: &[&Script],
    ledger: &Ledger,
    policy: Policy,
) -> Result<Plan, Refusal> {
    let mut plan = Plan::default();
    for &script in chosen {
        if let Some(cause) = exec_cause(script, ledger, policy)? {
            plan.steps.push(Step::RunScript { script: script.clone(), cause });
        } else {
            plan.notes.push(already_applied(script, ledger));
        }
    }
    match first_gap(on_disk, &plan, ledger) {
        Some((script, earlier)) if !policy.out_of_order => Err(Refusal::EarlierPending { script, earlier }),
        _ => Ok(plan),
    }
}

fn exec_cause(script: &Script, ledger: &Ledger, policy: Policy) -> Result<Option<Cause>, Refusal> {
    let standing = ledger.standing(script);
    let mode = ledger.entry(&script.name).map(|entry| entry.mode);
    let uncounted = mode.is_some_and(Mode::is_uncounted);
    match (policy.attempt, standing) {
        (Attempt::Again, _) => Ok(Some(Cause::Again)),
        (Attempt::Resume, Standing::Interrupted { .. }) if uncounted => {
            Err(Refusal::InterruptedUncounted { script: script.name.clone(), by: mode.map_or("", by) })
        }
        (Attempt::Resume, Standing::Interrupted { finished } | Standing::Failed { finished })
            if !uncounted =>
        {
            let hash = ledger.entry(&script.name).and_then(|entry| entry.finished_hash.clone());
            Ok(Some(Cause::Resume { finished, hash }))
        }
        (Attempt::Resume, _) => Err(Refusal::NothingToResume { script: script.name.clone() }),
        (Attempt::AsNeeded, Standing::Applied) => Ok(None),
        (Attempt::AsNeeded, Standing::Changed) => Ok(Some(Cause::Changed)),
        (Attempt::AsNeeded, Standing::Interrupted { finished }) => Err(interrupted(script, ledger, finished)),
        (Attempt::AsNeeded, Standing::Failed { finished }) if finished > 0 => {
            Err(half_done(script, finished))
        }
        (Attempt::AsNeeded, Standing::Pending | Standing::Failed { .. }) => Ok(Some(Cause::Pending)),
    }
}

/// The first script to be run for the first time that has an earlier one pending outside the plan.
fn first_gap(on_disk: &[Script], plan: &Plan, ledger: &Ledger) -> Option<(String, String)> {
    let planned: Vec<&Script> = plan.steps.iter().filter_map(step_script).collect();
    planned.iter().filter(|script| ledger.standing(script) != Standing::Changed).find_map(|script| {
        let earlier = on_disk.iter().take_while(|other| other.name != script.name).find(|other| {
            !other.directives.repeatable
                && !planned.iter().any(|chosen| chosen.name == other.name)
                && !matches!(ledger.standing(other), Standing::Applied | Standing::Changed)
        })?;
        Some((script.name.clone(), earlier.name.clone()))
    })
}

fn step_script(step: &Step) -> Option<&Script> {
    match step {
        Step::RunScript { script, .. } => Some(script),
        _ => None,
    }
}

fn pending_step(
    script: &Script,
    ledger: &Ledger,
    below: Option<&Script>,
    policy: Policy,
) -> Result<Step, Refusal> {
    if script.directives.fresh_only && !ledger.building {
        return Ok(Step::RecordNotNeeded { script: script.clone() });
    }
    let cause = match below {
        Some(highest) if policy.strict => {
            return Err(Refusal::BelowApplied { script: script.name.clone(), highest: highest.name.clone() });
        }
        Some(_) => Cause::PendingBelow,
        None => Cause::Pending,
    };
    Ok(Step::RunScript { script: script.clone(), cause })
}

fn repeatable_step(script: &Script, ledger: &Ledger) -> Result<Option<Step>, Refusal> {
    let run = |cause| Some(Step::RunScript { script: script.clone(), cause });
    match ledger.standing(script) {
        Standing::Applied => Ok(None),
        Standing::Changed => Ok(run(Cause::Repeatable)),
        Standing::Pending | Standing::Failed { .. } => Ok(run(Cause::Pending)),
        Standing::Interrupted { finished } => Err(interrupted(script, ledger, finished)),
    }
}

fn interrupted(script: &Script, ledger: &Ledger, finished: u32) -> Refusal {
    let script = script.name.clone();
    match ledger.entry(&script).map(|entry| entry.mode) {
        Some(mode) if mode.is_uncounted() => Refusal::InterruptedUncounted { script, by: by(mode) },
        _ => Refusal::Interrupted { script, finished },
    }
}

/// What stands before the word `script`.
fn by(mode: Mode) -> &'static str {
    if mode == Mode::Shell { "shell " } else { "" }
}

fn half_done(script: &Script, finished: u32) -> Refusal {
    Refusal::HalfDone { script: script.name.clone(), finished }
}

fn changed(script: &Script, ledger: &Ledger) -> Note {
    let applied = ledger.entry(&script.name).and_then(|entry| entry.applied.as_ref());
    let before = applied.and_then(|applied| applied.token_hash.as_deref());
    let comment_only = before.is_some() && before == script.token_hash().as_deref();
    Note::Changed { script: script.name.clone(), comment_only }
}

fn already_applied(script: &Script, ledger: &Ledger) -> Note {
    let applied = ledger.entry(&script.name).and_then(|entry| entry.applied.as_ref());
    let at = applied.map_or_else(String::new, |applied| applied.at.clone());
    Note::AlreadyApplied { script: script.name.clone(), at }
}

fn below_note(script: &Script, highest: &Script) -> Note {
    Note::BelowApplied { script: script.name.clone(), highest: highest.name.clone() }
}

/// The index of the last script that is applied; a number pending below it was added late.
fn highest_applied(on_disk: &[Script], ledger: &Ledger) -> Option<usize> {
    on_disk.iter().rposition(|script| {
        !script.directives.repeatable
            && ledger.entry(&script.name).is_some_and(|entry| entry.applied.is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Applied, Entry, Outcome};
    use crate::script::{Checksum, Compression, Directives, Kind, ScriptId};

    fn script(name: &str) -> Script {
        Script {
            id: ScriptId::of_name(name),
            name: name.to_owned(),
            path: name.into(),
            kind: Kind::Sql(Compression::None),
            checksum: Checksum::from_text("new"),
            directives: Directives::default(),
        }
    }

    fn scripts(names: &[&str]) -> Vec<Script> {
        names.iter().map(|name| script(name)).collect()
    }

    fn entry(name: &str, outcome: Outcome, finished: u32, applied: Option<&str>) -> Entry {
        Entry {
            finished_hash: None,
            script: name.to_owned(),
            outcome,
            mode: Mode::Autocommit,
            checksum: "new".to_owned(),
            finished,
            at: "then".to_owned(),
            took_ms: None,
            error: None,
            by: "me".to_owned(),
            applied: applied.map(|checksum| Applied {
                checksum: checksum.to_owned(),
                token_hash: None,
                at: "then".to_owned(),
            }),
        }
    }

    fn applied(name: &str) -> Entry {
        entry(name, Outcome::Applied, 1, Some("new"))
    }

    fn ledger(entries: impl IntoIterator<Item = Entry>) -> Ledger {
        Ledger::new(entries, false)
    }

    fn pending_text(on_disk: &[Script], ledger: &Ledger) -> String {
        pending(on_disk, ledger, Policy::default())
            .map_or_else(|refusal| refusal.to_string(), |plan| plan.to_string())
    }

    fn exec_text(on_disk: &[Script], chosen: &[usize], ledger: &Ledger, policy: Policy) -> String {
        let chosen: Vec<&Script> = chosen.iter().map(|&index| &on_disk[index]).collect();
        exec(on_disk, &chosen, ledger, policy)
            .map_or_else(|refusal| refusal.to_string(), |plan| plan.to_string())
    }

    #[test]
    fn pending_scripts_run_in_order_and_repeatable_ones_last() {
        let mut on_disk = scripts(&["001_a.sql", "002_b.sql", "003_c.sql"]);
        on_disk[0].directives.repeatable = true;
        let expected =
            "  1. run `002_b.sql`: pending\n  2. run `003_c.sql`: pending\n  3. run `001_a.sql`: pending\n";
        assert_eq!(pending_text(&on_disk, &Ledger::default()), expected);
    }

    #[test]
    fn what_is_applied_stays_and_what_changed_is_named() {
        let on_disk = scripts(&["001_a.sql", "002_b.sql"]);
        let ledger = ledger([applied("001_a.sql"), entry("002_b.sql", Outcome::Applied, 1, Some("old"))]);
        let text = pending_text(&on_disk, &ledger);
        assert!(text.starts_with("nothing to do\nnote: `002_b.sql` changed since it was applied"), "{text}");
    }

    #[test]
    fn a_late_script_below_applied_ones_runs_with_a_word_or_is_refused() {
        let on_disk = scripts(&["001_a.sql", "002_b.sql", "003_c.sql"]);
        let ledger = ledger([applied("001_a.sql"), applied("003_c.sql")]);
        let expected = "  1. run `002_b.sql`: pending, below scripts that are applied\n\
                        note: `002_b.sql` is pending below `003_c.sql`, which is applied already\n";
        assert_eq!(pending_text(&on_disk, &ledger), expected);
        let strict = Policy { strict: true, ..Policy::default() };
        let refused = Refusal::BelowApplied { script: "002_b.sql".into(), highest: "003_c.sql".into() };
        assert_eq!(pending(&on_disk, &ledger, strict), Err(refused));
    }

    #[test]
    fn an_interrupted_script_stops_everything_and_names_its_next_statement() {
        let on_disk = scripts(&["001_a.sql", "002_b.sql"]);
        let ledger = ledger([entry("001_a.sql", Outcome::Progress, 2, None)]);
        let text = pending_text(&on_disk, &ledger);
        assert!(text.contains("after 2 committed statements") && text.contains("statement 3"), "{text}");
        assert_eq!(exec_text(&on_disk, &[0], &ledger, Policy::default()), text);
        let resume = Policy { attempt: Attempt::Resume, ..Policy::default() };
        assert_eq!(
            exec_text(&on_disk, &[0], &ledger, resume),
            "  1. run `001_a.sql`: resumed after statement 2\n"
        );
    }

    #[test]
    fn a_failure_that_left_nothing_is_tried_again_and_one_that_left_something_is_not() {
        let on_disk = scripts(&["001_a.sql"]);
        let nothing = ledger([entry("001_a.sql", Outcome::Failed, 0, None)]);
        assert_eq!(pending_text(&on_disk, &nothing), "  1. run `001_a.sql`: pending\n");
        let something = ledger([entry("001_a.sql", Outcome::Failed, 1, None)]);
        assert!(pending_text(&on_disk, &something).contains("--resume"));
        let before = ledger([entry("001_a.sql", Outcome::Failed, 0, Some("new"))]);
        assert_eq!(pending_text(&on_disk, &before), "nothing to do\n");
    }

    #[test]
    fn a_fresh_only_script_is_recorded_once_the_database_is_built() {
        let mut on_disk = scripts(&["001_a.sql"]);
        on_disk[0].directives.fresh_only = true;
        assert!(pending_text(&on_disk, &ledger([])).contains("record `001_a.sql` as not needed"));
        assert_eq!(pending_text(&on_disk, &Ledger::new([], true)), "  1. run `001_a.sql`: pending\n");
    }

    #[test]
    fn exec_refuses_to_pass_an_earlier_pending_script() {
        let on_disk = scripts(&["001_a.sql", "002_b.sql", "003_c.sql"]);
        let ledger = ledger([applied("001_a.sql")]);
        let text = exec_text(&on_disk, &[2], &ledger, Policy::default());
        assert!(text.contains("`002_b.sql` is still pending") && text.contains("--out-of-order"), "{text}");
        assert_eq!(exec_text(&on_disk, &[1, 2], &ledger, Policy::default()).lines().count(), 2);
        let policy = Policy { out_of_order: true, ..Policy::default() };
        assert_eq!(exec_text(&on_disk, &[2], &ledger, policy), "  1. run `003_c.sql`: pending\n");
    }

    #[test]
    fn exec_runs_an_applied_script_only_again() {
        let on_disk = scripts(&["001_a.sql"]);
        let ledger = ledger([applied("001_a.sql")]);
        assert!(
            exec_text(&on_disk, &[0], &ledger, Policy::default()).contains("`dbctl exec 001_a.sql --again`")
        );
        let again = Policy { attempt: Attempt::Again, ..Policy::default() };
        assert_eq!(exec_text(&on_disk, &[0], &ledger, again), "  1. run `001_a.sql`: again\n");
        let resume = Policy { attempt: Attempt::Resume, ..Policy::default() };
        assert!(exec_text(&on_disk, &[0], &ledger, resume).contains("no interrupted attempt"));
    }

    #[test]
    fn what_the_ledger_knows_and_the_disk_does_not_is_named() {
        let text =
            pending_text(&scripts(&["001_a.sql"]), &ledger([applied("001_a.sql"), applied("000_gone.sql")]));
        assert_eq!(text, "nothing to do\nnote: `000_gone.sql` is in the ledger and not in the init dir\n");
    }
}
