//! The commands that set how results are printed.

use super::{MetaError, Trouble};
use crate::session::run::Run;
use crate::session::settings::Settings;

impl Settings {
    /// `\gx`
    pub(super) fn expand(&mut self) {
        self.expanded = true;
    }

    pub(super) fn change(&mut self, name: &[u8], _value: Option<&[u8]>) -> Result<String, MetaError> {
        Err(MetaError::Setting(format!("\\pset: unknown option: {}", String::from_utf8_lossy(name))))
    }
}

impl Run<'_> {
    pub(super) fn print_setting(&mut self, name: &str) -> Result<(), Trouble> {
        Err(MetaError::Unsupported(name.to_owned()).into())
    }
}
