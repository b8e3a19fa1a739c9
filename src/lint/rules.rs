//! The rules, one file each, in the order in which they are listed.

use super::rule::Rule;

mod alter_guarded;
mod array_jsonb_gin;
mod bom;
mod concurrent_alone;
mod create_if_not_exists;
mod crlf;
mod docs_current;
mod empty_script;
mod enum_check;
mod enum_guarded;
mod external_id_bigint;
mod file_name;
mod foreign_key_index;
mod header;
mod index_name;
mod insert_guarded;
mod jsonb_not_json;
mod lock_heavy;
mod money_numeric;
mod new_column_default;
mod no_drop;
mod no_transaction_control;
mod non_utf8;
mod number_gap;
mod number_unique;
mod one_change;
mod open_transaction;
mod serial_key;
mod syntax;
#[cfg(test)]
pub(in crate::lint) mod testing;
mod timestamptz;
mod unknown_rule;
mod unsorted_glob;
mod unterminated;
mod updated_at_trigger;

/// All rules.
pub static RULES: &[&Rule] = &[
    &file_name::RULE,
    &number_unique::RULE,
    &number_gap::RULE,
    &header::RULE,
    &create_if_not_exists::RULE,
    &alter_guarded::RULE,
    &enum_guarded::RULE,
    &insert_guarded::RULE,
    &timestamptz::RULE,
    &external_id_bigint::RULE,
    &serial_key::RULE,
    &array_jsonb_gin::RULE,
    &jsonb_not_json::RULE,
    &money_numeric::RULE,
    &foreign_key_index::RULE,
    &index_name::RULE,
    &enum_check::RULE,
    &new_column_default::RULE,
    &no_drop::RULE,
    &no_transaction_control::RULE,
    &one_change::RULE,
    &updated_at_trigger::RULE,
    &concurrent_alone::RULE,
    &lock_heavy::RULE,
    &open_transaction::RULE,
    &unterminated::RULE,
    &empty_script::RULE,
    &non_utf8::RULE,
    &crlf::RULE,
    &bom::RULE,
    &unsorted_glob::RULE,
    &syntax::RULE,
    &unknown_rule::RULE,
    &docs_current::RULE,
];

/// The rule of that name.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name)
}

#[cfg(test)]
mod tests {
    use super::testing::{among, found};
    use super::*;
    use crate::lint::rule::Example;

    #[test]
    fn every_example_shows_what_it_says() {
        for rule in RULES {
            let (wrong, right) = match rule.example {
                Example::Sql { wrong, right } => (found(rule.name, wrong), found(rule.name, right)),
                Example::Files { wrong, right } => (among(rule.name, wrong), among(rule.name, right)),
                Example::Words { .. } => continue,
            };
            assert!(!wrong.is_empty(), "{} does not find its wrong example", rule.name);
            assert!(right.is_empty(), "{} finds its right example: {right:?}", rule.name);
        }
    }

    #[test]
    fn names_are_unique_and_texts_are_of_one_line() {
        for (index, rule) in RULES.iter().enumerate() {
            assert!(RULES[..index].iter().all(|other| other.name != rule.name), "{}", rule.name);
            assert!(!rule.wants.contains(['\n', '|']), "{}", rule.name);
        }
    }
}
