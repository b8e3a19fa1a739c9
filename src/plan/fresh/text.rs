//! A fresh build as text.

use std::fmt;

use super::{Because, Fresh, Way};

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reaches { script, found } => {
                let (line, column) = (found.position.line, found.position.column);
                write!(f, "`{script}`, line {line}, column {column}: `{}` is about {}", found.word, found.why)
            }
            Self::Edited { script } => write!(
                f,
                "`{script}` was edited after it ran, and what its old text did beyond the database would stay"
            ),
            Self::Removed { script } => write!(
                f,
                "`{script}` ran and is not in the init dir any more, and what it did beyond the database would stay"
            ),
            Self::LeftOut { script } => {
                write!(f, "`{script}` is left out, and what it did beyond the database would stay")
            }
            Self::Changed { script, what } => {
                write!(f, "`{script}` changed {what}, which all databases of the server share")
            }
            Self::NoPlace => f.write_str(
                "the service's database is one that dbctl cannot rename, as it is there itself while it renames others; \
                 with a database of its own (POSTGRES_DB) the service would be rebuilt faster",
            ),
            Self::ImageFills => {
                f.write_str("no layer holds what the image itself puts into its first database")
            }
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = |scripts: usize| match scripts {
            0 => "the layer before all scripts".to_owned(),
            1 => "the layer of 1 script".to_owned(),
            _ => format!("the layer of {scripts} scripts"),
        };
        match self {
            Self::Itself => f.write_str("in the service's database, in which nothing has run yet"),
            Self::InPlace { from: None, .. } => f.write_str("in place, from an empty database"),
            Self::InPlace { from: Some((_, scripts)), prepared: true } => {
                write!(f, "in place, from a clone of {} that lies ready", after(*scripts))
            }
            Self::InPlace { from: Some((_, scripts)), .. } => write!(f, "in place, from {}", after(*scripts)),
            Self::Twin { because } => write!(f, "through a twin: {because}"),
        }
    }
}

impl fmt::Display for Fresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "build {}", self.way)?;
        let from = match &self.way {
            Way::InPlace { from: Some((_, scripts)), .. } => *scripts,
            _ => 0,
        };
        let mut number = 0;
        let mut step = |f: &mut fmt::Formatter<'_>, text: &str| {
            number += 1;
            writeln!(f, "{number:>3}. {text}")
        };
        for scripts in from..=from + self.run.len() {
            if let Some(script) = scripts.checked_sub(from + 1) {
                step(f, &format!("run `{}`", self.run[script].name))?;
            }
            for layer in self.layers.iter().filter(|layer| layer.scripts == scripts) {
                match &layer.after {
                    Some(script) => step(f, &format!("keep a layer after `{script}`"))?,
                    None => step(f, "keep a layer before all scripts")?,
                }
            }
        }
        if !matches!(self.way, Way::Itself) {
            step(f, "swap: the old one is kept as the previous generation")?;
        }
        Ok(())
    }
}
