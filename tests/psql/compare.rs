//! Two runs of a case side by side.

use super::proxy::Request;
use super::stage::Traces;

/// In what two runs can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    Success,
    Stdout,
    Stderr,
    /// The messages on the wire.
    Wire,
    /// The SQLSTATEs of the errors, in order.
    Errors,
    /// The database afterwards.
    Dump,
    /// Roles, settings and other databases.
    Around,
    /// Files that the script wrote.
    Files,
}

/// Whose words on stderr are expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errors {
    /// The client shows its error as psql does.
    Shown,
    /// The error is the caller's to show: what comes before it is all there is.
    Returned,
}

/// A difference and the first place where it shows: psql's side, then dbctl's.
#[derive(Debug)]
pub struct Difference {
    pub aspect: Aspect,
    pub psqls: String,
    pub ours: String,
}

pub fn compare(psql: &Traces, ours: &Traces, errors: Errors, recorded: bool) -> Vec<Difference> {
    let (psql_err, our_err) = (lines(&psql.stderr), lines(&ours.stderr));
    let shown = match errors {
        Errors::Shown => psql_err.as_slice(),
        Errors::Returned if ours.succeeded => psql_err.as_slice(),
        Errors::Returned => &psql_err[..last_error(&psql_err).min(psql_err.len())],
    };
    let mut found = vec![
        unequal(Aspect::Success, &[psql.succeeded.to_string()], &[format!("{} {}", ours.succeeded, ours.failure).trim().to_owned()]),
        unequal(Aspect::Stdout, &lines(&psql.stdout), &lines(&ours.stdout)),
        unequal(Aspect::Stderr, shown, &our_err),
        unequal(Aspect::Dump, &lines(psql.dump.as_bytes()), &lines(ours.dump.as_bytes())),
        unequal(Aspect::Around, &psql.around, &ours.around),
        unequal(Aspect::Files, &files(psql), &files(ours)),
    ];
    if psql.succeeded == ours.succeeded {
        found.retain(|difference| difference.as_ref().is_none_or(|difference| difference.aspect != Aspect::Success));
    }
    if recorded {
        let ours = unpiped(&ours.wire, &psql.wire);
        found.push(unequal(Aspect::Wire, &messages(&psql.wire), &messages(&ours)));
        found.push(unequal(Aspect::Errors, &sqlstates(&psql.wire), &sqlstates(&ours)));
    }
    found.into_iter().flatten().collect()
}

fn unequal(aspect: Aspect, psqls: &[String], ours: &[String]) -> Option<Difference> {
    let at = (0..psqls.len().max(ours.len())).find(|at| psqls.get(*at) != ours.get(*at))?;
    let side = |lines: &[String]| lines.get(at).map_or("(nothing)", String::as_str).chars().take(300).collect();
    Some(Difference { aspect, psqls: side(psqls), ours: side(ours) })
}

/// psql's own report of the error that ended the script is the last one on its stderr.
fn last_error(lines: &[String]) -> usize {
    lines.iter().rposition(|line| line.starts_with("psql:") || line.starts_with("ERROR:")).unwrap_or(lines.len())
}

/// Lines with what no two runs share taken out, the line ends kept.
fn lines(text: &[u8]) -> Vec<String> {
    text.split_inclusive(|byte| *byte == b'\n').map(|line| redacted(&line.escape_ascii().to_string())).collect()
}

fn redacted(line: &str) -> String {
    for word in [" PID ", "Time: ", "lo_import ", "(started "] {
        if let Some((before, after)) = line.split_once(word) {
            let end = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
            return format!("{before}{word}…{}", &after[end..]);
        }
    }
    line.to_owned()
}

fn files(traces: &Traces) -> Vec<String> {
    let one = |(path, text): (&std::path::PathBuf, &Vec<u8>)| format!("{}: {}", path.display(), lines(text).concat());
    traces.files.iter().map(one).collect()
}

/// Without what was on its way when an earlier statement failed: the server refused it, and psql never sent it.
fn unpiped(ours: &[Request], psqls: &[Request]) -> Vec<Request> {
    let refused = |request: &Request| request.errors == ["25P02"];
    if psqls.iter().any(refused) {
        return ours.to_vec();
    }
    ours.iter().filter(|request| !refused(request)).cloned().collect()
}

/// The data of a COPY that failed are sent until the client learns of it, which is a matter of luck.
fn messages(wire: &[Request]) -> Vec<String> {
    let mut told = Vec::new();
    let mut failed = false;
    for request in wire {
        let data = b"dcf".contains(&request.kind);
        if !data {
            failed = !request.errors.is_empty();
        }
        if !(data && failed) {
            told.push(format!("{} {}", char::from(request.kind), request.body.escape_ascii()));
        }
    }
    told
}

fn sqlstates(wire: &[Request]) -> Vec<String> {
    wire.iter().flat_map(|request| request.errors.clone()).collect()
}
