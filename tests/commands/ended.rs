//! A container, or the way to the engine, ends at a step of a command that replaces a database or a whole cluster: the old
//! or the new one is whole, and the next command brings it into service.
//!
//! `DBCTL_EVERY_END=1` tries every end at every step, else some of them are.

use crate::commands::whole::strays;
use crate::commands::whole_killed;
use crate::harness::Project;
use crate::harness::wire::Wire;

/// What ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Service,
    Twin,
    Engine,
}

/// A command, and how its project tells the old database from the new one.
struct Way {
    command: &'static [&'static str],
    project: fn() -> Project,
    ends: &'static [End],
    /// Whether the new one is in service.
    is_new: fn(&Project) -> bool,
}

const WHOLE: Way = Way {
    command: &["rebuild", "--fresh", "--whole-cluster"],
    project: with_a_role_edited,
    ends: &[End::Service, End::Twin, End::Engine],
    is_new: |project| project.sql("select rolcanlogin from pg_roles where rolname = 'ada'") == "f",
};

const IN_PLACE: Way = Way {
    command: &["rebuild", "--fresh"],
    project: with_a_table_edited,
    ends: &[End::Service, End::Engine],
    is_new: |project| project.sql("select count(*) from orders where note = 'edited'") == "1",
};

fn with_a_role_edited() -> Project {
    alone(whole_killed::project())
}

fn with_a_table_edited() -> Project {
    let project = Project::with_service()
        .script("001_customers.sql", "create table customers as select generate_series(1, 1000) as id;")
        .script("002_orders.sql", "create table orders as select 'as it was'::text as note;");
    project.run(["up"]).succeeds();
    project.sql("insert into customers values (4711)");
    project.write("init/002_orders.sql", "create table orders as select 'edited'::text as note;");
    alone(project)
}

/// What is started ahead would come by the step, too.
fn alone(project: Project) -> Project {
    project.file("dbctl.toml", "[layers]\nahead = false\n")
}

impl Way {
    /// Runs the command; at `step` that comes to its `end`. It must tell of it, or come to its own end all the same.
    fn broken_off(&self, project: &Project, step: &str, end: End) {
        let wire = Wire::new(project.path());
        let deed = match end {
            End::Service => format!("docker kill {}", project.container()),
            End::Twin => format!("docker kill dbctl-twin_{}", project.container()),
            End::Engine => format!("touch {}", wire.cut.display()),
        };
        let mut command = project.command(self.command);
        command.env("DBCTL_FAULT", step).env("DBCTL_FAULT_DO", deed);
        if let End::Engine = end {
            // The way through a tunnel goes with the engine's.
            command.arg("--endpoint=tunnel").env("DOCKER_HOST", format!("unix://{}", wire.socket.display()));
        }
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 1 | 4 | 5)), "{step}, {end:?}: {code:?}\n{told}");
        assert_eq!(code != Some(0), told.contains("error: "), "{step}, {end:?}: {told}");
    }

    /// The next command brings a whole one into service, nothing stray stays, and no row is lost.
    fn recovers(&self, project: &Project, place: &str) -> bool {
        project.run(["up"]).succeeds();
        let is_new = (self.is_new)(project);
        let rows = if is_new { "1000" } else { "1001" };
        assert_eq!(project.sql("select count(*) from customers"), rows, "{place}");
        if is_new {
            project.run(["undo"]).succeeds();
        }
        assert_eq!(project.sql("select count(*) from customers where id = 4711"), "1", "{place}");
        project.run(["snapshot", "list"]).succeeds();
        assert_eq!(strays(project), "", "{place}");
        project.run(["rebuild", "--fresh", "--ahead"]).succeeds();
        let half_built = "select count(*) from pg_database where datname like 'dbctl_building_%'";
        assert_eq!(project.sql(half_built), "0", "{place}");
        is_new
    }

    fn every(&self) {
        let project = (self.project)();
        let steps = whole_killed::steps(&project, self.command);
        assert!(self.recovers(&project, "undisturbed"));
        let all = std::env::var_os("DBCTL_EVERY_END").is_some();
        let mut tried = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            for (which, &end) in self.ends.iter().enumerate() {
                if all || number % 9 == which * 3 {
                    let place = format!("{step}, {end:?}");
                    self.broken_off(&project, step, end);
                    let is_new = self.recovers(&project, &place);
                    tried.push(format!("{place}: {}", if is_new { "new" } else { "old" }));
                }
            }
        }
        println!("{} ends at {} steps of {:?}: {tried:#?}", tried.len(), steps.len(), self.command);
        assert!(tried.len() >= self.ends.len());
    }
}

#[test]
fn of_a_rebuild_through_a_twin_one_whole_cluster_is_in_service() {
    WHOLE.every();
}

#[test]
fn of_a_rebuild_in_place_one_whole_database_is_in_service() {
    IN_PLACE.every();
}
