//! What a notice says, as a mail message.

use lettre::{
    Message,
    message::{Mailbox, MultiPart, SinglePart, header},
};
use messages::Locale;
use shared::{
    time::UnixMillis,
    token::{KeyRing, SealError},
};
use url::Url;

use crate::{
    link_url,
    store::notices::{Carried, DueNotice},
};

/// What the messages of a node are composed with.
#[derive(Debug)]
pub struct Composer {
    /// The address that they come from.
    pub from: lettre::Address,
    /// The address with which links begin.
    pub links_base: Url,
}

/// Why a notice cannot become a message.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The link's URL cannot be made again.
    #[error("the link cannot be made: {0}")]
    Link(#[from] SealError),
    /// The owner's address is none that mail can be sent to.
    #[error("the recipient's address is not usable")]
    Recipient,
    /// The message could not be put together.
    #[error("the message cannot be put together: {0}")]
    Message(#[from] lettre::error::Error),
}

impl Composer {
    /// The message of a notice. The same notice again has the same `Message-ID`.
    ///
    /// # Errors
    /// [`ComposeError`]; another try comes to the same.
    pub fn compose(
        &self,
        keys: &KeyRing,
        due: &DueNotice,
        now: UnixMillis,
    ) -> Result<Message, ComposeError> {
        let text = Locale::En;
        let organization = match &due.brand {
            Some(brand) => brand.name.as_str(),
            None => text.unnamed_sender(),
        };
        let (host, company) = (due.connection.provider_url.host(), due.company.public_id);
        let name = &due.company.name;
        let (url, subject, lead, why, ending, button) = match &due.carried {
            Carried::Link(link) => {
                let token = link_url::token(keys, company, link)?;
                (
                    link_url::url(&self.links_base, company, link.kind, &token),
                    text.mail_sign_in_again_subject(&host).to_string(),
                    text.mail_sign_in_again_lead(organization, name, &host)
                        .to_string(),
                    text.repair_reason(due.connection.status).to_owned(),
                    text.mail_link_is_yours(),
                    text.mail_button(),
                )
            }
            Carried::Code(request) => {
                let token = link_url::code_token(keys, company, request, &due.connection)?;
                let asked = match &request.asked.target {
                    Some(target) => text.code_sent_to(request.asked.channel, target),
                    None => text.code_asked_from(request.asked.channel).to_owned(),
                };
                (
                    link_url::code_url(&self.links_base, company, &token),
                    text.mail_code_subject(&host).to_string(),
                    text.mail_code_lead(organization, name, &host).to_string(),
                    asked,
                    text.mail_code_time(),
                    text.mail_code_button(),
                )
            }
        };
        let subject = match due.notice.reminders {
            0 => subject,
            _ => text.mail_reminder(&subject).to_string(),
        };
        let plain = format!("{lead}\r\n\r\n{why}\r\n\r\n{url}\r\n\r\n{ending}\r\n");
        let html = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><body style=\"font-family:sans-serif;line-height:1.5\">\
             <p>{}</p><p>{}</p><p><a href=\"{}\" style=\"font-weight:bold\">{}</a></p><p style=\"color:#555\">{}</p></body></html>",
            escaped(&lead),
            escaped(&why),
            escaped(&url),
            escaped(button),
            escaped(ending),
        );
        let to = due.notice.recipient.parse();
        let message = Message::builder()
            .from(Mailbox::new(
                Some(organization.to_owned()),
                self.from.clone(),
            ))
            .to(Mailbox::new(None, to.map_err(|_| ComposeError::Recipient)?))
            .subject(subject)
            .date(time_of(now))
            .message_id(Some(format!("<{}@{}>", due.notice.id, self.from.domain())))
            // Not an answer to anybody, and no answer is wanted from a machine (RFC 3834).
            .header(AutoSubmitted)
            .multipart(
                MultiPart::alternative()
                    .singlepart(part(header::ContentType::TEXT_PLAIN, plain))
                    .singlepart(part(header::ContentType::TEXT_HTML, html)),
            )?;
        Ok(message)
    }
}

fn part(kind: header::ContentType, body: String) -> SinglePart {
    SinglePart::builder().header(kind).body(body)
}

fn time_of(now: UnixMillis) -> std::time::SystemTime {
    let millis = u64::try_from(now.0).unwrap_or(0);
    std::time::UNIX_EPOCH + std::time::Duration::from_millis(millis)
}

/// Text for HTML: nothing in it is markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c => safe.push(c),
        }
    }
    safe
}

/// `Auto-Submitted: auto-generated`.
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
