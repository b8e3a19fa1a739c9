//! How far scripts reach, at size and on the sample project.

use std::path::Path;

use dbctl::init_dir::InitDir;
use dbctl::script::Kind;
use dbctl::sql::reach::{Reach, reach};

use super::growth::time;

fn of_script(script: &dbctl::script::Script) -> Reach {
    match script.kind {
        Kind::Shell => Reach::of_shell(),
        Kind::Sql(_) => reach(script.open().expect("readable")).expect("readable"),
    }
}

#[test]
fn of_the_sample_project_only_roles_and_passwords_reach_beyond_the_database() {
    let init = InitDir::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("init")).expect("an init dir");
    let found: Vec<_> = init
        .scripts
        .iter()
        .filter_map(|script| {
            let reach = of_script(script);
            let found = reach.cluster.clone().or(reach.uncovered.clone())?;
            Some((script.name.as_str(), found.why, reach.uncovered.is_some()))
        })
        .collect();
    assert_eq!(
        found,
        [("022_roles_and_grants.sql", "a role", false), ("023_service_passwords.sh", "a shell script", true)]
    );
}

#[test]
fn plain_sql_and_bodies_are_judged_fast_and_in_linear_time() {
    let units = [
        "INSERT INTO public.measurements (id, sensor, taken_at, value) VALUES (123, 'north gate', '2026-01-25 12:00:00+00', 17.25);\n",
        "create function f() returns trigger language plpgsql as $$ begin if new.a > 1 then raise notice 'too much: %', new.a; end if; return new; end $$;\n",
    ];
    for unit in units {
        let judge = |count: usize| {
            let script = unit.repeat(count);
            let judge =
                || assert_eq!(reach(script.as_bytes()).expect("memory can be read"), Reach::default());
            (script.len(), time(judge).as_secs_f64())
        };
        let ((_, small), (length, large)) = (judge(20_000), judge(160_000));
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let rate = length as f64 / 1e6 / large;
        println!("{rate:.0} MB/s");
        assert!(large < 32.0 * small.max(8e-3), "{small:.4} s, eight times as much {large:.4} s");
        // A release build does several times this; a test must also pass on a busy machine in a debug build.
        assert!(rate > 10.0, "{rate:.0} MB/s");
    }
}
