//! The words that tell how far a script reaches, alone or with their neighbours.

/// What a found word lets a script do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Cluster,
    Uncovered,
    Both,
}

/// What a word means to the judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Other,
    /// Enough by itself.
    Telling(Scope, &'static str),
    /// A place that `format()` fills.
    Hole,
    Create,
    Alter,
    Drop,
    Grant,
    Revoke,
    Comment,
    Label,
    Copy,
    Commit,
    Prepare,
    Reassign,
    Insert,
    Values,
    Load,
    Execute,
    /// `role`, `user`, `group`
    Role,
    Mapping,
    Database,
    Tablespace,
    DefaultTablespace,
    /// `pg_default`, `default`
    Default,
    System,
    Subscription,
    Parameter,
    Owned,
    Transaction,
    Prepared,
    Server,
    Foreign,
    Table,
    Schema,
    Extension,
    Exists,
    Option,
    /// `admin`, `inherit`, `set`, `for`: between `REVOKE` and the role.
    Noise,
    On,
    To,
    From,
    As,
    Do,
    Is,
    Language,
    Routine,
    Program,
    /// `stdin`, `stdout`
    Stream,
    /// `c`, `internal`
    Unbound,
    /// `cron`, whose functions name the database.
    Cron,
    /// `dbname`, where it is a variable of psql.
    DbName,
    Host,
}

pub(super) const ROLE: &str = "a role";
pub(super) const MEMBERSHIP: &str = "membership in a role";
pub(super) const DATABASE: &str = "a database";
pub(super) const ITSELF: &str = "the database itself";
pub(super) const TABLESPACE: &str = "a tablespace";
pub(super) const SETTING: &str = "a setting of the server";
pub(super) const SUBSCRIPTION: &str = "a subscription";
pub(super) const OWNED: &str = "what a role owns anywhere";
pub(super) const PREPARED: &str = "a prepared transaction";
pub(super) const SERVER_FILE: &str = "a file of the server";
pub(super) const PROGRAM: &str = "a program";
pub(super) const LIBRARY: &str = "a library of the server";
pub(super) const ELSEWHERE: &str = "another server's data";
pub(super) const JOB: &str = "a job of pg_cron";
pub(super) const UNBOUND: &str = "a language that may do anything";
pub(super) const UNKNOWN: &str = "dynamic SQL about something that the text does not name";
pub(super) const CONNECTION: &str = "the connection";
const REPLICATION: &str = "replication";
const SESSIONS: &str = "other sessions";
const WORKER: &str = "an extension with a worker or databases of its own";
const NETWORK: &str = "the network";

/// No word that counts is longer.
const LONGEST: usize = 40;

impl Word {
    /// The meaning of a word, in whatever case it is written.
    pub fn of(word: &[u8]) -> Self {
        let mut lower = [0; LONGEST];
        let Some(lower) = lower.get_mut(..word.len()) else { return Self::Other };
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        match Self::keyword(lower) {
            Self::Other => telling(lower).map_or(Self::Other, |(scope, why)| Self::Telling(scope, why)),
            keyword => keyword,
        }
    }

    /// What an object is made, changed or dropped by.
    pub fn is_verb(self) -> bool {
        matches!(self, Self::Create | Self::Alter | Self::Drop)
    }

    /// What a verb before it would make cluster-wide.
    pub fn is_shared(self) -> bool {
        matches!(
            self,
            Self::Role | Self::Database | Self::Tablespace | Self::System | Self::Subscription | Self::Owned
        )
    }

    fn keyword(word: &[u8]) -> Self {
        match word {
            b"create" => Self::Create,
            b"alter" => Self::Alter,
            b"drop" => Self::Drop,
            b"grant" => Self::Grant,
            b"revoke" => Self::Revoke,
            b"comment" => Self::Comment,
            b"label" => Self::Label,
            b"copy" => Self::Copy,
            b"commit" | b"rollback" => Self::Commit,
            b"prepare" => Self::Prepare,
            b"reassign" => Self::Reassign,
            b"insert" => Self::Insert,
            b"values" => Self::Values,
            b"load" => Self::Load,
            b"execute" => Self::Execute,
            b"role" | b"user" | b"group" => Self::Role,
            b"mapping" => Self::Mapping,
            b"database" => Self::Database,
            b"tablespace" => Self::Tablespace,
            b"default_tablespace" | b"temp_tablespaces" => Self::DefaultTablespace,
            b"pg_default" | b"default" => Self::Default,
            b"system" => Self::System,
            b"subscription" => Self::Subscription,
            b"parameter" => Self::Parameter,
            b"owned" => Self::Owned,
            b"transaction" => Self::Transaction,
            b"prepared" => Self::Prepared,
            b"server" => Self::Server,
            b"foreign" => Self::Foreign,
            b"table" => Self::Table,
            b"schema" => Self::Schema,
            b"extension" => Self::Extension,
            b"exists" => Self::Exists,
            b"option" => Self::Option,
            b"admin" | b"inherit" | b"set" | b"for" => Self::Noise,
            b"on" => Self::On,
            b"to" => Self::To,
            b"from" => Self::From,
            b"as" => Self::As,
            b"do" => Self::Do,
            b"is" => Self::Is,
            b"language" => Self::Language,
            b"function" | b"procedure" => Self::Routine,
            b"program" => Self::Program,
            b"stdin" | b"stdout" => Self::Stream,
            b"c" | b"internal" => Self::Unbound,
            b"cron" => Self::Cron,
            b"dbname" => Self::DbName,
            b"host" | b"port" => Self::Host,
            _ => Self::Other,
        }
    }
}

fn telling(word: &[u8]) -> Option<(Scope, &'static str)> {
    match word.first()? {
        b'p' => of_postgres(word),
        b'd' if word.starts_with(b"dblink") => Some((Scope::Both, "dblink")),
        _ => by_name(word),
    }
    .or_else(|| word.ends_with(b"_fdw").then_some((Scope::Uncovered, ELSEWHERE)))
}

/// Names that begin with a `p`: nearly all of the server's own do.
fn of_postgres(word: &[u8]) -> Option<(Scope, &'static str)> {
    let begins = |names: &[&str]| names.iter().any(|name| word.starts_with(name.as_bytes()));
    Some(match word {
        b"pg_authid" | b"pg_auth_members" => (Scope::Cluster, ROLE),
        b"pg_db_role_setting" | b"pg_parameter_acl" => (Scope::Cluster, SETTING),
        b"pg_shdescription" | b"pg_shseclabel" | b"pg_shdepend" => (Scope::Cluster, OWNED),
        b"pg_cron" | b"pg_net" | b"pg_squeeze" | b"pgagent" => (Scope::Cluster, WORKER),
        b"pglogical" => (Scope::Cluster, REPLICATION),
        b"plpythonu" | b"plpython2u" | b"plpython3u" | b"plperlu" | b"pltclu" | b"plsh" | b"plrustu"
        | b"pljavau" => (Scope::Both, UNBOUND),
        b"pg_execute_server_program" => (Scope::Cluster, PROGRAM),
        b"pg_stat_file"
        | b"pg_current_logfile"
        | b"pg_config"
        | b"pg_file_settings"
        | b"pg_hba_file_rules" => (Scope::Uncovered, SERVER_FILE),
        _ if !begins(&["pg_"]) => return None,
        _ if begins(&["pg_database", "pg_stat_database"]) => (Scope::Cluster, ITSELF),
        _ if begins(&["pg_tablespace"]) => (Scope::Cluster, TABLESPACE),
        _ if begins(&["pg_read_", "pg_ls_"]) => (Scope::Uncovered, SERVER_FILE),
        _ if begins(&["pg_file_", "pg_write_"]) => (Scope::Cluster, SERVER_FILE),
        _ if begins(&["pg_terminate_", "pg_cancel_"]) => (Scope::Cluster, SESSIONS),
        _ if begins(&["pg_logical_slot", "pg_replication_", "pg_subscription", "pg_sync_replication"])
            || memchr::memmem::find(word, b"replication_slot").is_some() =>
        {
            (Scope::Cluster, REPLICATION)
        }
        _ if begins(&[
            "pg_reload_conf",
            "pg_rotate_logfile",
            "pg_promote",
            "pg_switch_wal",
            "pg_create_restore_point",
            "pg_wal_replay",
            "pg_start_backup",
            "pg_stop_backup",
            "pg_backup_",
            "pg_stat_reset_",
            "pg_stat_statements_reset",
        ]) =>
        {
            (Scope::Cluster, "the server itself")
        }
        _ => return None,
    })
}

fn by_name(word: &[u8]) -> Option<(Scope, &'static str)> {
    Some(match word {
        b"current_database"
        | b"current_catalog"
        | b"datname"
        | b"has_database_privilege"
        | b"catalog_name"
        | b"table_catalog"
        | b"constraint_catalog"
        | b"trigger_catalog"
        | b"event_object_catalog"
        | b"specific_catalog"
        | b"routine_catalog"
        | b"udt_catalog"
        | b"domain_catalog"
        | b"sequence_catalog"
        | b"view_catalog" => (Scope::Cluster, ITSELF),
        b"timescaledb" | b"citus" => (Scope::Cluster, WORKER),
        b"lo_export" => (Scope::Cluster, SERVER_FILE),
        b"lo_import" => (Scope::Uncovered, SERVER_FILE),
        b"inet_server_addr" | b"inet_server_port" | b"inet_client_addr" | b"inet_client_port" => {
            (Scope::Uncovered, NETWORK)
        }
        b"http_get" | b"http_post" | b"http_put" | b"http_delete" | b"http_head" | b"http_patch" => {
            (Scope::Both, NETWORK)
        }
        _ => return None,
    })
}
