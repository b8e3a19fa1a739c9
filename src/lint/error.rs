//! What keeps scripts from being looked at, or mended.

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum LintError {
    #[error(
        "`{}` is no script\nnext: name a file that ends with .sql, .sql.gz, .sql.xz, .sql.zst or .sh",
        path.display()
    )]
    NoScript { path: PathBuf },
    #[error("`{}` cannot be written: {source}\nwhat was mended before it stays so", path.display())]
    Write { path: PathBuf, source: io::Error },
}
