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
/// in `base.dir`, its folder `compose/`, or a folder above.
pub fn find(base: &Base, named: &[PathBuf], environment: &Environment) -> Result<Vec<PathBuf>, ComposeError> {
    if !named.is_empty() {
        return Ok(named.iter().map(|file| base.absolute(&file.to_string_lossy())).collect());
    }
    if let Some(files) = environment.filled("COMPOSE_FILE") {
        let separator = environment.filled("COMPOSE_PATH_SEPARATOR").unwrap_or(":");
        return Ok(files.split(separator).map(|file| base.absolute(file)).collect());
    }
    let mut folders = base.dir.ancestors().flat_map(|dir| [dir.to_owned(), dir.join("compose")]);
    let found = folders.find_map(|dir| in_folder(&dir));
    found.ok_or_else(|| ComposeError::NoFile(base.dir.clone()))
}

fn in_folder(dir: &Path) -> Option<Vec<PathBuf>> {
    let first = |names: [&str; 4]| names.iter().map(|name| dir.join(name)).find(|file| file.is_file());
    let mut files = vec![first(NAMES)?];
    files.extend(first(OVERRIDES));
    Some(files)
}
