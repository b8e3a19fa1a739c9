//! Which scripts are looked at: each with those around it, which tell what tables there are.

use std::path::{Path, PathBuf};

use super::super::Result;
use crate::init_dir::Named;
use crate::lint::{File, LintError};
use crate::project::{self, InitSource, Settings, Surroundings};

/// The scripts of one directory, and which of them are wanted.
struct Directory {
    path: PathBuf,
    scripts: Vec<Named>,
    wanted: Vec<bool>,
}

/// What the user names: paths as they are, all else in the project's init dir. Without any, all of that.
pub fn sets(
    surroundings: &Surroundings,
    settings: &Settings,
    toml_directory: Option<&Path>,
    named: &[String],
) -> Result<Vec<Vec<File>>> {
    let mut directories: Vec<Directory> = Vec::new();
    let mut selection = Vec::new();
    for name in named {
        let path = surroundings.directory.join(name);
        if path.is_dir() {
            directory(&mut directories, &path)?.wanted.fill(true);
        } else if path.is_file() {
            want_file(&mut directories, &path)?;
        } else {
            selection.push(name.clone());
        }
    }
    if named.is_empty() || !selection.is_empty() {
        want_scripts(&mut directories, project::scripts(surroundings, settings)?, &selection)?;
    }
    let toml_directory = toml_directory.unwrap_or(&surroundings.directory);
    let files = |directory: Directory| files(directory, &surroundings.directory, toml_directory);
    Ok(directories.into_iter().map(files).collect())
}

fn directory<'a>(directories: &'a mut Vec<Directory>, path: &Path) -> Result<&'a mut Directory> {
    let known = directories.iter().position(|directory| directory.path == path);
    if known.is_none() {
        add(directories, path.to_path_buf(), Named::list(path)?);
    }
    let at = known.unwrap_or(directories.len() - 1);
    Ok(&mut directories[at])
}

fn add(directories: &mut Vec<Directory>, path: PathBuf, scripts: Vec<Named>) {
    let wanted = vec![false; scripts.len()];
    directories.push(Directory { path, scripts, wanted });
}

fn want_file(directories: &mut Vec<Directory>, path: &Path) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let directory = directory(directories, parent)?;
    let at = directory.scripts.iter().position(|script| script.path == path);
    let at = at.ok_or_else(|| LintError::NoScript { path: path.to_path_buf() })?;
    directory.wanted[at] = true;
    Ok(())
}

fn want_scripts(directories: &mut Vec<Directory>, init: InitSource, selection: &[String]) -> Result<()> {
    let directory = match init {
        InitSource::Directory(path) => directory(directories, &path)?,
        InitSource::Files(files) => {
            add(directories, PathBuf::new(), Named::of_files(files));
            directories.last_mut().expect("it was just added")
        }
    };
    if selection.is_empty() {
        directory.wanted.fill(true);
    }
    for at in Named::select(&directory.scripts, selection)? {
        directory.wanted[at] = true;
    }
    Ok(())
}

fn files(directory: Directory, base: &Path, toml_directory: &Path) -> Vec<File> {
    let Directory { scripts, wanted, .. } = directory;
    let file = |(script, is_wanted): (Named, bool)| File {
        shown: project::shown(&script.path, base),
        within: project::shown(&script.path, toml_directory),
        name: script.name,
        path: script.path,
        kind: script.kind,
        is_wanted,
    };
    scripts.into_iter().zip(wanted).map(file).collect()
}
