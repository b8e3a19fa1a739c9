//! The patterns, as an author asks for them.

use std::fmt;

/// Something that teams write again and again, in a form that can run twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    Table(Target),
    Column { table: Target, column: String, of_type: String },
    ForeignKey { table: Target, column: String, to: Target, to_column: String },
    Enum { name: Target, values: Vec<String> },
    EnumValue { name: Target, value: String },
    Trigger(Target),
    Seed(Target),
}

/// The name of a table or type, with its schema if it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub schema: Option<String>,
    pub name: String,
}

/// A pattern that is not written as it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{flag} {text}` is not understood\nnext: write it like `{flag} {example}`")]
pub struct PatternError {
    flag: &'static str,
    text: String,
    example: &'static str,
}

impl Pattern {
    pub fn table(text: &str) -> Result<Self, PatternError> {
        wanted("--table", text, "widgets", target(text).map(Self::Table))
    }

    pub fn trigger(text: &str) -> Result<Self, PatternError> {
        wanted("--trigger", text, "widgets", target(text).map(Self::Trigger))
    }

    pub fn seed(text: &str) -> Result<Self, PatternError> {
        wanted("--seed", text, "widgets", target(text).map(Self::Seed))
    }

    pub fn column(text: &str) -> Result<Self, PatternError> {
        let read = || {
            let (place, of_type) = text.split_once(':')?;
            let (table, column) = column(place)?;
            let of_type = of_type.trim().to_owned();
            (!of_type.is_empty()).then_some(Self::Column { table, column, of_type })
        };
        wanted("--column", text, "users.nickname:varchar(255)", read())
    }

    pub fn foreign_key(text: &str) -> Result<Self, PatternError> {
        let read = || {
            let (from, to) = text.split_once(':')?;
            let ((table, from), (to, to_column)) = (column(from)?, column(to)?);
            Some(Self::ForeignKey { table, column: from, to, to_column })
        };
        wanted("--foreign-key", text, "orders.user_id:users.id", read())
    }

    pub fn enumeration(text: &str) -> Result<Self, PatternError> {
        let read = || {
            let (name, values) = text.split_once(':')?;
            let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
            let is_sound = values.iter().all(|value| !value.is_empty());
            is_sound.then_some(Self::Enum { name: target(name)?, values })
        };
        wanted("--enum", text, "mood:glad,sad", read())
    }

    pub fn enum_value(text: &str) -> Result<Self, PatternError> {
        let read = || {
            let (name, value) = text.split_once(':')?;
            let value = value.trim().to_owned();
            (!value.is_empty()).then_some(Self::EnumValue { name: target(name)?, value })
        };
        wanted("--enum-value", text, "mood:calm", read())
    }

    /// What a script is called that the author has not named.
    pub fn title(&self) -> String {
        match self {
            Self::Table(table) => format!("add {}", table.name),
            Self::Column { table, column, .. } => format!("add {} {column}", table.name),
            Self::ForeignKey { table, column, .. } => format!("link {} {column}", table.name),
            Self::Enum { name, .. } => format!("add type {}", name.name),
            Self::EnumValue { name, value } => format!("add {value} to {}", name.name),
            Self::Trigger(table) => format!("stamp changes of {}", table.name),
            Self::Seed(table) => format!("add default rows to {}", table.name),
        }
    }
}

fn wanted<T>(
    flag: &'static str,
    text: &str,
    example: &'static str,
    found: Option<T>,
) -> Result<T, PatternError> {
    found.ok_or_else(|| PatternError { flag, text: text.to_owned(), example })
}

/// Names are folded, as the server folds them.
fn target(text: &str) -> Option<Target> {
    let parts: Vec<&str> = text.trim().split('.').collect();
    let part = |part: &str| (!part.is_empty()).then(|| part.to_lowercase());
    match parts.as_slice() {
        [name] => Some(Target { schema: None, name: part(name)? }),
        [schema, name] => Some(Target { schema: part(schema), name: part(name)? }),
        _ => None,
    }
}

/// `table.column` or `schema.table.column`.
fn column(text: &str) -> Option<(Target, String)> {
    let (table, column) = text.trim().rsplit_once('.')?;
    (!column.is_empty()).then_some((target(table)?, column.to_lowercase()))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_answered_with_an_example() {
        let wrong = [
            Pattern::table(""),
            Pattern::table("a.b.c"),
            Pattern::column("nickname:text"),
            Pattern::column("users.nickname"),
            Pattern::column("users.nickname: "),
            Pattern::foreign_key("orders.user_id"),
            Pattern::foreign_key("orders.user_id:users"),
            Pattern::enumeration("mood"),
            Pattern::enumeration("mood:glad,,sad"),
            Pattern::enum_value("mood:"),
        ];
        for one in wrong {
            let error = one.expect_err("it is wrong").to_string();
            assert!(error.contains("is not understood\nnext: write it like `--"), "{error}");
        }
    }

    #[test]
    fn a_schema_may_be_named() {
        let expected = Pattern::Column {
            table: Target { schema: Some("app".to_owned()), name: "users".to_owned() },
            column: "nickname".to_owned(),
            of_type: "varchar(255)".to_owned(),
        };
        assert_eq!(Pattern::column("app.users.nickname:varchar(255)"), Ok(expected));
    }
}
