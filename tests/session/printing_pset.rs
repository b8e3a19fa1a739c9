//! `\pset` and its short forms, against the real psql.

use std::fmt::Write as _;

use dbctl::session::{PsetError, Settings};

use super::cluster::Cluster;
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
pub fn psql(script: &str) -> (String, String) {
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
                let line = self.script.lines().count();
                writeln!(self.err, "psql:t.sql:{line}: error: {error}").unwrap();
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
