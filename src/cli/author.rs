//! What the author's commands understand.

use std::path::PathBuf;

use clap::Args;

use super::ScriptArgs;
use crate::lint::Preset;
use crate::report::lint::Format;

#[derive(Args)]
pub struct NewArgs {
    /// What the script does, in a few words: "add widgets"
    #[arg(required_unless_present_any = ["tables", "columns", "foreign_keys", "enums", "enum_values", "triggers", "seeds", "repository"])]
    pub title: Option<String>,
    /// A table with key, stamps, trigger and comments; its `--column`s become part of it
    #[arg(long = "table", value_name = "TABLE", help_heading = "Patterns (repeatable)")]
    pub tables: Vec<String>,
    /// A column, as in `users.nickname:varchar(255)`
    #[arg(long = "column", value_name = "TABLE.COLUMN:TYPE", help_heading = "Patterns (repeatable)")]
    pub columns: Vec<String>,
    /// A foreign key with its index, as in `orders.user_id:users.id`
    #[arg(
        long = "foreign-key",
        value_name = "TABLE.COLUMN:TABLE.COLUMN",
        help_heading = "Patterns (repeatable)"
    )]
    pub foreign_keys: Vec<String>,
    /// An enum type, as in `mood:glad,sad`
    #[arg(long = "enum", value_name = "TYPE:VALUE,…", help_heading = "Patterns (repeatable)")]
    pub enums: Vec<String>,
    /// One more value of an enum type, as in `mood:calm`
    #[arg(long = "enum-value", value_name = "TYPE:VALUE", help_heading = "Patterns (repeatable)")]
    pub enum_values: Vec<String>,
    /// A trigger that sets `updated_at`
    #[arg(long = "trigger", value_name = "TABLE", help_heading = "Patterns (repeatable)")]
    pub triggers: Vec<String>,
    /// A default row
    #[arg(long = "seed", value_name = "TABLE", help_heading = "Patterns (repeatable)")]
    pub seeds: Vec<String>,
    /// Print a Python class (asyncpg) with `get` and `upsert` for a table of the live database
    #[arg(long, value_name = "TABLE", exclusive = true)]
    pub repository: Option<String>,
    /// Open it in `$VISUAL` or `$EDITOR`
    #[arg(long, conflicts_with = "dry_run")]
    pub edit: bool,
    /// Print the script and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Args)]
pub struct LintArgs {
    /// Scripts (a number, a range, a file name), files or directories; without any, all scripts
    #[arg(value_name = "SCRIPT|PATH")]
    pub scripts: Vec<String>,
    /// Mend what can be mended without a change of meaning
    #[arg(long, conflicts_with_all = ["list", "explain"])]
    pub fix: bool,
    /// With `--fix`: mend scripts that are applied, too, which makes them changed ones
    #[arg(long, requires = "fix")]
    pub allow_applied: bool,
    /// How findings are printed
    #[arg(long, value_parser = Format::NAMES, value_name = "FORMAT", conflicts_with = "json")]
    pub format: Option<String>,
    /// The house style: `init` (the default) or `migrations`
    #[arg(long, value_parser = Preset::NAMES, value_name = "PRESET")]
    pub preset: Option<String>,
    /// How much a rule matters: `error`, `warn` or `off` (repeatable)
    #[arg(long = "rule", value_name = "RULE=SEVERITY")]
    pub rules: Vec<String>,
    /// Show the rules
    #[arg(long, conflicts_with = "explain")]
    pub list: bool,
    /// With `--list`: as the table of docs/lint.md
    #[arg(long, requires = "list", hide = true)]
    pub markdown: bool,
    /// Tell what a rule wants and why, with an example
    #[arg(long, value_name = "RULE")]
    pub explain: Option<String>,
}

#[derive(Args, Clone)]
pub struct CheckArgs {
    #[command(flatten)]
    pub script: ScriptArgs,
}

#[derive(Args, Clone)]
pub struct DocsArgs {
    /// Of the live database instead of the scripts
    #[arg(long)]
    pub live: bool,
    /// End with 1 where the document is not current; write nothing
    #[arg(long, conflicts_with = "html")]
    pub check: bool,
    /// A self-contained page with a drawn diagram, too
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Another place than `docs/DATABASE_SCHEMA.md`
    #[arg(long, short = 'o', value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub script: ScriptArgs,
}

#[derive(Args, Clone)]
pub struct DiffArgs {
    /// Two scripts: the state after the one against that after the other
    #[arg(long, num_args = 2, value_names = ["SCRIPT", "SCRIPT"])]
    pub between: Vec<String>,
    /// Write the statements that bring the live schema along as the next script, where that is safe; with
    /// `--between`, print them
    #[arg(long)]
    pub sql: bool,
    /// With `--sql`: print the script, write nothing
    #[arg(long, requires = "sql")]
    pub dry_run: bool,
    #[command(flatten)]
    pub script: ScriptArgs,
}

#[derive(Args, Clone)]
pub struct ShowArgs {
    /// A number, a file name or a path
    #[arg(value_name = "SCRIPT")]
    pub script: String,
    #[command(flatten)]
    pub arguments: ScriptArgs,
}
