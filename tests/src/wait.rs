//! Waits for a condition, with a deadline.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long anything may take. Far longer than it should: a test machine may be busy.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Asks again and again until there is an answer.
///
/// # Panics
/// After [`DEADLINE`], saying what was waited for.
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    until_with_deadline(what, DEADLINE, Duration::from_millis(25), ask).await
}

/// As [`until`], for something that takes longer and is asked for less often.
///
/// # Panics
/// After `deadline`, saying what was waited for.
pub async fn until_with_deadline<T>(
    what: &str,
    deadline: Duration,
    pace: Duration,
    mut ask: impl AsyncFnMut() -> Option<T>,
) -> T {
    let end = Instant::now() + deadline;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "waited {deadline:?} for {what}");
        sleep(pace).await;
    }
}
