//! Settings > Your account: the password, and all sessions.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use shared::member::AuditAction;
use zeroize::Zeroizing;

use super::{
    error::ConsoleError,
    form::Form,
    page::{Place, Shell, render},
    password::{PASSWORD_MAX, PASSWORD_MIN, check_password},
    session::SignedIn,
    words::role_words,
};
use crate::store::StoreError;

/// What came of a change of the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Changed,
    Wrong(&'static str),
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

    fn problem(&self) -> Option<&'static str> {
        match self.told {
            Told::Wrong(problem) => Some(problem),
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

/// Shows it.
pub(super) async fn show(me: SignedIn) -> Result<Response, ConsoleError> {
    page(&me, StatusCode::OK, Told::Nothing)
}

/// Changes the password of who knows it; all other sessions end.
pub(super) async fn change_password(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    let refuse = |problem| page(&me, StatusCode::UNPROCESSABLE_ENTITY, Told::Wrong(problem));
    let old = Zeroizing::new(form.exact("old").to_owned());
    let new = Zeroizing::new(form.exact("new").to_owned());
    if let Err(problem) = check_password(&new, &me.member) {
        return refuse(problem);
    }
    let console = &me.console;
    if old.len() > PASSWORD_MAX
        || console
            .sign_ins
            .take(me.member.email.clone(), me.now)
            .is_err()
    {
        return refuse("That was tried too often. Wait a few minutes, then try again.");
    }
    let (store, email) = (&console.door.store, me.member.email.as_str());
    let found = store
        .read("console.password", |tx| Box::pin(tx.member_by_email(email)))
        .await?;
    let hash = found.and_then(|(_, hash)| hash);
    if !console.passwords.verify(old, hash).await? {
        return refuse("This is not your password of now.");
    }
    let hash = console.passwords.hash(new).await?;
    let event = me.audit(AuditAction::PasswordChanged, None, None);
    let (who, hash, event, kept) = (&me.member, &hash, &event, me.hash);
    let changing = store.tx("console.change_password", |tx| {
        Box::pin(async move {
            tx.set_member_password(who, hash).await?;
            tx.end_other_member_sessions(who.id, kept).await?;
            tx.remove_sign_in_tokens(who.id).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, StoreError>(())
        })
    });
    changing.await?;
    page(&me, StatusCode::OK, Told::Changed)
}
