//! An interrupted script goes on: what its next statement came to is asked of the catalog where it may be
//! half done.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::RunError;
use super::prepare::DEEPEST;
use crate::database::Database;
use crate::script::{Script, resolve_include};
use crate::sql::statement::{Alone, Kind, Name};
use crate::sql::survey;

/// How many statements are done: `finished`, or one more where the catalog shows that the next one has
/// succeeded, too. An invalid index that it left is dropped.
pub fn settle_unknown(database: &mut Database, script: &Script, finished: u32) -> Result<u32, RunError> {
    let next = match kinds_of(script, &script.path, u64::from(finished) + 1, 0)? {
        Found::Statement(kinds) => kinds,
        Found::Behind(_) | Found::Uncertain => Vec::new(),
    };
    let done = match next.as_slice() {
        [Kind::Alone(Alone::CreateIndexConcurrently { index: Some(index), table, .. })] => {
            database.settle_index(&beside(index, table.as_ref()))?
        }
        [Kind::Alone(Alone::CreateDatabase(name))] => database.has_database(&name.0.concat())?,
        [Kind::Alone(Alone::DropDatabase(name))] => !database.has_database(&name.0.concat())?,
        _ => false,
    };
    Ok(if done { finished + 1 } else { finished })
}

/// Where a statement was looked for.
enum Found {
    Statement(Vec<Kind>),
    /// It is the so-manieth behind the file.
    Behind(u64),
    /// A variable decides where it is.
    Uncertain,
}

/// The kinds of statement `number` of a file, which is `script` or one that it includes.
fn kinds_of(script: &Script, path: &Path, number: u64, depth: usize) -> Result<Found, RunError> {
    let unreadable = |source| RunError::Unreadable { path: path.to_owned(), source };
    let survey = survey::survey(open(script, path)?).map_err(unreadable)?;
    let init_dir = script.path.parent().unwrap_or(Path::new(""));
    let mut own = number;
    for include in survey.includes.iter().take_while(|_| depth < DEEPEST) {
        let Some(behind) = own.checked_sub(include.after).filter(|behind| *behind > 0) else { break };
        let Some(file) = include.file.as_deref().filter(|_| include.is_certain) else {
            return Ok(Found::Uncertain);
        };
        let inner = resolve_include(file, include.relative, path, init_dir);
        match kinds_of(script, &inner, behind, depth + 1)? {
            Found::Behind(left) => own = include.after + left,
            found => return Ok(found),
        }
    }
    if own > survey.statements && survey.is_counted {
        return Ok(Found::Behind(own - survey.statements));
    }
    let kinds = survey::kinds_of(open(script, path)?, own).map_err(unreadable)?;
    Ok(if kinds.is_empty() { Found::Uncertain } else { Found::Statement(kinds) })
}

fn open(script: &Script, path: &Path) -> Result<Box<dyn Read + Send>, RunError> {
    if path == script.path {
        return Ok(script.open()?);
    }
    let file = File::open(path).map_err(|source| RunError::Unreadable { path: path.to_owned(), source })?;
    Ok(Box::new(file))
}

/// An index lies in its table's schema.
fn beside(index: &Name, table: Option<&Name>) -> Vec<String> {
    let schema = table.map(|table| &table.0[..table.0.len().saturating_sub(1)]).unwrap_or_default();
    let name = index.0.last().cloned();
    schema.iter().cloned().chain(name).collect()
}
