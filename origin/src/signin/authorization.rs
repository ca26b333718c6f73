//! Whether the scripts of a page show their website who they are (`Authorization`), and whether it lets them in.

use std::collections::BTreeSet;

use browser::RequestId;

/// Requests that are kept in mind.
const LIMIT: usize = 100;

/// The requests that carry the header. What it says is never kept.
#[derive(Debug, Default)]
pub(super) struct Authorization {
    /// Such a request was sent before anybody signed in.
    before: bool,
    waiting: BTreeSet<String>,
}

impl Authorization {
    /// A request with the header was sent, after an attempt to sign in or before any.
    pub fn sent(&mut self, request: &RequestId, after_attempt: bool) {
        if !after_attempt {
            self.before = true;
        } else if self.waiting.len() < LIMIT {
            self.waiting.insert(request.0.clone());
        }
    }

    /// A request was answered: whether it shows that the website lets somebody in now and did not before.
    pub fn answered(&mut self, request: &RequestId, status: u16) -> bool {
        self.waiting.remove(&request.0) && (200..300).contains(&status) && !self.before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_let_in_after_an_attempt_and_not_before_counts() {
        let id = |id: &str| RequestId(id.into());
        let mut seen = Authorization::default();
        seen.sent(&id("refused"), true);
        seen.sent(&id("good"), true);
        assert!(!seen.answered(&id("refused"), 401));
        assert!(!seen.answered(&id("other"), 200));
        assert!(seen.answered(&id("good"), 200));
        assert!(!seen.answered(&id("good"), 200), "once");
        let mut anonymous = Authorization::default();
        anonymous.sent(&id("before"), false);
        anonymous.sent(&id("after"), true);
        assert!(!anonymous.answered(&id("after"), 200));
    }
}
