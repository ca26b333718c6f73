//! What tells that the website lets somebody in whom it did not: at addresses, and to scripts of its pages.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use browser::BrowserEvent;

use super::{attempt::host, authorization::Authorization, turned_away::TurnedAway};
use crate::registrable_domain::registrable;

/// Requests of scripts that are kept in mind; where there are more, their answers tell nothing.
const LIMIT: usize = 500;

/// What an answer to a script tells.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    /// A script showed its website who it is, as it had not before, and was let in.
    pub authorized: bool,
    /// The website answers the very request that it had refused while nobody was signed in.
    pub answers_now: bool,
}

/// Whom the website lets in, from before the first try on.
#[derive(Debug, Default)]
pub(super) struct LetIn {
    /// Scripts that show who they are.
    authorization: Authorization,
    /// Addresses that led to the form.
    pub turned_away: TurnedAway,
    /// What scripts asked for before the first try, and were refused. Addresses may carry secrets: none is kept.
    refused: BTreeSet<u64>,
    /// What they asked for before the first try, and were given.
    given: BTreeSet<u64>,
    /// The website of the newest try.
    site: Option<String>,
}

impl LetIn {
    /// Something happened in the browser.
    pub fn on_event(&mut self, now: u64, event: &BrowserEvent) -> Told {
        let mut told = Told::default();
        match event {
            BrowserEvent::RequestSent {
                url,
                method,
                request_id,
                is_document,
                has_authorization,
                ..
            } => {
                if *is_document {
                    self.turned_away.requested(request_id, method, url);
                }
                if *has_authorization {
                    self.authorization.sent(now, request_id, url);
                }
            }
            BrowserEvent::Response {
                url,
                status,
                is_document,
                method,
                request_id,
                ..
            } => {
                told.authorized = self.authorization.answered(now, request_id, *status);
                told.answers_now = !is_document && method == "GET" && self.answers(url, *status);
            }
            _ => {}
        }
        told
    }

    /// Somebody tries to sign in on the page at this URL: whether its website was seen to let them in already.
    pub fn submitted(&mut self, now: u64, url: &str) -> bool {
        self.site = Some(registrable(&host(url)).to_owned());
        self.authorization.submitted(now, &host(url))
    }

    /// A page that nobody had used went to another address by itself; after a try that tells nothing of strangers.
    pub fn led(&mut self, from: &str, to: &str) {
        if self.site.is_none() {
            self.turned_away.led(from, to);
        }
    }

    /// A script's request was answered: whether the website had refused it to who is not signed in, always.
    fn answers(&mut self, url: &str, status: u16) -> bool {
        let mut hasher = DefaultHasher::new();
        url.hash(&mut hasher);
        let request = hasher.finish();
        let is_given = (200..300).contains(&status);
        if let Some(site) = &self.site {
            let was_refused = self.refused.contains(&request) && !self.given.contains(&request);
            let is_all_known = self.given.len() < LIMIT;
            return is_given && was_refused && is_all_known && registrable(&host(url)) == *site;
        }
        if is_given && self.given.len() < LIMIT {
            self.given.insert(request);
        } else if matches!(status, 401 | 403) && self.refused.len() < LIMIT {
            self.refused.insert(request);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: &str = "https://api.utility.test/me";

    #[test]
    fn only_what_was_refused_before_the_try_and_never_given_counts() {
        let mut seen = LetIn::default();
        let tokens = "https://www.utility.test/texts";
        assert!(!seen.answers(ME, 401));
        assert!(!seen.answers(tokens, 401));
        assert!(!seen.answers(tokens, 200), "an anonymous token");
        assert!(!seen.answers("https://tracker.test/me", 403));
        seen.submitted(0, "https://www.utility.test/login");
        assert!(!seen.answers(ME, 401), "a wrong password");
        assert!(!seen.answers(tokens, 200), "given before");
        assert!(
            !seen.answers("https://tracker.test/me", 200),
            "another website"
        );
        assert!(
            !seen.answers("https://api.utility.test/you", 200),
            "never refused"
        );
        assert!(seen.answers(ME, 200));
    }
}
