//! Who logs in where, from the service's environment as the image's entrypoint reads it.

use std::collections::BTreeMap;
use std::fs;

use super::{LoginOverrides, ProjectError};
use crate::compose::service::{MountSource, Service};
use crate::secret::Secret;
use crate::session::Login;

/// The login that the entrypoint would have made: the service's environment over the image's, `_FILE` forms
/// included, the user's own word over both.
pub fn login(
    service: &Service,
    image_environment: &BTreeMap<String, String>,
    overrides: &LoginOverrides,
) -> Result<Login, ProjectError> {
    let find = |name: &str| value(service, image_environment, name);
    let user = match &overrides.user {
        Some(user) => user.clone(),
        None => find("POSTGRES_USER")?.map_or_else(|| "postgres".to_owned(), |user| user.reveal().to_owned()),
    };
    let database = match &overrides.database {
        Some(database) => database.clone(),
        None => find("POSTGRES_DB")?.map_or_else(|| user.clone(), |name| name.reveal().to_owned()),
    };
    let password = match &overrides.password {
        Some(password) => Some(password.clone()),
        None => find("POSTGRES_PASSWORD")?,
    };
    Ok(Login { user, password, database, application_name: "dbctl".to_owned(), options: Vec::new() })
}

/// The entrypoint's `file_env`: the variable, or the first line's text of the file that `NAME_FILE` names.
fn value(
    service: &Service,
    image_environment: &BTreeMap<String, String>,
    name: &str,
) -> Result<Option<Secret>, ProjectError> {
    let set = |name: &str| {
        let found = service.environment.get(name).or_else(|| image_environment.get(name));
        found.filter(|value| !value.is_empty())
    };
    match (set(name), set(&format!("{name}_FILE"))) {
        (Some(_), Some(_)) => {
            Err(ProjectError::BothForms { name: name.to_owned(), service: service.name.clone() })
        }
        (Some(value), None) => Ok(Some(Secret::new(value.clone()))),
        (None, Some(path)) => file_content(service, name, path).map(Some),
        (None, None) => Ok(None),
    }
}

/// The content of a file of the container, found where the service mounts it from.
fn file_content(service: &Service, name: &str, path: &str) -> Result<Secret, ProjectError> {
    let not_found = || ProjectError::SecretNotFound {
        name: name.to_owned(),
        service: service.name.clone(),
        path: path.to_owned(),
    };
    let below = |target: &str| {
        let rest = path.strip_prefix(target.trim_end_matches('/'))?;
        (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/').to_owned())
    };
    let mounted = service.mounts.iter().find_map(|mount| Some((below(&mount.target)?, &mount.source)));
    let text = match mounted {
        Some((_, MountSource::Content { text, .. })) => text.reveal().to_owned(),
        Some((rest, MountSource::Bind { path: source, .. })) => {
            let source = if rest.is_empty() { source.clone() } else { source.join(rest) };
            fs::read_to_string(&source)
                .map_err(|error| ProjectError::Unreadable { path: source, source: error })?
        }
        _ => return Err(not_found()),
    };
    // The entrypoint reads it with `$(< file)`, which drops the line ends at the end.
    Ok(Secret::new(text.trim_end_matches('\n')))
}
