//! How often a key may call: a burst, then a steady rate, counted on each node.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use shared::{id::ApiKeyId, time::UnixMillis};

use super::ApiProblem;

/// How many calls may come at once.
const BURST: i64 = 200;
/// Milliseconds in which one more call is earned: 20 a second.
const EARN_MS: i64 = 50;
/// Keys remembered; a full burst forgets nothing worth keeping.
const MAX_KEYS: usize = 10_000;

/// For each key, the time at which its burst is whole again.
#[derive(Default)]
pub(super) struct RateLimiter {
    whole_at: Mutex<HashMap<ApiKeyId, UnixMillis>>,
}

impl RateLimiter {
    /// Counts one call of this key, or refuses it.
    pub(super) fn take(&self, key: ApiKeyId, now: UnixMillis) -> Result<(), ApiProblem> {
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if whole_at.len() >= MAX_KEYS {
            whole_at.retain(|_, at| *at > now);
        }
        let at = whole_at.entry(key).or_insert(now);
        let after = (*at).max(now).plus(EARN_MS);
        let ahead = after.since(now) - BURST * EARN_MS;
        if ahead > 0 {
            return Err(ApiProblem::TooMany {
                seconds: ahead.div_euclid(1000) + 1,
            });
        }
        *at = after;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_steady_rate() {
        let (rates, key) = (RateLimiter::default(), ApiKeyId::from_random([1; 16]));
        let now = UnixMillis(1_000_000);
        for _ in 0..BURST {
            assert!(rates.take(key, now).is_ok());
        }
        assert!(matches!(
            rates.take(key, now),
            Err(ApiProblem::TooMany { seconds: 1 })
        ));
        assert!(
            rates.take(ApiKeyId::from_random([2; 16]), now).is_ok(),
            "others go on"
        );
        assert!(rates.take(key, now.plus(EARN_MS)).is_ok());
        assert!(rates.take(key, now.plus(EARN_MS)).is_err());
    }
}
