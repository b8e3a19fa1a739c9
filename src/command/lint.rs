//! `dbctl lint`: the scripts held against the conventions.

use std::io::{IsTerminal as _, Write as _};

use serde_json::json;

use super::{Context, Result};
use crate::cli::{Command, LintArgs};
use crate::error::Exit;
use crate::lint::{self, Config, Preset, RULES, Report, Severity};
use crate::project;
use crate::report::lint::{Format, render};
use crate::report::rules;

mod fixing;
mod sets;

pub fn lint(context: &mut Context) -> Result<Exit> {
    let Command::Lint(arguments) = &context.cli.command else { return Ok(Exit::Usage) };
    let preset = arguments.preset.as_deref().and_then(Preset::named);
    if let Some(name) = &arguments.explain {
        let rule = lint::config::known(name, "`--explain`")?;
        return context.show(rules::explained(rule), rules::json(rule)).map(|()| Exit::Done);
    }
    if arguments.list {
        return list(context, arguments, preset);
    }
    let (settings, directory) = project::settings(&context.surroundings, context.cli.settings())?;
    let config = Config::new(&settings.lint, preset, &arguments.rules)?;
    let (wants_fix, allow_applied, format) =
        (arguments.fix, arguments.allow_applied, format(context, arguments));
    let sets = sets::sets(&context.surroundings, &settings, directory.as_deref(), &arguments.scripts)?;
    let mut report = checked(&sets, &config)?;
    if wants_fix {
        fixing::fix(context, &mut report, allow_applied, || checked(&sets, &config))?;
    }
    print(&report, format)?;
    Ok(if report.has_errors() { Exit::Findings } else { Exit::Done })
}

fn print(report: &Report, format: Format) -> Result<()> {
    let styled = format == Format::Text && std::io::stdout().is_terminal();
    let mut out = anstream::stdout().lock();
    out.write_all(render(report, format, styled).as_bytes())?;
    out.flush()?;
    Ok(())
}

/// What the conventions say of scripts that were just saved; nothing where there is nothing to say.
pub(super) fn show_saved(context: &Context, scripts: &[String]) -> Result<()> {
    if scripts.is_empty() {
        return Ok(());
    }
    let report = of_scripts(context, scripts)?;
    if report.findings.is_empty() {
        return Ok(());
    }
    print(&report, if context.cli.global.json { Format::Json } else { Format::Text })
}

/// All scripts held against the conventions, for `check`.
pub(super) fn report(context: &Context) -> Result<Report> {
    of_scripts(context, &[])
}

/// Those scripts, or all where none is named, as the project has configured it.
fn of_scripts(context: &Context, scripts: &[String]) -> Result<Report> {
    let (settings, directory) = project::settings(&context.surroundings, context.cli.settings())?;
    let config = Config::new(&settings.lint, None, &[])?;
    checked(&sets::sets(&context.surroundings, &settings, directory.as_deref(), scripts)?, &config)
}

/// What a rule is set to here.
pub(super) fn severity(context: &Context, rule: &str) -> Result<Severity> {
    let (settings, _) = project::settings(&context.surroundings, context.cli.settings())?;
    let config = Config::new(&settings.lint, None, &[])?;
    Ok(config.severity(lint::config::known(rule, "`check`")?, ""))
}

fn checked(sets: &[Vec<lint::File>], config: &Config) -> Result<Report> {
    let mut whole = Report { readings: Vec::new(), findings: Vec::new() };
    for files in sets {
        whole = whole.with(lint::lint(files.clone(), config)?);
    }
    Ok(whole)
}

fn format(context: &Context, arguments: &LintArgs) -> Format {
    let asked = arguments.format.as_deref().and_then(Format::named);
    asked.unwrap_or(if context.cli.global.json { Format::Json } else { Format::Text })
}

/// The rules, with what they are set to here.
fn list(context: &Context, arguments: &LintArgs, preset: Option<Preset>) -> Result<Exit> {
    if arguments.markdown {
        return context
            .show(rules::markdown(), json!({ "markdown": rules::markdown() }))
            .map(|()| Exit::Done);
    }
    let (settings, _) = project::settings(&context.surroundings, context.cli.settings())?;
    let config = Config::new(&settings.lint, preset, &arguments.rules)?;
    let severity = |rule: &lint::Rule| -> Severity { config.severity(rule, "") };
    let json = RULES.iter().map(|rule| rules::json(rule)).collect::<Vec<_>>();
    context.show(rules::listed(severity), json!({ "rules": json }))?;
    Ok(Exit::Done)
}
