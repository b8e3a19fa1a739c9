//! `index-name`: an index says what it is on.

use crate::lint::act::{Index, What};
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "index-name",
    wants: "`idx_<table>_<column…>`",
    why: "The name is all that EXPLAIN and error messages show, and all that IF NOT EXISTS compares.",
    example: Example::Sql {
        wrong: "CREATE INDEX IF NOT EXISTS users_by_name ON users (name);",
        right: "CREATE INDEX IF NOT EXISTS idx_users_name ON users (name);",
    },
    init: Severity::Warn,
    migrations: Severity::Error,
    fixes: false,
    check,
};

/// The server cuts longer names.
const LONGEST: usize = 63;

fn check(look: &mut Look) {
    for act in look.acts().filter(|act| act.is_run()) {
        let What::CreateIndex(index) = &act.what else { continue };
        let wanted = wanted(index);
        match &index.name {
            None => {
                look.report(&index.table.span, format!("an index on `{}` has no name", index.table))
                    .help(format!("call it `{wanted}`"));
            }
            Some(name) if !is_kept(index, &name.name) => {
                look.report(&name.span, format!("index `{name}` does not say what it is on"))
                    .help(format!("call it `{wanted}`"));
            }
            Some(_) => {}
        }
    }
}

fn wanted(index: &Index) -> String {
    let columns: Vec<&str> =
        index.columns.iter().map(|column| column.as_deref().unwrap_or("expression")).collect();
    let name = format!("idx_{}_{}", index.table.name, columns.join("_"));
    name.chars().take(LONGEST).collect()
}

/// The table is named, and what follows begins with a column; of an index on an expression or on some of the rows it
/// may say anything.
fn is_kept(index: &Index, name: &str) -> bool {
    let Some(rest) = name.strip_prefix(&format!("idx_{}_", index.table.name)) else {
        return name.len() >= LONGEST - 1 && wanted(index).starts_with(name);
    };
    let is_free = index.is_partial || index.columns.iter().any(Option::is_none);
    !rest.is_empty()
        && (is_free || index.columns.iter().flatten().any(|column| rest.starts_with(column.as_str())))
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn what_follows_the_table_is_free_for_expressions_and_parts() {
        let fine = [
            "CREATE INDEX idx_users_name_id ON users (name, id);",
            "CREATE INDEX idx_users_name ON users (name, created_at DESC);",
            "CREATE INDEX idx_users_lower_name ON users (lower(name));",
            "CREATE INDEX idx_users_active ON users (id) WHERE active;",
            "CREATE INDEX idx_users_name ON app.users USING gin (name gin_trgm_ops);",
        ];
        for text in fine {
            assert_eq!(found("index-name", text), [""; 0], "{text}");
        }
        assert_eq!(found("index-name", "CREATE INDEX idx_users_fast ON users (name);"), ["idx_users_fast"]);
        assert_eq!(found("index-name", "CREATE INDEX ON users (name);"), ["users"]);
        assert_eq!(found("index-name", "CREATE UNIQUE INDEX uq_users ON users (name);"), ["uq_users"]);
    }
}
