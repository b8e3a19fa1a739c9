//! `timestamptz`: moments know their time zone.

use crate::lint::act::{Column, Name, Type, What};
use crate::lint::finding::Edit;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "timestamptz",
    wants: "never `TIMESTAMP` without time zone; `created_at` and `updated_at` default to NOW()",
    why: "A TIMESTAMP means another moment in each session's time zone, and shifts by an hour twice a year.",
    example: Example::Sql {
        wrong: "CREATE TABLE IF NOT EXISTS orders (paid_at TIMESTAMP, created_at TIMESTAMPTZ);",
        right: "CREATE TABLE IF NOT EXISTS orders (paid_at TIMESTAMPTZ, created_at TIMESTAMPTZ NOT NULL DEFAULT NOW());",
    },
    init: Severity::Error,
    migrations: Severity::Error,
    fixes: true,
    check,
};

fn check(look: &mut Look) {
    for act in look.acts() {
        if let What::SetType { table, column, to: Some(to) } = &act.what {
            check_type(look, &format!("{table}.{column}"), to, false);
        }
    }
    for (table, column) in look.columns() {
        let name = format!("{table}.{}", column.name);
        if let Some(of_type) = &column.of_type {
            check_type(look, &name, of_type, true);
        }
        check_default(look, table, column);
    }
}

/// A new column can be mended; one that changes its type would take other values.
fn check_type(look: &mut Look, name: &str, of_type: &Type, is_new: bool) {
    if !of_type.is_timestamp_without_zone() {
        return;
    }
    let better = better(&look.reading.source(&of_type.span));
    let finding = look.report(&of_type.span, format!("`{name}` is a TIMESTAMP without time zone"));
    finding.label(format!("write {better}"));
    if is_new {
        finding.fix([Edit::replace(of_type.span.clone(), better)]);
    }
}

fn better(written: &str) -> String {
    let end = written.find(['(', '[', ' ']).unwrap_or(written.len());
    let is_lower = written.starts_with('t');
    let precision = written.find('(').zip(written.find(')')).map_or("", |(from, to)| &written[from..=to]);
    let array = written.find('[').map_or("", |from| &written[from..]);
    debug_assert!(end <= written.len());
    format!("{}{precision}{array}", if is_lower { "timestamptz" } else { "TIMESTAMPTZ" })
}

fn check_default(look: &mut Look, table: &Name, column: &Column) {
    const NOW: [&str; 5] =
        ["now(", "current_timestamp", "transaction_timestamp(", "statement_timestamp(", "clock_timestamp("];
    let is_stamp = matches!(column.name.name.as_str(), "created_at" | "updated_at");
    let is_moment = column.of_type.as_ref().is_some_and(|of_type| of_type.base().starts_with("timestamp"));
    let is_now = column.default().is_some_and(|default| NOW.iter().any(|now| default.contains(now)));
    if is_stamp && is_moment && !is_now {
        let end = column.of_type.as_ref().map_or(column.span.end, |of_type| of_type.span.end);
        let finding =
            look.report(&column.name.span, format!("`{table}.{}` does not default to NOW()", column.name));
        if column.default().is_none() {
            finding.help("add `DEFAULT NOW()`").fix([Edit::insert(end, " DEFAULT NOW()")]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{fixed, found};

    #[test]
    fn every_way_to_write_it_is_mended() {
        let text = "CREATE TABLE t (a timestamp, b TIMESTAMP(3), c TIMESTAMP WITHOUT TIME ZONE, d timestamp[], e timestamptz, \
                    f TIMESTAMP WITH TIME ZONE);";
        let expected = "CREATE TABLE t (a timestamptz, b TIMESTAMPTZ(3), c TIMESTAMPTZ, d timestamptz[], e timestamptz, \
                        f TIMESTAMP WITH TIME ZONE);";
        assert_eq!(fixed("timestamptz", text), expected);
        let text = "ALTER TABLE users ADD COLUMN created_at TIMESTAMPTZ NOT NULL;";
        let expected = "ALTER TABLE users ADD COLUMN created_at TIMESTAMPTZ DEFAULT NOW() NOT NULL;";
        assert_eq!(fixed("timestamptz", text), expected);
    }

    #[test]
    fn a_changed_type_and_a_body_count_and_casts_do_not() {
        assert_eq!(found("timestamptz", "ALTER TABLE users ALTER a TYPE timestamp;"), ["timestamp"]);
        let body = "DO $$ BEGIN CREATE TABLE t (a timestamp); END $$;";
        assert_eq!(found("timestamptz", body), ["timestamp"]);
        let fine = "SELECT now()::timestamp; CREATE TABLE t (created_at date, updated_at timestamptz DEFAULT CURRENT_TIMESTAMP);";
        assert_eq!(found("timestamptz", fine), [""; 0]);
        assert_eq!(
            found("timestamptz", "CREATE TABLE t (updated_at timestamptz DEFAULT '2020-01-01');"),
            ["updated_at"]
        );
    }
}
