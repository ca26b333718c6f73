//! How often something may happen: a burst, then a steady rate, counted on each node.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use shared::time::UnixMillis;

/// Keys remembered; a full burst forgets nothing worth keeping.
const MAX_KEYS: usize = 10_000;

/// It came too often: it may come again after so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// Seconds to wait, at least one.
    pub seconds: i64,
}

/// For each key, the time at which its burst is whole again.
pub struct RateLimiter<K> {
    burst: i64,
    earn_ms: i64,
    whole_at: Mutex<HashMap<K, UnixMillis>>,
}

impl<K: Eq + Hash> RateLimiter<K> {
    /// `burst` may come at once; one more is earned in each `earn_ms` milliseconds.
    #[must_use]
    pub fn new(burst: i64, earn_ms: i64) -> Self {
        Self {
            burst,
            earn_ms,
            whole_at: Mutex::new(HashMap::new()),
        }
    }

    /// Counts one of this key, or refuses it.
    ///
    /// # Errors
    /// [`TooMany`]: it is not counted.
    pub fn take(&self, key: K, now: UnixMillis) -> Result<(), TooMany> {
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if whole_at.len() >= MAX_KEYS {
            whole_at.retain(|_, at| *at > now);
        }
        let at = whole_at.entry(key).or_insert(now);
        let after = (*at).max(now).plus(self.earn_ms);
        let ahead = after.since(now) - self.burst * self.earn_ms;
        if ahead > 0 {
            return Err(TooMany {
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
        let rates = RateLimiter::new(200, 50);
        let now = UnixMillis(1_000_000);
        for _ in 0..200 {
            assert!(rates.take(1, now).is_ok());
        }
        assert_eq!(rates.take(1, now), Err(TooMany { seconds: 1 }));
        assert!(rates.take(2, now).is_ok(), "others go on");
        assert!(rates.take(1, now.plus(50)).is_ok());
        assert!(rates.take(1, now.plus(50)).is_err());
    }
}
