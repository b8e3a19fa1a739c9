//! Files that somebody names, read in their order as one script: each as `psql -f` reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::{self, Cursor, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::RunError;
use super::prepare::{DEEPEST, check_variables, refuse_programs};
use super::psql::Wanted;
use super::standard_input::{StandardInput, is_read_once};
use super::unseen::Unseen;
use crate::interrupt::{self, Patient};
use crate::script::{Compression, Kind};
use crate::session::{Permissions, ScriptSource, canonical};
use crate::sql::survey::{self, Include, Survey};

/// How psql calls standard input in its messages.
pub const STDIN: &str = "<stdin>";

/// The named files, and where the names count from.
pub struct Files<'a> {
    pub names: &'a [PathBuf],
    pub directory: &'a Path,
    pub variables: BTreeMap<String, String>,
    pub allow_shell: bool,
    /// A dump that is no script is psql's to refuse, when it comes to it.
    pub leaves_dumps_to_psql: bool,
    /// Those that were looked into.
    seen: BTreeSet<PathBuf>,
    /// What can be read only once and was read ahead: standard input, and pipes.
    ahead: BTreeMap<PathBuf, StandardInput>,
}

impl<'a> Files<'a> {
    pub fn new(names: &'a [PathBuf], directory: &'a Path, variables: BTreeMap<String, String>) -> Self {
        Self {
            names,
            directory,
            variables,
            allow_shell: false,
            leaves_dumps_to_psql: false,
            seen: BTreeSet::new(),
            ahead: BTreeMap::new(),
        }
    }

    /// Fails for the first file that cannot be read, or that would run a program and may not; tells why psql is
    /// wanted, if it is.
    pub fn look_through(&mut self) -> Result<Option<Wanted>, RunError> {
        check_variables(&self.variables)?;
        let mut wanted = None;
        for name in self.names {
            let is_read_once = is_standard_input(name) || is_read_once(&self.directory.join(name));
            let found = if is_read_once { self.look_ahead(name)? } else { self.look_into(name, 0)? };
            wanted = wanted.or(found);
        }
        // In what is not known yet, psql would run any program.
        let has_terminal =
            self.names.iter().any(|name| is_standard_input(name) && !self.ahead.contains_key(name));
        let is_known = !has_terminal && self.ahead.values().all(StandardInput::is_whole);
        let wanted = wanted.filter(|_| is_known);
        if wanted.is_some() && !self.allow_shell {
            self.refuse_unseen()?;
        }
        Ok(wanted)
    }

    /// psql runs any program that it comes to.
    fn refuse_unseen(&mut self) -> Result<(), RunError> {
        let mut unseen = Unseen::default();
        for name in self.names {
            let survey = self.survey(name)?;
            let directory = self.directory;
            let resolve = |include: &Include, including: &Path| target(include, including, directory);
            let path = directory.join(if is_standard_input(name) { Path::new(STDIN) } else { name });
            unseen.add(&survey, &title(name).display().to_string(), &path, &resolve)?;
        }
        unseen.refuse(&self.variables, !self.ahead.is_empty())
    }

    /// Whether one of them reads or writes files of its own.
    pub fn use_files(&mut self) -> Result<bool, RunError> {
        let names = self.names;
        names.iter().try_fold(false, |found, name| Ok(found || self.survey(name)?.unknowns.file.is_some()))
    }

    /// All names, for messages.
    pub fn title(&self) -> String {
        let names: Vec<String> = self.names.iter().map(|name| name.display().to_string()).collect();
        names.join(", ")
    }

    /// Whether a failure's file is one of them.
    pub fn has(&self, file: &str) -> bool {
        self.names.iter().any(|name| title(name) == Path::new(file))
    }

    /// It can be read only once, so it is read ahead.
    fn look_ahead(&mut self, name: &Path) -> Result<Option<Wanted>, RunError> {
        let unreadable = |source| RunError::Unreadable { path: title(name), source };
        if self.ahead.contains_key(name) {
            return Ok(None);
        }
        let input = if is_standard_input(name) {
            StandardInput::of_process()
        } else {
            interrupt::open(&self.directory.join(name)).map(|file| file.0)
        };
        let input = input.map_err(unreadable)?;
        let directory = crate::project::temporary_directory();
        let Some(mut input) = StandardInput::read_ahead(input, &directory).map_err(unreadable)? else {
            return Ok(None);
        };
        let may = input.ahead().and_then(survey::may_hold_commands).map_err(unreadable)?;
        self.ahead.insert(name.to_owned(), input);
        let survey = may.then(|| self.survey(name)).transpose()?;
        survey.map_or(Ok(None), |survey| self.judge(&survey, &title(name), 0))
    }

    /// Once for each file, however often it is included.
    fn look_into(&mut self, name: &Path, depth: usize) -> Result<Option<Wanted>, RunError> {
        if !self.seen.insert(name.to_owned()) {
            return Ok(None);
        }
        let unreadable = |source| unreadable(name, source);
        if !survey::may_hold_commands(self.text(name)?).map_err(unreadable)? {
            return Ok(None);
        }
        let survey = survey::survey(self.text(name)?).map_err(unreadable)?;
        self.judge(&survey, name, depth)
    }

    fn judge(&mut self, survey: &Survey, name: &Path, depth: usize) -> Result<Option<Wanted>, RunError> {
        let file = name.display().to_string();
        if survey.is_custom_dump && !self.leaves_dumps_to_psql {
            return Err(RunError::CustomDump { file });
        }
        if !self.allow_shell {
            refuse_programs(survey, &file)?;
        }
        let mut wanted = Wanted::by(survey, &file);
        for include in survey.includes.iter().filter(|_| depth < DEEPEST) {
            let Some(written) = include.file.as_deref() else { continue };
            let beside = name.parent().filter(|_| include.relative).unwrap_or(Path::new(""));
            let inner = beside.join(Path::new(OsStr::from_bytes(written)));
            // One that is not there, or is never reached, is found when psql would find it.
            if self.directory.join(&inner).is_file() {
                wanted = wanted.or(self.look_into(&inner, depth + 1)?);
            }
        }
        Ok(wanted)
    }

    /// A named file's text, decompressed where its name says that it is packed.
    pub fn text(&self, name: &Path) -> Result<Box<dyn Read + Send>, RunError> {
        let unreadable = |source| RunError::Unreadable { path: name.to_owned(), source };
        let path = self.directory.join(name);
        // Opening a directory succeeds; only reading it does not.
        let file = interrupt::open(&path).map_err(unreadable)?;
        compression(&path).decode(file).map_err(unreadable)
    }

    /// What the file holds; of what can be read only once, as far as it was read ahead.
    pub fn survey(&mut self, name: &Path) -> Result<Survey, RunError> {
        let unreadable = |source| unreadable(name, source);
        let survey = match self.ahead.get_mut(name) {
            Some(input) if is_standard_input(name) => input.ahead().and_then(survey::survey_standard_input),
            Some(input) => input.ahead().and_then(survey::survey),
            None => survey::survey(self.text(name)?),
        };
        survey.map_err(unreadable)
    }

    pub fn is_read_ahead(&self, name: &Path) -> bool {
        self.ahead.contains_key(name)
    }

    /// What was read ahead, or will come by standard input; none for a file that can be opened again.
    pub fn read_once(&mut self, name: &Path) -> io::Result<Option<Box<dyn Read + Send>>> {
        match self.ahead.remove(name) {
            Some(input) => input.open().map(Some),
            None if is_standard_input(name) => Ok(Some(Box::new(Patient(StandardInput::of_process()?)))),
            None => Ok(None),
        }
    }

    fn open_named(&mut self, name: &Path) -> io::Result<Box<dyn Read>> {
        if let Some(text) = self.read_once(name)? {
            return Ok(text);
        }
        let text = self.text(name).map_err(|error| match error {
            RunError::Unreadable { source, .. } => source,
            other => io::Error::other(other),
        })?;
        Ok(text)
    }
}

impl ScriptSource for Files<'_> {
    fn name(&self) -> String {
        match self.names {
            [one] => title(one).display().to_string(),
            _ => "command line".to_owned(),
        }
    }

    /// Several files are a script that includes one after the other: each has its own `\if` blocks and its own
    /// end, and they share the session, as with several `-f` of psql.
    fn open(&mut self) -> io::Result<Box<dyn Read>> {
        match self.names {
            [one] => self.open_named(one),
            names => {
                Ok(Box::new(Cursor::new(names.iter().flat_map(|name| including(name)).collect::<Vec<_>>())))
            }
        }
    }

    fn path(&self) -> PathBuf {
        if let [one] = self.names { one.clone() } else { PathBuf::new() }
    }

    fn is_standard_input(&self) -> bool {
        matches!(self.names, [one] if is_standard_input(one))
    }

    fn standard_input(&mut self) -> io::Result<Box<dyn Read>> {
        self.open_named(Path::new("-"))
    }

    fn include(&mut self, name: &Path, relative_to: Option<&Path>) -> io::Result<(PathBuf, Box<dyn Read>)> {
        let beside = relative_to.and_then(Path::parent).unwrap_or(Path::new(""));
        let name = canonical(&beside.join(name));
        self.open_named(&name).map(|text| (name, text))
    }

    fn environment(&self, name: &[u8]) -> Option<Vec<u8>> {
        crate::project::environment_variable(name)
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn permissions(&self) -> Permissions {
        Permissions { allow_shell: self.allow_shell }
    }
}

/// What a failure while reading means: an archive may be broken.
fn unreadable(name: &Path, source: io::Error) -> RunError {
    match compression(name) {
        Compression::None => RunError::Unreadable { path: name.to_owned(), source },
        packed => RunError::Disk(packed.error(name, source)),
    }
}

/// The file that an include means in another, read from `directory`; none where a variable names it.
pub fn target(include: &Include, including: &Path, directory: &Path) -> Option<PathBuf> {
    let from = including.parent().filter(|_| include.relative).unwrap_or(directory);
    Some(from.join(Path::new(OsStr::from_bytes(include.file.as_deref()?))))
}

/// Whether the name stands for standard input.
pub fn is_standard_input(name: &Path) -> bool {
    name.as_os_str() == "-"
}

/// As psql calls it in messages.
fn title(name: &Path) -> PathBuf {
    if is_standard_input(name) { STDIN.into() } else { name.to_owned() }
}

/// The command that includes a file of that name.
pub fn including(name: &Path) -> Vec<u8> {
    let mut command = b"\\i '".to_vec();
    for &byte in name.as_os_str().as_bytes() {
        match byte {
            b'\\' => command.extend_from_slice(b"\\\\"),
            b'\'' => command.extend_from_slice(b"''"),
            b'\n' => command.extend_from_slice(b"\\n"),
            byte => command.push(byte),
        }
    }
    command.extend_from_slice(b"'\n");
    command
}

/// How the file is packed, by its name.
pub fn compression(path: &Path) -> Compression {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Kind::of_name(&name).map_or(Compression::None, Kind::compression)
}
