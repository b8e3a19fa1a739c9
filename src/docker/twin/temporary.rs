//! The mounts of a twin for checks and diffs: volumes of its own where the service writes, the host's files read-only.

use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType};

use crate::docker::container_facts::lies_in;
use crate::docker::initialise::INIT_DIRECTORY;
use crate::docker::likeness::{bind_target, own_volume};

/// Nothing of it is to outlive a crash, so nothing waits for the disk.
const HASTY: [&str; 6] = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"];

/// Lets the image's own server and its `initdb` not wait for the disk; whatever else is to run stays as it is.
/// `command` is what runs where the request names nothing.
pub(super) fn hasten(body: &mut ContainerCreateBody, command: &[String]) {
    let command = body.cmd.clone().unwrap_or_else(|| command.to_vec());
    if body.entrypoint.is_some() || command.first().is_none_or(|program| program != "postgres") {
        return;
    }
    body.cmd = Some(command.into_iter().chain(HASTY.map(str::to_owned)).collect());
    let environment = body.env.get_or_insert_default();
    let known = environment.iter_mut().find(|entry| entry.starts_with("POSTGRES_INITDB_ARGS="));
    match known {
        Some(entry) => entry.push_str(" --no-sync"),
        None => environment.push("POSTGRES_INITDB_ARGS=--no-sync".to_owned()),
    }
}

/// Paths of which the twin must have its own: data directory, write-ahead log, sockets.
pub(super) struct Private(pub Vec<String>);

impl Private {
    /// Changes a request for the service's container into one that writes nothing of the service's.
    /// `has_volume` says whether the engine has a volume of that name: one that is missing must not be made.
    pub fn apply(&self, body: &mut ContainerCreateBody, has_volume: impl Fn(&str) -> bool) {
        let host = body.host_config.get_or_insert_default();
        let mut mounts: Vec<Mount> = Vec::new();
        for mount in host.mounts.take().unwrap_or_default() {
            mounts.push(self.long(mount, &has_volume));
        }
        let (kept, replaced): (Vec<String>, Vec<String>) =
            host.binds.take().unwrap_or_default().into_iter().partition(|bind| !self.is_in_short(bind));
        mounts.extend(replaced.iter().filter_map(|bind| bind_target(bind)).map(own_volume));
        host.binds = Some(kept.iter().map(|bind| read_only(bind)).collect());
        mounts.extend(self.instead_of_tmpfs(host));
        host.mounts = Some(mounts);
    }

    fn long(&self, mount: Mount, has_volume: impl Fn(&str) -> bool) -> Mount {
        let target = mount.target.clone().unwrap_or_default();
        if lies_in(&target, INIT_DIRECTORY) {
            return Mount { read_only: Some(true), ..mount };
        }
        let is_the_services = match mount.typ {
            Some(MountType::VOLUME) => {
                mount.read_only != Some(true) || !mount.source.as_deref().is_some_and(has_volume)
            }
            _ => self.holds(&target),
        };
        match mount.typ {
            _ if is_the_services => own_volume(&target),
            Some(MountType::BIND) => Mount { read_only: Some(true), ..mount },
            _ => mount,
        }
    }

    fn holds(&self, target: &str) -> bool {
        self.0.iter().any(|path| lies_in(path, target))
    }

    fn is_in_short(&self, bind: &str) -> bool {
        bind_target(bind).is_some_and(|target| !lies_in(target, INIT_DIRECTORY) && self.holds(target))
    }

    /// Data that goes when its container stops is of no use here.
    fn instead_of_tmpfs(&self, host: &mut HostConfig) -> Vec<Mount> {
        let Some(tmpfs) = &mut host.tmpfs else { return Vec::new() };
        let targets: Vec<String> = tmpfs.keys().filter(|target| self.holds(target)).cloned().collect();
        tmpfs.retain(|target, _| !targets.contains(target));
        targets.iter().map(|target| own_volume(target)).collect()
    }
}

fn read_only(bind: &str) -> String {
    let mut parts = bind.splitn(3, ':');
    let (source, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let options = parts.next().unwrap_or_default().split(',');
    let others = options.filter(|option| !matches!(*option, "rw" | "ro" | ""));
    let options: Vec<&str> = std::iter::once("ro").chain(others).collect();
    format!("{source}:{target}:{}", options.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_images_own_server_is_hastened() {
        let hastened = |body: ContainerCreateBody| {
            let mut body = body;
            hasten(&mut body, &["postgres".to_owned()]);
            (body.cmd, body.env)
        };
        let command = |text: &str| Some(text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let of = |cmd, env: &[&str]| ContainerCreateBody {
            cmd,
            env: Some(env.iter().map(|&entry| entry.to_owned()).collect()),
            ..ContainerCreateBody::default()
        };
        let (cmd, env) = hastened(of(command("postgres -c a=b"), &["POSTGRES_INITDB_ARGS=-k"]));
        assert_eq!(cmd.unwrap().join(" "), format!("postgres -c a=b {}", HASTY.join(" ")));
        assert_eq!(env.unwrap(), ["POSTGRES_INITDB_ARGS=-k --no-sync"]);
        let (cmd, env) = hastened(of(None, &[]));
        assert_eq!((cmd.unwrap().len(), env.unwrap().len()), (7, 1));
        assert_eq!(
            hastened(of(command("sh -c postgres"), &[])),
            (command("sh -c postgres"), Some(Vec::new()))
        );
        let entered = ContainerCreateBody { entrypoint: Some(vec!["x".to_owned()]), ..of(None, &[]) };
        assert_eq!(hastened(entered), (None, Some(Vec::new())));
    }

    fn applied(binds: &[&str], mounts: Vec<Mount>) -> HostConfig {
        let host = HostConfig {
            binds: Some(binds.iter().map(|&bind| bind.to_owned()).collect()),
            mounts: Some(mounts),
            tmpfs: Some([("/tmp".to_owned(), String::new())].into()),
            ..HostConfig::default()
        };
        let mut body = ContainerCreateBody { host_config: Some(host), ..ContainerCreateBody::default() };
        let private = Private(vec!["/data/pg".to_owned(), "/var/run/postgresql".to_owned()]);
        private.apply(&mut body, |name| name == "seeds");
        body.host_config.unwrap()
    }

    fn volume(source: &str, target: &str, read_only: bool) -> Mount {
        Mount { source: Some(source.to_owned()), read_only: Some(read_only), ..own_volume(target) }
    }

    #[test]
    fn what_the_host_has_is_there_but_read_only() {
        let host = applied(&["/home/init:/docker-entrypoint-initdb.d:rw,z", "/home/a:/a"], Vec::new());
        assert_eq!(host.binds.unwrap(), ["/home/init:/docker-entrypoint-initdb.d:ro,z", "/home/a:/a:ro"]);
    }

    #[test]
    fn data_and_sockets_are_its_own_wherever_the_service_has_them() {
        let host = applied(&["/home/data:/data:rw"], vec![volume("sockets", "/var/run/postgresql", false)]);
        assert_eq!(host.binds.unwrap(), [""; 0]);
        let mounts = host.mounts.unwrap();
        assert_eq!(mounts, [own_volume("/var/run/postgresql"), own_volume("/data")]);
    }

    #[test]
    fn a_volume_that_the_service_only_reads_is_read_by_the_twin_too_if_it_is_there() {
        let mounts = vec![volume("seeds", "/seeds", true), volume("gone", "/gone", true)];
        let mounts = applied(&[], mounts).mounts.unwrap();
        assert_eq!(mounts, [volume("seeds", "/seeds", true), own_volume("/gone")]);
    }
}
