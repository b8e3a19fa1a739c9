//! Layers: what is reused, what never is, and what is laid ready.

use dbctl::database::generations::Kind;

use super::project::Project;
use crate::session::cluster::Cluster;

fn three(cluster: &Cluster) -> Project<'_> {
    Project::up(
        cluster,
        &[
            ("001_a.sql", "create table a (id int);"),
            ("002_b.sql", "create table b (id int);"),
            ("003_c.sql", "create table c (id int);"),
        ],
    )
}

#[test]
fn an_edited_script_is_run_on_the_layer_before_it() {
    let cluster = Cluster::new();
    let project = three(&cluster);
    project.script("003_c.sql", "create table c (id bigint);");
    assert_eq!(project.rebuild()["from_layer"], 0);
    project.script("003_c.sql", "create table c (id text);");
    assert_eq!(project.rebuild()["from_layer"], 2);
    assert_eq!(project.dump(), project.by_psql().unwrap());
    project.script("002_b.sql", "create table b (id text);");
    assert_eq!(project.rebuild()["from_layer"], 0, "no layer lies before 002");
    assert_eq!(project.dump(), project.by_psql().unwrap());
    project.script("002_b.sql", "create table b (id bigint);");
    assert_eq!(project.rebuild()["from_layer"], 1);
    assert_eq!(project.dump(), project.by_psql().unwrap());
}

#[test]
fn what_is_laid_ready_makes_the_next_rebuild_an_exchange() {
    let cluster = Cluster::new();
    let project = three(&cluster);
    project.rebuild();
    project.ahead();
    project.run(["rebuild", "--fresh", "--dry-run"]).succeeds().prints("that lies ready");
    let rebuilt = project.rebuild();
    assert_eq!((&rebuilt["from_layer"], rebuilt["scripts"].as_array().unwrap().len()), (&3.into(), 0));
    assert_eq!(project.dump(), project.by_psql().unwrap());
    project.run(["status"]).succeeds().prints("3 of 3 scripts applied and unchanged");
}

#[test]
fn another_order_name_or_variable_never_reuses_a_layer() {
    let cluster = Cluster::new();
    let project = three(&cluster);
    project.rebuild();
    project.ahead();
    for change in [
        (|project: &Project| {
            project.remove("001_a.sql");
            project.script("004_a.sql", "create table a (id int);");
        }) as fn(&Project),
        |project| {
            project.remove("002_b.sql");
            project.script("002_other.sql", "create table b (id int);");
        },
    ] {
        change(&project);
        assert_eq!(project.rebuild()["from_layer"], 0);
        assert_eq!(project.dump(), project.by_psql().unwrap());
    }
    project.rebuild();
    let with = project.run(["rebuild", "--fresh", "--json", "--variable", "x=1"]).succeeds().json();
    assert_eq!(with["from_layer"], 0);
}

#[test]
fn a_script_that_reads_a_file_of_the_server_is_in_no_layer() {
    let cluster = Cluster::new();
    let project = three(&cluster);
    project.script("002_b.sql", "create table b as select pg_read_file('PG_VERSION') as version;");
    project.rebuild();
    project.ahead();
    assert_eq!(project.rebuild()["from_layer"], 1);
}

#[test]
fn so_many_layers_are_kept_as_the_settings_say() {
    let cluster = Cluster::new();
    let project = three(&cluster);
    std::fs::write(
        project.init().parent().unwrap().join("dbctl.toml"),
        "[layers]\nkeep = 2\nahead = false\n",
    )
    .unwrap();
    for index in 0..5 {
        project.script("003_c.sql", &format!("create table c (id_{index} int);"));
        project.rebuild();
        project.ahead();
    }
    let kinds = project.kinds();
    assert_eq!(kinds.iter().filter(|kind| **kind == Kind::Layer).count(), 2, "{kinds:?}");
    assert_eq!(project.rebuild()["from_layer"], 3);
}

#[test]
fn what_reaches_beyond_the_database_unseen_is_rolled_back() {
    let cluster = Cluster::new();
    let project = Project::up(
        &cluster,
        &[(
            "001_a.sql",
            "create table a (cmd text); insert into a values ('cre' || 'ate ro' || 'le sneaky');",
        )],
    );
    project.rebuild();
    project.script("002_b.sql", "do $$ declare c text; begin select cmd into c from a; execute c; end $$;");
    project.run(["rebuild", "--fresh"]).fails(1).prints("002_b.sql").prints("roles");
    assert_eq!(project.sql("select count(*) from pg_roles where rolname = 'sneaky'"), "0");
    assert!(!project.kinds().contains(&Kind::Building));
}
