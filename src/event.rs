//! What happens during a run, told to whoever shows it. An event is sent after the fact it tells.

use std::time::Duration;

/// One fact of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The engine is building the service's image.
    BuildStarted {
        image: String,
    },
    /// The engine began step `current` of `total` of the Dockerfile.
    BuildStep {
        current: u32,
        total: u32,
        instruction: String,
    },
    /// One line that the build printed.
    BuildOutput {
        line: String,
    },
    ImageBuilt {
        image: String,
        took: Duration,
    },
    PullStarted {
        image: String,
    },
    /// Bytes fetched so far over all layers, and the sum of the sizes known so far.
    PullProgress {
        fetched: u64,
        total: u64,
    },
    ImagePulled {
        image: String,
        took: Duration,
    },
    NetworkCreated {
        name: String,
    },
    VolumeCreated {
        name: String,
    },
    /// The helper container initialises an empty data directory.
    InitialisationStarted {
        volume: String,
    },
    InitialisationFinished {
        took: Duration,
    },
    /// A twin was made, initialised and started.
    TwinStarted {
        took: Duration,
    },
    /// A twin's data took the place of the service's, whose server was stopped for so long.
    ClusterExchanged {
        away: Duration,
    },
    /// The server was restarted, once, for settings that scripts have made.
    ServerRestarted {
        settings: Vec<String>,
    },
    /// An exchange was carried to its end that a killed run had begun.
    ExchangeFinished,
    ContainerCreated {
        name: String,
        cause: String,
    },
    ContainerRemoved {
        name: String,
        cause: String,
    },
    ContainerStarted {
        name: String,
    },
    ContainerStopped {
        name: String,
    },
    /// Waiting for the server; sent again whenever the reason changes.
    WaitingForServer {
        reason: String,
    },
    ServerReady {
        took: Duration,
    },
    /// Something the user should know that stops nothing.
    Warning {
        text: String,
    },
    /// A script was changed on disk so that it keeps the conventions.
    ScriptMended {
        script: String,
        findings: u32,
    },
    /// Another dbctl is at work on this project, on this machine.
    ProjectBusy {
        holder: String,
    },
    /// Another run holds the database's lock; sent again when the holder changes.
    LockHeld {
        holder: String,
    },
    /// A backend that a killed run left at work was ended.
    OrphanEnded {
        pid: String,
    },
    RunStarted {
        scripts: usize,
    },
    ScriptStarted {
        script: String,
        mode: &'static str,
        statements: Option<u32>,
    },
    /// So many statements of the running script have finished.
    StatementsFinished {
        finished: u32,
    },
    /// A script does not run in one transaction, and why.
    ModeChosen {
        script: String,
        reason: String,
    },
    /// psql runs a script, and why.
    PsqlChosen {
        script: String,
        reason: String,
    },
    /// What a script printed, as psql would have; of an observer that does not show it, only errors.
    ScriptOutput {
        stream: Stream,
        bytes: Vec<u8>,
    },
    /// Committed; safe against a crash of the server only after [`Event::RunSafe`].
    ScriptApplied {
        script: String,
        mode: &'static str,
        statements: u32,
        took: Duration,
    },
    ScriptRecorded {
        script: String,
        why: String,
    },
    ScriptFailed {
        script: String,
    },
    /// A script has run where nobody else is.
    ScriptReplayed {
        script: String,
    },
    /// How a fresh database comes about.
    FreshDecided {
        way: String,
    },
    /// A layer was made of what is in the new database so far.
    LayerKept {
        after: Option<String>,
    },
    /// The new database is in service.
    DatabaseExchanged {
        turned_away: Duration,
    },
    /// Everything applied so far is flushed to the server's disk; of a database that goes into service later, with that.
    RunSafe {
        scripts: usize,
    },
}

/// Which of the two streams a script printed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// Shows events, or keeps them.
pub trait Observer {
    fn observe(&mut self, event: Event);

    /// Whether it shows what scripts print; what nobody sees is not formatted.
    fn shows_output(&self) -> bool {
        false
    }

    /// What writing the scripts' output has met since this was last asked.
    fn failure(&mut self) -> Option<std::io::Error> {
        None
    }

    /// Whether the error that ends a script is shown in psql's words, too.
    fn shows_psqls_errors(&self) -> bool {
        false
    }
}

/// An observer for places where nobody looks.
pub struct Silent;

impl Observer for Silent {
    fn observe(&mut self, _event: Event) {}
}
