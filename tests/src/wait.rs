//! Waiting for something to become true, with a deadline.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long anything may take. Far longer than it should: a test machine may be busy.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// How long the first collection may take: dozens of downloads, each read by a process of its own.
pub const COLLECTION: Duration = Duration::from_secs(300);

/// Asks again and again until there is an answer.
///
/// # Panics
/// After [`DEADLINE`], saying what was waited for.
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    until_within(DEADLINE, what, ask).await
}

/// As [`until`], with another deadline.
///
/// # Panics
/// After `deadline`, saying what was waited for.
pub async fn until_within<T>(
    deadline: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Option<T>,
) -> T {
    let end = Instant::now() + deadline;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "waited {deadline:?} for {what}");
        sleep(Duration::from_millis(25)).await;
    }
}
