//! What git knows: who the author is, and which numbers others have taken.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::script::ScriptId;

/// Branches that are looked at, the ones with the newest commits first.
const BRANCHES: usize = 100;

/// A script of the same number elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// `the remote branch …`, `the merge base with …`.
    pub by: String,
    pub name: String,
}

/// What git writes into commits.
pub fn user_name(directory: &Path) -> Option<String> {
    git(directory, &["config", "user.name"])
}

/// Where a script with the number of `name` lies that is none of `ours`: on a remote branch, or where this branch
/// left it.
pub fn taken(directory: &Path, name: &str, ours: &[&str]) -> Vec<Taken> {
    let Some(number) = ScriptId::of_name(name) else { return Vec::new() };
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for (by, commit) in places(directory) {
        // Names are relative to the directory in which git runs.
        let list = git(directory, &["ls-tree", "--name-only", &commit, "."]).unwrap_or_default();
        let theirs = list.lines().map(|path| path.rsplit('/').next().unwrap_or(path));
        let same =
            theirs.filter(|theirs| ScriptId::of_name(theirs) == Some(number) && !ours.contains(theirs));
        for name in same {
            if seen.insert(name.to_owned()) {
                all.push(Taken { by: by.clone(), name: name.to_owned() });
            }
        }
    }
    all
}

/// Commits worth a look, with what they are called.
fn places(directory: &Path) -> Vec<(String, String)> {
    let count = format!("--count={BRANCHES}");
    let format = "--format=%(refname:short)";
    let arguments = ["for-each-ref", "--sort=-committerdate", &count, format, "refs/remotes"];
    let branches = git(directory, &arguments).unwrap_or_default();
    let mut places: Vec<(String, String)> =
        branches.lines().map(|branch| (format!("the remote branch `{branch}`"), branch.to_owned())).collect();
    let bases = ["@{upstream}", "origin/HEAD", "origin/main", "origin/master", "main", "master"];
    let base = bases.iter().find_map(|other| Some((other, git(directory, &["merge-base", "HEAD", other])?)));
    places.extend(base.map(|(other, commit)| (format!("the merge base with `{other}`"), commit)));
    places
}

/// What git prints; none where it fails, or prints nothing.
fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(directory).args(arguments).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (!text.is_empty()).then_some(text)
}
