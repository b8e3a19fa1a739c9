//! Files that a script includes with `\i` and `\ir`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::{Compression, ScriptError};
use crate::sql::survey;

/// Where the container sees the init dir.
const CONTAINER_DIR: &str = "/docker-entrypoint-initdb.d";

/// The file that `\i` (or, with `relative`, `\ir`) means in the file `including`. As for psql, `\ir` counts from
/// the including file and `\i` from the working directory. A path that exists only in the container, and a
/// relative one that leads nowhere, are looked for in the init dir.
pub fn resolve_include(written: &[u8], relative: bool, including: &Path, init_dir: &Path) -> PathBuf {
    let written = Path::new(OsStr::from_bytes(written));
    if relative {
        let directory = including.parent().unwrap_or(Path::new(""));
        return in_container(&directory.join(written), init_dir);
    }
    if written.is_absolute() || written.exists() {
        return in_container(written, init_dir);
    }
    let inside = written.strip_prefix(CONTAINER_DIR.trim_start_matches('/')).unwrap_or(written);
    init_dir.join(inside)
}

fn in_container(path: &Path, init_dir: &Path) -> PathBuf {
    match path.strip_prefix(CONTAINER_DIR) {
        Ok(inside) if !path.exists() => init_dir.join(inside),
        _ => path.to_owned(),
    }
}

/// The line, the name as written, and the target of each inclusion whose name is written out.
pub(super) fn literal(
    path: &Path,
    compression: Compression,
    init_dir: &Path,
) -> Result<Vec<(u64, String, PathBuf)>, ScriptError> {
    let found = survey::survey(compression.open(path)?).map_err(|source| compression.error(path, source))?;
    let includes = found.includes.into_iter().filter_map(|include| {
        let file = include.file?;
        let target = resolve_include(&file, include.relative, path, init_dir);
        Some((include.position.line, String::from_utf8_lossy(&file).into_owned(), target))
    });
    Ok(includes.collect())
}
