//! Waiting for a condition, with a deadline.

use std::{future::Future, time::Duration};

/// Long enough for a machine that does other things.
pub const SOON: Duration = Duration::from_secs(20);

/// Waits until it holds.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, wait)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}
