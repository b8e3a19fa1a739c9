//! What ends a command early, and the exit code that it means.

use std::path::PathBuf;
use std::process::ExitCode;

use thiserror::Error;

use crate::database::DatabaseError;
use crate::database::generations::GenerationError;
use crate::docker::{ContainerError, DockerError, UnknownRung};
use crate::draft::DraftError;
use crate::fresh::FreshError;
use crate::init_dir::{InitDirError, SelectError};
use crate::lint::{ConfigError, LintError};
use crate::plan::Refusal;
use crate::project::ProjectError;
use crate::replay::ReplayError;
use crate::runner::{Failure, RunError};
use crate::saves::SavesError;
use crate::script::ScriptError;
use crate::server::ServerError;
use crate::session::{FailureKind, ScriptFailure};

/// How a command ended, documented in README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done,
    /// A script failed, or findings exist.
    Findings,
    Usage,
    ProjectFiles,
    Docker,
    Database,
    Interrupted,
    /// psql's own exit code, passed on.
    Child(u8),
}

impl Exit {
    /// A child's exit code; what does not fit is a failure all the same.
    pub fn of_child(code: i64) -> Self {
        Self::Child(u8::try_from(code).unwrap_or(u8::MAX))
    }

    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::ProjectFiles => 3,
            Self::Docker => 4,
            Self::Database => 5,
            Self::Interrupted => 130,
            Self::Child(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

#[derive(Debug, Error)]
pub enum Error {
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error(transparent)]
    InitDir(#[from] InitDirError),
    #[error(transparent)]
    Script(#[from] ScriptError),
    #[error(transparent)]
    Draft(#[from] DraftError),
    #[error(transparent)]
    Lint(#[from] LintError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Select(#[from] SelectError),
    #[error(transparent)]
    Refusal(#[from] Refusal),
    #[error(transparent)]
    Docker(#[from] DockerError),
    #[error(transparent)]
    Container(#[from] ContainerError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Generation(#[from] GenerationError),
    #[error(transparent)]
    Replay(ReplayError),
    #[error("`{}` cannot be written: {source}\nnext: another place with `--output`", path.display())]
    Document { path: PathBuf, source: std::io::Error },
    #[error("the database has no table `{table}` with a key\nnext: `dbctl psql -c '\\dt'` shows the tables")]
    NoTable { table: String },
    #[error("script `{script}` was not replayed\nnext: `dbctl status`")]
    NotReplayed { script: String },
    #[error(transparent)]
    Saves(#[from] SavesError),
    #[error(transparent)]
    Fresh(FreshError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("standard output cannot be written: {0}")]
    Output(#[from] std::io::Error),
    #[error(
        "`dbctl {command}` needs a container, and `--url` names a server without one\nnext: leave out `--url`"
    )]
    NoContainer { command: &'static str },
    #[error("`{text}` is not a number of lines\nnext: write `-n 100` or `-n all`")]
    NotACount { text: String },
    #[error("psql cannot be started on this machine: {source}\nnext: install it, or leave out `--url`")]
    NoPsql { source: std::io::Error },
    #[error(transparent)]
    Endpoint(#[from] UnknownRung),
    #[error(
        "`--strict`: {}\n\
         what is in place stays so\n\
         next: `dbctl exec NNN` runs a changed script; put a missing one back; or leave out `--strict`",
        findings.join(", ")
    )]
    Strict { findings: Vec<String> },
    #[error("{} failed; the others were carried out", crate::text::counted(*failures, "statement"))]
    WentOn { failures: u32 },
    #[error("service `{service}` has no running container\nnext: `dbctl up`")]
    NotRunning { service: String },
    /// The service's server does not start.
    #[error("{error}\nor: `dbctl undo` brings the data directory back that was replaced at {replaced}")]
    WayBack { error: Box<Error>, replaced: String },
    #[error(
        "with the previous data directory the server does not start, so what was in service before is so again\n{error}"
    )]
    WentBack { error: Box<Error> },
    #[error(
        "service `{service}` did not run, and serves again\n\
         nothing was put back\n\
         next: `dbctl status` shows what is there; `dbctl undo` puts what was replaced last back"
    )]
    ServesAgain { service: String },
}

impl Error {
    /// Whether nobody reads standard output any more.
    pub fn is_closed_pipe(&self) -> bool {
        use std::io::ErrorKind::BrokenPipe;
        match self {
            Self::Output(source) | Self::Run(RunError::Unshown { source }) => source.kind() == BrokenPipe,
            Self::Run(RunError::Files(files)) => {
                matches!(&files.failure.kind, FailureKind::Meta(error) if error.is_closed_pipe())
            }
            _ => false,
        }
    }

    /// As [`ContainerError::is_failed_start`].
    pub fn is_failed_start(&self) -> bool {
        match self {
            Self::Container(error) | Self::Server(ServerError::Container(error)) => error.is_failed_start(),
            _ => false,
        }
    }

    /// The exit code; a Ctrl-C is 130 wherever it was noticed.
    pub fn exit(&self) -> Exit {
        if crate::interrupt::requested() {
            return Exit::Interrupted;
        }
        match self {
            Self::Project(ProjectError::Url { .. } | ProjectError::NoSuchDirectory { .. }) => Exit::Usage,
            Self::Config(ConfigError::UnknownRule { place, .. }) if place.contains("dbctl.toml") => {
                Exit::ProjectFiles
            }
            Self::Project(_)
            | Self::InitDir(_)
            | Self::Saves(_)
            | Self::Script(_)
            | Self::Document { .. }
            | Self::NotReplayed { .. }
            | Self::NoTable { .. }
            | Self::Lint(LintError::Write { .. })
            | Self::Draft(DraftError::Write { .. } | DraftError::Editor { .. }) => Exit::ProjectFiles,
            Self::Draft(_)
            | Self::Lint(_)
            | Self::Config(_)
            | Self::Select(_)
            | Self::NoContainer { .. }
            | Self::NotACount { .. }
            | Self::Endpoint(_) => Exit::Usage,
            Self::Docker(_)
            | Self::Container(_)
            | Self::NotRunning { .. }
            | Self::ServesAgain { .. }
            | Self::Server(
                ServerError::Docker(_) | ServerError::Container(_) | ServerError::OtherMajor { .. },
            ) => Exit::Docker,
            Self::Generation(GenerationError::Interrupted) => Exit::Interrupted,
            Self::Server(_) | Self::Database(_) | Self::Generation(_) => Exit::Database,
            Self::Run(error) => run_exit(error),
            Self::WayBack { error, .. } | Self::WentBack { error } => error.exit(),
            Self::Fresh(_)
            | Self::Replay(_)
            | Self::Refusal(_)
            | Self::Output(_)
            | Self::NoPsql { .. }
            | Self::Strict { .. }
            | Self::WentOn { .. } => Exit::Findings,
        }
    }
}

impl From<FreshError> for Error {
    fn from(error: FreshError) -> Self {
        match error {
            FreshError::Run(error) => Self::Run(error),
            FreshError::Generation(error) => Self::Generation(error),
            FreshError::Disk(error) => Self::Run(error.into()),
            FreshError::Server(error) => Self::Server(error),
            FreshError::Database(error) => Self::Database(error),
            FreshError::Container(error) => Self::Container(error),
            error @ (FreshError::NoTwin { .. } | FreshError::OutOfSight { .. }) => Self::Fresh(error),
        }
    }
}

fn run_exit(error: &RunError) -> Exit {
    match error {
        RunError::Script(failed) => match &failed.why {
            Failure::Interrupted => Exit::Interrupted,
            Failure::Sql(failure) => sql_exit(failure),
            Failure::Program { .. } => Exit::Findings,
        },
        RunError::Files(files) => sql_exit(&files.failure),
        RunError::Disk(_)
        | RunError::Unreadable { .. }
        | RunError::IncludedTooDeep { .. }
        | RunError::Hidden { .. }
        | RunError::FedTwice { .. }
        | RunError::Unspoken { .. }
        | RunError::Malformed { .. }
        | RunError::CustomDump { .. }
        | RunError::RunsProgram { .. }
        | RunError::MayRunProgram { .. }
        | RunError::PsqlWanted { .. } => Exit::ProjectFiles,
        RunError::NoLocalPsql { .. }
        | RunError::PsqlFailed { .. }
        | RunError::Unshown { .. }
        | RunError::Beyond { .. } => Exit::Findings,
        RunError::NoContainer { .. } | RunError::Variable(_) => Exit::Usage,
        RunError::Server(
            ServerError::Docker(_) | ServerError::Container(_) | ServerError::OtherMajor { .. },
        )
        | RunError::Container(_) => Exit::Docker,
        RunError::Server(_) | RunError::Session(_) | RunError::Database(_) => Exit::Database,
    }
}

fn sql_exit(failure: &ScriptFailure) -> Exit {
    match failure.kind {
        FailureKind::ConnectionLost { .. } => Exit::Database,
        FailureKind::Interrupted => Exit::Interrupted,
        _ => Exit::Findings,
    }
}

/// psql's exit codes, as its manual gives them.
pub mod psql {
    use std::io::ErrorKind;

    use super::{Error, Exit};
    use crate::runner::{Failure, RunError};
    use crate::session::{FailureKind, Phase, ScriptFailure, os_words};

    const FATAL: Exit = Exit::Child(1);
    const NO_CONNECTION: Exit = Exit::Child(2);
    const SCRIPT: Exit = Exit::Child(3);

    /// What is left to say, unless the script's own output has said it already.
    pub fn untold(error: &Error) -> Option<String> {
        (!is_told(error)).then(|| line(error))
    }

    fn is_told(error: &Error) -> bool {
        let spoken = |failure: &ScriptFailure| {
            use FailureKind::{ConnectionLost, Meta, Server, Unreadable};
            matches!(failure.kind, Server(_) | Meta(_) | ConnectionLost { .. } | Unreadable(_))
        };
        match error {
            Error::Run(RunError::PsqlFailed { .. }) => true,
            Error::Run(RunError::Files(files)) => spoken(&files.failure),
            Error::Run(RunError::Script(failed)) => match &failed.why {
                Failure::Sql(failure) => failure.phase == Phase::Script && spoken(failure),
                Failure::Program { .. } => true,
                Failure::Interrupted => false,
            },
            _ => false,
        }
    }

    /// psql's line about what has ended it before any script.
    fn line(error: &Error) -> String {
        match error {
            Error::Run(RunError::Unreadable { path, source }) if source.kind() == ErrorKind::IsADirectory => {
                format!("psql:{}: error: could not read from input file: Is a directory", path.display())
            }
            Error::Run(RunError::Unreadable { path, source }) => {
                format!("psql: error: {}: {}", path.display(), os_words(source))
            }
            error => format!("psql: error: {error}"),
        }
    }

    /// The exit code that psql has for it.
    pub fn exit(error: &Error) -> Exit {
        match (error.exit(), error) {
            (Exit::Interrupted, _) => Exit::Interrupted,
            (_, Error::Run(RunError::PsqlFailed { code, .. })) => Exit::of_child(*code),
            (Exit::Database | Exit::Docker, _) => NO_CONNECTION,
            (_, Error::Run(RunError::Files(files))) if files.is_no_script => FATAL,
            (_, Error::Run(RunError::Script(_) | RunError::Files(_))) => SCRIPT,
            _ => FATAL,
        }
    }
}
