//! Two runs of a case side by side.

use super::client::{Client, PROGRESS};
use super::proxy::Request;
use super::stage::Traces;

/// In what two runs can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// The program's exit code; of the session as a library, whether it succeeded.
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

impl Aspect {
    const ALL: [Self; 8] = [
        Self::Success,
        Self::Stdout,
        Self::Stderr,
        Self::Wire,
        Self::Errors,
        Self::Dump,
        Self::Around,
        Self::Files,
    ];

    /// As `Debug` writes it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|aspect| format!("{aspect:?}") == name)
    }
}

/// A difference and the first place where it shows: psql's side, then dbctl's.
#[derive(Debug)]
pub struct Difference {
    pub aspect: Aspect,
    pub psqls: String,
    pub ours: String,
}

pub fn compare(psql: &Traces, ours: &Traces, client: Client, recorded: bool) -> Vec<Difference> {
    let psql_err = lines(&psql.stderr);
    let our_err = lines(&ours.stderr);
    // What psql says behind our last word is then its report of the error.
    let returned = client.returns_errors() && ours.code != Some(0);
    let shown = if returned { &psql_err[..our_err.len().min(psql_err.len())] } else { psql_err.as_slice() };
    let mut found = vec![
        success(psql, ours, client),
        unequal(Aspect::Stdout, &lines(&psql.stdout), &lines(&ours.stdout)),
        unequal(Aspect::Stderr, shown, &our_err),
        unequal(Aspect::Dump, &lines(psql.dump.as_bytes()), &lines(ours.dump.as_bytes())),
        unequal(Aspect::Around, &psql.around, &ours.around),
        unequal(Aspect::Files, &files(psql), &files(ours)),
    ];
    if recorded {
        let mut wires = [psql.wire.clone(), unpiped(&ours.wire, &psql.wire)];
        found.push(unequal(Aspect::Errors, &sqlstates(&wires[0]), &sqlstates(&wires[1])));
        if client == Client::Autocommit {
            for wire in &mut wires {
                wire.retain(|request| !is_bookkeeping(request));
            }
        }
        let [theirs, ours] = wires;
        found.push(unequal(Aspect::Wire, &messages(&theirs), &messages(&ours)));
    }
    found.into_iter().flatten().collect()
}

fn success(psql: &Traces, ours: &Traces, client: Client) -> Option<Difference> {
    let told = |traces: &Traces| format!("exit code {:?} {}", traces.code, traces.failure);
    let difference = Difference { aspect: Aspect::Success, psqls: told(psql), ours: told(ours) };
    let is_same = if client.is_library() {
        (psql.code == Some(0)) == (ours.code == Some(0))
    } else {
        psql.code == ours.code
    };
    (!is_same).then_some(difference)
}

fn unequal(aspect: Aspect, psqls: &[String], ours: &[String]) -> Option<Difference> {
    let at = (0..psqls.len().max(ours.len())).find(|at| psqls.get(*at) != ours.get(*at))?;
    let side =
        |lines: &[String]| lines.get(at).map_or("(nothing)", String::as_str).chars().take(300).collect();
    Some(Difference { aspect, psqls: side(psqls), ours: side(ours) })
}

/// Lines with what no two runs share taken out, the line ends kept.
fn lines(text: &[u8]) -> Vec<String> {
    text.split_inclusive(|byte| *byte == b'\n')
        .map(|line| redacted(&line.escape_ascii().to_string()))
        .collect()
}

fn redacted(line: &str) -> String {
    for word in [" PID ", "Time: ", "lo_import ", "lo_unlink ", "(started "] {
        if let Some((before, after)) = line.split_once(word) {
            let end = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
            return format!("{before}{word}…{}", &after[end..]);
        }
    }
    line.to_owned()
}

fn files(traces: &Traces) -> Vec<String> {
    let one = |(path, text): (&std::path::PathBuf, &Vec<u8>)| {
        format!("{}: {}", path.display(), lines(text).concat())
    };
    traces.files.iter().map(one).collect()
}

/// Without what was on its way when an earlier statement failed: the server refused it or never saw it, and psql
/// never sent it.
fn unpiped(ours: &[Request], psqls: &[Request]) -> Vec<Request> {
    let refused = |request: &Request| request.errors == ["25P02"];
    let unseen = |request: &Request| request.kind == b'Q' && !request.answered && request.errors.is_empty();
    let psql_too = psqls.iter().any(refused);
    ours.iter().filter(|request| !unseen(request) && (psql_too || !refused(request))).cloned().collect()
}

/// The runner's own statements. Its BEGIN and COMMIT carry no semicolon; psql's own look the same.
fn is_bookkeeping(request: &Request) -> bool {
    let text = request.body.strip_suffix(b"\0").unwrap_or(&request.body);
    ["BEGIN", "COMMIT", "ROLLBACK", PROGRESS].iter().any(|sql| text == sql.as_bytes())
}

fn messages(wire: &[Request]) -> Vec<String> {
    let mut told = Vec::new();
    let mut failed = false;
    for request in wire {
        let data = b"dcf".contains(&request.kind);
        if !data {
            failed = !request.errors.is_empty();
        }
        // The data of a COPY that failed are sent until the client learns of it, which is a matter of luck. A
        // goodbye may be too late to be heard.
        let unsure = (data && failed) || request.kind == b'X';
        if !unsure {
            let text = request.body.escape_ascii().to_string();
            told.push(format!("{} {}", char::from(request.kind), without_object_ids(&text)));
        }
    }
    told
}

/// Quoted numbers of objects differ from one database to the next.
fn without_object_ids(text: &str) -> String {
    let is_id = |part: &str| part.len() >= 5 && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<_> = text.split("\\'").map(|part| if is_id(part) { "…" } else { part }).collect();
    parts.join("\\'")
}

fn sqlstates(wire: &[Request]) -> Vec<String> {
    wire.iter().flat_map(|request| request.errors.clone()).collect()
}
