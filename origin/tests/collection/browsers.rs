//! One browser at a time, which may visit one host of this machine.

use browser::BrowserConfig;
use tokio::sync::{Mutex, MutexGuard};

static TURN: Mutex<()> = Mutex::const_new(());

/// One browser at a time: the machine may be small.
pub async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}

/// Browsers that may visit one host of this machine.
pub fn browsers(host: &str) -> BrowserConfig {
    BrowserConfig {
        warm: 0,
        allowed_private_hosts: vec![host.to_owned()],
        ..BrowserConfig::default()
    }
}
