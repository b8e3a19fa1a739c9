//! `dbctl diff`: the live database against what the scripts say, or one state of the scripts against another.

use serde_json::json;

use super::new::{Asked, Content, write_next};
use super::{Context, Result};
use crate::cli::{Command, DiffArgs};
use crate::error::{Error, Exit};
use crate::event::Event;
use crate::init_dir::InitDir;
use crate::replay::Replay;
use crate::schema::{Attribution, Bridge, Change, Difference, Left, Schema, Sides, diff, statements};

pub fn diff_command(context: &mut Context) -> Result<Exit> {
    let Command::Diff(arguments) = &context.cli.command else { return Ok(Exit::Usage) };
    let arguments = arguments.clone();
    let project = context.project()?;
    let init = context.scripts(&project)?;
    if let [first, second] = arguments.between.as_slice() {
        let (first, second) = (named(&init, first)?, named(&init, second)?);
        let replay = context.replayed(&project, &init)?;
        let sides = (state(&replay, &first)?, state(&replay, &second)?);
        return told(context, &arguments, sides, Sides::Named(&first, &second), &replay.attribution());
    }
    let server = context.running(&project)?;
    let mut database = server.database()?;
    let live = Schema::read(&mut database)?;
    let ledger = database.ledger()?.unwrap_or_default();
    drop(database);
    let replay = context.replayed(&project, &init)?;
    let live = replay.comparable_with(live);
    if arguments.sql {
        if let Some(pending) = ledger.first_pending(&init.scripts) {
            let text = format!(
                "`{}` is pending there: `dbctl up` runs it, and what it makes is missing no more",
                pending.name
            );
            context.observer.observe(Event::Warning { text });
        }
        return bring_along(context, &statements(&live, replay.last()), arguments.dry_run);
    }
    told(context, &arguments, (&live, replay.last()), Sides::Named("live", "fresh"), &replay.attribution())
}

/// Writes the script that brings the live schema along; on a fresh database it finds everything done.
fn bring_along(context: &mut Context, bridge: &Bridge, is_dry: bool) -> Result<Exit> {
    let (mut text, mut json) =
        ("no statement is needed".to_owned(), json!({ "scripts": [], "written": false }));
    if !bridge.statements.is_empty() {
        let asked = Asked {
            title: Some("bring the live schema along".to_owned()),
            content: Content::Body(bridge.sql() + &left(bridge, "-- ")),
            is_dry,
            wants_edit: false,
        };
        let written = write_next(context, asked)?;
        (text, json) = (written.text(), written.json());
        if !is_dry {
            text += "\nnext: read it, then `dbctl up` runs it";
        }
    }
    if !is_dry || bridge.statements.is_empty() {
        text = format!("{text}\n{}", left(bridge, ""));
    }
    json["left"] = left_json(bridge);
    context.show(text.trim_end(), json)?;
    Ok(if bridge.left.is_empty() { Exit::Done } else { Exit::Findings })
}

/// What is not safe to do without a person's decision, a line each.
fn left(bridge: &Bridge, before: &str) -> String {
    let line = |left: &Left| {
        // A definition may have several lines.
        let why = left.why.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{before}left to you: {}: {why}\n", left.key)
    };
    bridge.left.iter().map(line).collect()
}

fn left_json(bridge: &Bridge) -> serde_json::Value {
    bridge.left.iter().map(|left| json!({ "object": left.key.to_string(), "why": left.why })).collect()
}

fn named(init: &InitDir, wanted: &str) -> Result<String> {
    let chosen = init.select(&[wanted.to_owned()])?;
    Ok(chosen.last().map(|script| script.name.clone()).unwrap_or_default())
}

fn state<'a>(replay: &'a Replay, script: &str) -> Result<&'a Schema> {
    replay.after(script).ok_or_else(|| Error::NotReplayed { script: script.to_owned() })
}

fn told(
    context: &Context,
    arguments: &DiffArgs,
    (first, second): (&Schema, &Schema),
    sides: Sides,
    attribution: &Attribution,
) -> Result<Exit> {
    let differences = diff(first, second);
    if arguments.sql {
        return show_sql(context, &statements(first, second));
    }
    let lines: Vec<String> = differences.iter().map(|one| attributed(one, sides, attribution)).collect();
    let text = if lines.is_empty() { "no difference".to_owned() } else { lines.join("\n") };
    let one = |difference: &Difference| {
        json!({
            "object": difference.key.to_string(),
            "text": difference.told(sides),
            "script": script_of(difference, attribution),
        })
    };
    context.show(text, json!({ "differences": differences.iter().map(one).collect::<Vec<_>>() }))?;
    Ok(if differences.is_empty() { Exit::Done } else { Exit::Findings })
}

/// A difference with the script that it comes from, or a word that none has to do with it.
pub(super) fn attributed(difference: &Difference, sides: Sides, attribution: &Attribution) -> String {
    let by = match script_of(difference, attribution) {
        Some(script) => format!("`{script}`"),
        None => "by hand".to_owned(),
    };
    format!("{} ({by})", difference.told(sides))
}

fn script_of(difference: &Difference, attribution: &Attribution) -> Option<String> {
    let made = || attribution.of(&difference.key).map(|origin| origin.last().to_owned());
    match difference.change {
        // What only the first has, some script may have taken away since.
        Change::Removed => attribution.removed(&difference.key).map(str::to_owned).or_else(made),
        _ => made(),
    }
}

fn show_sql(context: &Context, bridge: &Bridge) -> Result<Exit> {
    let text = bridge.sql() + &left(bridge, "-- ");
    context.show(text.trim_end(), json!({ "sql": bridge.sql(), "left": left_json(bridge) }))?;
    Ok(if bridge.left.is_empty() { Exit::Done } else { Exit::Findings })
}
