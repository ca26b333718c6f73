//! Who is signed in. A session is 32 random bytes in a cookie; the database has their SHA-256 alone.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use shared::{id::AuditEventId, member::AuditAction, time::UnixMillis};

use super::{
    door::{AUTHENTICATOR, ConsoleState, EVENTS, HOME},
    error::ConsoleError,
    form::Form,
};
pub(crate) use crate::team::hash_of;
use crate::{
    audit::Author,
    clock::{Random, bytes},
    store::{
        StoreError, Tx,
        audit_events::{AuditActor, AuditEvent},
        member_sessions::TokenHash,
        members::Member,
        organizations::Organization,
    },
};

/// The prefix binds the cookie to this very host, https and all paths (RFC 6265bis).
const COOKIE: &str = "__Host-console";
/// The longest session, in milliseconds: 30 days.
const SESSION_MS: i64 = 30 * 86_400_000;
/// A session ends that nobody used for so long, in milliseconds: 7 days.
const IDLE_MS: i64 = 7 * 86_400_000;
/// How far `last_used_at` may lag behind, in milliseconds.
const LAST_USED_STEP_MS: i64 = 300_000;
/// The cookie with which a form that came without a session is taken after a sign-in.
const KEPT_FORM: &str = "__Host-console-form";
/// How long a form is kept for a sign-in, in milliseconds: an hour.
const KEPT_FORM_MS: i64 = 3_600_000;
/// The field of every form that holds the session's secret word.
pub(crate) const CSRF_FIELD: &str = "csrf";

/// A member who is signed in, and what a handler works with.
pub(super) struct SignedIn {
    /// The member whose session it is.
    pub(super) member: Member,
    /// The member's organization: everything is looked up below it.
    pub(super) organization: Organization,
    /// Whether an endpoint for webhooks was switched off, for who looks after them.
    pub(super) webhook_is_off: bool,
    /// When the request came.
    pub(super) now: UnixMillis,
    /// The secret word that each form of this session carries.
    pub(super) csrf: String,
    /// The secret word of the forms that came when no session was open, if this browser holds one.
    kept_csrf: Option<String>,
    /// What the session is kept by.
    pub(super) hash: TokenHash,
    /// The services that the console uses.
    pub(super) console: Arc<ConsoleState>,
}

impl SignedIn {
    /// Refuses a form that no page of this session has made.
    pub(super) fn check(&self, form: &Form) -> Result<(), ConsoleError> {
        self.check_word(form.text(CSRF_FIELD))
    }

    /// Refuses a form with this secret word, as [`Self::check`] does.
    pub(super) fn check_word(&self, word: &str) -> Result<(), ConsoleError> {
        if word == self.csrf || self.kept_csrf.as_deref() == Some(word) {
            return Ok(());
        }
        Err(ConsoleError::OldForm)
    }

    /// Whether the session is still open.
    pub(super) async fn is_open(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        self.is_open_at(tx, self.now).await
    }

    /// Whether the session is still open at this time.
    pub(super) async fn is_open_at(
        &self,
        tx: &mut Tx<'_>,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let session = tx.member_session(self.hash, now, now.plus(-IDLE_MS));
        Ok(session.await?.is_some())
    }

    /// Refuses who only reads.
    pub(super) fn must_write(&self) -> Result<(), ConsoleError> {
        if self.member.role.may_write() {
            return Ok(());
        }
        Err(ConsoleError::Forbidden)
    }

    /// Refuses who is no owner.
    pub(super) fn must_administer(&self) -> Result<(), ConsoleError> {
        if self.member.role.may_administer() {
            return Ok(());
        }
        Err(ConsoleError::Forbidden)
    }

    /// The member, as the one who does what other rooms write down.
    pub(super) fn author(&self) -> Author<'_> {
        Author {
            organization: self.organization.id,
            actor: AuditActor::Member(self.member.id),
            now: self.now,
            random: &*self.console.door.random,
        }
    }

    /// A line of the audit log.
    pub(super) fn audit(
        &self,
        action: AuditAction,
        subject: Option<String>,
        detail: Option<String>,
    ) -> AuditEvent {
        audit_event(
            &self.console,
            &self.member,
            self.now,
            (action, subject, detail),
        )
    }
}

/// A line of the audit log of what a member did.
pub(super) fn audit_event(
    console: &ConsoleState,
    member: &Member,
    at: UnixMillis,
    (action, subject, detail): (AuditAction, Option<String>, Option<String>),
) -> AuditEvent {
    AuditEvent {
        id: AuditEventId::from_random(bytes(&*console.door.random)),
        organization: member.organization,
        actor: AuditActor::Member(member.id),
        action,
        subject,
        detail,
        at,
    }
}

impl FromRequestParts<Arc<ConsoleState>> for SignedIn {
    type Rejection = ConsoleError;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<ConsoleState>,
    ) -> Result<Self, ConsoleError> {
        let signed_out = || {
            // Only a page can be come back to.
            let next = parts.uri.path_and_query().map(ToString::to_string);
            let next = next.unwrap_or_else(|| HOME.to_owned());
            ConsoleError::SignedOut((parts.method == Method::GET).then_some(next))
        };
        let token = token_in(&parts.headers).ok_or_else(signed_out)?;
        let hash = hash_of(&token);
        let now = console.door.clock.now();
        let found = console.door.store.read("console.session", |tx| {
            Box::pin(async move {
                let session = tx.member_session(hash, now, now.plus(-IDLE_MS)).await?;
                let Some(session) = session else {
                    return Ok::<_, StoreError>(None);
                };
                let organization = session.member.organization;
                // A provider asks for what it asks for itself.
                let must_add = !session.by_provider
                    && !session.member.has_second_factor
                    && tx.is_second_factor_required(organization).await?;
                let Some(organization) = tx.organization(organization).await? else {
                    return Ok(None);
                };
                let webhook_is_off = session.member.role.may_administer()
                    && tx.has_failed_webhook_endpoint(organization.id).await?;
                Ok(Some((session, organization, must_add, webhook_is_off)))
            })
        });
        let (session, organization, must_add, webhook_is_off) =
            found.await?.ok_or_else(signed_out)?;
        if must_add && !is_open_without_second_factor(parts.uri.path()) {
            return Err(ConsoleError::SecondFactorNeeded);
        }
        if is_use(parts.uri.path()) && now.since(session.last_used_at) >= LAST_USED_STEP_MS {
            let used = console.door.store.tx("console.session_used", |tx| {
                Box::pin(tx.set_member_session_used(hash, now))
            });
            used.await?;
        }
        Ok(Self {
            member: session.member,
            organization,
            webhook_is_off,
            now,
            csrf: csrf_of(&token),
            kept_csrf: cookie_in(&parts.headers, KEPT_FORM).map(|token| csrf_of(&token)),
            hash,
            console: Arc::clone(console),
        })
    }
}

/// Whether who asks for this uses the session: a page that was left open comes for events by itself.
fn is_use(path: &str) -> bool {
    path != EVENTS
}

/// Whether a member who must add an authenticator first may see this page: that on which it is done, and the way out.
fn is_open_without_second_factor(path: &str) -> bool {
    path == AUTHENTICATOR
        || path.starts_with("/console/account/authenticator/")
        || path == "/console/sign-out"
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

    /// Writes it down for a member.
    pub(super) async fn open(
        &self,
        tx: &mut Tx<'_>,
        member: &Member,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        self.write(tx, (member, false), now).await
    }

    /// Writes it down for a member who came in by single sign-on.
    pub(super) async fn open_by_provider(
        &self,
        tx: &mut Tx<'_>,
        member: &Member,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        self.write(tx, (member, true), now).await
    }

    async fn write(
        &self,
        tx: &mut Tx<'_>,
        (member, by_provider): (&Member, bool),
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let ends = now.plus(SESSION_MS);
        tx.add_member_session(self.hash, (member.id, by_provider), now, ends)
            .await?;
        tx.set_member_signed_in(member, now).await
    }
}

/// The value of a `Set-Cookie` header that takes the session's cookie away.
pub(super) fn no_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-console=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
}

/// The value of a `Set-Cookie` header that gives a browser this secret, to be sent to this host alone and for so long.
pub(crate) fn secret_cookie(name: &str, token: &str, for_ms: i64) -> HeaderValue {
    let seconds = for_ms / 1000;
    let cookie =
        format!("{name}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    let mut cookie = HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""));
    cookie.set_sensitive(true);
    cookie
}

/// The secret word of a session's forms: known to who knows the session, and it opens nothing.
pub(crate) fn csrf_of(token: &str) -> String {
    let hash = Sha256::new()
        .chain_update("console form")
        .chain_update(token)
        .finalize();
    URL_SAFE_NO_PAD.encode(hash)
}

/// The secret word of forms of the session that a browser names, if it names one.
pub(super) fn csrf_in(headers: &HeaderMap) -> Option<String> {
    token_in(headers).map(|token| csrf_of(&token))
}

/// The secret word for a form that came without a session, and the `Set-Cookie` header by which it is known after a sign-in.
pub(super) fn kept_csrf(headers: &HeaderMap, random: &dyn Random) -> (String, HeaderValue) {
    // The forms of other tabs, which are kept already, go on with theirs.
    let token = cookie_in(headers, KEPT_FORM)
        .unwrap_or_else(|| URL_SAFE_NO_PAD.encode(bytes::<32>(random)));
    let cookie = secret_cookie(KEPT_FORM, &token, KEPT_FORM_MS);
    (csrf_of(&token), cookie)
}

fn token_in(headers: &HeaderMap) -> Option<String> {
    cookie_in(headers, COOKIE)
}

/// The value of the cookie with this name.
pub(crate) fn cookie_in(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let mut pairs = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(its_name, _)| *its_name == name)
        .map(|(_, value)| value.to_owned())
}
