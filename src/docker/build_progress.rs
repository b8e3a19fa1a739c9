//! The engine's account of a build, turned into events and, where it fails, into an error.

use std::collections::VecDeque;

use bollard::models::BuildInfo;

use crate::compose::service::Build;
use crate::docker::DockerError;
use crate::docker::build_error::{BuildError, FailedStep, shown};
use crate::docker::dockerfile::Dockerfile;
use crate::docker::pull::Layers;
use crate::event::{Event, Observer};

/// How much of a failed step's output the error repeats.
const LINES_KEPT: usize = 20;

pub(in crate::docker) struct Progress<'a> {
    observer: &'a mut dyn Observer,
    layers: Layers,
    /// Text since the last line end.
    pending: String,
    step: Option<Step>,
    output: VecDeque<String>,
    succeeded: bool,
}

struct Step {
    current: u32,
    total: u32,
    instruction: String,
}

impl<'a> Progress<'a> {
    pub(in crate::docker) fn new(observer: &'a mut dyn Observer) -> Self {
        let (layers, pending, output) = (Layers::default(), String::new(), VecDeque::new());
        Self { observer, layers, pending, step: None, output, succeeded: false }
    }

    /// Whether the engine has said that the image is complete.
    pub(in crate::docker) fn succeeded(&self) -> bool {
        self.succeeded
    }

    pub(in crate::docker) fn take(&mut self, info: BuildInfo) {
        if let Some(text) = info.stream {
            self.pending.push_str(&text);
            while let Some((line, rest)) = self.pending.split_once('\n') {
                let (line, rest) = (line.to_owned(), rest.to_owned());
                self.pending = rest;
                self.line(&line);
            }
        }
        if let Some(event) = self.layers.take(info.id, info.status.as_deref(), info.progress_detail.as_ref())
        {
            self.observer.observe(event);
        }
    }

    fn line(&mut self, line: &str) {
        // A progress bar draws over itself; the last drawing is what a terminal would show.
        let line = line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default();
        // The builder paints what a command writes to stderr red.
        let line = &line.replace("\u{1b}[91m", "").replace("\u{1b}[0m", "");
        if let Some(step) = Step::parse(line) {
            self.output.clear();
            self.observer.observe(step.event());
            self.step = Some(step);
            return;
        }
        self.succeeded |= line.starts_with("Successfully built ");
        // The builder's own remarks are about layers and containers that nobody asked for.
        if line.trim().is_empty() || line.starts_with(" ---> ") || line.starts_with("Removing intermediate") {
            return;
        }
        self.output.push_back(line.to_owned());
        if self.output.len() > LINES_KEPT {
            self.output.pop_front();
        }
        self.observer.observe(Event::BuildOutput { line: line.to_owned() });
    }

    /// Says where in the Dockerfile the engine's refusal belongs.
    pub(in crate::docker) fn explain(
        &self,
        error: DockerError,
        image: &str,
        build: &Build,
        dockerfile: &Dockerfile,
    ) -> DockerError {
        let Some(said) = error.said() else { return error };
        let path = shown(build).to_owned();
        let Some(step) = &self.step else {
            return BuildError::Dockerfile { image: image.to_owned(), dockerfile: path, said }.into();
        };
        let exit_code = exit_code(&said);
        let failed = FailedStep {
            image: image.to_owned(),
            dockerfile: path,
            current: step.current,
            total: step.total,
            instruction: step.instruction.clone(),
            line: dockerfile.line_of_step(step.current),
            exit_code,
            said: exit_code.map_or(said, |code| format!("the command ended with exit code {code}")),
            output: self.output.iter().cloned().collect(),
        };
        BuildError::Step(Box::new(failed)).into()
    }
}

impl Step {
    /// Reads `Step 3/7 : RUN make`.
    fn parse(line: &str) -> Option<Self> {
        let (numbers, instruction) = line.strip_prefix("Step ")?.split_once(" : ")?;
        let (current, total) = numbers.split_once('/')?;
        Some(Self {
            current: current.parse().ok()?,
            total: total.parse().ok()?,
            instruction: instruction.trim().to_owned(),
        })
    }

    fn event(&self) -> Event {
        Event::BuildStep { current: self.current, total: self.total, instruction: self.instruction.clone() }
    }
}

/// The engine ends its sentence with `returned a non-zero code: 3`.
fn exit_code(said: &str) -> Option<i64> {
    said.rsplit_once("non-zero code: ")?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Kept(Vec<String>);

    impl Observer for Kept {
        fn observe(&mut self, event: Event) {
            self.0.push(match event {
                Event::BuildStep { current, total, instruction } => {
                    format!("{current}/{total} {instruction}")
                }
                Event::BuildOutput { line } => format!("| {line}"),
                other => format!("{other:?}"),
            });
        }
    }

    fn text(text: &str) -> BuildInfo {
        BuildInfo { stream: Some(text.to_owned()), ..BuildInfo::default() }
    }

    #[test]
    fn steps_and_output_become_events_however_the_text_is_cut() {
        let mut kept = Kept::default();
        let mut progress = Progress::new(&mut kept);
        for piece in
            ["Step 1/2 : FROM a", "\n", " ---> 12ab\nStep 2/2 : RU", "N b\nfirst\n10%\r20%\r\n", "Succ"]
        {
            progress.take(text(piece));
        }
        assert!(!progress.succeeded());
        progress.take(text("essfully built 12ab\n"));
        assert!(progress.succeeded());
        assert_eq!(kept.0, ["1/2 FROM a", "2/2 RUN b", "| first", "| 20%", "| Successfully built 12ab"]);
    }

    #[test]
    fn a_failing_step_is_told_with_line_exit_code_and_its_own_last_output() {
        let mut kept = Kept::default();
        let mut progress = Progress::new(&mut kept);
        progress.take(text("Step 1/2 : FROM a\nearlier\nStep 2/2 : RUN b\n"));
        for number in 0..30 {
            progress.take(text(&format!("line {number}\n")));
        }
        let said = "The command '/bin/sh -c b' returned a non-zero code: 3".to_owned();
        let error = bollard::errors::Error::DockerStreamError { error: said }.into();
        let build = Build { dockerfile: "/p/Dockerfile".into(), ..Build::default() };
        let error = progress.explain(error, "demo-db", &build, &Dockerfile::parse("FROM a\n\nRUN b\n"));
        let text = error.to_string();
        assert!(
            text.starts_with(
                "image `demo-db` was not built: step 2/2, line 3 of `/p/Dockerfile` failed\n  RUN b\n\
             the command ended with exit code 3\n   | line 10\n"
            ),
            "{text}"
        );
        assert!(
            text.contains("   | line 29\nthe image from before, if any, is still in place\nnext:"),
            "{text}"
        );
    }
}
