//! A build context on disk, an image of its own, and the `docker` CLI to look at both.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use dbctl::compose::service::{Build, Resources, Service};
use dbctl::docker::{Connection, DockerError, Engine, Image};
use dbctl::event::{Event, Observer};

/// Events, kept.
#[derive(Default)]
pub struct Kept(pub Vec<Event>);

impl Observer for Kept {
    fn observe(&mut self, event: Event) {
        self.0.push(event);
    }
}

/// The engine of this machine; the tests cannot do without.
pub fn engine() -> Engine {
    let connection = Connection {
        host: std::env::var("DOCKER_HOST").ok(),
        home: std::env::var_os("HOME").map(PathBuf::from),
        ..Connection::default()
    };
    Engine::connect(&connection).unwrap_or_else(|error| panic!("this test needs a Docker engine: {error}"))
}

/// Runs the `docker` CLI; its stdout, or a panic with its stderr.
pub fn docker(args: &[&str]) -> String {
    let output = Command::new("docker")
        .args(args)
        .env("DOCKER_BUILDKIT", "0")
        .output()
        .expect("this test needs the docker CLI");
    assert!(output.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A service with a build context in a temporary directory. Its images and containers go with it.
pub struct Sample {
    directory: tempfile::TempDir,
    pub service: Service,
}

impl Sample {
    pub fn new(dockerfile: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory = tempfile::tempdir().unwrap();
        let context = directory.path().join("context");
        fs::create_dir(&context).unwrap();
        let name = format!("t-engine-{}-{number}", std::process::id());
        fs::write(context.join("Dockerfile"), labelled(dockerfile, &name)).unwrap();
        let build =
            Build { dockerfile: context.join("Dockerfile"), context: context.clone(), ..Build::default() };
        let service = service(&name, build);
        Self { directory, service }
    }

    pub fn file(self, name: &str, text: &str) -> Self {
        self.write(name, text);
        self
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.context().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Puts this host's shell and the libraries that it loads into `rootfs/`, so that an image from
    /// nothing can run commands: no registry is needed.
    pub fn with_shell(self) -> Self {
        for program in ["/bin/sh", "/bin/sleep"] {
            self.adopt(Path::new(program));
            let loaded = Command::new("ldd").arg(program).output().expect("ldd").stdout;
            let loaded = String::from_utf8_lossy(&loaded).into_owned();
            for library in loaded.split_whitespace().filter(|word| word.starts_with('/')) {
                self.adopt(Path::new(library));
            }
        }
        self
    }

    fn adopt(&self, path: &Path) {
        let target = self.context().join("rootfs").join(path.strip_prefix("/").unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }

    pub fn link(self, name: &str, target: &str) -> Self {
        symlink(target, self.context().join(name)).unwrap();
        self
    }

    pub fn context(&self) -> &Path {
        &self.build_section().context
    }

    pub fn outside(&self) -> &Path {
        self.directory.path()
    }

    fn build_section(&self) -> &Build {
        self.service.build.as_ref().unwrap()
    }

    pub fn build_mut(&mut self) -> &mut Build {
        self.service.build.as_mut().unwrap()
    }

    pub fn image(&self) -> String {
        dbctl::docker::image_name(&self.service)
    }

    pub fn build(&self, engine: &Engine) -> (Result<Image, DockerError>, Vec<Event>) {
        let mut kept = Kept::default();
        (engine.build_image(&self.service, &mut kept), kept.0)
    }

    pub fn built(&self, engine: &Engine) -> Image {
        self.build(engine).0.unwrap_or_else(|error| panic!("{error}"))
    }

    /// What `docker build` makes of the same context, as an image of another name.
    pub fn built_by_docker(&self) -> String {
        let image = format!("{}-oracle", self.image());
        docker(&["build", "--quiet", "--tag", &image, self.context().to_str().unwrap()]);
        image
    }
}

/// A label of its own, so that no other test shares, and removes, a step's image.
pub fn labelled(dockerfile: &str, name: &str) -> String {
    dockerfile.replace("FROM scratch\n", &format!("FROM scratch\nLABEL t-engine={name}\n"))
}

impl Drop for Sample {
    fn drop(&mut self) {
        let label = format!("label=t-engine={}", self.service.project);
        let images = docker(&["images", "--all", "--quiet", "--filter", &label]);
        let name = self.image();
        let images: BTreeSet<_> = images.lines().chain([name.as_str()]).collect();
        let _ = Command::new("docker").args(["image", "rm", "--force"]).args(images).output();
    }
}

/// The paths within an image, without what the engine puts into every container.
pub fn files(image: &str) -> BTreeSet<String> {
    let container = docker(&["create", image, "none"]).trim().to_owned();
    let export = Command::new("docker").args(["export", &container]).output().unwrap().stdout;
    docker(&["rm", &container]);
    let own = ["dev", "etc", "proc", "sys", ".dockerenv"];
    let first = |path: &str| path.split(['/', ' ']).next().unwrap_or_default().to_owned();
    listed(&export).into_iter().filter(|path| !own.contains(&first(path).as_str())).collect()
}

/// `path mode -> link` of everything in a tar.
pub fn listed(tar: &[u8]) -> BTreeSet<String> {
    let described = |entry: tar::Entry<'_, &[u8]>| {
        let path = entry.path().unwrap().display().to_string();
        let mode = entry.header().mode().unwrap() & 0o7777;
        let link = entry.link_name().unwrap().map(|link| format!(" -> {}", link.display()));
        format!("{} {mode:o}{}", path.trim_end_matches('/'), link.unwrap_or_default())
    };
    let mut archive = tar::Archive::new(tar);
    archive.entries().unwrap().map(|entry| described(entry.unwrap())).collect()
}

fn service(name: &str, build: Build) -> Service {
    Service {
        project: name.to_owned(),
        project_dir: build.context.clone(),
        config_files: Vec::new(),
        name: "db".to_owned(),
        container_name: None,
        image: None,
        build: Some(build),
        pull_policy: None,
        platform: None,
        command: None,
        entrypoint: None,
        environment: BTreeMap::new(),
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        mounts: Vec::new(),
        tmpfs: Vec::new(),
        ports: Vec::new(),
        expose: Vec::new(),
        networks: Vec::new(),
        network_mode: None,
        extra_hosts: Vec::new(),
        dns: Vec::new(),
        dns_opt: Vec::new(),
        dns_search: Vec::new(),
        hostname: None,
        domainname: None,
        mac_address: None,
        healthcheck: None,
        restart: None,
        user: None,
        group_add: Vec::new(),
        working_dir: None,
        stop_signal: None,
        stop_grace_period: None,
        shm_size: None,
        ulimits: BTreeMap::new(),
        sysctls: BTreeMap::new(),
        cap_add: Vec::new(),
        cap_drop: Vec::new(),
        security_opt: Vec::new(),
        privileged: false,
        read_only: false,
        init: None,
        tty: false,
        stdin_open: false,
        ipc: None,
        pid: None,
        userns_mode: None,
        cgroup: None,
        cgroup_parent: None,
        runtime: None,
        devices: Vec::new(),
        oom_kill_disable: false,
        oom_score_adj: None,
        resources: Resources::default(),
        logging: None,
        depends_on: Vec::new(),
        volumes: BTreeMap::new(),
        network_definitions: BTreeMap::new(),
    }
}
