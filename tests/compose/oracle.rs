//! Compose itself, installed below `target/` by `tests/tools/compose-plugin.sh`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The compose plugin's binary.
pub fn plugin() -> &'static Path {
    static PLUGIN: OnceLock<PathBuf> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/compose-plugin.sh");
        let output = Command::new(&script).output().expect("sh runs the script");
        assert!(output.status.success(), "compose cannot be installed: {}", text(&output.stderr));
        Path::new(text(&output.stdout).trim()).join("cli-plugins/docker-compose")
    })
}

/// Standard output of a run that succeeded, or what it said on standard error.
pub fn outcome(output: &Output) -> Result<String, String> {
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
