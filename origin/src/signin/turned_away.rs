//! Addresses that led the visitor away to sign in, and that are shown now: who is not signed in does not get there.

use std::collections::{BTreeMap, BTreeSet};

use browser::RequestId;

use super::frames::address;

/// Addresses that are kept in mind.
const LIMIT: usize = 200;
/// Redirects of one request that are kept in mind.
const CHAIN_LIMIT: usize = 20;

/// Where requests for documents were led, and where something was sent.
#[derive(Debug, Default)]
pub(super) struct TurnedAway {
    /// The addresses that a request went through, by its name.
    chains: BTreeMap<String, Vec<String>>,
    /// The address that each of them led to in the end.
    led: BTreeMap<String, String>,
    /// The addresses of the pages that a form was sent from.
    forms: BTreeSet<String>,
    /// Where an anonymous visitor of an address is led to a form.
    anonymous: BTreeMap<String, String>,
}

impl TurnedAway {
    /// A document was asked for, perhaps by a redirect of the same request. What an address answers to something that is
    /// sent there, it does not show to who visits it.
    pub fn requested(&mut self, request: &RequestId, method: &str, url: &str) {
        if method != "GET" {
            self.led.remove(&address(url));
            return;
        }
        let known = self.chains.contains_key(&request.0);
        if !known && self.chains.len() >= LIMIT {
            return;
        }
        let chain = self.chains.entry(request.0.clone()).or_default();
        if chain.len() >= CHAIN_LIMIT {
            return;
        }
        let to = address(url);
        for from in chain.iter().filter(|from| **from != to) {
            if self.led.len() < LIMIT || self.led.contains_key(from) {
                self.led.insert(from.clone(), to.clone());
            }
        }
        chain.push(to);
    }

    /// A page that nobody had used went to another address by itself: a script of it did.
    pub fn led(&mut self, from: &str, to: &str) {
        let (from, to) = (address(from), address(to));
        if from != to && self.led.len() < LIMIT {
            self.led.insert(from, to);
        }
    }

    /// A form was sent from this page.
    pub fn sent_from(&mut self, url: &str) {
        if self.forms.len() < LIMIT {
            self.forms.insert(address(url));
        }
    }

    /// An anonymous visitor of one address is led to a form at another one.
    pub fn led_anonymous(&mut self, from: String, to: String) {
        if from != to && self.anonymous.len() < LIMIT {
            self.anonymous.insert(from, to);
        }
    }

    /// Whether anonymous visitors of one of these addresses are led to such a page.
    pub fn asks_anonymous(&self, shown: &[String]) -> bool {
        let to = |shown| self.anonymous.get(shown);
        shown
            .iter()
            .filter_map(to)
            .any(|to| self.forms.contains(to))
    }

    /// Whether one of these addresses led to such a page before.
    pub fn lets_in(&self, shown: &[String]) -> bool {
        let led_to_form = |shown: &String| {
            let ways = std::iter::successors(self.led.get(shown), |at| self.led.get(*at));
            let mut ways = ways.take(CHAIN_LIMIT);
            ways.any(|to| self.forms.contains(to))
        };
        shown.iter().any(led_to_form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_led_to_the_form_lets_in() {
        let id = |id: &str| RequestId(id.into());
        let mut seen = TurnedAway::default();
        for (request, url) in [
            ("1", "https://a.test/"),
            ("1", "https://a.test/en"),
            ("1", "https://a.test/in?next=%2F"),
            ("2", "https://a.test/help"),
            ("3", "https://a.test/old"),
            ("3", "https://a.test/new"),
        ] {
            seen.requested(&id(request), "GET", url);
        }
        let shown = |path: &str| vec![format!("https://a.test{path}")];
        assert!(!seen.lets_in(&shown("/")), "nothing was sent");
        seen.sent_from("https://a.test/in?next=%2F&error");
        assert!(seen.lets_in(&shown("/")));
        assert!(seen.lets_in(&shown("/en")));
        for other in ["/in", "/help", "/old", "/new"] {
            assert!(!seen.lets_in(&shown(other)), "{other}");
        }
        seen.led_anonymous("https://a.test/my".into(), "https://a.test/in".into());
        seen.led_anonymous("https://a.test/blog".into(), "https://a.test/join".into());
        assert!(seen.asks_anonymous(&shown("/my")) && !seen.lets_in(&shown("/my")));
        assert!(!seen.asks_anonymous(&shown("/blog")), "another form");
        seen.requested(&id("4"), "POST", "https://a.test/?again");
        assert!(!seen.lets_in(&shown("/")), "the answer to what was sent");
        assert!(seen.lets_in(&shown("/en")));
    }
}
