//! A link: its URL and how to send it, and what happened to it.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::Html,
};
use messages::Locale;
use serde::Deserialize;
use shared::{
    id::LinkId,
    status::{LinkEventKind, LinkKind, LinkStatus},
};

use super::{
    bill_words,
    error::ConsoleError,
    form::{Wrong, told_at},
    new_link::LIVES_DAYS,
    page::{Place, Shell, render},
    qr_code::qr_code,
    session::SignedIn,
    timeline::TimelineEntry,
    words::{Moment, StatusWords, day_text_words, status_words},
};
use crate::{
    new_link::link_url,
    store::{connections::Connection, links::LinkForFlow, sites::Site},
};

/// What the status of a link is called, and the class of its mark.
pub(super) fn link_status_words(status: LinkStatus) -> (&'static str, &'static str) {
    match status {
        LinkStatus::Active => ("Active", "waits"),
        LinkStatus::Expired => ("Run out", "off"),
        LinkStatus::Revoked => ("Taken back", "off"),
        LinkStatus::Fulfilled => ("Used", "good"),
    }
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
    log: Vec<TimelineEntry>,
    /// Whether a mail with it was handed over before.
    was_sent: bool,
    /// The sites of the company.
    sites: &'a [Site],
    /// The connections that it made and that are still there.
    made: &'a [Connection],
    filled: &'a Filled,
}

impl LinkPage<'_> {
    fn is_update(&self) -> bool {
        self.found.link.kind == LinkKind::ConnectionUpdate
    }

    /// What stands in the box for the address.
    fn recipient(&self) -> &str {
        let owner = self.found.link.owner_email.as_deref();
        let typed = self.filled.to.as_deref();
        typed.or(owner).unwrap_or_default()
    }

    fn status_words(&self) -> (&'static str, &'static str) {
        link_status_words(self.status)
    }

    /// How often it was used, of how often it may be.
    fn uses(&self) -> String {
        let link = &self.found.link;
        format!("{} of {}", link.use_count, link.max_uses)
    }

    /// Until when it works, as far as it is used up.
    fn works_until(&self) -> String {
        match self.found.link.max_uses {
            _ if self.is_update() => "the connection works again".to_owned(),
            1 => "the connection is made".to_owned(),
            uses => format!("{uses} connections are made"),
        }
    }

    /// What it opens with, as far as something was filled in.
    fn prefilled(&self) -> Vec<(&'static str, String)> {
        let link = &self.found.link;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let country = link.country.map(|country| country.to_string());
        let named = country.as_deref().and_then(|code| {
            let mut all = Locale::En.countries().iter();
            all.find(|(known, _)| *known == code).map(|(_, name)| *name)
        });
        let sites = self.sites.iter();
        let sites = sites.filter(|site| link.initial_sites.contains(&site.id));
        let sites: Vec<_> = sites.map(|site| site.name.as_str()).collect();
        let url = link.provider_url.as_ref().map(ToString::to_string);
        let all = [
            ("Website", url.unwrap_or_default()),
            ("Country", named.unwrap_or_default().to_owned()),
            ("Sites", sites.join(", ")),
            ("Utility types", bill_words::services(&link.utility_types)),
            ("Owner", text(&link.owner_email)),
            (
                "Bills from",
                day_text_words(&text(&link.data_collection_start_date)),
            ),
            ("Leads to afterwards", text(&link.redirect_url)),
            ("Language", text(&link.locale)),
            ("Your id", text(&link.external_id)),
        ];
        let filled = all.into_iter().filter(|(_, value)| !value.is_empty());
        filled.collect()
    }

    /// Whether it can be given a later end.
    fn may_extend(&self) -> bool {
        let ends = self.found.link.expires_at.is_some();
        self.may_send && ends && matches!(self.status, LinkStatus::Active | LinkStatus::Expired)
    }

    fn lives(&self) -> [i64; 5] {
        LIVES_DAYS
    }

    fn problem(&self, field: &str) -> Option<&'static str> {
        told_at(self.filled.wrong, field)
    }

    fn connection_status(&self, connection: &Connection) -> StatusWords {
        status_words(connection.status, connection.inactive_at.is_some())
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
        let (ask, then) = if self.is_update() {
            (
                "the connection to your utility account needs you once more: sign in again, and bills keep coming",
                "",
            )
        } else {
            (
                "we need the utility bills of {company}. Instead of sending them to us, connect your utility account once",
                ", and the first bills reach us within a few days",
            )
        };
        let ask = ask.replace("{company}", company);
        format!(
            "Hello,\n\n{ask}:\n\n{url}\n\nYou sign in at your utility's own website. We never see your password. It takes \
             about two minutes{then}.\n\n{organization}\n"
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

/// What stands behind the page's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Whether it was sent just now.
    sent: Option<String>,
}

/// Shows the link with its log, and its URL to who may send it.
pub(super) async fn show(
    me: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, ConsoleError> {
    let id: LinkId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let filled = Filled {
        is_sent: asked.sent.is_some(),
        ..Filled::default()
    };
    page(&me, id, &filled).await
}

/// The forms of the page as they were filled in.
#[derive(Default)]
pub(super) struct Filled {
    /// Whom it is sent to; the link's owner before somebody typed.
    pub(super) to: Option<String>,
    /// It was sent just now.
    pub(super) is_sent: bool,
    /// Why the link is taken back.
    pub(super) reason: String,
    /// In how many days it is to run out.
    pub(super) life_days: String,
    /// What is wrong with the first field that is.
    pub(super) wrong: Option<Wrong>,
}

/// The page about a link, with its forms filled in.
pub(super) async fn page(
    me: &SignedIn,
    id: LinkId,
    filled: &Filled,
) -> Result<Html<String>, ConsoleError> {
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.link", |tx| {
        Box::pin(async move {
            let found = tx.link(organization, id).await?;
            let found = found.ok_or(ConsoleError::NotFound)?;
            let events = tx.link_events(organization, id).await?;
            let company = found.company.id;
            let sites = tx.sites_of(company).await?;
            let made = tx.connections_of_links(company, &[id]).await?;
            Ok::<_, ConsoleError>((found, events, sites, made))
        })
    });
    let (found, events, sites, made) = reading.await?;
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
        shell: Shell::new(me, Place::Links),
        was_sent: events
            .iter()
            .any(|event| event.kind == LinkEventKind::MailSent),
        status,
        qr_code: url.as_deref().and_then(qr_code),
        may_send,
        url: url.as_deref(),
        expires: found.link.expires_at.map(Moment::at),
        log: events.iter().map(TimelineEntry::of_link).collect(),
        found: &found,
        sites: &sites,
        made: &made,
        filled,
    })
}
