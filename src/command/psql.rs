//! `dbctl psql`: a psql that is logged in already, in the container or, with `--url`, on this machine.

use std::io::{self, Write as _};
use std::os::unix::process::ExitStatusExt as _;

use super::{Context, Result};
use crate::cli::Command as CliCommand;
use crate::docker::{Channel, Command, Terminal};
use crate::endpoint::Address;
use crate::error::{Error, Exit};
use crate::secret::Secret;
use crate::server::{Container, Server, ServerError};

pub fn psql(context: &mut Context) -> Result<Exit> {
    let CliCommand::Psql(arguments) = &context.cli.command else { return Ok(Exit::Usage) };
    let commands = arguments.commands.iter().flat_map(|command| ["-c".to_owned(), command.clone()]);
    let arguments: Vec<String> = commands.chain(arguments.arguments.iter().cloned()).collect();
    let project = context.project()?;
    let server = context.running(&project)?;
    // What psql is told to do may want nobody in the database.
    server.hang_up();
    let code = match &server.container {
        Some(container) => inside(&server, container, arguments)?,
        None => outside(&server, &arguments)?,
    };
    Ok(Exit::of_child(code))
}

/// The container's own psql, over the server's local socket.
fn inside(server: &Server, container: &Container, arguments: Vec<String>) -> Result<i64> {
    let login = &server.login;
    let own = ["psql", "-U", &login.user, "-d", &login.database].map(str::to_owned);
    let mut command = Command::new(own.into_iter().chain(arguments));
    command.environment = login.password.iter().map(|word| ("PGPASSWORD".to_owned(), word.clone())).collect();
    let (engine, facts) = (&container.engine, &container.facts);
    if let Some(terminal) = Terminal::of_process() {
        command.environment.push(("TERM".to_owned(), Secret::new("xterm-256color")));
        return Ok(engine.interact(facts, &command, &terminal).map_err(ServerError::from)?);
    }
    let code = engine.exec(facts, &command, Some(Box::new(io::stdin())), &mut |channel, bytes| {
        // psql itself goes on when nobody reads its output any more.
        let _ = match channel {
            Channel::Out => io::stdout().write_all(bytes),
            Channel::Error => io::stderr().write_all(bytes),
        };
    });
    let _ = io::stdout().flush();
    Ok(code.map_err(ServerError::from)?)
}

/// This machine's psql; the password goes through its environment, which other users cannot see.
fn outside(server: &Server, arguments: &[String]) -> Result<i64> {
    let login = &server.login;
    let (host, port) = match &server.endpoint.address {
        Address::Tcp { host, port } => (host.to_string(), *port),
        Address::Unix { directory, port } => (directory.display().to_string(), *port),
    };
    let mut command = std::process::Command::new("psql");
    command
        .args(["-U", &login.user, "-d", &login.database, "-h", &host, "-p", &port.to_string()])
        .args(arguments);
    if let Some(password) = &login.password {
        command.env("PGPASSWORD", password.reveal());
    }
    let status = command.status().map_err(|source| Error::NoPsql { source })?;
    Ok(status.code().map_or_else(|| i64::from(128 + status.signal().unwrap_or_default()), i64::from))
}
