//! The address of a provider's website, as people type it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

/// Longest accepted address, in bytes of its normal form.
pub const MAX_LEN: usize = 2048;

/// An absolute http or https URL without user info: safe to show, store and open.
///
/// Whether its host may be visited is the egress guard's question, not this type's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProviderUrl(Url);

/// Why an address was not taken. Its text is for the organization's API and for logs; clients read the sentence that
/// the catalogue of messages has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidProviderUrl {
    /// Nothing was typed.
    #[error("Enter the address of the utility's website.")]
    Empty,
    /// The text is longer than an address may be.
    #[error("This address is too long.")]
    TooLong,
    /// The text is no address.
    #[error("This does not look like a website address. Try something like example.com.")]
    NotAnAddress,
    /// A scheme that is not http or https.
    #[error("The address must start with https:// or http://.")]
    Scheme,
    /// The address has a user name or a password in it.
    #[error("The address must not contain a user name or password.")]
    UserInfo,
    /// An e-mail address, which people take for what they are asked for.
    #[error("That is an e-mail address. Enter the address of the website where the bills are.")]
    MailAddress,
    /// The link is for trying things out, and the website is a real one.
    #[error(
        "This company is for trying things out: only websites of the sandbox can be connected."
    )]
    SandboxOnly,
    /// The website is for trying things out, and the link is a real one.
    #[error("This website is for trying things out, and cannot be connected here.")]
    OfSandbox,
}

impl ProviderUrl {
    /// The parsed URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The address in its normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The website's own address: scheme, host and port, without path and query.
    #[must_use]
    pub fn website(&self) -> Self {
        let mut url = self.0.clone();
        url.set_path("/");
        url.set_query(None);
        Self(url)
    }

    /// Host, with the port when it is not the scheme's own: what people are shown.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

impl FromStr for ProviderUrl {
    type Err = InvalidProviderUrl;

    /// `coned.com` means `https://coned.com/`: people leave the scheme out. A name of this very machine means http, as it does in
    /// browsers: it is for development, and nobody has a certificate for it.
    fn from_str(text: &str) -> Result<Self, InvalidProviderUrl> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidProviderUrl::Empty);
        }
        if text.len() > MAX_LEN {
            return Err(InvalidProviderUrl::TooLong);
        }
        let mut url = if text.contains("://") {
            Url::parse(text)
        } else {
            let typed = Url::parse(&format!("https://{text}"));
            typed.and_then(|url| match is_loopback(&url) {
                true => Url::parse(&format!("http://{text}")),
                false => Ok(url),
            })
        }
        .map_err(|_| InvalidProviderUrl::NotAnAddress)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidProviderUrl::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(if is_mail_address(text) {
                InvalidProviderUrl::MailAddress
            } else {
                InvalidProviderUrl::UserInfo
            });
        }
        let named = match url.host() {
            Some(url::Host::Domain(name)) => {
                name == "localhost" || name.trim_end_matches('.').contains('.')
            }
            Some(_) => true,
            None => false,
        };
        if !named {
            return Err(InvalidProviderUrl::NotAnAddress);
        }
        url.set_fragment(None);
        if url.as_str().len() > MAX_LEN {
            return Err(InvalidProviderUrl::TooLong);
        }
        Ok(Self(url))
    }
}

/// Whether the host is this very machine, as its name says.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether the text is an e-mail address, also as a link writes it.
fn is_mail_address(text: &str) -> bool {
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let Some((name, host)) = text.split_once('@') else {
        return false;
    };
    !name.is_empty() && !name.contains([':', '/']) && !host.contains(['@', ':', '/', '?'])
}

impl TryFrom<String> for ProviderUrl {
    type Error = InvalidProviderUrl;
    fn try_from(text: String) -> Result<Self, InvalidProviderUrl> {
        text.parse()
    }
}

impl From<ProviderUrl> for String {
    fn from(url: ProviderUrl) -> Self {
        url.0.into()
    }
}

impl fmt::Display for ProviderUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_people_type() {
        let parse = |text: &str| text.parse::<ProviderUrl>().map(|url| url.to_string());
        assert_eq!(parse(" coned.com "), Ok("https://coned.com/".into()));
        assert_eq!(
            parse("http://localhost:7400/login"),
            Ok("http://localhost:7400/login".into())
        );
        assert_eq!(
            parse("https://a.example/x#y"),
            Ok("https://a.example/x".into())
        );
        for here in [
            "localhost:7400",
            "two-page.localhost:443",
            "127.0.0.1:80",
            "[::1]/in",
        ] {
            let typed = Url::parse(&format!("http://{here}")).map(String::from);
            assert_eq!(parse(here).ok(), typed.ok(), "{here}");
        }
        assert_eq!(
            parse("localhost.example"),
            Ok("https://localhost.example/".into())
        );
        assert_eq!(parse(""), Err(InvalidProviderUrl::Empty));
        assert_eq!(parse("my utility"), Err(InvalidProviderUrl::NotAnAddress));
        assert_eq!(parse("coned"), Err(InvalidProviderUrl::NotAnAddress));
        assert_eq!(
            parse("javascript://x.y/%0aalert(1)"),
            Err(InvalidProviderUrl::Scheme)
        );
        assert_eq!(parse("file:///etc/passwd"), Err(InvalidProviderUrl::Scheme));
        for with_user in [
            "https://me:pw@a.example",
            "me:pw@a.example",
            "me@a.example/x",
        ] {
            assert_eq!(parse(with_user), Err(InvalidProviderUrl::UserInfo));
        }
        for mail in [
            "me@a.example",
            " first.last+bills@a.example ",
            "mailto:me@a.example",
        ] {
            assert_eq!(parse(mail), Err(InvalidProviderUrl::MailAddress), "{mail}");
        }
    }
}
