//! How far scripts reach, case by case.

use super::*;

fn of(script: &str) -> Reach {
    reach(script.as_bytes()).expect("memory can be read")
}

fn cluster(script: &str) -> Option<(String, &'static str)> {
    of(script).cluster.map(|found| (found.word, found.why))
}

fn uncovered(script: &str) -> Option<(String, &'static str)> {
    of(script).uncovered.map(|found| (found.word, found.why))
}

#[track_caller]
fn assert_cluster(cases: &[(&str, &str, &str)]) {
    for &(script, word, why) in cases {
        let found = cluster(script);
        assert_eq!(found.as_ref().map(|(word, why)| (word.as_str(), *why)), Some((word, why)), "{script}");
    }
}

#[test]
fn what_all_databases_share_is_found_in_the_open() {
    assert_cluster(&[
        ("create role app nologin;", "create role", "a role"),
        ("CREATE\n  USER app;", "CREATE USER", "a role"),
        ("alter group g add user u;", "alter group", "a role"),
        ("drop role if exists a;", "drop role", "a role"),
        ("alter role app set statement_timeout = 0;", "alter role", "a role"),
        ("grant reader, writer to app;", "grant reader, writer to", "membership in a role"),
        (
            "revoke admin option for reader from app;",
            "revoke admin option for reader from",
            "membership in a role",
        ),
        ("alter database arasul_db set search_path = a;", "alter database", "a database"),
        ("create database other;", "create database", "a database"),
        ("grant connect on database arasul_db to app;", "on database", "the database itself"),
        ("revoke all on database d from public;", "on database", "the database itself"),
        ("comment on database d is 'x';", "on database", "the database itself"),
        ("comment on role r is 'x';", "on role", "a role"),
        ("security label for p on role r is 'x';", "on role", "a role"),
        ("create tablespace t location '/x';", "tablespace", "a tablespace"),
        ("alter table t set tablespace fast;", "tablespace", "a tablespace"),
        ("set default_tablespace = fast;", "default_tablespace", "a tablespace"),
        ("alter system set shared_preload_libraries = 'x';", "alter system", "a setting of the server"),
        ("grant set on parameter work_mem to app;", "on parameter", "a setting of the server"),
        ("select pg_reload_conf();", "pg_reload_conf", "the server itself"),
        ("select current_database();", "current_database", "the database itself"),
        ("select 1 from pg_database where true;", "pg_database", "the database itself"),
        ("select \"datname\" from pg_stat_activity;", "\"datname\"", "the database itself"),
        ("select :'DBNAME';", "'DBNAME'", "the database itself"),
        ("create view v as select ':DBNAME', :DBNAME;", "DBNAME", "the database itself"),
        ("create subscription s connection '' publication p;", "create subscription", "a subscription"),
        (
            "select pg_create_logical_replication_slot('a', 'b');",
            "pg_create_logical_replication_slot",
            "replication",
        ),
        ("select pg_terminate_backend(1);", "pg_terminate_backend", "other sessions"),
        ("drop owned by app;", "drop owned", "what a role owns anywhere"),
        ("reassign owned by a to b;", "reassign owned", "what a role owns anywhere"),
        ("prepare transaction 'x';", "prepare transaction", "a prepared transaction"),
        ("load 'auto_explain';", "load", "a library of the server"),
        ("copy t to '/tmp/x';", "to", "a file of the server"),
        ("copy t to program 'cat';", "to", "a program"),
        ("select lo_export(1, '/x');", "lo_export", "a file of the server"),
        ("select dblink_exec('', '');", "dblink_exec", "dblink"),
        ("create extension pg_cron;", "pg_cron", "an extension with a worker or databases of its own"),
        ("select cron.schedule('a', '* * * * *', 'b');", "cron", "a job of pg_cron"),
        (
            "create function f() returns int language plpython3u as $$ $$;",
            "plpython3u",
            "a language that may do anything",
        ),
        (
            "create function f() returns int as 'lib' language c;",
            "language c",
            "a language that may do anything",
        ),
        ("create :kind x;", "create", "dynamic SQL about something that the text does not name"),
    ]);
}

#[test]
fn guarded_dynamic_and_nested_text_counts_as_if_it_stood_in_the_open() {
    assert_cluster(&[
        (
            "do $$ begin if not exists (select from pg_roles) then create role a nologin; end if; end $$;",
            "create role",
            "a role",
        ),
        ("do $$ begin execute 'create role '||x; end $$;", "create role", "a role"),
        ("do 'begin execute ''create role ''||x; end';", "create role", "a role"),
        ("do $a$ begin execute $b$create role x$b$; end $a$;", "create role", "a role"),
        ("do $$ begin execute format('CREATE ROLE %I NOLOGIN', x); end $$;", "CREATE ROLE", "a role"),
        ("do $$ begin execute E'create\\nrole a'; end $$;", "create role", "a role"),
        (
            "do $$ begin execute format('GRANT %I TO %I', a, b); end $$;",
            "GRANT %I TO",
            "membership in a role",
        ),
        ("select format('create database %I', 'x') \\gexec\n", "create database", "a database"),
        ("\\set make 'create role a'\n:make;", "create role", "a role"),
        ("select run('alter system set work_mem = 1');", "alter system", "a setting of the server"),
        (
            "create function f() returns void language plperl as $$ spi_exec_query(\"create role x\") $$;",
            "create role",
            "a role",
        ),
        ("begin; create role a; commit;", "create role", "a role"),
    ]);
}

#[test]
fn halves_of_a_statement_count_where_something_may_put_them_together() {
    let dynamic = |body: &str| format!("do $$ declare v text := 'x'; begin {body}; end $$;");
    for body in [
        "execute 'create ' || v",
        "execute v || 'role x'",
        "execute format('create %s %I', v, v)",
        "execute format('%s role x', v)",
        "execute format('%1$s role x', v)",
        "execute concat('drop ', 'data', v)",
        "execute 'grant ' || v",
        "v := 'database'; execute v",
        "insert into t values ('create role x'); execute v",
    ] {
        assert!(cluster(&dynamic(body)).is_some(), "{body}");
    }
    for body in [
        "execute v",
        "execute format('create table %I ()', v)",
        "execute 'alter table ' || v || ' add column role text'",
        "execute format('grant select on %I to %I', v, v)",
        "execute format('create policy %I on %I using (user_id = current_user)', v, v)",
        "perform 'create ' || v",
    ] {
        assert_eq!(cluster(&dynamic(body)), None, "{body}");
    }
    assert_eq!(
        cluster("create trigger t before update on u for each row execute function f('create');"),
        None
    );
    assert_eq!(cluster("insert into audit values ('create'), ('role');"), None);
}

#[test]
fn what_lies_in_the_database_is_local() {
    for script in [
        "-- create role a\n/* alter system */ select 1; -- \\c other",
        "create table \"user\" (role admin_role, \"database\" text, system boolean default true);",
        "alter table t drop role;",
        "alter table t alter role set not null;",
        "grant select, insert (a, b) on table t to app with grant option;",
        "grant usage on schema s to app; revoke grant option for all on t from app;",
        "alter default privileges for role a grant select on tables to b;",
        "alter table t owner to app; set role app; reset role; set session authorization a;",
        "create policy p on t to app using (true);",
        "create user mapping for app server s; drop user mapping if exists for app server s;",
        "create schema authorization app;",
        "select set_config('search_path', '', false); set work_mem = '1MB';",
        "set default_tablespace = ''; create table t () tablespace pg_default;",
        "comment on table t is 'who may create user accounts or drop database x';",
        "insert into p (a) values (1, 'grant access to create role'), (2, 'alter system');",
        "insert into p values ('Please grant us access to the database');",
        "copy t from stdin;\ncreate role a;\n\\.\nselect 1;",
        "create extension if not exists pgcrypto; create extension postgres_fdw;",
        "create publication p for all tables;",
        "select now(), random(), gen_random_uuid();",
        "\\if false\ncreate role a;\n\\endif\n",
        "create index on t (a); comment on column t.role is 'x'; listen a; notify a;",
        "execute prepared_statement(1);",
        "\\i other.sql\n\\echo 'done'\n\\set x 1\n",
    ] {
        assert_eq!(of(script), Reach::default(), "{script}");
    }
}

#[test]
fn what_the_checksum_does_not_cover_is_found() {
    let cases = [
        ("copy t from '/x';", "from", "a file of the server"),
        ("copy t (a, b) from program 'curl x';", "from", "a program"),
        ("do $$ begin execute format('copy t from %L', x); end $$;", "from", "a file of the server"),
        ("do $$ begin execute 'copy t from '||x; end $$;", "from", "a file of the server"),
        ("select pg_read_file('x');", "pg_read_file", "a file of the server"),
        ("select pg_ls_dir('x');", "pg_ls_dir", "a file of the server"),
        ("select lo_import('/x');", "lo_import", "a file of the server"),
        ("create server s foreign data wrapper file_fdw;", "create server", "another server's data"),
        ("import foreign schema a from server s into b;", "foreign schema", "another server's data"),
        ("select inet_server_addr();", "inet_server_addr", "the network"),
        ("\\getenv x HOME\n", "\\getenv", "the environment"),
        ("\\set x `date`\n", "\\set", "a program"),
        ("\\! ls\n", "\\!", "a program"),
        ("\\copy t from 'x.csv'\n", "from", "a file of the server"),
        ("\\copy t from x.csv csv\n", "from", "a file of the server"),
        ("\\c other\n", "\\c", "another connection"),
        ("\\i :file\n", "\\i", "a file whose name only a variable tells"),
    ];
    for (script, word, why) in cases {
        let found = uncovered(script);
        assert_eq!(found.as_ref().map(|(word, why)| (word.as_str(), *why)), Some((word, why)), "{script}");
    }
    for script in
        ["copy t from stdin;\n\\.\n", "\\copy t from stdin\n\\.\n", "copy (select a from b) to stdout;"]
    {
        assert_eq!(of(script), Reach::default(), "{script}");
    }
    assert!(Reach::of_shell().cluster.is_some() && Reach::of_shell().uncovered.is_some());
}

#[test]
fn a_finding_has_its_place_and_the_first_one_counts() {
    let found =
        of("select 1;\n/* ä */ do $$\nbegin\n  execute 'ä create role a';\n  create database d;\nend $$;");
    let found = found.cluster.expect("a role");
    assert_eq!((found.word.as_str(), found.position.line, found.position.column), ("create role", 4, 14));
    let included = of("\n\nalter system reset all;");
    let both = of("select pg_read_file('x');").with_included(included);
    assert_eq!(both.cluster.map(|found| found.position.line), Some(3));
    assert_eq!(both.uncovered.map(|found| found.word), Some("pg_read_file".to_owned()));
}

#[test]
fn any_depth_of_quotes_comes_to_an_end() {
    let tags = (0..1000).map(|tag| format!("$a{tag}$")).collect::<Vec<_>>().join(" ");
    assert!(of(&tags).cluster.is_some());
    assert_eq!(of(&"'".repeat(1001)), Reach::default());
}
