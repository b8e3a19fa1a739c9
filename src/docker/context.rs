//! The Docker CLI's contexts: named engines, kept below its configuration directory.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Where a context says its engine is.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::docker) struct Context {
    pub host: String,
    /// The directory with `ca.pem`, `cert.pem` and `key.pem`, where the context has one.
    pub tls: Option<PathBuf>,
}

/// Why a context cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    #[error("there is no Docker context `{name}`; known: {}\nnext: `docker context ls`", listed(.known))]
    Unknown { name: String, known: Vec<String> },
    #[error("the Docker context `{name}` has no Docker endpoint\nnext: `docker context inspect {name}`")]
    NoEndpoint { name: String },
    #[error(
        "the Docker context `{name}` skips the verification of its server's certificate, which dbctl does not do\n\
         next: `docker context update {name} --docker host=…,ca=…`"
    )]
    SkipsVerification { name: String },
    #[error("`{}` cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("`{}` is not what the Docker CLI writes: {source}", path.display())]
    Malformed { path: PathBuf, source: serde_json::Error },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Meta {
    name: String,
    #[serde(default)]
    endpoints: BTreeMap<String, Endpoint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Endpoint {
    #[serde(default)]
    host: String,
    #[serde(default, rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

/// The context that `docker context use` chose; none for the default one.
pub(in crate::docker) fn current(config_dir: &Path) -> Result<Option<String>, ContextError> {
    #[derive(Deserialize, Default)]
    struct Config {
        #[serde(default, rename = "currentContext")]
        current_context: String,
    }
    let path = config_dir.join("config.json");
    let config: Config = read_json(&path)?.unwrap_or_default();
    Ok(Some(config.current_context).filter(|name| !name.is_empty()))
}

/// Reads the context `name` from the CLI's store.
pub(in crate::docker) fn load(config_dir: &Path, name: &str) -> Result<Context, ContextError> {
    let id = store_id(name);
    let path = config_dir.join("contexts/meta").join(&id).join("meta.json");
    let meta: Meta = read_json(&path)?
        .ok_or_else(|| ContextError::Unknown { name: name.to_owned(), known: known(config_dir) })?;
    let endpoint = meta
        .endpoints
        .get("docker")
        .filter(|endpoint| !endpoint.host.is_empty())
        .ok_or_else(|| ContextError::NoEndpoint { name: name.to_owned() })?;
    if endpoint.skip_tls_verify {
        return Err(ContextError::SkipsVerification { name: name.to_owned() });
    }
    let tls = config_dir.join("contexts/tls").join(&id).join("docker");
    Ok(Context { host: endpoint.host.clone(), tls: tls.is_dir().then_some(tls) })
}

/// The store names a context's directory after the sha256 of its name.
fn store_id(name: &str) -> String {
    Sha256::digest(name.as_bytes()).iter().fold(String::new(), |mut id, byte| {
        let _ = write!(id, "{byte:02x}");
        id
    })
}

fn known(config_dir: &Path) -> Vec<String> {
    let directories = fs::read_dir(config_dir.join("contexts/meta")).into_iter().flatten().flatten();
    let mut names: Vec<String> = directories
        .filter_map(|directory| read_json::<Meta>(&directory.path().join("meta.json")).ok().flatten())
        .map(|meta| meta.name)
        .chain(["default".to_owned()])
        .collect();
    names.sort();
    names
}

fn listed(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// None where the file does not exist.
pub(in crate::docker) fn read_json<T: for<'de> Deserialize<'de>>(
    path: &Path,
) -> Result<Option<T>, ContextError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(ContextError::Unreadable { path: path.to_owned(), source }),
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|source| ContextError::Malformed { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(name: &str, endpoint: &str) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        let meta = directory.path().join("contexts/meta").join(store_id(name));
        fs::create_dir_all(&meta).unwrap();
        let text = format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{endpoint}}}"#);
        fs::write(meta.join("meta.json"), text).unwrap();
        directory
    }

    #[test]
    fn a_context_is_found_by_the_hash_of_its_name() {
        assert_eq!(
            store_id("desktop-linux"),
            "fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e"
        );
        let store = store("lab", r#"{"docker":{"Host":"tcp://lab:2376","SkipTLSVerify":false}}"#);
        let context = load(store.path(), "lab").unwrap();
        assert_eq!(context, Context { host: "tcp://lab:2376".to_owned(), tls: None });
    }

    #[test]
    fn its_certificates_lie_beside_it() {
        let store = store("lab", r#"{"docker":{"Host":"tcp://lab:2376"}}"#);
        let tls = store.path().join("contexts/tls").join(store_id("lab")).join("docker");
        fs::create_dir_all(&tls).unwrap();
        assert_eq!(load(store.path(), "lab").unwrap().tls, Some(tls));
    }

    #[test]
    fn an_unknown_context_is_an_error_that_lists_the_known_ones() {
        let store = store("lab", r#"{"docker":{"Host":"tcp://lab:2376"}}"#);
        let error = load(store.path(), "lap").unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no Docker context `lap`; known: `default`, `lab`\nnext: `docker context ls`"
        );
    }

    #[test]
    fn a_context_for_kubernetes_only_has_no_endpoint() {
        let store = store("kube", r#"{"kubernetes":{"Host":"https://kube"}}"#);
        assert!(matches!(load(store.path(), "kube"), Err(ContextError::NoEndpoint { .. })));
    }

    #[test]
    fn an_unverified_server_is_refused() {
        let store = store("lab", r#"{"docker":{"Host":"tcp://lab:2376","SkipTLSVerify":true}}"#);
        assert!(matches!(load(store.path(), "lab"), Err(ContextError::SkipsVerification { .. })));
    }

    #[test]
    fn without_a_configuration_the_default_context_is_current() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(current(directory.path()).unwrap(), None);
        fs::write(directory.path().join("config.json"), r#"{"currentContext":"lab"}"#).unwrap();
        assert_eq!(current(directory.path()).unwrap().as_deref(), Some("lab"));
    }
}
