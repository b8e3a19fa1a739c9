//! `header`: a script says what it is for.

use crate::lint::config::Preset;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "header",
    wants: "a comment at the top: `Description:`, and in `init` also `Author:` and `Date:`",
    why: "Who looks for the script that added a column reads headers, not bodies. `dbctl new` writes one.",
    example: Example::Sql {
        wrong: "SELECT 1;",
        right: "-- 002_example.sql\n-- Description: Ask the server\n-- Author: Ada\n-- Date: 2026-01-25\n\nSELECT 1;",
    },
    init: Severity::Warn,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let wanted: &[&str] = match look.config().preset {
        Preset::Init => &["Description", "Author", "Date"],
        Preset::Migrations => &["Description"],
    };
    let lines = look.reading.header();
    let says = |field: &str| {
        lines.iter().any(|(line, _)| {
            line.split_once(':').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case(field) && !value.trim().is_empty()
            })
        })
    };
    let missing: Vec<String> =
        wanted.iter().filter(|field| !says(field)).map(|field| format!("`{field}:`")).collect();
    if !missing.is_empty() {
        let message = format!("the header has no {}", missing.join(", "));
        let span = look.reading.first_line();
        look.report_script(span, message)
            .help("a comment in the first lines, like `-- Description: Add widgets`");
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{found, found_in, found_with};

    const SHORT: &str = "-- Description: Ask\nSELECT 1;";

    #[test]
    fn migrations_need_no_author() {
        assert_eq!(found_with("header", "preset = 'migrations'", SHORT), [""; 0]);
        assert_eq!(found("header", SHORT).len(), 1);
    }

    #[test]
    fn a_shell_script_has_a_header_of_its_own_kind() {
        let script = "#!/bin/sh\n# Description: a\n# Author: b\n# Date: c\n\ntrue\n";
        assert_eq!(found_in("header", &[("001_a.sh", script)]), [""; 0]);
        assert_eq!(found_in("header", &[("001_a.sh", "#!/bin/sh\n# Description:\n")]), ["#!/bin/sh"]);
    }
}
