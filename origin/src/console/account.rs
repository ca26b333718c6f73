//! Settings > Your account: the password, and all sessions.

use std::net::IpAddr;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use shared::member::AuditAction;
use zeroize::Zeroizing;

use super::{
    error::ConsoleError,
    form::{Form, Wrong, told_at},
    page::{Place, Shell, render},
    password::{PASSWORD_MAX, PASSWORD_MIN},
    place::CallerPlace,
    session::SignedIn,
    words::role_words,
};
use crate::store::StoreError;

/// What came of a change of the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Changed,
    Wrong(Wrong),
}

#[derive(Template)]
#[template(path = "console/account.html")]
struct AccountPage<'a> {
    shell: Shell<'a>,
    least: usize,
    told: Told,
}

impl AccountPage<'_> {
    fn role(&self) -> &'static str {
        role_words(self.shell.me.member.role)
    }

    fn has_problem(&self) -> bool {
        matches!(self.told, Told::Wrong(_))
    }

    /// What is wrong with this field.
    fn problem(&self, field: &str) -> Option<&'static str> {
        match self.told {
            Told::Wrong(wrong) => told_at(Some(wrong), field),
            Told::Nothing | Told::Changed => None,
        }
    }
}

fn page(me: &SignedIn, status: StatusCode, told: Told) -> Result<Response, ConsoleError> {
    let html = render(&AccountPage {
        shell: Shell::new(me, Place::Settings),
        least: PASSWORD_MIN,
        told,
    })?;
    Ok((status, html).into_response())
}

/// Shows the member's own account, and the form for another password.
pub(super) async fn show(me: SignedIn) -> Result<Response, ConsoleError> {
    page(&me, StatusCode::OK, Told::Nothing)
}

/// Changes the password of who knows it; all other sessions end.
pub(super) async fn change_password(
    me: SignedIn,
    CallerPlace(place): CallerPlace,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    let refuse = |field, problem| {
        page(
            &me,
            StatusCode::UNPROCESSABLE_ENTITY,
            Told::Wrong(Wrong::new(field, problem)),
        )
    };
    let old = form.exact("old-password");
    let new = Zeroizing::new(form.exact("new-password").to_owned());
    let console = &me.console;
    let about = [&*me.member.email, &me.member.name, &me.organization.name];
    if let Err(problem) = console.passwords.check(&new, &about).await? {
        return refuse("new-password", problem);
    }
    let known = match known_password(&me, place, old).await? {
        Ok(known) => known,
        Err((_, problem)) => return refuse("old-password", problem),
    };
    let hash = console.passwords.hash(new).await?;
    let event = me.audit(AuditAction::PasswordChanged, None, None);
    let (who, hash, known, event) = (&me, &hash, &known, &event);
    let changing = console.door.store.tx("console.change_password", |tx| {
        Box::pin(async move {
            // Another one may have been chosen while this one was checked, and this session be ended.
            let is_known = tx.lock_member_password(&who.member).await? == *known;
            if !is_known || !who.is_open(tx).await? {
                return Ok(false);
            }
            tx.set_member_password(&who.member, hash).await?;
            tx.end_other_member_sessions(who.member.id, who.hash)
                .await?;
            tx.remove_sign_in_tokens(who.member.id).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, StoreError>(true)
        })
    });
    if !changing.await? {
        return refuse("old-password", WRONG);
    }
    page(&me, StatusCode::OK, Told::Changed)
}

/// Refuses who does not know the member's own password, which stands in this field: how, and in which words.
pub(super) async fn check_own_password(
    me: &SignedIn,
    place: Option<IpAddr>,
    form: &Form,
    field: &str,
) -> Result<Result<(), (StatusCode, &'static str)>, ConsoleError> {
    let known = known_password(me, place, form.exact(field)).await?;
    Ok(known.map(|_| ()))
}

/// The hash of the member's password where this is it.
async fn known_password(
    me: &SignedIn,
    place: Option<IpAddr>,
    typed: &str,
) -> Result<Result<Option<String>, (StatusCode, &'static str)>, ConsoleError> {
    let console = &me.console;
    if !console.may_try(&me.member.email, place, me.now) {
        let told = "That was tried too often. Wait a few minutes, then try again.";
        return Ok(Err((StatusCode::TOO_MANY_REQUESTS, told)));
    }
    let (organization, id) = (me.organization.id, me.member.id);
    let reading = console.door.store.read("console.password", |tx| {
        Box::pin(tx.member_password(organization, id))
    });
    let known = reading.await?;
    let typed = Zeroizing::new(typed.to_owned());
    let is_right =
        typed.len() <= PASSWORD_MAX && console.passwords.verify(typed, known.clone()).await?;
    if !is_right {
        return Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, WRONG)));
    }
    Ok(Ok(known))
}

const WRONG: &str = "This is not your password of now.";
