//! A script that another program runs: nobody counts its statements, and its end is all that is known.

use super::{FailedScript, Failure, Progress, RunError, Work};
use crate::database::Database;
use crate::docker::Channel;
use crate::event::{Event, Observer, Stream};
use crate::interrupt;
use crate::ledger::{Mode, Outcome};

/// Bytes of the program's output that an error shows.
const LAST_BYTES: usize = 2000;

/// Takes what the program prints.
pub type Take<'a> = dyn FnMut(Channel, &[u8]) + 'a;

/// Records that the script has begun, lets `converse` run it to its exit code, and records how it ended.
pub fn carry_out(
    work: &Work,
    mode: Mode,
    database: &mut Database,
    progress: &mut Progress,
    observer: &mut dyn Observer,
    converse: impl FnOnce(&mut Take) -> Result<i64, RunError>,
) -> Result<(), RunError> {
    let attempt = work.attempt;
    let script = attempt.script.name.clone();
    // From here on nobody knows what the script has done until its end is recorded.
    database.record(&attempt.row(Outcome::Started, mode))?;
    observer.observe(Event::ScriptStarted { script: script.clone(), mode: mode.as_str(), statements: None });
    let mut last = Vec::new();
    let outcome = converse(&mut |channel, bytes| {
        keep_last(&mut last, bytes);
        show(observer, channel, bytes);
    });
    let why = match outcome {
        Ok(0) => return Ok(database.record(&work.ended(Outcome::Applied, mode))?),
        _ if interrupt::requested() => Failure::Interrupted,
        Ok(code) => Failure::Program { code, last_lines: String::from_utf8_lossy(&last).into_owned() },
        Err(error) => return Err(error),
    };
    let mut row = work.ended(Outcome::Failed, mode);
    row.error = Some(super::failed::program_json(&why));
    database.record(&row)?;
    observer.observe(Event::ScriptFailed { script });
    let before = progress.done.iter().map(|done| done.script.clone()).collect();
    let script = attempt.script.clone();
    Err(RunError::Script(Box::new(FailedScript {
        script,
        why,
        mode,
        finished: 0,
        before,
        place: work.run.target.place(),
    })))
}

fn keep_last(last: &mut Vec<u8>, bytes: &[u8]) {
    last.extend_from_slice(bytes);
    if last.len() > 2 * LAST_BYTES {
        last.drain(..last.len() - LAST_BYTES);
    }
}

/// What a program prints, where somebody looks.
pub fn show(observer: &mut dyn Observer, channel: Channel, bytes: &[u8]) {
    if observer.shows_output() {
        pass_on(observer, channel, bytes);
    }
}

/// What a program prints.
pub fn pass_on(observer: &mut dyn Observer, channel: Channel, bytes: &[u8]) {
    let stream = match channel {
        Channel::Out => Stream::Stdout,
        Channel::Error => Stream::Stderr,
    };
    observer.observe(Event::ScriptOutput { stream, bytes: bytes.to_vec() });
}
