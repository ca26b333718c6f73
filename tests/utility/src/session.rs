//! Who is signed in: sessions named by an HttpOnly cookie, a CSRF token each, and the lock after wrong tries.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderValue, header};

use crate::{
    Switches,
    customers::{Customer, find},
};

const COOKIE: &str = "rb_session";
const WRONG_TRIES: u32 = 5;
const LOCKED_FOR: Duration = Duration::from_secs(15 * 60);
const SESSIONS_KEPT: usize = 10_000;

/// All sessions of the running website.
#[derive(Default)]
pub struct Sessions {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    open: HashMap<String, Session>,
    wrong: HashMap<&'static str, (u32, Instant)>,
}

/// One browser's session.
#[derive(Clone)]
pub struct Session {
    /// The value of the session's cookie.
    pub id: String,
    /// The value that every form of the session must carry.
    pub csrf: String,
    /// The customer who signed in.
    pub person: Option<&'static Customer>,
}

/// The result of a try to sign in.
pub enum SignIn {
    /// A new session, so that one planted before is worth nothing.
    In(Session),
    /// The e-mail address or the password is wrong.
    Wrong,
    /// There were too many wrong tries.
    Locked,
}

impl Sessions {
    /// The session of this request, if it has one.
    #[must_use]
    pub fn of(&self, headers: &HeaderMap) -> Option<Session> {
        let id = cookie(headers, COOKIE)?;
        self.inner().open.get(id).cloned()
    }

    /// A session for a browser that has none.
    #[must_use]
    pub fn begin(&self) -> Session {
        self.open(None)
    }

    /// Checks a password.
    #[must_use]
    pub fn sign_in(
        &self,
        old: &Session,
        email: &str,
        password: &str,
        switches: &Switches,
    ) -> SignIn {
        switches.count_sign_in();
        let Some(person) = find(email) else {
            return SignIn::Wrong;
        };
        {
            let mut inner = self.inner();
            let (tries, since) = inner
                .wrong
                .entry(person.email)
                .or_insert((0, Instant::now()));
            if since.elapsed() > LOCKED_FOR {
                *tries = 0;
            }
            if *tries >= WRONG_TRIES {
                return SignIn::Locked;
            }
            if !switches.password_is(person, password) {
                *tries += 1;
                *since = Instant::now();
                return if *tries >= WRONG_TRIES {
                    SignIn::Locked
                } else {
                    SignIn::Wrong
                };
            }
            inner.wrong.remove(person.email);
            inner.open.remove(&old.id);
        }
        SignIn::In(self.open(Some(person)))
    }

    /// Ends a session.
    pub fn sign_out(&self, session: &Session) {
        self.inner().open.remove(&session.id);
    }

    /// Ends all sessions.
    pub fn end_all(&self) {
        self.inner().open.clear();
    }

    fn open(&self, person: Option<&'static Customer>) -> Session {
        let session = Session {
            id: random(),
            csrf: random(),
            person,
        };
        let mut inner = self.inner();
        if inner.open.len() >= SESSIONS_KEPT {
            inner.open.clear();
        }
        inner.open.insert(session.id.clone(), session.clone());
        session
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// The header that gives a browser this session.
    #[must_use]
    pub fn set_cookie(&self) -> HeaderValue {
        cookie_of(&self.id)
    }
}

/// The header that gives a browser the session of this name.
pub(crate) fn cookie_of(id: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax"))
        .unwrap_or(HeaderValue::from_static(""))
}

/// The header that takes the session away.
#[must_use]
pub fn clear_cookie() -> HeaderValue {
    HeaderValue::from_static("rb_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// The value of this cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
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
fn random() -> String {
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

    #[test]
    fn locks_after_five_wrong_tries() {
        let (sessions, switches) = (Sessions::default(), Switches::default());
        let session = sessions.begin();
        let attempt =
            |password| sessions.sign_in(&session, "jordan@example.com", password, &switches);
        for _ in 0..4 {
            assert!(matches!(attempt("guess"), SignIn::Wrong));
        }
        assert!(matches!(attempt("guess"), SignIn::Locked));
        assert!(matches!(attempt("correct horse battery"), SignIn::Locked));
        assert_eq!(switches.sign_ins(), 6);
    }

    #[test]
    fn signing_in_changes_the_session() {
        let (sessions, switches) = (Sessions::default(), Switches::default());
        let before = sessions.begin();
        let SignIn::In(after) =
            sessions.sign_in(&before, "sam@example.com", "violet anchor 42", &switches)
        else {
            panic!("the password is right");
        };
        assert_ne!(before.id, after.id);
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_str(&format!("a=b; {COOKIE}={}", after.id)).expect("plain"),
        );
        assert_eq!(
            sessions.of(&headers).and_then(|s| s.person).map(|p| p.name),
            Some("Sam Okafor")
        );
        headers.insert(
            header::COOKIE,
            HeaderValue::from_str(&format!("{COOKIE}={}", before.id)).expect("plain"),
        );
        assert!(sessions.of(&headers).is_none());
    }
}
