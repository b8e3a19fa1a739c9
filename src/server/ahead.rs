//! Connections that are made before they are needed, beside other work. One that did not come about is as if it had never
//! been begun, but for that of scripts: why that failed is told.

use std::thread::{self, JoinHandle};

use crate::database::lock::{Beside, Connecting};
use crate::database::{Database, DatabaseError};
use crate::endpoint::Endpoint;
use crate::session::{Login, Session, SessionError};

#[derive(Default)]
pub(super) struct Ahead {
    /// For the first of dbctl's own questions.
    first: First,
    /// For the run's lock.
    beside: Option<Connecting>,
    /// For the first script.
    session: Option<JoinHandle<Result<Session, SessionError>>>,
}

#[derive(Default)]
enum First {
    #[default]
    No,
    Connected(Box<Database>),
    Connecting(JoinHandle<Result<Database, DatabaseError>>),
}

impl Ahead {
    /// With the connection over which the server was reached, and that for the run's lock, where it was begun.
    pub fn over(first: Option<Database>, beside: Option<Connecting>) -> Self {
        let first = first.map_or(First::No, |database| First::Connected(Box::new(database)));
        Self { first, beside, session: None }
    }

    /// Begins what a run begins with, unless that is there.
    pub fn for_a_run(&mut self, endpoint: &Endpoint, login: &Login) {
        self.begin_first(endpoint, login);
        self.beside.get_or_insert_with(|| Beside::begin(endpoint, login));
    }

    /// Begins what running scripts begins with, unless that is there.
    pub fn for_scripts(&mut self, endpoint: &Endpoint, login: &Login, scripts: Login) {
        self.begin_first(endpoint, login);
        self.session.get_or_insert_with(|| {
            let endpoint = endpoint.clone();
            thread::spawn(move || Session::connect(&endpoint, &scripts))
        });
    }

    fn begin_first(&mut self, endpoint: &Endpoint, login: &Login) {
        if matches!(self.first, First::No) {
            let (endpoint, login) = (endpoint.clone(), login.clone());
            self.first = First::Connecting(thread::spawn(move || Database::connect(&endpoint, &login)));
        }
    }

    pub fn first(&mut self) -> Option<Database> {
        self.made().and_then(|mut database| database.is_open().then_some(database))
    }

    /// Without a question to the server.
    fn made(&mut self) -> Option<Database> {
        match std::mem::take(&mut self.first) {
            First::No => None,
            First::Connected(database) => Some(*database),
            First::Connecting(thread) => thread.join().ok()?.ok(),
        }
    }

    pub fn beside(&mut self) -> Option<Beside> {
        self.beside.take()?.join().ok()?.ok()
    }

    /// What came of it, where it was begun.
    pub fn session(&mut self) -> Option<Result<Session, SessionError>> {
        let session = self.session.take()?.join().ok()?;
        Some(session).filter(|session| session.as_ref().map_or(true, Session::is_open))
    }

    pub fn close(mut self) {
        drop((self.made(), self.beside(), self.session()));
    }
}
