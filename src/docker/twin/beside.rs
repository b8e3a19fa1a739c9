//! The mounts of a twin that is built beside the service's data: every path leads to a folder of the twin's own,
//! in the same volume, so that the service's files are out of its reach, and its own are found under their names.

use bollard::models::{HostConfig, Mount, MountPoint, MountType, MountVolumeOptions};

use crate::docker::container_facts::lies_in;
use crate::docker::initialise::INIT_DIRECTORY;
use crate::docker::likeness::{bind_target, own_volume};
use crate::docker::server_files::ServerFiles;
use crate::docker::twin::{NEW_FOLDER, TwinError};

/// A mount of the service's of which the twin sees its own folder only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Apart {
    pub target: String,
    /// A volume gets the image's files where it is mounted for the first time; a directory of the host does not.
    pub is_volume: bool,
}

/// What decides how a mount appears in the twin.
pub(super) struct Place<'a> {
    pub files: &'a ServerFiles,
    /// Directories with unix sockets, which programs must not find a second server in.
    pub sockets: &'a [String],
    /// The engine can mount a part of a volume (API 1.45).
    pub subpaths: bool,
}

impl Place<'_> {
    /// Changes `host` from the service's mounts to the twin's, and says which lie apart.
    pub fn apply(&self, host: &mut HostConfig, mounted: &[MountPoint]) -> Result<Vec<Apart>, TwinError> {
        let mut apart = Vec::new();
        for mount in mounted {
            let Some(target) = mount.destination.as_deref() else { continue };
            let is_volume = mount.typ.as_deref() == Some("volume");
            if !is_volume && mount.typ.as_deref() != Some("bind") || lies_in(target, INIT_DIRECTORY) {
                continue;
            }
            self.refuse_inside_the_data(target)?;
            let placed = if mount.rw == Some(false) {
                continue;
            } else if self.sockets.iter().any(|directory| lies_in(directory, target)) {
                Placed::Mount(own_volume(target))
            } else if is_volume || self.holds_files(target) {
                apart.push(Apart { target: target.to_owned(), is_volume });
                self.folder_of(host, mount, target)
            } else {
                continue;
            };
            replace(host, target, placed);
        }
        Ok(apart)
    }

    fn holds_files(&self, target: &str) -> bool {
        std::iter::once(&self.files.data).chain(self.files.outside()).any(|path| lies_in(path, target))
    }

    /// What is mounted inside the data directory cannot be renamed with it.
    fn refuse_inside_the_data(&self, target: &str) -> Result<(), TwinError> {
        let data = &self.files.data;
        if lies_in(target, data) && !lies_in(data, target) {
            return Err(TwinError::MountInside { target: target.to_owned(), data: data.clone() });
        }
        Ok(())
    }

    fn folder_of(&self, host: &HostConfig, mount: &MountPoint, target: &str) -> Placed {
        let requested = host.mounts.iter().flatten().find(|long| long.target.as_deref() == Some(target));
        let volume = mount.name.clone().filter(|_| mount.typ.as_deref() == Some("volume"));
        let subpath = requested.and_then(|long| long.volume_options.as_ref()?.subpath.clone());
        if let (Some(name), true) = (volume, self.subpaths) {
            let subpath = subpath.map_or_else(|| NEW_FOLDER.to_owned(), |above| below(&above));
            return Placed::Mount(part_of_volume(target, name, subpath));
        }
        let short = host.binds.iter().flatten().find(|bind| bind_target(bind) == Some(target));
        if let (Some(short), Some("bind")) = (short, mount.typ.as_deref()) {
            let (source, rest) = short.split_once(':').unwrap_or((short, ""));
            return Placed::Bind(format!("{}:{rest}", below(source)));
        }
        let source = requested.filter(|_| mount.typ.as_deref() == Some("bind"));
        let source = source.and_then(|long| long.source.clone()).or_else(|| mount.source.clone());
        Placed::Mount(Mount {
            typ: Some(MountType::BIND),
            source: source.map(|source| below(&source)),
            target: Some(target.to_owned()),
            ..Mount::default()
        })
    }
}

enum Placed {
    Mount(Mount),
    Bind(String),
}

fn replace(host: &mut HostConfig, target: &str, placed: Placed) {
    let (binds, mounts) = (host.binds.get_or_insert_default(), host.mounts.get_or_insert_default());
    binds.retain(|bind| bind_target(bind) != Some(target));
    mounts.retain(|mount| mount.target.as_deref() != Some(target));
    match placed {
        Placed::Mount(mount) => mounts.push(mount),
        Placed::Bind(bind) => binds.push(bind),
    }
}

fn below(source: &str) -> String {
    format!("{}/{NEW_FOLDER}", source.trim_end_matches('/'))
}

fn part_of_volume(target: &str, name: String, subpath: String) -> Mount {
    Mount {
        source: Some(name),
        volume_options: Some(MountVolumeOptions {
            no_copy: Some(true),
            subpath: Some(subpath),
            ..MountVolumeOptions::default()
        }),
        ..own_volume(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounted(kind: &str, name: Option<&str>, source: &str, target: &str, rw: bool) -> MountPoint {
        MountPoint {
            typ: Some(kind.to_owned()),
            name: name.map(str::to_owned),
            source: Some(source.to_owned()),
            destination: Some(target.to_owned()),
            rw: Some(rw),
            ..MountPoint::default()
        }
    }

    fn files() -> ServerFiles {
        ServerFiles { data: "/data".to_owned(), write_ahead_log: None, tablespaces: vec!["/ts/a".to_owned()] }
    }

    fn apply(subpaths: bool, host: &mut HostConfig, mounts: &[MountPoint]) -> Result<Vec<Apart>, TwinError> {
        let sockets = ["/var/run/postgresql".to_owned()];
        Place { files: &files(), sockets: &sockets, subpaths }.apply(host, mounts)
    }

    fn sources(host: &HostConfig) -> Vec<String> {
        let long = host.mounts.iter().flatten().map(|mount| {
            let subpath = mount.volume_options.as_ref().and_then(|options| options.subpath.clone());
            let parts = [mount.source.clone(), subpath, mount.target.clone()];
            parts.map(Option::unwrap_or_default).join("|")
        });
        host.binds.iter().flatten().cloned().chain(long).collect()
    }

    #[test]
    fn a_volume_is_replaced_by_a_folder_in_it() {
        let volume = [mounted("volume", Some("p_data"), "/v/p_data/_data", "/data", true)];
        let mut host =
            HostConfig { binds: Some(vec!["p_data:/data:rw".to_owned()]), ..HostConfig::default() };
        let apart = apply(false, &mut host, &volume).unwrap();
        assert_eq!(apart, [Apart { target: "/data".to_owned(), is_volume: true }]);
        assert_eq!(sources(&host), ["/v/p_data/_data/dbctl/new||/data"]);
        apply(true, &mut host, &volume).unwrap();
        assert_eq!(sources(&host), ["p_data|dbctl/new|/data"]);
    }

    #[test]
    fn a_directory_of_the_host_lies_apart_only_where_files_of_the_server_are_in_it() {
        let mounts = [
            mounted("bind", None, "/home/ts", "/ts", true),
            mounted("bind", None, "/home/seed", "/seed", true),
            mounted("bind", None, "/home/init", "/docker-entrypoint-initdb.d", true),
        ];
        let binds = ["/home/ts:/ts:rw,z", "/home/seed:/seed", "/home/init:/docker-entrypoint-initdb.d"];
        let mut host = HostConfig { binds: Some(binds.map(str::to_owned).to_vec()), ..HostConfig::default() };
        let apart = apply(true, &mut host, &mounts).unwrap();
        assert_eq!(apart, [Apart { target: "/ts".to_owned(), is_volume: false }]);
        let expected =
            ["/home/seed:/seed", "/home/init:/docker-entrypoint-initdb.d", "/home/ts/dbctl/new:/ts:rw,z"];
        assert_eq!(sources(&host), expected);
    }

    #[test]
    fn programs_find_no_second_server_among_their_sockets() {
        let sockets = [mounted("volume", Some("sockets"), "/v/sockets", "/var/run/postgresql", true)];
        let mut host = HostConfig::default();
        assert_eq!(apply(true, &mut host, &sockets).unwrap(), []);
        assert_eq!(sources(&host), ["||/var/run/postgresql"]);
    }

    #[test]
    fn a_mount_inside_the_data_directory_is_refused() {
        let inside = [mounted("volume", Some("w"), "/v/w", "/data/pg_wal", true)];
        let refused = apply(true, &mut HostConfig::default(), &inside).unwrap_err().to_string();
        assert!(refused.contains("/data/pg_wal"), "{refused}");
    }
}
