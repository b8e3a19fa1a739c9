//! The author's editor.

use std::path::PathBuf;
use std::process::Command;

use crate::draft::DraftError;
use crate::project::Surroundings;

/// Opens the files in it, and waits until it ends.
pub fn edit(surroundings: &Surroundings, paths: &[PathBuf]) -> Result<(), DraftError> {
    let first = paths.first().cloned().unwrap_or_default();
    let named = |name: &str| surroundings.environment.get(name).filter(|editor| !editor.trim().is_empty());
    let Some(editor) = named("VISUAL").or_else(|| named("EDITOR")) else {
        return Err(DraftError::NoEditor { path: first });
    };
    // It may have arguments of its own, as in `code --wait`.
    let status = Command::new("sh").arg("-c").arg(format!("{editor} \"$@\"")).arg("sh").args(paths).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(DraftError::EditorFailed { editor: editor.clone(), status, path: first }),
        Err(source) => Err(DraftError::Editor { editor: editor.clone(), source }),
    }
}
