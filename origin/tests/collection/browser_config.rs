//! One browser at a time, which may visit one host of this machine.

use browser::BrowserConfig;
use tokio::sync::{Mutex, MutexGuard};

static TURN: Mutex<()> = Mutex::const_new(());

/// One browser at a time: the machine may be small.
pub async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}

/// Browsers that may visit one host of this machine, and the same port by the name `localhost`, which is another site.
pub fn browser_config(host: &str) -> BrowserConfig {
    let port = host.rsplit(':').next().unwrap_or_default();
    BrowserConfig {
        warm: 0,
        allowed_private_hosts: vec![host.to_owned(), format!("localhost:{port}")],
        ..BrowserConfig::default()
    }
}
