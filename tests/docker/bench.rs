//! A service of its own for each test, and nothing left of it afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dbctl::compose::service::{Mount, MountSource, Resources, Service};
use dbctl::docker::{
    Answer, Connection, ContainerError, ContainerFacts, Engine, Initialisation, Ladder, Observed, Rung,
    ServerIdentity, Uninitialised, Wanted,
};
use dbctl::endpoint::{Address, Endpoint};
use dbctl::event::{Event, Observer};
use postgres::{Client, NoTls};

pub use crate::harness::IMAGE;
pub const PASSWORD: &str = "not-a-secret";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A service, an engine, and a folder for its files.
pub struct Bench {
    pub engine: Engine,
    pub service: Service,
    pub files: tempfile::TempDir,
    pub events: Recorder,
}

/// Keeps what was told, and ends the run at an event of choice, as a kill would.
#[derive(Default)]
pub struct Recorder {
    pub events: Vec<Event>,
    pub killed_at: Option<fn(&Event) -> bool>,
}

impl Observer for Recorder {
    fn observe(&mut self, event: Event) {
        let fatal = self.killed_at.is_some_and(|at| at(&event));
        self.events.push(event);
        assert!(!fatal, "killed");
    }
}

impl Bench {
    pub fn new() -> Self {
        let project = format!("t-container-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let files = tempfile::tempdir().unwrap();
        let mut service = empty_service(&project, files.path());
        service.image = Some(IMAGE.to_owned());
        service.environment.insert("POSTGRES_PASSWORD".to_owned(), PASSWORD.to_owned());
        let engine = Engine::connect(&Connection::default()).unwrap();
        Self { engine, service, files, events: Recorder::default() }
    }

    pub fn image(mut self, image: &str) -> Self {
        self.service.image = Some(image.to_owned());
        self
    }

    pub fn environment(mut self, key: &str, value: &str) -> Self {
        self.service.environment.insert(key.to_owned(), value.to_owned());
        self
    }

    pub fn without(mut self, key: &str) -> Self {
        self.service.environment.remove(key);
        self
    }

    pub fn mount(mut self, target: &str, source: MountSource) -> Self {
        self.service.mounts.push(Mount { target: target.to_owned(), read_only: false, source });
        self
    }

    /// A named volume for the data directory.
    pub fn data_volume(self) -> Self {
        let source = MountSource::Volume { key: "data".to_owned(), nocopy: false, subpath: None };
        self.mount("/var/lib/postgresql/data", source)
    }

    pub fn bind(self, path: &Path, target: &str) -> Self {
        let source = MountSource::Bind {
            path: path.to_owned(),
            create_host_path: true,
            propagation: None,
            selinux: None,
        };
        self.mount(target, source)
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.files.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn observe(&self) -> Observed {
        self.engine.observe(&self.service).unwrap()
    }

    pub fn container(&self) -> ContainerFacts {
        self.observe().container.expect("the service has a container")
    }

    /// From whatever there is to a running container, as `dbctl up` would.
    /// As the commands do: what a killed run left under way is looked at again.
    pub fn start(&mut self, project_scripts: &[&str]) -> Result<ContainerFacts, ContainerError> {
        for _ in 0..8 {
            match self.start_now(project_scripts) {
                Err(error) if error.is_passing() => std::thread::sleep(Duration::from_millis(500)),
                outcome => return outcome,
            }
        }
        self.start_now(project_scripts)
    }

    fn start_now(&mut self, project_scripts: &[&str]) -> Result<ContainerFacts, ContainerError> {
        let scripts: Vec<String> = project_scripts.iter().map(|&name| name.to_owned()).collect();
        let mut observed = self.engine.observe(&self.service)?;
        self.engine.tidy(&mut observed)?;
        let image = observed.image.expect("the image exists");
        let wanted = Wanted { service: &self.service, image: &image };
        let container = match observed.container.take() {
            None => self.engine.create(wanted, "there is none", &mut self.events)?,
            Some(old) => match self.engine.difference(wanted, &old)? {
                Some(cause) => self.engine.recreate(wanted, &old, cause, &mut self.events)?,
                None => old,
            },
        };
        self.engine.finish_exchange(&self.service, &container, &mut self.events)?;
        let what = Uninitialised {
            service: &self.service,
            container: &container,
            project_scripts: &scripts,
            own_files: &[],
        };
        self.engine.initialise(what, &mut self.events)?;
        if !container.is_running() {
            self.engine.start(&self.service, &container, &mut self.events)?;
        }
        self.engine.clear_twins(&self.service, Some(&container), self.files.path())?;
        Ok(self.container())
    }

    pub fn initialise(&mut self, container: &ContainerFacts) -> Result<Initialisation, ContainerError> {
        let what = Uninitialised { service: &self.service, container, project_scripts: &[], own_files: &[] };
        self.engine.initialise(what, &mut self.events)
    }

    pub fn ready(&mut self, only: Option<Rung>) -> Result<Endpoint, ContainerError> {
        let container = self.container();
        let ladder = self.ladder(only);
        self.engine.ready(&container, &ladder, Duration::from_secs(30), &mut self.events, &mut ask)
    }

    pub fn ladder(&self, only: Option<Rung>) -> Ladder {
        Ladder { only, cache: self.files.path().join("cache"), sockets: self.files.path().to_owned() }
    }

    /// Started, ready, and a connection to it.
    pub fn up(&mut self, project_scripts: &[&str]) -> Client {
        self.start(project_scripts).unwrap();
        let endpoint = self.ready(None).unwrap();
        // The endpoint of a container's own address keeps nothing alive.
        connect(&endpoint)
            .unwrap_or_else(|error| panic!("{error:?}\n{}", docker(&["logs", &self.container().id])))
    }

    pub fn project(&self) -> &str {
        &self.service.project
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let mine = format!("label=com.docker.compose.project={}", self.service.project);
        let key = format!("{}/{}", self.service.project, self.service.name);
        let own = ["helper", "part"].map(|kind| format!("label=dbctl.{kind}={key}"));
        let of_helpers = ["twin", "check"].map(|kind| format!("label=dbctl.helper={key}/{kind}"));
        for filter in [&mine].into_iter().chain(&own).chain(&of_helpers) {
            for id in docker(&["ps", "-aq", "--filter", filter]).lines() {
                let volumes = docker(&["inspect", "-f", "{{range .Mounts}}{{.Name}} {{end}}", id]);
                docker(&["rm", "-fv", id]);
                let names: Vec<&str> = volumes.split_whitespace().collect();
                for name in names {
                    docker(&["volume", "rm", "-f", name]);
                }
            }
        }
        for name in docker(&["volume", "ls", "-q", "--filter", &mine]).lines() {
            docker(&["volume", "rm", "-f", name]);
        }
        for id in docker(&["network", "ls", "-q", "--filter", &mine]).lines() {
            docker(&["network", "rm", id]);
        }
        // What a container wrote belongs to users of the container.
        if !self.service.mounts.is_empty() {
            let files = format!("{}:/files", self.files.path().display());
            let empty = ["run", "--rm", "--entrypoint", "sh", "-v", &files, IMAGE, "-c", "rm -rf /files/*"];
            docker(&empty);
        }
    }
}

/// What the engine's own client says, which is no part of dbctl.
pub fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    let text = if arguments[0] == "logs" { output.stderr } else { output.stdout };
    String::from_utf8(text).unwrap().trim().to_owned()
}

pub fn connect(endpoint: &Endpoint) -> Result<Client, postgres::Error> {
    let mut config = postgres::Config::new();
    config.user("postgres").password(PASSWORD).dbname("postgres").connect_timeout(Duration::from_secs(5));
    match &endpoint.address {
        Address::Tcp { host, port } => config.host(&host.to_string()).port(*port),
        Address::Unix { directory, port } => config.host_path(directory).port(*port),
    };
    config.connect(NoTls)
}

const WHO: &str = "select (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint,
    (select system_identifier from pg_control_system())";

/// Asks as the `database` room will.
pub fn ask(endpoint: &Endpoint, expected: Option<&ServerIdentity>) -> Answer {
    let row = match connect(endpoint).and_then(|mut client| client.query_one(WHO, &[])) {
        Ok(row) => row,
        Err(error) => return Answer::Silent(error.to_string()),
    };
    let (postmaster, system): (i64, i64) = (row.get(0), row.get(1));
    let is_the_same = expected.is_none_or(|expected| {
        let later = postmaster / 1_000_000 - expected.postmaster_start;
        (0..=5).contains(&later) && expected.system_identifier.cast_signed() == system
    });
    if is_the_same { Answer::Ours { postmaster } } else { Answer::Foreign("another server".to_owned()) }
}

pub fn one(client: &mut Client, query: &str) -> String {
    client.query_one(query, &[]).unwrap().get(0)
}

fn empty_service(project: &str, dir: &Path) -> Service {
    Service {
        project: project.to_owned(),
        project_dir: dir.to_owned(),
        config_files: vec![dir.join("compose.yaml")],
        name: "db".to_owned(),
        container_name: None,
        image: None,
        build: None,
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
