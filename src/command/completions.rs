//! `dbctl completions` and `dbctl man`: made from the command line's own tree.

use std::io::Write;

use super::Result;
use crate::cli::Cli;
use crate::error::Exit;

pub fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::tree(), "dbctl", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}

pub fn man() -> Result<Exit> {
    clap_mangen::Man::new(Cli::tree()).render(&mut std::io::stdout())?;
    Ok(Exit::Done)
}
