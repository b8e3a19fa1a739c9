//! What can go wrong with a twin, and with putting it in service.

/// Why a twin cannot be made, or cannot take the service's place. The service's data is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TwinError {
    #[error(
        "`{target}` is mounted inside the data directory `{data}`, so that a twin cannot take its place\n\
         nothing was changed\n\
         next: mount it elsewhere, and let the server's settings lead there"
    )]
    MountInside { target: String, data: String },

    #[error(
        "the data directory `{data}` does not outlive its container, so there is no place for a twin beside it\n\
         nothing was changed\n\
         next: `dbctl down`, then `dbctl up`: this service is built from nothing at every start"
    )]
    NoPlace { data: String },

    #[error(
        "`{path}` lies on no volume or directory that the service writes to: it would be gone with its container\n\
         the old database stays in service\n\
         next: mount a volume there in the compose file, `dbctl rebuild`, then again"
    )]
    NotOnAVolume { path: String },

    #[error(
        "a twin could not be initialised\n{log}\n\
         nothing was changed; the old database stays in service\n\
         next: correct the cause, then the same command"
    )]
    Initialisation { log: String },

    #[error(
        "container `{container}` was started while its data was to be exchanged\n\
         the old database stays in service\n\
         next: the same command"
    )]
    Started { container: String },

    #[error(
        "the twin's server did not end in peace, so its data cannot be put in service\n{log}\n\
         the old database stays in service\n\
         next: the same command"
    )]
    NotAtRest { log: String },

    #[error(
        "the new data directory is incomplete: it has no `{entry}`\nthe old database stays in service\nnext: the same command"
    )]
    Incomplete { entry: &'static str },

    #[error(
        "`{path}` belongs to no cluster and is in the way of the new one\n\
         the old database stays in service\n\
         next: move it elsewhere, then again"
    )]
    Occupied { path: String },

    #[error(
        "files could not be moved inside the service's volumes (exit code {code})\n{said}\nnext: `dbctl up` goes on with it"
    )]
    Moving { said: String, code: i64 },

    #[error("there is no previous data directory{}\nnext: `dbctl snapshot list` shows what there is", named(.turn.as_ref()))]
    NoPrevious { turn: Option<u64> },
}

fn named(turn: Option<&u64>) -> String {
    turn.map(|turn| format!(" number {turn}")).unwrap_or_default()
}
