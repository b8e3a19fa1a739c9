//! Credentials for private registries, from the Docker CLI's configuration and its helpers.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bollard::BollardRequest;
use bollard::auth::DockerCredentials;
use serde::Deserialize;

use crate::docker::context::read_json;

/// Docker Hub's name in the CLI's configuration.
const HUB: &str = "https://index.docker.io/v1/";

/// What is known about signing in to one registry. Not `Debug`: it holds the password.
#[derive(Default)]
pub(in crate::docker) struct Login {
    pub credentials: Option<DockerCredentials>,
    /// Why there are none although the configuration promises some; told when a pull is then denied.
    pub trouble: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Config {
    #[serde(default)]
    auths: BTreeMap<String, Auth>,
    #[serde(default)]
    creds_store: String,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
struct Auth {
    #[serde(default)]
    auth: String,
    #[serde(default)]
    identitytoken: String,
}

/// A helper's answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// The name under which the configuration keeps the registry of `image`.
pub(in crate::docker) fn registry_of(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host == "localhost" || host.contains(['.', ':']) => match host {
            "docker.io" | "index.docker.io" => HUB,
            host => host,
        },
        _ => HUB,
    }
}

/// The login for `registry`; a broken configuration is trouble, never an error: most images are public.
pub(in crate::docker) fn login(config_dir: Option<&Path>, registry: &str) -> Login {
    let Some(config_dir) = config_dir else { return Login::default() };
    let config: Config = match read_json(&config_dir.join("config.json")) {
        Ok(config) => config.unwrap_or_default(),
        Err(error) => return Login { credentials: None, trouble: Some(error.to_string()) },
    };
    let default_helper = Some(&config.creds_store).filter(|helper| !helper.is_empty());
    if let Some(helper) = config.cred_helpers.get(registry).or(default_helper) {
        let login = ask_helper(helper, registry);
        if login.credentials.is_some() || login.trouble.is_some() {
            return login;
        }
    }
    Login { credentials: config.written_down(registry), trouble: None }
}

/// The logins for a build that starts from `images`, by registry.
pub(in crate::docker) fn logins<'a>(
    config_dir: Option<&Path>,
    images: impl IntoIterator<Item = &'a String>,
) -> HashMap<String, DockerCredentials> {
    let registries: std::collections::BTreeSet<&str> =
        images.into_iter().map(|image| registry_of(image)).collect();
    let found = registries.into_iter().filter_map(|registry| {
        let credentials = login(config_dir, registry).credentials?;
        Some((registry.to_owned(), credentials))
    });
    found.collect()
}

impl Config {
    /// The credentials within the file itself, where `docker login` had no keychain to use.
    fn written_down(&self, registry: &str) -> Option<DockerCredentials> {
        let same_host = |key: &&String| host_of(key) == host_of(registry);
        let key = self.auths.keys().find(|key| *key == registry);
        let auth = &self.auths[key.or_else(|| self.auths.keys().find(same_host))?];
        if !auth.identitytoken.is_empty() {
            return Some(DockerCredentials {
                identitytoken: Some(auth.identitytoken.clone()),
                serveraddress: Some(registry.to_owned()),
                ..DockerCredentials::default()
            });
        }
        let decoded = String::from_utf8(BASE64_STANDARD.decode(&auth.auth).ok()?).ok()?;
        let (user, password) = decoded.split_once(':')?;
        Some(with_password(registry, user, password.trim_end_matches('\0')))
    }
}

fn with_password(registry: &str, user: &str, password: &str) -> DockerCredentials {
    DockerCredentials {
        username: Some(user.to_owned()),
        password: Some(password.to_owned()),
        serveraddress: Some(registry.to_owned()),
        ..DockerCredentials::default()
    }
}

/// Older CLIs wrote whole URLs where newer ones write the host.
fn host_of(key: &str) -> &str {
    let key = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    key.split('/').next().unwrap_or(key)
}

/// Runs `docker-credential-NAME get`, the CLI's protocol: the registry on stdin, JSON on stdout.
fn ask_helper(name: &str, registry: &str) -> Login {
    let program = format!("docker-credential-{name}");
    let trouble = |cause: String| Login {
        credentials: None,
        trouble: Some(format!("the credential helper `{program}` gave nothing: {cause}")),
    };
    let output = match helper_output(&program, registry) {
        Ok(output) => output,
        Err(error) => return trouble(error.to_string()),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        // The helpers' fixed words for a registry that nobody signed in to.
        let unknown = said.contains("credentials not found");
        return if unknown { Login::default() } else { trouble(said.trim().to_owned()) };
    }
    match serde_json::from_slice::<Answer>(&output.stdout) {
        Ok(answer) => Login { credentials: Some(answer.credentials(registry)), trouble: None },
        Err(_) => trouble("its answer is not JSON".to_owned()),
    }
}

fn helper_output(program: &str, registry: &str) -> std::io::Result<std::process::Output> {
    let mut helper = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = helper.stdin.take() {
        // A helper that ends before it has read all says so with its status.
        let _ = writeln!(stdin, "{registry}");
    }
    helper.wait_with_output()
}

impl Answer {
    /// The user `<token>` marks a token in place of a password.
    fn credentials(&self, registry: &str) -> DockerCredentials {
        if self.username != "<token>" {
            return with_password(registry, &self.username, &self.secret);
        }
        DockerCredentials {
            identitytoken: Some(self.secret.clone()),
            serveraddress: Some(registry.to_owned()),
            ..DockerCredentials::default()
        }
    }
}

/// The engine reads credentials as URL-safe base64; bollard writes the standard alphabet.
pub(in crate::docker) fn with_url_safe_credentials(mut request: BollardRequest) -> BollardRequest {
    for name in ["x-registry-auth", "x-registry-config"] {
        let Some(value) = request.headers_mut().get_mut(name) else { continue };
        let safe = value.to_str().map(|text| text.replace('+', "-").replace('/', "_"));
        if let Some(safe) = safe.ok().and_then(|text| text.parse().ok()) {
            *value = safe;
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn config(text: &str) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("config.json"), text).unwrap();
        directory
    }

    fn user_and_password(login: Login) -> Option<(String, String)> {
        let credentials = login.credentials?;
        Some((credentials.username?, credentials.password?))
    }

    #[test]
    fn an_images_registry_is_the_part_that_looks_like_a_host() {
        for (image, registry) in [
            ("postgres:15", HUB),
            ("library/postgres", HUB),
            ("docker.io/library/postgres", HUB),
            ("ghcr.io/a/b:1", "ghcr.io"),
            ("localhost/a", "localhost"),
            ("reg:5000/a@sha256:0", "reg:5000"),
        ] {
            assert_eq!(registry_of(image), registry, "{image}");
        }
    }

    #[test]
    fn a_login_written_down_in_the_file_is_found_under_its_host() {
        let auth = BASE64_STANDARD.encode("ada:p:w");
        let directory = config(&format!(r#"{{"auths":{{"https://reg.io/v1/":{{"auth":"{auth}"}}}}}}"#));
        let login = login(Some(directory.path()), "reg.io");
        assert_eq!(user_and_password(login), Some(("ada".to_owned(), "p:w".to_owned())));
    }

    #[test]
    fn an_unknown_registry_has_no_login_and_no_trouble() {
        let directory = config(r#"{"auths":{"reg.io":{"auth":"YTpi"}}}"#);
        let login = login(Some(directory.path()), "other.io");
        assert!(login.credentials.is_none() && login.trouble.is_none());
    }

    #[test]
    fn a_missing_helper_is_trouble_not_an_error() {
        let directory = config(r#"{"credsStore":"t-engine-none"}"#);
        let trouble = login(Some(directory.path()), "reg.io").trouble.unwrap();
        assert!(
            trouble.starts_with("the credential helper `docker-credential-t-engine-none` gave"),
            "{trouble}"
        );
    }

    #[test]
    fn a_helpers_token_is_told_from_a_password() {
        let token = Answer { username: "<token>".to_owned(), secret: "t".to_owned() };
        assert_eq!(token.credentials("reg.io").identitytoken.as_deref(), Some("t"));
        let password = Answer { username: "ada".to_owned(), secret: "p".to_owned() };
        assert_eq!(password.credentials("reg.io").password.as_deref(), Some("p"));
    }
}
