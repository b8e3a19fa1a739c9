//! `\pset` and its short forms, and `\crosstabview`, against the real psql.

use dbctl::session::{Part, PsetError, Settings};

use super::cluster::Cluster;
use super::printing_formats::tables;
use super::script::Script;

const OPTIONS: [&str; 27] = [
    "border",
    "columns",
    "csv_fieldsep",
    "expanded",
    "fieldsep",
    "fieldsep_zero",
    "footer",
    "format",
    "linestyle",
    "null",
    "numericlocale",
    "pager",
    "pager_min_lines",
    "recordsep",
    "recordsep_zero",
    "tableattr",
    "title",
    "tuples_only",
    "unicode_border_linestyle",
    "unicode_column_linestyle",
    "unicode_header_linestyle",
    "x",
    "vertical",
    "t",
    "T",
    "C",
    "nothing",
];

const VALUES: [&str; 44] = [
    "",
    "on",
    "off",
    "of",
    "o",
    "TRUE",
    "yes",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "65536",
    "99999999999",
    "99999999999999999999",
    " 7x",
    "+4",
    "x",
    ";",
    "\"",
    "ab",
    "auto",
    "AUTO",
    "aut",
    "always",
    "a",
    "al",
    "u",
    "un",
    "l",
    "latex",
    "LATEX-L",
    "troff",
    "w",
    "h",
    "as",
    "ascii",
    "old",
    "s",
    "double",
    "d",
    "a'b",
    "\n",
    "漢",
];

/// What psql prints on its two streams.
fn psql(script: &str) -> (String, String) {
    let cluster = Cluster::shared();
    let directory = Script::new(script).write(cluster, &format!("{}_pset", cluster.database()));
    let output = cluster.psql("postgres").args(["-f", "t.sql"]).current_dir(directory).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Notes what psql would print: errors with their place.
struct Teller {
    settings: Settings,
    script: String,
    out: Vec<u8>,
    err: String,
}

impl Teller {
    fn new() -> Self {
        Self {
            settings: Settings::default(),
            script: "\\set ON_ERROR_STOP off\n".into(),
            out: vec![],
            err: String::new(),
        }
    }

    fn tell(&mut self, command: &str, outcome: Result<Option<Vec<u8>>, PsetError>) {
        self.script += command;
        self.script += "\n";
        match outcome {
            Ok(text) => self.out.extend(text.unwrap_or_default()),
            Err(error) => {
                self.err += &format!("psql:t.sql:{}: error: {error}\n", self.script.lines().count());
            }
        }
    }

    fn compare(self) {
        let (out, err) = psql(&self.script);
        assert_eq!(String::from_utf8(self.out).unwrap(), out);
        assert_eq!(self.err, err);
    }
}

#[test]
fn every_option_takes_and_tells_what_psql_takes_and_tells() {
    let mut teller = Teller::new();
    for option in OPTIONS {
        for value in VALUES.into_iter().map(Some).chain([None, None]) {
            let typed = value.map(|value| format!("'{}'", value.replace('\'', "''").replace('\n', "\\n")));
            let outcome = teller.settings.set(option.as_bytes(), value.map(str::as_bytes));
            teller.tell(&format!("\\pset {option} {}", typed.unwrap_or_default()), outcome);
            let listing = teller.settings.listing();
            teller.tell("\\pset", Ok(Some(listing)));
        }
    }
    assert!(teller.err.lines().count() > 100);
    teller.compare();
}

#[test]
fn the_toggles_turn_the_format_as_psql_turns_it() {
    let mut teller = Teller::new();
    for command in [
        "\\a",
        "\\a",
        "\\H",
        "\\H",
        "\\a",
        "\\H",
        "\\a",
        "\\pset format csv",
        "\\a",
        "\\pset format csv",
        "\\H",
    ] {
        let outcome = match command {
            "\\a" => Ok(Some(teller.settings.toggle_aligned())),
            "\\H" => Ok(Some(teller.settings.toggle_html())),
            _ => teller.settings.set(b"format", Some(b"csv")),
        };
        teller.tell(command, outcome);
    }
    teller.compare();
}

const SALES: &str = "select * from (values ('north', 'jan', 10, 3), ('south', 'jan', 7, 3), ('north', 'feb', null, 1), \
    ('west', null, 5, 2), (null, 'mar', 1234567, 1), ('East', 'feb', 2, 1)) as t(region, month, amount, rank)";

#[test]
fn crosstabs_are_turned_as_psql_turns_them() {
    let queries = [
        SALES,
        "select region, month, amount from (values ('a', 'x', 1.5), ('a', 'y', 2), ('b', 'y', null)) t(region, month, amount)",
        "select 1 as a, 2 as b",
        "select 1 as a, 2 as b, 3 as c where false",
        "select 1 as \"A\", 2 as a, 3 as \"1\", 4 as a",
        "select n % 3 as r, n as c, 'v' || n as v from generate_series(1, 1601) g(n)",
        "select n % 5 as r, n % 40 as c, n as v, (n * 7919) % 100 as s from generate_series(1, 40) g(n)",
        "select 1 as r, c, v, s from (values ('x', 1, '10'), ('y', 2, '-3'), ('z', 3, 'no'), ('u', 4, null), ('v', 5, '-')) t(c, v, s)",
        "select * from (values (1, 2, 3), (1, 2, null)) t(a, b, c)",
        "select * from (values (1, null, 3), (1, null, 4)) t(a, b, c)",
    ];
    let arguments: [&[&str]; 17] = [
        &[],
        &["1"],
        &["1", "2", "3"],
        &["1", "2", "3", "4"],
        &["region", "month", "amount", "rank"],
        &["month", "region", "amount"],
        &["REGION", "\"month\"", "3"],
        &["\"REGION\""],
        &["2", "1"],
        &["2", "2"],
        &["0"],
        &["9", "1"],
        &["99999999999"],
        &["a", "b"],
        &["\"A\"", "\"1\"", "3"],
        &["1", "3"],
        &["3", "1", "2", "4"],
    ];
    for (null, numeric) in [(None, "off"), (Some("(null)"), "off"), (None, "on")] {
        let (mut out, mut err) = (vec![], String::new());
        let mut settings = Settings::default();
        settings.set(b"numericlocale", Some(numeric.as_bytes())).unwrap();
        let mut script = format!("\\set ON_ERROR_STOP off\n\\set QUIET on\n\\pset numericlocale {numeric}\n");
        if let Some(null) = null {
            settings.set(b"null", Some(null.as_bytes())).unwrap();
            script += &format!("\\pset null {null}\n");
        }
        for (table, query) in tables(&queries).iter().zip(queries) {
            for given in arguments {
                let quoted: Vec<_> = given.iter().map(|argument| format!("'{argument}'")).collect();
                let typed: Vec<_> = if given.iter().any(|argument| argument.contains('"')) {
                    given.iter().map(|argument| (*argument).to_owned()).collect()
                } else {
                    quoted
                };
                script += &format!("{query} \\crosstabview {}\n", typed.join(" "));
                let given: Vec<_> = given.iter().map(|argument| argument.as_bytes().to_vec()).collect();
                match table.crosstab(&given, settings.null.as_deref()) {
                    Ok(turned) => turned.write(&settings, Part::WHOLE, &mut out).unwrap(),
                    Err(error) => {
                        err += &format!("psql:t.sql:{}: error: {error}\n", script.lines().count());
                    }
                }
            }
        }
        let (psql_out, psql_err) = psql(&script);
        for (number, (ours, psqls)) in err.lines().zip(psql_err.lines()).enumerate() {
            assert_eq!(ours, psqls, "message {number}");
        }
        assert_eq!(err, psql_err);
        let text = String::from_utf8(out).unwrap();
        for (number, (ours, psqls)) in text.lines().zip(psql_out.lines()).enumerate() {
            assert_eq!(ours, psqls, "line {number}, null {null:?}, numericlocale {numeric}");
        }
        assert_eq!(text, psql_out);
        assert!(err.lines().count() > 20 && text.lines().count() > 100);
    }
}
