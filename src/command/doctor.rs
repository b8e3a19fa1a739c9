//! `dbctl doctor`: what was found, where it came from, and what is wrong.

use serde_json::json;

use super::{Context, Result};
use crate::docker::{ContainerFacts, Engine, State};
use crate::error::Exit;
use crate::ledger::Ledger;
use crate::project::{Finding, Project, Target, finding};
use crate::report::table;
use crate::server::ServerError;

pub fn doctor(context: &mut Context) -> Result<Exit> {
    let mut diagnosis = Diagnosis::default();
    match Project::discover(&context.surroundings, context.cli.settings()) {
        Ok(project) => examine(context, &project, &mut diagnosis),
        Err(error) => diagnosis.problems.push(error.to_string()),
    }
    let rows = diagnosis
        .findings
        .iter()
        .map(|found| vec![found.what.to_owned(), found.value.clone(), found.source.clone()]);
    let problems: Vec<String> =
        diagnosis.problems.iter().map(|problem| format!("\nproblem: {problem}\n")).collect();
    let verdict = if diagnosis.problems.is_empty() { "\nnothing is wrong" } else { "" };
    let json = json!({
        "findings": diagnosis.findings.iter()
            .map(|found| json!({"what": found.what, "value": found.value, "source": found.source}))
            .collect::<Vec<_>>(),
        "problems": diagnosis.problems,
    });
    context.show(table::of(&["what", "value", "from"], rows) + &problems.concat() + verdict, json)?;
    Ok(if diagnosis.problems.is_empty() { Exit::Done } else { Exit::Findings })
}

#[derive(Default)]
struct Diagnosis {
    findings: Vec<Finding>,
    problems: Vec<String>,
}

impl Diagnosis {
    fn found(&mut self, what: &'static str, value: impl ToString, source: impl ToString) {
        self.findings.push(finding(what, value, source));
    }

    /// The value, or the problem noted.
    fn keep<T>(&mut self, result: std::result::Result<T, impl std::error::Error>) -> Option<T> {
        result.map_err(|error| self.problems.push(error.to_string())).ok()
    }
}

/// Each part is looked at even where an earlier one has failed.
fn examine(context: &mut Context, project: &Project, diagnosis: &mut Diagnosis) {
    diagnosis.findings.extend(project.findings.iter().cloned());
    diagnosis.problems.extend(project.warnings.iter().cloned());
    let scripts = context.scripts(project);
    if let Some(init) = diagnosis.keep(scripts) {
        let kind = if init.scripts.is_empty() { "none yet" } else { "read and in order" };
        diagnosis.found("scripts", init.scripts.len(), kind);
    }
    if let Target::Service(service) = &project.target {
        let engine = Engine::connect(&project.connection);
        let Some(engine) = diagnosis.keep(engine) else { return };
        if let Some(about) = diagnosis.keep(engine.describe()) {
            diagnosis.found(
                "engine",
                format!("{} (API {})", about.version, about.api_version),
                about.found_by,
            );
        }
        let observed = engine.observe(service).map_err(ServerError::from);
        let Some(observed) = diagnosis.keep(observed) else { return };
        diagnosis.found(
            "image",
            observed.image.as_ref().map_or("none yet", |image| image.id.as_str()),
            "the engine",
        );
        let container = observed.container.as_ref();
        let state = container.map_or_else(|| "none yet".to_owned(), describe);
        diagnosis.found("container", state, "compose's labels");
        if let Some(State::Exited { code: code @ 1.. }) = container.map(|container| &container.state) {
            let problem =
                format!("the container ended with exit code {code}\nnext: `dbctl logs -n 20` shows why");
            diagnosis.problems.push(problem);
        }
        if !container.is_some_and(ContainerFacts::is_running) {
            return;
        }
    }
    examine_server(context, project, diagnosis);
}

fn describe(container: &ContainerFacts) -> String {
    let state = if container.is_running() { "running" } else { "stopped" };
    format!("{} ({state})", container.name)
}

fn examine_server(context: &mut Context, project: &Project, diagnosis: &mut Diagnosis) {
    let server = context.running(project);
    let Some(server) = diagnosis.keep(server) else { return };
    let login = &server.login;
    diagnosis.found(
        "login",
        format!("{} in {}", login.user, login.database),
        "the service's environment or the URL",
    );
    diagnosis.found("endpoint", &server.endpoint.address, "the first way that works");
    if let Some(session) = diagnosis.keep(server.session()) {
        diagnosis.found("server", session.parameter("server_version").unwrap_or_default(), "the server");
    }
    let ledger = server.database().and_then(|mut database| database.ledger());
    if let Some(ledger) = diagnosis.keep(ledger) {
        let entries = ledger.as_ref().map_or(0, |ledger: &Ledger| ledger.entries().count());
        diagnosis.found("ledger", format!("{entries} scripts"), "schema dbctl");
    }
}
