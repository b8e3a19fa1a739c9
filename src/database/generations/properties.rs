//! What belongs to a database itself, and is not in a copy of it.

use std::collections::HashSet;

use postgres_protocol::escape::{escape_identifier, escape_literal};

use super::setting::Setting;
use super::{GenerationError, Generations, Mark, comment};
use crate::database::Row;

/// Owner, privileges, settings, comment, connection limit and tablespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Properties {
    owner: String,
    tablespace: String,
    connection_limit: String,
    /// The user's, whatever dbctl has noted in its place.
    comment: Option<String>,
    /// Whether nobody has changed what a new database's owner and the public may do.
    is_default: bool,
    grants: Vec<Grant>,
    settings: Vec<Setting>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Grant {
    grantor: String,
    /// None is the public.
    grantee: Option<String>,
    privilege: String,
    grantable: bool,
}

impl Generations<'_> {
    /// What any database of the server has of its own.
    pub fn properties(&mut self, of: &str) -> Result<Properties, GenerationError> {
        let purpose = "reading a database's properties";
        let which = escape_literal(of);
        let rows = self.database.rows(
            purpose,
            &format!(
                "SELECT pg_catalog.pg_get_userbyid(d.datdba), t.spcname, d.datconnlimit, \
                 d.datacl IS NULL OR d.datacl = pg_catalog.acldefault('d', d.datdba) \
                 FROM pg_catalog.pg_database AS d JOIN pg_catalog.pg_tablespace AS t ON t.oid = d.dattablespace \
                 WHERE d.datname = {which}"
            ),
        )?;
        let missing = || GenerationError::Missing { database: of.to_owned() };
        let row = rows.first().ok_or_else(missing)?;
        let text = |column: usize| row.get(column).map(str::to_owned).ok_or_else(missing);
        Ok(Properties {
            owner: text(0)?,
            tablespace: text(1)?,
            connection_limit: text(2)?,
            comment: self.own_comment(of)?,
            is_default: row.get(3) == Some("t"),
            grants: self.database.rows(purpose, &grants_of(&which))?.iter().filter_map(grant).collect(),
            settings: self.database.rows(purpose, &settings_of(&which))?.iter().filter_map(setting).collect(),
        })
    }

    /// Gives a fresh copy these properties, in one transaction; the tablespace, where it differs, before that.
    /// In a marked database the comment goes into the mark, and comes out when it is put in service.
    pub fn reapply(&mut self, properties: &Properties, to: &str) -> Result<(), GenerationError> {
        if self.properties(to)?.tablespace != properties.tablespace {
            let place = escape_identifier(&properties.tablespace);
            let sql = format!("ALTER DATABASE {} SET TABLESPACE {place}", escape_identifier(to));
            self.change("moving a database to its tablespace", &sql)?;
        }
        let text = match self.find(to) {
            Ok(found) => Some(Mark { comment: properties.comment.clone(), ..found.mark }.text()),
            Err(GenerationError::OtherKind { .. }) => properties.comment.clone(),
            Err(error) => return Err(error),
        };
        let sql = properties.statements(to) + &comment(to, text.as_deref());
        self.change("setting a database's properties", &sql)
    }

    /// The comment that the user gave a database.
    pub(super) fn own_comment(&mut self, database: &str) -> Result<Option<String>, GenerationError> {
        let sql = format!(
            "SELECT pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database WHERE datname = {}",
            escape_literal(database)
        );
        let rows = self.database.rows("reading a database's comment", &sql)?;
        let comment = rows.first().and_then(|row| row.get(0)).map(str::to_owned);
        Ok(comment.as_deref().and_then(of_the_user))
    }
}

/// What the user had said, whatever dbctl has noted in its place.
pub(super) fn of_the_user(comment: &str) -> Option<String> {
    match Mark::read(comment) {
        Some(mark) => mark.comment,
        None => Some(comment.to_owned()),
    }
}

impl Properties {
    fn statements(&self, database: &str) -> String {
        let name = escape_identifier(database);
        let mut sql = format!(
            "ALTER DATABASE {name} OWNER TO {};\nALTER DATABASE {name} CONNECTION LIMIT {};\n",
            escape_identifier(&self.owner),
            self.connection_limit
        );
        sql += &self.privileges(&name);
        sql.extend(self.settings.iter().map(|setting| setting.statement(database)));
        sql
    }

    fn privileges(&self, database: &str) -> String {
        if self.is_default {
            return String::new();
        }
        let owner = escape_identifier(&self.owner);
        let mut sql = format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC, {owner};\n");
        sql.extend(self.in_order().iter().map(|grant| grant.statement(database, &self.owner)));
        sql
    }

    /// Nobody can pass on what he has not been given yet.
    fn in_order(&self) -> Vec<&Grant> {
        let mut ordered = Vec::new();
        let mut left: Vec<&Grant> = self.grants.iter().collect();
        let mut holders = HashSet::new();
        loop {
            let (ready, waiting): (Vec<_>, Vec<_>) = left.into_iter().partition(|grant| {
                grant.grantor == self.owner || holders.contains(&(grant.grantor.as_str(), &grant.privilege))
            });
            if ready.is_empty() {
                return ordered;
            }
            let may_pass_on = ready.iter().filter(|grant| grant.grantable);
            holders
                .extend(may_pass_on.filter_map(|grant| Some((grant.grantee.as_deref()?, &grant.privilege))));
            ordered.extend(ready);
            left = waiting;
        }
    }
}

impl Grant {
    /// As the grantor; what a superuser grants is granted by the owner.
    fn statement(&self, database: &str, owner: &str) -> String {
        let grantee = self.grantee.as_deref().map_or_else(|| "PUBLIC".to_owned(), escape_identifier);
        let option = if self.grantable { " WITH GRANT OPTION" } else { "" };
        let sql = format!("GRANT {} ON DATABASE {database} TO {grantee}{option};\n", self.privilege);
        if self.grantor == owner {
            return sql;
        }
        format!("SET LOCAL ROLE {};\n{sql}RESET ROLE;\n", escape_identifier(&self.grantor))
    }
}

fn grants_of(database: &str) -> String {
    format!(
        "SELECT pg_catalog.pg_get_userbyid(a.grantor), r.rolname, a.privilege_type, a.is_grantable, a.grantee = 0 \
         FROM pg_catalog.pg_database AS d, \
         pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) AS a \
         LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee WHERE d.datname = {database}"
    )
}

fn settings_of(database: &str) -> String {
    format!(
        "SELECT r.rolname, c.entry, s.setrole = 0 FROM pg_catalog.pg_db_role_setting AS s \
         JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase \
         LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole, \
         pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS c (entry, place) \
         WHERE d.datname = {database} ORDER BY s.setrole, c.place"
    )
}

/// None for a user who is gone: his number is all that is left of him.
fn grant(row: &Row) -> Option<Grant> {
    let grantee = row.get(1).map(str::to_owned);
    if grantee.is_none() && row.get(4) != Some("t") {
        return None;
    }
    Some(Grant {
        grantor: row.get(0)?.to_owned(),
        grantee,
        privilege: row.get(2)?.to_owned(),
        grantable: row.get(3) == Some("t"),
    })
}

fn setting(row: &Row) -> Option<Setting> {
    let role = row.get(0).map(str::to_owned);
    if role.is_none() && row.get(2) != Some("t") {
        return None;
    }
    let (name, value) = row.get(1)?.split_once('=')?;
    Some(Setting { role, name: name.to_owned(), value: value.to_owned() })
}
