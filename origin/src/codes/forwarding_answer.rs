//! Answering a mail provider that asks whether mail may be forwarded, where it is certain who asks.

use futures_util::future::BoxFuture;
use url::Url;

use super::ForwardingConfirmation;

/// A mail provider whose confirmations are answered: its mails are signed by exactly this domain, and its links lead to
/// exactly these hosts.
#[derive(Debug, Clone)]
pub struct MailProvider {
    /// The domain of the signature (DKIM), and of the sender's address.
    pub domain: String,
    /// The hosts of the links that confirm, over https.
    pub hosts: Vec<String>,
}

impl MailProvider {
    /// The providers whose confirmations are known well enough. All others are shown to the client, who answers.
    #[must_use]
    pub fn known() -> Vec<Self> {
        vec![Self {
            domain: "google.com".to_owned(),
            hosts: vec![
                "mail-settings.google.com".to_owned(),
                "mail.google.com".to_owned(),
            ],
        }]
    }
}

/// Answers confirmations of forwarding.
pub trait ForwardingAnswer: Send + Sync {
    /// Follows the confirmation's link if it is beyond doubt a known provider's. Whether it did so and the provider
    /// answered well.
    fn answer<'a>(&'a self, confirmation: &'a ForwardingConfirmation) -> BoxFuture<'a, bool>;
}

/// The link of a confirmation that may be followed: signature, sender and host are those of one provider.
#[must_use]
pub fn certain_link(
    providers: &[MailProvider],
    confirmation: &ForwardingConfirmation,
) -> Option<Url> {
    let url = Url::parse(confirmation.link.as_deref()?).ok()?;
    let host = url.host_str()?;
    let (_, sender) = confirmation.from.rsplit_once('@')?;
    let is_plain = url.scheme() == "https"
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let is_certain = providers.iter().any(|provider| {
        provider.domain == sender
            && confirmation.signed_by.contains(&provider.domain)
            && provider.hosts.iter().any(|known| known == host)
    });
    (is_plain && is_certain).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confirmation() -> ForwardingConfirmation {
        ForwardingConfirmation {
            from: "forwarding-noreply@google.com".into(),
            code: Some("604471938".into()),
            link: Some("https://mail-settings.google.com/mail/vf-x1".into()),
            signed_by: vec!["google.com".into()],
            spf: None,
            was_answered: false,
        }
    }

    #[test]
    fn only_what_is_beyond_doubt_is_followed() {
        let known = MailProvider::known();
        assert!(certain_link(&known, &confirmation()).is_some());
        for link in [
            "http://mail-settings.google.com/mail/vf-x1",
            "https://mail-settings.google.com.evil.example/mail/vf-x1",
            "https://mail-settings.google.com:8443/mail/vf-x1",
            "https://a@mail-settings.google.com/mail/vf-x1",
            "https://sites.google.com/vf-x1",
            "not a link",
        ] {
            let other = ForwardingConfirmation {
                link: Some(link.into()),
                ..confirmation()
            };
            assert_eq!(certain_link(&known, &other), None, "{link}");
        }
        for other in [
            ForwardingConfirmation {
                signed_by: vec!["mail.google.com".into(), "evil.example".into()],
                ..confirmation()
            },
            ForwardingConfirmation {
                from: "forwarding-noreply@evil.example".into(),
                ..confirmation()
            },
            ForwardingConfirmation {
                link: None,
                ..confirmation()
            },
        ] {
            assert_eq!(certain_link(&known, &other), None, "{other:?}");
        }
    }
}
