//! A real server behind TLS, reached by a real psql through the forwarder's plain socket.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use dbctl::endpoint::tls::{Remote, Roots, SslMode, TlsError, open};
use dbctl::endpoint::{Address, Endpoint};

const PASSWORD: &str = "t-engine password";

/// A cluster of its own with `ssl=on`, a certificate for `localhost` only, and SCRAM for everybody.
struct Server {
    directory: tempfile::TempDir,
    port: u16,
    process: Child,
}

impl Server {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name).display().to_string();
        certificate(directory.path(), "server");
        fs::write(path("password"), PASSWORD).unwrap();
        give_to_postgres(directory.path());
        let made = as_postgres("initdb", directory.path())
            .args([
                "-D",
                &path("data"),
                "-U",
                "ada",
                "-A",
                "scram-sha-256",
                "-N",
                "--no-locale",
                "-E",
                "UTF8",
            ])
            .arg(format!("--pwfile={}", path("password")))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = as_postgres("postgres", directory.path())
            .args(["-D", &path("data"), "-p", &port.to_string(), "-h", "127.0.0.1", "-k", "", "-c", "ssl=on"])
            .args(["-c", &format!("ssl_cert_file={}", path("server.crt"))])
            .args(["-c", &format!("ssl_key_file={}", path("server.key"))])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { directory, port, process };
        server.wait();
        server
    }

    fn wait(&self) {
        let started = Instant::now();
        loop {
            match self.open(SslMode::Require, Roots::None, "localhost") {
                Ok(endpoint) if psql(&endpoint, "select 1").status.success() => return,
                _ => assert!(started.elapsed() < Duration::from_secs(60), "the server never answered"),
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn open(&self, mode: SslMode, roots: Roots, host: &str) -> Result<Endpoint, TlsError> {
        open(&remote(host, self.port, mode, roots), &std::env::temp_dir())
    }

    fn own_certificate(&self) -> Roots {
        Roots::File(self.directory.path().join("server.crt"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An immediate shutdown: the cluster goes with its directory.
        let postmaster = self.postmaster();
        if !postmaster.is_empty() {
            let _ = Command::new("kill").args(["-QUIT", &postmaster]).status();
        }
        let _ = self.process.wait();
    }
}

impl Server {
    fn postmaster(&self) -> String {
        let file = fs::read_to_string(self.directory.path().join("data/postmaster.pid")).unwrap_or_default();
        file.lines().next().unwrap_or_default().to_owned()
    }
}

fn remote(host: &str, port: u16, mode: SslMode, roots: Roots) -> Remote {
    let connect_timeout = Duration::from_secs(5);
    Remote { host: host.to_owned(), port, mode, roots, client: None, connect_timeout }
}

fn certificate(directory: &Path, name: &str) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.crt")])
        .current_dir(directory)
        .output()
        .expect("this test needs openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    fs::set_permissions(directory.join(format!("{name}.key")), fs::Permissions::from_mode(0o600)).unwrap();
}

/// The server refuses to run as root.
fn am_root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout == b"0\n"
}

fn give_to_postgres(directory: &Path) {
    if am_root() {
        let given = Command::new("chown").args(["-R", "postgres"]).arg(directory).status().unwrap();
        assert!(given.success());
    }
}

fn as_postgres(program: &str, directory: &Path) -> Command {
    let program = binaries().join(program);
    let mut command = Command::new(if am_root() { Path::new("setpriv") } else { program.as_path() });
    if am_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(&program);
    }
    command.current_dir(directory);
    command
}

/// The newest server package's programs.
fn binaries() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.sort();
    found.pop().expect("this test needs a PostgreSQL server package in /usr/lib/postgresql")
}

fn psql_command(endpoint: &Endpoint) -> Command {
    let Address::Unix { directory, port } = &endpoint.address else { panic!("not a socket") };
    let mut command = Command::new(binaries().join("psql"));
    command
        .args(["-X", "-A", "-t", "-U", "ada", "-d", "postgres", "-p", &port.to_string(), "-h"])
        .arg(directory)
        .env("PGPASSWORD", PASSWORD);
    command
}

fn psql(endpoint: &Endpoint, sql: &str) -> Output {
    psql_command(endpoint).args(["-v", "ON_ERROR_STOP=1", "-c", sql]).output().unwrap()
}

fn answer(endpoint: &Endpoint, sql: &str) -> String {
    let output = psql(endpoint, sql);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn psql_talks_plain_to_the_socket_and_tls_reaches_the_server() {
    let server = Server::start();
    for (mode, roots) in [
        (SslMode::Prefer, Roots::None),
        (SslMode::Require, Roots::None),
        (SslMode::VerifyCa, server.own_certificate()),
        (SslMode::VerifyFull, server.own_certificate()),
    ] {
        let endpoint = server.open(mode, roots, "localhost").unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(
            answer(&endpoint, "select ssl from pg_stat_ssl where pid = pg_backend_pid()"),
            "t",
            "{mode:?}"
        );
    }
    the_socket_is_private_and_goes_with_the_endpoint(&server);
    large_streams_pass_in_both_directions(&server);
    certificates_are_judged_as_libpq_does(&server);
    a_server_that_dies_ends_the_conversation(&server);
}

fn the_socket_is_private_and_goes_with_the_endpoint(server: &Server) {
    let endpoint =
        server.open(SslMode::Require, Roots::None, "localhost").unwrap_or_else(|error| panic!("{error}"));
    let Address::Unix { directory, .. } = endpoint.address.clone() else { panic!("not a socket") };
    assert_eq!(fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
    drop(endpoint);
    assert!(!directory.exists());
}

fn large_streams_pass_in_both_directions(server: &Server) {
    let endpoint =
        server.open(SslMode::Require, Roots::None, "localhost").unwrap_or_else(|error| panic!("{error}"));
    let rows = answer(&endpoint, "select repeat('x', 1000) from generate_series(1, 20000)");
    assert_eq!(rows.len(), 20_000 * 1001 - 1);
    let mut echo = psql_command(&endpoint)
        .args([
            "-q",
            "-c",
            "create table t (a text)",
            "-c",
            "copy t from stdin",
            "-c",
            "select count(*), sum(length(a)) from t",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = echo.stdin.take().unwrap();
    let line = [vec![b'y'; 999], vec![b'\n']].concat();
    (0..20_000).for_each(|_| input.write_all(&line).unwrap());
    drop(input);
    let mut told = String::new();
    echo.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(echo.wait().unwrap().success());
    assert_eq!(told.trim(), "20000|19980000");
}

fn certificates_are_judged_as_libpq_does(server: &Server) {
    let by_address = |mode| server.open(mode, server.own_certificate(), "127.0.0.1");
    assert!(by_address(SslMode::VerifyCa).is_ok());
    let error = by_address(SslMode::VerifyFull).err().expect("the certificate does not name 127.0.0.1");
    assert!(matches!(error, TlsError::Handshake { .. }), "{error}");

    let other = tempfile::tempdir().unwrap();
    certificate(other.path(), "other");
    let stranger = || Roots::File(other.path().join("other.crt"));
    for mode in [SslMode::Require, SslMode::VerifyCa, SslMode::VerifyFull] {
        assert!(
            matches!(server.open(mode, stranger(), "localhost"), Err(TlsError::Handshake { .. })),
            "{mode:?}"
        );
    }
    assert!(matches!(server.open(SslMode::VerifyFull, Roots::None, "localhost"), Err(TlsError::NoRoots)));
    let key = Roots::File(other.path().join("other.key"));
    assert!(matches!(server.open(SslMode::VerifyCa, key, "localhost"), Err(TlsError::Pem { .. })));
}

fn a_server_that_dies_ends_the_conversation(server: &Server) {
    let endpoint =
        server.open(SslMode::Require, Roots::None, "localhost").unwrap_or_else(|error| panic!("{error}"));
    let sleeping =
        psql_command(&endpoint).args(["-c", "select pg_sleep(60)"]).stderr(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(500));
    let started = Instant::now();
    assert!(Command::new("kill").args(["-QUIT", &server.postmaster()]).status().unwrap().success());
    let output = sleeping.wait_with_output().unwrap();
    assert!(!output.status.success());
    assert!(started.elapsed() < Duration::from_secs(10));
    let refused = psql(&endpoint, "select 1");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("cannot be reached"), "{said}");
}

/// Answers every request for TLS with `N`.
fn server_without_tls() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut request = [0; 8];
            client.read_exact(&mut request).unwrap();
            client.write_all(b"N").unwrap();
        }
    });
    port
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_demanded_and_used_as_it_is_elsewhere() {
    let port = server_without_tls();
    let directory = tempfile::tempdir().unwrap();
    let opened = |mode| open(&remote("127.0.0.1", port, mode, Roots::None), directory.path());
    assert!(matches!(opened(SslMode::Require), Err(TlsError::NoTls { .. })));
    for mode in [SslMode::Prefer, SslMode::Disable] {
        let endpoint = opened(mode).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(endpoint.address, Address::Tcp { host: "127.0.0.1".parse().unwrap(), port });
    }
}

#[test]
fn a_host_that_does_not_answer_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = open(&remote("127.0.0.1", port, SslMode::Require, Roots::None), Path::new("/nowhere"));
    let said = error.err().unwrap().to_string();
    assert!(said.starts_with(&format!("`127.0.0.1:{port}` cannot be reached: ")), "{said}");
}
