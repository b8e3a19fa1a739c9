//! `.dockerignore` against `docker build` itself: the same files must arrive in the image.

use std::collections::BTreeSet;
use std::process::Command;

use dbctl::docker::{Connection, Engine};

use super::sample::{Sample, engine, files, listed};
use super::stub::StubEngine;

const PATTERNS: &[&str] = &[
    "",
    "*.log",
    "**/*.log",
    "/a.txt",
    "a.txt/",
    "./dir//sub/",
    "dir",
    "dir/*",
    "dir/**",
    "dir/*/*.log",
    "dir/sub/..",
    "**",
    "*",
    "*\n!a.txt",
    "*\n!dir",
    "*\n!dir/sub/three.txt",
    "*\n!**/three.txt",
    "**/*.log\n!dir/sub/deep/four.log",
    "dir\n!dir/sub\ndir/sub/deep",
    "!a.txt\n*.txt",
    "*.md\n!README*.md\nREADME-secret.md",
    "# a.txt\n  a.txt  \n\n#b.log",
    "\u{feff}a.txt",
    "a.txt\r\nb.log\r\n",
    "**/node_modules",
    "node_modules",
    "**foo",
    "**/foo",
    "foo*",
    "di?/one.txt",
    "[a-c].*",
    "[^a].log",
    "\\[odd\\].txt",
    "dir/**/four.log",
    "di**/three.txt",
    "dir/**\n!dir/**/three.txt",
    ".*",
    "été.txt\nwith space.txt",
    "Dockerfile\n.dockerignore",
    "empty",
    "link",
    "../a.txt\n/../b.log",
    "***",
];

fn tree() -> Sample {
    let sample = Sample::new("FROM scratch\nCOPY . /\n")
        .file("a.txt", "")
        .file("b.log", "")
        .file("README.md", "")
        .file("README-secret.md", "")
        .file("NOTES.md", "")
        .file("dir/one.txt", "")
        .file("dir/two.log", "")
        .file("dir/barfoo", "")
        .file("dir/sub/three.txt", "")
        .file("dir/sub/deep/four.log", "")
        .file("foo", "")
        .file("barfoo", "")
        .file("sub/foo/x", "")
        .file(".hidden", "")
        .file(".git/config", "")
        .file("node_modules/p/index.js", "")
        .file("src/node_modules/q.js", "")
        .file("[odd].txt", "")
        .file("with space.txt", "")
        .file("été.txt", "")
        .link("link", "/nowhere");
    std::fs::create_dir(sample.context().join("empty")).unwrap();
    sample
}

/// Builds through a stub, with dbctl or the CLI, and lists the tar that was sent.
fn sent(build: impl FnOnce(&StubEngine)) -> BTreeSet<String> {
    let stub = StubEngine::new();
    build(&stub);
    listed(&stub.request("/build").body)
}

fn built_by_docker(sample: &Sample, stub: &StubEngine) {
    let built = Command::new("docker")
        .args(["build", "--quiet"])
        .arg(sample.context())
        .env("DOCKER_BUILDKIT", "0")
        .env("DOCKER_HOST", &stub.host)
        .output()
        .expect("this test needs the docker CLI");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}

fn built_by_dbctl(sample: &Sample, stub: &StubEngine) {
    let connection = Connection { host: Some(stub.host.clone()), ..Connection::default() };
    sample.built(&Engine::connect(&connection).unwrap_or_else(|error| panic!("{error}")));
}

#[test]
fn the_same_files_are_sent_as_with_docker_build() {
    let sample = tree();
    for patterns in PATTERNS {
        sample.write(".dockerignore", patterns);
        let ours = sent(|stub| built_by_dbctl(&sample, stub));
        let theirs = sent(|stub| built_by_docker(&sample, stub));
        assert!(theirs.iter().any(|path| path.starts_with("Dockerfile ")), "{theirs:?}");
        assert_eq!(ours, theirs, "with the patterns {patterns:?}");
    }
}

/// The engine itself hides the Dockerfile and the ignore file from COPY, where the patterns do.
#[test]
fn the_same_files_arrive_as_with_docker_build() {
    let (engine, sample) = (engine(), tree());
    for patterns in ["", "**", "*\n!a.txt", "Dockerfile\n.dockerignore", "dir/**\n!dir/**/three.txt"] {
        sample.write(".dockerignore", patterns);
        let ours = sample.built(&engine).id;
        let theirs = sample.built_by_docker();
        assert_eq!(files(&ours), files(&theirs), "with the patterns {patterns:?}");
    }
}
