//! The service's mounts in the engine's words: short binds where compose uses them, else long mounts.

use std::collections::HashMap;
use std::path::Path;

use bollard::models::{
    HostConfig, Mount, MountBindOptions, MountTmpfsOptions, MountType, MountVolumeOptions,
};

use crate::compose::service::{self, MountSource, Service};
use crate::docker::volume;

/// An anonymous volume that another container of the service had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::docker) struct Carried {
    pub volume: String,
    pub target: String,
}

/// The binds (whose host directories the engine makes) and the mounts.
pub(super) fn of(service: &Service) -> (Vec<String>, Vec<Mount>) {
    let mut binds = Vec::new();
    let mut mounts = Vec::new();
    for mount in &service.mounts {
        match bind(mount) {
            Some(bind) => binds.push(bind),
            None => mounts.extend(long(service, mount)),
        }
    }
    (binds, mounts)
}

/// Targets at which the engine makes a volume of its own.
pub(super) fn anonymous(service: &Service) -> Vec<String> {
    let is_plain = |mount: &&service::Mount| is_plain_anonymous(mount);
    service.mounts.iter().filter(is_plain).map(|mount| mount.target.clone()).collect()
}

fn is_plain_anonymous(mount: &service::Mount) -> bool {
    matches!(mount.source, MountSource::Anonymous { nocopy: false }) && !mount.read_only
}

pub(super) fn tmpfs(service: &Service) -> Option<HashMap<String, String>> {
    let split = |entry: &String| {
        let (path, options) = entry.split_once(':').unwrap_or((entry, ""));
        (path.to_owned(), options.to_owned())
    };
    (!service.tmpfs.is_empty()).then(|| service.tmpfs.iter().map(split).collect())
}

/// The short form, in which the engine makes a missing host directory; it cannot hold a path with a colon.
fn bind(mount: &service::Mount) -> Option<String> {
    let MountSource::Bind { path, create_host_path: true, propagation, selinux } = &mount.source else {
        return None;
    };
    let path = path.to_str().filter(|path| !path.contains(':'))?;
    let access = if mount.read_only { "ro" } else { "rw" };
    let options = [Some(access), selinux.as_deref(), propagation.as_deref()];
    let options = options.into_iter().flatten().collect::<Vec<_>>().join(",");
    Some(format!("{path}:{}:{options}", mount.target))
}

fn long(service: &Service, mount: &service::Mount) -> Option<Mount> {
    let base =
        Mount { target: Some(mount.target.clone()), read_only: Some(mount.read_only), ..Mount::default() };
    Some(match &mount.source {
        MountSource::Bind { path, propagation, create_host_path, .. } => {
            bound(base, path, propagation.as_deref(), *create_host_path)
        }
        MountSource::Volume { key, nocopy, subpath } => Mount {
            typ: Some(MountType::VOLUME),
            source: Some(volume::definition(service, key).name),
            volume_options: (*nocopy || subpath.is_some()).then(|| MountVolumeOptions {
                no_copy: Some(*nocopy),
                subpath: subpath.clone(),
                ..MountVolumeOptions::default()
            }),
            ..base
        },
        MountSource::Anonymous { nocopy } if !is_plain_anonymous(mount) => Mount {
            typ: Some(MountType::VOLUME),
            volume_options: Some(MountVolumeOptions {
                no_copy: Some(*nocopy),
                ..MountVolumeOptions::default()
            }),
            ..base
        },
        MountSource::Tmpfs { size, mode } => Mount {
            typ: Some(MountType::TMPFS),
            tmpfs_options: Some(MountTmpfsOptions {
                size_bytes: *size,
                mode: mode.map(i64::from),
                ..MountTmpfsOptions::default()
            }),
            ..base
        },
        MountSource::Anonymous { .. } | MountSource::Content { .. } => return None,
    })
}

fn bound(base: Mount, path: &Path, propagation: Option<&str>, create: bool) -> Mount {
    let propagation = propagation.and_then(|propagation| propagation.parse().ok());
    Mount {
        typ: Some(MountType::BIND),
        source: Some(path.display().to_string()),
        bind_options: (create || propagation.is_some()).then(|| MountBindOptions {
            propagation,
            create_mountpoint: create.then_some(true),
            ..MountBindOptions::default()
        }),
        ..base
    }
}

/// Replaces volumes that the engine would make by those that are there already.
pub(super) fn carry_over(host: &mut HostConfig, volumes: &mut Option<Vec<String>>, carried: &[Carried]) {
    for Carried { volume, target } in carried {
        if let Some(targets) = volumes {
            targets.retain(|anonymous| anonymous != target);
        }
        let long = host.mounts.iter_mut().flatten().find(|mount| mount.target.as_ref() == Some(target));
        match long {
            Some(mount) => mount.source = Some(volume.clone()),
            None => host.binds.get_or_insert_default().push(format!("{volume}:{target}:rw")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{MountSource, bind, service};

    fn bound(path: &str) -> service::Mount {
        let source = MountSource::Bind {
            path: PathBuf::from(path),
            create_host_path: true,
            propagation: None,
            selinux: Some("z".to_owned()),
        };
        service::Mount { target: "/init".to_owned(), read_only: true, source }
    }

    #[test]
    fn a_bind_with_its_options_takes_the_short_form() {
        assert_eq!(bind(&bound("/home/me/init")).as_deref(), Some("/home/me/init:/init:ro,z"));
    }

    #[test]
    fn a_path_with_a_colon_takes_the_long_form() {
        assert_eq!(bind(&bound("/home/me/a:b")), None);
    }
}
