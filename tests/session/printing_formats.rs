//! Every output format, with every setting that bears on it, against the bytes of the real psql.

use std::fmt::Write as _;

use dbctl::session::{Bookkeeping, Channel, Column, Output, Part, Printer, Ran, Row, Settings, Table};

use super::cluster::Cluster;
use super::script::{AUTOCOMMIT, Script};

/// Texts that are hard to lay out, in short and in long tables.
const QUERIES: [&str; 16] = [
    "select 1 as one, 'two' as two, null as nothing",
    "select",
    "select from generate_series(1, 3)",
    "select 1 as a, 'b' as b where false",
    "select n, n * 1000000.5 as big, repeat('x', n) as text from generate_series(8, 12) as g(n)",
    "select E'one\\ntwo\\n\\nfour' as \"li\\nes\", 1 as \"ti\ntle\", E'a\\nb' as \"x\ny\nz\"",
    "select 'x' as \"a\nlong\ntitle\", null as \" \"",
    "select E'a\\tb' as tab, E'cr\\rlf' as cr, E'bell\\x07' as control, U&'c1\\0085' as c1, E'del\\x7f'",
    "select 'ä' as umlaut, '漢字かな' as wide, 'e' || U&'\\0301' as combined, '😀' as \"smile 漢\", 5 as ö",
    "select repeat('lorem ipsum ', 9) as words, 12345678 as number, '漢字' || repeat('字', 30) as wide",
    "select repeat('a' || E'\\n' || repeat('b', 30) || ' ', 3) as mixed, 1.50 as n, 'c' as c from generate_series(1, 2)",
    "select '<a href=\"x\">&' as html, '|' as pipe, E'\\\\' as backslash, '#$%&<>^_{|}~\\' as \"latex_\", '  lead' as l",
    "select '' as empty, ' ' as space, E' \\t ' as white, '\"quoted\"' as quoted, 'a,b;c' as separated, E'\\\\.' as dot",
    "select -1234567.891::numeric as n, 'NaN'::float8 as nan, '1234567'::text as t, 1e20::float8 as e, '12'::money as m",
    "select 'only one column that is rather long, longer than the target' as single",
    "select n as id, case n % 3 when 0 then null when 1 then 'left' else 'long ' || n end as v from generate_series(1, 11) g(n)",
];

/// `\pset`s on top of psql's defaults.
type Options = Vec<(&'static str, &'static str)>;

/// Every way to take one of each list.
fn product(lists: &[&[(&'static str, &'static str)]]) -> Vec<Options> {
    lists.iter().fold(vec![vec![]], |ways, list| {
        let longer = |way: &Options| {
            list.iter().map(|&option| [way.clone(), vec![option]].concat()).collect::<Vec<_>>()
        };
        ways.iter().flat_map(longer).collect()
    })
}

fn options(name: &'static str, values: &[&'static str]) -> Vec<(&'static str, &'static str)> {
    values.iter().map(|&value| (name, value)).collect()
}

/// Keeps the tables that a script's queries give.
#[derive(Default)]
struct Recorder {
    encoding: String,
    tables: Vec<Table>,
}

impl Output for Recorder {
    fn columns(&mut self, columns: &[Column]) {
        let encoding = dbctl::sql::encoding::Encoding::named(&self.encoding).unwrap_or_default();
        self.tables.push(Table::new(columns, encoding));
    }

    fn row(&mut self, row: &Row) {
        self.tables.last_mut().unwrap().push(row);
    }

    fn encoding(&mut self, name: &str) {
        self.encoding = name.to_owned();
    }
}

struct NoBooks;

impl Bookkeeping for NoBooks {
    fn begin(&mut self) -> Vec<String> {
        vec![]
    }

    fn applied(&mut self, _ran: &Ran) -> Vec<String> {
        vec![]
    }

    fn progress(&mut self, _finished: u32) -> String {
        "select".into()
    }
}

pub fn tables(queries: &[&str]) -> Vec<Table> {
    let mut session = Cluster::shared().session("postgres");
    let mut recorder = Recorder::default();
    let script = Script::new(queries.join(";\n") + ";\n");
    session.run(&mut script.clone(), AUTOCOMMIT, &mut NoBooks, &mut recorder).unwrap();
    recorder.tables
}

/// What we print for each way, with the messages of `\pset`.
fn ours_of(ways: &[Options], tables: &[Table]) -> Vec<Vec<u8>> {
    let print = |options: &Options| {
        let mut settings = Settings::default();
        let mut out = vec![];
        for (option, value) in options {
            out.extend(settings.set(option.as_bytes(), Some(value.as_bytes())).unwrap().unwrap_or_default());
        }
        for table in tables {
            table.write(&settings, Part::WHOLE, &mut out).unwrap();
        }
        out
    };
    ways.iter().map(print).collect()
}

const DEFAULTS: [(&str, &str); 15] = [
    ("border", "1"),
    ("columns", "0"),
    ("csv_fieldsep", ","),
    ("expanded", "off"),
    ("fieldsep", "|"),
    ("footer", "on"),
    ("format", "aligned"),
    ("linestyle", "ascii"),
    ("null", ""),
    ("numericlocale", "off"),
    ("recordsep", "\n"),
    ("tuples_only", "off"),
    ("unicode_border_linestyle", "single"),
    ("unicode_column_linestyle", "single"),
    ("unicode_header_linestyle", "single"),
];

const MARK: &str = "\x01\x02mark\n";

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\n', "\\n")
}

/// What psql prints for them, in one process.
fn psqls_of(ways: &[Options], queries: &[&str]) -> Vec<Vec<u8>> {
    let mut script = String::new();
    for way in ways {
        script.push_str("\\set QUIET on\n\\pset title\n\\pset tableattr\n");
        for (option, value) in DEFAULTS {
            writeln!(script, "\\pset {option} '{}'", escaped(value)).unwrap();
        }
        script.push_str("\\set QUIET off\n\\unset FETCH_COUNT\n");
        for (option, value) in way {
            writeln!(script, "\\pset {option} '{}'", escaped(value)).unwrap();
        }
        script.push_str(&(queries.join(";\n") + ";\n"));
        script.push_str(&format!("\\echo -n '{}'\n", escaped(MARK)));
    }
    let out = psql(&script);
    let mut shown = vec![];
    let mut rest = out.as_slice();
    while let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK.as_bytes()) {
        shown.push(rest[..at].to_vec());
        rest = &rest[at + MARK.len()..];
    }
    shown
}

pub fn psql(script: &str) -> Vec<u8> {
    let cluster = Cluster::shared();
    let directory = Script::new(script).write(cluster, &cluster.database());
    let output = cluster.psql("postgres").args(["-f", "t.sql"]).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "psql failed: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Fails with the first difference of some of the ways that differ.
fn differ(what: &str, ways: &[Options], ours: &[Vec<u8>], psqls: &[Vec<u8>]) {
    assert_eq!((ours.len(), psqls.len()), (ways.len(), ways.len()));
    let mut report = String::new();
    let wrong = (0..ways.len()).filter(|&index| ours[index] != psqls[index]).collect::<Vec<_>>();
    for &index in wrong.iter().take(5) {
        let (ours, psqls) = (&ours[index], &psqls[index]);
        let at = ours.iter().zip(psqls).take_while(|(one, other)| one == other).count();
        let around = |text: &[u8]| {
            let range = at.saturating_sub(150)..text.len().min(at + 100);
            String::from_utf8_lossy(&text[range]).into_owned()
        };
        let way = &ways[index];
        write!(report, "{way:?}\n--- ours\n{}\n--- psql's\n{}\n", around(ours), around(psqls)).unwrap();
    }
    assert!(wrong.is_empty(), "{what}: {} of {} ways differ\n{report}", wrong.len(), ways.len());
}

fn compare(ways: &[Options], queries: &[&str]) {
    differ("all queries", ways, &ours_of(ways, &tables(queries)), &psqls_of(ways, queries));
}

const FORMATS: [&str; 9] =
    ["aligned", "wrapped", "unaligned", "csv", "html", "asciidoc", "latex", "latex-longtable", "troff-ms"];

#[test]
fn every_format_prints_every_border_expanded_or_not_with_and_without_headings() {
    let ways = product(&[
        &options("format", &FORMATS),
        &options("border", &["0", "1", "2", "3", "4"]),
        &options("expanded", &["off", "on", "auto"]),
        &options("tuples_only", &["off", "on"]),
    ]);
    compare(&ways, &QUERIES);
}

#[test]
fn titles_table_attributes_null_footers_and_grouped_digits_stand_where_psql_puts_them() {
    let mut ways = product(&[
        &options("format", &FORMATS),
        &options(
            "title",
            &["A title", "a rather long title with <&> and 漢字 that is wider than most of the tables are"],
        ),
        &options("tableattr", &["class=\"x\"", " 0.1 0.25"]),
        &options("null", &["(null)"]),
        &options("footer", &["off"]),
        &options("numericlocale", &["on"]),
        &options("expanded", &["off", "on"]),
        &options("border", &["1", "2", "3"]),
    ]);
    ways.extend(product(&[
        &options("format", &FORMATS),
        &options("title", &["A\ttitle"]),
        &options("tuples_only", &["on"]),
        &options("expanded", &["off", "on"]),
    ]));
    compare(&ways, &QUERIES);
}

#[test]
fn every_line_style_is_drawn_as_psql_draws_it() {
    let mut ways = product(&[
        &options("format", &["aligned", "wrapped"]),
        &options("columns", &["0", "30"]),
        &options("linestyle", &["old-ascii", "ascii", "unicode"]),
        &options("border", &["0", "1", "2"]),
        &options("expanded", &["off", "on", "auto"]),
        &options("tuples_only", &["off", "on"]),
    ]);
    ways.extend(product(&[
        &options("linestyle", &["unicode"]),
        &options("border", &["1", "2"]),
        &options("expanded", &["off", "on"]),
        &options("unicode_border_linestyle", &["single", "double"]),
        &options("unicode_column_linestyle", &["single", "double"]),
        &options("unicode_header_linestyle", &["single", "double"]),
    ]));
    compare(&ways, &QUERIES);
}

#[test]
fn wrapped_tables_fit_the_target_width_as_psql_makes_them_fit() {
    let ways = product(&[
        &options("format", &["wrapped", "aligned"]),
        &options("columns", &["1", "9", "15", "20", "25", "33", "40", "60", "77", "100", "200", "-5"]),
        &options("border", &["0", "1", "2"]),
        &options("expanded", &["off", "on", "auto"]),
        &options("title", &["t"]),
    ]);
    compare(&ways, &QUERIES);
}

#[test]
fn separators_are_put_between_fields_and_records() {
    let mut ways = product(&[
        &options("format", &["unaligned"]),
        &options("fieldsep", &["", ", ", "\t", "漢"]),
        &options("recordsep", &["", " // ", "\n\n"]),
        &options("expanded", &["off", "on"]),
        &options("tuples_only", &["off", "on"]),
        &options("title", &["title"]),
    ]);
    ways.extend(product(&[
        &options("format", &["unaligned"]),
        &[("fieldsep_zero", "x"), ("recordsep_zero", "on")],
        &options("expanded", &["off", "on"]),
        &options("tuples_only", &["off", "on"]),
    ]));
    ways.extend(product(&[
        &options("format", &["csv"]),
        &options("csv_fieldsep", &[";", "\t", ".", "\\", "x"]),
        &options("expanded", &["off", "on"]),
        &options("null", &["nix"]),
    ]));
    compare(&ways, &QUERIES);
}

#[test]
fn characters_of_other_encodings_have_the_widths_that_psql_gives_them() {
    let ways = product(&[
        &options("format", &["wrapped", "aligned", "unaligned"]),
        &options("columns", &["0", "20"]),
        &options("border", &["1", "2"]),
        &options("expanded", &["off", "on"]),
    ]);
    let east = "select U&'\\65E5\\672C\\8A9E a' as \"t\", U&'\\65E5' || E'\\n\\tx\\x01' as l, repeat(U&'\\672C', 20) as w";
    let japanese = "select U&'\\FF71\\FF72 half' as half, U&'\\30C6\\30B9' as full";
    let russian = "select U&'\\041F\\0440\\0438' as \"r\", E'\\x01' as c, repeat(U&'\\0416', 30) as w";
    let western = "select U&'\\00E4\\00F6' as \"u\", E'\\x7f' as c, repeat(U&'\\00DF', 30) as w";
    let cases: [(&str, &[&str]); 13] = [
        ("EUC_JP", &[east, japanese, russian]),
        ("SJIS", &[east, japanese, russian]),
        ("EUC_CN", &["select U&'\\4E2D\\6587' as z, E'\\t\\x02' as c, repeat(U&'\\4E2D', 20) as w"]),
        ("EUC_KR", &["select U&'\\D55C\\AD6D' as k, E'\\t\\x02' as c, repeat(U&'\\D55C', 20) as w"]),
        ("EUC_TW", &["select U&'\\4E2D\\6587' as z, repeat(U&'\\4E2D', 20) as w"]),
        ("BIG5", &["select U&'\\4E2D\\6587\\529F' as z, repeat(U&'\\529F', 20) as w"]),
        ("GBK", &[east]),
        ("GB18030", &[east, western]),
        ("UHC", &["select U&'\\D55C\\AD6D' as k, repeat(U&'\\D55C', 20) as w"]),
        ("JOHAB", &["select U&'\\D55C\\AD6D' as k, repeat(U&'\\D55C', 20) as w"]),
        ("LATIN1", &[western]),
        ("WIN1251", &[russian]),
        ("KOI8R", &[russian]),
    ];
    for (encoding, queries) in cases {
        let set = format!("set client_encoding = '{encoding}'");
        let quiet = format!("\\set QUIET on\n{set};\n\\set QUIET off\n{}", queries[0]);
        let (ours, psqls) =
            (tables(&[&[set.as_str()], queries].concat()), [&[quiet.as_str()], &queries[1..]].concat());
        differ(encoding, &ways, &ours_of(&ways, &ours), &psqls_of(&ways, &psqls));
    }
}

#[test]
fn results_fetched_in_parts_are_printed_part_by_part() {
    let ways = product(&[
        &options("format", &FORMATS),
        &options("border", &["1", "2"]),
        &options("expanded", &["off", "on", "auto"]),
        &options("columns", &["0", "40"]),
        &options("tuples_only", &["off", "on"]),
        &options("title", &["title"]),
    ]);
    let queries = [
        "select 1 as a, 2 as b where false",
        QUERIES[4],
        QUERIES[15],
        "select n, 'x' || E'\n' || n as l from generate_series(1, 9) g(n)",
    ];
    for count in ["1", "3", "5", "100"] {
        let quiet = format!("\\set FETCH_COUNT {count}\n{}", queries[0]);
        let psqls = psqls_of(&ways, &[&[quiet.as_str()], &queries[1..]].concat());
        let print = |options: &Options| {
            let mut out = vec![];
            let mut printer = Printer::new(&mut out, std::io::sink());
            let mut settings = Settings::default();
            for (option, value) in options {
                let told = settings.set(option.as_bytes(), Some(value.as_bytes())).unwrap();
                printer.echo(Channel::Out, &told.unwrap_or_default());
            }
            printer.settings(&settings);
            printer.rows_at_once(count.parse().unwrap());
            let mut session = Cluster::shared().session("postgres");
            let script = Script::new(queries.join(";\n") + ";\n");
            session.run(&mut script.clone(), AUTOCOMMIT, &mut NoBooks, &mut printer).unwrap();
            printer.finish().unwrap();
            out
        };
        differ(count, &ways, &ways.iter().map(print).collect::<Vec<_>>(), &psqls);
    }
}
