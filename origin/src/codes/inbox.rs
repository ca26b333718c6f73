//! What comes of a message: the one way that mails and text messages take, whichever door they came by.

use std::sync::Arc;

use bytes::Bytes;
use code_reader::{Mail, Reading, forwarding::Confirmation, read_text};
use shared::{inbound_mail::MAIL_MAX, status::CodeAnswerer};
use tokio::task::spawn_blocking;

use super::{
    ChannelCodes, Delivered, Envelope, ForwardingConfirmation, MailAuthentication,
    forwarding_answer::ForwardingAnswer,
};
use crate::{
    mail::{bounced_id, note_bounce},
    rate_limit::RateLimiter,
    store::{StoreError, code_channels::OpenChannel},
};

/// A text message that is longer is not read, in bytes.
const TEXT_MAX: usize = 8 * 1024;
/// Messages to one mail address, or from one sender to one number, that may come at once.
const BURST: i64 = 20;
/// Milliseconds in which it earns one more.
const EARN_MS: i64 = 30_000;
/// Messages to one number that may come at once: all connections share it.
const NUMBER_BURST: i64 = 300;
/// Milliseconds in which a number earns one more.
const NUMBER_EARN_MS: i64 = 1_000;
/// A sender's number or name is told apart by so many characters.
const SENDER_MAX: usize = 32;
/// A local part is no longer than that.
const LOCAL_MAX: usize = 64;

/// What became of a message. Nothing else of it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// Its code was read.
    Code(Delivered),
    /// It asks to confirm a forwarding, or a sign-in, and is kept for whoever sets the address up.
    Confirmation,
    /// It says that a mail of ours came back.
    Bounce,
    /// It holds nothing that anybody waits for.
    Nothing,
    /// Nobody has this address, or nobody uses it any more.
    NoSuchAddress,
    /// Too many came to this address, or from this sender.
    TooMany,
    /// It is too long.
    TooLong,
}

/// Reads messages to the addresses of channels.
pub struct Inbox {
    codes: ChannelCodes,
    authentication: MailAuthentication,
    answer: Arc<dyn ForwardingAnswer>,
    domain: Option<String>,
    numbers: Vec<String>,
    rates: RateLimiter<String>,
    number_rates: RateLimiter<String>,
}

impl Inbox {
    /// Reads mail to `domain`, and text messages to these numbers.
    #[must_use]
    pub fn new(
        codes: ChannelCodes,
        authentication: MailAuthentication,
        answer: Arc<dyn ForwardingAnswer>,
        domain: Option<String>,
        numbers: Vec<String>,
    ) -> Self {
        Self {
            codes,
            authentication,
            answer,
            domain,
            numbers,
            rates: RateLimiter::new(BURST, EARN_MS),
            number_rates: RateLimiter::new(NUMBER_BURST, NUMBER_EARN_MS),
        }
    }

    /// Takes a mail as it was received.
    ///
    /// # Errors
    /// When the database fails: it may be brought again.
    pub async fn mail(&self, envelope: &Envelope, raw: &Bytes) -> Result<Received, StoreError> {
        if raw.len() > MAIL_MAX {
            return Ok(Received::TooLong);
        }
        let Some(local) = self.local_part(&envelope.recipient) else {
            return Ok(Received::NoSuchAddress);
        };
        if let Some(id) = bounced_id(&local) {
            return self.bounce(id, &local, raw).await;
        }
        let open = self.codes.open_at(CodeAnswerer::Email, &local).await?;
        let Some(channel) = open.first() else {
            return Ok(Received::NoSuchAddress);
        };
        let now = self.codes.clock.now();
        if self.rates.take(local, now).is_err() {
            return Ok(Received::TooMany);
        }
        let is_awaited = channel.channel.waits_until > now;
        let received = match found(raw.clone(), is_awaited).await {
            Found::Confirmation(found) => {
                self.confirmation(channel, found, (envelope, raw)).await?
            }
            Found::Approval(found) if is_awaited => {
                let shown = self.shown(found, (envelope, raw)).await;
                self.keep(channel, shown).await?
            }
            Found::Code(code) => Received::Code(self.codes.deliver(&open, &code, "").await?),
            _ => Received::Nothing,
        };
        tracing::info!(channel = %channel.channel.id, ?received, "a mail came");
        Ok(received)
    }

    /// Takes a mail to an address from which one of ours was sent.
    async fn bounce(&self, id: &str, local: &str, raw: &Bytes) -> Result<Received, StoreError> {
        let now = self.codes.clock.now();
        if self.rates.take(local.to_owned(), now).is_err() {
            return Ok(Received::TooMany);
        }
        let noted = note_bounce(&self.codes.store, id, raw, now).await?;
        tracing::info!(mail = %id, noted, "a mail came to where mails come back");
        Ok(if noted {
            Received::Bounce
        } else {
            Received::Nothing
        })
    }

    /// Takes a text message to one of the numbers. Who sent it is only what the network says.
    ///
    /// # Errors
    /// When the database fails: it may be brought again.
    pub async fn text(
        &self,
        number: &str,
        sender: &str,
        text: &str,
    ) -> Result<Received, StoreError> {
        if text.len() > TEXT_MAX {
            return Ok(Received::TooLong);
        }
        if !self.numbers.iter().any(|known| known == number) {
            return Ok(Received::NoSuchAddress);
        }
        let open = self.codes.open_at(CodeAnswerer::Sms, number).await?;
        if open.is_empty() {
            return Ok(Received::NoSuchAddress);
        }
        let now = self.codes.clock.now();
        let sender: String = sender.chars().take(SENDER_MAX).collect();
        let of_sender = self.rates.take(format!("{number} {sender}"), now);
        // What a sender is refused takes nothing of what the others share.
        if of_sender.is_err() || self.number_rates.take(number.to_owned(), now).is_err() {
            return Ok(Received::TooMany);
        }
        let received = match read_text(text) {
            Reading::Code(code) => {
                let words = text.to_lowercase();
                Received::Code(self.codes.deliver(&open, &code, &words).await?)
            }
            Reading::Approval(_) | Reading::Nothing => Received::Nothing,
        };
        tracing::info!(channels = open.len(), ?received, "a text message came");
        Ok(received)
    }

    async fn confirmation(
        &self,
        channel: &OpenChannel,
        found: Confirmation,
        mail: (&Envelope, &Bytes),
    ) -> Result<Received, StoreError> {
        let mut shown = self.shown(found, mail).await;
        shown.was_answered = self.answer.answer(&shown).await;
        self.keep(channel, shown).await
    }

    /// What is kept of a mail: only such a mail's signatures and sender are checked, since each costs look-ups.
    async fn shown(
        &self,
        found: Confirmation,
        (envelope, raw): (&Envelope, &Bytes),
    ) -> ForwardingConfirmation {
        ForwardingConfirmation {
            from: found.from,
            code: found.code,
            link: found.link,
            signed_by: self.authentication.signers(raw).await,
            spf: self.authentication.spf(envelope).await,
            was_answered: false,
        }
    }

    async fn keep(
        &self,
        channel: &OpenChannel,
        shown: ForwardingConfirmation,
    ) -> Result<Received, StoreError> {
        let kept = self.codes.keep_confirmation(channel, &shown).await?;
        Ok(if kept {
            Received::Confirmation
        } else {
            Received::Nothing
        })
    }

    /// The local part of an address of our domain, lower case.
    fn local_part(&self, recipient: &str) -> Option<String> {
        let recipient = recipient
            .trim()
            .trim_start_matches('<')
            .trim_end_matches('>');
        let (local, domain) = recipient.rsplit_once('@')?;
        let is_ours = self
            .domain
            .as_deref()
            .is_some_and(|ours| domain.eq_ignore_ascii_case(ours));
        let fits = !local.is_empty() && local.len() <= LOCAL_MAX;
        (is_ours && fits).then(|| local.to_ascii_lowercase())
    }
}

/// What a mail holds.
enum Found {
    /// It asks to confirm a forwarding.
    Confirmation(Confirmation),
    /// It asks to approve a sign-in.
    Approval(Confirmation),
    /// It brings a code.
    Code(String),
    Nothing,
}

/// Reads a mail, on a thread on which nothing else waits: strangers choose what it takes.
async fn found(raw: Bytes, is_awaited: bool) -> Found {
    let read = spawn_blocking(move || {
        let mail = Mail::parse(&raw)?;
        // First this, while the address is set up: the code of a confirmation is for the mail provider, and for no website.
        if is_awaited && let Some(found) = mail.confirmation() {
            return Some(Found::Confirmation(found));
        }
        Some(match mail.reading() {
            Reading::Code(code) => Found::Code(code),
            Reading::Approval(link) => Found::Approval(Confirmation {
                from: mail.sender().unwrap_or_default().to_owned(),
                code: None,
                link: Some(link),
            }),
            Reading::Nothing => Found::Nothing,
        })
    });
    // A mail that brings the reader down holds nothing.
    read.await.ok().flatten().unwrap_or(Found::Nothing)
}
