//! Generated histories: after every edit a fresh rebuild gives what psql makes of the scripts in an empty database.

use std::collections::BTreeMap;

use super::project::Project;
use crate::session::cluster::Cluster;

/// Reproducible: the same seed makes the same history.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What the init dir holds.
struct Disk<'a> {
    project: Project<'a>,
    scripts: BTreeMap<String, u64>,
    dice: Dice,
}

impl Disk<'_> {
    /// A script about the tables 0 to 5; some need what others make, so that some histories fail for a while.
    fn text(number: u64, kind: u64, salt: u64) -> String {
        let table = number % 6;
        match kind % 10 {
            0..3 => format!(
                "create table if not exists t{table} (id serial primary key, c{salt} text default '{salt}');"
            ),
            3 => format!(
                "alter table t{table} add column if not exists x{salt} numeric(10,2) check (x{salt} >= 0);"
            ),
            4 => format!(
                "create table if not exists t{table} (id serial primary key);\ninsert into t{table} default values;\ncomment on table t{table} is 'salt {salt}';"
            ),
            5 => format!(
                "create or replace view v{number} as select {salt} as salt, count(*) from pg_class where false;\ngrant select on v{number} to plain_user;"
            ),
            6 => format!(
                "create function f{number}() returns int language plpgsql as $$ begin return {salt}; end $$;"
            ),
            7 => format!(
                "do $$ begin create type e{number} as enum ('a', 'b{salt}'); exception when duplicate_object then null; end $$;"
            ),
            8 => format!(
                "create table if not exists d{number} (id int);\ncopy d{number} from stdin;\n{salt}\n{number}\n\\.\ncreate index concurrently if not exists i{number} on d{number} (id);"
            ),
            _ => format!(
                "create materialized view m{number} as select {salt} as salt; create schema if not exists s{salt};"
            ),
        }
    }

    fn write(&mut self, number: u64) {
        let (kind, salt) = (self.dice.below(10), self.dice.below(5));
        // A number stands for one script only.
        let known = self.scripts.iter().find(|(_, known)| **known == number).map(|(name, _)| name.clone());
        let name = known.unwrap_or_else(|| format!("{number:03}_s.sql"));
        self.project.script(&name, &Self::text(number, kind, salt));
        self.scripts.insert(name, number);
    }

    fn any(&mut self) -> (String, u64) {
        let at = usize::try_from(self.dice.below(self.scripts.len() as u64)).unwrap();
        let (name, number) = self.scripts.iter().nth(at).unwrap();
        (name.clone(), *number)
    }

    fn edit(&mut self) {
        match self.dice.below(5) {
            0 if self.scripts.len() > 2 => {
                let (name, _) = self.any();
                self.project.remove(&name);
                self.scripts.remove(&name);
            }
            1 => {
                let number = self.dice.below(99) + 1;
                self.write(number);
            }
            2 => {
                let (name, number) = self.any();
                let renamed = format!("{number:03}_r{}.sql", self.dice.below(3));
                std::fs::rename(self.project.init().join(&name), self.project.init().join(&renamed)).unwrap();
                self.scripts.remove(&name);
                self.scripts.insert(renamed, number);
            }
            _ => {
                let (name, number) = self.any();
                let (kind, salt) = (self.dice.below(10), self.dice.below(5));
                self.project.script(&name, &Self::text(number, kind, salt));
            }
        }
    }

    /// Rebuilds, and compares; whether it could be built.
    fn check(&self, history: u64) -> bool {
        let before = self.project.dump();
        let ran = self.project.run(["rebuild", "--fresh", "-q"]);
        let expected = self.project.by_psql();
        let now = self.project.dump();
        let Some(expected) = expected else {
            assert_eq!(ran.code, Some(1), "history {history}: {}", ran.stderr);
            assert_eq!(now, before, "history {history}: a failed rebuild changes nothing");
            return false;
        };
        assert_eq!(ran.code, Some(0), "history {history}: {}", ran.stderr);
        assert_eq!(now, expected, "history {history}: {}", ran.stderr);
        true
    }
}

/// `DBCTL_HISTORIES` says how many: the long form has 200.
#[test]
fn every_edit_is_rebuilt_as_from_an_empty_database() {
    let count = std::env::var("DBCTL_HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(12);
    let cluster = Cluster::new();
    let (mut built, mut failed) = (0, 0);
    for history in 0..count {
        let project = Project::new(&cluster);
        let mut disk = Disk { project, scripts: BTreeMap::new(), dice: Dice(history * 7919 + 17) };
        for number in [10, 20, 30, 40, 50] {
            disk.write(number);
        }
        disk.project.run(["up", "-q"]);
        for edit in 0..5 {
            disk.edit();
            *(if disk.check(history) { &mut built } else { &mut failed }) += 1;
            if edit == 2 {
                disk.project.run(["rebuild", "--fresh", "--ahead"]);
            }
        }
    }
    println!("{count} histories: {built} rebuilds equal, {failed} that psql could not run either");
    assert!(built > count * 2, "{built} of {count} histories' rebuilds could be built");
}
