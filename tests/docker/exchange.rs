//! A twin's data, or a previous one, comes into service.

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
