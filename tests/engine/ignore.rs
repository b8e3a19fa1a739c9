//! `.dockerignore` against `docker build` itself: the same files must arrive in the image.

use super::sample::{Sample, docker, engine, files};

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

/// Equal layers hold equal files; where they differ, the files are listed.
fn layers(image: &str) -> String {
    docker(&["image", "inspect", "--format", "{{json .RootFS.Layers}}", image])
}

#[test]
fn the_same_files_arrive_as_with_docker_build() {
    let (engine, sample) = (engine(), tree());
    for patterns in PATTERNS {
        sample.write(".dockerignore", patterns);
        let ours = sample.built(&engine).id;
        let theirs = sample.built_by_docker();
        if layers(&ours) != layers(&theirs) {
            assert_eq!(files(&ours), files(&theirs), "with the patterns {patterns:?}");
        }
    }
}
