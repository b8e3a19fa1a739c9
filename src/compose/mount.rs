//! What a container sees of the outside: volumes, secrets and configs.

use super::Compose;
use super::defaults::CONTENT;
use super::error::ComposeError;
use super::honour::Keys;
use super::node::Node;
use super::service::{Mount, MountSource};
use crate::secret::Secret;

/// The mounts of a service, in the order volumes, secrets, configs.
pub fn all(compose: &Compose, keys: &mut Keys<'_>) -> Result<Vec<Mount>, ComposeError> {
    let mut mounts = Vec::new();
    for volume in keys.list("volumes") {
        mounts.push(mount(volume)?);
    }
    for kind in [SECRET, CONFIG] {
        for file in keys.list(kind.section) {
            mounts.push(file_mount(compose, file, &kind)?);
        }
    }
    Ok(mounts)
}

fn mount(mut keys: Keys<'_>) -> Result<Mount, ComposeError> {
    let kind = keys.text("type").unwrap_or_default();
    let target = keys.text("target");
    let source = keys.text("source");
    let read_only = keys.flag("read_only").unwrap_or_default();
    let source = match (kind.as_str(), source) {
        ("bind", Some(path)) => bind(&mut keys, path)?,
        ("volume", key) => volume(&mut keys, key)?,
        ("tmpfs", None) => tmpfs(&mut keys)?,
        _ => return Err(keys.refuse(&format!("type: {kind}"))),
    };
    let target = target.ok_or_else(|| keys.undefined("volumes", "the target of", &kind))?;
    // It only ever meant something to Docker Desktop, where it is ignored by now.
    keys.ignore(&["consistency"]);
    keys.finish().map(|()| Mount { target, read_only, source })
}

fn bind(keys: &mut Keys<'_>, path: String) -> Result<MountSource, ComposeError> {
    let mut options = keys.inner("bind");
    // A folder that is missing is made unless the file says no: the specification's default. The canonical
    // form leaves `false` out, so the file itself is asked.
    let refused = keys.is_false("bind", "create_host_path");
    let mut take = |key: &str| options.as_mut().and_then(|options| options.text(key));
    let source = MountSource::Bind {
        path: path.into(),
        create_host_path: !refused,
        propagation: take("propagation"),
        selinux: take("selinux"),
    };
    if let Some(mut options) = options {
        options.ignore(&["create_host_path"]);
        options.finish()?;
    }
    Ok(source)
}

fn volume(keys: &mut Keys<'_>, key: Option<String>) -> Result<MountSource, ComposeError> {
    let mut options = keys.inner("volume");
    let nocopy = options.as_mut().and_then(|options| options.flag("nocopy")).unwrap_or_default();
    let subpath = options.as_mut().and_then(|options| options.text("subpath"));
    options.map_or(Ok(()), Keys::finish)?;
    match (key, subpath) {
        (Some(key), subpath) => Ok(MountSource::Volume { key, nocopy, subpath }),
        (None, None) => Ok(MountSource::Anonymous { nocopy }),
        (None, Some(_)) => Err(keys.refuse("volume.subpath")),
    }
}

fn tmpfs(keys: &mut Keys<'_>) -> Result<MountSource, ComposeError> {
    let mut options = keys.inner("tmpfs");
    let size = options.as_mut().and_then(|options| options.bytes("size"));
    let mode = options.as_mut().and_then(|options| options.int("mode"));
    options.map_or(Ok(()), Keys::finish)?;
    Ok(MountSource::Tmpfs { size, mode: mode.and_then(|mode| u32::try_from(mode).ok()) })
}

/// Secrets and configs differ in where they appear.
struct Kind {
    name: &'static str,
    section: &'static str,
    /// Where a source without target, or with a relative one, appears.
    folder: &'static str,
}

const SECRET: Kind = Kind { name: "secret", section: "secrets", folder: "/run/secrets/" };
const CONFIG: Kind = Kind { name: "config", section: "configs", folder: "/" };

fn file_mount(compose: &Compose, mut keys: Keys<'_>, kind: &Kind) -> Result<Mount, ComposeError> {
    let name = keys.text("source").unwrap_or_default();
    let target = keys.text("target").unwrap_or_else(|| name.clone());
    let target = if target.starts_with('/') { target } else { format!("{}{target}", kind.folder) };
    let definition = compose.resource(kind.section, &name);
    let definition = definition.ok_or_else(|| keys.undefined("source", kind.name, &name))?;
    let source = match definition.get("file").and_then(Node::printed) {
        Some(path) => {
            // Compose ignores these for files too: a bind mount has the owner and mode of its file.
            keys.ignore(&["uid", "gid", "mode"]);
            let path = path.into();
            MountSource::Bind { path, create_host_path: false, propagation: None, selinux: None }
        }
        None => content(&mut keys, definition, kind, &name)?,
    };
    keys.finish().map(|()| Mount { target, read_only: true, source })
}

fn content(
    keys: &mut Keys<'_>,
    definition: &Node,
    kind: &Kind,
    name: &str,
) -> Result<MountSource, ComposeError> {
    let place = definition.place.clone();
    let text = definition.get(CONTENT).or_else(|| definition.get("content")).and_then(Node::printed);
    let variable = definition.get("environment").and_then(Node::printed);
    let Some(text) = text else {
        let (kind, name) = (kind.name, name.to_owned());
        return Err(match variable {
            Some(variable) => ComposeError::ContentUnset { place, kind, name, variable },
            None => ComposeError::ExternalContent { place, kind, name },
        });
    };
    Ok(MountSource::Content {
        text: Secret::new(text),
        uid: keys.text("uid"),
        gid: keys.text("gid"),
        mode: keys.int("mode").and_then(|mode| u32::try_from(mode).ok()),
    })
}
