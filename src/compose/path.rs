//! Paths as compose writes them: `~` expanded, relative ones joined to a folder and made tidy.

use std::path::{Component, Path, PathBuf};

/// Where relative paths start, and what `~` is.
#[derive(Clone)]
pub struct Base {
    pub dir: PathBuf,
    pub home: Option<PathBuf>,
}

impl Base {
    /// An absolute path stays as it is written; a relative one is joined to the folder and tidied.
    #[must_use]
    pub fn absolute(&self, path: &str) -> PathBuf {
        if let (Some(rest), Some(home)) = (path.strip_prefix('~'), &self.home) {
            return tidy(&home.join(rest.trim_start_matches('/')));
        }
        if Path::new(path).is_absolute() { PathBuf::from(path) } else { tidy(&self.dir.join(path)) }
    }

    #[must_use]
    pub fn absolute_text(&self, path: &str) -> String {
        self.absolute(path).to_string_lossy().into_owned()
    }

    #[must_use]
    pub fn in_dir(&self, dir: PathBuf) -> Self {
        Self { dir, home: self.home.clone() }
    }
}

/// The path without `.`, `..` and doubled slashes, by its text alone.
#[must_use]
pub fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if tidy.file_name().is_some() => drop(tidy.pop()),
            Component::ParentDir if tidy.has_root() => {}
            part => tidy.push(part),
        }
    }
    if tidy.as_os_str().is_empty() { PathBuf::from(".") } else { tidy }
}

/// A mount's target in tidy form.
#[must_use]
pub fn tidy_text(path: &str) -> String {
    tidy(Path::new(path)).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Base, tidy_text};

    #[test]
    fn relative_paths_join_and_absolute_ones_stay() {
        let base = Base { dir: "/work/app".into(), home: Some("/home/me".into()) };
        for (given, meant) in [
            ("./init", "/work/app/init"),
            ("../db/./x//y", "/work/db/x/y"),
            ("~/data", "/home/me/data"),
            ("~", "/home/me"),
            ("/a/../b", "/a/../b"),
            ("../../../..", "/"),
        ] {
            assert_eq!(base.absolute_text(given), meant, "{given}");
        }
    }

    #[test]
    fn a_target_is_tidied() {
        assert_eq!(tidy_text("/var/lib/postgresql/data/"), "/var/lib/postgresql/data");
    }
}
