//! A letter as a message that mail servers take (RFC 5322): its parts, its headers and its envelope.

use lettre::{
    Address, Message,
    address::Envelope,
    message::{Attachment, Mailbox, MultiPart, SinglePart, header},
};
use messages::Locale;
use shared::{time::UnixMillis, token::SealError};
use url::Url;

use super::{
    letter::{Letter, Sender},
    logo::{LOGO_ID, Logo},
};
use crate::vault::VaultError;

/// What the messages of a node are composed with.
#[derive(Debug)]
pub struct Composer {
    /// The address that they come from.
    pub from: Address,
    /// The address with which links begin.
    pub links_base: Url,
    /// The address at which members reach the console.
    pub console_base: Url,
    /// The domain at which mails that come back are received, where the origin receives mail.
    pub bounce_domain: Option<String>,
}

/// Why a mail cannot become a message.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The link's URL cannot be made again.
    #[error("the link cannot be made: {0}")]
    Link(#[from] SealError),
    /// What the mail keeps sealed does not open.
    #[error("the mail cannot be opened: {0}")]
    Vault(#[from] VaultError),
    /// What was sealed is no text.
    #[error("what was sealed is no text")]
    NoText,
    /// The address of the recipient is none that mail can be sent to.
    #[error("the recipient's address is not usable")]
    Recipient,
    /// The parts could not be put together from their templates.
    #[error("the template cannot be filled in: {0}")]
    Template(#[from] askama::Error),
    /// The message could not be put together.
    #[error("the message cannot be put together: {0}")]
    Message(#[from] lettre::error::Error),
}

impl ComposeError {
    /// The sentence that tells it to the organization; the log of the origin says more.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Recipient => "no mail can be sent to this address",
            _ => "the message could not be put together",
        }
        .to_owned()
    }
}

/// How the local part of an address begins at which a mail comes back; the mail's id follows.
pub const BOUNCE_MARK: &str = "bounce+";

impl Composer {
    /// The message of a letter. `id` names the mail: the same mail again has the same `Message-ID`.
    ///
    /// # Errors
    /// [`ComposeError`]; another try comes to the same.
    pub fn message(
        &self,
        id: &str,
        (letter, sender): (&Letter, Sender<'_>),
        recipient: &str,
        now: UnixMillis,
    ) -> Result<Message, ComposeError> {
        let texts = Locale::En;
        let to: Address = recipient.parse().map_err(|_| ComposeError::Recipient)?;
        let logo = sender.brand.and_then(Logo::of);
        let html = letter.html(texts, sender, logo.as_ref().map(|_| LOGO_ID))?;
        let html = part(header::ContentType::TEXT_HTML, html);
        let parts = MultiPart::alternative().singlepart(part(
            header::ContentType::TEXT_PLAIN,
            letter.text(texts, sender)?,
        ));
        let parts = match logo {
            None => parts.singlepart(html),
            Some(logo) => {
                let picture = Attachment::new_inline(LOGO_ID.to_owned());
                let picture = picture.body(logo.bytes, logo.kind);
                parts.multipart(MultiPart::related().singlepart(html).singlepart(picture))
            }
        };
        let name = sender.name.to_owned();
        let mut message = Message::builder()
            .from(Mailbox::new(Some(name.clone()), self.from.clone()))
            .to(Mailbox::new(None, to.clone()))
            .subject(letter.subject.clone())
            .date(time_of(now))
            .message_id(Some(format!("<{id}@{}>", self.from.domain())))
            .envelope(Envelope::new(Some(self.return_path(id)), vec![to])?);
        if let Some(support) = sender.support().and_then(|support| support.parse().ok()) {
            message = message.reply_to(Mailbox::new(Some(name), support));
        }
        if letter.is_automatic {
            // Not an answer to anybody, and no answer is wanted from a machine (RFC 3834).
            message = message.header(AutoSubmitted);
        }
        if let Some(url) = &letter.unsubscribe {
            message = message
                .header(ListUnsubscribe(format!("<{url}>")))
                .header(ListUnsubscribePost);
        }
        Ok(message.multipart(parts)?)
    }

    /// The address that is told when the mail cannot be delivered.
    fn return_path(&self, id: &str) -> Address {
        let own = self.bounce_domain.as_deref();
        let own = own.and_then(|domain| Address::new(format!("{BOUNCE_MARK}{id}"), domain).ok());
        own.unwrap_or_else(|| self.from.clone())
    }
}

fn part(kind: header::ContentType, body: String) -> SinglePart {
    SinglePart::builder().header(kind).body(body)
}

fn time_of(now: UnixMillis) -> std::time::SystemTime {
    let millis = u64::try_from(now.0).unwrap_or(0);
    std::time::UNIX_EPOCH + std::time::Duration::from_millis(millis)
}

/// Makes a header whose value is a fixed text, or the text that it holds.
macro_rules! text_header {
    ($(#[$doc:meta])* $type:ident $(($field:ty))?, $name:literal, $value:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        struct $type $(($field))?;

        impl header::Header for $type {
            fn name() -> header::HeaderName {
                header::HeaderName::new_from_ascii_str($name)
            }

            /// No message is read here.
            fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Err(concat!($name, " is only written").into())
            }

            fn display(&self) -> header::HeaderValue {
                let value: fn(&Self) -> String = $value;
                header::HeaderValue::new(Self::name(), value(self))
            }
        }
    };
}

text_header! {
    /// A machine wrote the message (RFC 3834).
    AutoSubmitted, "Auto-Submitted", |_| "auto-generated".to_owned()
}
text_header! {
    /// Where mails of this kind are ended (RFC 2369).
    ListUnsubscribe(String), "List-Unsubscribe", |header| header.0.clone()
}
text_header! {
    /// A mail program may end them by itself, once its user asks for it (RFC 8058).
    ListUnsubscribePost, "List-Unsubscribe-Post", |_| "List-Unsubscribe=One-Click".to_owned()
}
