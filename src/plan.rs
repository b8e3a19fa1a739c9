//! The steps that will be taken, each with its cause. A plan can be printed; it carries no behaviour.

use std::fmt;

use crate::script::Script;

pub mod adopt;
pub mod fresh;
pub mod scripts;
pub mod service;

pub use scripts::{Policy, Refusal};
pub use service::ServiceFacts;

/// One step, in the order in which it is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    BuildImage {
        cause: Cause,
    },
    PullImage {
        cause: Cause,
    },
    CreateContainer {
        cause: Cause,
    },
    RecreateContainer {
        cause: Cause,
    },
    StartContainer {
        cause: Cause,
    },
    RunScript {
        script: Script,
        cause: Cause,
    },
    /// A fresh-only script on a database that exists: recorded, not run.
    RecordNotNeeded {
        script: Script,
    },
    /// The script ran without dbctl: recorded as such.
    Adopt {
        script: Script,
        evidence: Evidence,
    },
}

/// What tells that a script ran without dbctl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    EntrypointLog,
    UsersWord,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EntrypointLog => "the entrypoint's log says that it ran",
            Self::UsersWord => "on your word",
        })
    }
}

/// Why a step is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    NoImage,
    BuildContextChanged,
    ImageChanged,
    ServiceChanged,
    NoContainer,
    ContainerStopped,
    NeverStarted,
    /// Compose made the container, and nothing tells whether the service changed since.
    ConfigurationUnknown,
    Pending,
    /// Its number lies below one that is applied already.
    PendingBelow,
    Changed,
    Again,
    /// A repeatable script whose content differs from what was applied.
    Repeatable,
    /// Go on after this many committed statements.
    Resume {
        finished: u32,
        /// Over those statements, where it is known.
        hash: Option<String>,
    },
    /// Everything is built from nothing.
    Fresh,
    /// Asked for by the user.
    Requested,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::NoImage => "there is no image",
            Self::BuildContextChanged => "its build context changed",
            Self::ImageChanged => "the image changed",
            Self::ServiceChanged => "the service changed in the compose file",
            Self::NoContainer => "there is no container",
            Self::ContainerStopped => "the container is stopped",
            Self::NeverStarted => "the container was never started",
            Self::ConfigurationUnknown => "compose made it, and cannot be asked whether the service changed",
            Self::Pending => "pending",
            Self::PendingBelow => "pending, below scripts that are applied",
            Self::Changed => "changed since it was applied",
            Self::Again => "again",
            Self::Repeatable => "repeatable, and changed",
            Self::Resume { finished, .. } => return write!(f, "resumed after statement {finished}"),
            Self::Fresh => "built from nothing",
            Self::Requested => "asked for",
        };
        f.write_str(words)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuildImage { cause } => write!(f, "build the image: {cause}"),
            Self::PullImage { cause } => write!(f, "pull the image: {cause}"),
            Self::CreateContainer { cause } => write!(f, "create the container: {cause}"),
            Self::RecreateContainer { cause } => write!(f, "recreate the container: {cause}"),
            Self::StartContainer { cause } => write!(f, "start the container: {cause}"),
            Self::RunScript { script, cause } => write!(f, "run `{}`: {cause}", script.name),
            Self::RecordNotNeeded { script } => {
                write!(f, "record `{}` as not needed: the database was not built from nothing", script.name)
            }
            Self::Adopt { script, evidence } => write!(f, "adopt `{}`: {evidence}", script.name),
        }
    }
}

impl Step {
    /// The step's kind as one word, for JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::BuildImage { .. } => "build_image",
            Self::PullImage { .. } => "pull_image",
            Self::CreateContainer { .. } => "create_container",
            Self::RecreateContainer { .. } => "recreate_container",
            Self::StartContainer { .. } => "start_container",
            Self::RunScript { .. } => "run_script",
            Self::RecordNotNeeded { .. } => "record_not_needed",
            Self::Adopt { .. } => "adopt",
        }
    }

    /// The script that the step is about, if it is about one.
    pub fn script(&self) -> Option<&Script> {
        match self {
            Self::RunScript { script, .. }
            | Self::RecordNotNeeded { script }
            | Self::Adopt { script, .. } => Some(script),
            _ => None,
        }
    }

    /// Whether the step concerns scripts, not image and container.
    pub fn is_script(&self) -> bool {
        self.script().is_some()
    }
}

/// Something that a plan leaves alone and the user should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The script differs from what was applied; `up` and `rebuild` never rerun it by themselves.
    Changed { script: String, comment_only: bool },
    /// A pending script runs below one that is applied.
    BelowApplied { script: String, highest: String },
    /// The ledger knows it, the disk does not.
    Missing { script: String },
    /// The script is applied and unchanged, so it was not run.
    AlreadyApplied { script: String, at: String },
    /// The container is not what the compose file describes any more, and `up` leaves it.
    ContainerOutdated { cause: Cause },
    /// The ledger can only be read once the server runs.
    LedgerUnread { scripts: usize },
}

impl Note {
    /// What `--strict` finds in it, in a few words.
    pub fn finding(&self) -> Option<String> {
        match self {
            Self::Changed { script, .. } => Some(format!("`{script}` changed since it was applied")),
            Self::Missing { script } => Some(format!("`{script}` is applied and not in the init dir")),
            _ => None,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { script, comment_only: false } => write!(
                f,
                "`{script}` changed since it was applied and was not run; \
                 `dbctl exec {script}` runs it now"
            ),
            Self::Changed { script, comment_only: true } => write!(
                f,
                "`{script}` changed in comments or white space only since it was applied; \
                 `dbctl exec {script}` runs it and records the new text"
            ),
            Self::BelowApplied { script, highest } => {
                write!(f, "`{script}` is pending below `{highest}`, which is applied already")
            }
            Self::Missing { script } => write!(f, "`{script}` is in the ledger and not in the init dir"),
            Self::AlreadyApplied { script, at } => write!(
                f,
                "`{script}` is applied already (at {at}) and unchanged; `dbctl exec {script} --again` runs it again"
            ),
            Self::ContainerOutdated { cause } => {
                write!(f, "the container stays as it is although {cause}; `dbctl rebuild` recreates it")
            }
            Self::LedgerUnread { scripts } => write!(
                f,
                "the ledger can be read once the server runs; of {scripts} scripts, those that are pending then run"
            ),
        }
    }
}

/// What will be done, and what is worth a word besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub steps: Vec<Step>,
    pub notes: Vec<Note>,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// This plan, then that one.
    #[must_use]
    pub fn then(mut self, next: Self) -> Self {
        self.steps.extend(next.steps);
        self.notes.extend(next.notes);
        self
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            writeln!(f, "nothing to do")?;
        }
        for (index, step) in self.steps.iter().enumerate() {
            writeln!(f, "{:>3}. {step}", index + 1)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))
    }
}
