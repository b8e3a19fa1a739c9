//! What meta-commands reach.

use super::word::{PROGRAM, ROLE, Scope};
use super::{Found, Reach};
use crate::sql::survey::Survey;

const CONNECTION: &str = "another connection";
const FILE: &str = "a file beside the script";
const ENVIRONMENT: &str = "the environment";
const TERMINAL: &str = "somebody at a terminal";

/// What a command by itself reaches, whatever its arguments are.
pub(super) fn reach(name: &str) -> Option<(Scope, &'static str)> {
    Some(match name {
        "c" | "connect" => (Scope::Both, CONNECTION),
        "!" => (Scope::Both, PROGRAM),
        "password" => (Scope::Both, ROLE),
        "getenv" => (Scope::Uncovered, ENVIRONMENT),
        "prompt" => (Scope::Uncovered, TERMINAL),
        "e" | "edit" | "ef" | "ev" => (Scope::Both, TERMINAL),
        "lo_import" => (Scope::Uncovered, FILE),
        "lo_export" | "o" | "out" | "w" | "write" | "s" => (Scope::Cluster, FILE),
        _ => return None,
    })
}

/// What was found so far, with the programs that the script runs and the files that nobody knows beforehand.
pub(super) fn with_files(reach: Reach, survey: &Survey) -> Reach {
    let program = survey.first_program().map(|used| Found {
        word: format!("\\{}", used.name),
        position: used.position,
        why: PROGRAM,
    });
    let unknown = survey.includes.iter().find(|include| include.file.is_none()).map(|include| Found {
        word: "\\i".to_owned(),
        position: include.position,
        why: "a file whose name only a variable tells",
    });
    let found = program.or(unknown);
    reach.with_included(Reach { cluster: found.clone(), uncovered: found })
}
