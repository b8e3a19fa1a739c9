//! `dbctl lint`: what it prints, what it looks at, and how it is told otherwise.

use crate::harness::Project;

const HEADER: &str = "-- Description: a\n-- Author: b\n-- Date: c\n";

fn with_header(text: &str) -> String {
    format!("{HEADER}{text}")
}

fn project(scripts: &[(&str, &str)]) -> Project {
    let project = Project::new();
    for (name, text) in scripts {
        project.write(&format!("init/{name}"), with_header(text));
    }
    project
}

#[test]
fn findings_look_as_a_compiler_shows_them() {
    let project =
        project(&[("001_a.sql", "CREATE TABLE t (\n    a int,\n    b TIMESTAMP\n);\nTRUNCATE t;\n")]);
    let ran = project.run(["lint"]).fails(1);
    let expected = "\
error[create-if-not-exists]: table `t` is created without IF NOT EXISTS
 --> init/001_a.sql:4:14
  |
4 | CREATE TABLE t (
  |              ^ a second run fails here
  |
  = help: write `IF NOT EXISTS`

error[timestamptz]: `t.b` is a TIMESTAMP without time zone
 --> init/001_a.sql:6:7
  |
6 |     b TIMESTAMP
  |       ^^^^^^^^^ write TIMESTAMPTZ

warning[no-drop]: table `t` is emptied
 --> init/001_a.sql:8:10
  |
8 | TRUNCATE t;
  |          ^

2 errors, 1 warning in 1 of 1 script; `--fix` mends 2
";
    assert_eq!(ran.stdout, expected);
    assert_eq!(ran.stderr, "");
}

#[test]
fn warnings_alone_end_with_0_and_nothing_with_a_word() {
    project(&[("001_a.sql", "TRUNCATE t;\n")]).run(["lint"]).succeeds().prints("0 errors, 1 warning");
    project(&[("001_a.sql", "SELECT 1;\n")]).run(["lint"]).succeeds().prints("1 script: nothing found");
}

#[test]
fn other_programs_read_json_annotations_and_sarif() {
    let project = project(&[("001_a.sql", "DROP TABLE ä, \"b,c:%\";\n")]);
    let json = project.run(["lint", "--json"]).succeeds().json();
    assert_eq!(json["warnings"], 2);
    let second = &json["findings"][1];
    let place =
        ["line", "column", "end_line", "end_column"].map(|key| second[key].as_u64().expect("a number"));
    assert_eq!(place, [4, 15, 4, 22]);
    assert_eq!((&second["rule"], &second["path"]), (&"no-drop".into(), &"init/001_a.sql".into()));
    assert_eq!(project.run(["lint", "--format", "json"]).succeeds().json(), json);
    let github = project.run(["lint", "--format", "github"]).succeeds().stdout;
    let expected = "::warning file=init/001_a.sql,line=4,col=15,endColumn=21,title=no-drop::table `b,c:%25` is dropped with its rows";
    assert_eq!(github.lines().nth(1), Some(expected));
    let sarif = project.run(["lint", "--format", "sarif"]).succeeds().json();
    let result = &sarif["runs"][0]["results"][1];
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startColumn"], 15);
    let rule = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).expect("an index");
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][rule]["id"], "no-drop");
}

#[test]
fn a_comment_silences_a_rule_for_one_statement() {
    let text =
        "-- dbctl: allow no-drop\nDROP TABLE a;\nDROP TABLE b; -- dbctl: allow no-drop\nDROP TABLE c;\n";
    let json = project(&[("001_a.sql", text)]).run(["lint", "--json"]).succeeds().json();
    assert_eq!(json["warnings"], 1);
    assert_eq!(json["findings"][0]["line"], 7);
    let project = Project::new();
    project.write("init/001_a.sql", "-- dbctl: allow header\nSELECT 1;\n");
    project.run(["lint"]).succeeds().prints("nothing found");
    project.write("init/001_a.sql", "-- dbctl: allow haeder\nSELECT 1;\n");
    project.run(["lint"]).fails(1).prints("there is no rule `haeder`").prints("did you mean `header`?");
}

#[test]
fn the_file_the_flags_and_patterns_of_paths_say_how_much_a_rule_matters() {
    let project = project(&[("001_a.sql", "DROP TABLE a;\n"), ("002_b.sql", "DROP TABLE b;\n")]);
    project
        .write("dbctl.toml", "[lint.rules]\nno-drop = 'error'\n[lint.paths.'init/001_*']\nno-drop = 'off'\n");
    project.run(["lint"]).fails(1).prints("table `b`").does_not_print("table `a`");
    project.run(["lint", "--rule", "no-drop=off"]).succeeds().prints("nothing found");
    project.write("dbctl.toml", "[lint.rules]\nno_drop = 'error'\n");
    project.run(["lint"]).fails(3).prints("`no_drop`, which does not exist; did you mean `no-drop`?");
    project.write("dbctl.toml", "[lint]\npreset = 'migration'\n");
    project.run(["lint"]).fails(3).prints("migrations");
    project.write("dbctl.toml", "");
    project.run(["lint", "--rule", "nodrop=off"]).fails(2).prints("did you mean `no-drop`?");
    project.run(["lint", "--preset", "migrations"]).fails(1).prints("error[no-drop]");
}

#[test]
fn scripts_are_named_by_number_range_name_or_path() {
    let project = project(&[
        ("001_a.sql", "DROP TABLE a;\n"),
        ("002_b.sql", "DROP TABLE b;\n"),
        ("003_c.sql", "SELECT 1;\n"),
    ]);
    project.write("other/001_x.sql", with_header("DROP TABLE x;\n"));
    let found = |arguments: &[&str]| {
        let mut all = vec!["lint", "--format", "github"];
        all.extend(arguments);
        let lines = project.run(all).succeeds().stdout;
        lines
            .lines()
            .map(|line| line.split('`').nth(1).expect("a name").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(found(&[]), "a b");
    assert_eq!(found(&["1"]), "a");
    assert_eq!(found(&["2..", "001_a.sql"]), "a b");
    assert_eq!(found(&["init/002_b.sql", "other"]), "b x");
    project.run(["lint", "4"]).fails(2).prints("no script `4`; the nearest are `003_c.sql`");
    project.write("init/notes.txt", "");
    project.run(["lint", "init/notes.txt"]).fails(2).prints("init/notes.txt` is no script");
}

#[test]
fn what_earlier_scripts_make_is_known_and_they_are_not_checked() {
    let scripts = [
        ("001_a.sql", "CREATE TABLE a (id int);\n"),
        ("002_b.sql", "ALTER TABLE a ADD COLUMN IF NOT EXISTS b int REFERENCES a ON DELETE CASCADE;\n"),
        ("003_c.sql", "CREATE INDEX IF NOT EXISTS idx_a_b ON a (b);\n"),
    ];
    project(&scripts).run(["lint", "2"]).succeeds().prints("nothing found");
    project(&scripts[..2])
        .run(["lint", "2"])
        .fails(1)
        .prints("no index of `a` begins with the foreign key (b)");
}

#[test]
fn a_number_that_is_used_twice_is_found_though_nothing_else_would_run() {
    let project = project(&[("001_a.sql", "SELECT 1;\n"), ("001_b.sql", "SELECT 1;\n")]);
    project.run(["lint"]).fails(1).prints("number 001 is used twice: `001_a.sql` and `001_b.sql`");
}

#[test]
fn a_compressed_script_is_read_and_a_broken_archive_is_an_error() {
    let project = project(&[]);
    project.write("init/001_a.sql", with_header("DROP TABLE a;\n"));
    assert!(
        std::process::Command::new("gzip")
            .arg(project.path().join("init/001_a.sql"))
            .status()
            .is_ok_and(|it| it.success())
    );
    project.run(["lint"]).succeeds().prints("init/001_a.sql.gz:4:12");
    project.write("init/001_a.sql.gz", "no archive");
    project.run(["lint"]).fails(3).prints("is broken");
}

#[test]
fn commands_variables_and_data_are_no_statements() {
    let text = "\\set t x\n\\if :{?y}\n\\echo 'CREATE TABLE a ();'\n\\endif\nSELECT :'t', :\"t\" FROM :t \\gset\n\
                CREATE TEMP TABLE staging (a text);\nCOPY staging FROM STDIN;\nDROP TABLE users;\n\\.\nSELECT 1;\n";
    project(&[("001_a.sql", text)]).run(["lint"]).succeeds().prints("nothing found");
}
