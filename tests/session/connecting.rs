//! Logging in, each method and each refusal.

use std::net::{Ipv4Addr, SocketAddr};

use dbctl::endpoint::{Address, Authentication, Endpoint};
use dbctl::session::{Session, SessionError};
use rustix::net::{self, AddressFamily, SocketType};

use super::cluster::{Cluster, login};

fn log_in(user: &str, password: Option<&str>, allowed: Authentication) -> Result<Session, SessionError> {
    Session::connect(&Cluster::shared().tcp(allowed), &login(user, password, "postgres"))
}

#[test]
fn every_password_method_logs_in() {
    for user in ["scram_user", "md5_user", "plain_user"] {
        let mut session = log_in(user, Some("sésame"), Authentication::Any).unwrap();
        assert_eq!(session.simple("select current_user").unwrap().rows, [[Some(user.to_owned())]]);
    }
}

#[test]
fn only_scram_and_trust_are_agreed_to_where_the_address_is_not_sure() {
    assert!(log_in("scram_user", Some("sésame"), Authentication::ScramOrTrust).is_ok());
    assert!(log_in("postgres", None, Authentication::ScramOrTrust).is_ok());
    for (user, wanted) in [("md5_user", "md5"), ("plain_user", "cleartext")] {
        let outcome = log_in(user, Some("sésame"), Authentication::ScramOrTrust).err();
        assert!(matches!(outcome, Some(SessionError::WeakAuthentication { method, .. }) if method == wanted));
    }
}

#[test]
fn a_wrong_password_names_the_user() {
    for user in ["scram_user", "md5_user", "plain_user"] {
        let error = log_in(user, Some("open"), Authentication::Any).err().unwrap();
        assert!(matches!(error, SessionError::AuthenticationFailed { .. }), "{error}");
        assert_eq!(error.sqlstate(), Some("28P01"));
        assert!(error.to_string().contains(&format!("`{user}`")), "{error}");
    }
}

#[test]
fn a_missing_password_is_told_apart_from_a_wrong_one() {
    let error = log_in("scram_user", None, Authentication::Any).err().unwrap();
    assert!(matches!(error, SessionError::PasswordNeeded { .. }), "{error}");
}

#[test]
fn a_missing_database_is_named() {
    let endpoint = Cluster::shared().socket();
    let error = Session::connect(&endpoint, &login("postgres", None, "nowhere")).err().unwrap();
    assert!(matches!(&error, SessionError::DatabaseMissing { database, .. } if database == "nowhere"));
}

#[test]
fn a_closed_port_is_told_apart_from_a_refused_login() {
    // Bound, so that nobody else gets the port, but not listening.
    let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    net::bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let port = SocketAddr::try_from(net::getsockname(&socket).unwrap()).unwrap().port();
    let address = Address::Tcp { host: Ipv4Addr::LOCALHOST.into(), port };
    let endpoint = Endpoint::new(address, Authentication::Any);
    let error = Session::connect(&endpoint, &login("postgres", None, "postgres")).err().unwrap();
    assert!(matches!(error, SessionError::Refused { .. }), "{error}");
}

#[test]
fn startup_options_reach_the_server_and_its_settings_are_known() {
    let mut asked = login("postgres", None, "postgres");
    asked.options.push(("options".into(), "-c statement_timeout=1234".into()));
    let mut session = Session::connect(&Cluster::shared().socket(), &asked).unwrap();
    assert_eq!(session.simple("show statement_timeout").unwrap().rows, [[Some("1234ms".to_owned())]]);
    assert_eq!(session.parameter("client_encoding"), Some("UTF8"));
    assert_eq!(session.parameter("application_name"), Some("dbctl tests"));
    assert!(session.parameter("server_version").is_some());
}

#[test]
fn an_error_in_a_small_query_leaves_the_session_usable() {
    let mut session = Cluster::shared().session("postgres");
    let error = session.simple("select 1; select 1/0").unwrap_err();
    assert_eq!(error.sqlstate(), Some("22012"));
    session.simple("set work_mem = '1MB'").unwrap();
    session.reset();
    assert_ne!(session.simple("show work_mem").unwrap().rows, [[Some("1MB".to_owned())]]);
}
