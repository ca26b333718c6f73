//! Whether the scripts of a page show their website who they are (`Authorization`), and whether it lets them in.

use std::collections::BTreeMap;

use browser::RequestId;

use super::attempt::host;
use crate::registrable_domain::registrable;

/// Requests, and websites, that are kept in mind.
const LIMIT: usize = 100;
/// What a form's script sends, and its answer, may be told this long before the form is told to be sent (milliseconds).
const AHEAD_MS: u64 = 1_000;

/// The requests that carry the header, by the website (registrable domain) that they went to. What it says is never kept.
#[derive(Debug, Default)]
pub(super) struct Authorization {
    /// When the first such request was sent to each website, before anybody had signed in.
    first_at: BTreeMap<String, u64>,
    /// When somebody signed in, or tried to, for the first time.
    begun_at: Option<u64>,
    /// The website of the newest try.
    site: String,
    /// The website of each request that is not answered yet.
    waiting: BTreeMap<String, String>,
    /// When each website let such a request in last.
    let_in_at: BTreeMap<String, u64>,
}

impl Authorization {
    /// A request with the header was sent to this URL.
    pub fn sent(&mut self, now: u64, request: &RequestId, url: &str) {
        let site = registrable(&host(url)).to_owned();
        if self.begun_at.is_none() && self.first_at.len() < LIMIT {
            self.first_at.entry(site.clone()).or_insert(now);
        }
        if self.waiting.len() < LIMIT {
            self.waiting.insert(request.0.clone(), site);
        }
    }

    /// A request was answered: whether it shows that the website of the try lets somebody in now and did not before.
    pub fn answered(&mut self, now: u64, request: &RequestId, status: u16) -> bool {
        let Some(site) = self.waiting.remove(&request.0) else {
            return false;
        };
        if !(200..300).contains(&status) {
            return false;
        }
        let is_of_try = self.begun_at.is_some() && site == self.site && !self.was_before();
        if self.let_in_at.len() < LIMIT || self.let_in_at.contains_key(&site) {
            self.let_in_at.insert(site, now);
        }
        is_of_try
    }

    /// Somebody tries to sign in on this host: whether its website was seen to let them in already, by events that came
    /// ahead.
    pub fn submitted(&mut self, now: u64, host: &str) -> bool {
        self.begun_at.get_or_insert(now);
        self.site = registrable(host).to_owned();
        let let_in_at = self.let_in_at.get(&self.site);
        !self.was_before() && let_in_at.is_some_and(|at| now.saturating_sub(*at) <= AHEAD_MS)
    }

    /// Scripts showed the website of the try who they are before anybody had signed in.
    fn was_before(&self) -> bool {
        let begun_at = self.begun_at.unwrap_or_default();
        let first_at = self.first_at.get(&self.site);
        first_at.is_some_and(|at| begun_at.saturating_sub(*at) > AHEAD_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "www.utility.test";
    const API: &str = "https://api.utility.test/me";

    #[test]
    fn only_what_is_let_in_after_an_attempt_and_not_before_counts() {
        let id = |id: &str| RequestId(id.into());
        let mut seen = Authorization::default();
        assert!(!seen.submitted(0, HOST));
        seen.sent(1, &id("refused"), API);
        seen.sent(1, &id("good"), API);
        assert!(!seen.answered(2, &id("refused"), 401));
        assert!(!seen.answered(2, &id("other"), 200));
        assert!(seen.answered(2, &id("good"), 200));
        assert!(!seen.answered(2, &id("good"), 200), "once");
        let mut anonymous = Authorization::default();
        anonymous.sent(0, &id("before"), API);
        assert!(!anonymous.submitted(5_000, HOST));
        anonymous.sent(5_001, &id("after"), API);
        assert!(!anonymous.answered(5_002, &id("after"), 200));
    }

    #[test]
    fn what_is_told_ahead_of_its_form_counts() {
        let id = |id: &str| RequestId(id.into());
        let mut sent_ahead = Authorization::default();
        sent_ahead.sent(990, &id("a"), API);
        assert!(!sent_ahead.submitted(1_000, HOST));
        assert!(sent_ahead.answered(1_010, &id("a"), 200));
        let mut answered_ahead = Authorization::default();
        answered_ahead.sent(990, &id("a"), API);
        assert!(!answered_ahead.answered(995, &id("a"), 200));
        assert!(answered_ahead.submitted(1_000, HOST));
        assert!(
            !answered_ahead.submitted(9_000, HOST),
            "that was the try before"
        );
    }

    #[test]
    fn what_another_website_lets_in_does_not_count() {
        let id = |id: &str| RequestId(id.into());
        let tracker = "https://tracker.test/log";
        let mut seen = Authorization::default();
        seen.sent(980, &id("answered ahead"), tracker);
        seen.sent(990, &id("sent ahead"), tracker);
        assert!(!seen.answered(995, &id("answered ahead"), 200));
        assert!(!seen.submitted(1_000, HOST));
        assert!(!seen.answered(1_010, &id("sent ahead"), 200));
        seen.sent(1_020, &id("after"), tracker);
        assert!(!seen.answered(1_030, &id("after"), 200));
        seen.sent(1_040, &id("own"), API);
        assert!(seen.answered(1_050, &id("own"), 200));
    }
}
