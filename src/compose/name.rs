//! The project's name: what compose would call it, for a wrong one would mean an empty volume.

use std::path::Path;

use super::environment::Environment;
use super::error::ComposeError;
use super::source::File;

/// The name given (`-p`), else `COMPOSE_PROJECT_NAME`, else `name:` of the last file that has one, else the
/// folder's name.
pub fn project_name(
    given: Option<&str>,
    environment: &Environment,
    files: &[File],
    dir: &Path,
) -> Result<String, ComposeError> {
    let given = given.filter(|name| !name.is_empty());
    if let Some(name) = given.or_else(|| environment.filled("COMPOSE_PROJECT_NAME")) {
        let fits = normalized(name) == name;
        return if fits { Ok(name.to_owned()) } else { Err(ComposeError::ProjectName(name.to_owned())) };
    }
    let name = match in_files(environment, files)? {
        Some(name) => name,
        None => dir.file_name().map(|name| normalized(&name.to_string_lossy())).unwrap_or_default(),
    };
    if name.is_empty() { Err(ComposeError::NoProjectName) } else { Ok(name) }
}

fn in_files(environment: &Environment, files: &[File]) -> Result<Option<String>, ComposeError> {
    let named = files.iter().flat_map(|file| &file.documents).filter_map(|document| document.get("name"));
    let mut named = named.rev().filter(|node| node.printed().is_some_and(|name| !name.is_empty()));
    let Some(node) = named.next() else {
        return Ok(None);
    };
    let mut node = node.clone();
    environment.fill(&mut node, &["name"])?;
    Ok(node.printed().map(|name| normalized(&name)))
}

/// Lower case, and only what a project name may hold.
fn normalized(name: &str) -> String {
    let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let kept: String = name.to_lowercase().chars().filter(allowed).collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::normalized;

    #[test]
    fn a_folder_name_becomes_what_compose_makes_of_it() {
        for (folder, name) in
            [("My App", "myapp"), ("_x-y_Z", "x-y_z"), ("ÄB.1", "b1"), ("--", ""), ("app", "app")]
        {
            assert_eq!(normalized(folder), name);
        }
    }
}
