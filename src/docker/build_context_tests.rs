//! What is sent, how it hashes, and what is refused.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::*;

struct Sample {
    directory: tempfile::TempDir,
    build: Build,
}

impl Sample {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let context = directory.path().join("context");
        let build =
            Build { dockerfile: context.join("Dockerfile"), context: context.clone(), ..Build::default() };
        let sample = Self { directory, build };
        sample.write("Dockerfile", "FROM scratch\n");
        for (name, text) in files {
            sample.write(name, text);
        }
        sample
    }

    fn path(&self, name: &str) -> PathBuf {
        self.build.context.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn context(&self) -> BuildContext {
        BuildContext::read(&self.build).unwrap()
    }

    fn hash(&self) -> String {
        self.context().hash(&self.build).unwrap()
    }

    /// Names and contents within the tar.
    fn sent(&self) -> BTreeMap<String, String> {
        let mut tar = Vec::new();
        self.context().write_to(&mut tar).unwrap();
        let mut archive = tar::Archive::new(tar.as_slice());
        let text = |mut entry: tar::Entry<'_, &[u8]>| {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (entry.path().unwrap().display().to_string(), text)
        };
        archive.entries().unwrap().map(|entry| text(entry.unwrap())).collect()
    }
}

#[test]
fn files_are_sorted_and_a_directory_comes_before_what_it_holds() {
    let sample = Sample::new(&[("b/z", ""), ("b/a", ""), ("b.txt", ""), ("a", "")]);
    assert_eq!(sample.context().names(), ["Dockerfile", "a", "b", "b/a", "b/z", "b.txt"]);
}

#[test]
fn the_same_files_make_the_same_tar() {
    let sample = Sample::new(&[("b/z", "1"), ("a", "2")]);
    let tar = |context: BuildContext| {
        let mut tar = Vec::new();
        context.write_to(&mut tar).unwrap();
        tar
    };
    assert_eq!(tar(sample.context()), tar(sample.context()));
}

#[test]
fn everything_in_the_tar_belongs_to_root() {
    let sample = Sample::new(&[("a", "")]);
    let mut tar = Vec::new();
    sample.context().write_to(&mut tar).unwrap();
    for entry in tar::Archive::new(tar.as_slice()).entries().unwrap() {
        let entry = entry.unwrap();
        assert_eq!((entry.header().uid().unwrap(), entry.header().gid().unwrap()), (0, 0));
    }
}

#[test]
fn ignored_files_stay_at_home_but_the_builders_own_are_sent() {
    let sample = Sample::new(&[(".dockerignore", "*\n!keep"), ("keep", ""), ("lose", "")]);
    assert_eq!(sample.context().names(), [".dockerignore", "Dockerfile", "keep"]);
    assert_eq!(sample.context().dockerfile, "Dockerfile");
}

#[test]
fn a_dockerfile_outside_the_context_travels_under_a_name_of_its_own() {
    let mut sample = Sample::new(&[("a", "")]);
    sample.build.dockerfile = sample.directory.path().join("other.Dockerfile");
    fs::write(&sample.build.dockerfile, "FROM elsewhere\n").unwrap();
    let sent = sample.sent();
    assert_eq!(sent[SENT_DOCKERFILE], "FROM elsewhere\n");
    assert_eq!(sent[IGNORE_FILE], ".dockerignore\n.dbctl.Dockerfile\n");
    assert_eq!(sample.context().dockerfile, SENT_DOCKERFILE);
}

#[test]
fn an_inline_dockerfile_needs_no_file() {
    let mut sample = Sample::new(&[(".dockerignore", "x")]);
    sample.build.dockerfile_inline = Some("FROM inline\n".to_owned());
    let sent = sample.sent();
    assert_eq!(sent[SENT_DOCKERFILE], "FROM inline\n");
    assert_eq!(sent[IGNORE_FILE], "x\n.dbctl.Dockerfile\n");
}

#[test]
fn the_dockerfiles_own_ignore_file_wins() {
    let sample = Sample::new(&[
        (".dockerignore", "a"),
        ("Dockerfile.dockerignore", "b\nDockerfile*\n.dockerignore"),
        ("a", ""),
        ("b", ""),
    ]);
    assert_eq!(sample.context().names(), ["a"]);
}

#[test]
fn symbolic_links_are_sent_as_links_and_sockets_not_at_all() {
    let sample = Sample::new(&[("a", "")]);
    symlink("/nowhere", sample.path("link")).unwrap();
    let _socket = UnixListener::bind(sample.path("socket")).unwrap();
    assert_eq!(sample.context().names(), ["Dockerfile", "a", "link"]);
    let mut tar = Vec::new();
    sample.context().write_to(&mut tar).unwrap();
    let mut archive = tar::Archive::new(tar.as_slice());
    let link = archive.entries().unwrap().last().unwrap().unwrap();
    assert_eq!(link.link_name().unwrap().unwrap().to_str(), Some("/nowhere"));
}

#[test]
fn a_name_too_long_for_a_plain_header_survives() {
    let name = format!("{}/{}", "d".repeat(120), "f".repeat(120));
    let sample = Sample::new(&[(&name, "text")]);
    assert_eq!(sample.sent()[&name], "text");
}

#[test]
fn the_hash_changes_with_contents_modes_names_and_settings_only() {
    let mut sample = Sample::new(&[("a", "1")]);
    let mut seen = vec![sample.hash()];
    File::open(sample.path("a")).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(sample.hash(), seen[0], "a file's time is no part of it");

    sample.write("a", "2");
    seen.push(sample.hash());
    fs::set_permissions(sample.path("a"), fs::Permissions::from_mode(0o755)).unwrap();
    seen.push(sample.hash());
    fs::rename(sample.path("a"), sample.path("b")).unwrap();
    seen.push(sample.hash());
    sample.build.args.insert("V".into(), "1".into());
    seen.push(sample.hash());
    sample.build.target = Some("base".into());
    seen.push(sample.hash());
    sample.write("Dockerfile", "FROM other\n");
    seen.push(sample.hash());

    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len());
}

#[test]
fn an_ignored_file_does_not_change_the_hash() {
    let sample = Sample::new(&[(".dockerignore", "log"), ("log", "1")]);
    let before = sample.hash();
    sample.write("log", "2");
    assert_eq!(sample.hash(), before);
}

#[test]
fn a_missing_dockerfile_and_a_remote_context_are_named() {
    let mut sample = Sample::new(&[]);
    fs::remove_file(sample.path("Dockerfile")).unwrap();
    assert!(matches!(BuildContext::read(&sample.build), Err(BuildContextError::NoDockerfile(_))));
    sample.build.context = PathBuf::from("https://github.com/a/b.git#main");
    assert!(matches!(BuildContext::read(&sample.build), Err(BuildContextError::Remote(_))));
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_is_an_error() {
    let sample = Sample::new(&[("a", "a text of some length")]);
    let context = sample.context();
    sample.write("a", "short");
    let error = context.write_to(io::sink()).unwrap_err().to_string();
    assert_eq!(error, "`a` of the build context: it changed while it was sent");
}
