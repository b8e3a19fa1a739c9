//! The keys of services, networks, volumes, secrets and configs, in tables.

use super::shape::Print::{Always, Filled, Given};
use super::shape::Shape::{
    Bool, Bytes, Count, Duration, Float, Hosts, Int, List, MapOf, Object, Pairs, Test, Text, Texts, Ulimit,
    Variables, Words,
};
use super::shape::{Field, Print, Shape};

const fn field(name: &'static str, shape: Shape, print: Print) -> Field {
    Field { name, shape, print }
}

pub const SERVICE: &[Field] = &[
    field("profiles", Texts, Filled),
    field("annotations", Pairs, Filled),
    field("attach", Bool, Given),
    field("build", Object(BUILD), Given),
    field("develop", Object(&[field("watch", List(&Object(WATCH)), Filled)]), Given),
    field("blkio_config", Object(BLKIO), Given),
    field("cap_add", Texts, Filled),
    field("cap_drop", Texts, Filled),
    field("cgroup_parent", Text, Filled),
    field("cgroup", Text, Filled),
    field("cpu_count", Int, Filled),
    field("cpu_percent", Float, Filled),
    field("cpu_period", Int, Filled),
    field("cpu_quota", Int, Filled),
    field("cpu_rt_period", Int, Filled),
    field("cpu_rt_runtime", Int, Filled),
    field("cpus", Float, Filled),
    field("cpuset", Text, Filled),
    field("cpu_shares", Int, Filled),
    field("command", Words, Always),
    field("configs", List(&Object(FILE_MOUNT)), Filled),
    field("container_name", Text, Filled),
    field("credential_spec", Object(CREDENTIALS), Given),
    field("depends_on", MapOf(&Object(DEPENDENCY)), Filled),
    field("deploy", Object(DEPLOY), Given),
    field("device_cgroup_rules", Texts, Filled),
    field("devices", List(&Object(DEVICE)), Filled),
    field("dns", Texts, Filled),
    field("dns_opt", Texts, Filled),
    field("dns_search", Texts, Filled),
    field("domainname", Text, Filled),
    field("entrypoint", Words, Always),
    field("environment", Variables, Filled),
    field("env_file", List(&Object(ENV_FILE)), Filled),
    field("expose", Texts, Filled),
    field("external_links", Texts, Filled),
    field("extra_hosts", Hosts, Filled),
    field("group_add", Texts, Filled),
    field("gpus", List(&Object(DEVICE_REQUEST)), Filled),
    field("hostname", Text, Filled),
    field("healthcheck", Object(HEALTHCHECK), Given),
    field("image", Text, Filled),
    field("init", Bool, Given),
    field("ipc", Text, Filled),
    field("isolation", Text, Filled),
    field("labels", Pairs, Filled),
    field("label_file", Texts, Filled),
    field("links", Texts, Filled),
    field("logging", Object(LOGGING), Given),
    field("mem_limit", Bytes, Filled),
    field("mem_reservation", Bytes, Filled),
    field("memswap_limit", Bytes, Filled),
    field("mem_swappiness", Bytes, Filled),
    field("mac_address", Text, Filled),
    field("network_mode", Text, Filled),
    field("networks", MapOf(&Object(ATTACHMENT)), Filled),
    field("oom_kill_disable", Bool, Filled),
    field("oom_score_adj", Int, Filled),
    field("pid", Text, Filled),
    field("pids_limit", Int, Filled),
    field("platform", Text, Filled),
    field("ports", List(&Object(PORT)), Filled),
    field("privileged", Bool, Filled),
    field("pull_policy", Text, Filled),
    field("read_only", Bool, Filled),
    field("restart", Text, Filled),
    field("runtime", Text, Filled),
    field("scale", Int, Given),
    field("secrets", List(&Object(FILE_MOUNT)), Filled),
    field("security_opt", Texts, Filled),
    field("shm_size", Bytes, Filled),
    field("stdin_open", Bool, Filled),
    field("stop_grace_period", Duration, Given),
    field("stop_signal", Text, Filled),
    field("storage_opt", Pairs, Filled),
    field("sysctls", Pairs, Filled),
    field("tmpfs", Texts, Filled),
    field("tty", Bool, Filled),
    field("ulimits", MapOf(&Ulimit), Filled),
    field("user", Text, Filled),
    field("userns_mode", Text, Filled),
    field("uts", Text, Filled),
    field("volumes", List(&Object(MOUNT)), Filled),
    field("volumes_from", Texts, Filled),
    field("working_dir", Text, Filled),
    field("post_start", List(&Object(HOOK)), Filled),
    field("pre_stop", List(&Object(HOOK)), Filled),
];

const BUILD: &[Field] = &[
    field("context", Text, Filled),
    field("dockerfile", Text, Filled),
    field("dockerfile_inline", Text, Filled),
    field("entitlements", Texts, Filled),
    field("args", Variables, Filled),
    field("ssh", Pairs, Filled),
    field("labels", Pairs, Filled),
    field("cache_from", Texts, Filled),
    field("cache_to", Texts, Filled),
    field("no_cache", Bool, Filled),
    field("additional_contexts", Pairs, Filled),
    field("pull", Bool, Filled),
    field("extra_hosts", Hosts, Filled),
    field("isolation", Text, Filled),
    field("network", Text, Filled),
    field("target", Text, Filled),
    field("secrets", List(&Object(FILE_MOUNT)), Filled),
    field("shm_size", Bytes, Filled),
    field("tags", Texts, Filled),
    field("ulimits", MapOf(&Ulimit), Filled),
    field("platforms", Texts, Filled),
    field("privileged", Bool, Filled),
];

const WATCH: &[Field] = &[
    field("path", Text, Always),
    field("action", Text, Always),
    field("target", Text, Filled),
    // Compose prints an empty hook here.
    field("exec", Object(HOOK), Always),
    field("ignore", Texts, Filled),
];

const HOOK: &[Field] = &[
    field("command", Words, Always),
    field("user", Text, Filled),
    field("privileged", Bool, Filled),
    field("working_dir", Text, Filled),
    field("environment", Variables, Filled),
];

const BLKIO: &[Field] = &[field("weight", Int, Filled)];

const CREDENTIALS: &[Field] =
    &[field("config", Text, Filled), field("file", Text, Filled), field("registry", Text, Filled)];

/// A secret or config as a service uses it.
const FILE_MOUNT: &[Field] = &[
    field("source", Text, Filled),
    field("target", Text, Filled),
    field("uid", Text, Filled),
    field("gid", Text, Filled),
    field("mode", Int, Given),
];

const DEPENDENCY: &[Field] =
    &[field("condition", Text, Filled), field("restart", Bool, Filled), field("required", Bool, Always)];

const DEVICE: &[Field] =
    &[field("source", Text, Filled), field("target", Text, Filled), field("permissions", Text, Filled)];

const ENV_FILE: &[Field] =
    &[field("path", Text, Filled), field("required", Bool, Always), field("format", Text, Filled)];

const DEVICE_REQUEST: &[Field] = &[
    field("capabilities", Texts, Filled),
    field("driver", Text, Filled),
    field("count", Count, Filled),
    field("device_ids", Texts, Filled),
    field("options", Pairs, Filled),
];

const HEALTHCHECK: &[Field] = &[
    field("test", Test, Filled),
    field("timeout", Duration, Given),
    field("interval", Duration, Given),
    field("retries", Int, Given),
    field("start_period", Duration, Given),
    field("start_interval", Duration, Given),
    field("disable", Bool, Filled),
];

const LOGGING: &[Field] = &[field("driver", Text, Filled), field("options", Pairs, Filled)];

const ATTACHMENT: &[Field] = &[
    field("priority", Int, Filled),
    field("gw_priority", Int, Filled),
    field("aliases", Texts, Filled),
    field("ipv4_address", Text, Filled),
    field("ipv6_address", Text, Filled),
    field("link_local_ips", Texts, Filled),
    field("mac_address", Text, Filled),
    field("driver_opts", Pairs, Filled),
];

const PORT: &[Field] = &[
    field("name", Text, Filled),
    field("mode", Text, Filled),
    field("host_ip", Text, Filled),
    field("target", Int, Filled),
    field("published", Text, Filled),
    field("protocol", Text, Filled),
    field("app_protocol", Text, Filled),
];

const MOUNT: &[Field] = &[
    field("type", Text, Filled),
    field("source", Text, Filled),
    field("target", Text, Filled),
    field("read_only", Bool, Filled),
    field("consistency", Text, Filled),
    field("bind", Object(BIND), Given),
    field("volume", Object(&[field("nocopy", Bool, Filled), field("subpath", Text, Filled)]), Given),
    field("tmpfs", Object(&[field("size", Bytes, Filled), field("mode", Int, Filled)]), Given),
];

const BIND: &[Field] = &[
    field("selinux", Text, Filled),
    field("propagation", Text, Filled),
    field("create_host_path", Bool, Filled),
    field("recursive", Text, Filled),
];

const DEPLOY: &[Field] = &[
    field("mode", Text, Filled),
    field("replicas", Int, Given),
    field("labels", Pairs, Filled),
    field("update_config", Object(UPDATE), Given),
    field("rollback_config", Object(UPDATE), Given),
    field("resources", Object(RESOURCES), Always),
    field("restart_policy", Object(RESTART), Given),
    field("placement", Object(PLACEMENT), Always),
    field("endpoint_mode", Text, Filled),
];

const UPDATE: &[Field] = &[
    field("parallelism", Int, Given),
    field("delay", Duration, Filled),
    field("failure_action", Text, Filled),
    field("monitor", Duration, Filled),
    field("max_failure_ratio", Float, Filled),
    field("order", Text, Filled),
];

const RESOURCES: &[Field] =
    &[field("limits", Object(RESOURCE), Given), field("reservations", Object(RESOURCE), Given)];

const RESOURCE: &[Field] = &[
    field("cpus", Float, Filled),
    field("memory", Bytes, Filled),
    field("pids", Int, Filled),
    field("devices", List(&Object(DEVICE_REQUEST)), Filled),
];

const RESTART: &[Field] = &[
    field("condition", Text, Filled),
    field("delay", Duration, Given),
    field("max_attempts", Int, Given),
    field("window", Duration, Given),
];

const PLACEMENT: &[Field] = &[
    field("constraints", Texts, Filled),
    field("preferences", List(&Object(&[field("spread", Text, Filled)])), Filled),
    field("max_replicas_per_node", Int, Filled),
];

pub const NETWORK: &[Field] = &[
    field("name", Text, Filled),
    field("driver", Text, Filled),
    field("driver_opts", Pairs, Filled),
    field("ipam", Object(IPAM), Always),
    field("external", Bool, Filled),
    field("internal", Bool, Filled),
    field("attachable", Bool, Filled),
    field("labels", Pairs, Filled),
    field("enable_ipv4", Bool, Given),
    field("enable_ipv6", Bool, Given),
];

const IPAM: &[Field] = &[field("driver", Text, Filled), field("config", List(&Object(POOL)), Filled)];

const POOL: &[Field] = &[
    field("subnet", Text, Filled),
    field("gateway", Text, Filled),
    field("ip_range", Text, Filled),
    field("aux_addresses", Pairs, Filled),
];

pub const VOLUME: &[Field] = &[
    field("name", Text, Filled),
    field("driver", Text, Filled),
    field("driver_opts", Pairs, Filled),
    field("external", Bool, Filled),
    field("labels", Pairs, Filled),
];

/// A secret or a config.
pub const FILE: &[Field] = &[
    field("name", Text, Filled),
    field("file", Text, Filled),
    field("environment", Text, Filled),
    field("content", Text, Filled),
    field("external", Bool, Filled),
    field("labels", Pairs, Filled),
    field("driver", Text, Filled),
    field("driver_opts", Pairs, Filled),
    field("template_driver", Text, Filled),
];
