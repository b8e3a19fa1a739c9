//! Files that somebody names, read in their order as one script: each as `psql -f` reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::RunError;
use super::prepare::{DEEPEST, refuse_programs};
use super::psql::Wanted;
use super::standard_input::StandardInput;
use super::unseen::Unseen;
use crate::script::{Compression, Kind};
use crate::session::{Permissions, ScriptSource};
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
    /// What `-` stands for, once it was read ahead.
    input: Option<StandardInput>,
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
            input: None,
        }
    }

    /// Fails for the first file that cannot be read, or that would run a program and may not; tells why psql is
    /// wanted, if it is.
    pub fn look_through(&mut self) -> Result<Option<Wanted>, RunError> {
        let mut wanted = None;
        for name in self.names {
            let found = if is_standard_input(name) { self.look_ahead()? } else { self.look_into(name, 0)? };
            wanted = wanted.or(found);
        }
        // In what is not known yet, psql would run any program.
        let is_known = self.input.as_ref().is_some_and(StandardInput::is_whole);
        let wanted = wanted.filter(|_| is_known || !self.names.iter().any(|name| is_standard_input(name)));
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
            let title = if is_standard_input(name) { STDIN.into() } else { name.display().to_string() };
            unseen.add(&survey, &title, &path, &resolve)?;
        }
        unseen.refuse(&self.variables)
    }

    /// All names, for messages.
    pub fn title(&self) -> String {
        let names: Vec<String> = self.names.iter().map(|name| name.display().to_string()).collect();
        names.join(", ")
    }

    /// Whether a failure's file is one of them.
    pub fn has(&self, file: &str) -> bool {
        self.names.iter().any(|name| {
            if is_standard_input(name) { file == STDIN } else { name.display().to_string() == file }
        })
    }

    /// Standard input can be read only once, so it is read ahead.
    fn look_ahead(&mut self) -> Result<Option<Wanted>, RunError> {
        let unreadable = |source| RunError::Unreadable { path: STDIN.into(), source };
        if self.input.is_some() {
            return Ok(None);
        }
        let directory = crate::project::temporary_directory();
        let Some(mut input) = StandardInput::read_ahead(&directory).map_err(unreadable)? else {
            return Ok(None);
        };
        let ahead = input.ahead().map_err(unreadable)?;
        let mut wanted = None;
        if survey::may_hold_commands(ahead).map_err(unreadable)? {
            let survey = survey::survey(input.ahead().map_err(unreadable)?).map_err(unreadable)?;
            wanted = self.judge(&survey, Path::new(STDIN), 0)?;
        }
        self.input = Some(input);
        Ok(wanted)
    }

    /// Once for each file, however often it is included.
    fn look_into(&mut self, name: &Path, depth: usize) -> Result<Option<Wanted>, RunError> {
        if !self.seen.insert(name.to_owned()) {
            return Ok(None);
        }
        let unreadable = |source| RunError::Unreadable { path: name.to_owned(), source };
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
        if File::open(&path).and_then(|file| file.metadata()).map_err(unreadable)?.is_dir() {
            return Err(unreadable(io::ErrorKind::IsADirectory.into()));
        }
        Ok(compression(&path).open(&path)?)
    }

    /// What the file holds; of standard input, what was read ahead.
    pub fn survey(&mut self, name: &Path) -> Result<Survey, RunError> {
        let unreadable = |source| RunError::Unreadable { path: name.to_owned(), source };
        match &mut self.input {
            Some(input) if is_standard_input(name) => {
                input.ahead().and_then(survey::survey).map_err(unreadable)
            }
            _ => survey::survey(self.text(name)?).map_err(unreadable),
        }
    }

    /// Standard input, once; after that there is nothing left of it.
    pub fn standard_input(&mut self) -> io::Result<Box<dyn Read + Send>> {
        self.input
            .take()
            .map_or_else(|| Ok(Box::new(io::stdin()) as Box<dyn Read + Send>), StandardInput::open)
    }

    fn open_named(&mut self, name: &Path) -> io::Result<(String, Box<dyn Read>)> {
        if is_standard_input(name) {
            return Ok((STDIN.to_owned(), self.standard_input()?));
        }
        let text = self.text(name).map_err(|error| match error {
            RunError::Unreadable { source, .. } => source,
            other => io::Error::other(other),
        })?;
        Ok((name.display().to_string(), text as Box<dyn Read>))
    }
}

impl ScriptSource for Files<'_> {
    fn name(&self) -> String {
        match self.names {
            [one] if is_standard_input(one) => STDIN.to_owned(),
            [one] => one.display().to_string(),
            _ => "command line".to_owned(),
        }
    }

    /// Several files are a script that includes one after the other: each has its own `\if` blocks and its own
    /// end, and they share the session, as with several `-f` of psql.
    fn open(&mut self) -> io::Result<Box<dyn Read>> {
        match self.names {
            [one] => self.open_named(one).map(|(_, text)| text),
            names => Ok(Box::new(Cursor::new(names.iter().map(|name| including(name)).collect::<String>()))),
        }
    }

    fn include(&mut self, name: &str, relative_to: Option<&str>) -> io::Result<(String, Box<dyn Read>)> {
        let beside = relative_to.and_then(|file| Path::new(file).parent()).unwrap_or(Path::new(""));
        self.open_named(&beside.join(name))
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

/// The file that an include means in another, read from `directory`; none where a variable names it.
pub fn target(include: &Include, including: &Path, directory: &Path) -> Option<PathBuf> {
    let from = including.parent().filter(|_| include.relative).unwrap_or(directory);
    Some(from.join(Path::new(OsStr::from_bytes(include.file.as_deref()?))))
}

/// Whether the name stands for standard input.
pub fn is_standard_input(name: &Path) -> bool {
    name.as_os_str() == "-"
}

/// The command that includes a file of that name.
pub fn including(name: &Path) -> String {
    let quoted = name.display().to_string().replace('\\', "\\\\").replace('\'', "''").replace('\n', "\\n");
    format!("\\i '{quoted}'\n")
}

/// How the file is packed, by its name.
pub fn compression(path: &Path) -> Compression {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Kind::of_name(&name).map_or(Compression::None, Kind::compression)
}
