//! One line for an event.

use std::fmt::Write as _;
use std::time::Duration;

use super::Detail;
use crate::event::Event;

const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";
const RESET: &str = "\x1b[0m";

/// What is worth a line at this detail; coloured, for a writer that drops colours where they do not belong.
pub fn of(event: &Event, detail: Detail) -> Option<String> {
    Some(match event {
        Event::BuildStarted { image } => format!("building image `{image}`"),
        Event::BuildStep { current, total, instruction } if detail == Detail::Verbose => {
            format!("step {current}/{total}: {instruction}")
        }
        Event::BuildOutput { line } if detail == Detail::Verbose => line.clone(),
        Event::ImageBuilt { image, took } => done("built", &format!("image `{image}`"), *took),
        Event::PullStarted { image } => format!("pulling image `{image}`"),
        Event::ImagePulled { image, took } => done("pulled", &format!("image `{image}`"), *took),
        Event::NetworkCreated { name } => format!("{GREEN}created{RESET} network `{name}`"),
        Event::VolumeCreated { name } => format!("{GREEN}created{RESET} volume `{name}`"),
        Event::InitialisationStarted { volume } => {
            format!("initialising an empty data directory (`{volume}`)")
        }
        Event::InitialisationFinished { took } => done("initialised", "the data directory", *took),
        Event::TwinStarted { took } => done("started", "a twin", *took),
        Event::ClusterExchanged { away } => {
            format!("{GREEN}exchanged{RESET} the data; the server was away for {}", duration(*away))
        }
        Event::ServerRestarted { settings } => {
            format!("{GREEN}restarted{RESET} the server for `{}`", settings.join("`, `"))
        }
        Event::ExchangeFinished => {
            format!("{YELLOW}finished{RESET} the exchange of the data that a killed run had begun")
        }
        Event::ContainerCreated { name, cause } => {
            format!("{GREEN}created{RESET} container `{name}`: {cause}")
        }
        Event::ContainerRemoved { name, cause } => format!("removed container `{name}`: {cause}"),
        Event::ContainerStarted { name } => format!("{GREEN}started{RESET} container `{name}`"),
        Event::ContainerStopped { name } => format!("stopped container `{name}`"),
        Event::WaitingForServer { reason } if detail == Detail::Verbose => format!("waiting: {reason}"),
        Event::ServerReady { took } => {
            format!("{GREEN}ready{RESET}: the server answered after {}", duration(*took))
        }
        Event::Warning { text } => format!("{YELLOW}warning{RESET}: {text}"),
        Event::ProjectBusy { holder } => format!("waiting for another dbctl at work on {holder}"),
        Event::LockHeld { holder } => format!("waiting for another run on this database ({holder})"),
        Event::OrphanEnded { pid } => {
            format!("{YELLOW}ended{RESET} the statement that a killed dbctl left at work (backend {pid})")
        }
        Event::ModeChosen { script, reason } => format!("`{script}` runs statement by statement: {reason}"),
        Event::PsqlChosen { script, reason } => format!("`{script}` is run by psql: {reason}"),
        Event::ScriptApplied { script, mode, statements, took } => applied(script, mode, *statements, *took),
        Event::ScriptRecorded { script, why } => format!("{GREEN}recorded{RESET} {script}: {why}"),
        Event::FreshDecided { way } => format!("building {way}"),
        Event::LayerKept { after } if detail == Detail::Verbose => match after {
            Some(script) => format!("kept a layer after {script}"),
            None => "kept a layer before all scripts".to_owned(),
        },
        Event::DatabaseExchanged { turned_away } => {
            format!(
                "{GREEN}exchanged{RESET} the databases; others were turned away for {}",
                duration(*turned_away)
            )
        }
        Event::ScriptFailed { script } => format!("{RED}failed{RESET} {script}"),
        _ => return None,
    })
}

fn applied(script: &str, mode: &str, statements: u32, took: Duration) -> String {
    let mut line = format!("{GREEN}applied{RESET} {script}  ");
    let plural = if statements == 1 { "" } else { "s" };
    // Writing to a string cannot fail.
    let _ = match mode {
        "shell" | "psql" => write!(line, "{mode}"),
        "autocommit" => write!(line, "{statements} statement{plural}, autocommit"),
        _ => write!(line, "{statements} statement{plural}"),
    };
    line + &format!(", {}", duration(took))
}

fn done(verb: &str, what: &str, took: Duration) -> String {
    format!("{GREEN}{verb}{RESET} {what} in {}", duration(took))
}

/// `12 ms`, `3.4 s`, `2 min 05 s`.
pub fn duration(took: Duration) -> String {
    match took.as_secs() {
        0 => format!("{} ms", took.as_millis()),
        seconds @ 1..=59 => format!("{seconds}.{} s", took.subsec_millis() / 100),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        assert_eq!(duration(Duration::from_millis(12)), "12 ms");
        assert_eq!(duration(Duration::from_millis(3456)), "3.4 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 05 s");
    }
}
