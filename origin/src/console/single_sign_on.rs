//! Settings > Single sign-on: where the organization's members sign in instead of a password.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use shared::member::AuditAction;
use zeroize::Zeroizing;

use super::{
    edit::VERSION_FIELD,
    error::ConsoleError,
    form::{Form, Wrong, told_at},
    page::{Place, Shell, render},
    session::SignedIn,
    sign_in_provider::{associated, redirect},
    team,
};
use crate::{
    single_sign_on::{Provider, ProviderError},
    store::{StoreError, members::Member, single_sign_on::SingleSignOn},
    version,
    webhooks::InvalidEndpointUrl,
};

/// Where the page is.
pub(super) const PAGE: &str = "/console/single-sign-on";
/// The longest issuer, in bytes: what is asked of it begins with it.
const ISSUER_MAX: usize = 400;
/// The longest client id, in bytes.
const CLIENT_MAX: usize = 300;
/// The longest client secret, in bytes.
const SECRET_MAX: usize = 1000;

const CHANGED: &str = "Somebody else changed the provider just now: look at it, then save again.";
const UNUSED: &str =
    "Sign in with it once yourself first: nobody has yet, so it is not known whether anybody can.";

/// What stands behind the page's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Whether it was saved just now.
    saved: Option<String>,
}

/// What somebody entered, and what is wrong with it. The secret is not shown again.
struct Filled {
    issuer: String,
    client: String,
    wrong: Option<Wrong>,
}

impl Filled {
    fn of(settings: Option<&SingleSignOn>) -> Self {
        Self {
            issuer: settings.map_or_else(String::new, |one| one.issuer.clone()),
            client: settings.map_or_else(String::new, |one| one.client_id.clone()),
            wrong: None,
        }
    }
}

#[derive(Template)]
#[template(path = "console/single_sign_on.html")]
struct SingleSignOnPage<'a> {
    shell: Shell<'a>,
    settings: Option<&'a SingleSignOn>,
    members: &'a [Member],
    redirect: &'a str,
    /// The version that its person has seen.
    version: String,
    filled: &'a Filled,
    is_saved: bool,
}

impl SingleSignOnPage<'_> {
    fn told(&self, field: &str) -> Option<&'static str> {
        told_at(self.filled.wrong, field)
    }
}

async fn page(
    me: &SignedIn,
    status: StatusCode,
    filled: Option<Filled>,
    is_saved: bool,
) -> Result<Response, ConsoleError> {
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.single_sign_on", |tx| {
        Box::pin(async move {
            let settings = tx.single_sign_on(organization).await?;
            let members = tx.members_with_provider(organization).await?;
            Ok::<_, StoreError>((settings, members))
        })
    });
    let (settings, members) = reading.await?;
    let filled = filled.unwrap_or_else(|| Filled::of(settings.as_ref()));
    let html = render(&SingleSignOnPage {
        shell: Shell::new(me, Place::Settings),
        settings: settings.as_ref(),
        members: &members,
        redirect: redirect(&me.console).as_str(),
        version: version_of(settings.as_ref()),
        filled: &filled,
        is_saved: is_saved && settings.is_some(),
    })?;
    Ok((status, html).into_response())
}

/// Shows the provider to owners.
pub(super) async fn show(
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, ConsoleError> {
    me.must_administer()?;
    page(&me, StatusCode::OK, None, asked.saved.is_some()).await
}

/// Saves the provider, once it has said that it is one.
pub(super) async fn save(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let before = settings(&me).await?;
    if form.text(VERSION_FIELD) != version_of(before.as_ref()) {
        return refuse(&me, StatusCode::CONFLICT, Wrong::new("rule", CHANGED)).await;
    }
    match read(&me, &form, before.as_ref()).await? {
        Ok(new) => {
            if write(&me, before.as_ref(), &new).await? {
                return Ok(Redirect::to(&format!("{PAGE}?saved=yes")).into_response());
            }
            refuse(&me, StatusCode::CONFLICT, Wrong::new("rule", CHANGED)).await
        }
        Err(wrong) => {
            let filled = Filled {
                issuer: form.text("issuer").to_owned(),
                client: form.text("client").to_owned(),
                wrong: Some(wrong),
            };
            page(&me, StatusCode::UNPROCESSABLE_ENTITY, Some(filled), false).await
        }
    }
}

/// The version of the provider that a page shows, its secret included.
fn version_of(settings: Option<&SingleSignOn>) -> String {
    version::of_values(&settings.map(|one| (&one.issuer, &one.client_id, &one.secret_sealed)))
}

/// The page as it is now, with what is wrong above it.
async fn refuse(me: &SignedIn, status: StatusCode, wrong: Wrong) -> Result<Response, ConsoleError> {
    let settings = settings(me).await?;
    let filled = Filled {
        wrong: Some(wrong),
        ..Filled::of(settings.as_ref())
    };
    page(me, status, Some(filled), false).await
}

async fn settings(me: &SignedIn) -> Result<Option<SingleSignOn>, StoreError> {
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.single_sign_on", |tx| {
        Box::pin(tx.single_sign_on(organization))
    });
    reading.await
}

/// The provider that is meant, which was asked just now, or what is wrong with it.
async fn read(
    me: &SignedIn,
    form: &Form,
    before: Option<&SingleSignOn>,
) -> Result<Result<SingleSignOn, Wrong>, ConsoleError> {
    let (typed, client) = (form.text("issuer"), form.text("client"));
    let wrong = |field, told| Ok(Err(Wrong::new(field, told)));
    let door = &me.console.door;
    match door.endpoints.check(typed) {
        Ok(url) if url.query().is_none() && typed.len() <= ISSUER_MAX => {}
        Err(InvalidEndpointUrl::Port) => {
            return wrong(
                "issuer",
                "This port cannot be reached: use a usual one, such as 443.",
            );
        }
        Err(InvalidEndpointUrl::NotPublic) => {
            return wrong(
                "issuer",
                "This address is not on the public internet: use one that we can reach from there.",
            );
        }
        _ => {
            return wrong(
                "issuer",
                "Enter an https address, such as https://login.organization.example.",
            );
        }
    }
    if client.is_empty() || client.len() > CLIENT_MAX || client.contains(char::is_control) {
        return wrong("client", "Enter the client id that the provider shows.");
    }
    let secret = Zeroizing::new(form.text("secret").to_owned());
    if secret.len() > SECRET_MAX || secret.contains(char::is_control) {
        return wrong("secret", "Enter the client secret that the provider shows.");
    }
    let provider = match Provider::discover(&door.endpoints, typed).await {
        Ok(provider) => provider,
        Err(error) => return wrong("issuer", discovery_words(error)),
    };
    let issuer = provider.issuer().to_owned();
    // A secret goes to nobody but whom it was entered for.
    let kept = before.filter(|before| before.issuer == issuer && before.client_id == client);
    let secret_sealed = match kept {
        Some(before) if secret.is_empty() => before.secret_sealed.clone(),
        _ if secret.is_empty() => {
            return wrong(
                "secret",
                "Enter the client secret that belongs to this issuer and client id.",
            );
        }
        _ => {
            let row = me.organization.id.to_string();
            let associated = associated(me.organization.id, &row);
            let sealed = door
                .vault
                .seal(&*door.random, associated, secret.as_bytes());
            sealed?.bytes
        }
    };
    Ok(Ok(SingleSignOn {
        issuer,
        client_id: client.to_owned(),
        secret_sealed,
        required_at: before.and_then(|before| before.required_at),
        created_at: me.now,
    }))
}

fn discovery_words(error: ProviderError) -> &'static str {
    match error {
        ProviderError::Blocked => {
            "This address, or one that the provider names, cannot be reached: it must be https, on the public internet."
        }
        ProviderError::Unreachable => "Nothing answers there. Check the address.",
        ProviderError::TooLong => "What answers there says too much to be a provider.",
        ProviderError::OtherIssuer => {
            "The provider says that it is another issuer. Enter the one that it shows as its issuer."
        }
        ProviderError::NotOne | ProviderError::Refused | ProviderError::Untrusted => {
            "This is no OpenID Connect provider: it has no description at /.well-known/openid-configuration."
        }
    }
}

/// Writes the provider down. False, and nothing is written, when it is no longer what was seen before.
async fn write(
    me: &SignedIn,
    before: Option<&SingleSignOn>,
    new: &SingleSignOn,
) -> Result<bool, ConsoleError> {
    let is_other = before.is_none_or(|before| before.issuer != new.issuer);
    let event = me.audit(AuditAction::SingleSignOnSet, None, Some(new.issuer.clone()));
    let (organization, kept, event) = (me.organization.id, me.hash, &event);
    let writing = me
        .console
        .door
        .store
        .tx("console.set_single_sign_on", |tx| {
            Box::pin(async move {
                tx.lock_organization(organization).await?;
                if tx.single_sign_on(organization).await?.as_ref() != before {
                    return Ok(false);
                }
                if is_other {
                    // Who somebody was at another provider says nothing.
                    tx.reset_provider_accounts(organization, kept).await?;
                }
                tx.set_single_sign_on(organization, new).await?;
                tx.add_audit_event(event).await?;
                Ok::<_, ConsoleError>(true)
            })
        });
    writing.await
}

/// Asks all members for it, or leaves it to them.
pub(super) async fn set_rule(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let is_required = form.text("required") == "yes";
    let told = if is_required {
        "members must"
    } else {
        "who likes"
    };
    let did = AuditAction::SingleSignOnRuleChanged;
    let event = me.audit(did, None, Some(told.to_owned()));
    let (organization, event) = (me.organization.id, &event);
    let since = is_required.then_some(me.now);
    let writing = me.console.door.store.tx("console.require_provider", |tx| {
        Box::pin(async move {
            tx.lock_organization(organization).await?;
            if tx.single_sign_on(organization).await?.is_none() {
                return Ok(true);
            }
            if since.is_some() {
                if tx.members_with_provider(organization).await?.is_empty() {
                    return Ok(false);
                }
                tx.end_password_sessions(organization).await?;
            }
            tx.set_single_sign_on_required(organization, since).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(true)
        })
    });
    if writing.await? {
        return Ok(Redirect::to(PAGE).into_response());
    }
    refuse(&me, StatusCode::CONFLICT, Wrong::new("rule", UNUSED)).await
}

/// Removes the provider; an owner must be able to come in without it.
pub(super) async fn remove(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let (organization, kept, who) = (me.organization.id, me.hash, &me);
    let removing = me.console.door.store.tx("console.remove_provider", |tx| {
        Box::pin(async move {
            tx.lock_organization(organization).await?;
            let members = tx.members(organization).await?;
            let may_stay = |member: &Member| member.role.may_administer() && member.has_password;
            if !members.iter().any(may_stay) {
                return Ok(false);
            }
            if let Some(before) = tx.single_sign_on(organization).await? {
                tx.remove_single_sign_on(organization, kept).await?;
                let did = AuditAction::SingleSignOnRemoved;
                let event = who.audit(did, None, Some(before.issuer));
                tx.add_audit_event(&event).await?;
            }
            Ok::<_, ConsoleError>(true)
        })
    });
    if removing.await? {
        return Ok(Redirect::to(PAGE).into_response());
    }
    let told = "No owner has a password, so nobody could come in any more. Make a new invitation for yourself at Team, and choose one.";
    refuse(&me, StatusCode::CONFLICT, Wrong::new("rule", told)).await
}

/// Lets a member come with another account of the provider.
pub(super) async fn reset(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let member = team::member(&me, &id).await?;
    let did = AuditAction::ProviderAccountReset;
    let event = me.audit(did, Some(id), Some(member.email.clone()));
    let (organization, mine) = (me.organization.id, me.member.id);
    let (member, event) = (member.id, &event);
    let writing = me.console.door.store.tx("console.reset_provider", |tx| {
        Box::pin(async move {
            tx.reset_provider_account(organization, member).await?;
            if member != mine {
                // The account before may be in the wrong hands.
                tx.end_member_sessions(member).await?;
            }
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(())
        })
    });
    writing.await?;
    Ok(Redirect::to(PAGE).into_response())
}
