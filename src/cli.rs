//! The command line: what can be typed, and what it means.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

mod author;

pub use author::{CheckArgs, DiffArgs, DocsArgs, LintArgs, NewArgs, ShowArgs};
pub use clap::Error as UsageError;

use crate::project::Settings;
use crate::secret::Secret;

/// Bring a developer's Postgres container to exactly the state its numbered scripts describe.
#[derive(Parser)]
#[command(name = "dbctl", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 done, 1 a script failed or findings exist, 2 usage, 3 project files, \
                        4 Docker, 5 database, 130 interrupted.")]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command understands.
#[derive(Args)]
pub struct Global {
    /// A compose file instead of the one that is found (repeatable)
    #[arg(short = 'f', long = "file", global = true, value_name = "FILE", help_heading = "Project")]
    compose: Vec<PathBuf>,
    /// The compose project's name instead of compose's own choice
    #[arg(short = 'p', long, global = true, value_name = "NAME", help_heading = "Project")]
    project_name: Option<String>,
    /// A compose profile (repeatable)
    #[arg(long = "profile", global = true, value_name = "NAME", help_heading = "Project")]
    profiles: Vec<String>,
    /// An environment file instead of `.env` (repeatable)
    #[arg(long = "env-file", global = true, value_name = "FILE", help_heading = "Project")]
    env_files: Vec<PathBuf>,
    /// Work as if started in this directory
    #[arg(short = 'C', long, global = true, value_name = "DIR", help_heading = "Project")]
    pub directory: Option<PathBuf>,
    /// The Postgres service, where it is not the only one
    #[arg(short = 's', long, global = true, value_name = "NAME", help_heading = "Project")]
    service: Option<String>,
    /// Where the scripts are
    #[arg(long = "init-dir", global = true, value_name = "DIR", help_heading = "Project")]
    init: Option<PathBuf>,
    /// Any server instead of a container: `postgres://user@host/database`
    #[arg(long, global = true, value_name = "URL", help_heading = "Server")]
    url: Option<String>,
    /// The user to log in as, instead of the service's
    #[arg(short = 'U', long, global = true, value_name = "NAME", help_heading = "Server")]
    user: Option<String>,
    /// The database, instead of the service's
    #[arg(short = 'd', long = "dbname", global = true, value_name = "NAME", help_heading = "Server")]
    database: Option<String>,
    /// The Docker context
    #[arg(long, global = true, value_name = "NAME", help_heading = "Server")]
    context: Option<String>,
    /// How to reach the server: `address`, `tunnel` or `port`, instead of the first that works
    #[arg(long, global = true, value_name = "WAY", help_heading = "Server")]
    endpoint: Option<String>,
    /// Print a JSON document instead of text
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// Show more: what scripts print, and details (`-v NAME=VALUE` sets a psql variable)
    #[arg(short = 'v', long, global = true, help_heading = "Output")]
    pub verbose: bool,
    /// Show only results and errors
    #[arg(short = 'q', long, global = true, conflicts_with = "verbose", help_heading = "Output")]
    pub quiet: bool,
    /// A psql variable for the scripts (repeatable)
    #[arg(long = "variable", alias = "set", global = true, value_name = "NAME=VALUE", value_parser = assignment, help_heading = "Server")]
    variables: Vec<(String, String)>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Bring everything up: image, container, server, and the scripts that are pending
    #[command(alias = "bootstrap")]
    Up(UpArgs),
    /// Build the image, recreate the container where it changed (volumes kept), run what is pending
    Rebuild(RebuildArgs),
    /// Rebuild from nothing after every save of a script, from the layer before it; Ctrl-C ends
    Watch(WatchArgs),
    /// Run the named scripts now and record them: 029, 027..029, a file name or a path
    Exec(ExecArgs),
    /// Run files from outside the init dir as `psql -f` does, and record nothing
    #[command(after_help = RUN_EXIT_CODES)]
    Run(RunArgs),
    /// Show where each script stands
    Status,
    /// Show what `up` would do, and change nothing
    Plan,
    /// Write the next script: its number, header, and the safe form of what is asked for
    New(NewArgs),
    /// Hold the scripts against the team's conventions, without a server
    Lint(LintArgs),
    /// Lint, run each script twice where nobody else is, compare the live database and the schema document
    Check(CheckArgs),
    /// Write `docs/DATABASE_SCHEMA.md` from the scripts
    Docs(DocsArgs),
    /// Compare the live database with what the scripts make
    Diff(DiffArgs),
    /// Show what a script does to the schema
    Show(ShowArgs),
    /// Record scripts that ran without dbctl as applied
    Adopt(AdoptArgs),
    /// Keep the database with its data under a name, and bring it back
    Snapshot {
        #[command(subcommand)]
        command: SnapshotCommand,
    },
    /// Put the previous generation of the database back in service, as before the last restore
    Undo,
    /// A psql in the container, logged in to the database
    Psql(PsqlArgs),
    /// Show the container's log
    Logs(LogsArgs),
    /// Stop and remove the container; volumes are never deleted
    Down,
    /// Show what was found, where it came from, and what is wrong
    Doctor,
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    Man,
}

#[derive(Clone, Subcommand)]
pub enum SnapshotCommand {
    /// Keep the database as it is now; sessions in it are ended, for no database in use can be copied
    Save { name: String },
    /// Put a copy of a snapshot in service; the database as it was is kept for `dbctl undo`
    Restore { name: String },
    /// Show the snapshots, and the previous generations that `undo` brings back
    List,
    /// Delete a snapshot, or with `--previous` all previous generations but the newest
    Drop {
        #[arg(required_unless_present = "previous")]
        name: Option<String>,
        #[arg(long, conflicts_with = "name")]
        previous: bool,
    },
}

#[derive(Args, Clone)]
pub struct UpArgs {
    /// Print the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Refuse scripts below applied ones; end with 1 where a script changed or is missing
    #[arg(long)]
    pub strict: bool,
    #[command(flatten)]
    pub script: ScriptArgs,
}

#[derive(Args, Clone)]
pub struct RebuildArgs {
    /// Build the database from nothing; the old one stays in service until the new one is complete, and is kept
    #[arg(long)]
    pub fresh: bool,
    /// Up to and including this script
    #[arg(long, requires = "fresh", value_name = "SCRIPT")]
    pub to: Option<String>,
    /// Replace the whole cluster where that is needed, databases and roles that no script makes included
    #[arg(long, requires = "fresh")]
    pub whole_cluster: bool,
    /// What `rebuild --fresh` starts when it is done
    #[arg(long, hide = true, requires = "fresh", conflicts_with = "to")]
    pub ahead: bool,
    #[command(flatten)]
    pub up: UpArgs,
}

#[derive(Args)]
pub struct WatchArgs {
    /// What `watch` starts after each rebuild
    #[arg(long, hide = true)]
    pub ahead: bool,
    #[command(flatten)]
    pub script: ScriptArgs,
}

#[derive(Args)]
pub struct ExecArgs {
    /// Scripts: a number, a range (`027..029`, `027..`), a file name or a path
    #[arg(required = true, value_name = "SCRIPT")]
    pub scripts: Vec<String>,
    /// Run from the first statement even if it is applied, failed or was interrupted
    #[arg(long)]
    pub again: bool,
    /// Go on after the last committed statement of an interrupted or failed script
    #[arg(long, conflicts_with = "again")]
    pub resume: bool,
    /// Run although an earlier script is pending
    #[arg(long)]
    pub out_of_order: bool,
    /// Print the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print exactly what psql prints, on the same streams, and nothing else
    #[arg(long, conflicts_with_all = ["json", "verbose", "quiet"])]
    pub psql_output: bool,
    #[command(flatten)]
    pub script: ScriptArgs,
}

const RUN_EXIT_CODES: &str = "\
Exit codes: dbctl's own. With `--psql-output` those of psql: 0 done, 1 a file cannot be read or the call is wrong, \
2 no connection, or a lost one, 3 a script failed (with `--no-stop` it is 0). \
`-v ON_ERROR_STOP=0` is `--no-stop`, `-v NAME` alone is not understood: write `-v NAME=`.";

#[derive(Args)]
pub struct RunArgs {
    /// Files in the order in which they are to run; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// All files in one transaction
    #[arg(short = '1', long, conflicts_with = "no_stop")]
    pub single_transaction: bool,
    /// Go on after an error, as psql does without `ON_ERROR_STOP`
    #[arg(long)]
    pub no_stop: bool,
    /// Print exactly what psql prints, on the same streams, and nothing else
    #[arg(long, conflicts_with_all = ["json", "verbose", "quiet"])]
    pub psql_output: bool,
    #[command(flatten)]
    pub script: ScriptArgs,
}

/// What holds for scripts wherever they come from.
#[derive(Args, Clone, Copy, Default)]
pub struct ScriptArgs {
    /// Let scripts run programs on this machine: `\!`, backticks, `\o |`, `\copy … program`
    #[arg(long)]
    pub allow_shell: bool,
}

#[derive(Args)]
pub struct AdoptArgs {
    /// Up to and including this script, on your word; without it, the entrypoint's log is the evidence
    #[arg(long, value_name = "SCRIPT")]
    pub through: Option<String>,
    /// Print the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Args)]
pub struct PsqlArgs {
    /// Run this command and leave (repeatable)
    #[arg(short = 'c', long = "command", value_name = "SQL")]
    pub commands: Vec<String>,
    /// Further arguments for psql
    #[arg(last = true, value_name = "ARGUMENT")]
    pub arguments: Vec<String>,
}

#[derive(Args)]
pub struct LogsArgs {
    /// Go on showing lines as they come
    #[arg(long)]
    pub follow: bool,
    /// So many lines from the end, or `all`
    #[arg(short = 'n', long, default_value = "all", value_name = "N")]
    pub tail: String,
}

/// Whether psql takes the name is known once it is set.
fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Cli {
    /// Reads the arguments; what cannot be understood, and `--help`, end the process as clap does.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, UsageError> {
        Self::try_parse_from(with_psql_variables(arguments))
    }

    /// Whether standard output and error are to be psql's.
    pub fn psql_output(&self) -> bool {
        matches!(
            &self.command,
            Command::Run(RunArgs { psql_output: true, .. })
                | Command::Exec(ExecArgs { psql_output: true, .. })
        )
    }

    /// What scripts may do.
    pub fn script_arguments(&self) -> ScriptArgs {
        match &self.command {
            Command::Up(up) => up.script,
            Command::Watch(watch) => watch.script,
            Command::Check(check) => check.script,
            Command::Docs(docs) => docs.script,
            Command::Diff(diff) => diff.script,
            Command::Show(show) => show.arguments,
            Command::Rebuild(rebuild) => rebuild.up.script,
            Command::Exec(exec) => exec.script,
            Command::Run(run) => run.script,
            _ => ScriptArgs::default(),
        }
    }

    /// The tree itself, for completions and the manual page.
    pub fn tree() -> clap::Command {
        Self::command()
    }

    /// What the flags say over discovery.
    pub fn settings(&self) -> Settings {
        let global = &self.global;
        Settings {
            compose: global.compose.clone(),
            project_name: global.project_name.clone(),
            profiles: global.profiles.clone(),
            env_files: global.env_files.clone(),
            service: global.service.clone(),
            init: global.init.clone(),
            url: global.url.clone().map(Secret::new),
            user: global.user.clone(),
            password: None,
            database: global.database.clone(),
            context: global.context.clone(),
            endpoint: global.endpoint.clone(),
            strict: None,
            variables: global.variables.iter().cloned().collect(),
            ..Settings::default()
        }
    }
}

/// `-v name=value` and `-vname=value` are psql's, `-v` alone is ours: the former become `--variable`.
fn with_psql_variables(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let is_assignment = |text: &str| assignment(text).is_ok();
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    for index in 1..arguments.len() {
        let follows = arguments.get(index + 1).and_then(|next| next.to_str());
        let joined = arguments[index].to_str().and_then(|text| text.strip_prefix("-v"));
        match joined {
            _ if arguments[index] == "--" => break,
            Some("") if follows.is_some_and(is_assignment) => arguments[index] = "--variable".into(),
            Some(text) if is_assignment(text) => arguments[index] = format!("--variable={text}").into(),
            _ => {}
        }
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Cli {
        Cli::read(line.split(' ').map(OsString::from)).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn the_tree_is_sound() {
        Cli::tree().debug_assert();
    }

    #[test]
    fn v_with_an_assignment_sets_a_variable_and_alone_shows_more() {
        let cli = read("dbctl exec -v who=me 029");
        assert_eq!(cli.settings().variables["who"], "me");
        assert!(!cli.global.verbose);
        assert!(read("dbctl exec -v 029").global.verbose);
        let cli = read("dbctl run -va=1 -v b=2 --set c=3 --set=d= x.sql -- -v");
        assert_eq!(cli.settings().variables.into_iter().collect::<Vec<_>>().len(), 4);
    }

    #[test]
    fn bootstrap_is_up() {
        assert!(matches!(read("dbctl bootstrap").command, Command::Up(_)));
    }
}
