//! A compose project in a temporary folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use dbctl::compose::service::Service;
use dbctl::compose::{self, Compose, ComposeError, Request};

pub struct Project {
    folder: tempfile::TempDir,
    environment: BTreeMap<String, String>,
}

impl Project {
    /// A project whose `compose.yaml` holds `text`.
    pub fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder, environment: BTreeMap::new() }.file("compose.yaml", text)
    }

    /// A project with the one service `db`, whose keys are `keys`, each on a line of its own.
    pub fn service(keys: &str) -> Self {
        let indented: Vec<_> = keys.lines().map(|line| format!("    {line}")).collect();
        Self::new(&format!("services:\n  db:\n    image: postgres\n{}\n", indented.join("\n")))
    }

    pub fn file(self, path: &str, text: &str) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("inside the folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn request(&self) -> Request {
        let working_dir = self.folder.path().to_owned();
        Request { working_dir, environment: self.environment.clone(), ..Request::default() }
    }

    pub fn load(&self) -> Compose {
        compose::load(&self.request()).unwrap_or_else(|error| panic!("{error}"))
    }

    pub fn db(&self) -> Service {
        self.load().service("db").unwrap_or_else(|error| panic!("{error}"))
    }

    /// The error of loading or of reading the service `db`, with the folder's path left out.
    pub fn refusal(&self) -> String {
        let outcome: Result<Service, ComposeError> =
            compose::load(&self.request()).and_then(|compose| compose.service("db"));
        let Err(error) = outcome else { panic!("nothing was refused") };
        error.to_string().replace(&format!("{}/", self.folder.path().display()), "")
    }
}
