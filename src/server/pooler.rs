//! Recognises a connection pooler that hands each transaction to whichever server session is free.

use super::ServerError;
use crate::endpoint::Endpoint;
use crate::session::{Login, Session};

/// Behind a pooler in session mode a setting stays with its client; in transaction mode another client meets it.
pub fn in_transaction_mode(endpoint: &Endpoint, login: &Login) -> Result<bool, ServerError> {
    let mut first = Session::connect(endpoint, login)?;
    if is_direct(&mut first)? {
        return Ok(false);
    }
    first.simple("SET dbctl.pooler = 'met'")?;
    let met = Session::connect(endpoint, login)?.simple("SELECT current_setting('dbctl.pooler', true)")?;
    first.simple("RESET dbctl.pooler")?;
    Ok(met.rows.first().and_then(|row| row.first()?.as_deref()) == Some("met"))
}

/// A pooler answers the login itself, so the process that it names is not the one that runs statements.
fn is_direct(session: &mut Session) -> Result<bool, ServerError> {
    let answer = session.simple("SELECT pg_backend_pid()")?;
    let runs = answer.rows.first().and_then(|row| row.first()?.as_deref()?.parse().ok());
    Ok(runs.is_some() && runs == session.process_id())
}
