//! Who is signed in. A session is 32 random bytes in a cookie; the database has their SHA-256 alone.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, Method, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::{
    id::{ConnectionId, OperatorEventId, OperatorId},
    operator::OperatorAction,
    time::UnixMillis,
};

use super::{
    door::{HOME, OperatorState},
    error::OperatorError,
};
use crate::{
    clock::{Random, bytes},
    console::{CSRF_FIELD, Form, cookie_in, csrf_of, hash_of, secret_cookie},
    store::{
        StoreError, Tx, member_sessions::TokenHash, operator_events::OperatorEvent,
        operators::Operator,
    },
};

/// Another cookie than the console's: who is a member and an operator has two sessions.
const COOKIE: &str = "__Host-operator";
/// The longest session, in milliseconds: 12 hours.
const SESSION_MS: i64 = 12 * 3_600_000;
/// A session ends that nobody used for so long, in milliseconds: one hour.
const IDLE_MS: i64 = 3_600_000;
/// How far `last_used_at` may lag behind, in milliseconds.
const LAST_USED_STEP_MS: i64 = 60_000;

/// An operator who is signed in, and what a handler works with.
pub(super) struct Operating {
    /// The operator whose session it is.
    pub(super) operator: Operator,
    /// When the request came.
    pub(super) now: UnixMillis,
    /// The secret word that each form of this session carries.
    pub(super) csrf: String,
    /// What the session is kept by.
    pub(super) hash: TokenHash,
    /// The services that the pages use.
    pub(super) state: Arc<OperatorState>,
}

impl Operating {
    /// Refuses a form that no page of this session has made.
    pub(super) fn check(&self, form: &Form) -> Result<(), OperatorError> {
        if form.text(CSRF_FIELD) == self.csrf {
            return Ok(());
        }
        Err(OperatorError::OldForm)
    }

    /// A line of the operators' log.
    pub(super) fn event(
        &self,
        action: OperatorAction,
        of: Option<(ConnectionId, String)>,
    ) -> OperatorEvent {
        let (connection, detail) = of.unzip();
        OperatorEvent {
            connection,
            detail,
            ..event(&*self.state.door.random, self.operator.id, action, self.now)
        }
    }
}

/// A line of the operators' log that is about no connection.
pub(super) fn event(
    random: &dyn Random,
    operator: OperatorId,
    action: OperatorAction,
    at: UnixMillis,
) -> OperatorEvent {
    OperatorEvent {
        id: OperatorEventId::from_random(bytes(random)),
        operator,
        action,
        connection: None,
        detail: None,
        at,
    }
}

impl FromRequestParts<Arc<OperatorState>> for Operating {
    type Rejection = OperatorError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<OperatorState>,
    ) -> Result<Self, OperatorError> {
        let signed_out = || {
            // Only a page can be come back to.
            let next = parts.uri.path_and_query().map(ToString::to_string);
            let next = next.unwrap_or_else(|| HOME.to_owned());
            OperatorError::SignedOut((parts.method == Method::GET).then_some(next))
        };
        let token = cookie_in(&parts.headers, COOKIE).ok_or_else(signed_out)?;
        let hash = hash_of(&token);
        let store = &state.door.store;
        let now = state.door.clock.now();
        let finding = store.read("operator.session", |tx| {
            Box::pin(tx.operator_session(hash, now, now.plus(-IDLE_MS)))
        });
        let session = finding.await?.ok_or_else(signed_out)?;
        if now.since(session.last_used_at) >= LAST_USED_STEP_MS {
            let using = store.tx("operator.session_used", |tx| {
                Box::pin(tx.set_operator_session_used(hash, now))
            });
            using.await?;
        }
        Ok(Self {
            operator: session.operator,
            now,
            csrf: csrf_of(&token),
            hash,
            state: Arc::clone(state),
        })
    }
}

/// A session that was opened, for its cookie.
pub(super) struct NewSession {
    hash: TokenHash,
    /// The value of the `Set-Cookie` header.
    pub(super) cookie: HeaderValue,
}

impl NewSession {
    /// Makes a session of 32 fresh random bytes, which is not written down yet.
    pub(super) fn new(random: &dyn Random) -> Self {
        let token = URL_SAFE_NO_PAD.encode(bytes::<32>(random));
        Self {
            hash: hash_of(&token),
            cookie: secret_cookie(COOKIE, &token, SESSION_MS),
        }
    }

    /// Writes it down for an operator, with a line in the log.
    pub(super) async fn open(
        &self,
        tx: &mut Tx<'_>,
        signed_in: &OperatorEvent,
    ) -> Result<(), StoreError> {
        let (operator, now) = (signed_in.operator, signed_in.at);
        tx.add_operator_session(self.hash, operator, now, now.plus(SESSION_MS))
            .await?;
        tx.set_operator_signed_in(operator, now).await?;
        tx.add_operator_event(signed_in).await
    }
}

/// The value of a `Set-Cookie` header that takes the session's cookie away.
pub(super) fn no_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-operator=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
}
