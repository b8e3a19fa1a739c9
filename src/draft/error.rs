//! What keeps a script from being written.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use super::PatternError;

#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    #[error(transparent)]
    Pattern(#[from] PatternError),
    #[error(
        "what was asked for makes no SQL: {message}\n{line}\nnothing was written\nnext: correct the type or the name"
    )]
    NoSql { message: String, line: String },
    #[error("`{}` cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("neither `VISUAL` nor `EDITOR` names an editor; `{}` is written\nnext: open it yourself", path.display())]
    NoEditor { path: PathBuf },
    #[error("the editor `{editor}` cannot be started: {source}; the script is written")]
    Editor { editor: String, source: io::Error },
    #[error("the editor `{editor}` ended with {status}; `{}` is written\nnext: open it yourself", path.display())]
    EditorFailed { editor: String, status: ExitStatus, path: PathBuf },
}
