//! Time and randomness, passed in so that tests own them.
//!
//! [`SystemClock`] and [`SystemRandom`] are the only users of the machine's clock and entropy.

use std::sync::Arc;

use shared::{sealing::SealingKey, time::UnixMillis};

/// A source of the time, passed in so that tests can set it.
pub trait Clock: Send + Sync {
    /// Now, in unix milliseconds.
    fn now(&self) -> UnixMillis;
}

/// A source of random bytes, passed in so that tests can repeat it.
pub trait Random: Send + Sync {
    /// Fills all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// Takes `N` random bytes from the source.
#[must_use]
pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// A fresh key pair for what a client seals in a page.
#[must_use]
pub fn sealing_key(random: &dyn Random) -> SealingKey {
    loop {
        if let Some(key) = SealingKey::from_random(&bytes(random)) {
            return key;
        }
    }
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock"
    )]
    fn now(&self) -> UnixMillis {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The random number generator of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's entropy"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // Without entropy every key and id would be guessable: stopping is the only safe answer.
            panic!("the machine gives no random bytes: {error}");
        }
    }
}

impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> UnixMillis {
        (**self).now()
    }
}

impl<T: Random + ?Sized> Random for Arc<T> {
    fn fill(&self, bytes: &mut [u8]) {
        (**self).fill(bytes);
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct TestClock(std::sync::atomic::AtomicI64);

impl TestClock {
    /// Makes a clock that stands at `now`.
    #[must_use]
    pub fn at(now: UnixMillis) -> Self {
        Self(std::sync::atomic::AtomicI64::new(now.0))
    }

    /// Moves the clock forward by `millis` milliseconds.
    pub fn advance(&self, millis: i64) {
        self.0
            .fetch_add(millis, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

/// A counter that looks random enough for tests and repeats itself run after run.
#[derive(Debug, Default)]
pub struct TestRandom(std::sync::atomic::AtomicU64);

impl Random for TestRandom {
    fn fill(&self, bytes: &mut [u8]) {
        use sha2::Digest as _;
        for chunk in bytes.chunks_mut(32) {
            let count = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let digest = sha2::Sha256::digest(count.to_be_bytes());
            for (to, from) in chunk.iter_mut().zip(digest.iter()) {
                *to = *from;
            }
        }
    }
}
