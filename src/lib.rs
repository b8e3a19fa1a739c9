//! `dbctl`: brings a developer's Postgres container to exactly the state that the numbered scripts in
//! `init/` describe, and remembers which of them ran.
//!
//! The order of the `mod` lines below is the architecture: a module imports only from modules above it.
//! `tests/cli/architecture.rs` enforces that, and the single owners of bollard, tokio, postgres, indicatif
//! and clap.

pub mod text;
pub mod parallel;
pub mod sql;
pub mod script;
pub mod init_dir;
pub mod lint;
pub mod draft;
pub mod ledger;
pub mod layer;
pub mod plan;
pub mod event;
pub mod secret;
pub mod compose;
pub mod endpoint;
pub mod interrupt;
pub mod fault;
pub mod docker;
pub mod session;
pub mod saves;
pub mod project;
pub mod database;
pub mod schema;
pub mod server;
pub mod launch;
pub mod runner;
pub mod fresh;
pub mod replay;
pub mod report;
pub mod cli;
pub mod error;
pub mod command;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use error::Exit;

/// Runs one command line; the only place that prints an error.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match cli::Cli::read(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    // Without a handler Ctrl-C ends the process as usual; that is all that is lost.
    let _ = interrupt::install();
    let (json, psql_output) = (cli.global.json, cli.psql_output());
    match command::run(cli) {
        Ok(exit) => exit.into(),
        // `dbctl … | head`: whoever closed the pipe knows why.
        Err(error) if error.is_closed_pipe() => error.exit().into(),
        Err(error) if psql_output => {
            if let Some(line) = error::psql::untold(&error) {
                let _ = writeln!(std::io::stderr(), "{line}");
            }
            error::psql::exit(&error).into()
        }
        Err(error) => {
            if json {
                let _ =
                    writeln!(std::io::stdout(), "{:#}", serde_json::json!({ "error": error.to_string() }));
            }
            let _ = writeln!(anstream::stderr(), "\x1b[1;31merror\x1b[0m: {error}");
            error.exit().into()
        }
    }
}

/// clap's own text, on the stream where it belongs.
fn usage(error: &cli::UsageError) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
}
