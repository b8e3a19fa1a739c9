//! `timestamptz`: moments know their time zone.

use crate::lint::act::{Column, ConstraintKind, Name, Type, What};
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

/// The defaults that are the same moment for either type.
const PRESENT: [&str; 5] =
    ["now()", "current_timestamp", "transaction_timestamp()", "statement_timestamp()", "clock_timestamp()"];

fn check(look: &mut Look) {
    for act in look.acts() {
        if let What::SetType { table, column, to: Some(to) } = &act.what {
            check_type(look, &format!("{table}.{column}"), to, Mend::Never);
        }
    }
    for (table, column) in look.columns() {
        let name = format!("{table}.{}", column.name);
        if let Some(of_type) = column.of_type.as_ref().filter(|of_type| of_type.is_timestamp_without_zone()) {
            let mend = if is_free(look, table, column) { Mend::Safe } else { Mend::Together };
            check_type(look, &name, of_type, mend);
        }
        check_default(look, table, column);
    }
}

/// Whether another type may be written in the column's place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mend {
    Safe,
    /// What is computed from or for the column would have to change, too.
    Together,
    /// A column that changes its type would take other values.
    Never,
}

/// Whether nothing depends on the new column's type: no default but the present moment, and nothing that must be
/// immutable is computed from it.
fn is_free(look: &Look, table: &Name, column: &Column) -> bool {
    let name = column.name.name.to_lowercase();
    let names_it = |text: &str| {
        let text = text.to_lowercase();
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| word == name)
    };
    let is_generated = |column: &Column| column.has(|kind| matches!(kind, ConstraintKind::Generated));
    let stands_alone = match column.default() {
        Some(default) => PRESENT.contains(&default.trim_start_matches("default").trim()),
        None => !is_generated(column),
    };
    let feeds_another = look.columns().any(|(of, other)| {
        of.is_same(table) && is_generated(other) && names_it(&look.reading.source(&other.span))
    });
    let is_indexed_by_value = look.catalog().table(table).is_some_and(|known| {
        let indexes = known.indexes.iter();
        indexes
            .into_iter()
            .any(|index| index.is_partial || index.columns.contains(&None) && names_it(&index.text))
    });
    let partitions = look.acts().any(|act| {
        let source = look.reading.source(&act.span).to_lowercase();
        let key = source.split_once("partition by").map(|(_, key)| key);
        matches!(&act.what, What::CreateTable(made) if made.name.is_same(table)) && key.is_some_and(names_it)
    });
    stands_alone && !feeds_another && !is_indexed_by_value && !partitions
}

fn check_type(look: &mut Look, name: &str, of_type: &Type, mend: Mend) {
    if !of_type.is_timestamp_without_zone() {
        return;
    }
    let better = better(&look.reading.source(&of_type.span));
    let finding = look.report(&of_type.span, format!("`{name}` is a TIMESTAMP without time zone"));
    finding.label(format!("write {better}"));
    match mend {
        Mend::Safe => drop(finding.fix([Edit::replace(of_type.span.clone(), better)])),
        Mend::Together => {
            finding.help(
                "its default, an index, a partition key or a generated column goes by its type: change both",
            );
        }
        Mend::Never => {}
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
    use crate::lint::rules::testing::{fixed, found, left_to_the_author};

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
    fn what_goes_by_the_type_is_left_to_the_author() {
        let kept = [
            "CREATE TABLE t (a timestamp DEFAULT (now() AT TIME ZONE 'utc'));",
            "CREATE TABLE t (a timestamp, day date GENERATED ALWAYS AS (a::date) STORED);",
            "CREATE TABLE t (a timestamp); CREATE INDEX i ON t (date_trunc('day', a));",
            "CREATE TABLE t (a timestamp); CREATE INDEX i ON t (b) WHERE a > '2020-01-01';",
            "CREATE TABLE t (a timestamp) PARTITION BY RANGE (date_trunc('day', a));",
        ];
        for text in kept {
            assert_eq!(found("timestamptz", text), ["timestamp"], "{text}");
            assert_eq!(left_to_the_author("timestamptz", text), 1, "{text}");
        }
        let text = "CREATE TABLE t (a timestamp DEFAULT now()); CREATE INDEX i ON t (a);";
        assert_eq!(fixed("timestamptz", text), text.replace("timestamp ", "timestamptz "));
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
