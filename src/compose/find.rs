//! Finds the compose files of a project, as compose does, and below `compose/`.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::ComposeError;
use super::path::Base;

const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The files named (`-f`), else those of `COMPOSE_FILE`, else the first compose file and its override file
/// in `base.dir` or a folder above.
pub fn find(base: &Base, named: &[PathBuf], environment: &Environment) -> Result<Vec<PathBuf>, ComposeError> {
    if !named.is_empty() {
        return Ok(named.iter().map(|file| base.absolute(&file.to_string_lossy())).collect());
    }
    if let Some(files) = environment.filled("COMPOSE_FILE") {
        let separator = environment.filled("COMPOSE_PATH_SEPARATOR").unwrap_or(":");
        return Ok(files.split(separator).map(|file| base.absolute(file)).collect());
    }
    let found = base.dir.ancestors().find_map(in_folder);
    found.ok_or_else(|| ComposeError::NoFile(base.dir.clone()))
}

/// Where compose itself finds nothing: the folder `compose/` of `base.dir` or of a folder above.
pub fn find_nested(base: &Base) -> Option<Vec<PathBuf>> {
    base.dir.ancestors().find_map(|dir| in_folder(&dir.join("compose")))
}

fn in_folder(dir: &Path) -> Option<Vec<PathBuf>> {
    let first = |names: [&str; 4]| names.iter().map(|name| dir.join(name)).find(|file| file.is_file());
    let mut files = vec![first(NAMES)?];
    files.extend(first(OVERRIDES));
    Some(files)
}
