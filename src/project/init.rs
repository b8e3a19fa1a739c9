//! Where the scripts are: what the service mounts or copies into the entrypoint's directory, else the usual
//! places.

use std::path::{Component, Path, PathBuf};

use super::{Finding, ProjectError, Settings, Target, finding};
use crate::compose::service::{Build, MountSource, Service};

/// The entrypoint's directory in the container.
pub const ENTRYPOINT_DIR: &str = "/docker-entrypoint-initdb.d";

/// Places where teams keep their scripts, relative to the project.
const USUAL: [&str; 3] = ["init", "services/postgres/init", "storage/migrations"];

/// What the init dir is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InitSource {
    Directory(PathBuf),
    /// Single files mounted below the entrypoint's directory: the name there, and the file here.
    Files(Vec<(String, PathBuf)>),
}

/// Settings first, then mounts, then the Dockerfile's COPY, then the usual places.
pub fn discover(
    target: &Target,
    settings: &Settings,
    directory: &Path,
    findings: &mut Vec<Finding>,
) -> Result<InitSource, ProjectError> {
    if settings.init.is_some() {
        return without_service(settings, directory, findings);
    }
    let mut bases = vec![directory.to_path_buf()];
    if let Target::Service(service) = target {
        if let Some(path) = mounted_directory(service) {
            return existing(path, &format!("mounted at {ENTRYPOINT_DIR}"), findings);
        }
        let files = mounted_files(service);
        if !files.is_empty() {
            findings.push(finding("init dir", format!("{} mounted files", files.len()), ENTRYPOINT_DIR));
            return Ok(InitSource::Files(files));
        }
        if let Some(path) = service.build.as_ref().and_then(copied_directory) {
            return existing(path, &format!("copied to {ENTRYPOINT_DIR} by the Dockerfile"), findings);
        }
        // With `compose/compose.yaml` the project's root is the directory above.
        let own = &service.project_dir;
        bases.extend([Some(own.as_path()), own.parent()].into_iter().flatten().map(Path::to_path_buf));
    }
    usual(&bases, findings)
}

/// Settings, then the usual places.
pub fn without_service(
    settings: &Settings,
    directory: &Path,
    findings: &mut Vec<Finding>,
) -> Result<InitSource, ProjectError> {
    match &settings.init {
        Some(path) => existing(directory.join(path), "--init-dir, DBCTL_INIT or dbctl.toml", findings),
        None => usual(&[directory.to_path_buf()], findings),
    }
}

fn existing(path: PathBuf, source: &str, findings: &mut Vec<Finding>) -> Result<InitSource, ProjectError> {
    let path = normalised(&path);
    if !path.is_dir() {
        return Err(ProjectError::InitDirMissing { path, source_of_path: source.to_owned() });
    }
    findings.push(finding("init dir", path.display(), source));
    Ok(InitSource::Directory(path))
}

fn usual(bases: &[PathBuf], findings: &mut Vec<Finding>) -> Result<InitSource, ProjectError> {
    let mut tried: Vec<PathBuf> = Vec::new();
    for path in bases.iter().flat_map(|base| USUAL.iter().map(|place| normalised(&base.join(place)))) {
        if path.is_dir() {
            return existing(path, "a usual place", findings);
        }
        if !tried.contains(&path) {
            tried.push(path);
        }
    }
    Err(ProjectError::NoInitDir { tried: tried.iter().map(|path| path.display().to_string()).collect() })
}

fn binds(service: &Service) -> impl Iterator<Item = (&str, &PathBuf)> {
    service.mounts.iter().filter_map(|mount| match &mount.source {
        MountSource::Bind { path, .. } => Some((mount.target.trim_end_matches('/'), path)),
        _ => None,
    })
}

fn mounted_directory(service: &Service) -> Option<PathBuf> {
    binds(service).find(|(target, _)| *target == ENTRYPOINT_DIR).map(|(_, path)| path.clone())
}

fn mounted_files(service: &Service) -> Vec<(String, PathBuf)> {
    let below = |target: &str| {
        let name = target.strip_prefix(ENTRYPOINT_DIR)?.strip_prefix('/')?;
        (!name.contains('/')).then(|| name.to_owned())
    };
    binds(service).filter_map(|(target, path)| Some((below(target)?, path.clone()))).collect()
}

/// The directory that a `COPY` or `ADD` of the Dockerfile brings to the entrypoint's directory.
fn copied_directory(build: &Build) -> Option<PathBuf> {
    let text = match &build.dockerfile_inline {
        Some(text) => text.clone(),
        None => std::fs::read_to_string(&build.dockerfile).ok()?,
    };
    text.replace("\\\n", " ").lines().find_map(copy_source).and_then(|source| {
        let path = build.context.join(source.trim_start_matches('/'));
        if path.is_dir() {
            Some(path)
        } else {
            path.parent().filter(|dir| dir.is_dir()).map(Path::to_path_buf)
        }
    })
}

fn copy_source(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let instruction = words.next()?;
    if !["COPY", "ADD"].iter().any(|name| instruction.eq_ignore_ascii_case(name)) {
        return None;
    }
    let words: Vec<&str> = words.collect();
    if words.iter().any(|word| word.starts_with("--from")) {
        return None;
    }
    let json = |word: &&str| word.trim_matches(['[', ']', ',', '"']).to_owned();
    let paths: Vec<String> = words
        .iter()
        .filter(|word| !word.starts_with("--"))
        .map(json)
        .filter(|word| !word.is_empty())
        .collect();
    let (destination, sources) = paths.split_last()?;
    (destination.trim_end_matches('/') == ENTRYPOINT_DIR).then(|| sources.first().cloned())?
}

/// `path` without `.` and `..`, as text: it need not exist.
fn normalised(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut built, component| {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                built.pop();
            }
            other => built.push(other),
        }
        built
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_to_the_entrypoints_directory_names_the_init_dir() {
        let source = |line| copy_source(line);
        assert_eq!(source("COPY init/ /docker-entrypoint-initdb.d/").as_deref(), Some("init/"));
        assert_eq!(
            source("copy --chown=postgres sql/*.sql /docker-entrypoint-initdb.d").as_deref(),
            Some("sql/*.sql")
        );
        assert_eq!(source(r#"ADD ["init", "/docker-entrypoint-initdb.d/"]"#).as_deref(), Some("init"));
        assert_eq!(source("COPY --from=other init/ /docker-entrypoint-initdb.d/"), None);
        assert_eq!(source("COPY init/ /elsewhere/"), None);
    }
}
