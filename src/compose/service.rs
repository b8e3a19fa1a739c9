//! One service of a compose file, resolved: every path absolute, every variable replaced.
//!
//! No type here is `Debug`: environments and secrets hold passwords.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The Postgres service, with every key that dbctl honours. Fields follow the compose specification.
#[derive(Clone, PartialEq)]
pub struct Service {
    /// The compose project's name.
    pub project: String,
    /// The project directory (compose's `working_dir` label).
    pub project_dir: PathBuf,
    /// The compose files in the order given (compose's `config_files` label).
    pub config_files: Vec<PathBuf>,
    pub name: String,
    pub container_name: Option<String>,
    pub image: Option<String>,
    pub build: Option<Build>,
    pub pull_policy: Option<String>,
    pub platform: Option<String>,
    /// `None` keeps the image's; an empty list clears it.
    pub command: Option<Vec<String>>,
    pub entrypoint: Option<Vec<String>>,
    pub environment: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub mounts: Vec<Mount>,
    pub tmpfs: Vec<String>,
    pub ports: Vec<Port>,
    pub expose: Vec<String>,
    /// The highest priority first: with it the container starts.
    pub networks: Vec<NetworkAttachment>,
    pub network_mode: Option<String>,
    /// In the engine's form, `host:ip`; so are those of `build`.
    pub extra_hosts: Vec<String>,
    pub dns: Vec<String>,
    pub dns_opt: Vec<String>,
    pub dns_search: Vec<String>,
    pub hostname: Option<String>,
    pub domainname: Option<String>,
    pub mac_address: Option<String>,
    pub healthcheck: Option<Healthcheck>,
    pub restart: Option<String>,
    pub user: Option<String>,
    pub group_add: Vec<String>,
    pub working_dir: Option<String>,
    pub stop_signal: Option<String>,
    pub stop_grace_period: Option<Duration>,
    pub shm_size: Option<i64>,
    pub ulimits: BTreeMap<String, Ulimit>,
    pub sysctls: BTreeMap<String, String>,
    pub cap_add: Vec<String>,
    pub cap_drop: Vec<String>,
    /// A seccomp profile stands here as its text.
    pub security_opt: Vec<String>,
    pub privileged: bool,
    pub read_only: bool,
    pub init: Option<bool>,
    pub tty: bool,
    pub stdin_open: bool,
    pub ipc: Option<String>,
    pub pid: Option<String>,
    pub userns_mode: Option<String>,
    pub cgroup: Option<String>,
    pub cgroup_parent: Option<String>,
    pub runtime: Option<String>,
    pub devices: Vec<String>,
    pub oom_kill_disable: bool,
    pub oom_score_adj: Option<i64>,
    pub resources: Resources,
    pub logging: Option<Logging>,
    /// Services named in `depends_on`: only the label is written, they are never started.
    pub depends_on: Vec<Dependency>,
    /// The named volumes that the mounts use.
    pub volumes: BTreeMap<String, VolumeDefinition>,
    /// The networks that the service joins.
    pub network_definitions: BTreeMap<String, NetworkDefinition>,
}

#[derive(Clone, PartialEq, Default)]
pub struct Build {
    pub context: PathBuf,
    /// Absolute; may lie outside the context.
    pub dockerfile: PathBuf,
    pub dockerfile_inline: Option<String>,
    pub args: BTreeMap<String, String>,
    pub target: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub cache_from: Vec<String>,
    pub tags: Vec<String>,
    pub network: Option<String>,
    pub shm_size: Option<i64>,
    pub extra_hosts: Vec<String>,
    pub platforms: Vec<String>,
    pub no_cache: bool,
    pub pull: bool,
}

/// A bind mount, a volume or a tmpfs, from `volumes`, `secrets` or `configs`.
#[derive(Clone, PartialEq)]
pub struct Mount {
    pub target: String,
    pub read_only: bool,
    pub source: MountSource,
}

#[derive(Clone, PartialEq)]
pub enum MountSource {
    Bind {
        path: PathBuf,
        create_host_path: bool,
        propagation: Option<String>,
        /// `z` or `Z`.
        selinux: Option<String>,
    },
    /// `key` is the name in the compose file's `volumes`.
    Volume {
        key: String,
        nocopy: bool,
        subpath: Option<String>,
    },
    Anonymous {
        nocopy: bool,
    },
    Tmpfs {
        size: Option<i64>,
        mode: Option<u32>,
    },
    /// A secret's or config's text (`environment:` or `content:`): copied into the container, not mounted.
    Content {
        text: crate::secret::Secret,
        uid: Option<String>,
        gid: Option<String>,
        mode: Option<u32>,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Port {
    pub target: u16,
    pub protocol: String,
    pub host_ip: Option<String>,
    /// A number, a range, or none for an ephemeral one.
    pub published: Option<String>,
}

#[derive(Clone, PartialEq, Default)]
pub struct NetworkAttachment {
    pub key: String,
    pub aliases: Vec<String>,
    pub ipv4_address: Option<String>,
    pub ipv6_address: Option<String>,
    pub link_local_ips: Vec<String>,
    pub mac_address: Option<String>,
    pub driver_opts: BTreeMap<String, String>,
    pub priority: i64,
}

#[derive(Clone, PartialEq)]
pub struct NetworkDefinition {
    /// The engine's name (`project_key` unless named).
    pub name: String,
    pub external: bool,
    pub driver: Option<String>,
    pub driver_opts: BTreeMap<String, String>,
    pub internal: bool,
    pub attachable: bool,
    pub enable_ipv6: Option<bool>,
    pub labels: BTreeMap<String, String>,
    pub ipam: Option<Ipam>,
}

#[derive(Clone, PartialEq, Default)]
pub struct Ipam {
    pub driver: Option<String>,
    pub config: Vec<IpamPool>,
    pub options: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Default)]
pub struct IpamPool {
    pub subnet: Option<String>,
    pub ip_range: Option<String>,
    pub gateway: Option<String>,
    pub aux_addresses: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq)]
pub struct VolumeDefinition {
    /// The engine's name (`project_key` unless named).
    pub name: String,
    pub external: bool,
    pub driver: Option<String>,
    pub driver_opts: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Default)]
pub struct Healthcheck {
    /// `["NONE"]` when disabled; empty inherits the image's.
    pub test: Vec<String>,
    pub interval: Option<Duration>,
    pub timeout: Option<Duration>,
    pub retries: Option<i64>,
    pub start_period: Option<Duration>,
    pub start_interval: Option<Duration>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ulimit {
    pub soft: i64,
    pub hard: i64,
}

/// `deploy.resources.limits` and `reservations`, and the older `mem_limit`, `cpus`, … keys.
#[derive(Clone, PartialEq, Default)]
pub struct Resources {
    /// Bytes.
    pub memory: Option<i64>,
    pub memory_reservation: Option<i64>,
    pub memory_swap: Option<i64>,
    pub memory_swappiness: Option<i64>,
    /// Billionths of a CPU.
    pub nano_cpus: Option<i64>,
    pub cpu_shares: Option<i64>,
    pub cpu_quota: Option<i64>,
    pub cpu_period: Option<i64>,
    pub cpuset: Option<String>,
    pub pids: Option<i64>,
}

#[derive(Clone, PartialEq, Default)]
pub struct Logging {
    pub driver: Option<String>,
    pub options: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dependency {
    pub service: String,
    /// `service_started`, `service_healthy`, `service_completed_successfully`.
    pub condition: String,
    pub restart: bool,
}
