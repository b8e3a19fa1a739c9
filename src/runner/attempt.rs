//! One attempt to run one script: what its ledger rows share.

use rustix::rand::{GetRandomFlags, getrandom};

use crate::database::ledger::{Row, Writer};
use crate::ledger::{Mode, Outcome};
use crate::script::{Kind, Script};
use crate::sql::reach::Extent;

/// A script, and everything its ledger rows have in common.
#[derive(Clone)]
pub struct Attempt {
    pub id: String,
    pub script: Script,
    pub token_hash: Option<String>,
    reach: Option<Extent>,
    who: String,
    writer: Writer,
}

impl Attempt {
    pub fn new(script: &Script, token_hash: Option<String>, who: &str, writer: &Writer) -> Self {
        let reach = (script.kind == Kind::Shell).then_some(Extent::Anything);
        Self {
            id: fresh_id(),
            script: script.clone(),
            token_hash,
            reach,
            who: who.to_owned(),
            writer: writer.clone(),
        }
    }

    /// An attempt with a script that may reach so far.
    #[must_use]
    pub fn reaching(self, extent: Option<Extent>) -> Self {
        Self { reach: extent.or(self.reach), ..self }
    }

    /// A row of this attempt in which nothing has been counted yet.
    pub fn row(&self, event: Outcome, mode: Mode) -> Row {
        Row {
            event,
            attempt: self.id.clone(),
            script: self.script.name.clone(),
            number: self.script.id.as_ref().map(ToString::to_string),
            checksum: self.script.checksum.to_string(),
            token_hash: self.token_hash.clone(),
            mode,
            statements: None,
            finished: 0,
            finished_hash: None,
            reach: self.reach,
            took_ms: None,
            error: None,
            who: self.who.clone(),
            writer: self.writer.clone(),
        }
    }
}

/// 128 random bits in hexadecimal.
pub fn fresh_id() -> String {
    let mut bytes = [0; 16];
    let filled = getrandom(&mut bytes, GetRandomFlags::empty());
    debug_assert_eq!(filled, Ok(16), "the system's generator gives 16 bytes at once");
    format!("{:032x}", u128::from_be_bytes(bytes))
}
