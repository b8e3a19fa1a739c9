//! A twin's data, or a previous one, comes into service.

use dbctl::compose::service::MountSource;
use dbctl::docker::{ContainerFacts, Exchanged, Ground};
use dbctl::event::Silent;
use postgres::Client;

use crate::docker::bench::{Bench, connect, docker, one};

impl Bench {
    /// A service whose table `generation` says `old`, in a running container.
    pub fn old_service(mut self) -> Self {
        self.up(&[]).batch_execute("create table generation as select 'old'::text as name").unwrap();
        self
    }

    /// A twin's data in service, in which `sql` has run, with a table `generation` that says `name`.
    pub fn exchanged(&mut self, name: &str, sql: &str) -> Exchanged {
        let container = self.container();
        let twin = self.twin(Ground::BesideTheData(&container));
        let table = format!("create table generation as select '{name}'::text as name");
        self.in_twin(&twin, &table);
        for statement in sql.split(';').filter(|statement| !statement.trim().is_empty()) {
            self.in_twin(&twin, statement);
        }
        self.engine.exchange(&container, twin, &mut Silent).unwrap()
    }

    pub fn undone(&mut self) -> Exchanged {
        let container = self.container();
        self.engine.exchange_with_previous(&self.service, &container, None, &mut Silent).unwrap()
    }

    pub fn client(&mut self) -> Client {
        let endpoint = self.ready(None).unwrap();
        connect(&endpoint).unwrap()
    }

    /// Which generation is in service.
    pub fn in_service(&mut self) -> String {
        one(&mut self.client(), "select name from generation")
    }

    pub fn entries(&self, directory: &str) -> Vec<String> {
        let container: ContainerFacts = self.container();
        docker(&["exec", &container.id, "ls", "-A", directory]).lines().map(str::to_owned).collect()
    }
}

const DATA: &str = "/var/lib/postgresql/data";

#[test]
fn a_twins_data_comes_into_service_and_goes_again() {
    let mut bench = Bench::new().data_volume().old_service();
    let id = bench.container().id;
    let exchanged = bench.exchanged("new", "create role made_by_the_new");
    assert_eq!((exchanged.previous, &exchanged.container.id), (1, &id));
    println!("the server was away for {} ms", exchanged.away.as_millis());
    assert_eq!(bench.in_service(), "new");
    assert_eq!(bench.entries(&format!("{DATA}/dbctl")), ["previous-1", "previous-1.json"]);
    let container = bench.container();
    let kept = bench.engine.previous_data(&bench.service, &container).unwrap();
    assert!(kept.len() == 1 && kept[0].version == "15" && kept[0].bytes > 10_000_000, "{kept:?}");
    assert_eq!(bench.strays(), "");

    assert_eq!(bench.undone().previous, 2);
    assert_eq!(bench.in_service(), "old");
    let roles = "select count(*)::text from pg_roles where rolname = 'made_by_the_new'";
    assert_eq!(one(&mut bench.client(), roles), "0");
    assert_eq!(bench.undone().previous, 3);
    assert_eq!(bench.in_service(), "new");
    assert_eq!(bench.entries(&format!("{DATA}/dbctl")), ["previous-3", "previous-3.json"]);
    assert_eq!(bench.strays(), "");

    let container = bench.container();
    bench.engine.drop_previous_data(&bench.service, &container, &[3]).unwrap();
    assert!(bench.engine.previous_data(&bench.service, &container).unwrap().is_empty());
    assert!(bench.engine.drop_previous_data(&bench.service, &container, &[3]).is_err());
    assert_eq!(bench.in_service(), "new");
    let mut client = bench.client();
    client.batch_execute("create table written_afterwards (id int)").unwrap();
}

/// A tablespace on which each generation has a table.
fn tablespace(location: &str, name: &str) -> String {
    format!(
        "create tablespace quick location '{location}'; create table on_it (name) tablespace quick as select '{name}'::text"
    )
}

impl Bench {
    /// Through both generations and back; each finds its own table in its own tablespace.
    fn goes_to_and_fro(&mut self, location: &str, before: &str) {
        let sql = tablespace(location, "new");
        self.exchanged("new", &format!("{before}{sql}"));
        for name in ["new", "old", "new"] {
            let mut client = self.client();
            assert_eq!(one(&mut client, "select name from on_it"), name);
            assert_eq!(one(&mut client, "select name from generation"), name);
            client
                .batch_execute(
                    "insert into on_it values ('later'); checkpoint; delete from on_it where name = 'later'",
                )
                .unwrap();
            drop(client);
            self.undone();
        }
        assert_eq!(self.in_service(), "old");
        assert_eq!(self.strays(), "");
    }

    fn as_root(&self, command: &str) {
        docker(&["exec", "-u", "0", &self.container().id, "sh", "-ec", command]);
    }
}

#[test]
fn tablespaces_on_the_host_and_the_write_ahead_log_on_a_volume_go_with_their_cluster() {
    let volume = MountSource::Volume { key: "wal".to_owned(), nocopy: false, subpath: None };
    let bench =
        Bench::new().data_volume().mount("/wal", volume).environment("POSTGRES_INITDB_WALDIR", "/wal/log");
    let spaces = bench.file("spaces/note", "of the user's own");
    let mut bench = bench.bind(spaces.parent().unwrap(), "/spaces").old_service();
    bench.as_root("mkdir -p /spaces/fast/a; chown -R postgres /spaces/fast");
    let sql = tablespace("/spaces/fast/a", "old");
    sql.split(';').for_each(|statement| bench.client().batch_execute(statement).unwrap());
    bench.goes_to_and_fro("/spaces/fast/a", "");
    assert_eq!(bench.entries("/spaces"), ["dbctl", "fast", "note"]);
    assert_eq!(bench.entries("/spaces/fast/a").len(), 1);
    assert_eq!(bench.entries("/wal/dbctl").len(), 1, "the log of the previous generation");
    assert!(bench.entries("/wal/log").iter().any(|name| name.starts_with("0000")));
}

#[test]
fn a_data_directory_below_its_volume_goes_with_a_tablespace_beside_it() {
    let volume = MountSource::Volume { key: "all".to_owned(), nocopy: false, subpath: None };
    let bench = Bench::new()
        .mount("/var/lib/postgresql", volume)
        .environment("PGDATA", "/var/lib/postgresql/15/main");
    let mut bench = bench.old_service();
    let mkdir = "copy (select 1) to program 'mkdir -p /var/lib/postgresql/spaces'; ";
    let sql = mkdir.to_owned() + &tablespace("/var/lib/postgresql/spaces", "old");
    sql.split(';').for_each(|statement| bench.client().batch_execute(statement).unwrap());
    bench.goes_to_and_fro("/var/lib/postgresql/spaces", mkdir);
    assert!(bench.entries("/var/lib/postgresql").contains(&"dbctl".to_owned()));
}

#[test]
fn a_data_directory_of_the_host_is_exchanged_too() {
    let bench = Bench::new().image("dbctl-postgres:17");
    let data = bench.files.path().join("data");
    let mut bench = bench.bind(&data, DATA).old_service();
    bench.exchanged("new", "");
    assert_eq!(bench.in_service(), "new");
    bench.undone();
    assert_eq!(bench.in_service(), "old");
}

#[test]
fn a_tablespace_that_would_be_gone_with_its_container_is_refused() {
    let mut bench = Bench::new().data_volume().old_service();
    let container = bench.container();
    let twin = bench.twin(Ground::BesideTheData(&container));
    bench.in_twin(&twin, "copy (select 1) to program 'mkdir -p /tmp/space'");
    bench.in_twin(&twin, "create tablespace lost location '/tmp/space'");
    let refused = bench.engine.exchange(&container, twin, &mut Silent).err().unwrap().to_string();
    assert!(refused.contains("`/tmp/space` lies on no volume"), "{refused}");
    assert_eq!(bench.in_service(), "old");
    assert_eq!(bench.strays(), "");
    assert!(!bench.entries(DATA).contains(&"dbctl".to_owned()));
}
