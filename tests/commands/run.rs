//! `dbctl run`: it stands where `psql -f` stood; the real psql is asked what that means.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use crate::harness::{Project, Ran};
use crate::session::cluster::Cluster;

/// Files in a directory, and a database of their own on a server without a container.
pub(super) struct Bench {
    pub project: Project,
    database: String,
}

impl Bench {
    pub fn new() -> Self {
        Self { project: Project::new(), database: Cluster::shared().database() }
    }

    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.project.write(name, text);
        self
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}", Cluster::shared().port(), self.database)
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.project.run(["run", "--url", &self.url()].iter().chain(arguments))
    }

    pub fn count(&self, table: &str) -> String {
        let rows = Cluster::shared().session(&self.database).simple(&format!("select count(*) from {table}"));
        rows.unwrap().rows.remove(0).remove(0).unwrap()
    }

    /// psql and dbctl on two databases, with the same arguments for both: streams and exit code.
    pub fn agrees(&self, arguments: &[&str], files: &[&str]) {
        self.agrees_in(&[], arguments, files);
    }

    /// The same in an environment.
    fn agrees_in(&self, environment: &[(&str, &str)], arguments: &[&str], files: &[&str]) {
        let mut psql = Cluster::shared().psql(&Cluster::shared().database());
        psql.envs(environment.iter().copied());
        psql.args(arguments).current_dir(self.project.path()).stdin(Stdio::null());
        let psql = text(&psql.args(files.iter().flat_map(|file| ["-f", file])).output().unwrap());
        let mut dbctl = self.project.command(["run", "--psql-output", "--url", &self.url()]);
        dbctl.env("LC_ALL", "C.UTF-8").envs(environment.iter().copied());
        let dbctl = text(&dbctl.args(arguments).args(files).output().unwrap());
        assert_eq!(dbctl, psql, "{environment:?} {arguments:?} {files:?}");
    }
}

pub(super) fn text(output: &Output) -> (String, String, Option<i32>) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

pub(super) fn fed(mut command: Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // One that has found an error reads no more.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn streams_and_exit_code_are_psqls() {
    let bench = Bench::new()
        .file("a.sql", "create table a (n int);\ninsert into a values (1), (2) returning n;\n\\echo :who\n\\ir sub/b.sql\n")
        .file("sub/b.sql", "do $$ begin raise notice 'hello'; end $$;\nselect n, 'ä' as t from a;\n")
        .file("quit.sql", "select 1;\n\\q\nselect 2;\n")
        .file("dropped.sql", "select pg_terminate_backend(pg_backend_pid());\n")
        .file("unknown.sql", "select 1;\n\\nonsense\nselect 2;\n");
    bench.agrees(&["-v", "who=me"], &["a.sql"]);
    bench.agrees(&[], &["quit.sql", "quit.sql"]);
    bench.agrees(&[], &["unknown.sql"]);
    let (_, stderr, code) = text(
        &bench
            .project
            .command(["run", "--psql-output", "--url", &bench.url(), "dropped.sql"])
            .output()
            .unwrap(),
    );
    assert_eq!(code, Some(2), "{stderr}");
}

#[test]
fn a_single_transaction_is_for_all_files() {
    let bench = Bench::new().file("a.sql", "create table a (n int);\n").file("b.sql", "select 1/0;\n");
    bench
        .run(&["-1", "a.sql", "b.sql"])
        .fails(1)
        .prints("`b.sql` failed at line 1")
        .prints("nothing was applied");
    bench.run(&["-1", "a.sql"]).succeeds();
    assert_eq!(bench.count("a"), "0");
    bench.run(&["a.sql", "b.sql", "-v", "ON_ERROR_STOP=0"]).fails(1).prints("2 statements failed");
}

#[test]
fn without_stopping_errors_are_shown_and_the_rest_is_carried_out() {
    let bench = Bench::new().file("a.sql", "select oops;\ncreate table a (n int);\nselect 1/0;\n");
    let ran = bench.run(&["--no-stop", "a.sql"]).fails(1);
    assert!(ran.stderr.contains("psql:a.sql:1: ERROR:  column \"oops\" does not exist"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("division by zero") && ran.stderr.contains("2 statements failed"),
        "{}",
        ran.stderr
    );
    assert_eq!(bench.count("a"), "0");
    bench.run(&["--no-stop", "--psql-output", "a.sql"]).succeeds();
}

#[test]
fn errors_that_are_passed_over_are_shown_however_little_else_is() {
    let bench = Bench::new()
        .file("a.sql", "select 'rows';\nselect oops;\n\\nonsense\n")
        .file("b.sql", "select 'rows';\nselect oops;\n\\d nothing\n");
    for (arguments, file) in [(["--quiet", "--no-stop"], "a.sql"), (["--json", "--no-stop"], "a.sql")] {
        let ran = bench.run(&[arguments[0], arguments[1], file]).fails(1);
        assert!(
            ran.stderr.contains("psql:a.sql:2: ERROR:  column \"oops\" does not exist\nLINE 1: select oops;"),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains("psql:a.sql:3: error: invalid command \\nonsense"), "{}", ran.stderr);
        assert!(!ran.stdout.contains("rows") && !ran.stderr.contains("rows"), "{}{}", ran.stdout, ran.stderr);
        let failures = (arguments[0] == "--json").then_some("\"failures\": 2");
        assert!(ran.stdout.contains(failures.unwrap_or_default()), "{}", ran.stdout);
        // So are those of a script that psql runs.
        let ran = bench.run(&[arguments[0], arguments[1], "b.sql"]);
        assert!(ran.stderr.contains("psql:b.sql:2: ERROR:  column \"oops\""), "{}", ran.stderr);
        assert!(!ran.stdout.contains("rows"), "{}", ran.stdout);
    }
}

#[test]
fn a_variable_that_psql_refuses_is_refused_in_its_words() {
    let bench = Bench::new().file("a.sql", "create table a (n int);\n");
    for given in ["ECHO=bogus", "AUTOCOMMIT=bogus", "FETCH_COUNT=x"] {
        bench.agrees(&["-v", given], &["a.sql"]);
        bench.run(&["-v", given, "a.sql"]).fails(2).prints(given.split_once('=').unwrap().1);
    }
    assert_eq!(bench.count("pg_class where relname = 'a'"), "0");
}

#[test]
fn the_environment_counts_as_it_does_for_psql() {
    let asked = "show timezone; show datestyle; show client_encoding; show geqo; show work_mem;\n\
                 select now()::timestamptz(0) - now()::timestamptz(0), 'ä' as text;\n\\encoding\n\\set QUIET on\n\\c\nshow timezone;\n";
    let bench = Bench::new().file("a.sql", asked).file("b.sql", format!("{asked}\\d nothing\n"));
    for environment in [
        &[("PGTZ", "Asia/Tokyo"), ("PGDATESTYLE", "German"), ("PGGEQO", "off")][..],
        &[
            ("PGTZ", "default"),
            ("PGCLIENTENCODING", "LATIN1"),
            ("PGOPTIONS", "-c work_mem=3MB -c timezone=UTC"),
        ],
        &[("PGCLIENTENCODING", "auto"), ("LC_ALL", "C.UTF-8")],
        &[("PGCLIENTENCODING", "auto"), ("LC_ALL", "C")],
        &[("PGAPPNAME", "somebody"), ("PGOPTIONS", ""), ("PGCLIENTENCODING", "")],
    ] {
        // By the session, and by psql itself.
        bench.agrees_in(environment, &[], &["a.sql"]);
        bench.agrees_in(environment, &[], &["b.sql"]);
    }
    let bench = bench.file("c.sql", "show work_mem; show application_name;\n");
    let url = format!("{}?options=-c%20work_mem%3D5MB", bench.url());
    let mut command = bench.project.command(["run", "--url", &url, "c.sql"]);
    let output = command.env("PGOPTIONS", "-c work_mem=3MB").env("PGAPPNAME", "somebody").output().unwrap();
    let (stdout, ..) = text(&output);
    assert!(stdout.contains(" 5MB") && stdout.contains(" somebody"), "{stdout}");
    let mut command = bench.project.command(["run", "--psql-output", "--url", &bench.url(), "c.sql"]);
    assert_eq!(text(&command.env("PGTZ", "nowhere").output().unwrap()).2, Some(2));
}

#[test]
fn a_connection_lost_at_the_end_leaves_open_what_came_of_it() {
    let bench = Bench::new().file(
        "a.sql",
        "create table a (n int);\n\
         create function ends() returns trigger language plpgsql as $$ begin\n\
         perform pg_terminate_backend(pg_backend_pid()); return null; end $$;\n\
         create constraint trigger ends after insert on a initially deferred for each row execute function ends();\n\
         insert into a values (1);\n",
    );
    for arguments in [&["-1", "a.sql"][..], &["a.sql"]] {
        let ran = bench.run(arguments).fails(5);
        assert!(ran.stderr.contains("terminating connection"), "{}", ran.stderr);
        assert!(ran.stderr.contains("is not known") && !ran.stderr.contains("ledger"), "{}", ran.stderr);
    }
}

#[test]
fn a_dump_that_is_no_script_is_refused() {
    let bench = Bench::new()
        .file("dump.sql", "PGDMP\u{1}\u{e}\n\\! touch touched\nselect 1;\n")
        .file("marked.sql", "\u{feff}PGDMP\nselect 1;\n")
        .file("second.sql", "\nPGDMP\nselect 1;\n")
        .file("a.sql", "create table a (n int);\n\\ir dump.sql\n")
        .file("inner.sql", "select 1;\n\\ir dump.sql\nselect 2;\n")
        .file("set.sql", "\\set file dump.sql\nselect 1;\n\\i :file\nselect 2;\n");
    for file in ["dump.sql", "marked.sql", "a.sql"] {
        bench
            .run(&[file])
            .fails(3)
            .prints("is a PostgreSQL custom-format dump")
            .prints("nothing was run")
            .prints("pg_restore -f");
    }
    let dump = b"PGDMP\nselect 1;\n";
    let ran = fed(bench.project.command(["run", "--url", &bench.url(), "-"]), dump);
    assert_eq!(text(&ran).2, Some(3));
    assert_eq!(bench.count("pg_class where relname = 'a'"), "0");
    bench.run(&["set.sql"]).fails(1).prints("custom-format dump").prints("pg_restore");
    // And psql's words and exit code, where those are wanted.
    for files in [&["dump.sql"][..], &["marked.sql"], &["second.sql"], &["set.sql", "inner.sql"]] {
        bench.agrees(&[], files);
        bench.agrees(&["-v", "ON_ERROR_STOP=0"], files);
    }
    bench.agrees(&[], &["dump.sql", "inner.sql"]);
    bench.agrees(&["--single-transaction"], &["inner.sql"]);
}

#[test]
fn a_program_is_run_only_where_that_is_allowed() {
    let bench = Bench::new()
        .file("a.sql", "create table a (n int);\n\\ir inner.sql\n")
        .file("inner.sql", "select 1;\n  \\! touch touched\n");
    bench
        .run(&["a.sql"])
        .fails(3)
        .prints("`\\!` in `inner.sql`, line 2, column 3")
        .prints("--allow-shell")
        .prints("nothing was run");
    assert_eq!(bench.run(&["a.sql"]).stdout, "");
    bench.run(&["--allow-shell", "a.sql"]).succeeds();
    assert!(bench.project.path().join("touched").exists());
}

#[test]
fn what_psql_could_be_led_to_run_is_refused_before_anything_runs() {
    let hidden = "\\! touch touched\n";
    let deep = |depth: usize| format!("\\ir deep{}.sql\n", depth + 1);
    let bench =
        (0..35).fold(Bench::new(), |bench, depth| bench.file(&format!("deep{depth}.sql"), deep(depth)));
    let bench =
        bench.file("deep35.sql", hidden).file("inner.sql", "select 1;\n").file("sub/inner.sql", hidden);
    for (text, place) in [
        ("\\set EDITOR 'touch touched; true'\n\\e", "`\\e` in `a.sql`, line 3"),
        ("\\ef", "`\\ef` in `a.sql`, line 2"),
        ("\\ev", "`\\ev` in `a.sql`, line 2"),
        ("\\set x '\\\\! touch touched'\n:x", "`:x` in line 3"),
        ("\\set x '\\\\! touch touched'\n\\set y :x\nselect 1 :y", "`:x` in line 3"),
        ("\\set q ''''\nselect :q '\\! touch touched\n'", "`:q` in line 3"),
        ("select '\\! touch touched' as x \\gset\nselect 1 :x", "`:x` in line 3"),
        ("do $$ begin raise '\\! touch touched'; end $$;\n:LAST_ERROR_MESSAGE", "`:LAST_ERROR_MESSAGE`"),
        ("\\set f '|touch touched'\nselect 1 \\g :f", "`:f` in line 3"),
        ("\\set f '|touch touched'\n\\o :f", "`:f` in line 3"),
        ("select 1 \\g '|touch touched'", "`\\g` in `a.sql`, line 2"),
        ("\\set f sub/inner.sql\n\\i :f", "`\\i` in line 3"),
        ("\\cd sub\n\\i inner.sql", "`\\cd` in line 2"),
        ("\\o new.sql\n\\qecho '\\\\! touch touched'\n\\o\n\\i new.sql", "`\\i` in line 5"),
        ("\\o inner.sql\n\\qecho '\\\\! touch touched'\n\\o\n\\i inner.sql", "`\\o` in line 2"),
        ("\\ir deep0.sql", "`\\ir` in line 1"),
        ("\\copy (select 1 -- ) to program 'touch touched'", "`\\copy` in `a.sql`, line 2"),
        (
            "select set_config('standard_conforming_strings', 'off', false);\nselect '\\' as a, ' \\! touch touched\n'",
            "`standard_conforming_strings` in line 2",
        ),
    ] {
        bench.project.write("a.sql", format!("\\d\n{text}\n"));
        bench.run(&["a.sql"]).fails(3).prints(place).prints("nothing was run");
    }
    bench.project.write("a.sql", "\\d\nselect 1 :x;\n");
    bench.run(&["-v", "x=\\! touch touched", "a.sql"]).fails(3).prints("`:x` in line 2");
    for text in ["\\set n 17\nselect :n;", "\\set d '''a'''\nselect :d, :'d';", "\\i inner.sql"] {
        bench.project.write("a.sql", format!("\\d\n{text}\n"));
        bench.run(&["a.sql"]).succeeds();
    }
    assert!(!bench.project.path().join("touched").exists());
}

#[test]
fn a_catalog_command_is_carried_out_by_psql_itself() {
    let bench = Bench::new().file("a.sql", "create table shown (n int);\n\\d shown\nselect oops;\n");
    bench
        .run(&["a.sql"])
        .fails(1)
        .prints("is run by psql: `\\d` in `a.sql`, line 2, column 1")
        .prints("Table \"public.shown\"")
        .prints("psql ended `a.sql` with exit code 3");
    let ran = bench
        .project
        .command(["run", "--url", &bench.url(), "a.sql"])
        .env("PATH", "/nowhere")
        .output()
        .unwrap();
    let (stdout, stderr, code) = text(&ran);
    assert_eq!((stdout.as_str(), code), ("", Some(3)), "{stderr}");
    assert!(
        stderr.contains("`\\d` in `a.sql`, line 2, column 1") && stderr.contains("nothing was run"),
        "{stderr}"
    );
}

#[test]
fn a_packed_file_is_read_and_its_errors_have_their_lines() {
    let mut archive = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    archive.write_all(b"select 1;\n\nselect '\xc3\xa4', oops;\n").unwrap();
    let bench = Bench::new().file("a.sql.gz", archive.finish().unwrap());
    bench.run(&["a.sql.gz"]).fails(1).prints("failed at line 3, column 13").prints("3 | select 'ä', oops;");
}

#[test]
fn a_file_that_is_not_there_is_an_error_before_anything_runs() {
    let bench = Bench::new().file("a.sql", "create table a (n int);\n");
    bench.run(&["a.sql", "b.sql"]).fails(3).prints("`b.sql` cannot be read").prints("nothing was run");
    bench.run(&["--psql-output", "b.sql"]).fails(1);
    assert_eq!(bench.run(&["a.sql"]).succeeds().stdout, "CREATE TABLE\n");
}

#[test]
fn watch_shows_the_time_of_this_machine() {
    let bench = Bench::new().file("a.sql", "select 1 \\watch i=0 c=1\n");
    for zone in ["XYZ-3:30", "America/New_York", ":Asia/Tokyo", "UTC", ""] {
        let shown = |command: &mut Command| {
            let output = command.env("TZ", zone).env("LC_ALL", "C").output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let now = || shown(Command::new("date").arg("+%a %b %e %H:%M:%S %Y"));
        let before = now();
        let title = shown(&mut bench.project.command(["run", "--url", &bench.url(), "a.sql"]));
        let (title, after) = (title.lines().next().unwrap_or_default(), now());
        let minute = |time: &str| time.trim_end()[..16].to_owned();
        assert!([minute(&before), minute(&after)].contains(&minute(title)), "{zone}: {title}, {after}");
    }
}

#[test]
fn psql_is_fed_a_packed_file_and_finds_what_it_includes() {
    let pack = |text: &str| {
        let mut archive = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        archive.write_all(text.as_bytes()).unwrap();
        archive.finish().unwrap()
    };
    let bench = Bench::new()
        .file("a.sql", "create table a (n int);\n\\d a\n")
        .file("sub/b.sql.gz", pack("\\ir c.sql\n\\i sub/c.sql"))
        .file("sub/c.sql", "insert into a values (1);\n");
    bench.run(&["a.sql", "sub/b.sql.gz"]).succeeds().prints("Table \"public.a\"");
    assert_eq!(bench.count("a"), "2");
    bench
        .run(&["a.sql", "sub/b.sql.gz", "sub/b.sql.gz"])
        .fails(3)
        .prints("only one file that it cannot open itself")
        .prints("nothing was run");
}

#[test]
fn names_that_are_no_text_are_found() {
    use std::os::unix::ffi::OsStringExt as _;
    let name = std::ffi::OsString::from_vec(b"b\xff\\'d.sql".to_vec());
    let bench = Bench::new()
        .file("a.sql", "select 1;\n")
        .file("including.sql", b"\\i 'b\xff\\\\''d.sql'\n\\ir 'b\xff\\\\''d.sql'\n");
    std::fs::write(bench.project.path().join(&name), "\\ir a.sql\nselect 'inner';\n").unwrap();
    for files in [vec![name.clone()], vec![name.clone(), "a.sql".into()], vec!["including.sql".into()]] {
        let mut psql = Cluster::shared().psql(&Cluster::shared().database());
        psql.current_dir(bench.project.path());
        for file in &files {
            psql.arg("-f").arg(file);
        }
        let mut dbctl = bench.project.command(["run", "--psql-output", "--url", &bench.url()]);
        let dbctl = text(&dbctl.args(&files).output().unwrap());
        assert_eq!(dbctl, text(&psql.output().unwrap()), "{files:?}");
    }
}

#[test]
fn results_that_nobody_can_be_shown_end_the_script() {
    let bench = Bench::new();
    for text in [
        "select 1;\n\\warn on\n",
        "\\echo a\nselect 1;\n\\warn on\n",
        "copy (select generate_series(1, 100000)) to stdout;\n\\warn on\n",
        "\\copy (select 1) to pstdout\n\\warn on\n",
        "create temp table t (n int);\n\\warn on\n",
    ] {
        bench.project.write("a.sql", text);
        let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut psql = Cluster::shared().psql(&Cluster::shared().database());
        psql.current_dir(bench.project.path()).args(["-f", "a.sql"]).stdout(full());
        let psql = self::text(&psql.stderr(Stdio::piped()).output().unwrap());
        let mut dbctl = bench.project.command(["run", "--psql-output", "--url", &bench.url(), "a.sql"]);
        let dbctl = self::text(&dbctl.stdout(full()).stderr(Stdio::piped()).output().unwrap());
        assert_eq!(dbctl, psql, "{text}");
        let mut dbctl = bench.project.command(["run", "--url", &bench.url(), "a.sql"]);
        assert_eq!(dbctl.stdout(full()).output().unwrap().status.code(), Some(1), "{text}");
    }
}

#[test]
fn a_script_whose_reader_has_gone_ends_without_a_word() {
    let bench = Bench::new().file("a.sql", "select 1;\ncreate table a (n int);\n");
    let mut command = bench.project.command(["run", "--url", &bench.url(), "a.sql"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((String::from_utf8_lossy(&output.stderr).as_ref(), output.status.code()), ("", Some(1)));
    assert_eq!(bench.count("pg_class where relname = 'a'"), "0");
}

#[test]
fn what_cannot_be_begun_is_told_in_psqls_words() {
    let bench = Bench::new().file("a.sql", "select 1;\n").file("directory/b.sql", "");
    bench.agrees(&["--set", "a-b=1"], &["a.sql"]);
    bench.agrees(&["--set", "=1"], &["a.sql"]);
    bench.agrees(&["--set", "ON_ERROR_STOP=sometimes"], &["a.sql"]);
    bench.agrees(&["--set", "FETCH_COUNT=many"], &["a.sql"]);
    bench.agrees(&[], &["none.sql"]);
    bench.agrees(&[], &["directory"]);
    bench.run(&["-v", "a-b=1", "a.sql"]).fails(2).prints("invalid variable name: \"a-b\"");
}

#[test]
fn a_broken_archive_is_called_so() {
    let bench =
        Bench::new().file("a.sql.gz", "no archive").file("b.sql.gz", "").file("c.sql.xz", "no archive");
    for name in ["a.sql.gz", "b.sql.gz", "c.sql.xz"] {
        bench.run(&[name]).fails(3).prints(&format!("the archive `{name}` is broken"));
    }
}
