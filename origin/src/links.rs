//! What an organization does with links, by API, at the console or at the command line: makes, sends and extends them, and
//! takes them back.

use shared::{
    id::{CompanyId, ConnectionId, LinkId, MailId, SiteId},
    member::AuditAction,
    status::LinkStatus,
    token::KeyRing,
    webhook::WebhookEventType,
};
use url::Url;

use crate::{
    api_types::LinkAddress,
    audit::Author,
    clock::bytes,
    config::SandboxConfig,
    fields::FieldError,
    link_fields::{
        NewLink, NewUpdateLink, not_listed, of_other_environment, strangers, unmakeable,
    },
    link_url,
    mail::{SentOften, send_link_again},
    new_link::{expiry, later_end},
    store::{
        StoreError, Tx, TxError, companies::Company, link_changes::Revocation, links::Link,
        sites::Site,
    },
    webhooks::Outbox,
};

/// What links are made with.
#[derive(Clone, Copy)]
pub struct LinkSources<'a> {
    /// The keys that seal tokens.
    pub keys: &'a KeyRing,
    /// The address with which all links begin.
    pub base: &'a Url,
    /// The websites on which organizations try things out.
    pub sandbox: &'a SandboxConfig,
}

/// The longest reason for taking a link back, in characters.
pub const MAX_REASON: usize = 500;

const DAY_SECONDS: i64 = 86_400;

/// Why a link is not made, or stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum LinkRefused {
    /// The organization has no such link, company or connection.
    #[error("there is no such link, company or connection")]
    Unknown,
    /// The connection that a link is to repair is switched off.
    #[error("the connection is switched off: there is nothing to repair")]
    SwitchedOff,
    /// Some fields are wrong: all that are.
    #[error("some fields are not right")]
    Fields(Vec<FieldError>),
    /// The link has run out.
    #[error("the link has run out")]
    Expired,
    /// The link was taken back.
    #[error("the link was taken back")]
    Revoked,
    /// The link has done its work.
    #[error("the link has done its work")]
    Fulfilled,
    /// The link has no end that could be later.
    #[error("the link never ends")]
    Endless,
    /// The link was sent as often as it may be within a day, or its recipient got as many links.
    #[error("the link was sent often enough today")]
    SentOften {
        /// After how many seconds it may be sent once more.
        seconds: i64,
    },
    /// The database failed, and nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TxError for LinkRefused {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

fn field(name: &str, detail: &str) -> LinkRefused {
    LinkRefused::Fields(vec![FieldError {
        field: name.into(),
        detail: detail.into(),
    }])
}

/// A company link that is asked for.
pub struct AskedLink {
    /// Its row, which may have been made of fields that are wrong.
    pub link: Link,
    sites: Vec<(usize, SiteId)>,
    wrong: Vec<FieldError>,
}

impl AskedLink {
    /// Such a link of the company, from what [`NewLink::read`] has read.
    #[must_use]
    pub fn of(
        (new, wrong): (NewLink, Vec<FieldError>),
        sources: LinkSources<'_>,
        author: &Author<'_>,
        company: CompanyId,
    ) -> Self {
        let sites = new.initial_sites.clone();
        let link = new.link((sources.keys, author.random), author.now, company);
        Self { link, sites, wrong }
    }
}

/// Makes a link of the organization's company, if nothing is wrong with it: the company.
///
/// # Errors
/// [`LinkRefused::Unknown`], [`LinkRefused::Fields`], and when the database fails.
pub async fn make(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    sources: LinkSources<'_>,
    asked: &AskedLink,
) -> Result<Company, LinkRefused> {
    let link = &asked.link;
    let company = tx.company(author.organization, link.company).await?;
    let company = company.ok_or(LinkRefused::Unknown)?;
    let sites: Vec<Site> = match asked.sites.is_empty() {
        true => Vec::new(),
        false => tx.sites_of(company.id).await?,
    };
    let mut wrong = asked.wrong.clone();
    wrong.extend(strangers(&asked.sites, &sites));
    check(tx, sources, (&company, link), wrong).await?;
    if !tx.add_link(author.organization, link).await? {
        return Err(LinkRefused::Unknown);
    }
    let (did, id) = (AuditAction::LinkMade, link.id.to_string());
    let name = Some(company.name.clone());
    author.did(tx, did, Some(id), name).await?;
    Ok(company)
}

/// Makes a link that repairs the organization's connection, if nothing is wrong with it: its company and the link.
///
/// # Errors
/// [`LinkRefused::Unknown`], [`LinkRefused::SwitchedOff`], [`LinkRefused::Fields`], and when the database fails.
pub async fn make_update(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    sources: LinkSources<'_>,
    connection: ConnectionId,
    (new, wrong): (&NewUpdateLink, &[FieldError]),
) -> Result<(Company, Link), LinkRefused> {
    let organization = author.organization;
    let connection = tx.connection(organization, connection).await?;
    let connection = connection.ok_or(LinkRefused::Unknown)?;
    if connection.inactive_at.is_some() {
        return Err(LinkRefused::SwitchedOff);
    }
    let company = tx.company(organization, connection.company).await?;
    let company = company.ok_or(LinkRefused::Unknown)?;
    let (id, nonce) = (
        LinkId::from_random(bytes(author.random)),
        bytes(author.random),
    );
    let key = sources.keys.sealing_id();
    let mut link = Link::for_update(id, &connection, key, nonce, author.now);
    link.expires_at = expiry(author.now, new.expires_in_seconds);
    if let Some(owner) = &new.connection_owner_email {
        link.owner_email = Some(owner.clone());
    }
    link.redirect_url.clone_from(&new.redirect_url);
    link.external_id.clone_from(&new.external_id);
    link.locale.clone_from(&new.locale);
    check(tx, sources, (&company, &link), wrong.to_vec()).await?;
    tx.add_link(organization, &link).await?;
    let name = Some(connection.provider_name);
    let did = AuditAction::UpdateLinkMade;
    author.did(tx, did, Some(id.to_string()), name).await?;
    Ok((company, link))
}

/// Names what was wrong with the fields, and what only company and organization tell: where the client may be led to, and
/// whether the URL can be made.
async fn check(
    tx: &mut Tx<'_>,
    sources: LinkSources<'_>,
    (company, link): (&Company, &Link),
    mut wrong: Vec<FieldError>,
) -> Result<(), LinkRefused> {
    if link.redirect_url.is_some() {
        let listed = tx.redirect_origins(company.organization).await?;
        wrong.extend(not_listed(&listed, link.redirect_url.as_deref()));
    }
    wrong.extend(unmakeable((sources.keys, sources.base), company, link));
    wrong.extend(of_other_environment(sources.sandbox, company, link));
    if wrong.is_empty() {
        return Ok(());
    }
    Err(LinkRefused::Fields(wrong))
}

/// Gives the organization's link a later end, and with it a new URL. The old URL ends when it would have.
///
/// # Errors
/// [`LinkRefused`] says why nothing was changed: no such link, a state that does not allow it, or the database.
pub async fn extend(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    keys: &KeyRing,
    id: LinkId,
    expires_in_seconds: i64,
) -> Result<(), LinkRefused> {
    let (organization, now) = (author.organization, author.now);
    let before = own(tx, author, id).await?;
    let expires_at = now.plus(expires_in_seconds.saturating_mul(1000));
    let end = later_end(keys, &before, now, (expires_at, bytes(author.random)));
    if !tx.extend_link(organization, id, end, now).await? {
        let stands = own(tx, author, id).await?;
        return Err(if stands.revoked_at.is_some() {
            LinkRefused::Revoked
        } else if stands.fulfilled_at.is_some() {
            LinkRefused::Fulfilled
        } else if stands.expires_at.is_none() {
            LinkRefused::Endless
        } else {
            let told = "must end the link later than it does already";
            field("expiresInSeconds", told)
        });
    }
    let did = AuditAction::LinkExtended;
    let told = match expires_in_seconds {
        whole if whole % DAY_SECONDS == 0 => format!("{} days", whole / DAY_SECONDS),
        seconds => format!("{seconds} seconds"),
    };
    let id = Some(id.to_string());
    author.did(tx, did, id, Some(told)).await?;
    Ok(())
}

/// Takes the organization's link back, and tells webhooks; false when it was taken back before, and stays as it is.
///
/// # Errors
/// [`LinkRefused::Unknown`], [`LinkRefused::Fulfilled`], and when the database fails.
pub async fn take_back(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    id: LinkId,
    reason: Option<&str>,
) -> Result<bool, LinkRefused> {
    let (organization, now) = (author.organization, author.now);
    let before = own(tx, author, id).await?;
    if before.revoked_at.is_some() {
        return Ok(false);
    }
    match tx.revoke_link(organization, id, reason, now).await? {
        Revocation::Revoked => {}
        Revocation::Fulfilled => return Err(LinkRefused::Fulfilled),
        Revocation::Unknown => return Err(LinkRefused::Unknown),
    }
    let (did, told) = (AuditAction::LinkRevoked, reason.map(str::to_owned));
    author.did(tx, did, Some(id.to_string()), told).await?;
    if let Some(outbox) = Outbox::of(tx, before.company, author.random, now).await? {
        outbox.link(tx, WebhookEventType::LinkRevoked, id).await?;
    }
    Ok(true)
}

/// Sends the organization's link by mail, to its owner where nobody is named: the mail and whom it goes to.
///
/// # Errors
/// [`LinkRefused`] says why nothing was changed: no such link, a state that does not allow it, or the database.
pub async fn send(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    id: LinkId,
    to: Option<&str>,
) -> Result<(MailId, String), LinkRefused> {
    let now = author.now;
    let link = own(tx, author, id).await?;
    match link.status(now) {
        LinkStatus::Active => {}
        LinkStatus::Expired => return Err(LinkRefused::Expired),
        LinkStatus::Revoked => return Err(LinkRefused::Revoked),
        LinkStatus::Fulfilled => return Err(LinkRefused::Fulfilled),
    }
    let to = to.or(link.owner_email.as_deref());
    let Some(to) = to else {
        let told = "is required: the link has no connectionOwnerEmail";
        return Err(field("to", told));
    };
    let of = (author.organization, &link);
    let sent = send_link_again(tx, author.random, of, to, now).await?;
    let mail = sent.map_err(|SentOften { again_at }| LinkRefused::SentOften {
        seconds: (again_at.since(now) + 999) / 1000,
    })?;
    let (did, told) = (AuditAction::LinkSent, Some(to.to_owned()));
    author.did(tx, did, Some(id.to_string()), told).await?;
    Ok((mail, to.to_owned()))
}

/// What opens the link; none when its key was retired.
#[must_use]
pub fn address(sources: LinkSources<'_>, company: &Company, link: &Link) -> Option<LinkAddress> {
    let token = link_url::token(sources.keys, company.public_id, link).ok()?;
    Some(LinkAddress {
        url: link_url::url(sources.base, company.public_id, link.kind, &token),
        token,
    })
}

/// The organization's link; another's is as unknown as none.
async fn own(tx: &mut Tx<'_>, author: &Author<'_>, id: LinkId) -> Result<Link, LinkRefused> {
    let found = tx.link(author.organization, id).await?;
    Ok(found.ok_or(LinkRefused::Unknown)?.link)
}
