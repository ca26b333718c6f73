//! Whether the pages are busy: what was sent and is not answered yet, and what loads.

use browser::RequestId;

use super::Judge;
use crate::signin::{frames::View, nothing_sent::SILENT_MS};

/// A slow answer is waited for this long.
const REQUEST_LIMIT_MS: u64 = 30_000;
/// Background requests without end do not count as activity after this long.
const BACKGROUND_MS: u64 = 8_000;

/// A request without an answer yet.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) sent: u64,
    background: bool,
}

impl Judge {
    pub(super) fn active(&mut self, now: u64, document: bool, request: &RequestId) {
        if let Some(attempt) = &mut self.attempt {
            attempt.followed = true;
        }
        if self.in_flight.len() < 200 {
            let in_flight = InFlight {
                sent: now,
                background: !document && self.is_background(now),
            };
            self.in_flight.insert(request.0.clone(), in_flight);
        }
        self.touch(now, document);
    }

    pub(super) fn touch(&mut self, now: u64, document: bool) {
        if document {
            self.document_at = now;
        }
        if !self.is_background(now) {
            self.active_at = now;
        }
    }

    /// What scripts send this late, they send for themselves.
    fn is_background(&self, now: u64) -> bool {
        let sent = self.attempt.as_ref().map_or(0, |attempt| attempt.last_at);
        now.saturating_sub(sent.max(self.document_at)) >= BACKGROUND_MS
    }

    /// Whether something that was sent from the first to the last submission of this attempt is not
    /// answered yet.
    #[must_use]
    pub fn awaits_answer(&self) -> bool {
        self.attempt.as_ref().is_some_and(|attempt| {
            let mut sent = self.in_flight.values().map(|one| one.sent);
            sent.any(|sent| (attempt.at..=attempt.last_at).contains(&sent))
        })
    }

    /// How long nothing has happened; 0 while something is under way.
    pub(super) fn calm_for(&self, now: u64, view: &View) -> u64 {
        // Late, but with the form still there, it may be the sign-in: after a puzzle, for one.
        let counts = |one: &&InFlight| !one.background || view.login_doc.is_some();
        let slow = self
            .in_flight
            .values()
            .filter(counts)
            .any(|one| now.saturating_sub(one.sent) < REQUEST_LIMIT_MS);
        let loading = self
            .loading
            .values()
            .any(|since| now.saturating_sub(*since) < BACKGROUND_MS);
        let silent = view
            .waiting_since
            .is_some_and(|since| now.saturating_sub(since) < SILENT_MS);
        if slow || loading || silent {
            return 0;
        }
        now.saturating_sub(self.active_at)
    }

    /// What was held until now is sent only now.
    pub(super) fn held_is_sent(&mut self, now: u64) {
        for one in self.in_flight.values_mut() {
            one.sent = now;
        }
        for since in self.loading.values_mut() {
            *since = now;
        }
    }
}
