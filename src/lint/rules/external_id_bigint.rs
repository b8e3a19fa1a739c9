//! `external-id-bigint`: ids of outside systems fit.

use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "external-id-bigint",
    wants: "ids of outside systems (`discord_id`, `telegram_id`; `external-ids` in `[lint]`) are BIGINT",
    why: "Such ids have more than 32 bits, if not today then tomorrow, and as text they do not join.",
    example: Example::Sql {
        wrong: "CREATE TABLE IF NOT EXISTS members (discord_id INTEGER);",
        right: "CREATE TABLE IF NOT EXISTS members (discord_id BIGINT);",
    },
    init: Severity::Warn,
    migrations: Severity::Error,
    fixes: false,
    check,
};

fn check(look: &mut Look) {
    let ids = &look.config().external_ids;
    let is_meant = |name: &str| {
        ids.iter()
            .any(|id| name == id || name.strip_suffix(id.as_str()).is_some_and(|rest| rest.ends_with('_')))
    };
    for (table, column) in look.columns() {
        let Some(of_type) = column.of_type.as_ref().filter(|_| is_meant(&column.name.name)) else { continue };
        if !matches!(of_type.base(), "bigint" | "int8") {
            look.report(
                &of_type.span,
                format!("`{table}.{}` is an id of an outside system, and no BIGINT", column.name),
            )
            .label("write BIGINT");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::{found, found_with};

    #[test]
    fn which_ids_are_meant_can_be_set() {
        let text = "CREATE TABLE t (owner_telegram_id text, telegram_ids int, steam_id int);";
        assert_eq!(found("external-id-bigint", text), ["text"]);
        assert_eq!(found_with("external-id-bigint", "external-ids = ['steam_id']", text), ["int"]);
    }
}
