//! The egress guard's rules for requests that this program sends itself, without a proxy in between.

use std::net::SocketAddr;

use url::{Host, Url};

use super::{
    egress::{Resolver, Rules},
    error::NetError,
    settings::BrowserConfig,
};

/// Tells which addresses a request may be sent to. Whoever asks dials those very addresses, and does not resolve again.
pub struct EgressAddresses {
    rules: Rules,
    resolver: Resolver,
}

impl EgressAddresses {
    /// The rules that browsers have.
    #[must_use]
    pub fn new(config: &BrowserConfig) -> Self {
        Self {
            rules: Rules::of(config),
            resolver: Resolver::default(),
        }
    }

    /// The addresses of the URL's host that may be dialled: resolved once, and at least one.
    ///
    /// # Errors
    /// [`NetError::BlockedAddress`] when none of them may be, or the port may not; otherwise why the host has none.
    pub async fn of(&self, url: &Url) -> Result<Vec<SocketAddr>, NetError> {
        let (host, port) = host_and_port(url).ok_or(NetError::BlockedAddress)?;
        self.rules.addresses(&self.resolver, &host, port).await
    }

    /// Whether the URL's port may be reached.
    #[must_use]
    pub fn allow_port(&self, url: &Url) -> bool {
        host_and_port(url).is_some_and(|(host, port)| self.rules.allow_port(&host, port))
    }

    /// Whether the URL's host may be dialled, as far as its text tells: an address that is not public may not, unless the
    /// operator lists it.
    #[must_use]
    pub fn allow_host(&self, url: &Url) -> bool {
        host_and_port(url).is_some_and(|(host, port)| self.rules.allow_host(&host, port))
    }

    /// Whether the operator lists the URL's host, for development: its address may be loopback or private.
    #[must_use]
    pub fn is_listed(&self, url: &Url) -> bool {
        host_and_port(url).is_some_and(|(host, port)| self.rules.listed(&host, port))
    }
}

fn host_and_port(url: &Url) -> Option<(Host, u16)> {
    Some((url.host()?.to_owned(), url.port_or_known_default()?))
}
