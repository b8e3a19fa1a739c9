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
            let (place, of_type) = path(text)?;
            let (table, column) = column(place)?;
            let of_type = of_type.trim().to_owned();
            (!of_type.is_empty()).then_some(Self::Column { table, column, of_type })
        };
        wanted("--column", text, "users.nickname:varchar(255)", read())
    }

    pub fn foreign_key(text: &str) -> Result<Self, PatternError> {
        let read = || {
            let (from, to) = path(text)?;
            let ((table, from), (to, to_column)) = (column(from)?, column(whole(to)?)?);
            Some(Self::ForeignKey { table, column: from, to, to_column })
        };
        wanted("--foreign-key", text, "orders.user_id:users.id", read())
    }

    pub fn enumeration(text: &str) -> Result<Self, PatternError> {
        let read = || {
            let (name, values) = path(text)?;
            let values: Vec<String> = values.split(',').map(|value| value.trim().to_owned()).collect();
            let is_sound = values.iter().all(|value| !value.is_empty());
            is_sound.then_some(Self::Enum { name: of_names(name)?, values })
        };
        wanted("--enum", text, "mood:glad,sad", read())
    }

    pub fn enum_value(text: &str) -> Result<Self, PatternError> {
        let read = || {
            let (name, value) = path(text)?;
            let value = value.trim().to_owned();
            (!value.is_empty()).then_some(Self::EnumValue { name: of_names(name)?, value })
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

fn target(text: &str) -> Option<Target> {
    of_names(whole(text)?)
}

fn of_names(mut names: Vec<String>) -> Option<Target> {
    let name = names.pop()?;
    let schema = names.pop();
    names.is_empty().then_some(Target { schema, name })
}

/// `table.column` or `schema.table.column`.
fn column(mut names: Vec<String>) -> Option<(Target, String)> {
    let column = names.pop()?;
    Some((of_names(names)?, column))
}

/// Names with dots between them, and what follows the colon after them.
fn path(text: &str) -> Option<(Vec<String>, &str)> {
    let (names, rest) = names(text)?;
    Some((names, rest.strip_prefix(':')?))
}

/// Names with dots between them, and nothing after them.
fn whole(text: &str) -> Option<Vec<String>> {
    let (names, rest) = names(text)?;
    rest.is_empty().then_some(names)
}

/// Names with dots between them, and the rest of the text. As the server does it, small letters are made of capitals,
/// but not inside double quotes.
fn names(text: &str) -> Option<(Vec<String>, &str)> {
    let mut names = Vec::new();
    let mut rest = text;
    loop {
        let (name, behind) = name(rest.trim_start())?;
        names.push(name);
        rest = behind.trim_start();
        match rest.strip_prefix('.') {
            Some(next) => rest = next,
            None => return Some((names, rest)),
        }
    }
}

fn name(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let (plain, rest) = text.split_at(text.find(['.', ':', '"']).unwrap_or(text.len()));
        let plain = plain.trim_end().to_ascii_lowercase();
        return (!plain.is_empty()).then_some((plain, rest));
    };
    let mut name = String::new();
    loop {
        let (part, behind) = rest.split_once('"')?;
        name.push_str(part);
        match behind.strip_prefix('"') {
            Some(next) => {
                name.push('"');
                rest = next;
            }
            None => return (!name.is_empty()).then_some((name, behind)),
        }
    }
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
    fn names_may_stand_in_quotes() {
        let target = Target { schema: Some("größe".to_owned()), name: "Order \"Items\": a.b".to_owned() };
        let expected =
            Pattern::Column { table: target.clone(), column: "note".to_owned(), of_type: "text".to_owned() };
        assert_eq!(Pattern::column(r#"Größe."Order ""Items"": a.b".Note:text"#), Ok(expected));
        let expected = Pattern::EnumValue { name: target, value: "Lost".to_owned() };
        assert_eq!(Pattern::enum_value(r#"größe."Order ""Items"": a.b":Lost"#), Ok(expected));
        assert!(Pattern::table(r#""open"#).is_err() && Pattern::table(r#""a"b"#).is_err());
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
