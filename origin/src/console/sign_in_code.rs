//! The second step of signing in: a code of the member's authenticator, or one of their recovery codes.
//!
//! Whose password was right gets a cookie that is no session yet: ten minutes and five codes to turn it into one.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::{member::AuditAction, time::UnixMillis};

use super::{
    assets,
    door::ConsoleState,
    error::ConsoleError,
    form::Form,
    page::render,
    second_factor::{authenticator, recovery_hash},
    session::{NewSession, audit_event, cookie_in, hash_of, secret_cookie},
    sign_in::Next,
};
use crate::{
    clock::{Random, bytes},
    store::{
        StoreError, Tx, audit_events::AuditEvent, member_sessions::TokenHash, members::Member,
    },
};

const COOKIE: &str = "__Host-console-code";
/// How long a code is waited for, in milliseconds.
const WAIT_MS: i64 = 10 * 60_000;
/// Codes that may be tried before the password is asked for again.
const TRIES: i64 = 5;

/// What a member whose password was right is let in with: a session, or the step before it.
pub(super) struct Entry {
    session: NewSession,
    waiting: TokenHash,
    waiting_cookie: HeaderValue,
}

impl Entry {
    pub(super) fn new(random: &dyn Random) -> Self {
        let token = URL_SAFE_NO_PAD.encode(bytes::<32>(random));
        Self {
            session: NewSession::new(random),
            waiting: hash_of(&token),
            waiting_cookie: secret_cookie(COOKIE, &token, WAIT_MS),
        }
    }

    /// Opens a session for the member; where they have an authenticator the sign-in waits for its code. True where they are
    /// in, which is written down.
    pub(super) async fn open(
        &self,
        tx: &mut Tx<'_>,
        member: &Member,
        now: UnixMillis,
        signed_in: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let factor = tx.second_factor(member, true).await?;
        if factor.is_some_and(|factor| factor.confirmed_at.is_some()) {
            let ends = now.plus(WAIT_MS);
            tx.add_member_sign_in(self.waiting, member.id, ends).await?;
            return Ok(false);
        }
        self.session.open(tx, member, now).await?;
        tx.add_audit_event(signed_in).await?;
        Ok(true)
    }

    /// Leads to the page, or to that which asks for the code before.
    pub(super) fn answer(self, is_in: bool, path: &str) -> Response {
        if is_in {
            let cookie = [(header::SET_COOKIE, self.session.cookie)];
            return (cookie, Redirect::to(path)).into_response();
        }
        let cookie = [(header::SET_COOKIE, self.waiting_cookie)];
        let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let page = format!("/console/sign-in/code?next={next}");
        (cookie, Redirect::to(&page)).into_response()
    }
}

#[derive(Template)]
#[template(path = "console/sign_in_code.html")]
struct CodePage<'a> {
    assets: &'static str,
    next: &'a str,
    /// Whether a recovery code was entered.
    is_recovery: bool,
    problem: Option<&'static str>,
}

/// Asks for the code of who has given the password.
pub(super) async fn show(
    State(console): State<Arc<ConsoleState>>,
    Query(next): Query<Next>,
    headers: HeaderMap,
) -> Result<Response, ConsoleError> {
    let now = console.door.clock.now();
    if waiting(&console, &headers, now).await?.is_none() {
        return Ok(again(&next));
    }
    page(StatusCode::OK, next.path(), false, None)
}

fn page(
    status: StatusCode,
    next: &str,
    is_recovery: bool,
    problem: Option<&'static str>,
) -> Result<Response, ConsoleError> {
    let page = CodePage {
        assets: assets::version(),
        next,
        is_recovery,
        problem,
    };
    Ok((status, render(&page)?).into_response())
}

/// Begins anew with the password.
fn again(next: &Next) -> Response {
    let next: String = url::form_urlencoded::byte_serialize(next.path().as_bytes()).collect();
    Redirect::to(&format!("/console/sign-in?next={next}&again=yes")).into_response()
}

async fn waiting(
    console: &ConsoleState,
    headers: &HeaderMap,
    now: UnixMillis,
) -> Result<Option<(TokenHash, Member)>, StoreError> {
    let Some(token) = cookie_in(headers, COOKIE) else {
        return Ok(None);
    };
    let hash = hash_of(&token);
    let reading = console.door.store.read("console.member_sign_in", |tx| {
        Box::pin(tx.member_sign_in(hash, TRIES, now))
    });
    Ok(reading.await?.map(|member| (hash, member)))
}

/// What became of a code.
enum Tried {
    Right,
    Wrong,
    /// The sign-in waits no longer.
    Gone,
}

/// Lets in who has the code.
pub(super) async fn enter(
    State(console): State<Arc<ConsoleState>>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, ConsoleError> {
    let next = Next::to(form.text("next"));
    let now = console.door.clock.now();
    let Some((hash, member)) = waiting(&console, &headers, now).await? else {
        return Ok(again(&next));
    };
    let recovery = form.text("recovery");
    let is_recovery = !recovery.is_empty();
    if !console.may_try_code(member.id, now) {
        let told = "That was tried too often. Wait a few minutes, then try again.";
        return page(
            StatusCode::TOO_MANY_REQUESTS,
            next.path(),
            is_recovery,
            Some(told),
        );
    }
    let code: String = form.text("code").split_whitespace().collect();
    let recovery = is_recovery.then(|| recovery_hash(recovery));
    let session = NewSession::new(&*console.door.random);
    let did = [AuditAction::RecoveryCodeUsed, AuditAction::SignedIn];
    let did = did.map(|did| audit_event(&console, &member, now, (did, None, None)));
    let (door, member, session, code) = (&console.door, &member, &session, &code);
    let [used, signed_in] = &did;
    let trying = door.store.tx("console.sign_in_code", |tx| {
        Box::pin(async move {
            if !tx.count_code_try(hash, TRIES, now).await? {
                return Ok(Tried::Gone);
            }
            let factor = tx.second_factor(member, true).await?;
            let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else {
                return Ok(Tried::Gone);
            };
            let is_right = match recovery {
                Some(recovery) => tx.use_recovery_code(member, recovery).await?,
                None => {
                    let authenticator = authenticator(&door.vault, member, &factor.sealed)?;
                    let last = factor.last_step.and_then(|step| u64::try_from(step).ok());
                    let step = authenticator.step_of(code, now, last);
                    match step.and_then(|step| i64::try_from(step).ok()) {
                        Some(step) => tx.take_totp_step(member, step).await?,
                        None => false,
                    }
                }
            };
            if !is_right {
                return Ok(Tried::Wrong);
            }
            tx.end_member_sign_in(hash).await?;
            session.open(tx, member, now).await?;
            if recovery.is_some() {
                tx.add_audit_event(used).await?;
            }
            tx.add_audit_event(signed_in).await?;
            Ok::<_, ConsoleError>(Tried::Right)
        })
    });
    match trying.await? {
        Tried::Gone => Ok(again(&next)),
        Tried::Wrong => {
            let told = if is_recovery {
                "This is none of your recovery codes that are left."
            } else {
                "This code is not right. Enter the one that the app shows now; each is taken once."
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(status, next.path(), is_recovery, Some(told))
        }
        Tried::Right => {
            let gone = "__Host-console-code=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
            let cookies = AppendHeaders([
                (header::SET_COOKIE, session.cookie.clone()),
                (header::SET_COOKIE, HeaderValue::from_static(gone)),
            ]);
            Ok((cookies, Redirect::to(next.path())).into_response())
        }
    }
}
