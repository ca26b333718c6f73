//! Which addresses an organization may have webhooks sent to.

use browser::EgressAddresses;
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
}

/// The address as a URL, if messages may be sent there as far as the text tells: https, or http where the operator
/// lists the host for development. What the host's name resolves to is asked each time something is sent.
///
/// # Errors
/// [`InvalidEndpointUrl`].
pub fn check_url(text: &str, addresses: &EgressAddresses) -> Result<Url, InvalidEndpointUrl> {
    let url = Url::parse(text).map_err(|_| InvalidEndpointUrl::NotHttps)?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && url.as_str().len() <= URL_MAX;
    if !is_plain || !is_allowed_scheme(&url, addresses) {
        return Err(InvalidEndpointUrl::NotHttps);
    }
    if !addresses.allow_port(&url) {
        return Err(InvalidEndpointUrl::Port);
    }
    Ok(url)
}

/// https, or http at a host that the operator lists.
pub(super) fn is_allowed_scheme(url: &Url, addresses: &EgressAddresses) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => addresses.is_listed(url),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use browser::BrowserConfig;

    use super::*;

    #[test]
    fn only_https_or_a_listed_host_is_an_endpoint() {
        let addresses = EgressAddresses::new(&BrowserConfig {
            allowed_private_hosts: vec!["127.0.0.1:7400".into()],
            ..BrowserConfig::default()
        });
        let check = |text: &str| check_url(text, &addresses).map(|url| url.to_string());
        for good in [
            "https://hooks.example.com/a?b=c",
            "https://hooks.example.com:8443/",
            "http://127.0.0.1:7400/hook",
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
    }
}
