//! Which addresses an organization may have webhooks sent to.

use std::net::SocketAddr;

use browser::{BrowserConfig, EgressAddresses, NetError};
use url::Url;

/// The longest address, in characters.
const URL_MAX: usize = 500;

/// The text is not an address for webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpointUrl {
    /// It is not an https address, or has a user name.
    #[error("must be an https:// address of at most 500 characters without user name and fragment")]
    NotHttps,
    /// The port is none that may be reached.
    #[error("must use one of the ports that may be reached, such as 443")]
    Port,
    /// The host is an address that is not public, or a name of this machine.
    #[error("must be on the public internet")]
    NotPublic,
}

/// Tells where webhooks may be sent: the rules that browsers have, and https.
pub struct EndpointAddresses(EgressAddresses);

impl EndpointAddresses {
    /// The rules that the operator gave.
    #[must_use]
    pub fn new(config: &BrowserConfig) -> Self {
        Self(EgressAddresses::new(config))
    }

    /// The address as a URL, if messages may be sent there as far as the text tells: https, or http where the operator
    /// lists the host for development. What the host's name resolves to is asked each time something is sent.
    ///
    /// # Errors
    /// [`InvalidEndpointUrl`].
    pub fn check(&self, text: &str) -> Result<Url, InvalidEndpointUrl> {
        let url = Url::parse(text).map_err(|_| InvalidEndpointUrl::NotHttps)?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && url.as_str().len() <= URL_MAX;
        if !is_plain || !self.is_allowed_scheme(&url) {
            return Err(InvalidEndpointUrl::NotHttps);
        }
        if !self.0.allow_port(&url) {
            return Err(InvalidEndpointUrl::Port);
        }
        if !self.0.allow_host(&url) {
            return Err(InvalidEndpointUrl::NotPublic);
        }
        Ok(url)
    }

    /// The addresses that may be dialled for it now.
    pub(super) async fn of(&self, url: &Url) -> Result<Vec<SocketAddr>, NetError> {
        if !self.is_allowed_scheme(url) {
            return Err(NetError::BlockedAddress);
        }
        self.0.of(url).await
    }

    /// https, or http at a host that the operator lists.
    fn is_allowed_scheme(&self, url: &Url) -> bool {
        match url.scheme() {
            "https" => url.has_host(),
            "http" => self.0.is_listed(url),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_a_listed_host_is_an_endpoint() {
        let addresses = EndpointAddresses::new(&BrowserConfig {
            allowed_private_hosts: vec!["127.0.0.1:7400".into()],
            ..BrowserConfig::default()
        });
        let check = |text: &str| addresses.check(text).map(|url| url.to_string());
        for good in [
            "https://hooks.example.com/a?b=c",
            "https://hooks.example.com:8443/",
            "http://127.0.0.1:7400/hook",
            "https://93.184.216.34/",
            "https://[2a00::7]/",
        ] {
            assert_eq!(check(good).as_deref(), Ok(good));
        }
        let long = format!("https://hooks.example.com/{}", "x".repeat(500));
        for bad in [
            "http://hooks.example.com/",
            "http://127.0.0.1:7401/",
            "https://user:pass@hooks.example.com/",
            "https://hooks.example.com/#part",
            "ftp://hooks.example.com/",
            "file:///etc/passwd",
            "hooks.example.com",
            "",
            &long,
        ] {
            assert_eq!(check(bad), Err(InvalidEndpointUrl::NotHttps), "{bad}");
        }
        let port = check("https://hooks.example.com:22/");
        assert_eq!(port, Err(InvalidEndpointUrl::Port));
        for inside in [
            "https://10.0.0.1/",
            "https://0x7f.1/",
            "https://169.254.169.254/",
            "https://localhost/",
            "https://hooks.localhost./",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
        ] {
            assert_eq!(
                check(inside),
                Err(InvalidEndpointUrl::NotPublic),
                "{inside}"
            );
        }
    }
}
