//! The labels by which compose and dbctl know what belongs to a service.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::compose::service::{Dependency, Service};
use crate::docker::ContainerFacts;

pub const PROJECT: &str = "com.docker.compose.project";
pub const SERVICE: &str = "com.docker.compose.service";
pub const NUMBER: &str = "com.docker.compose.container-number";
pub const ONE_OFF: &str = "com.docker.compose.oneoff";
pub const CONFIG_HASH: &str = "com.docker.compose.config-hash";
pub const WORKING_DIR: &str = "com.docker.compose.project.working_dir";
pub const CONFIG_FILES: &str = "com.docker.compose.project.config_files";
pub const VERSION: &str = "com.docker.compose.version";
pub const IMAGE: &str = "com.docker.compose.image";
pub const DEPENDS_ON: &str = "com.docker.compose.depends_on";
pub const NETWORK: &str = "com.docker.compose.network";
pub const VOLUME: &str = "com.docker.compose.volume";
/// What the container was made from: see [`fingerprint`].
pub const FINGERPRINT: &str = "dbctl.service";
/// On the container that initialises an empty data directory: `project/service`.
pub const HELPER: &str = "dbctl.helper";
/// On a twin: `project/service/kind`, where the kind is `twin` or `check`.
pub const TWIN: &str = "dbctl.twin";
/// Beside the service's data, and for checks.
pub(in crate::docker) const TWIN_KINDS: [&str; 2] = ["twin", "check"];
/// On twins, and on the containers that move files inside the service's volumes: `project/service`.
pub const PART: &str = "dbctl.part";

/// The compose release whose labels these are.
pub const COMPOSE_VERSION: &str = "2.26.0";

/// The service's container, as compose names it.
#[must_use]
pub fn container_name(service: &Service) -> String {
    service.container_name.clone().unwrap_or_else(|| format!("{}-{}-1", service.project, service.name))
}

/// The kind of twin that a container is, if it is one.
pub(in crate::docker) fn twin_kind(container: &ContainerFacts) -> Option<&str> {
    container.labels.get(TWIN).and_then(|value| value.rsplit('/').next())
}

/// The value of [`PART`].
pub(in crate::docker) fn part(service: &Service) -> String {
    format!("{}/{}", service.project, service.name)
}

/// The filters that find the service's twins and movers.
pub(in crate::docker) fn part_filters(service: &Service) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("{PART}={}", part(service))])])
}

/// The filters that find the service's container.
pub(in crate::docker) fn container_filters(service: &Service) -> HashMap<String, Vec<String>> {
    let labels =
        [(PROJECT, service.project.as_str()), (SERVICE, &service.name), (NUMBER, "1"), (ONE_OFF, "False")];
    HashMap::from([("label".to_owned(), labels.map(|(key, value)| format!("{key}={value}")).to_vec())])
}

/// Every label of the service's container, except the two that say what it was made from.
pub(in crate::docker) fn container_labels(service: &Service, image_id: &str) -> HashMap<String, String> {
    let own = [
        (PROJECT, service.project.clone()),
        (SERVICE, service.name.clone()),
        (NUMBER, "1".to_owned()),
        (ONE_OFF, "False".to_owned()),
        (WORKING_DIR, service.project_dir.display().to_string()),
        (CONFIG_FILES, joined(service.config_files.iter().map(|file| file.display().to_string()))),
        (VERSION, COMPOSE_VERSION.to_owned()),
        (IMAGE, image_id.to_owned()),
        (DEPENDS_ON, joined(service.depends_on.iter().map(dependency))),
    ];
    let mut labels: HashMap<String, String> =
        service.labels.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    labels.extend(own.map(|(key, value)| (key.to_owned(), value)));
    labels
}

fn dependency(dependency: &Dependency) -> String {
    format!("{}:{}:{}", dependency.service, dependency.condition, dependency.restart)
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

/// A digest of everything that decides what a container is; two containers with the same one are
/// interchangeable.
pub(in crate::docker) fn fingerprint(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part.as_bytes());
    }
    let mut text = String::with_capacity(64);
    for byte in digest.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Compose's own hash of the service, which only its plugin can compute; none where it is not installed.
pub(in crate::docker) fn compose_hash(service: &Service, config_dir: Option<&Path>) -> Option<String> {
    let output = compose(service, config_dir)
        .args(["config", "--hash", &service.name])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut words = text.split_whitespace();
    (output.status.success() && words.next()? == service.name).then(|| words.next().map(str::to_owned))?
}

fn compose(service: &Service, config_dir: Option<&Path>) -> Command {
    let mut command = Command::new("docker");
    if let Some(directory) = config_dir {
        command.env("DOCKER_CONFIG", directory);
    }
    command
        .args(["compose", "--project-name", &service.project, "--project-directory"])
        .arg(&service.project_dir);
    for file in &service.config_files {
        command.arg("--file").arg::<&Path>(file);
    }
    command
}
