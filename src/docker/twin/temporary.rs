//! The mounts of a twin for checks and diffs: volumes of its own where the service writes, the host's files read-only.

use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType};

use crate::docker::Image;
use crate::docker::container_facts::lies_in;
use crate::docker::initialise::INIT_DIRECTORY;
use crate::docker::likeness::{bind_target, own_volume};

/// Nothing of it is to outlive a crash, so nothing waits for the disk.
const HASTY: [&str; 6] = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"];

const INITDB: &str = "POSTGRES_INITDB_ARGS";
const INITDB_FILE: &str = "POSTGRES_INITDB_ARGS_FILE";

/// Lets the image's own server and its `initdb` not wait for the disk; whatever else is to run stays as it is.
/// What the request does not name is the image's.
pub(super) fn hasten(body: &mut ContainerCreateBody, image: &Image) {
    let command = body.cmd.clone().unwrap_or_else(|| image.command.clone());
    if body.entrypoint.is_some() || command.first().is_none_or(|program| program != "postgres") {
        return;
    }
    body.cmd = Some(command.into_iter().chain(HASTY.map(str::to_owned)).collect());
    let environment = body.env.get_or_insert_default();
    let named = |name: &str| environment.iter().find_map(|entry| entry.strip_prefix(name)?.strip_prefix('='));
    // The image takes the arguments or a file that has them, not both.
    if named(INITDB_FILE).is_some() || image.environment.contains_key(INITDB_FILE) {
        return;
    }
    let known = named(INITDB).or(image.environment.get(INITDB).map(String::as_str)).unwrap_or_default();
    let hasty = format!("{INITDB}={known} --no-sync");
    environment.retain(|entry| !entry.starts_with(&format!("{INITDB}=")));
    environment.push(hasty);
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
        let image = |variables: &[(&str, &str)]| Image {
            command: vec!["postgres".to_owned()],
            environment: variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
            ..Image::default()
        };
        let hastened_in = |body: ContainerCreateBody, variables: &[(&str, &str)]| {
            let mut body = body;
            hasten(&mut body, &image(variables));
            (body.cmd, body.env)
        };
        let hastened = |body| hastened_in(body, &[]);
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
        let (_, env) = hastened_in(of(None, &[]), &[("POSTGRES_INITDB_ARGS", "--locale=C")]);
        assert_eq!(env.unwrap(), ["POSTGRES_INITDB_ARGS=--locale=C --no-sync"]);
        let (_, env) = hastened_in(of(None, &[]), &[("POSTGRES_INITDB_ARGS_FILE", "/run/args")]);
        assert_eq!(env.unwrap(), Vec::<String>::new());
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
