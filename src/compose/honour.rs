//! From the canonical form to the typed service: a key that dbctl does not honour is an error.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value as JsonValue;

use super::error::{ComposeError, Place};
use super::node::Node;
use super::service::{Build, Dependency, Healthcheck, Logging, NetworkAttachment, Port, Service, Ulimit};
use super::{Compose, Object, canonical, mount, resource, units};

/// Keys that change nothing about the container that dbctl makes.
const HARMLESS: [&str; 3] = ["attach", "develop", "profiles"];

/// A canonical object whose keys are taken one by one; what is left in the end is not honoured.
pub struct Keys<'n> {
    /// The service, for errors.
    service: &'n str,
    /// Where the object stands below the service: `build`, `deploy.resources`.
    path: String,
    node: Option<&'n Node>,
    place: Place,
    object: Object,
}

impl<'n> Keys<'n> {
    pub fn new(service: &'n str, node: &'n Node, object: Object) -> Self {
        Self { service, path: String::new(), node: Some(node), place: node.place.clone(), object }
    }

    fn take(&mut self, key: &str) -> Option<JsonValue> {
        self.object.remove(key).filter(|value| !value.is_null())
    }

    pub fn text(&mut self, key: &str) -> Option<String> {
        match self.take(key)? {
            JsonValue::String(text) => Some(text),
            other => Some(other.to_string()),
        }
    }

    pub fn flag(&mut self, key: &str) -> Option<bool> {
        self.take(key)?.as_bool()
    }

    pub fn int(&mut self, key: &str) -> Option<i64> {
        self.take(key)?.as_i64()
    }

    pub fn number(&mut self, key: &str) -> Option<f64> {
        self.take(key)?.as_f64()
    }

    pub fn bytes(&mut self, key: &str) -> Option<i64> {
        self.text(key)?.parse().ok()
    }

    pub fn duration(&mut self, key: &str) -> Option<Duration> {
        units::duration(&self.text(key)?)
    }

    pub fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        let JsonValue::Array(items) = self.take(key)? else { return None };
        Some(items.into_iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
    }

    /// A mapping of texts; keys without a value are left out.
    pub fn pairs(&mut self, key: &str) -> BTreeMap<String, String> {
        let Some(JsonValue::Object(map)) = self.take(key) else { return BTreeMap::new() };
        map.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
    }

    /// The object under a key.
    pub fn inner(&mut self, key: &str) -> Option<Keys<'n>> {
        let JsonValue::Object(object) = self.take(key)? else { return None };
        Some(self.below(key, self.node.and_then(|node| node.get(key)), object))
    }

    /// The objects of a list.
    pub fn list(&mut self, key: &str) -> Vec<Keys<'n>> {
        let Some(JsonValue::Array(items)) = self.take(key) else { return Vec::new() };
        let nodes = self.node.and_then(|node| node.get(key)).and_then(Node::list).unwrap_or_default();
        let objects = items.into_iter().enumerate().filter_map(|(at, item)| match item {
            JsonValue::Object(object) => Some(self.below(key, nodes.get(at), object)),
            _ => None,
        });
        objects.collect()
    }

    /// The objects of a mapping, empty ones for keys without a value.
    pub fn map(&mut self, key: &str) -> Vec<(String, Keys<'n>)> {
        let Some(JsonValue::Object(map)) = self.take(key) else { return Vec::new() };
        let node = self.node.and_then(|node| node.get(key));
        let entry = |(name, value): (String, JsonValue)| {
            let object = if let JsonValue::Object(object) = value { object } else { Object::new() };
            let keys = self.below(&format!("{key}.{name}"), node.and_then(|node| node.get(&name)), object);
            (name, keys)
        };
        map.into_iter().map(entry).collect()
    }

    fn below(&self, key: &str, node: Option<&'n Node>, object: Object) -> Keys<'n> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        let place = node.map_or_else(|| self.place.clone(), |node| node.place.clone());
        Keys { service: self.service, path, node, place, object }
    }

    /// The keys of a volume or network that the service uses.
    pub fn of_resource(&self, path: String, node: &'n Node, object: Object) -> Keys<'n> {
        Keys { service: self.service, path, node: Some(node), place: node.place.clone(), object }
    }

    /// Whether the file itself says `false` at `key.inner`.
    pub fn is_false(&self, key: &str, inner: &str) -> bool {
        let node = self.node.and_then(|node| node.get(key)).and_then(|node| node.get(inner));
        node.and_then(Node::printed).is_some_and(|flag| matches!(flag.as_str(), "false" | "no" | "off"))
    }

    pub fn ignore(&mut self, keys: &[&str]) {
        for key in keys {
            self.object.remove(*key);
        }
    }

    /// The end: a key that nobody took is not honoured.
    pub fn finish(self) -> Result<(), ComposeError> {
        let left = self.object.iter().find(|(_, value)| !is_nothing(value)).map(|(key, _)| key.clone());
        left.map_or(Ok(()), |key| Err(self.refuse(&key)))
    }

    pub fn place(&self, key: &str) -> Place {
        self.node.and_then(|node| node.get(key)).map_or_else(|| self.place.clone(), |node| node.place.clone())
    }

    /// The error that a key, or its value (`scale: 2`), is not honoured.
    pub fn refuse(&self, key: &str) -> ComposeError {
        let name = key.split(':').next().unwrap_or(key);
        let key = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        ComposeError::NotHonoured { place: self.place(name), service: self.service.to_owned(), key }
    }

    /// The error that `kind` `name`, which `key` uses, is not defined.
    pub fn undefined(&self, key: &str, kind: &'static str, name: &str) -> ComposeError {
        ComposeError::Undefined { place: self.place(key), kind, name: name.to_owned() }
    }
}

fn is_nothing(value: &JsonValue) -> bool {
    match value {
        JsonValue::Null => true,
        JsonValue::Object(map) => map.values().all(is_nothing),
        JsonValue::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The service `name`, with every key honoured or an error.
pub fn service(compose: &Compose, name: &str) -> Result<Service, ComposeError> {
    let object = canonical::service(compose, name)?;
    let Some(node) = compose.resource("services", name) else {
        return Err(ComposeError::NoService { name: name.to_owned(), known: Vec::new() });
    };
    let mut keys = Keys::new(name, node, object);
    let service = read(compose, name, &mut keys)?;
    keys.ignore(&HARMLESS);
    keys.finish()?;
    if service.image.is_none() && service.build.is_none() {
        return Err(ComposeError::NoImage { place: node.place.clone(), service: name.to_owned() });
    }
    Ok(service)
}

fn read(compose: &Compose, name: &str, keys: &mut Keys<'_>) -> Result<Service, ComposeError> {
    let deployed = resource::deploy(keys)?;
    let mounts = mount::all(compose, keys)?;
    let networks = networks(keys)?;
    let network_mode = keys.text("network_mode");
    if network_mode.is_some() && !networks.is_empty() {
        let place = keys.place("network_mode");
        let service = name.to_owned();
        return Err(ComposeError::Exclusive { place, service, one: "network_mode", other: "networks" });
    }
    Ok(Service {
        project: compose.name.clone(),
        project_dir: compose.working_dir.clone(),
        config_files: compose.files.clone(),
        name: name.to_owned(),
        container_name: keys.text("container_name"),
        image: keys.text("image"),
        build: keys.inner("build").map(build).transpose()?,
        pull_policy: keys.text("pull_policy"),
        platform: keys.text("platform"),
        command: keys.texts("command"),
        entrypoint: keys.texts("entrypoint"),
        environment: keys.pairs("environment"),
        labels: keys.pairs("labels"),
        annotations: keys.pairs("annotations"),
        volumes: resource::volumes(compose, keys, &mounts)?,
        mounts,
        tmpfs: keys.texts("tmpfs").unwrap_or_default(),
        ports: ports(keys)?,
        expose: keys.texts("expose").unwrap_or_default(),
        network_definitions: resource::networks(compose, keys, &networks)?,
        networks,
        network_mode,
        extra_hosts: hosts(keys),
        dns: keys.texts("dns").unwrap_or_default(),
        dns_opt: keys.texts("dns_opt").unwrap_or_default(),
        dns_search: keys.texts("dns_search").unwrap_or_default(),
        hostname: keys.text("hostname"),
        domainname: keys.text("domainname"),
        mac_address: keys.text("mac_address"),
        healthcheck: keys.inner("healthcheck").map(healthcheck).transpose()?,
        restart: keys.text("restart").or(deployed.restart),
        user: keys.text("user"),
        group_add: keys.texts("group_add").unwrap_or_default(),
        working_dir: keys.text("working_dir"),
        stop_signal: keys.text("stop_signal"),
        stop_grace_period: keys.duration("stop_grace_period"),
        shm_size: keys.bytes("shm_size"),
        ulimits: ulimits(keys),
        sysctls: keys.pairs("sysctls"),
        cap_add: keys.texts("cap_add").unwrap_or_default(),
        cap_drop: keys.texts("cap_drop").unwrap_or_default(),
        security_opt: security(compose, keys)?,
        privileged: keys.flag("privileged").unwrap_or_default(),
        read_only: keys.flag("read_only").unwrap_or_default(),
        init: keys.flag("init"),
        tty: keys.flag("tty").unwrap_or_default(),
        stdin_open: keys.flag("stdin_open").unwrap_or_default(),
        ipc: keys.text("ipc"),
        pid: keys.text("pid"),
        userns_mode: keys.text("userns_mode"),
        cgroup: keys.text("cgroup"),
        cgroup_parent: keys.text("cgroup_parent"),
        runtime: keys.text("runtime"),
        devices: devices(keys)?,
        oom_kill_disable: keys.flag("oom_kill_disable").unwrap_or_default(),
        oom_score_adj: keys.int("oom_score_adj"),
        resources: deployed.resources,
        logging: keys.inner("logging").map(logging).transpose()?,
        depends_on: dependencies(keys)?,
    })
}

fn build(mut keys: Keys<'_>) -> Result<Build, ComposeError> {
    let context = PathBuf::from(keys.text("context").unwrap_or_default());
    let build = Build {
        dockerfile: context.join(keys.text("dockerfile").unwrap_or_default()),
        context,
        dockerfile_inline: keys.text("dockerfile_inline"),
        args: keys.pairs("args"),
        target: keys.text("target"),
        labels: keys.pairs("labels"),
        cache_from: keys.texts("cache_from").unwrap_or_default(),
        tags: keys.texts("tags").unwrap_or_default(),
        network: keys.text("network"),
        shm_size: keys.bytes("shm_size"),
        extra_hosts: hosts(&mut keys),
        platforms: keys.texts("platforms").unwrap_or_default(),
        no_cache: keys.flag("no_cache").unwrap_or_default(),
        pull: keys.flag("pull").unwrap_or_default(),
    };
    // Where a build's cache is stored does not change the image.
    keys.ignore(&["cache_to"]);
    keys.finish().map(|()| build)
}

/// In the engine's form, `host:ip`.
fn hosts(keys: &mut Keys<'_>) -> Vec<String> {
    let lines = keys.texts("extra_hosts").unwrap_or_default();
    lines.iter().map(|line| line.replacen('=', ":", 1)).collect()
}

fn ports(keys: &mut Keys<'_>) -> Result<Vec<Port>, ComposeError> {
    let mut ports = Vec::new();
    for mut port in keys.list("ports") {
        let target = port.int("target").and_then(|target| u16::try_from(target).ok());
        ports.push(Port {
            target: target.ok_or_else(|| port.refuse("target"))?,
            protocol: port.text("protocol").unwrap_or_else(|| "tcp".to_owned()),
            host_ip: port.text("host_ip"),
            published: port.text("published"),
        });
        port.ignore(&["mode", "name", "app_protocol"]);
        port.finish()?;
    }
    Ok(ports)
}

/// By priority, the highest first, then by name: the first is the one that the container starts with.
fn networks(keys: &mut Keys<'_>) -> Result<Vec<NetworkAttachment>, ComposeError> {
    let mut attachments = Vec::new();
    for (key, mut network) in keys.map("networks") {
        attachments.push(NetworkAttachment {
            key,
            aliases: network.texts("aliases").unwrap_or_default(),
            ipv4_address: network.text("ipv4_address"),
            ipv6_address: network.text("ipv6_address"),
            link_local_ips: network.texts("link_local_ips").unwrap_or_default(),
            mac_address: network.text("mac_address"),
            driver_opts: network.pairs("driver_opts"),
            priority: network.int("priority").unwrap_or_default(),
        });
        network.finish()?;
    }
    attachments.sort_by_key(|attachment| std::cmp::Reverse(attachment.priority));
    Ok(attachments)
}

fn healthcheck(mut keys: Keys<'_>) -> Result<Healthcheck, ComposeError> {
    let test = keys.texts("test").unwrap_or_default();
    let disabled = keys.flag("disable").unwrap_or_default();
    if test.first().is_some_and(|kind| !matches!(kind.as_str(), "CMD" | "CMD-SHELL" | "NONE")) {
        let expected = "a list that starts with `CMD`, `CMD-SHELL` or `NONE`";
        return Err(ComposeError::Type {
            place: keys.place("test"),
            key: "healthcheck.test".to_owned(),
            expected,
        });
    }
    let healthcheck = Healthcheck {
        test: if disabled { vec!["NONE".to_owned()] } else { test },
        interval: keys.duration("interval"),
        timeout: keys.duration("timeout"),
        retries: keys.int("retries"),
        start_period: keys.duration("start_period"),
        start_interval: keys.duration("start_interval"),
    };
    keys.finish().map(|()| healthcheck)
}

fn logging(mut keys: Keys<'_>) -> Result<Logging, ComposeError> {
    let logging = Logging { driver: keys.text("driver"), options: keys.pairs("options") };
    keys.finish().map(|()| logging)
}

fn ulimits(keys: &mut Keys<'_>) -> BTreeMap<String, Ulimit> {
    let Some(JsonValue::Object(limits)) = keys.take("ulimits") else { return BTreeMap::new() };
    let limit = |value: &JsonValue| {
        let part = |key: &str| value.as_i64().or_else(|| value[key].as_i64()).unwrap_or_default();
        Ulimit { soft: part("soft"), hard: part("hard") }
    };
    limits.iter().map(|(name, value)| (name.clone(), limit(value))).collect()
}

fn devices(keys: &mut Keys<'_>) -> Result<Vec<String>, ComposeError> {
    let mut devices = Vec::new();
    for mut device in keys.list("devices") {
        let source = device.text("source").unwrap_or_default();
        let target = device.text("target").unwrap_or_else(|| source.clone());
        let permissions = device.text("permissions").unwrap_or_else(|| "rwm".to_owned());
        devices.push(format!("{source}:{target}:{permissions}"));
        device.finish()?;
    }
    Ok(devices)
}

fn dependencies(keys: &mut Keys<'_>) -> Result<Vec<Dependency>, ComposeError> {
    let mut dependencies = Vec::new();
    for (service, mut dependency) in keys.map("depends_on") {
        dependencies.push(Dependency {
            service,
            condition: dependency.text("condition").unwrap_or_default(),
            restart: dependency.flag("restart").unwrap_or_default(),
        });
        dependency.ignore(&["required"]);
        dependency.finish()?;
    }
    Ok(dependencies)
}

/// A seccomp profile is named by its file here, and given as text to the engine.
fn security(compose: &Compose, keys: &mut Keys<'_>) -> Result<Vec<String>, ComposeError> {
    let options = keys.texts("security_opt").unwrap_or_default();
    let inlined = options.into_iter().map(|option| {
        let file = option.strip_prefix("seccomp:").or_else(|| option.strip_prefix("seccomp="));
        match file {
            Some("unconfined" | "builtin") | None => Ok(option.replacen("seccomp:", "seccomp=", 1)),
            Some(file) => profile(&compose.base.absolute(file)),
        }
    });
    inlined.collect()
}

fn profile(file: &Path) -> Result<String, ComposeError> {
    let unreadable = |source| ComposeError::Unreadable { path: file.to_owned(), source };
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    let invalid = |error: serde_json::Error| unreadable(error.into());
    let json: JsonValue = serde_json::from_str(&text).map_err(invalid)?;
    Ok(format!("seccomp={json}"))
}
