//! What receives one-time codes: a mail domain, and phone numbers.

use std::net::SocketAddr;

use url::Url;
use zeroize::Zeroizing;

use super::{Secret32, reader::Reader};

/// The settings of the door for messages that bring codes.
#[derive(Debug, Clone, Default)]
pub struct InboundConfig {
    /// The domain of the mail addresses that connections get. `None`: connections get none.
    pub domain: Option<String>,
    /// Where the door for mail servers and SMS providers listens. `None`: there is none, and mail comes through the edge
    /// alone.
    pub listen: Option<SocketAddr>,
    /// What a mail server must show at that door.
    pub secret: Option<Secret32>,
    /// The DNS server that keys of DKIM are asked of; those of this machine when not set.
    pub dns: Option<SocketAddr>,
    /// The SMS provider's webhook. `None`: connections get no number.
    pub sms: Option<SmsConfig>,
}

/// The webhook of an SMS provider, in the format of Twilio.
#[derive(Clone)]
pub struct SmsConfig {
    /// The numbers that receive text messages, E.164.
    pub numbers: Vec<String>,
    /// Signs the provider's requests. Wiped when it is dropped, never printed.
    pub auth_token: Zeroizing<String>,
    /// The address of the webhook as the provider was told: it is part of what is signed.
    pub public_url: Url,
}

impl std::fmt::Debug for SmsConfig {
    /// Shows the numbers and the address, and never the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmsConfig")
            .field("numbers", &self.numbers)
            .field("public_url", &self.public_url.as_str())
            .finish_non_exhaustive()
    }
}

/// Reads `[inbound]`; `None` when something in it is wrong.
pub(super) fn inbound(reader: &mut Reader) -> Option<InboundConfig> {
    let before = reader.problems.len();
    let domain = reader
        .maybe::<String>("inbound.domain", "a host name")
        .map(|domain| domain.to_ascii_lowercase());
    if domain.as_deref().is_some_and(|domain| !is_domain(domain)) {
        reader.problem(
            "inbound.domain",
            "is not right: expected the domain of mail addresses, such as codes.example.com",
        );
    }
    let listen: Option<SocketAddr> = reader.maybe("inbound.listen", "address:port");
    let secret = reader.maybe("inbound.secret", "64 hex digits");
    let dns = reader.maybe("inbound.dns", "address:port");
    let sms = sms(reader);
    if listen.is_some() && secret.is_none() && sms.is_none() {
        reader.missing(
            "inbound.secret",
            "64 random hex digits, which your mail server shows at inbound.listen",
        );
    }
    if listen.is_none() {
        for (is_set, setting) in [
            (secret.is_some(), "inbound.secret"),
            (sms.is_some(), "inbound.sms.numbers"),
        ] {
            if is_set {
                reader.missing("inbound.listen", &format!("{setting} is for this door"));
            }
        }
    }
    (reader.problems.len() == before).then_some(InboundConfig {
        domain,
        listen,
        secret,
        dns,
        sms,
    })
}

fn sms(reader: &mut Reader) -> Option<SmsConfig> {
    let numbers = reader.list("inbound.sms.numbers").unwrap_or_default();
    if numbers.iter().any(|number| !is_number(number)) {
        reader.problem(
            "inbound.sms.numbers",
            "is not right: expected numbers such as +15005550006",
        );
    }
    let auth_token: Option<String> = reader.maybe("inbound.sms.auth_token", "the provider's token");
    let public_url: Option<Url> =
        reader.maybe("inbound.sms.public_url", "the address of the webhook");
    if auth_token
        .as_deref()
        .is_some_and(|token| token.trim().is_empty())
    {
        reader.problem(
            "inbound.sms.auth_token",
            "is not right: expected the provider's token, and it is empty",
        );
    }
    if public_url.as_ref().is_some_and(|url| !is_webhook(url)) {
        reader.problem(
            "inbound.sms.public_url",
            "is not right: expected an address with its path, such as https://inbound.example.com/inbound/sms",
        );
    }
    if numbers.is_empty() && auth_token.is_none() && public_url.is_none() {
        return None;
    }
    for (is_there, setting, meaning) in [
        (
            !numbers.is_empty(),
            "inbound.sms.numbers",
            "the numbers that receive text messages",
        ),
        (
            auth_token.is_some(),
            "inbound.sms.auth_token",
            "what signs the provider's requests",
        ),
        (
            public_url.is_some(),
            "inbound.sms.public_url",
            "the address of the webhook as the provider was told, with /inbound/sms",
        ),
    ] {
        if !is_there {
            reader.missing(setting, meaning);
        }
    }
    Some(SmsConfig {
        numbers,
        auth_token: Zeroizing::new(auth_token?),
        public_url: public_url?,
    })
}

/// Whether mail can be addressed there.
fn is_domain(domain: &str) -> bool {
    lettre::Address::new("a", domain).is_ok() && !domain.starts_with('[')
}

/// Whether it may be the address of a webhook.
fn is_webhook(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() != "/"
}

/// Whether it is a phone number in the form of E.164.
fn is_number(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
