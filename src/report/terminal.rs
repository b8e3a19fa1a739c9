//! Progress on a terminal: one line at the bottom that moves, finished things above it.

use std::io::Write as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Detail, Printed, line};
use crate::event::{Event, Observer};

/// The only user of indicatif.
pub struct Terminal {
    detail: Detail,
    bar: ProgressBar,
    script: String,
    printed: Printed,
}

impl Terminal {
    pub fn new(detail: Detail) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(spinner());
        Self { detail, bar, script: String::new(), printed: Printed::default() }
    }

    fn spin(&self, message: String) {
        self.bar.set_message(message);
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    fn start_scripts(&self, scripts: usize) {
        self.bar.set_style(counter());
        self.bar.set_length(scripts as u64);
        self.bar.set_position(0);
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    fn moves(&mut self, event: &Event) {
        match event {
            Event::BuildStarted { image } => self.spin(format!("building `{image}`")),
            Event::BuildStep { current, total, instruction } => {
                self.bar.set_message(format!("step {current}/{total}: {instruction}"));
            }
            Event::PullStarted { image } => self.spin(format!("pulling `{image}`")),
            Event::PullProgress { fetched, total } => {
                self.bar.set_message(format!("pulled {} of {} MB", fetched >> 20, total >> 20));
            }
            Event::InitialisationStarted { .. } => self.spin("initialising the data directory".to_owned()),
            Event::WaitingForServer { reason } => self.spin(format!("waiting for the server: {reason}")),
            Event::LockHeld { holder } | Event::ProjectBusy { holder } => {
                self.spin(format!("waiting: {holder}"));
            }
            Event::RunStarted { scripts } => self.start_scripts(*scripts),
            Event::ScriptStarted { script, .. } => {
                self.script.clone_from(script);
                self.bar.set_message(script.clone());
            }
            Event::StatementsFinished { finished } => {
                self.bar.set_message(format!("{}  {finished} statements", self.script));
            }
            Event::ScriptApplied { .. } | Event::ScriptRecorded { .. } => self.bar.inc(1),
            Event::ScriptFailed { .. } | Event::RunSafe { .. } => self.bar.finish_and_clear(),
            _ => {}
        }
    }
}

impl Observer for Terminal {
    fn shows_output(&self) -> bool {
        self.detail == Detail::Verbose
    }

    fn failure(&mut self) -> Option<std::io::Error> {
        self.printed.failure()
    }

    fn observe(&mut self, event: Event) {
        if let Event::ScriptOutput { stream, bytes } = event {
            let printed = &mut self.printed;
            self.bar.suspend(|| printed.print(stream, &bytes));
            return;
        }
        self.moves(&event);
        if let Some(text) = line::of(&event, self.detail) {
            // `println` of a bar is lost where the bar is hidden; suspending it is not.
            self.bar.suspend(|| {
                let _ = writeln!(anstream::stderr(), "{text}");
            });
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}").expect("the template is well-formed")
}

fn counter() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {pos}/{len} {bar:20} {wide_msg}")
        .expect("the template is well-formed")
}
