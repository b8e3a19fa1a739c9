//! The init dir on a real disk.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Instant;

use dbctl::init_dir::InitDir;
use dbctl::script::{Compression, Kind, Script};
use flate2::write::GzEncoder;
use tempfile::TempDir;

/// An init dir being made.
struct Disk(TempDir);

impl Disk {
    fn new() -> Self {
        Self(TempDir::new().expect("a directory"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.path(name), text).expect("a file");
        self
    }

    fn directory(self, name: &str) -> Self {
        fs::create_dir_all(self.path(name)).expect("a directory");
        self
    }

    fn read(&self) -> InitDir {
        InitDir::read(self.0.path()).expect("a valid init dir")
    }

    fn error(&self) -> String {
        let error = InitDir::read(self.0.path()).expect_err("an invalid init dir").to_string();
        error.replace(&self.0.path().display().to_string(), "init")
    }

    fn checksum(&self, name: &str) -> String {
        let found = self.read().scripts.into_iter().find(|script| script.name == name);
        found.expect("the script is there").checksum.to_string()
    }
}

fn names(scripts: &[Script]) -> Vec<&str> {
    scripts.iter().map(|script| script.name.as_str()).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).expect("memory");
    encoder.finish().expect("memory")
}

fn xz(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    liblzma::read::XzEncoder::new(text, 1).read_to_end(&mut packed).expect("memory");
    packed
}

fn zst(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 1).expect("memory")
}

#[test]
fn scripts_come_by_number_and_then_by_name() {
    let disk = Disk::new()
        .file("010_b.sql", "")
        .file("9_a.sh", "")
        .file("108a_x.sql", "")
        .file("108_x.sql", "")
        .file("zeta.sql", "")
        .file("Alpha.sql", "")
        .file("README.md", "")
        .file("011_x.SQL", "")
        .file(".hidden.sql", "")
        .directory("more");
    let dir = disk.read();
    assert_eq!(
        names(&dir.scripts),
        ["9_a.sh", "010_b.sql", "108_x.sql", "108a_x.sql", "Alpha.sql", "zeta.sql"]
    );
    assert_eq!(dir.scripts[0].kind, Kind::Shell);
    let warnings: Vec<_> = dir.warnings.iter().map(ToString::to_string).collect();
    let ignored = "is not a script (`.sql`, `.sql.gz`, `.sql.xz`, `.sql.zst`, `.sh`) and is not run";
    assert_eq!(
        warnings,
        [
            format!("`011_x.SQL` {ignored}"),
            format!("`README.md` {ignored}"),
            "`more` is a directory: scripts in it are not run".to_owned(),
        ]
    );
}

#[test]
fn what_cannot_be_run_is_an_error_before_anything_runs() {
    let twice = Disk::new().file("001_a.sql", "").file("1_b.sh", "").error();
    assert!(twice.starts_with("number 001 is used twice: `001_a.sql` and `1_b.sh`"), "{twice}");
    let directory = Disk::new().directory("001_a.sql").error();
    assert!(
        directory.starts_with("`init/001_a.sql` is named like a script but is a directory"),
        "{directory}"
    );
    let packed = Disk::new().directory("001_a.sql.gz").error();
    assert!(packed.starts_with("`init/001_a.sql.gz` is named like a script but is a directory"), "{packed}");
    let disk = Disk::new();
    std::os::unix::fs::symlink("/nowhere", disk.path("001_a.sql")).expect("a link");
    assert!(
        disk.error().starts_with("cannot read script `init/001_a.sql`: No such file"),
        "{}",
        disk.error()
    );
    let directive = Disk::new().file("001_a.sql", "-- dbctl: repeatible\n").error();
    assert!(directive.contains("did you mean `repeatable`?"), "{directive}");
}

#[test]
fn broken_archives_are_found_while_reading() {
    let text = "select 1; -- ".repeat(10_000);
    for (ending, packed) in
        [("gz", gzip(text.as_bytes())), ("xz", xz(text.as_bytes())), ("zst", zst(text.as_bytes()))]
    {
        let name = format!("001_a.sql.{ending}");
        let cut = Disk::new().file(&name, &packed[..packed.len() - 5]).error();
        assert!(cut.starts_with(&format!("the archive `init/{name}` is broken: ")), "{cut}");
        let wrong = Disk::new().file(&name, "select 1;").error();
        assert!(wrong.starts_with(&format!("the archive `init/{name}` is broken: ")), "{wrong}");
    }
}

#[test]
fn a_checksum_is_that_of_the_text_however_packed_and_of_all_members() {
    let whole = b"select 1;\r\nselect 2;\n";
    let (one, other) = whole.split_at(11);
    let disk = Disk::new()
        .file("1.sql", "select 1;\nselect 2;\n")
        .file("2.sql", whole)
        .file("3.sql.gz", [gzip(one), gzip(other)].concat())
        .file("4.sql.xz", [xz(one), xz(other)].concat())
        .file("5.sql.zst", [zst(one), zst(other)].concat());
    let dir = disk.read();
    assert_eq!(dir.scripts[3].kind, Kind::Sql(Compression::Xz));
    for script in &dir.scripts {
        assert_eq!(script.checksum, dir.scripts[0].checksum, "{}", script.name);
        assert_eq!(script.survey().expect("readable").statements, 2, "{}", script.name);
    }
}

#[test]
fn included_files_count_and_missing_ones_are_named_with_their_line() {
    let disk = Disk::new()
        .directory("parts")
        .file("parts/a.sql", "\\ir b.sql\n")
        .file("parts/b.sql", "select 1;")
        .file("001_x.sql", "select 0;\n\\ir parts/a.sql\n")
        .file("002_y.sql", "\\i /docker-entrypoint-initdb.d/parts/a.sql\n\\i :variable\n");
    let before = (disk.checksum("001_x.sql"), disk.checksum("002_y.sql"));
    let disk = disk.file("parts/b.sql", "select 2;");
    assert_ne!(disk.checksum("001_x.sql"), before.0);
    assert_ne!(disk.checksum("002_y.sql"), before.1);
    let error = disk.file("003_z.sql", "-- \\i none\nselect 1;\n\n \\ir none.sql\n").error();
    assert!(
        error.starts_with("`init/003_z.sql`, line 4, includes `none.sql`, which does not exist"),
        "{error}"
    );
}

#[test]
fn a_selection_is_a_number_a_name_a_path_or_a_range() {
    let disk = Disk::new()
        .file("027_a.sql", "")
        .file("028_b.sql", "")
        .file("029_example_feature.sql", "")
        .file("029a_more.sql", "")
        .file("031_c.sql", "")
        .file("last.sql", "")
        .file("last.sh", "");
    let dir = disk.read();
    let select = |wanted: &[&str]| {
        let wanted: Vec<String> = wanted.iter().map(|&wanted| wanted.to_owned()).collect();
        match dir.select(&wanted) {
            Ok(scripts) => scripts.iter().map(|script| script.name.as_str()).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        }
    };
    let path = disk.path("./029_example_feature.sql").display().to_string();
    for wanted in ["29", "029", "0029", "029_example_feature.sql", "029_example_feature", &path] {
        assert_eq!(select(&[wanted]), "029_example_feature.sql", "{wanted}");
    }
    assert_eq!(select(&["29a"]), "029a_more.sql");
    assert_eq!(select(&["027..029"]), "027_a.sql 028_b.sql 029_example_feature.sql");
    assert_eq!(select(&["29.."]), "029_example_feature.sql 029a_more.sql 031_c.sql");
    assert_eq!(select(&["..028", "031", "27"]), "027_a.sql 028_b.sql 031_c.sql");
    assert_eq!(
        select(&["030"]),
        "no script `030`; the nearest are `029_example_feature.sql`, `029a_more.sql`, `031_c.sql`"
    );
    assert!(select(&["029_exmple_feature.sql"]).contains("the nearest are `029_example_feature.sql`"));
    assert!(select(&["feature"]).contains("the nearest are `029_example_feature.sql`"));
    assert!(
        select(&["040..050"])
            .starts_with("no script is in the range `040..050`; the nearest are `031_c.sql`")
    );
    assert!(select(&["029..027"]).starts_with("the range `029..027` ends before it begins"));
    assert!(select(&["a..b"]).starts_with("`a..b` is not a range of numbers"));
    assert!(select(&["last"]).starts_with("`last` may mean `last.sh`, `last.sql`"));
    assert_eq!(select(&["last.sh"]), "last.sh");
}

#[test]
fn files_mounted_one_by_one_have_their_names_in_the_container() {
    let disk = Disk::new().file("schema.sql", "select 1;").file("roles.sql", "select 2;");
    let files =
        vec![("2.sql".to_owned(), disk.path("schema.sql")), ("1.sql".to_owned(), disk.path("roles.sql"))];
    let dir = InitDir::from_files(files).expect("a valid init dir");
    assert_eq!(names(&dir.scripts), ["1.sql", "2.sql"]);
    assert_eq!(dir.scripts[1].path, disk.path("schema.sql"));
}

#[test]
fn three_hundred_small_scripts_are_read_in_milliseconds() {
    let disk = (1..=300).fold(Disk::new(), |disk, number| {
        disk.file(
            &format!("{number:03}_x.sql"),
            format!("-- x\ncreate table t{number} (a int);\n").repeat(30),
        )
    });
    disk.read();
    let start = Instant::now();
    assert_eq!(disk.read().scripts.len(), 300);
    // Four milliseconds on an idle machine; this one may be busy.
    println!("{:?}", start.elapsed());
    assert!(start.elapsed().as_millis() < 500, "{:?}", start.elapsed());
}
