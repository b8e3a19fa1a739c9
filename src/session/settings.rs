//! The state that `\pset` changes.

/// Filled by the printer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    pub expanded: bool,
}
