//! The egress guard: the only way out for a browser, a forward proxy of its own.
//!
//! A name is resolved once, each answer is classified, and that address is dialled: what the name
//! resolves to a moment later does not matter. Public addresses at the configured ports pass;
//! loopback and private ones only for hosts that the operator lists; nothing else ever.
//!
//! Chromium cannot show a password to a proxy without every request being held up. So the guard
//! looks up whose the connection is: the kernel says which user id owns the other end, and another
//! local process than this browser is turned away.

mod address_class;
mod request_head;
mod resolve;
mod socket_owner;
mod tunnel;

use std::{
    collections::HashMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use address_class::{Class, classify};
use request_head::{Form, Head};
pub(super) use resolve::Resolver;
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
    time::timeout,
};
use url::Host;

use super::{error::NetError, settings::BrowserConfig};

/// Connections that one browser may hold; Chromium itself stops at 32 per proxy.
const MAX_CONNECTIONS: usize = 128;
const DIAL: Duration = Duration::from_secs(10);
const HEAD: Duration = Duration::from_secs(15);
/// Hosts whose last failure is remembered.
const MAX_FAILURES: usize = 256;

/// The hosts, addresses and ports that may be reached.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    /// The ports that may be reached on public hosts.
    pub ports: Vec<u16>,
    /// `host:port` or `host`, which may be loopback or private; `*.host` for all names below it.
    pub allowed_private_hosts: Vec<String>,
}

impl Rules {
    /// The rules that the operator gave.
    pub fn of(config: &BrowserConfig) -> Self {
        Self {
            ports: config.egress_ports.clone(),
            allowed_private_hosts: config.allowed_private_hosts.clone(),
        }
    }

    /// Resolves the host once, and answers the addresses that may be dialled: four at most, and at least one.
    pub async fn addresses(
        &self,
        resolver: &Resolver,
        host: &Host,
        port: u16,
    ) -> Result<Vec<SocketAddr>, NetError> {
        if !self.allow_port(host, port) {
            return Err(NetError::BlockedAddress);
        }
        let answers = resolver.resolve(host, port).await?;
        let allowed = self.allowed(host, port, answers);
        if allowed.is_empty() {
            return Err(NetError::BlockedAddress);
        }
        Ok(allowed)
    }

    /// Whether the host may be dialled as far as this is known without asking for its addresses.
    pub fn allow_host(&self, host: &Host, port: u16) -> bool {
        resolve::known(host, port).is_none_or(|known| !self.allowed(host, port, known).is_empty())
    }

    /// Those of the host's addresses that may be dialled: four at most.
    fn allowed(&self, host: &Host, port: u16, answers: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let listed = self.listed(host, port);
        let allowed = |address: &SocketAddr| match classify(address.ip()) {
            Class::Public => true,
            Class::Inside => listed,
            Class::Never => false,
        };
        answers.into_iter().filter(allowed).take(4).collect()
    }

    /// Whether this port of the host may be reached, whatever its address is.
    pub fn allow_port(&self, host: &Host, port: u16) -> bool {
        self.listed(host, port) || self.ports.contains(&port)
    }

    /// Whether the operator lists the host, so that its address may be loopback or private.
    pub fn listed(&self, host: &Host, port: u16) -> bool {
        let host = plain(&host.to_string());
        let with_port = format!("{host}:{port}");
        self.allowed_private_hosts.iter().any(|entry| {
            let entry = plain(entry);
            match entry.strip_prefix('*') {
                Some(below) if below.starts_with('.') => {
                    host.ends_with(below) || with_port.ends_with(below)
                }
                _ => entry == host || entry == with_port,
            }
        })
    }
}

/// A running guard; dropping it cuts every connection.
pub(super) struct Egress {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    rules: Rules,
    address: SocketAddr,
    /// Who may connect; `None` lets every local user.
    user: Option<u32>,
    failures: Mutex<Failures>,
    resolver: Resolver,
}

#[derive(Default)]
struct Failures {
    of_hosts: HashMap<(String, u16), NetError>,
    last: Option<NetError>,
}

impl Egress {
    /// Listens on a loopback port of its own.
    pub async fn start(rules: Rules, user: Option<u32>) -> io::Result<Self> {
        Self::with(rules, user, Resolver::default()).await
    }

    async fn with(rules: Rules, user: Option<u32>, resolver: Resolver) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            rules,
            address,
            user,
            failures: Mutex::default(),
            resolver,
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            task,
        })
    }

    /// The loopback address on which the proxy listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Why this host could not be reached the last time; after a redirect, which Chromium does not
    /// tell, why whatever was asked last could not.
    pub fn failure(&self, host: &str, port: u16) -> Option<NetError> {
        let failures = self.shared.failures();
        let of_host = failures.of_hosts.get(&(plain(host), port)).copied();
        of_host.or(failures.last)
    }
}

impl Drop for Egress {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let free = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // Aborts its tasks when this one is aborted.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&free).acquire_owned().await else {
            return;
        };
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, peer)) => {
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    serve(stream, peer, &shared).await;
                    drop(permit);
                });
            }
            // Out of file descriptors: wait until some connection ends.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// One connection: one request head, then bytes both ways.
async fn serve(mut browser: TcpStream, peer: SocketAddr, shared: &Shared) {
    let _ = browser.set_nodelay(true);
    if let Some(user) = shared.user
        && socket_owner::owner(peer, shared.address) != Some(user)
    {
        tracing::warn!("a connection to the egress guard that is not its browser's was refused");
        return;
    }
    let Ok(Ok(head)) = timeout(HEAD, request_head::read(&mut browser)).await else {
        return;
    };
    let upstream = match shared.reach(&head.host, head.port).await {
        Ok(upstream) => upstream,
        Err(error) => return refuse(browser, &head, error, shared).await,
    };
    shared.forget(&head);
    let _ = upstream.set_nodelay(true);
    tunnel::run(browser, upstream, head).await;
}

impl Shared {
    /// Resolves the host once, refuses addresses of other classes, and connects.
    async fn reach(&self, host: &Host, port: u16) -> Result<TcpStream, NetError> {
        let addresses = self.rules.addresses(&self.resolver, host, port).await?;
        let mut last = NetError::BlockedAddress;
        for address in addresses.into_iter().filter(|it| *it != self.address) {
            match timeout(DIAL, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(_)) => last = NetError::Refused,
                Err(_) => last = NetError::Timeout,
            }
        }
        Err(last)
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, head: &Head) {
        self.failures()
            .of_hosts
            .remove(&(plain(&head.host.to_string()), head.port));
    }
}

/// A tunnel gets an answer; a plain request gets none, so that no page of ours appears in the
/// picture: Chromium shows its own. Which failure it was is remembered either way.
async fn refuse(mut browser: TcpStream, head: &Head, error: NetError, shared: &Shared) {
    {
        let mut failures = shared.failures();
        if failures.of_hosts.len() >= MAX_FAILURES {
            failures.of_hosts.clear();
        }
        let host = (plain(&head.host.to_string()), head.port);
        failures.of_hosts.insert(host, error);
        failures.last = Some(error);
    }
    if error == NetError::BlockedAddress {
        tracing::info!(host = %head.host, port = head.port, "the egress guard let nothing through");
    }
    if matches!(head.form, Form::Tunnel) {
        let _ = browser
            .write_all(
                b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            )
            .await;
    }
    let _ = browser.shutdown().await;
}

/// Lower case, without the root's dot.
fn plain(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
