//! `\watch`: the query buffer again and again.

use std::rc::Rc;
use std::time::Duration;

use super::outlet::text;
use super::{MetaError, Trouble};
use crate::session::output::Channel;
use crate::session::print::Settings;
use crate::session::run::Run;
use crate::sql::lexer::{self, StatementText};

/// How often, and with which pause.
pub(super) struct Watch {
    pause: Duration,
    /// None: until it is stopped.
    count: Option<u64>,
}

impl Run<'_> {
    /// `\watch [SECONDS]`, with `i=SECONDS` and `c=TIMES` as newer psqls take them.
    pub(super) fn watch_arguments(&mut self, command: &str) -> Result<Watch, Trouble> {
        let mut watch = Watch { pause: Duration::from_secs(2), count: None };
        while let Some(word) = self.argument_as(lexer::Mode::Normal, true)? {
            let word = text(&word.value);
            let wrong =
                |problem| MetaError::Value { command: command.to_owned(), problem, value: word.clone() };
            match word.split_once('=') {
                Some(("c" | "count", count)) => {
                    let count = count.parse().ok().filter(|count| *count > 0);
                    watch.count = Some(count.ok_or_else(|| wrong("incorrect iteration count"))?);
                }
                Some(("i" | "interval", seconds)) => {
                    watch.pause = pause(seconds).ok_or_else(|| wrong("incorrect interval value"))?;
                }
                Some(_) => return Err(wrong("unrecognized parameter").into()),
                None => watch.pause = pause(&word).ok_or_else(|| wrong("incorrect interval value"))?,
            }
        }
        if watch.count.is_none() && !self.mode.is_psqls() {
            return Err(MetaError::Endless { command: command.to_owned() }.into());
        }
        Ok(watch)
    }

    pub(super) fn watch(&mut self, statement: Rc<StatementText>, watch: &Watch) -> Result<(), Trouble> {
        let outcome = self.watch_with_titles(&statement, watch);
        self.conversation.stage.settings(&self.settings);
        self.conversation.stage.echo(Channel::Out, b"\n");
        outcome
    }

    fn watch_with_titles(&mut self, statement: &Rc<StatementText>, watch: &Watch) -> Result<(), Trouble> {
        let mut times = 0;
        while watch.count.is_none_or(|count| times < count) {
            if times > 0 {
                self.pause(watch.pause)?;
            }
            let titled = self.settings.for_watch(watch);
            self.conversation.stage.settings(&titled);
            self.submit(Rc::clone(statement))?;
            self.settle()?;
            if self.conversation.failed {
                break;
            }
            times += 1;
        }
        Ok(())
    }

    fn pause(&mut self, time: Duration) -> Result<(), Trouble> {
        let interrupted = self.conversation.rest(time).map_err(|lost| self.lost(lost))?;
        if interrupted {
            self.over()?;
        }
        Ok(())
    }
}

impl Settings {
    /// With the time and the pause above each result, and the user's own title before them.
    fn for_watch(&self, watch: &Watch) -> Self {
        let mut title = self.title.clone().unwrap_or_default();
        if !title.is_empty() {
            title.push(b'\t');
        }
        let line = format!("{} (every {}s)\n", now(), watch.pause.as_secs_f64());
        title.extend_from_slice(line.as_bytes());
        Self { title: Some(title), ..self.clone() }
    }
}

/// This machine's time, as C's `%c` has it in the C locale.
fn now() -> String {
    jiff::Zoned::now().strftime("%a %b %e %H:%M:%S %Y").to_string()
}

fn pause(seconds: &str) -> Option<Duration> {
    seconds.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}
