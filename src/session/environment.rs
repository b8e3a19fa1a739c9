//! What libpq takes from the environment for a session, besides where it connects and as whom.

use super::Login;

/// The variables and the startup parameters that they set (manual, chapter "Environment Variables").
const SETTINGS: [(&str, &str); 5] = [
    ("PGOPTIONS", "options"),
    ("PGCLIENTENCODING", "client_encoding"),
    ("PGDATESTYLE", "datestyle"),
    ("PGTZ", "timezone"),
    ("PGGEQO", "geqo"),
];

const APPLICATION: &str = "PGAPPNAME";

/// All others that decide how libpq connects. The address and the login are dbctl's to choose.
const CONNECTION: [&str; 28] = [
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGDATABASE",
    "PGUSER",
    "PGPASSWORD",
    "PGSERVICE",
    "PGSERVICEFILE",
    "PGSSLMODE",
    "PGREQUIRESSL",
    "PGSSLCOMPRESSION",
    "PGSSLCERT",
    "PGSSLKEY",
    "PGSSLROOTCERT",
    "PGSSLCRL",
    "PGSSLCRLDIR",
    "PGSSLSNI",
    "PGSSLNEGOTIATION",
    "PGSSLMINPROTOCOLVERSION",
    "PGSSLMAXPROTOCOLVERSION",
    "PGREQUIREPEER",
    "PGREQUIREAUTH",
    "PGGSSENCMODE",
    "PGGSSDELEGATION",
    "PGCONNECT_TIMEOUT",
    "PGCHANNELBINDING",
    "PGTARGETSESSIONATTRS",
    "PGLOADBALANCEHOSTS",
];

impl Login {
    /// With the settings of an environment, as libpq has them there; what is set already stays.
    #[must_use]
    pub fn obeying(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        for (name, parameter) in SETTINGS {
            let is_set = self.options.iter().any(|(known, _)| known == parameter);
            let value = variable(name).and_then(|value| meaning(name, value, &variable));
            if let Some(value) = value.filter(|_| !is_set) {
                self.options.push((parameter.to_owned(), value));
            }
        }
        self
    }

    /// The environment in which a psql opens the same session.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let settings = SETTINGS.into_iter().filter_map(|(name, parameter)| {
            let (_, value) = self.options.iter().find(|(known, _)| known == parameter)?;
            Some((name, value.as_str()))
        });
        settings.chain([(APPLICATION, self.application_name.as_str())])
    }
}

/// The name that an environment has for the application.
pub fn application_name(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    variable(APPLICATION).filter(|name| !name.is_empty())
}

/// What must not reach a psql from the environment of dbctl.
pub fn foreign_variables() -> impl Iterator<Item = &'static str> {
    CONNECTION.into_iter().chain(SETTINGS.map(|(name, _)| name))
}

/// What libpq sends for the variable's value; none where it leaves the choice to the server.
fn meaning(name: &str, value: String, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    match name {
        "PGOPTIONS" => Some(value).filter(|value| !value.is_empty()),
        "PGCLIENTENCODING" if value == "auto" => Some(charset(variable)),
        "PGCLIENTENCODING" => Some(value).filter(|value| !value.is_empty()),
        _ => Some(value).filter(|value| !value.eq_ignore_ascii_case("default")),
    }
}

/// The locale's encoding; the server knows it by the name that the system has for it.
fn charset(variable: impl Fn(&str) -> Option<String>) -> String {
    let given = |name| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(given).unwrap_or_default();
    let charset = locale.split_once('.').map_or("SQL_ASCII", |(_, charset)| charset);
    charset.split('@').next().unwrap_or(charset).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn obeying(environment: &[(&str, &str)]) -> Vec<(String, String)> {
        let login = Login {
            user: String::new(),
            password: None,
            database: String::new(),
            application_name: String::new(),
            options: vec![("geqo".to_owned(), "on".to_owned())],
        };
        let find = |name: &str| environment.iter().find(|(known, _)| *known == name);
        let login = login.obeying(|name| find(name).map(|(_, value)| (*value).to_owned()));
        login.options.into_iter().skip(1).collect()
    }

    #[test]
    fn what_is_set_already_stays_and_default_is_the_servers() {
        assert!(obeying(&[("PGGEQO", "off"), ("PGTZ", "Default"), ("PGOPTIONS", "")]).is_empty());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(obeying(&[("PGTZ", "UTC")]), [pair("timezone", "UTC")]);
    }

    #[test]
    fn an_automatic_encoding_is_the_locales() {
        let encoding = |locale: &[(&str, &str)]| {
            let environment = [&[("PGCLIENTENCODING", "auto")], locale].concat();
            obeying(&environment).remove(0).1
        };
        assert_eq!(encoding(&[("LC_ALL", ""), ("LANG", "de_DE.ISO-8859-15@euro")]), "ISO-8859-15");
        assert_eq!(encoding(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")]), "SQL_ASCII");
        assert_eq!(encoding(&[]), "SQL_ASCII");
    }
}
