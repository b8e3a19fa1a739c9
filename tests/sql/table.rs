//! Nasty scripts, each through psql and through the scanner.

use std::fs;

use tempfile::TempDir;

use super::driver::{self, Outcome};
use super::psql::{self, Server};

/// What psql is told after each script, so that one psql can run them all. It shows what the script left in the
/// variables.
const BOUNDARY: &[u8] = b"select 'the next script' :'v' :'w'";
const BOUNDARY_BEGIN: &[u8] = b"select 'the next script'";

/// Runs scripts in one psql and returns the queries of each.
pub fn queries_of_psql(server: Server, scripts: &[&[u8]]) -> (Vec<Vec<Vec<u8>>>, Vec<u8>) {
    let directory = TempDir::new().expect("a directory");
    let boundary = directory.path().join("boundary.sql");
    fs::write(&boundary, BOUNDARY).expect("a file");
    let mut files = Vec::new();
    for (index, script) in scripts.iter().enumerate() {
        let file = directory.path().join(format!("{index:05}.sql"));
        fs::write(&file, script).expect("a file");
        files.push(file);
        files.push(boundary.clone());
    }
    let files: Vec<_> = files.iter().map(AsRef::as_ref).collect();
    let recording = psql::run(server, &files, &[]);
    let queries: Vec<_> = recording
        .queries
        .split_inclusive(|query| query.starts_with(BOUNDARY_BEGIN))
        .map(<[_]>::to_vec)
        .collect();
    assert_eq!(queries.len(), scripts.len(), "psql went through all scripts: {}", recording.stderr);
    (queries, recording.stdout)
}

/// The same through the scanner: variables live on from script to script, as in one psql.
pub fn queries_of_scanner(server: Server, scripts: &[&[u8]]) -> (Vec<Vec<Vec<u8>>>, Vec<u8>) {
    let mut outcome = Outcome::default();
    let queries = scripts.iter().map(|script| {
        driver::run(server, script, &mut outcome);
        driver::run(server, BOUNDARY, &mut outcome);
        std::mem::take(&mut outcome.queries)
    });
    (queries.collect(), outcome.stdout)
}

pub fn show(texts: &[Vec<u8>]) -> String {
    let lines: Vec<String> = texts.iter().map(|text| text.escape_ascii().to_string()).collect();
    format!("\n    {}", lines.join("\n    "))
}

/// Fails with the first script that psql and the scanner read differently.
pub fn compare(server: Server, scripts: &[&[u8]]) {
    let (expected, expected_output) = queries_of_psql(server, scripts);
    let (found, found_output) = queries_of_scanner(server, scripts);
    for (index, script) in scripts.iter().enumerate() {
        assert!(
            expected[index] == found[index],
            "script {index}: {}\n  after: {}\n  psql: {}\n  scanner: {}",
            script.escape_ascii(),
            scripts[index.saturating_sub(1)].escape_ascii(),
            show(&expected[index]),
            show(&found[index])
        );
    }
    assert_eq!(
        expected_output.escape_ascii().to_string(),
        found_output.escape_ascii().to_string(),
        "what psql printed"
    );
}

const SCRIPTS: &[&str] = &[
    // Ends of statements.
    "select 1;",
    "select 1",
    "select 1; select 2;select 3",
    ";",
    ";;\n;",
    "  \n\n\t;",
    "select 1\n\n\n;",
    "select 1;  -- after\nselect 2; -- at the end",
    "select 1 \\; select 2;",
    "select 1\\;\n\\;select 2;",
    "select (1; 2); select 3;",
    "select (1)); select 2;",
    "select ((1\n);\n) ; select 3;",
    "",
    "\n",
    "   ",
    "-- only a comment",
    "/* only a comment */",
    "/* a */ -- b\nselect 1;",
    "-- a\n-- b\n\n/* c */\n\nselect 1 -- d\n-- e\n\n, 2 /* f */\n;\n-- g",
    // Comments.
    "select /* ; */ 1;",
    "select /* /* ; */ ; */ 1;",
    "/* open\n\n; 'x' \n */ select 1;",
    "/*/ not closed */ select 1;",
    "/**/select 1;/***/select 2;/****/select 3;",
    "/* **/select 1; /* / * /**/ */ select 2;",
    "/* unfinished ; \n\n select 1;",
    "select 1 -- ; 'x\n;",
    "--;\nselect 1;--",
    "select 1 --\r;\nselect 2;",
    // Operators.
    "select 1+-- c ;\n2;",
    "select 1 +/* ; */ 2;",
    "select 1 @--;\n 2;",
    "select 1*/*;*/2;",
    "select 1 <-/*;*/- 2, - -1, ---;\n3;",
    "select '{}'::jsonb #>>'{a}' , a ?| b, a #- b;",
    "select 1e--;\n, 2;",
    "select 1e+;2;",
    // Quotes.
    "select ';', 'it''s;', 'a\\';",
    "select 'a\nb;\n\nc';",
    "select E'a\\';b', e'\\\\';",
    "select E'a\\\n';b';",
    "select E'a\\'\n';';",
    "select E'a'\n'\\';';",
    "select E'a' 'b\\';';",
    "select B'01;', X'1;F', b'', x'a''b;', N'n;', n'';",
    "select B'01''; ';';",
    "select U&'d\\0061;', U&\"d;\", u&'\\', u& 'a;';",
    "select nE'a\\'; select 1; '",
    "select 1e'a\\'; select 1; '",
    "select 1.E'\\'; select 2;",
    "select \"a;\", \"b\"\"c;\", \"d\n;\n\"; select 1;",
    "select \"open\n;\n select 1;",
    "select 'open\n;\n\n select 1;",
    "select 'a'\n-- c\n'b;';",
    "select 'a'--;'\n'b;';",
    // Dollar quotes.
    "select $$;$$, $a$;$$;$a$, $A$;$a$;$A$;",
    "do $body$\nbegin\n  perform 1;\n\n  -- it's\nend\n$body$;",
    "select $a$;$b$;$a;$a$;",
    "select $a$ $$a$; select $1a$;$1a$ ;",
    "select a$b$; select 1$a$;$a$; select $1$a$;$a$;",
    "select $é$;$é$; select $é;",
    "select $a; select $; select $1; select $1a;",
    "select $_1$;$_1$;",
    "select $a$ open ;\n;",
    "select $a$$a$a$;",
    // Bodies of routines.
    "create function f() returns int begin atomic select 1; select 2; end; select 3;",
    "create or replace procedure p() begin atomic; select case when a then b end; end; select 3;",
    "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC\n SELECT 1;\n\nSELECT CASE 1 WHEN 1 THEN 2 END;\nEND;\nselect 1;",
    "create function begin() returns int language sql return 1; end; select 1;",
    "create /* or */ function f(begin int) begin atomic select (case when 1 then 2; end); end; x; end;",
    "create table begin (a int); select 1;",
    "create or function f() begin atomic; select 1; end; select 2;",
    "create function f() begin atomic begin; end; end; end; select 1;",
    "select create; function; create function f() begin atomic; end; 1;",
    "create function f() \\; begin atomic; select 1; end;",
    "create :x function f() begin atomic; end;",
    "create u& function f() begin atomic; a; end; b;",
    "create 1x function f() begin atomic; a; end; b;",
    "create\n\nfunction f()\n begin atomic\n a;\n",
    // Numbers and colons.
    "select 1..2, 1.5.5, .5, 1.e5, 1.5e-3x, 5.x; select 1...;",
    "select a::int, a :: int, a[1:2], a[:b], x := 1, :::x, :;",
    // Variables.
    "\\set v 1\n\\set w 'select 2;'\nselect :v, :'v', :\"v\", :{?v}, :{?none}, :none, :'none', :\"none\";\n:w :w",
    "\\set v 'it''s \\\\ a \\n value'\nselect :'v', :\"v\", ':v', \":v\", $$:v$$, /* :v */ 1 -- :v\n;",
    "\\set v ''\n:v   select 1;\n:v\n:v;",
    "\\set a ':b'\n\\set b ':a + 1'\nselect :a;",
    "\\set a '(1;'\nselect :a 2);",
    "\\set a ''''\nselect :a;\n' , :a;',2:a;",
    "\\set a 'E''x'' '\nselect :a 'b\\';\n",
    "\\set a 'E''x''\\n'\nselect :a'b\\';';\n';",
    "\\set a 'E''x''\\n''b'\nselect :a\\';';",
    "\\set a $\nselect :a:a;:a:a; select 1;",
    "\\set a -\nselect :a:a;:a- 1;\n;",
    "\\set a '-- comment;'\nselect :a 1; select 2;",
    "\\set a '/* comment;'\nselect :a 1; */ select 2;",
    "\\set a '\\\\echo hi'\nselect 1 :a there\n;",
    "\\set a '\\\\echo'\nselect 1 :a'there' :{?a}\\\\ + 2;",
    "\\set a '1;select 2;'\n:a select 3\n:a\n;",
    "\\set é 1\nselect :é, :'é';",
    "\\set 1 one\nselect a[0:1], :1;\n\\unset 1",
    "\\set a b\nselect :'a, :\"a, :{?a, :{a}, :{?}, :'', :\"\", :'a';';",
    "select 1 \\: 2, \\:v, a\\:\\:int;",
    // Meta-commands.
    "select 1 \\g\nselect 2 \\g \\g\n\\g",
    "select (1 \\g\n2; select 3;",
    "select 'a' \\r select 2;\nselect (3 \\r\nselect 4;",
    "select 1\n\\echo between\n, 2\n;",
    "select 1\n  \\echo between\n, 2\n;",
    "select 1 \\echo one\\echo two\\\\ , 2;",
    "\\echo a 'b c' \"d e\" 'f''g' \"h\"\"i\" \\echo 'j\\tk\\nl\\101\\x41\\q' m'n'o",
    "\\echo 'open\nselect 1;",
    "\\echo \"open\nselect 1;",
    "\\echo `open\nselect 1;",
    "\\set v 'a b'\n\\echo :v :'v' :\"v\" :{?v} :{?no} :no :'no' :\"no\" x:v':v'\":v\" :'v :\"v",
    "\\echo a;b; c;;\n\\echo ; \n\\echo",
    "\\nonsense a b; c\nselect 1;",
    "select 1 \\nonsense ; select 2;\n;",
    "select 1;\\q\nselect 2;",
    "select 1 \\q\nselect 2;",
    "\\",
    "\\ ;\nselect 1;",
    "\\\\ select 1;",
    "select 1 \\",
    "\\unset none\\echo hi",
    "\\echo a\\\\select 1;\\echo b\\\\\\echo c",
    "\\echo \u{c}a\tb\rc",
    // Branches.
    "\\if true\nselect 1;\n\\else\nselect 2;\n\\endif\nselect 3;",
    "\\if false\nselect 1;\n\\elif yes\nselect 2;\n\\else\nselect 3;\n\\endif",
    "select 1\n\\if false\n, (2\n\\else\n, 3\n\\endif\n, 4;",
    "select (1\n\\if off\n)))\n\\elif 0\n((\n\\else\n, 3\n\\endif\n);",
    "\\if 0\nselect :v;\n\\set v 1\n\\echo :v `exit 1`\n\\if true\nselect 1;\n\\else\nselect 2;\n\\endif\n\\nonsense\n\\endif\nselect 3;",
    "\\set v 1\n\\if :{?v}\nselect 1 \\else select 2; \\endif ;",
    "\\if true \\\\ select 1; \\else select 2; \\endif select 3;",
    "\\if false\nselect 'open\n\\endif\n';\nselect 1;\n\\endif\n\\endif\nselect 2;",
    "\\if false\nselect 1",
    "\\if nonsense\nselect 1;\n\\endif\n\\else\nselect 2;",
    "\\if false\nselect $1;;;select\n\\endif\nselect 3;",
    // Bytes.
    "\u{feff}select 1;",
    "select 1;\n\u{feff}select 2;",
    "select 1;\r\nselect 2;\r\n\r\nselect\r\n3\r\n;",
    "\u{c}select\u{c}1\u{b};\u{c};",
    "select 'ä', \"ö\", ü;\nselect ñ$ñ$;",
    "select 1;\0select 2;\nselect 3;\n",
    "\0\nselect 1;\n",
    "select '\0\n;\n';",
    "select 1;\n\0",
    // The single-line mode, last because it stays on.
    "\\set SINGLELINE on\nselect 1\nselect (2\n)\n'a\n;'\n\nselect 3 -- x\n-- y\n/* z */\n\\if false\nselect 4\n\\endif\nselect 5\n",
];

#[test]
fn nasty_scripts_are_read_as_psql_reads_them() {
    let scripts: Vec<&[u8]> = SCRIPTS.iter().map(|script| script.as_bytes()).collect();
    assert!(scripts.len() >= 80);
    compare(Server::default(), &scripts);
}

#[test]
fn backslashes_escape_where_the_server_has_no_standard_strings() {
    let server = Server { standard_conforming_strings: false, ..Server::default() };
    let scripts: &[&[u8]] = &[
        b"select 'a\\';b', 'c';",
        b"set standard_conforming_strings = on;\nselect 'a\\';select 2;",
        b"select 'a\\'; set standard_conforming_strings = off; select 'b\\';\nselect 'c\\';d';",
        b"select 'a'\n'b\\';c', U&'\\', n'\\';';",
    ];
    compare(server, scripts);
}

#[test]
fn unsafe_encodings_hide_trailing_bytes() {
    let scripts: &[&[u8]] = &[
        b"select '\x83\x5c;', '\x95\x5c';\nselect 1;",
        b"select \x83\x5c; select \"\x83\x5c\";",
        b"\\set v \x83\x5c\nselect :v, :'v', :\"v\";\n\\echo :v '\x83\x5cn' \x83\x5c x\n",
        b"\\set \x83\x41 1\nselect :\x83\x41;",
        b"\\set v '\x83'\nselect :'v';",
        b"select $\x83\x5c$;$\x83\x5c$;",
        b"\xef\xbb\xbfselect 1;",
        b"select '\x83';\nselect '\x83\n;';",
    ];
    for client_encoding in
        ["SJIS", "BIG5", "GBK", "UHC", "GB18030", "JOHAB", "LATIN1", "EUC_JP", "SHIFT_JIS_2004"]
    {
        compare(Server { client_encoding, ..Server::default() }, scripts);
    }
}

#[test]
fn a_line_longer_than_any_buffer_is_one_line() {
    let long = format!("select '{}'; select \"{}\";", "x;".repeat(300_000), "y".repeat(5000));
    let nul = format!("select '{}\0{}';\nselect 2;", "x".repeat(1500), "y".repeat(1500));
    let edge: Vec<String> = (1018..1026).map(|n| format!("{}\0;\nselect 1;", "x".repeat(n))).collect();
    let mut scripts: Vec<&[u8]> = vec![long.as_bytes(), nul.as_bytes()];
    scripts.extend(edge.iter().map(String::as_bytes));
    compare(Server::default(), &scripts);
}
