//! Who is signed in, or on the way: sessions named by an HttpOnly cookie or a token, a CSRF token each; tickets from one
//! host to another, and browsers that are remembered.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::http::{HeaderMap, HeaderValue, header};

use crate::{customers::Customer, step::Step};

const COOKIE: &str = "rb_session";
/// Names a browser that is remembered.
const DEVICE: &str = "rb_device";
const SESSIONS_KEPT: usize = 10_000;

/// All sessions of the running website.
#[derive(Default)]
pub struct Sessions {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    open: HashMap<String, Session>,
    tickets: HashMap<String, &'static Customer>,
    remembered: HashSet<(String, &'static str)>,
}

/// One browser's session.
#[derive(Clone)]
pub struct Session {
    /// The value of the session's cookie, or its token.
    pub id: String,
    /// The value that every form of the session must carry.
    pub csrf: String,
    /// The customer whose password was right.
    pub person: Option<&'static Customer>,
    /// What is still between password and account.
    pub(crate) step: Option<Step>,
    /// The page of the account that was wanted.
    pub(crate) next: String,
}

impl Sessions {
    /// The session of this request, if it has one: by its cookie, or by the token of a single-page app.
    #[must_use]
    pub fn of(&self, headers: &HeaderMap) -> Option<Session> {
        let id = bearer(headers).or_else(|| cookie(headers, COOKIE))?;
        self.inner().open.get(id).cloned()
    }

    /// A session for a browser that has none.
    #[must_use]
    pub fn begin(&self) -> Session {
        self.open(None, None, String::new())
    }

    /// Ends a session.
    pub fn end(&self, session: &Session) {
        self.inner().open.remove(&session.id);
    }

    /// Ends all sessions.
    pub fn end_all(&self) {
        self.inner().open.clear();
    }

    /// A new session, so that one planted before is worth nothing.
    pub(crate) fn open(
        &self,
        person: Option<&'static Customer>,
        step: Option<Step>,
        next: String,
    ) -> Session {
        let session = Session {
            id: random(),
            csrf: random(),
            person,
            step,
            next,
        };
        let mut inner = self.inner();
        if inner.open.len() >= SESSIONS_KEPT {
            inner.open.clear();
        }
        inner.open.insert(session.id.clone(), session.clone());
        session
    }

    /// Remembers how far a session has come.
    pub(crate) fn update(&self, session: &Session) {
        let mut inner = self.inner();
        if let Some(known) = inner.open.get_mut(&session.id) {
            *known = session.clone();
        }
    }

    /// A ticket with which another host lets this customer in, once.
    pub(crate) fn ticket(&self, person: &'static Customer) -> String {
        let ticket = random();
        let mut inner = self.inner();
        if inner.tickets.len() >= SESSIONS_KEPT {
            inner.tickets.clear();
        }
        inner.tickets.insert(ticket.clone(), person);
        ticket
    }

    pub(crate) fn redeem(&self, ticket: &str) -> Option<&'static Customer> {
        self.inner().tickets.remove(ticket)
    }

    /// Remembers a browser, and answers the header that tells it so.
    pub(crate) fn remember(&self, person: &'static Customer) -> HeaderValue {
        let device = random();
        let mut inner = self.inner();
        if inner.remembered.len() >= SESSIONS_KEPT {
            inner.remembered.clear();
        }
        inner.remembered.insert((device.clone(), person.email));
        let cookie = format!("{DEVICE}={device}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000");
        HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
    }

    /// Whether this browser is remembered for this customer.
    pub(crate) fn remembers(&self, headers: &HeaderMap, person: &'static Customer) -> bool {
        let device = cookie(headers, DEVICE);
        device.is_some_and(|device| {
            let remembered = (device.to_owned(), person.email);
            self.inner().remembered.contains(&remembered)
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// The header that gives a browser this session.
    #[must_use]
    pub fn set_cookie(&self) -> HeaderValue {
        let cookie = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax", self.id);
        HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
    }

    /// The customer, once nothing is between password and account any more.
    #[must_use]
    pub fn signed_in(&self) -> Option<&'static Customer> {
        self.person.filter(|_| self.step.is_none())
    }
}

/// The header that takes the session away.
#[must_use]
pub fn clear_cookie() -> HeaderValue {
    HeaderValue::from_static("rb_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// The token of a single-page app.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ")
}

/// The value of this cookie.
fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted).then_some(value))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a website of its own; nothing in it is deterministic but its bills"
)]
pub(crate) fn random() -> String {
    let mut bytes = [0_u8; 18];
    if getrandom::fill(&mut bytes).is_err() {
        // No randomness, no sessions: a name that was never given out opens nothing.
        return String::new();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::find;

    fn with_cookie(session: &Session) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, session.set_cookie());
        headers
    }

    #[test]
    fn a_session_is_found_by_cookie_and_by_token_until_it_ends() {
        let sessions = Sessions::default();
        let person = find("sam@example.com");
        let session = sessions.open(person, None, String::new());
        let by_cookie = with_cookie(&session);
        let mut by_token = HeaderMap::new();
        let token = format!("Bearer {}", session.id);
        by_token.insert(header::AUTHORIZATION, token.parse().expect("plain"));
        for headers in [&by_cookie, &by_token] {
            let found = sessions.of(headers).and_then(|session| session.signed_in());
            assert_eq!(found.map(|person| person.name), Some("Sam Okafor"));
        }
        sessions.end(&session);
        assert!(sessions.of(&by_cookie).is_none());
    }

    #[test]
    fn a_ticket_lets_in_once_and_a_browser_is_remembered_for_its_customer() {
        let sessions = Sessions::default();
        let [sam, jordan] =
            ["sam@example.com", "jordan@example.com"].map(|of| find(of).expect("one"));
        let ticket = sessions.ticket(sam);
        assert!(
            sessions
                .redeem(&ticket)
                .is_some_and(|of| of.email == sam.email)
        );
        assert!(sessions.redeem(&ticket).is_none());
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, sessions.remember(sam));
        assert!(sessions.remembers(&headers, sam) && !sessions.remembers(&headers, jordan));
    }
}
