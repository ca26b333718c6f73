//! From names to addresses.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::Semaphore, time::timeout};
use url::Host;

use crate::error::NetError;

const PATIENCE: Duration = Duration::from_secs(5);
/// Names that one browser may ask for at a time. The system's resolver holds a thread until it gives
/// up, long after us: a website must not take all of them.
const MAX_QUESTIONS: usize = 8;
const MAX_ANSWERS: usize = 16;

type Lookup = dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// Asks the system's resolver, as the machine is set up to.
pub(crate) struct Resolver {
    lookup: Arc<Lookup>,
    free: Arc<Semaphore>,
}

impl Default for Resolver {
    fn default() -> Self {
        Self::new(|name, port| Ok((name, port).to_socket_addrs()?.take(MAX_ANSWERS).collect()))
    }
}

impl Resolver {
    /// Asks `lookup`, which may block.
    pub fn new(
        lookup: impl Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            lookup: Arc::new(lookup),
            free: Arc::new(Semaphore::new(MAX_QUESTIONS)),
        }
    }

    /// All addresses of a host. Names below `invalid` do not exist.
    pub async fn resolve(&self, host: &Host, port: u16) -> Result<Vec<SocketAddr>, NetError> {
        if let Some(known) = known(host, port) {
            return Ok(known);
        }
        let name = host.to_string();
        if is_below(&name, "invalid") {
            return Err(NetError::Dns);
        }
        let ask = async {
            let permit = Arc::clone(&self.free).acquire_owned().await.ok();
            let lookup = Arc::clone(&self.lookup);
            let asked = tokio::task::spawn_blocking(move || {
                // Free again when the thread is.
                let _permit = permit;
                lookup(&name, port)
            });
            asked.await
        };
        match timeout(PATIENCE, ask).await {
            Ok(Ok(Ok(answers))) => Ok(answers),
            Ok(_) => Err(NetError::Dns),
            Err(_) => Err(NetError::Timeout),
        }
    }
}

/// The addresses of a host for which nobody is asked. An address is its own. `localhost` and the names below it are this
/// machine (RFC 6761): most resolvers know only the first.
pub(super) fn known(host: &Host, port: u16) -> Option<Vec<SocketAddr>> {
    match host {
        Host::Ipv4(ip) => Some(vec![SocketAddr::new((*ip).into(), port)]),
        Host::Ipv6(ip) => Some(vec![SocketAddr::new((*ip).into(), port)]),
        Host::Domain(name) if is_below(name, "localhost") => Some(vec![
            SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port),
            SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port),
        ]),
        Host::Domain(_) => None,
    }
}

fn is_below(name: &str, top: &str) -> bool {
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next();
    last.is_some_and(|last| last.eq_ignore_ascii_case(top))
}
