//! What each mail and notice says.

use messages::Locale;
use shared::{
    id::{LinkId, PublicCompanyId},
    time::UnixMillis,
    token::{self, Claims, KeyRing, NONCE_LEN, TokenKind},
    webhook::WebhookDisabledReason,
};
use url::Url;

use super::{
    composer::{ComposeError, Composer},
    letter::{Action, Letter, Sender},
    unsubscribe,
};
use crate::{
    link_url,
    store::{
        companies::Company,
        connections::Connection,
        links::Link,
        mail_subscriptions::MailSubscription,
        members::Member,
        notices::{Carried, DueNotice},
        outgoing_mails::{DueMail, MailAbout},
        webhook_endpoints::WebhookEndpoint,
    },
};

/// Every mail is in English yet.
const TEXTS: Locale = Locale::En;
/// Where the console shows webhook endpoints.
const WEBHOOKS_PATH: &str = "/console/webhooks";

impl Composer {
    /// What a notice says. `nonce` is for the address that ends reminders, and must be fresh.
    ///
    /// # Errors
    /// [`ComposeError::Link`] when an address cannot be made.
    pub fn notice_letter(
        &self,
        keys: &KeyRing,
        due: &DueNotice,
        nonce: [u8; NONCE_LEN],
    ) -> Result<Letter, ComposeError> {
        let sender = Sender::new(&due.organization.name, due.brand.as_ref());
        match &due.carried {
            Carried::Link(link) => {
                let url = self.link_url(keys, &due.company, link)?;
                let letter = sign_in_again(sender, &due.company, &due.connection, url);
                if due.notice.reminders == 0 {
                    return Ok(letter);
                }
                let unsubscribe = due.subscription.as_ref().map(|subscription| {
                    self.unsubscribe_url(keys, due.company.public_id, subscription, nonce)
                });
                Ok(reminder(
                    letter,
                    due.notice.first_at,
                    unsubscribe.transpose()?,
                ))
            }
            Carried::Code(request) => {
                let company = due.company.public_id;
                let token = link_url::code_token(keys, company, request, &due.connection)?;
                let asked = match &request.asked.target {
                    Some(target) => TEXTS.code_sent_to(request.asked.channel, target),
                    None => TEXTS.code_asked_from(request.asked.channel).to_owned(),
                };
                let host = due.connection.provider_url.host();
                let (name, company_name) = (sender.name, &due.company.name);
                let lead = TEXTS.mail_code_lead(name, company_name, &host).to_string();
                Ok(Letter {
                    subject: TEXTS.mail_code_subject(&host).to_string(),
                    preview: lead.clone(),
                    heading: TEXTS.mail_code_heading(&host).to_string(),
                    paragraphs: vec![lead, asked],
                    action: Some(Action {
                        label: TEXTS.mail_code_button().to_owned(),
                        url: link_url::code_url(&self.links_base, company, &token),
                    }),
                    after: vec![TEXTS.mail_code_time().to_owned()],
                    why: TEXTS.mail_code_why(name, &host).to_string(),
                    unsubscribe: None,
                    is_automatic: true,
                })
            }
        }
    }

    /// What a mail says. `invitation` is the address that its row keeps sealed.
    ///
    /// # Errors
    /// [`ComposeError::Link`] when an address cannot be made.
    pub fn mail_letter(
        &self,
        keys: &KeyRing,
        due: &DueMail,
        invitation: &str,
    ) -> Result<Letter, ComposeError> {
        let sender = Sender::new(&due.organization.name, due.brand.as_ref());
        Ok(match &due.about {
            MailAbout::Link(found, connection) => {
                let url = self.link_url(keys, &found.company, &found.link)?;
                match connection {
                    Some(connection) => update_link(sender, &found.company, connection, url),
                    None => company_link(sender, &found.company, &found.link, url),
                }
            }
            MailAbout::Connected(connection, company) => connected(sender, company, connection),
            MailAbout::Invitation(member) => {
                invited(&due.organization.name, member, invitation.to_owned())
            }
            MailAbout::WebhookOff(endpoint) => {
                let base = self.console_base.as_str().trim_end_matches('/');
                let url = format!("{base}{WEBHOOKS_PATH}");
                webhook_off(&due.organization.name, endpoint, url)
            }
        })
    }

    fn link_url(
        &self,
        keys: &KeyRing,
        company: &Company,
        link: &Link,
    ) -> Result<String, ComposeError> {
        let token = link_url::token(keys, company.public_id, link)?;
        let base: &Url = &self.links_base;
        Ok(link_url::url(base, company.public_id, link.kind, &token))
    }

    /// The address of the page on which reminders are ended.
    fn unsubscribe_url(
        &self,
        keys: &KeyRing,
        company: PublicCompanyId,
        subscription: &MailSubscription,
        nonce: [u8; NONCE_LEN],
    ) -> Result<String, ComposeError> {
        let claims = Claims {
            link: LinkId::from_bytes(*subscription.id.as_bytes()),
            expires: None,
            provider: None,
            country: None,
        };
        let token = token::seal(keys, TokenKind::Unsubscribe, &company, nonce, &claims)?;
        let base = self.links_base.as_str().trim_end_matches('/');
        Ok(format!("{base}{}", unsubscribe::path(company, &token)))
    }
}

/// A connection needs its owner, who repairs it by a link.
fn sign_in_again(
    sender: Sender<'_>,
    company: &Company,
    connection: &Connection,
    url: String,
) -> Letter {
    let (name, host) = (sender.name, connection.provider_url.host());
    let lead = TEXTS
        .mail_sign_in_again_lead(name, &company.name, &host)
        .to_string();
    let reason = TEXTS.repair_reason(connection.status).to_owned();
    let after = TEXTS.mail_sign_in_again_after(name).to_string();
    Letter {
        subject: TEXTS.mail_sign_in_again_subject(&host).to_string(),
        preview: lead.clone(),
        heading: TEXTS.mail_sign_in_again_heading(&host).to_string(),
        paragraphs: vec![lead, reason],
        action: Some(Action {
            label: TEXTS.mail_button().to_owned(),
            url,
        }),
        after: vec![after, TEXTS.mail_link_is_yours().to_owned()],
        why: TEXTS.mail_sign_in_again_why(name, &host).to_string(),
        unsubscribe: None,
        is_automatic: true,
    }
}

/// The same once more, some days later.
fn reminder(letter: Letter, since: UnixMillis, unsubscribe: Option<String>) -> Letter {
    let told = TEXTS.mail_reminder_since(&TEXTS.day(since)).to_string();
    let mut paragraphs = letter.paragraphs;
    paragraphs.push(told.clone());
    Letter {
        subject: TEXTS.mail_reminder(&letter.subject).to_string(),
        preview: told,
        paragraphs,
        unsubscribe,
        ..letter
    }
}

/// An update link that the organization sends: what is said depends on whether the connection needs its owner.
fn update_link(
    sender: Sender<'_>,
    company: &Company,
    connection: &Connection,
    url: String,
) -> Letter {
    let letter = Letter {
        is_automatic: false,
        ..sign_in_again(sender, company, connection, url)
    };
    if connection.status.needs_client() {
        return letter;
    }
    let (name, host) = (sender.name, connection.provider_url.host());
    let lead = TEXTS
        .mail_update_lead(name, &company.name, &host)
        .to_string();
    Letter {
        preview: lead.clone(),
        paragraphs: vec![lead],
        ..letter
    }
}

/// A company link: what it is for, how long it takes, and what comes of it.
fn company_link(sender: Sender<'_>, company: &Company, link: &Link, url: String) -> Letter {
    let name = sender.name;
    let lead = TEXTS.mail_link_lead(name, &company.name).to_string();
    let host = link.provider_url.as_ref().map(|website| website.host());
    let (subject, heading) = match &host {
        Some(host) => (
            TEXTS.mail_link_subject_website(name, host).to_string(),
            TEXTS.mail_link_heading_website(host).to_string(),
        ),
        None => (
            TEXTS.mail_link_subject(name).to_string(),
            TEXTS.mail_link_heading().to_owned(),
        ),
    };
    let mut after = vec![TEXTS.mail_link_after(name).to_string()];
    if let Some(ends) = link.expires_at {
        after.push(TEXTS.mail_link_ends(&TEXTS.day(ends)).to_string());
    }
    after.push(TEXTS.mail_link_forward().to_owned());
    Letter {
        subject,
        preview: lead.clone(),
        heading,
        paragraphs: vec![lead, TEXTS.mail_link_how(name).to_string()],
        action: Some(Action {
            label: TEXTS.mail_link_button().to_owned(),
            url,
        }),
        after,
        why: TEXTS.mail_link_why(name).to_string(),
        unsubscribe: None,
        is_automatic: false,
    }
}

fn connected(sender: Sender<'_>, company: &Company, connection: &Connection) -> Letter {
    let (name, host) = (sender.name, connection.provider_url.host());
    let lead = TEXTS
        .mail_connected_lead(name, &company.name, &host)
        .to_string();
    Letter {
        subject: TEXTS.mail_connected_subject(&host).to_string(),
        preview: lead.clone(),
        heading: TEXTS.mail_connected_heading(&host).to_string(),
        paragraphs: vec![lead, TEXTS.mail_connected_later(name).to_string()],
        action: None,
        after: Vec::new(),
        why: TEXTS.mail_connected_why(name, &host).to_string(),
        unsubscribe: None,
        is_automatic: true,
    }
}

fn invited(organization: &str, member: &Member, url: String) -> Letter {
    let lead = TEXTS
        .mail_invitation_lead(&member.name, organization)
        .to_string();
    Letter {
        subject: TEXTS.mail_invitation_subject(organization).to_string(),
        preview: lead.clone(),
        heading: TEXTS.mail_invitation_heading().to_owned(),
        paragraphs: vec![lead],
        action: Some(Action {
            label: TEXTS.mail_invitation_button().to_owned(),
            url,
        }),
        after: vec![TEXTS.mail_invitation_after().to_owned()],
        why: TEXTS.mail_invitation_why(organization).to_string(),
        unsubscribe: None,
        is_automatic: false,
    }
}

fn webhook_off(organization: &str, endpoint: &WebhookEndpoint, url: String) -> Letter {
    // The rest of its address may hold a secret of the organization's.
    let host = endpoint.url.host_str().unwrap_or_default();
    let reason = endpoint.disabled.map(|(_, reason)| reason);
    let lead = match reason {
        Some(WebhookDisabledReason::Gone) => TEXTS.mail_webhook_off_gone(),
        _ => TEXTS.mail_webhook_off_failing(),
    };
    Letter {
        subject: TEXTS.mail_webhook_off_subject(host).to_string(),
        preview: lead.to_owned(),
        heading: TEXTS.mail_webhook_off_heading(host).to_string(),
        paragraphs: vec![lead.to_owned()],
        action: Some(Action {
            label: TEXTS.mail_webhook_off_button().to_owned(),
            url,
        }),
        after: vec![TEXTS.mail_webhook_off_after().to_owned()],
        why: TEXTS.mail_webhook_off_why(organization).to_string(),
        unsubscribe: None,
        is_automatic: true,
    }
}
