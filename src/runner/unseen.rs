//! What psql could do that nobody sees in a script's text: whether that might be running a program.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::RunError;
use super::files::STDIN;
use super::prepare::DEEPEST;
use crate::sql::survey::{self, Include, Mention, Survey, is_plain};

/// The file of this machine that an include means in another; none where nobody knows.
pub type Resolve<'a> = &'a dyn Fn(&Include, &Path) -> Option<PathBuf>;

/// A place in a file.
type Place = (String, Mention);

/// What the texts that psql is to run leave open, taken together.
#[derive(Default)]
pub struct Unseen {
    /// Certainly open: another file than those that were looked into.
    other_file: Option<Place>,
    includes: bool,
    /// Where it may become another one.
    directory: Option<Place>,
    output: Option<Place>,
    references: BTreeMap<Vec<u8>, Place>,
    values: BTreeMap<Vec<u8>, Place>,
    any_value: Option<Place>,
    strings: Option<Place>,
    escape: Option<Place>,
    /// Somebody but standard input itself reads it.
    input: Option<Place>,
}

impl Unseen {
    /// A text, as `name` calls it, and the files that it includes.
    pub fn add(
        &mut self,
        survey: &Survey,
        name: &str,
        path: &Path,
        resolve: Resolve,
    ) -> Result<(), RunError> {
        self.look_into(survey, name, path, resolve, 0)
    }

    fn look_into(
        &mut self,
        survey: &Survey,
        name: &str,
        path: &Path,
        resolve: Resolve,
        depth: usize,
    ) -> Result<(), RunError> {
        self.take(survey, name);
        for include in &survey.includes {
            self.includes = true;
            let target = resolve(include, path).filter(|target| depth < DEEPEST && target.is_file());
            let Some(target) = target else {
                let command = if include.relative { "\\ir" } else { "\\i" };
                let mention = Mention { line: include.position.line, text: command.to_owned() };
                self.other_file.get_or_insert_with(|| (name.to_owned(), mention));
                continue;
            };
            let unreadable = |source: io::Error| RunError::Unreadable { path: target.clone(), source };
            let inner = survey::survey(File::open(&target).map_err(unreadable)?).map_err(unreadable)?;
            self.look_into(&inner, &target.display().to_string(), &target, resolve, depth + 1)?;
        }
        Ok(())
    }

    fn take(&mut self, survey: &Survey, name: &str) {
        let unknowns = &survey.unknowns;
        let place = |mention: &Mention| (name.to_owned(), mention.clone());
        for (found, kept) in [
            (&unknowns.include, &mut self.other_file),
            (&unknowns.directory, &mut self.directory),
            (&unknowns.output, &mut self.output),
            (&unknowns.any_value, &mut self.any_value),
            (&unknowns.strings, &mut self.strings),
            (&unknowns.escape, &mut self.escape),
            (&unknowns.input.clone().filter(|_| name != STDIN), &mut self.input),
        ] {
            *kept = kept.take().or_else(|| found.as_ref().map(place));
        }
        for (found, kept) in
            [(&unknowns.references, &mut self.references), (&unknowns.values, &mut self.values)]
        {
            for (name, mention) in found {
                kept.entry(name.clone()).or_insert_with(|| place(mention));
            }
        }
    }

    /// Fails at the first place at which psql might be led to run a program; `fed`: one of the texts is its
    /// standard input.
    pub fn refuse(self, variables: &BTreeMap<String, String>, fed: bool) -> Result<(), RunError> {
        let reference = self.open_reference(variables);
        let moved = self.directory.or(self.output).filter(|_| self.includes);
        let strings = self.strings.filter(|_| self.escape.is_some());
        match self.other_file.or(self.input.filter(|_| fed)).or(moved).or(reference).or(strings) {
            None => Ok(()),
            Some((file, Mention { line, text })) => Err(RunError::MayRunProgram { file, line, text }),
        }
    }

    /// A variable that is read as if it were typed, and may hold anything.
    fn open_reference(&self, given: &BTreeMap<String, String>) -> Option<Place> {
        let may_hold_anything = |name: &[u8]| {
            let given = std::str::from_utf8(name).ok().and_then(|name| given.get(name));
            self.any_value.is_some()
                || self.values.contains_key(name)
                || given.is_some_and(|value| !is_plain(value.as_bytes()))
        };
        self.references.iter().find(|(name, _)| may_hold_anything(name)).map(|(_, place)| place.clone())
    }
}
