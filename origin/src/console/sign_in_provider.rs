//! Members sign in at their organization's own provider: they are led there, and come back with a code.
//!
//! The browser keeps one random text for ten minutes, from which all secrets of the way are made; the database has its hash
//! and forgets it with the first use. Who the provider says it is must be a member already: nobody becomes one here.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use shared::{
    id::OrganizationId,
    member::{AuditAction, MemberRole},
};
use url::Url;
use zeroize::Zeroizing;

use super::{
    assets,
    door::ConsoleState,
    error::ConsoleError,
    form::Form,
    page::render,
    place::CallerPlace,
    session::{NewSession, audit_event, cookie_in, hash_of, secret_cookie},
    sign_in::Next,
};
use crate::{
    single_sign_on::{Attempt, Identity, Provider, ProviderError, Registration},
    store::{
        StoreError, Tx,
        members::Member,
        single_sign_on::{SingleSignOn, TABLE},
    },
    vault::{AssociatedData, VaultError},
};

/// Where it begins.
pub(super) const PAGE: &str = "/console/sign-in/single-sign-on";
/// Where the provider leads back to, on the console's public address.
pub(super) const CALLBACK: &str = "/console/sign-in/single-sign-on/callback";
const COOKIE: &str = "__Host-console-provider";
/// How long somebody may take at the provider, in milliseconds.
const WAIT_MS: i64 = 10 * 60_000;
/// The longest mail address that is looked for, in bytes.
const EMAIL_MAX: usize = 254;
/// Organizations of one person that the page offers.
const OFFERED: usize = 5;
/// The longest code that is handed on, in bytes.
const CODE_MAX: usize = 4096;

const OFTEN: &str = "That was tried too often. Wait a few minutes, then try again.";
const NONE: &str =
    "There is no single sign-on for this mail address. Sign in with your password instead.";
/// What somebody is told whose organization lets members in by single sign-on alone.
pub(super) const MUST: &str =
    "Your organization asks for single sign-on: use it instead of the password.";

/// Why nobody is let in.
enum Trouble {
    /// This browser was not led to the provider, or too long ago, or has been here before.
    NotOurs,
    /// The provider says that the person may not, or does not want to.
    Denied,
    /// The provider is of no use now.
    Provider(ProviderError),
    /// The provider does not say that the mail address is the person's.
    Unverified,
    /// No member has the mail address.
    Unknown,
    /// The member has used another account of the provider.
    OtherAccount,
}

impl Trouble {
    fn told(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotOurs => (
                StatusCode::BAD_REQUEST,
                "This sign-in was begun elsewhere or too long ago, or was used already. Begin again here.",
            ),
            Self::Denied => (
                StatusCode::FORBIDDEN,
                "Your organization's provider did not let you in. Ask whoever looks after it to give you this application.",
            ),
            Self::Provider(ProviderError::Refused | ProviderError::Untrusted) => (
                StatusCode::FORBIDDEN,
                "What the provider says about you does not hold, so you were not let in. Begin again; if it happens once more, tell an owner of your organization.",
            ),
            Self::Provider(_) => (
                StatusCode::BAD_GATEWAY,
                "Your organization's provider does not answer as it should. Try again in a moment; owners can sign in with their password meanwhile.",
            ),
            Self::Unverified => (
                StatusCode::FORBIDDEN,
                "The provider does not say that your mail address is confirmed, which is needed the first time. Ask whoever looks after it.",
            ),
            Self::Unknown => (
                StatusCode::FORBIDDEN,
                "The account that you used has no member's mail address. Ask an owner of your organization to invite you with the address of that account.",
            ),
            Self::OtherAccount => (
                StatusCode::FORBIDDEN,
                "You have used another account of the provider before. Use that one, or ask an owner of your organization to reset it.",
            ),
        }
    }
}

#[derive(Template)]
#[template(path = "console/sign_in_provider.html")]
struct BeginPage<'a> {
    assets: &'static str,
    email: &'a str,
    next: &'a str,
    /// The organization that is meant; where there is none, the mail address alone says it.
    organization: Option<OrganizationId>,
    /// The choice among the person's organizations, as [`choice`] writes it; empty where none was made.
    choice: &'a str,
    problem: Option<&'static str>,
}

fn begin_page(
    status: StatusCode,
    (email, next): (&str, &str),
    (organization, choice): (Option<OrganizationId>, &str),
    problem: Option<&'static str>,
) -> Result<Response, ConsoleError> {
    let page = BeginPage {
        assets: assets::version(),
        email,
        next,
        organization,
        choice,
        problem,
    };
    Ok((status, render(&page)?).into_response())
}

/// What the page says instead of the organization's id, so that nobody who types an address learns any, or that two addresses
/// belong to one organization. Ids are random: nothing leads back from it.
fn choice(email: &str, organization: OrganizationId) -> String {
    let hash = Sha256::new()
        .chain_update("choice of single sign-on ")
        .chain_update(organization.as_bytes())
        .chain_update(email)
        .finalize();
    URL_SAFE_NO_PAD.encode(hash)
}

/// The page that leads on to the provider: a form that is posted may lead to this host alone, a page anywhere. Anybody may
/// type any address, so that it names no organization.
#[derive(Template)]
#[template(path = "console/to_provider.html")]
struct LeadPage<'a> {
    assets: &'static str,
    host: &'a str,
    address: &'a str,
    email: &'a str,
    next: &'a str,
    /// The person's other organizations, each as [`choice`] writes it with the host of its provider.
    others: &'a [(String, String)],
}

/// What a link to the page brings along.
#[derive(Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
    email: Option<String>,
    organization: Option<String>,
}

/// Asks for the mail address, which says where to go.
pub(super) async fn show(Query(asked): Query<Asked>) -> Result<Response, ConsoleError> {
    let next = Next::to(asked.next.as_deref().unwrap_or_default());
    let email = asked.email.unwrap_or_default();
    let organization = asked.organization.and_then(|id| id.parse().ok());
    let to = (email.as_str(), next.path());
    begin_page(StatusCode::OK, to, (organization, ""), None)
}

/// Leads to the provider of the organization that has a member with the address. Where several have, it is the one that the
/// form names or else the one that must be used, and the page offers the others.
pub(super) async fn begin(
    State(console): State<Arc<ConsoleState>>,
    CallerPlace(place): CallerPlace,
    form: Form,
) -> Result<Response, ConsoleError> {
    let next = Next::to(form.text("next"));
    let typed = form.text("email");
    let email = typed.to_lowercase();
    let meant: Option<OrganizationId> = form.text("organization").parse().ok();
    let chosen = form.text("choice");
    let (door, now) = (&console.door, console.door.clock.now());
    let refuse =
        |status, told| begin_page(status, (typed, next.path()), (meant, chosen), Some(told));
    if email.len() > EMAIL_MAX {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, NONE);
    }
    if !console.may_try(&email, place, now) {
        return refuse(StatusCode::TOO_MANY_REQUESTS, OFTEN);
    }
    let address = &email;
    let finding = door.store.read("console.provider_of", |tx| {
        Box::pin(tx.providers_of(address))
    });
    let is_meant = |id| meant == Some(id) || choice(&email, id) == chosen;
    let mut found = finding.await?;
    found.sort_by_key(|(id, _)| !is_meant(*id));
    let mut found = found.into_iter().take(OFFERED);
    let Some((id, settings)) = found.next() else {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, NONE);
    };
    let others = found.filter(|_| !is_meant(id));
    let others: Vec<_> = others
        .map(|(id, settings)| (choice(&email, id), host_of(settings.issuer)))
        .collect();
    let (provider, at) = match reach(&console, id, &settings).await? {
        Ok(reached) => reached,
        Err(error) => {
            let (status, told) = Trouble::Provider(error).told();
            return refuse(status, told);
        }
    };
    let attempt = Attempt::new(&*door.random);
    let (hash, ends, path) = (hash_of(attempt.text()), now.plus(WAIT_MS), next.path());
    let beginning = door.store.tx("console.begin_at_provider", |tx| {
        Box::pin(tx.add_single_sign_on_attempt(hash, id, path, ends))
    });
    beginning.await?;
    let address = provider.sign_in_address(&at, &attempt, &email);
    let page = LeadPage {
        assets: assets::version(),
        host: address.host_str().unwrap_or_default(),
        address: address.as_str(),
        email: typed,
        next: next.path(),
        others: &others,
    };
    let cookie = secret_cookie(COOKIE, attempt.text(), WAIT_MS);
    let cookie = [(header::SET_COOKIE, cookie)];
    Ok((cookie, render(&page)?).into_response())
}

/// The host of an issuer, or the issuer as it is where that cannot be read.
fn host_of(issuer: String) -> String {
    let url = Url::parse(&issuer).ok();
    let host = url.and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or(issuer)
}

/// The provider as it describes itself now, and how the console is known there.
async fn reach<'a>(
    console: &'a ConsoleState,
    organization: OrganizationId,
    settings: &SingleSignOn,
) -> Result<Result<(Provider<'a>, Registration), ProviderError>, ConsoleError> {
    let row = organization.to_string();
    let secret = console
        .door
        .vault
        .open(associated(organization, &row), &settings.secret_sealed)?;
    let secret = std::str::from_utf8(&secret).map_err(|_| VaultError::Refused)?;
    let at = Registration {
        client_id: settings.client_id.clone(),
        secret: Zeroizing::new(secret.to_owned()),
        redirect: redirect(console),
    };
    let asking = Provider::discover(&console.door.endpoints, &settings.issuer).await;
    Ok(match asking {
        Ok(provider) if provider.issuer() == settings.issuer => Ok((provider, at)),
        Ok(_) => Err(ProviderError::OtherIssuer),
        Err(error) => {
            tracing::info!(%organization, %error, "a provider cannot be used");
            Err(error)
        }
    })
}

/// What the secret of the console at a provider is sealed for.
pub(super) fn associated(organization: OrganizationId, row: &str) -> AssociatedData<'_> {
    AssociatedData {
        table: TABLE,
        row,
        owner: organization.into(),
    }
}

/// The address that a provider leads back to: it must know it beforehand.
pub(super) fn redirect(console: &ConsoleState) -> Url {
    let mut url = console.door.public_url.clone();
    url.set_path(CALLBACK);
    url
}

/// What a provider sends along.
#[derive(Deserialize)]
pub(super) struct Back {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    /// Who sends it (RFC 9207).
    iss: Option<String>,
}

/// Lets in whom the provider has signed in.
pub(super) async fn come_back(
    State(console): State<Arc<ConsoleState>>,
    Query(back): Query<Back>,
    headers: HeaderMap,
) -> Result<Response, ConsoleError> {
    match enter(&console, back, &headers).await? {
        Ok((session, next)) => {
            let cookies = AppendHeaders([
                (header::SET_COOKIE, session.cookie),
                (header::SET_COOKIE, secret_cookie(COOKIE, "", 0)),
            ]);
            Ok((cookies, Redirect::to(Next::to(&next).path())).into_response())
        }
        Err(trouble) => {
            let (status, told) = trouble.told();
            let home = Next::to("");
            begin_page(status, ("", home.path()), (None, ""), Some(told))
        }
    }
}

async fn enter(
    console: &ConsoleState,
    back: Back,
    headers: &HeaderMap,
) -> Result<Result<(NewSession, String), Trouble>, ConsoleError> {
    let (door, now) = (&console.door, console.door.clock.now());
    let attempt = cookie_in(headers, COOKIE).map(Attempt::of);
    let state = back.state.as_deref().unwrap_or_default();
    // What another website sends here does not use the attempt up.
    let Some(attempt) = attempt.filter(|attempt| attempt.is_state(state)) else {
        return Ok(Err(Trouble::NotOurs));
    };
    let hash = hash_of(attempt.text());
    let using = door.store.tx("console.back_from_provider", |tx| {
        Box::pin(async move {
            let Some((organization, next)) = tx.use_single_sign_on_attempt(hash, now).await? else {
                return Ok(None);
            };
            let settings = tx.single_sign_on(organization).await?;
            Ok::<_, StoreError>(settings.map(|settings| (organization, next, settings)))
        })
    });
    let Some((organization, next, settings)) = using.await? else {
        return Ok(Err(Trouble::NotOurs));
    };
    if back.iss.is_some_and(|iss| iss != settings.issuer) {
        return Ok(Err(Trouble::NotOurs));
    }
    let code = back.code.filter(|code| code.len() <= CODE_MAX);
    let Some(code) = code.filter(|_| back.error.is_none()) else {
        return Ok(Err(Trouble::Denied));
    };
    let asking = async {
        let (provider, at) = reach(console, organization, &settings).await??;
        Ok::<_, AskError>(provider.identity(&at, &attempt, code, now).await?)
    };
    let identity = match asking.await {
        Ok(identity) => identity,
        Err(AskError::Console(error)) => return Err(error),
        Err(AskError::Provider(error)) => {
            tracing::info!(%organization, %error, "a provider let nobody in");
            return Ok(Err(Trouble::Provider(error)));
        }
    };
    let session = NewSession::new(&*door.random);
    let (opened, settings, identity) = (&session, &settings, &identity);
    let opening = door.store.tx("console.sign_in_by_provider", |tx| {
        Box::pin(async move {
            // It may have been changed while the provider was asked, and is not while the session is opened.
            tx.lock_organization(organization).await?;
            if tx.single_sign_on(organization).await?.as_ref() != Some(settings) {
                return Ok(Err(Trouble::NotOurs));
            }
            let (member, is_new) = match whose(tx, organization, settings, identity).await? {
                Ok(found) => found,
                Err(trouble) => return Ok(Err(trouble)),
            };
            let note = |did, detail| audit_event(console, &member, now, (did, None, detail));
            if is_new {
                // An invitation has done its work.
                tx.remove_sign_in_tokens(member.id).await?;
                let bound = note(AuditAction::ProviderAccountBound, None);
                tx.add_audit_event(&bound).await?;
            }
            opened.open_by_provider(tx, &member, now).await?;
            let how = Some("single sign-on".to_owned());
            tx.add_audit_event(&note(AuditAction::SignedIn, how))
                .await?;
            Ok::<_, ConsoleError>(Ok(()))
        })
    });
    Ok(opening.await?.map(|()| (session, next)))
}

/// Why whom a provider has signed in is not known.
enum AskError {
    Console(ConsoleError),
    Provider(ProviderError),
}

impl From<ConsoleError> for AskError {
    fn from(error: ConsoleError) -> Self {
        Self::Console(error)
    }
}

impl From<ProviderError> for AskError {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

/// The member whose account it is, and whether it became theirs just now.
async fn whose(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    settings: &SingleSignOn,
    identity: &Identity,
) -> Result<Result<(Member, bool), Trouble>, StoreError> {
    let account = (settings.issuer.as_str(), identity.subject.as_str());
    let known = tx.member_by_provider(organization, account.0, account.1);
    if let Some(member) = known.await? {
        return Ok(Ok((member, false)));
    }
    let Some(email) = identity.verified_email.as_deref() else {
        return Ok(Err(Trouble::Unverified));
    };
    let bound = tx.bind_provider_account(organization, email, account);
    if let Some(member) = bound.await? {
        return Ok(Ok((member, true)));
    }
    let members = tx.members(organization).await?;
    let is_member = members.iter().any(|member| member.email == email);
    Ok(Err(if is_member {
        Trouble::OtherAccount
    } else {
        Trouble::Unknown
    }))
}

/// Whether a member with this role of the organization must come by its provider; `None` where it has none.
pub(super) async fn rule_for(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    role: MemberRole,
) -> Result<Option<bool>, StoreError> {
    let settings = tx.single_sign_on(organization).await?;
    Ok(settings.map(|settings| settings.is_must_for(role)))
}
