//! Five browsers at a time, each of which may visit one host of this machine.

use browser::BrowserConfig;
use tokio::sync::{Semaphore, SemaphorePermit};

static BROWSERS: Semaphore = Semaphore::const_new(5);

/// Five browsers at a time: the machine may be small, and they wait for most of their time.
pub async fn turn() -> SemaphorePermit<'static> {
    BROWSERS.acquire().await.expect("never closed")
}

/// Browsers that may visit one host of this machine, and the same port by the name `localhost` and those below it, which are
/// other sites.
pub fn browser_config(host: &str) -> BrowserConfig {
    let port = host.rsplit(':').next().unwrap_or_default();
    BrowserConfig {
        warm: 0,
        allowed_private_hosts: vec![
            host.to_owned(),
            format!("localhost:{port}"),
            format!("*.localhost:{port}"),
        ],
        ..BrowserConfig::default()
    }
}
