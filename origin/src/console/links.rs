//! A link: its URL and how to send it, and what happened to it.

use askama::Template;
use axum::{
    extract::Path,
    response::{Html, IntoResponse as _, Redirect, Response},
};
use qrcode::{QrCode, render::svg};
use shared::{
    id::LinkId,
    member::AuditAction,
    status::{ErrorCode, LinkEventKind, LinkKind, LinkStatus},
    webhook::WebhookEventType,
};

use super::{
    error::ConsoleError,
    form::Form,
    page::{Place, Shell, render},
    session::SignedIn,
    words::Moment,
};
use crate::{
    new_link::link_url,
    store::{
        Tx,
        link_changes::Revocation,
        links::{LinkEvent, LinkForFlow},
    },
    webhooks::Outbox,
};

/// A line of the log in words.
struct LogLine {
    at: Moment,
    text: String,
}

#[derive(Template)]
#[template(path = "console/link.html")]
struct LinkPage<'a> {
    shell: Shell<'a>,
    found: &'a LinkForFlow,
    status: LinkStatus,
    /// Whether the member may send links.
    may_send: bool,
    /// The URL, while it can still be opened, for who may send it.
    url: Option<&'a str>,
    /// The URL as a picture (SVG), to be scanned by a phone.
    qr_code: Option<String>,
    expires: Option<Moment>,
    log: Vec<LogLine>,
}

impl LinkPage<'_> {
    fn is_update(&self) -> bool {
        self.found.link.kind == LinkKind::ConnectionUpdate
    }

    fn status_words(&self) -> (&'static str, &'static str) {
        match self.status {
            LinkStatus::Active => ("Active", "good"),
            LinkStatus::Expired => ("Run out", "off"),
            LinkStatus::Revoked => ("Revoked", "off"),
            LinkStatus::Fulfilled => ("Used", "good"),
        }
    }

    /// A short text message.
    fn text_message(&self) -> String {
        let (organization, url) = (
            &self.shell.me.organization.name,
            self.url.unwrap_or_default(),
        );
        if self.is_update() {
            format!(
                "{organization}: your utility account needs you to sign in once more. It takes about two minutes: {url}"
            )
        } else {
            format!(
                "{organization}: please connect your utility account, so that we get your bills by ourselves. It takes about two minutes: {url}"
            )
        }
    }

    fn mail_subject(&self) -> String {
        let organization = &self.shell.me.organization.name;
        if self.is_update() {
            format!("Please sign in to your utility account once more for {organization}")
        } else {
            format!("Please connect your utility account for {organization}")
        }
    }

    fn mail_body(&self) -> String {
        let (organization, company) = (&self.shell.me.organization.name, &self.found.company.name);
        let url = self.url.unwrap_or_default();
        let ask = if self.is_update() {
            "the connection to your utility account needs you once more: sign in again, and bills keep coming"
        } else {
            "we need the utility bills of {company}. Instead of sending them to us, connect your utility account once"
        };
        let ask = ask.replace("{company}", company);
        format!(
            "Hello,\n\n{ask}:\n\n{url}\n\nYou sign in at your utility's own website. We never see your password. It takes \
             about two minutes, and the first bills reach us within a few days.\n\n{organization}\n"
        )
    }

    /// An address that opens a mail program with the text.
    fn mail_address(&self) -> String {
        let owner = self.found.link.owner_email.as_deref().unwrap_or_default();
        let encoded = |text: &str| {
            let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            text.replace('+', "%20")
        };
        let (subject, body) = (encoded(&self.mail_subject()), encoded(&self.mail_body()));
        format!("mailto:{}?subject={subject}&body={body}", encoded(owner))
    }
}

/// Shows the link with its log, and its URL to who may send it.
pub(super) async fn show(
    me: SignedIn,
    Path(id): Path<String>,
) -> Result<Html<String>, ConsoleError> {
    let id: LinkId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.link", |tx| {
        Box::pin(async move {
            let found = tx.link(organization, id).await?;
            let found = found.ok_or(ConsoleError::NotFound)?;
            let events = tx.link_events(organization, id).await?;
            Ok::<_, ConsoleError>((found, events))
        })
    });
    let (found, events) = reading.await?;
    let status = found.link.status(me.now);
    let (keys, base) = (&me.console.door.token_keys, &me.console.door.links_base);
    // Whoever has it can use it: who only reads is not shown it.
    let may_send = me.member.role.may_write();
    let url = (status == LinkStatus::Active && may_send)
        .then(|| link_url(keys, base, found.company.public_id, &found.link))
        .transpose();
    let url = url.unwrap_or_else(|error| {
        tracing::warn!(link = %found.link.id, %error, "the URL of a link cannot be made again");
        None
    });
    render(&LinkPage {
        shell: Shell::new(&me, Place::Connections),
        status,
        qr_code: url.as_deref().and_then(qr_code),
        may_send,
        url: url.as_deref(),
        expires: found.link.expires_at.map(Moment::at),
        log: events.iter().map(log_line).collect(),
        found: &found,
    })
}

/// Takes a link back.
pub(super) async fn revoke(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: LinkId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let event = me.audit(AuditAction::LinkRevoked, Some(id.to_string()), None);
    let (who, event) = (&me, &event);
    let revoking = me.console.door.store.tx("console.revoke_link", |tx| {
        Box::pin(async move {
            if take_back(tx, who, id).await? {
                tx.add_audit_event(event).await?;
            }
            Ok::<_, ConsoleError>(())
        })
    });
    revoking.await?;
    Ok(Redirect::to(&format!("/console/links/{id}")).into_response())
}

/// Takes it back, and tells webhooks; false when it was taken back before.
async fn take_back(tx: &mut Tx<'_>, me: &SignedIn, id: LinkId) -> Result<bool, ConsoleError> {
    let organization = me.organization.id;
    let before = tx.link(organization, id).await?;
    let before = before.ok_or(ConsoleError::NotFound)?;
    if before.link.revoked_at.is_some() {
        return Ok(false);
    }
    match tx.revoke_link(organization, id, None, me.now).await? {
        Revocation::Revoked => {}
        Revocation::Fulfilled => return Err(ConsoleError::LinkUsed),
        Revocation::Unknown => return Err(ConsoleError::NotFound),
    }
    let (company, random) = (before.company.id, &*me.console.door.random);
    if let Some(outbox) = Outbox::of(tx, company, random, me.now).await? {
        outbox.link(tx, WebhookEventType::LinkRevoked, id).await?;
    }
    Ok(true)
}

fn qr_code(url: &str) -> Option<String> {
    let code = QrCode::new(url).ok()?;
    // Dark on light in every colour scheme: scanners expect it so.
    let picture = code
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .build();
    // Without the declaration of an XML file.
    picture
        .find("<svg")
        .and_then(|at| picture.get(at..))
        .map(str::to_owned)
}

fn log_line(event: &LinkEvent) -> LogLine {
    let detail = event.detail.as_deref().unwrap_or_default();
    let code = detail.parse::<ErrorCode>().ok();
    let text = match event.kind {
        LinkEventKind::Created => "The link was made".to_owned(),
        LinkEventKind::Opened => "A person opened it".to_owned(),
        LinkEventKind::Refused => format!("It was opened, and refused: {}", refusal(detail)),
        LinkEventKind::SignInStarted => "The utility's website was opened".to_owned(),
        LinkEventKind::SignInFailed => {
            let why = code.map(failure).unwrap_or(detail);
            format!("The sign-in did not work: {why}")
        }
        LinkEventKind::SignedIn => "The person signed in".to_owned(),
        LinkEventKind::Fulfilled => "The connection was made".to_owned(),
        LinkEventKind::ConnectedAnother => "Another account was connected as well".to_owned(),
        LinkEventKind::Abandoned => "The person left before it was finished".to_owned(),
        LinkEventKind::Extended => "The link was given a later end".to_owned(),
        LinkEventKind::Revoked => "The link was taken back".to_owned(),
        LinkEventKind::MailRefused => format!("The mail with the link was refused: {detail}"),
    };
    LogLine {
        at: Moment::at(event.at),
        text,
    }
}

fn refusal(detail: &str) -> &str {
    match detail {
        "EXPIRED" => "its time has run out",
        "REVOKED" => "it was taken back",
        "USED" => "it was used already",
        "BUSY" => "too many people were at it",
        other => other,
    }
}

fn failure(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::CredentialsInvalid => "the website did not accept user name or password",
        ErrorCode::AccountLocked => "the website has locked the account",
        ErrorCode::CaptchaBlocked => "the website asked for a captcha that was not solved",
        ErrorCode::UnsupportedAuth => "this way of signing in cannot be repeated",
        ErrorCode::SiteDown => "the website answered with errors",
        ErrorCode::SiteUnreachable => "the website could not be reached",
        ErrorCode::TimedOut => "it took too long",
        ErrorCode::CodeInvalid => "the website did not accept the code",
        ErrorCode::CodeExpired => "the code came too late",
        ErrorCode::BlockedAddress => "the address is not on the public internet",
        ErrorCode::BrowserLost => "the browser that showed the website ended",
        ErrorCode::Busy => "too many websites were open here",
        ErrorCode::NewPasswordNeeded => "the website demands a new password",
        ErrorCode::ConsentNeeded => "terms are to be accepted on the website first",
        ErrorCode::BrowserUnsupported => "the website does not want this browser",
        ErrorCode::Unencrypted => "the website would send the password in clear",
    }
}
