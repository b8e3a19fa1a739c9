//! `dbctl watch`: what a save leads to.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use dbctl::database::generations::Kind;

use super::project::Project;
use crate::session::cluster::{Cluster, eventually};

struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(project: &Project) -> Self {
        let mut command = project.command(["watch"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        for stream in [
            Box::new(child.stdout.take().unwrap()) as Box<dyn std::io::Read + Send>,
            Box::new(child.stderr.take().unwrap()),
        ] {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _ = sender.send(line);
                }
            });
        }
        let watch = Self { child, lines };
        watch.says("watching");
        watch
    }

    /// Waits for a line with `text`.
    #[track_caller]
    fn says(&self, text: &str) -> String {
        let mut heard = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(20)) {
            if line.contains(text) {
                return line;
            }
            heard.push(line);
        }
        panic!("never said `{text}`, but {heard:#?}")
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_save_is_in_service_at_once_and_what_is_broken_waits_for_the_next() {
    let cluster = Cluster::new();
    let project = Project::up(
        &cluster,
        &[("001_a.sql", "create table a (id int);"), ("002_b.sql", "create table b (id int);")],
    );
    project.sql("insert into a values (1)");
    let watch = Watch::start(&project);
    project.script("002_b.sql", "create table b (edited int);");
    watch.says("002_b.sql: 2 scripts in place");
    // What the conventions say of it comes after the result, and of the others nothing.
    assert!(watch.says("init/").contains("002_b.sql:1:"));
    assert_eq!(project.dump(), project.by_psql().unwrap());

    project.script("002_b.sql", "create table b (edited int;");
    watch.says("failed at line 1");
    assert_eq!(project.sql("select count(edited) from b"), "0", "the last good one is in service");

    // As editors do that write another file and rename it.
    fs::write(project.init().join(".002_b.sql.swp"), "create table b (renamed int);").unwrap();
    fs::rename(project.init().join(".002_b.sql.swp"), project.init().join("002_b.sql")).unwrap();
    watch.says("2 scripts in place, 1 run");
    assert_eq!(project.sql("select count(renamed) from b"), "0");

    project.remove("002_b.sql");
    watch.says("1 script in place");
    assert_eq!(project.sql("select to_regclass('b') is null"), "t");

    cluster.kill();
    cluster.start();
    project.script("003_c.sql", "create table c (id int);");
    watch.says("2 scripts in place");
    assert_eq!(project.dump(), project.by_psql().unwrap());
}

#[test]
fn what_was_written_by_hand_is_kept_and_what_only_scripts_wrote_is_not() {
    let cluster = Cluster::new();
    let project = Project::up(&cluster, &[("001_a.sql", "create table a (text text);")]);
    project.sql("insert into a values ('by hand')");
    let previous = || project.kinds().iter().filter(|kind| **kind == Kind::Previous).count();
    for edit in 0..4 {
        project.script("002_b.sql", &format!("create table b (edit_{edit} int);"));
        project.rebuild();
        project.ahead();
    }
    assert_eq!(previous(), 2, "the one with the row, and the newest: {:?}", project.kinds());
    project.sql("insert into a values ('later')");
    project.rebuild();
    for edit in 5..8 {
        project.script("002_b.sql", &format!("create table b (edit_{edit} int);"));
        project.rebuild();
        project.ahead();
    }
    assert_eq!(previous(), 3, "{:?}", project.kinds());
    eventually("both rows are somewhere", || {
        let list =
            project.sql("select string_agg(datname, ' ') from pg_database where datname ~ '^dbctl_previous'");
        let rows = |name: &str| {
            let mut session = cluster.session(name);
            session
                .simple("select text from a")
                .unwrap()
                .rows
                .into_iter()
                .filter_map(|row| row[0].clone())
                .collect::<Vec<_>>()
        };
        let mut all: Vec<String> = list.split(' ').flat_map(rows).collect();
        all.sort();
        all == ["by hand", "later"]
    });
}

#[test]
fn what_came_back_by_undo_is_never_taken_for_what_scripts_give_again() {
    let cluster = Cluster::new();
    let project = Project::up(&cluster, &[("001_a.sql", "create table a (text text);")]);
    project.sql("insert into a values ('by hand')");
    project.rebuild();
    project.run(["undo"]).succeeds();
    for edit in 0..3 {
        project.script("002_b.sql", &format!("create table b (edit_{edit} int);"));
        project.rebuild();
        project.ahead();
    }
    let list =
        project.sql("select string_agg(datname, ' ') from pg_database where datname ~ '^dbctl_previous'");
    let holds = |name: &str| {
        let rows = cluster.session(name).simple("select text from a").unwrap().rows;
        rows.iter().any(|row| row[0].as_deref() == Some("by hand"))
    };
    assert!(list.split(' ').any(holds), "{list}");
}
