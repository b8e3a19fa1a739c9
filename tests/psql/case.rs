//! The corpus: one script a file, with what lies beside it.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

/// One script of `tests/psql/cases`.
#[derive(Clone, Debug)]
pub struct Case {
    /// `group/name`, as [`super::known`] calls it.
    pub name: String,
    path: PathBuf,
}

impl Case {
    /// All of them, in order.
    pub fn all() -> Vec<Self> {
        let mut found = Vec::new();
        for group in entries(&Self::directory()) {
            let scripts = entries(&group).into_iter().filter(|path| is_script(path));
            found.extend(scripts.map(|path| Self { name: name(&path), path }));
        }
        assert!(found.len() >= 150, "the corpus has {} cases", found.len());
        found
    }

    fn directory() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/psql/cases")
    }

    /// What the script is called where it runs.
    pub fn file(&self) -> String {
        self.path.file_name().unwrap().to_string_lossy().into_owned()
    }

    /// Its bytes, decompressed.
    pub fn text(&self) -> Vec<u8> {
        let bytes = fs::read(&self.path).unwrap();
        if self.path.extension().is_none_or(|extension| extension != "gz") {
            return bytes;
        }
        let mut text = Vec::new();
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text).unwrap();
        text
    }

    /// What the script says about itself: its first line.
    pub fn purpose(&self) -> String {
        let text = self.text();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        line.strip_prefix("-- ").map(str::trim_end).unwrap_or_default().to_owned()
    }

    /// Variables given on the command line: `-- given: name=value …` in the second line.
    pub fn given(&self) -> Vec<String> {
        let text = self.text();
        let line = text.split(|byte| *byte == b'\n').nth(1).unwrap_or_default();
        let line = String::from_utf8_lossy(line).into_owned();
        let words = line.strip_prefix("-- given: ").unwrap_or_default();
        words.split_whitespace().map(str::to_owned).collect()
    }

    /// Lays the script and its companions, `files/` of the group, into an empty directory.
    pub fn lay_out(&self, directory: &Path) {
        fs::write(directory.join(self.file()), fs::read(&self.path).unwrap()).unwrap();
        copy(&self.path.with_file_name("files"), &directory.join("files"));
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in entries(from) {
            copy(&entry, &to.join(entry.file_name().unwrap()));
        }
    } else if from.exists() {
        fs::copy(from, to).unwrap();
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn is_script(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name.ends_with(".sql") || name.ends_with(".sql.gz")
}

fn name(path: &Path) -> String {
    let group = path.parent().and_then(Path::file_name).unwrap().to_string_lossy();
    let file = path.file_name().unwrap().to_string_lossy();
    format!("{group}/{}", file.split('.').next().unwrap())
}

#[test]
fn every_case_says_what_it_is_for_and_has_a_name_of_its_own() {
    let cases = Case::all();
    let mut names: Vec<_> = cases.iter().map(|case| case.name.as_str()).collect();
    names.dedup();
    assert_eq!(names.len(), cases.len());
    let silent: Vec<_> =
        cases.iter().filter(|case| case.purpose().len() < 10).map(|case| &case.name).collect();
    assert!(silent.is_empty(), "{silent:?}");
}
