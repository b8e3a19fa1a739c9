//! `money-numeric`: prices add up.

use crate::lint::act::{Column, Type};
use crate::lint::look::Look;
use crate::lint::rule::{Example, Rule, Severity};

pub static RULE: Rule = Rule {
    name: "money-numeric",
    wants: "`NUMERIC(p,s)` for prices, not FLOAT, REAL or MONEY",
    why: "Binary fractions do not hold a cent, and MONEY changes its meaning with the server's locale.",
    example: Example::Sql {
        wrong: "CREATE TABLE IF NOT EXISTS items (price REAL, paid MONEY);",
        right: "CREATE TABLE IF NOT EXISTS items (price NUMERIC(10,2), paid NUMERIC(10,2));",
    },
    init: Severity::Warn,
    migrations: Severity::Warn,
    fixes: false,
    check,
};

const WORDS: [&str; 14] = [
    "price", "prices", "cost", "costs", "amount", "fee", "fees", "salary", "balance", "tax", "revenue",
    "discount", "budget", "wage",
];

fn check(look: &mut Look) {
    for (table, column) in look.columns() {
        let Some(of_type) = &column.of_type else { continue };
        if of_type.base() == "money" || is_price(column) && is_inexact(of_type) {
            look.report(
                &of_type.span,
                format!("`{table}.{}` holds money as {}", column.name, of_type.text.to_uppercase()),
            )
            .label("write NUMERIC(p,s), such as NUMERIC(12,2)");
        }
    }
}

fn is_price(column: &Column) -> bool {
    column.name.name.split('_').any(|word| WORDS.contains(&word))
}

fn is_inexact(of_type: &Type) -> bool {
    of_type.is_floating()
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::testing::found;

    #[test]
    fn a_price_is_told_by_the_words_of_its_name() {
        let text = "CREATE TABLE t (unit_price float8, cost_eur double precision, weight real, priced_at real, price int, m money);";
        assert_eq!(found("money-numeric", text), ["float8", "double precision", "money"]);
    }
}
