//! Whether the scripts of a page show their website who they are (`Authorization`), and whether it lets them in.

use std::collections::BTreeSet;

use browser::RequestId;

/// Requests that are kept in mind.
const LIMIT: usize = 100;
/// What a form's script sends, and its answer, may be told this long before the form is told to be sent (milliseconds).
const AHEAD_MS: u64 = 1_000;

/// The requests that carry the header. What it says is never kept.
#[derive(Debug, Default)]
pub(super) struct Authorization {
    /// When the first such request was sent, if nobody had signed in yet.
    first_at: Option<u64>,
    /// Somebody signed in, or tried to.
    begun: bool,
    /// Such a request was sent before that.
    before: bool,
    waiting: BTreeSet<String>,
    /// When the website let such a request in last.
    let_in_at: Option<u64>,
}

impl Authorization {
    /// A request with the header was sent.
    pub fn sent(&mut self, now: u64, request: &RequestId) {
        if !self.begun {
            self.first_at.get_or_insert(now);
        }
        if self.waiting.len() < LIMIT {
            self.waiting.insert(request.0.clone());
        }
    }

    /// A request was answered: whether it shows that the website lets somebody in now and did not before.
    pub fn answered(&mut self, now: u64, request: &RequestId, status: u16) -> bool {
        let is_let_in = self.waiting.remove(&request.0) && (200..300).contains(&status);
        if is_let_in {
            self.let_in_at = Some(now);
        }
        is_let_in && self.begun && !self.before
    }

    /// Somebody tries to sign in: whether the website was seen to let them in already, by events that came ahead.
    pub fn submitted(&mut self, now: u64) -> bool {
        let is_old = |at: u64| now.saturating_sub(at) > AHEAD_MS;
        if !self.begun {
            self.begun = true;
            self.before = self.first_at.is_some_and(is_old);
        }
        !self.before && self.let_in_at.is_some_and(|at| !is_old(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_let_in_after_an_attempt_and_not_before_counts() {
        let id = |id: &str| RequestId(id.into());
        let mut seen = Authorization::default();
        assert!(!seen.submitted(0));
        seen.sent(1, &id("refused"));
        seen.sent(1, &id("good"));
        assert!(!seen.answered(2, &id("refused"), 401));
        assert!(!seen.answered(2, &id("other"), 200));
        assert!(seen.answered(2, &id("good"), 200));
        assert!(!seen.answered(2, &id("good"), 200), "once");
        let mut anonymous = Authorization::default();
        anonymous.sent(0, &id("before"));
        assert!(!anonymous.submitted(5_000));
        anonymous.sent(5_001, &id("after"));
        assert!(!anonymous.answered(5_002, &id("after"), 200));
    }

    #[test]
    fn what_is_told_ahead_of_its_form_counts() {
        let id = |id: &str| RequestId(id.into());
        let mut sent_ahead = Authorization::default();
        sent_ahead.sent(990, &id("a"));
        assert!(!sent_ahead.submitted(1_000));
        assert!(sent_ahead.answered(1_010, &id("a"), 200));
        let mut answered_ahead = Authorization::default();
        answered_ahead.sent(990, &id("a"));
        assert!(!answered_ahead.answered(995, &id("a"), 200));
        assert!(answered_ahead.submitted(1_000));
        assert!(!answered_ahead.submitted(9_000), "that was the try before");
    }
}
