//! Members sign in and out: with their password, or once with an invitation, after which they choose one.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use shared::{id::OrganizationId, member::AuditAction};
use zeroize::Zeroizing;

use super::{
    assets,
    door::{ConsoleState, HOME},
    error::ConsoleError,
    form::Form,
    page::render,
    password::{PASSWORD_MAX, PASSWORD_MIN},
    place::CallerPlace,
    session::{SignedIn, audit_event, hash_of, no_cookie},
    sign_in_code::Entry,
    sign_in_provider::{MUST, rule_for},
};
use crate::store::{StoreError, members::Member};

/// Where to go after signing in.
#[derive(Deserialize)]
pub(super) struct Next {
    next: Option<String>,
    /// Whether the time for a code was over.
    again: Option<String>,
}

impl Next {
    /// The page that a form names.
    pub(super) fn to(path: &str) -> Self {
        Self {
            next: Some(path.to_owned()),
            again: None,
        }
    }

    /// A page of the console; anything else leads home.
    pub(super) fn path(&self) -> &str {
        let next = self.next.as_deref().unwrap_or(HOME);
        let is_page = next.starts_with("/console/") && !next.starts_with("/console/sign-in");
        // A browser takes a backslash for a slash.
        let is_plain = next
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if is_page && is_plain { next } else { HOME }
    }
}

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignInPage<'a> {
    assets: &'static str,
    email: &'a str,
    next: &'a str,
    /// The organization that asks for single sign-on, where the password was that of its member.
    organization: Option<OrganizationId>,
    problem: Option<&'static str>,
}

fn sign_in_page(
    status: StatusCode,
    (email, next, organization): (&str, &str, Option<OrganizationId>),
    problem: Option<&'static str>,
) -> Result<Response, ConsoleError> {
    let page = SignInPage {
        assets: assets::version(),
        email,
        next,
        organization,
        problem,
    };
    Ok((status, render(&page)?).into_response())
}

/// Shows the form for mail address and password.
pub(super) async fn show(Query(next): Query<Next>) -> Result<Response, ConsoleError> {
    let problem = next.again.as_ref().map(
        |_| "The code was waited for too long, or tried too often. Begin with the password again.",
    );
    sign_in_page(StatusCode::OK, ("", next.path(), None), problem)
}

/// Lets a member in who knows the password. Who does not is not told which of the two is wrong.
pub(super) async fn enter(
    State(console): State<Arc<ConsoleState>>,
    CallerPlace(place): CallerPlace,
    form: Form,
) -> Result<Response, ConsoleError> {
    let next = Next::to(form.text("next"));
    let email = form.text("email").to_lowercase();
    let now = console.door.clock.now();
    let password = Zeroizing::new(form.exact("password").to_owned());
    let refuse = |status, problem| sign_in_page(status, (&email, next.path(), None), Some(problem));
    if password.len() > PASSWORD_MAX || email.len() > PASSWORD_MAX {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, WRONG);
    }
    if !console.may_try(&email, place, now) {
        return refuse(
            StatusCode::TOO_MANY_REQUESTS,
            "That was tried too often. Wait a few minutes, then try again.",
        );
    }
    let (member, hash) = match who(&console, &email, password).await? {
        Who::Nobody => return refuse(StatusCode::UNPROCESSABLE_ENTITY, WRONG),
        Who::ByProvider(organization) => {
            let filled = (email.as_str(), next.path(), Some(organization));
            return sign_in_page(StatusCode::FORBIDDEN, filled, Some(MUST));
        }
        Who::Member(member, hash) => (member, hash),
    };
    let entry = Entry::new(&*console.door.random);
    let event = audit_event(&console, &member, now, (AuditAction::SignedIn, None, None));
    let (opened, member, hash, event) = (&entry, &member, &hash, &event);
    let opening = console.door.store.tx("console.sign_in", |tx| {
        Box::pin(async move {
            // Another password may have been chosen while this one was checked.
            if tx.lock_member_password(member).await?.as_ref() != Some(hash) {
                return Ok(None);
            }
            let is_in = opened.open(tx, member, now, event).await?;
            Ok::<_, StoreError>(Some(is_in))
        })
    });
    match opening.await? {
        Some(is_in) => Ok(entry.answer(is_in, next.path())),
        None => refuse(StatusCode::UNPROCESSABLE_ENTITY, WRONG),
    }
}

/// Whose mail address and password somebody typed.
enum Who {
    Nobody,
    /// A member of this organization, which does not let them in by a password.
    ByProvider(OrganizationId),
    /// This member, and the hash that was compared.
    Member(Box<Member>, String),
}

/// The member with this mail address and password. Who belongs to several organizations comes to the one whose password it is,
/// and which takes passwords.
async fn who(
    console: &ConsoleState,
    email: &str,
    password: Zeroizing<String>,
) -> Result<Who, ConsoleError> {
    let finding = console.door.store.read("console.members_by_email", |tx| {
        Box::pin(tx.members_by_email(email, None))
    });
    let found = finding.await?;
    let mut known = found
        .into_iter()
        .filter_map(|(member, hash)| Some((member, hash?)))
        .peekable();
    if known.peek().is_none() {
        console.passwords.verify(password, None).await?;
        return Ok(Who::Nobody);
    }
    let mut who = Who::Nobody;
    for (member, hash) in known {
        let verifying = console
            .passwords
            .verify(password.clone(), Some(hash.clone()));
        if !verifying.await? {
            continue;
        }
        if rule_of(console, &member).await? != Some(true) {
            return Ok(Who::Member(Box::new(member), hash));
        }
        who = Who::ByProvider(member.organization);
    }
    Ok(who)
}

/// Whether the member must come by the organization's provider; `None` where it has none.
async fn rule_of(console: &ConsoleState, member: &Member) -> Result<Option<bool>, StoreError> {
    let reading = console.door.store.read("console.sign_in_rule", |tx| {
        Box::pin(rule_for(tx, member.organization, member.role))
    });
    reading.await
}

const WRONG: &str = "This mail address and password do not belong together.";

/// Ends the member's session, or all of theirs where the form says so.
pub(super) async fn leave(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    let everywhere = form.text("everywhere") == "yes";
    let event = everywhere.then(|| me.audit(AuditAction::SignedOutEverywhere, None, None));
    let (hash, member, event) = (me.hash, me.member.id, &event);
    let ending = me.console.door.store.tx("console.sign_out", |tx| {
        Box::pin(async move {
            if let Some(event) = event {
                tx.end_member_sessions(member).await?;
                tx.remove_sign_in_tokens(member).await?;
                return tx.add_audit_event(event).await;
            }
            tx.end_member_session(hash).await
        })
    });
    ending.await?;
    let cookie = [(header::SET_COOKIE, no_cookie())];
    Ok((cookie, Redirect::to("/console/sign-in")).into_response())
}

#[derive(Template)]
#[template(path = "console/invitation.html")]
struct InvitationPage<'a> {
    assets: &'static str,
    /// Whom it lets in; nobody once it was used.
    member: Option<&'a Member>,
    /// Whether they must come by their organization's provider; `None` where it has none.
    provider: Option<bool>,
    least: usize,
    problem: Option<&'static str>,
}

fn invitation_page(
    status: StatusCode,
    invited: Option<(&Member, Option<bool>)>,
    problem: Option<&'static str>,
) -> Result<Response, ConsoleError> {
    let page = InvitationPage {
        assets: assets::version(),
        member: invited.map(|(member, _)| member),
        provider: invited.and_then(|(_, provider)| provider),
        least: PASSWORD_MIN,
        problem,
    };
    Ok((status, render(&page)?).into_response())
}

/// Shows who is let in. Opening uses nothing up: scanners of mails open everything.
pub(super) async fn show_invitation(
    State(console): State<Arc<ConsoleState>>,
    Path(token): Path<String>,
) -> Result<Response, ConsoleError> {
    match invited(&console, &token).await? {
        Some((member, provider)) => {
            invitation_page(StatusCode::OK, Some((&member, provider)), None)
        }
        None => invitation_page(StatusCode::GONE, None, None),
    }
}

/// Whom a token lets in, and whether they must come by their organization's provider; `None` where it has none.
async fn invited(
    console: &ConsoleState,
    token: &str,
) -> Result<Option<(Member, Option<bool>)>, StoreError> {
    let (hash, now) = (hash_of(token), console.door.clock.now());
    let store = &console.door.store;
    let reading = store.read("console.invited", |tx| {
        Box::pin(async move {
            let Some(member) = tx.sign_in_token(hash, now).await? else {
                return Ok(None);
            };
            let provider = rule_for(tx, member.organization, member.role).await?;
            Ok(Some((member, provider)))
        })
    });
    reading.await
}

/// Lets the member in with a password of their own choice.
pub(super) async fn accept_invitation(
    State(console): State<Arc<ConsoleState>>,
    Path(token): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let Some((member, provider)) = invited(&console, &token).await? else {
        return invitation_page(StatusCode::GONE, None, None);
    };
    if provider == Some(true) {
        return invitation_page(StatusCode::FORBIDDEN, Some((&member, provider)), Some(MUST));
    }
    let password = Zeroizing::new(form.exact("password").to_owned());
    let reading = console.door.store.read("console.organization", |tx| {
        Box::pin(tx.organization(member.organization))
    });
    let organization = reading.await?.map_or_else(String::new, |found| found.name);
    let about = [&*member.email, &member.name, &organization];
    if let Err(problem) = console.passwords.check(&password, &about).await? {
        return invitation_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            Some((&member, provider)),
            Some(problem),
        );
    }
    let (hash, now) = (hash_of(&token), console.door.clock.now());
    let password = console.passwords.hash(password).await?;
    let entry = Entry::new(&*console.door.random);
    let events = [AuditAction::PasswordChanged, AuditAction::SignedIn];
    let events = events.map(|action| audit_event(&console, &member, now, (action, None, None)));
    let (opened, who, password) = (&entry, &member, &password);
    let [chosen, signed_in] = &events;
    let opening = console.door.store.tx("console.accept_invitation", |tx| {
        Box::pin(async move {
            if !tx.use_sign_in_token(hash).await? {
                return Ok(None);
            }
            tx.set_member_password(who, password).await?;
            // Whoever knew the password before, or has an older invitation, is let in no longer.
            tx.end_member_sessions(who.id).await?;
            tx.remove_sign_in_tokens(who.id).await?;
            tx.add_audit_event(chosen).await?;
            // Who forgot the password has the authenticator still.
            let is_in = opened.open(tx, who, now, signed_in).await?;
            Ok::<_, StoreError>(Some(is_in))
        })
    });
    match opening.await? {
        Some(is_in) => Ok(entry.answer(is_in, HOME)),
        None => invitation_page(StatusCode::GONE, None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_console_follow_the_sign_in() {
        let path = |next: &str| Next::to(next).path().to_owned();
        assert_eq!(
            path("/console/companies?page=2"),
            "/console/companies?page=2"
        );
        for other in [
            "",
            "https://evil.example/console/",
            "//evil.example/console/",
            "/\\evil.example",
            "/console/\\..\\..\\evil",
            "/console/sign-in",
            "/v2.2/company",
        ] {
            assert_eq!(path(other), HOME, "{other}");
        }
    }
}
