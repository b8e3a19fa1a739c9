//! An interrupted script goes on: what its next statement came to is asked of the catalog where it may be
//! half done.

use super::RunError;
use crate::database::Database;
use crate::script::Script;
use crate::sql::statement::{Alone, Kind, Name};
use crate::sql::survey;

/// How many statements are done: `finished`, or one more where the catalog shows that the next one has
/// succeeded, too. An invalid index that it left is dropped.
pub fn settle_unknown(database: &mut Database, script: &Script, finished: u32) -> Result<u32, RunError> {
    let next = survey::kinds_of(script.open()?, u64::from(finished) + 1)
        .map_err(|source| RunError::Unreadable { path: script.path.clone(), source })?;
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

/// An index lies in its table's schema.
fn beside(index: &Name, table: Option<&Name>) -> Vec<String> {
    let schema = table.map(|table| &table.0[..table.0.len().saturating_sub(1)]).unwrap_or_default();
    let name = index.0.last().cloned();
    schema.iter().cloned().chain(name).collect()
}
