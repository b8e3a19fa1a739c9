//! `dbctl show`: what one script does to the schema, from a replay.

use serde_json::json;

use super::{Context, Result};
use crate::cli::Command;
use crate::error::Exit;
use crate::schema::{Difference, Sides, diff};

pub fn show(context: &mut Context) -> Result<Exit> {
    let Command::Show(arguments) = &context.cli.command else { return Ok(Exit::Usage) };
    let wanted = arguments.script.clone();
    let project = context.project()?;
    let mut init = context.scripts(&project)?;
    let name = init.select(&[wanted])?.first().map(|script| script.name.clone()).unwrap_or_default();
    // What comes after it has nothing to tell.
    let end = init.scripts.iter().position(|script| script.name == name).map_or(0, |at| at + 1);
    init.scripts.truncate(end);
    let replay = context.replayed(&project, &init)?;
    let (Some(before), Some(after)) = (replay.before(&name), replay.after(&name)) else {
        return Ok(Exit::Done);
    };
    let differences = diff(before, after);
    let told: Vec<String> = differences.iter().map(|one| one.told(Sides::BeforeAndAfter)).collect();
    let text = match told.as_slice() {
        [] => format!("`{name}` does nothing to the schema"),
        _ => format!("`{name}`\n{}", told.join("\n")),
    };
    context.show(
        text,
        json!({ "script": name, "changes": differences.iter().map(change).collect::<Vec<_>>() }),
    )?;
    Ok(Exit::Done)
}

pub(super) fn change(difference: &Difference) -> serde_json::Value {
    json!({ "object": difference.key.to_string(), "text": difference.told(Sides::BeforeAndAfter) })
}
