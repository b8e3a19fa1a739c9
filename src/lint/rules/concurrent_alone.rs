//! `concurrent-alone`: what cannot run in a transaction has a file of its own.

use crate::lint::act::What;
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "concurrent-alone",
    wants: "a CONCURRENTLY statement is alone in its file",
    why: "It cannot run in a transaction, so the whole script is run statement by statement, and a failure leaves the \
          statements before it in place.",
    example: Example::Sql {
        wrong: "UPDATE users SET name = '';\nCREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_name ON users (name);",
        right: "CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_name ON users (name);",
    },
    init: Severity::Warn,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    if look.statements().len() < 2 {
        return;
    }
    for act in look.acts().filter(|act| matches!(act.what, What::Concurrently)) {
        let message = "a CONCURRENTLY statement shares its file with others";
        look.report(&act.span, message).label("makes the whole script run without a transaction");
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn each_kind_counts_and_refreshing_does_not() {
        let text = "DROP INDEX CONCURRENTLY i; REINDEX INDEX CONCURRENTLY j; REINDEX (CONCURRENTLY) TABLE t; \
                    ALTER TABLE t DETACH PARTITION u CONCURRENTLY;";
        assert_eq!(found("concurrent-alone", text).len(), 4);
        assert_eq!(found("concurrent-alone", "SELECT 1; REFRESH MATERIALIZED VIEW CONCURRENTLY m;"), [""; 0]);
    }
}
