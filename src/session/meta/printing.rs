//! The commands that set how results are printed.

use super::{MetaError, Trouble};
use crate::session::output::Channel;
use crate::session::run::Run;

impl Run<'_> {
    pub(super) fn print_setting(&mut self, command: &str) -> Result<(), Trouble> {
        let option = match command {
            "pset" => self.argument()?,
            "f" => Some(b"fieldsep".to_vec()),
            "x" => Some(b"expanded".to_vec()),
            "t" => Some(b"tuples_only".to_vec()),
            "C" => Some(b"title".to_vec()),
            "T" => Some(b"tableattr".to_vec()),
            _ => return self.toggle(command),
        };
        self.settle()?;
        let Some(option) = option else {
            let listing = self.settings.listing();
            return self.show(Channel::Out, &listing);
        };
        let value = self.argument()?;
        let said = self.settings.set(&option, value.as_deref()).map_err(MetaError::from)?;
        self.changed(said)
    }

    /// `\a` and `\H`
    fn toggle(&mut self, command: &str) -> Result<(), Trouble> {
        self.settle()?;
        let said = if command == "a" { self.settings.toggle_aligned() } else { self.settings.toggle_html() };
        self.changed(Some(said))
    }

    fn changed(&mut self, said: Option<Vec<u8>>) -> Result<(), Trouble> {
        self.conversation.stage.settings(&self.settings);
        match said {
            Some(said) if !self.variables.special.quiet => self.show(Channel::Out, &said),
            _ => Ok(()),
        }
    }
}
