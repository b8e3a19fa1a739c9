//! `dbctl exec`: every form of naming scripts, and every refusal.

use crate::harness::Project;

fn three() -> Project {
    let project = Project::with_service()
        .script("001_a.sql", "create table runs (what text); insert into runs values ('1');")
        .script("002_b.sql", "insert into runs values ('2');")
        .script("003_c.sql", "insert into runs values ('3');");
    project.run(["up"]).succeeds();
    project
}

fn runs(project: &Project) -> String {
    project.sql("select string_agg(what, ' ') from runs")
}

#[test]
fn an_applied_script_is_not_run_again_unless_asked() {
    let project = three();
    project.run(["exec", "003"]).succeeds().prints("--again");
    assert_eq!(runs(&project), "1 2 3");
    project.run(["exec", "3", "--again"]).succeeds();
    assert_eq!(runs(&project), "1 2 3 3");
}

#[test]
fn a_changed_script_is_run_and_its_new_content_recorded() {
    let project = three();
    project.write("init/003_c.sql", "insert into runs values ('3b');");
    project.run(["exec", "003"]).succeeds().prints("003_c.sql");
    assert_eq!(runs(&project), "1 2 3 3b");
    project.run(["up"]).succeeds().prints("nothing to do");
}

#[test]
fn scripts_are_named_by_number_name_path_range_and_list() {
    let project = three();
    for (file, what) in
        [("004_d", "4"), ("005_e", "5"), ("006_f", "6"), ("007_g", "7"), ("008_h", "8"), ("009_i", "9")]
    {
        project.write(&format!("init/{file}.sql"), format!("insert into runs values ('{what}');"));
    }
    project.run(["exec", "4"]).succeeds();
    project.run(["exec", "005_e.sql"]).succeeds();
    project.run(["exec", "init/006_f.sql"]).succeeds();
    project.run(["exec", "007..008"]).succeeds();
    project.run(["exec", "009.."]).succeeds();
    assert_eq!(runs(&project), "1 2 3 4 5 6 7 8 9");
    project.run(["exec", "002", "003", "--again"]).succeeds();
    assert_eq!(runs(&project), "1 2 3 4 5 6 7 8 9 2 3");
}

#[test]
fn an_earlier_pending_script_is_a_refusal_that_names_the_way_out() {
    let project = three();
    project.write("init/004_d.sql", "insert into runs values ('4');");
    project.write("init/005_e.sql", "insert into runs values ('5');");
    project.run(["exec", "005"]).fails(1).prints("004_d.sql").prints("--out-of-order");
    assert_eq!(runs(&project), "1 2 3");
    project.run(["exec", "005", "--out-of-order"]).succeeds();
    assert_eq!(runs(&project), "1 2 3 5");
    project.run(["up"]).succeeds().prints("below");
    assert_eq!(runs(&project), "1 2 3 5 4");
}

#[test]
fn an_unknown_number_is_an_error_with_the_nearest_names() {
    let project = three();
    project.run(["exec", "030"]).fails(2).prints("030").prints("003_c.sql");
}

#[test]
fn a_dry_run_of_exec_changes_nothing() {
    let project = three();
    project.run(["exec", "002", "--again", "--dry-run"]).succeeds().prints("run `002_b.sql`: again");
    assert_eq!(runs(&project), "1 2 3");
}

#[test]
fn what_a_script_leaves_in_its_transaction_does_not_reach_its_ledger_row() {
    let project = three();
    project.write(
        "init/004_d.sql",
        "create role other; create table d (id int primary key deferrable initially deferred);\n\
         set session_replication_role = replica; set row_security = off; set role other; set local statement_timeout = 50;\n",
    );
    project.run(["exec", "004"]).succeeds();
    assert_eq!(project.applied().last().map(String::as_str), Some("004_d.sql"));
}

#[test]
fn a_deferred_constraint_that_fails_leaves_nothing_behind() {
    let project = three();
    project.write(
        "init/004_d.sql",
        "create table d (id int unique deferrable initially deferred); insert into d values (1), (1);\n",
    );
    project.run(["exec", "004"]).fails(1).prints("23505").prints("could not be committed");
    assert_eq!(project.sql("select to_regclass('d') is null"), "t");
    project.run(["status"]).succeeds().prints("failed");
}
