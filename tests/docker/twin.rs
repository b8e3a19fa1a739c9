//! A container made like the service's that nobody else sees.

use dbctl::compose::service::MountSource;
use dbctl::docker::{Command, ContainerFacts, Ground, Image, Rung, Twin, TwinRequest};
use dbctl::event::Silent;
use dbctl::secret::Secret;
use dbctl::server::Server;
use dbctl::server::container::Approach;
use dbctl::session::Login;

use crate::docker::bench::{Bench, PASSWORD, docker, one};

impl Bench {
    pub fn image_facts(&self) -> Image {
        self.observe().image.expect("the image exists")
    }

    pub fn twin(&self, ground: Ground) -> Twin {
        self.engine.make_twin(self.request(ground), &mut Silent).unwrap()
    }

    pub fn request<'a>(&'a self, ground: Ground<'a>) -> TwinRequest<'a> {
        let cache = self.files.path();
        TwinRequest { service: &self.service, ground, project_scripts: &[], own_files: &[], cache }
    }

    pub fn twins_server(&self, twin: &Twin) -> Server {
        self.server_in(twin.facts.clone())
    }

    fn server_in(&self, facts: ContainerFacts) -> Server {
        let login = Login {
            user: "postgres".to_owned(),
            password: Some(Secret::new(PASSWORD)),
            database: "postgres".to_owned(),
            application_name: "dbctl".to_owned(),
            options: Vec::new(),
        };
        let (cache, sockets) = (self.files.path().join("cache"), self.files.path().to_owned());
        let approach = Approach { login, only: None::<Rung>, cache, sockets, locks: false };
        Server::in_container(self.engine.clone(), facts, approach, true, &mut Silent).unwrap()
    }

    /// Runs statements in a twin, and gives the last one's first value.
    pub fn in_twin(&self, twin: &Twin, sql: &str) -> String {
        let server = self.twins_server(twin);
        let mut session = server.session().unwrap();
        let answer = session.simple(sql).unwrap();
        answer.rows.first().and_then(|row| row.first().cloned().flatten()).unwrap_or_default()
    }

    /// Containers and volumes of twins and their helpers that are still there.
    pub fn strays(&self) -> String {
        let key = format!("{}/{}", self.service.project, self.service.name);
        let labels = ["dbctl.helper", "dbctl.part"];
        let found = labels.map(|label| {
            let all = docker(&[
                "ps",
                "-a",
                "--filter",
                &format!("label={label}"),
                "--format",
                "{{.Names}} {{.Labels}}",
            ]);
            all.lines().filter(|line| line.contains(&key)).map(str::to_owned).collect::<Vec<_>>().join("\n")
        });
        found.concat()
    }
}

fn volumes() -> Vec<String> {
    docker(&["volume", "ls", "-q"]).lines().map(str::to_owned).collect()
}

#[test]
fn a_twin_for_checks_shares_the_services_files_and_none_of_its_data() {
    let bench = Bench::new().data_volume();
    let script = bench.file("init/001.sql", "create table made_by_the_entrypoint ();");
    let mut bench = bench.bind(script.parent().unwrap(), "/docker-entrypoint-initdb.d");
    bench.service.restart = Some("always".to_owned());
    bench.up(&["001.sql"]).batch_execute("create table kept ()").unwrap();
    let image = bench.image_facts();
    let twin = bench.twin(Ground::Temporary(&image));
    let made: Vec<String> = docker(&["inspect", "-f", "{{range .Mounts}}{{.Name}} {{end}}", &twin.facts.id])
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    assert!(!made.is_empty() && made.iter().all(|name| !name.contains("data")), "{made:?}");
    assert_eq!(
        bench.in_twin(&twin, "select count(*) from pg_class where relname like 'made%' or relname = 'kept'"),
        "0"
    );
    let answer = bench.engine.ask(&twin.facts, &Command::new(["cat", "/docker-entrypoint-initdb.d/001.sql"]));
    assert!(answer.unwrap().out.starts_with(b"create table"));
    let seen = docker(&[
        "inspect",
        "-f",
        "{{.HostConfig.NetworkMode}} {{.HostConfig.RestartPolicy.Name}}",
        &twin.facts.id,
    ]);
    assert!(matches!(seen.as_str(), "none" | "none no"), "{seen}");
    assert_ne!(bench.container().id, twin.facts.id, "the service has the container that it had");
    drop(twin);
    assert_eq!(bench.strays(), "");
    assert!(volumes().iter().all(|name| !made.contains(name)), "its volumes are gone");
}

#[test]
fn a_twin_for_checks_needs_no_container_of_the_service() {
    let bench = Bench::new().data_volume().mount("/cache", MountSource::Anonymous { nocopy: false });
    let image = bench.image_facts();
    let before = volumes();
    let twin = bench.twin(Ground::Temporary(&image));
    assert_eq!(bench.in_twin(&twin, "create table a as select 7 as seven; select seven from a"), "7");
    twin.remove().unwrap();
    assert!(bench.observe().container.is_none());
    let mine = volumes().into_iter().filter(|name| !before.contains(name) && name.contains(bench.project()));
    assert_eq!(mine.count(), 0);
}

#[test]
fn a_twin_beside_the_data_is_built_in_its_volume_under_the_real_names() {
    let mut bench = Bench::new().data_volume();
    let mut client = bench.up(&[]);
    client.batch_execute("create table kept as select 7 as seven").unwrap();
    let container = bench.container();
    let twin = bench.twin(Ground::BesideTheData(&container));
    let sql = "create table kept as select 8 as seven; select current_setting('data_directory')";
    assert_eq!(bench.in_twin(&twin, sql), "/var/lib/postgresql/data");
    assert_eq!(one(&mut client, "select seven::text from kept"), "7");
    let seen = docker(&["exec", &container.id, "cat", "/var/lib/postgresql/data/dbctl/new/PG_VERSION"]);
    assert_eq!(seen, "15");
    drop(twin);
    let seen = docker(&["exec", &container.id, "ls", "-A", "/var/lib/postgresql/data"]);
    assert!(seen.contains("PG_VERSION") && !seen.contains("dbctl"), "{seen}");
    assert_eq!(bench.strays(), "");
    assert_eq!(one(&mut client, "select seven::text from kept"), "7");
}
