//! Discovery: what the project is, found in files and the environment. The only reader of the environment.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::compose::service::Service;
use crate::compose::{self, Compose, ComposeError, Unset};
use crate::docker::{Connection, Tls};
use crate::layer::Keep;
use crate::secret::Secret;

pub mod init;
pub mod login;
pub mod settings;
pub mod url;

pub use init::InitSource;
pub use settings::Settings;
pub use url::ServerUrl;

/// The surroundings of the process, read once.
pub struct Surroundings {
    pub directory: PathBuf,
    pub environment: BTreeMap<String, String>,
}

impl Surroundings {
    /// This process's own. Variables that are not UTF-8 are left out.
    pub fn of_process() -> Result<Self, ProjectError> {
        let directory = std::env::current_dir().map_err(|source| ProjectError::NoDirectory { source })?;
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Ok(Self { directory, environment })
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.environment.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// Where dbctl may keep what can be found again: locks and the identities of servers.
    pub fn cache_dir(&self) -> PathBuf {
        let base = self.path("XDG_CACHE_HOME").or_else(|| Some(self.path("HOME")?.join(".cache")));
        base.unwrap_or_else(std::env::temp_dir).join("dbctl")
    }

    /// Where sockets may be made: short, private, and gone with the user's session.
    pub fn socket_dir(&self) -> PathBuf {
        self.path("XDG_RUNTIME_DIR").filter(|path| path.is_dir()).unwrap_or_else(std::env::temp_dir)
    }

    /// Whether standard error is a terminal that can move its cursor.
    pub fn has_cursor(&self) -> bool {
        use std::io::IsTerminal as _;
        std::io::stderr().is_terminal() && self.environment.get("TERM").is_none_or(|term| term != "dumb")
    }

    /// What tells where the engine is.
    pub fn connection(&self, context: Option<String>) -> Connection {
        let home = self.path("HOME");
        Connection {
            context_flag: context,
            host: self.text("DOCKER_HOST"),
            context: self.text("DOCKER_CONTEXT"),
            config_dir: self.path("DOCKER_CONFIG").or_else(|| home.as_ref().map(|home| home.join(".docker"))),
            tls: Tls {
                verify: self.text("DOCKER_TLS_VERIFY").is_some(),
                cert_path: self.path("DOCKER_CERT_PATH"),
            },
            home,
            runtime_dir: self.path("XDG_RUNTIME_DIR"),
            config_home: self.path("XDG_CONFIG_HOME"),
        }
    }

    /// Who runs dbctl, for the ledger: `user@host`.
    pub fn who(&self) -> String {
        let user = self.text("USER").or_else(|| self.text("LOGNAME"));
        let user = user.or_else(login_name).unwrap_or_else(|| rustix::process::getuid().as_raw().to_string());
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        format!("{user}@{host}")
    }
}

/// The user's name as `/etc/passwd` has it: containers and cron jobs know no `USER`.
fn login_name() -> Option<String> {
    let own = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1) == Some(own.as_str())).then(|| name.to_owned())
    })
}

/// Where files may be made that are gone with this process.
pub fn temporary_directory() -> PathBuf {
    std::env::temp_dir()
}

/// This program again, with the same arguments: on its own, so that what ends this process does not end it.
pub fn this_program() -> std::io::Result<std::process::Command> {
    use std::os::unix::process::CommandExt as _;
    let mut command = std::process::Command::new(std::env::current_exe()?);
    let nothing = std::process::Stdio::null;
    command.args(std::env::args_os().skip(1)).stdin(nothing()).stdout(nothing()).stderr(nothing());
    command.process_group(0);
    Ok(command)
}

/// A variable of this process, for the scripts that ask for one by `\getenv`.
pub fn environment_variable(name: &[u8]) -> Option<Vec<u8>> {
    std::env::var_os(OsStr::from_bytes(name)).map(OsStringExt::into_vec)
}

/// Everything that a command needs to know before it talks to Docker or a server.
pub struct Project {
    pub target: Target,
    pub init: InitSource,
    pub connection: Connection,
    pub cache_dir: PathBuf,
    pub socket_dir: PathBuf,
    pub who: String,
    pub strict: bool,
    /// psql variables for the scripts.
    pub variables: BTreeMap<String, String>,
    pub overrides: LoginOverrides,
    /// How many layers are kept.
    pub keep: Keep,
    /// A process of its own lays ready what the next fresh build begins with.
    pub works_ahead: bool,
    /// A forced rung of the endpoint ladder.
    pub endpoint: Option<String>,
    /// What was found, and where it came from, for `doctor`.
    pub findings: Vec<Finding>,
    /// What the user should hear of before anything is done.
    pub warnings: Vec<String>,
}

/// Where the scripts run.
pub enum Target {
    Service(Box<Service>),
    Url(ServerUrl),
}

/// What the user says about the login, over what the service's environment says.
#[derive(Clone, Default)]
pub struct LoginOverrides {
    pub user: Option<String>,
    pub password: Option<Secret>,
    pub database: Option<String>,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub what: &'static str,
    pub value: String,
    pub source: String,
}

#[derive(Debug, Error)]
pub enum ProjectError {
    #[error("the current directory cannot be read\nnext: change to the project's directory")]
    NoDirectory { source: std::io::Error },
    #[error("there is no directory `{}`\nnext: correct `--directory`", path.display())]
    NoSuchDirectory { path: PathBuf },
    #[error("`{}` cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("`{}` is not understood\n{}\nnext: correct it; no setting is needed", path.display(), source.to_string().trim_end())]
    Settings { path: PathBuf, source: Box<toml::de::Error> },
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error(
        "no service of `{file}` looks like Postgres; it has {}\n\
         next: name it with `--service NAME`, or `service = \"NAME\"` in dbctl.toml",
        list(services)
    )]
    NoCandidate { file: String, services: Vec<String> },
    #[error(
        "{} services of `{file}` look like Postgres: {}\n\
         next: name one with `--service NAME`, or `service = \"NAME\"` in dbctl.toml",
        services.len(), list(services)
    )]
    TwoCandidates { file: String, services: Vec<String> },
    #[error("`{file}` has no service `{name}`; it has {}\nnext: name one of them, or none", list(services))]
    NoSuchService { file: String, name: String, services: Vec<String> },
    #[error("no init dir was found; looked for {}\nnext: name it with `--init-dir DIR`", list(tried))]
    NoInitDir { tried: Vec<String> },
    #[error("init dir `{}` does not exist ({source_of_path})\nnext: create it, or name another one with `--init-dir DIR`", path.display())]
    InitDirMissing { path: PathBuf, source_of_path: String },
    #[error(
        "the server's URL is not understood: {reason}\nexample: postgres://user:password@host:5432/database"
    )]
    Url { reason: String },
    #[error("`{name}` and `{name}_FILE` are both set for service `{service}`; the image accepts one of them")]
    BothForms { name: String, service: String },
    #[error(
        "`{name}_FILE` of service `{service}` names `{path}`, and no secret or mount of the service provides it"
    )]
    SecretNotFound { name: String, service: String, path: String },
    #[error(
        "service `{service}` has no POSTGRES_PASSWORD; the image needs one unless POSTGRES_HOST_AUTH_METHOD is `trust`"
    )]
    NoPassword { service: String },
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Project {
    /// Finds the project around `surroundings`, with `flags` over `DBCTL_*` over `dbctl.toml` over discovery.
    pub fn discover(surroundings: &Surroundings, flags: Settings) -> Result<Self, ProjectError> {
        Self::with_init(surroundings, flags, init::discover)
    }

    /// As [`Project::discover`], for commands that need the server alone: the init dir is not looked for.
    pub fn server_only(surroundings: &Surroundings, flags: Settings) -> Result<Self, ProjectError> {
        Self::with_init(surroundings, flags, |_, _, _, _| Ok(InitSource::Files(Vec::new())))
    }

    fn with_init(
        surroundings: &Surroundings,
        flags: Settings,
        init: impl FnOnce(&Target, &Settings, &Path, &mut Vec<Finding>) -> Result<InitSource, ProjectError>,
    ) -> Result<Self, ProjectError> {
        let directory = &surroundings.directory;
        if !directory.is_dir() {
            return Err(ProjectError::NoSuchDirectory { path: directory.clone() });
        }
        let (file, settings_path) = Settings::from_file(&surroundings.directory)?;
        let environment = Settings::from_environment(&surroundings.environment, &surroundings.directory);
        let settings = flags.over(environment.over(file));
        let mut findings: Vec<Finding> = settings_path
            .map(|path| finding("settings", path.display(), "the nearest dbctl.toml"))
            .into_iter()
            .collect();
        let mut warnings = Vec::new();
        let target = target(surroundings, &settings, &mut findings, &mut warnings)?;
        let init = init(&target, &settings, &surroundings.directory, &mut findings)?;
        Ok(Self {
            target,
            init,
            connection: surroundings.connection(settings.context),
            cache_dir: surroundings.cache_dir(),
            socket_dir: surroundings.socket_dir(),
            who: surroundings.who(),
            strict: settings.strict.unwrap_or(false),
            variables: settings.variables,
            overrides: LoginOverrides {
                user: settings.user,
                password: settings.password,
                database: settings.database,
            },
            keep: settings.layers.keep(),
            works_ahead: settings.layers.works_ahead(),
            endpoint: settings.endpoint,
            findings,
            warnings,
        })
    }
}

pub(crate) fn finding(what: &'static str, value: impl ToString, source: impl ToString) -> Finding {
    Finding { what, value: value.to_string(), source: source.to_string() }
}

fn target(
    surroundings: &Surroundings,
    settings: &Settings,
    findings: &mut Vec<Finding>,
    warnings: &mut Vec<String>,
) -> Result<Target, ProjectError> {
    if let Some(text) = &settings.url {
        let url = ServerUrl::parse(text.reveal(), &surroundings.environment)?.with(settings);
        findings.push(finding("server", &url, "--url or DBCTL_URL"));
        return Ok(Target::Url(url));
    }
    let compose = compose::load(&compose::Request {
        working_dir: surroundings.directory.clone(),
        files: settings.compose.clone(),
        project_name: settings.project_name.clone(),
        profiles: settings.profiles.clone(),
        env_files: settings.env_files.clone(),
        environment: surroundings.environment.clone(),
    })?;
    let files = compose.files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    findings.push(finding("compose files", &files, "found"));
    findings.push(finding("project", &compose.name, "compose's rules"));
    let name = service_name(&compose, settings, &files)?;
    let source = if settings.service.is_some() {
        "--service, DBCTL_SERVICE or dbctl.toml"
    } else {
        "the one that is Postgres"
    };
    findings.push(finding("service", &name, source));
    warnings.extend(compose.unset_variables(&name).iter().map(unset));
    Ok(Target::Service(Box::new(compose.service(&name)?)))
}

fn unset(found: &Unset) -> String {
    let Unset { variable, place, path } = found;
    format!("`{variable}` is not set, so `{}` has nothing in its place ({place})", path.join("."))
}

fn service_name(compose: &Compose, settings: &Settings, file: &str) -> Result<String, ProjectError> {
    let file = file.to_owned();
    let services: Vec<String> = compose.services().into_iter().map(str::to_owned).collect();
    if let Some(name) = settings.service.clone() {
        let known = services.contains(&name);
        return if known { Ok(name) } else { Err(ProjectError::NoSuchService { file, name, services }) };
    }
    let candidates: Vec<String> = compose.postgres_candidates().into_iter().map(str::to_owned).collect();
    match candidates.as_slice() {
        [] => Err(ProjectError::NoCandidate { file, services }),
        [name] => Ok(name.clone()),
        _ => Err(ProjectError::TwoCandidates { file, services: candidates }),
    }
}

/// `path` as the user would write it: relative to `base` where it lies below.
pub fn shown(path: &Path, base: &Path) -> String {
    path.strip_prefix(base).unwrap_or(path).display().to_string()
}
