//! The egress guard for requests that this program makes itself, to addresses that strangers named.

use std::{io, net::SocketAddr};

use super::{
    egress::{Egress, Rules},
    settings::BrowserConfig,
};

/// A guard of its own, which only this program's user may use. Dropping it cuts every connection.
pub struct EgressProxy(Egress);

impl EgressProxy {
    /// Starts a guard with the rules that browsers have.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(config: &BrowserConfig) -> io::Result<Self> {
        let rules = Rules::of(config);
        let user = rustix::process::geteuid().as_raw();
        Ok(Self(Egress::start(rules, Some(user)).await?))
    }

    /// The loopback address of the HTTP proxy that it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }
}
