//! What a container wrote: its last lines, or all of it as it comes.

use std::io::Write;

use bollard::query_parameters::LogsOptions;
use futures_util::StreamExt;

use crate::docker::{DockerError, Engine};

impl Engine {
    /// The container's last `lines` lines, both channels in the order in which they were written.
    pub fn last_log_lines(&self, container: &str, lines: usize) -> Result<String, DockerError> {
        let mut text = Vec::new();
        self.write_log(container, Some(lines), false, &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Writes the log from its last `lines` lines (all, without) to `out` and goes on until the container
    /// ends; [`DockerError::Interrupted`] when the user asks to stop.
    pub fn follow_log(
        &self,
        container: &str,
        lines: Option<usize>,
        out: &mut dyn Write,
    ) -> Result<(), DockerError> {
        self.write_log(container, lines, true, out)
    }

    fn write_log(
        &self,
        container: &str,
        lines: Option<usize>,
        follow: bool,
        out: &mut dyn Write,
    ) -> Result<(), DockerError> {
        let options = LogsOptions {
            follow,
            stdout: true,
            stderr: true,
            tail: lines.map_or_else(|| "all".to_owned(), |lines| lines.to_string()),
            ..LogsOptions::default()
        };
        let mut log = self.client().logs(container, Some(options));
        self.run(async {
            while let Some(piece) = log.next().await {
                let written = out.write_all(&piece?.into_bytes()).and_then(|()| out.flush());
                written.map_err(|source| DockerError::System { doing: "writing the log", source })?;
            }
            Ok::<(), DockerError>(())
        })
    }
}
