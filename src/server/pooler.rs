//! Recognises a connection pooler that hands each transaction to whichever server session is free.

use super::ServerError;
use crate::endpoint::Endpoint;
use crate::session::{Login, Session};

/// Behind a pooler in session mode a setting stays with its client; in transaction mode another client meets it.
pub fn in_transaction_mode(
    first: &mut Session,
    endpoint: &Endpoint,
    login: &Login,
) -> Result<bool, ServerError> {
    first.simple("SET dbctl.pooler = 'met'")?;
    let met = Session::connect(endpoint, login)?.simple("SELECT current_setting('dbctl.pooler', true)")?;
    first.simple("RESET dbctl.pooler")?;
    Ok(met.rows.first().and_then(|row| row.first()?.as_deref()) == Some("met"))
}
