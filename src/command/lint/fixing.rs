//! `--fix`: findings mended on disk, but for scripts that a database has already.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::{Context, Result};
use crate::event::Event;
use crate::ledger::{Ledger, Standing};
use crate::lint::{Finding, LintError, Report, fix::mend};
use crate::project::Project;
use crate::script::{Compression, Kind, Script};

/// Edits that touch each other wait for the next round.
const ROUNDS: usize = 4;

/// What is known of what ran.
enum Applied {
    Known(Ledger),
    /// Nobody could be asked.
    Unknown,
    /// It does not matter.
    Any,
}

/// Mends what can be mended; afterwards `report` tells what is left.
pub fn fix(
    context: &mut Context,
    report: &mut Report,
    allow_applied: bool,
    check: impl Fn() -> Result<Report>,
) -> Result<()> {
    if report.findings.iter().all(|finding| finding.fix.is_empty()) {
        return Ok(());
    }
    let applied = if allow_applied { Applied::Any } else { ask(context) };
    if matches!(applied, Applied::Unknown) {
        let text = "no server runs that could tell which scripts are applied, so nothing was mended\n\
                    next: start it with `dbctl up`, or say `--allow-applied`";
        context.observer.observe(Event::Warning { text: text.to_owned() });
        return Ok(());
    }
    let mut kept = BTreeSet::new();
    for _ in 0..ROUNDS {
        let mended = round(report, &applied, &mut kept)?;
        if mended.is_empty() {
            break;
        }
        for (script, findings) in mended {
            context.observer.observe(Event::ScriptMended { script, findings });
        }
        *report = check()?;
    }
    for name in kept {
        let text =
            format!("`{name}` is applied and was not mended\nnext: a new script, or `--allow-applied`");
        context.observer.observe(Event::Warning { text });
    }
    Ok(())
}

/// The scripts that were mended, each with the number of findings.
fn round(report: &Report, applied: &Applied, kept: &mut BTreeSet<String>) -> Result<Vec<(String, u32)>> {
    let mut all = Vec::new();
    for (index, reading) in report.readings.iter().enumerate() {
        let findings: Vec<&Finding> =
            report.findings.iter().filter(|found| found.script == index && !found.fix.is_empty()).collect();
        let is_plain = matches!(reading.file.kind, Kind::Sql(Compression::None) | Kind::Shell);
        if findings.is_empty() || !is_plain {
            continue;
        }
        if applied.has(&reading.file.name, &reading.file.path, reading.file.kind)? {
            kept.insert(reading.file.name.clone());
            continue;
        }
        let (text, mended) = mend(&reading.text, findings);
        write(&reading.file.path, &text)?;
        all.push((reading.file.shown.clone(), u32::try_from(mended).unwrap_or(u32::MAX)));
    }
    Ok(all)
}

/// In one step, so that no reader ever finds half a script.
fn write(path: &Path, text: &[u8]) -> Result<()> {
    let failed = |source| LintError::Write { path: path.to_path_buf(), source };
    let target = path.canonicalize().map_err(failed)?;
    let beside = target.with_extension("dbctl-new");
    let permissions = std::fs::metadata(&target).map_err(failed)?.permissions();
    std::fs::write(&beside, text).map_err(failed)?;
    std::fs::set_permissions(&beside, permissions).map_err(failed)?;
    std::fs::rename(&beside, &target).map_err(failed)?;
    Ok(())
}

/// The ledger, if a server runs that can be asked; nothing is started.
fn ask(context: &mut Context) -> Applied {
    let ledger = |context: &mut Context| -> Result<Option<Ledger>> {
        let project = Project::server_only(&context.surroundings, context.cli.settings())?;
        let Some(server) = context.look(&project)? else { return Ok(None) };
        Ok(Some(server.database()?.ledger()?.unwrap_or_default()))
    };
    match ledger(context) {
        Ok(Some(ledger)) => Applied::Known(ledger),
        Ok(None) | Err(_) => Applied::Unknown,
    }
}

impl Applied {
    fn has(&self, name: &str, path: &Path, kind: Kind) -> Result<bool> {
        let Self::Known(ledger) = self else { return Ok(false) };
        let script = Script::read(name, path, kind, path.parent().unwrap_or(Path::new(".")))?;
        Ok(!matches!(ledger.standing(&script), Standing::Pending | Standing::Failed { finished: 0 }))
    }
}
