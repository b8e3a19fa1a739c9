//! `docs-current`: the schema document is what the scripts make. It needs a database: `dbctl check` looks.

use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "docs-current",
    wants: "`docs/DATABASE_SCHEMA.md` is current (only `dbctl check` looks)",
    why: "A document that lags behind is worse than none.",
    example: Example::Words {
        wrong: "a new column that the document does not show",
        right: "`dbctl docs` was run after the script was written",
    },
    init: Severity::Error,
    migrations: Severity::Off,
    fixes: false,
    check: |_| {},
};
