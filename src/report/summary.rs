//! What a run did, in one sentence or one JSON document.

use std::fmt;

use serde_json::{Value, json};

use crate::plan::{Note, Plan, Step};
use crate::runner::ScriptDone;

/// The facts of a finished run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Things done to image and container, in words.
    pub service: Vec<String>,
    pub scripts: Vec<ScriptDone>,
    pub notes: Vec<Note>,
    /// Scripts that are in place now, those of this run included.
    pub in_place: usize,
}

impl Summary {
    pub fn json(&self) -> Value {
        json!({
            "service": self.service,
            "scripts": self.scripts,
            "in_place": self.in_place,
            "notes": self.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let (ran, in_place) = (self.scripts.len(), self.in_place);
        match (ran, self.service.is_empty()) {
            (0, true) => write!(f, "nothing to do: {in_place} script{} in place", plural(in_place)),
            (0, false) => write!(f, "no script to run: {in_place} script{} in place", plural(in_place)),
            _ => write!(f, "{ran} script{} applied, {in_place} in place", plural(ran)),
        }
    }
}

/// A plan as JSON.
pub fn plan_json(plan: &Plan) -> Value {
    let step = |step: &Step| match step {
        Step::RunScript { script, cause } => {
            json!({"step": "run_script", "script": script.name, "cause": cause.to_string()})
        }
        other => json!({"step": other.word(), "text": other.to_string()}),
    };
    json!({
        "steps": plan.steps.iter().map(step).collect::<Vec<_>>(),
        "notes": plan.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
