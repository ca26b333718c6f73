//! Operators sign in and out: with password and authenticator at once.

use std::{net::IpAddr, sync::Arc};

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use shared::{operator::OperatorAction, time::UnixMillis};
use zeroize::Zeroizing;

use super::{
    door::{HOME, OperatorState, SIGN_IN},
    error::OperatorError,
    invitation::authenticator,
    page::render,
    session::{NewSession, Operating, event, no_cookie},
};
use crate::{
    console::{CallerPlace, Form, PASSWORD_MAX, assets_version},
    store::StoreError,
};

/// Where to go after signing in.
#[derive(Deserialize)]
pub(super) struct Next {
    next: Option<String>,
}

/// A page for operators; anything else leads home.
fn page_after(next: &str) -> &str {
    let is_page = next.starts_with("/operator/") && !next.starts_with(SIGN_IN);
    // A browser takes a backslash for a slash.
    let is_plain = next
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_page && is_plain { next } else { HOME }
}

#[derive(Template)]
#[template(path = "operator/sign_in.html")]
struct SignInPage<'a> {
    assets: &'static str,
    email: &'a str,
    next: &'a str,
    problem: Option<&'static str>,
}

fn page(
    status: StatusCode,
    (email, next): (&str, &str),
    problem: Option<&'static str>,
) -> Result<Response, OperatorError> {
    let page = SignInPage {
        assets: assets_version(),
        email,
        next: page_after(next),
        problem,
    };
    Ok((status, render(&page)?).into_response())
}

/// Shows the form.
pub(super) async fn show(Query(next): Query<Next>) -> Result<Response, OperatorError> {
    let next = next.next.unwrap_or_default();
    page(StatusCode::OK, ("", &next), None)
}

const WRONG: &str = "Mail address, password and code do not belong together. Enter all of them again; each code is taken once.";

/// What became of a sign-in.
enum Tried {
    In(NewSession),
    Wrong,
    TooOften,
}

/// Lets an operator in who has password and code. Who does not is not told which of them is wrong.
pub(super) async fn enter(
    State(state): State<Arc<OperatorState>>,
    CallerPlace(place): CallerPlace,
    form: Form,
) -> Result<Response, OperatorError> {
    let (email, next) = (form.text("email").to_lowercase(), form.text("next"));
    let refuse = |status, problem| page(status, (&email, next), Some(problem));
    match try_in(&state, &email, place, &form).await? {
        Tried::In(session) => {
            let cookie = [(header::SET_COOKIE, session.cookie)];
            Ok((cookie, Redirect::to(page_after(next))).into_response())
        }
        Tried::Wrong => refuse(StatusCode::UNPROCESSABLE_ENTITY, WRONG),
        Tried::TooOften => refuse(
            StatusCode::TOO_MANY_REQUESTS,
            "That was tried too often. Wait a few minutes, then try again.",
        ),
    }
}

async fn try_in(
    state: &OperatorState,
    email: &str,
    place: Option<IpAddr>,
    form: &Form,
) -> Result<Tried, OperatorError> {
    let door = &state.door;
    let now: UnixMillis = door.clock.now();
    let password = Zeroizing::new(form.exact("password").to_owned());
    if password.len() > PASSWORD_MAX || email.len() > PASSWORD_MAX {
        return Ok(Tried::Wrong);
    }
    if !state.may_try(email, place, now) {
        return Ok(Tried::TooOften);
    }
    let finding = door.store.read("operator.by_email", |tx| {
        Box::pin(async move {
            let Some(operator) = tx.operator_by_email(email).await? else {
                return Ok::<_, StoreError>(None);
            };
            let secrets = tx.operator_secrets(operator.id).await?;
            Ok(secrets.map(|secrets| (operator.id, secrets.password_hash)))
        })
    });
    let (id, hash) = finding.await?.unzip();
    // Without a hash it takes as long.
    let is_right = state.passwords.verify(password, hash.clone()).await?;
    let (Some(id), Some(hash), true) = (id, &hash, is_right) else {
        return Ok(Tried::Wrong);
    };
    if !state.may_try_code(id, now) {
        return Ok(Tried::TooOften);
    }
    let code: String = form.text("code").split_whitespace().collect();
    let session = NewSession::new(&*door.random);
    let signed_in = event(&*door.random, id, OperatorAction::SignedIn, now);
    let (opened, code, signed_in) = (&session, &code, &signed_in);
    let opening = door.store.tx("operator.sign_in", |tx| {
        Box::pin(async move {
            // Another password may have been chosen while this one was checked.
            let secrets = tx.lock_operator_secrets(id).await?;
            let secrets = secrets.filter(|secrets| secrets.password_hash == *hash);
            let Some(secrets) = secrets else {
                return Ok(false);
            };
            let authenticator = authenticator(&door.vault, id, &secrets.totp_sealed)?;
            let last = secrets
                .totp_last_step
                .and_then(|step| u64::try_from(step).ok());
            let step = authenticator.step_of(code, now, last);
            let Some(step) = step.and_then(|step| i64::try_from(step).ok()) else {
                return Ok(false);
            };
            if !tx.take_operator_totp_step(id, step).await? {
                return Ok(false);
            }
            opened.open(tx, signed_in).await?;
            Ok::<_, OperatorError>(true)
        })
    });
    let is_in = opening.await?;
    Ok(if is_in {
        Tried::In(session)
    } else {
        Tried::Wrong
    })
}

/// Ends the operator's session, or all of theirs where the form says so.
pub(super) async fn leave(me: Operating, form: Form) -> Result<Response, OperatorError> {
    me.check(&form)?;
    let everywhere = form.text("everywhere") == "yes";
    let event = everywhere.then(|| me.event(OperatorAction::SignedOutEverywhere, None));
    let (hash, operator, event) = (me.hash, me.operator.id, &event);
    let ending = me.state.door.store.tx("operator.sign_out", |tx| {
        Box::pin(async move {
            if let Some(event) = event {
                tx.end_operator_sessions(operator).await?;
                return tx.add_operator_event(event).await;
            }
            tx.end_operator_session(hash).await
        })
    });
    ending.await?;
    let cookie = [(header::SET_COOKIE, no_cookie())];
    Ok((cookie, Redirect::to(SIGN_IN)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_for_operators_follow_the_sign_in() {
        let connection = "/operator/connections/1?x=2";
        assert_eq!(page_after(connection), connection);
        for other in [
            "",
            "https://evil.example/operator/",
            "//evil.example/operator/",
            "/operator/\\..\\evil",
            "/operator/sign-in/abc",
            "/console/connections",
        ] {
            assert_eq!(page_after(other), HOME, "{other}");
        }
    }
}
