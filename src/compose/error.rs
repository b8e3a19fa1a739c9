//! What can go wrong with a compose file, told with its place.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A spot in a file. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<Path>,
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, line {}, column {}", self.file.display(), self.line, self.column)
    }
}

/// Why a compose project cannot be loaded. No variant holds a service's variables.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    #[error(
        "no compose file found in `{}` or a folder above it\n\
         looked for `compose.yaml`, `compose.yml`, `docker-compose.yml`, `docker-compose.yaml`, \
         also below `compose/`\nnext: name one with `-f FILE`",
        .0.display()
    )]
    NoFile(PathBuf),
    #[error("cannot read `{}`: {source}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{place}: not valid YAML: {cause}")]
    Yaml { place: Place, cause: String },
    #[error("{place}: `{key}` is given twice; the first is on line {first}")]
    DuplicateKey { place: Place, key: String, first: usize },
    #[error("{place}: `{key}` must be {expected}")]
    Type { place: Place, key: String, expected: &'static str },
    #[error("{place}: `{key}`: `{value}` is not {expected}")]
    Value { place: Place, key: String, value: String, expected: &'static str },
    #[error("{place}: `{key}` is not a key of a compose file\nnext: correct it, or start it with `x-`")]
    UnknownKey { place: Place, key: String },
    #[error("{place}: `{key}` has a `$` that starts no variable\nnext: write `$$` for a `$` that is meant")]
    Template { place: Place, key: String },
    #[error("{place}: `{key}` needs the variable `{variable}`{}", reason(.message))]
    VariableRequired { place: Place, key: String, variable: String, message: String },
    #[error("`{}`, line {line}: {cause}", .file.display())]
    EnvFile { file: PathBuf, line: usize, cause: EnvFileFault },
    #[error("{place}: the env file `{}` does not exist", .path.display())]
    EnvFileMissing { place: Place, path: PathBuf },
    #[error("`{0}` is not a project name: only a-z, 0-9, `-` and `_`, and a letter or digit first")]
    ProjectName(String),
    #[error("the compose project has no name\nnext: give one with `-p NAME` or `name:`")]
    NoProjectName,
    #[error("{place}: service `{service}` extends itself, by way of {chain}")]
    ExtendsCycle { place: Place, service: String, chain: String },
    #[error("{place}: `{}` includes itself", .file.display())]
    IncludeCycle { place: Place, file: PathBuf },
    #[error("{place}: `{reference}` lies elsewhere; dbctl reads only local compose files")]
    Remote { place: Place, reference: String },
    #[error("{place}: {kind} `{name}` is not defined")]
    Undefined { place: Place, kind: &'static str, name: String },
    #[error("no service `{name}`; the compose file has {}", listed(.known))]
    NoService { name: String, known: Vec<String> },
    #[error(
        "{place}: service `{service}` uses `{key}`, which dbctl does not honour\n\
         nothing was changed\nnext: remove it from this service, or start the service with compose and use `--url`"
    )]
    NotHonoured { place: Place, service: String, key: String },
    #[error("{place}: service `{service}`: `{one}` and `{other}` exclude each other")]
    Exclusive { place: Place, service: String, one: &'static str, other: &'static str },
    #[error(
        "{place}: {kind} `{name}` is external: only swarm has it, no container can mount it\nnext: give it a `file:`"
    )]
    ExternalContent { place: Place, kind: &'static str, name: String },
    #[error("{place}: {kind} `{name}` reads the variable `{variable}`, which is not set")]
    ContentUnset { place: Place, kind: &'static str, name: String, variable: String },
    #[error("{place}: service `{service}` has neither `image` nor `build`")]
    NoImage { place: Place, service: String },
}

/// What is wrong with a line of an env file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvFileFault {
    #[error("a variable's name cannot hold `{0}`")]
    BadCharacter(char),
    #[error("the quote is not closed")]
    Unterminated,
    #[error("a `$` starts no variable; write `$$` or use single quotes")]
    Template,
    #[error("the variable `{variable}` is required{}", reason(.message))]
    Required { variable: String, message: String },
    #[error("the text is not UTF-8")]
    NotUtf8,
}

fn reason(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
