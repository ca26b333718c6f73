//! How often the driver presses what a page offers: a website that is asked for codes without end locks the account.

use std::time::Duration;

use tokio::time::Instant;

use super::demand::OfferKind;

/// A website is asked for another code no sooner than this after it was asked before …
const RESEND_PAUSE: Duration = Duration::from_secs(30);
/// … and so often in one sign-in: many more, and a website locks the account.
const RESENDS: usize = 4;
/// Other ways are asked for so often in one sign-in.
const OTHER_WAYS: usize = 12;

/// What the pages offered and the driver pressed.
#[derive(Debug, Default)]
pub(super) struct Pressed {
    resent_at: Option<Instant>,
    resends: usize,
    other_ways: usize,
}

impl Pressed {
    /// Whether this may be pressed now. If so, it counts.
    pub(super) fn may(&mut self, kind: OfferKind, now: Instant) -> bool {
        match kind {
            OfferKind::Resend => {
                let soon = self.resent_at.is_some_and(|at| now < at + RESEND_PAUSE);
                if soon || self.resends == RESENDS {
                    return false;
                }
                self.resent_at = Some(now);
                self.resends += 1;
            }
            OfferKind::OtherWay => {
                if self.other_ways == OTHER_WAYS {
                    return false;
                }
                self.other_ways += 1;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn another_code_is_asked_for_once_in_a_while_and_not_without_end() {
        let mut pressed = Pressed::default();
        let mut times = 0;
        for _ in 0..20 {
            times += usize::from(pressed.may(OfferKind::Resend, Instant::now()));
            assert!(!pressed.may(OfferKind::Resend, Instant::now()));
            tokio::time::advance(RESEND_PAUSE).await;
        }
        assert_eq!(times, RESENDS);
        assert!(pressed.may(OfferKind::OtherWay, Instant::now()));
    }
}
