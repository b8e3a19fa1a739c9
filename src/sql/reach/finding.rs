//! What has been found so far, certain or only where the script has dynamic SQL.

use super::word::Scope;
use super::{Found, Reach};
use crate::sql::lexer::Statement;
use crate::text::Position;

/// Longer findings are cut.
const LONGEST: usize = 60;

/// What a place in the text means to the script.
pub(super) enum Place<'a> {
    Statement(&'a Statement<'a>),
    /// Arguments stand where their meta-command does.
    Command(Position),
}

/// A word or a phrase, and where in the text it begins.
#[derive(Clone, Copy)]
pub(super) struct Phrase<'t> {
    pub text: &'t [u8],
    pub at: usize,
}

#[derive(Default)]
pub(super) struct Findings {
    certain: Reach,
    /// Counts only where the script has dynamic SQL.
    doubtful: Reach,
    pub is_dynamic: bool,
}

impl Findings {
    pub fn add(&mut self, place: &Place, phrase: Phrase, what: (Scope, &'static str), certain: bool) {
        let (scope, why) = what;
        let reach = if certain { &mut self.certain } else { &mut self.doubtful };
        if scope != Scope::Uncovered {
            reach.cluster.get_or_insert_with(|| found(place, phrase, why));
        }
        if scope != Scope::Cluster {
            reach.uncovered.get_or_insert_with(|| found(place, phrase, why));
        }
    }

    pub fn reach(self) -> Reach {
        if self.is_dynamic { self.certain.with_included(self.doubtful) } else { self.certain }
    }
}

fn found(place: &Place, phrase: Phrase, why: &'static str) -> Found {
    let text = String::from_utf8_lossy(phrase.text);
    let word = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect();
    let position = match place {
        Place::Statement(statement) => statement.position(phrase.at),
        Place::Command(position) => *position,
    };
    Found { word, position, why }
}
