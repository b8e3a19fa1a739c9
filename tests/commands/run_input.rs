//! `dbctl run -`: scripts that come as they are written, and what else reads standard input.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::run::{Bench, fed, text};
use crate::session::cluster::Cluster;

#[test]
fn standard_input_is_a_file_too() {
    let bench = Bench::new().file("a.sql", "create table a (n int);\n");
    let script = b"copy a from stdin;\n1\n2\n\\.\nselect sum(n) from a;\nselect oops;\n";
    let dbctl = bench.project.command(["run", "--url", &bench.url(), "a.sql", "-"]);
    let (stdout, stderr, code) = text(&fed(dbctl, script));
    assert_eq!(stdout, "CREATE TABLE\nCOPY 2\n sum \n-----\n   3\n(1 row)\n\n");
    assert!(stderr.contains("`<stdin>` failed at line 6, column 8"), "{stderr}");
    assert_eq!((code, bench.count("a").as_str()), (Some(1), "2"));
}

#[test]
fn a_catalog_command_in_standard_input_is_carried_out_by_psql() {
    let bench = Bench::new().file("a.sql", "create table shown (n int);\n").file("b.sql", "\\d shown\n\\q\n");
    let script = b"insert into shown values (1);\n\\i b.sql\nselect oops;\n";
    let (stdout, stderr, code) =
        text(&fed(bench.project.command(["run", "--url", &bench.url(), "a.sql", "-"]), script));
    assert!(stderr.contains("is run by psql: `\\d` in `b.sql`, line 1, column 1"), "{stderr}");
    assert!(stdout.contains("Table \"public.shown\""), "{stdout}");
    assert!(stderr.contains("psql:<stdin>:3: ERROR:  column \"oops\""), "{stderr}");
    assert_eq!((code, bench.count("shown").as_str()), (Some(1), "1"));
    // A file is as good as a pipe, and is read from where it stands.
    bench.project.write("c.sql", "oops\n\\d shown\n");
    let mut file = std::fs::File::open(bench.project.path().join("c.sql")).unwrap();
    std::io::Read::read_exact(&mut file, &mut [0; 5]).unwrap();
    let mut command = bench.project.command(["run", "--url", &bench.url(), "-"]);
    let (stdout, stderr, code) = text(&command.stdin(file).output().unwrap());
    assert!(stdout.contains("Table \"public.shown\""), "{stdout}{stderr}");
    assert_eq!(code, Some(0));
}

#[test]
fn what_standard_input_may_not_do_is_refused_before_anything_runs() {
    let bench = Bench::new();
    for script in
        ["create table a (n int);\n\\! touch touched\n", "create table a (n int);\n\\d a\n\\set x `ls`\n"]
    {
        let (_, stderr, code) =
            text(&fed(bench.project.command(["run", "--url", &bench.url(), "-"]), script.as_bytes()));
        assert!(stderr.contains("in `<stdin>`, line") && stderr.contains("nothing was run"), "{stderr}");
        assert_eq!((code, bench.count("pg_class where relname = 'a'").as_str()), (Some(3), "0"));
    }
    assert!(!bench.project.path().join("touched").exists());
}

#[test]
fn whoever_waits_for_an_answer_before_writing_on_gets_it() {
    let bench = Bench::new();
    let mut command = bench.project.command(["run", "--url", &bench.url(), "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(output));
    input.write_all(b"select 'first' as word;\n").unwrap();
    assert!(lines.by_ref().map(Result::unwrap).any(|line| line.contains("first")));
    // What follows is not known before anything runs, so that psql cannot be chosen any more.
    input.write_all(b"create table a (n int);\n\\d a\n").unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("`\\d`") && stderr.contains("line 3"), "{stderr}");
    assert_eq!((output.status.code(), bench.count("a").as_str()), (Some(1), "0"));
}

#[test]
fn standard_input_without_an_end_in_sight_is_run_as_it_comes() {
    let bench = Bench::new().file("a.sql", "create table a (n int);\n");
    let filling = [b"-- ".as_slice(), &[b'x'; 1020], b"\n"].concat().repeat(70 * 1024);
    let script = [b"insert into a values (1);\n".as_slice(), &filling, b"\\d a\n"].concat();
    let (_, stderr, code) =
        text(&fed(bench.project.command(["run", "--url", &bench.url(), "a.sql", "-"]), &script));
    assert!(stderr.contains("`<stdin>` failed at line 71682"), "{stderr}");
    assert_eq!((code, bench.count("a").as_str()), (Some(1), "1"));
}

/// psql and dbctl with this text as their standard input.
fn agree_on_input(bench: &Bench, text: &str, files: &[&str]) {
    let mut psql = Cluster::shared().psql(&Cluster::shared().database());
    psql.current_dir(bench.project.path()).args(files.iter().flat_map(|file| ["-f", file]));
    let psql = self::text(&fed(psql, text.as_bytes()));
    let mut dbctl = bench.project.command(["run", "--psql-output", "--url", &bench.url()]);
    dbctl.args(files);
    assert_eq!(self::text(&fed(dbctl, text.as_bytes())), psql, "{text}");
}

#[test]
fn whatever_reads_standard_input_goes_on_where_the_other_has_stopped() {
    let table = "create temp table t(n int);\n";
    let bench = Bench::new()
        .file("sub.sql", "\\copy t from pstdin\n")
        .file("ask.sql", "\\prompt x\n\\prompt y\n\\echo :x :y\n")
        .file("table.sql", "create temp table t(n int);\n");
    for text in [
        "\\copy t from pstdin\n1\n2\n\\.\ntable t;\nselect xx;",
        "\\copy t from stdin\n1\n2\n\\.\ntable t;\n\\prompt x\nhello\n\\echo :x\nselect xx;",
        "\\i sub.sql\n3\n4\n\\.\ntable t;\nselect xx;",
        "\\i ask.sql\n3\n4\n\\.\n",
        "\\i -\n\\copy t from pstdin\n3\n4\n\\.\ntable t;\nselect xx;\n",
        "\\i -\n\\if 0\n",
        "\\i -\n\\q\nselect xx;\n",
        "\\copy t from pstdin\n1\n2",
        "\\copy t from pstdin\n1\nx\n\\.\nselect 5;",
        "\\set ON_ERROR_STOP 0\n\\copy t from pstdin\n1\nx\n\\.\nselect 5;\nselect xx;",
        "\\copy t from pstdin binary\n1\n\\.\nselect 5;\nselect xx;",
        "\\prompt last",
        "\\prompt last\n",
    ] {
        agree_on_input(&bench, &format!("{table}{text}"), &["-"]);
    }
    agree_on_input(&bench, "5\n\\.\n6\n\\.\ntable t;", &["table.sql", "sub.sql", "sub.sql", "-"]);
    agree_on_input(&bench, "5\n6\n", &["ask.sql"]);
}

#[test]
fn a_pipe_is_read_once_and_run() {
    let bench = Bench::new();
    let pipe = bench.project.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (text, shown) in [("create table a (n int);\n", "CREATE TABLE\n"), ("\\d a\n", "Table \"public.a\"")]
    {
        let writer = pipe.clone();
        let writer = std::thread::spawn(move || std::fs::write(writer, text).unwrap());
        bench.run(&["pipe"]).succeeds().prints(shown);
        writer.join().unwrap();
    }
}

#[test]
fn one_interrupt_ends_the_wait_for_input() {
    let bench = Bench::new()
        .file("copy.sql", "create temp table t(n int);\n\\copy t from pstdin\n")
        .file("ask.sql", "\\prompt x\n")
        .file("program.sql", "create temp table t(n int);\n\\copy t from program 'exec sleep 30'\n");
    let pipe = bench.project.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for files in [["-"], ["copy.sql"], ["ask.sql"], ["pipe"], ["program.sql"]] {
        for begins in ["", "select 'begun';\n"] {
            let mut command = bench.project.command(["run", "--allow-shell", "--url", &bench.url()]);
            command.args(files).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let mut input = child.stdin.take().unwrap();
            if files == ["-"] {
                input.write_all(begins.as_bytes()).unwrap();
            }
            std::thread::sleep(std::time::Duration::from_millis(1500));
            let process = rustix::process::Pid::from_child(&child);
            rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
            let begun = std::time::Instant::now();
            let output = child.wait_with_output().unwrap();
            drop(input);
            assert_eq!(
                output.status.code(),
                Some(130),
                "{files:?} {}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(begun.elapsed().as_secs() < 5, "{files:?} took {:?}", begun.elapsed());
        }
    }
}
