//! Knows why requests are made, has them judged, and counts what was held.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use browser::{PageId, PausedRequest, RequestFilter};
use url::Url;

use super::decide::{HeldKind, RequestCause, RequestDecision, RequestFacts, decide};

/// A longer body is not read.
const BODY_MAX: usize = 512 * 1024;

/// How many requests were held, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldCounts {
    /// Requests whose address names a change.
    pub address: u32,
    /// Requests whose HTTP method changes: PUT, PATCH, DELETE.
    pub method: u32,
    /// Requests whose body names a change.
    pub body: u32,
    /// POSTs of which nothing said that they only read.
    pub unclear_post: u32,
    /// Beacons and reports.
    pub beacon: u32,
    /// Messages that left over WebSockets after something was pressed; these cannot be held.
    pub web_socket_messages: u32,
}

impl HeldCounts {
    /// All that were held.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.may_hide_bills() + self.beacon
    }

    /// Those without which a page may show less.
    #[must_use]
    pub fn may_hide_bills(&self) -> u32 {
        self.address + self.method + self.body + self.unclear_post
    }
}

/// Holds requests back that would change the account, from [`begin`](Self::begin) on until [`lift`](Self::lift).
/// Before that, during the sign-in, everything is let through.
#[derive(Debug, Default)]
pub struct ReadOnlyGuard(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    begun: bool,
    /// Pages in which something was pressed since their document came, and what.
    pressed: BTreeMap<PageId, RequestCause>,
    /// What was pressed last, in any page.
    last: Option<RequestCause>,
    /// Pages that have had a document of their own.
    loaded: BTreeSet<PageId>,
    held: HeldCounts,
}

impl ReadOnlyGuard {
    /// Lets everything through until [`begin`](Self::begin).
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// From now on the account is only read.
    pub fn begin(&self) {
        self.state().begun = true;
    }

    /// From now on everything is let through again: a person uses the browser.
    pub fn lift(&self) {
        self.state().begun = false;
    }

    /// Something is about to be pressed in a page: what it causes is judged by what it is for.
    pub fn will_press(&self, page: PageId, cause: RequestCause) {
        let mut state = self.state();
        state.pressed.insert(page, cause);
        state.last = Some(cause);
    }

    /// What was held so far.
    #[must_use]
    pub fn held(&self) -> HeldCounts {
        self.state().held
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A page whose document came after the last press acts by itself. A window that a press has opened, and
    /// whatever belongs to no page, acts for what was pressed last.
    fn cause_of(&self, request: &PausedRequest<'_>) -> RequestCause {
        let last = self.last.unwrap_or(RequestCause::PageItself);
        match request.page {
            Some(page) => match self.pressed.get(&page) {
                Some(cause) => *cause,
                None if self.loaded.contains(&page) => RequestCause::PageItself,
                None => last,
            },
            None if self.pressed.is_empty() => RequestCause::PageItself,
            None => last,
        }
    }

    fn count(&mut self, kind: HeldKind) {
        let held = &mut self.held;
        let count = match kind {
            HeldKind::Address => &mut held.address,
            HeldKind::Method => &mut held.method,
            HeldKind::Body => &mut held.body,
            HeldKind::UnclearPost => &mut held.unclear_post,
            HeldKind::Beacon => &mut held.beacon,
        };
        *count = count.saturating_add(1);
    }
}

impl RequestFilter for ReadOnlyGuard {
    fn lets_through(&self, request: &PausedRequest<'_>) -> bool {
        let mut state = self.state();
        if !state.begun {
            return true;
        }
        // What is no address goes nowhere.
        let Ok(url) = Url::parse(request.url) else {
            return true;
        };
        let cause = state.cause_of(request);
        let decision = decide(&RequestFacts {
            method: &request.method.to_ascii_uppercase(),
            url: &url,
            resource_type: request.resource_type,
            is_main_document: request.is_main_document,
            body: request.body.filter(|body| body.len() <= BODY_MAX),
            has_body: request.has_body,
            cause,
        });
        match decision {
            RequestDecision::LetThrough => true,
            RequestDecision::Hold(kind) => {
                state.count(kind);
                tracing::debug!(
                    kind = kind.as_str(),
                    ?cause,
                    resource = request.resource_type,
                    "a request was held"
                );
                false
            }
        }
    }

    fn document_came(&self, page: PageId) {
        let mut state = self.state();
        state.pressed.remove(&page);
        state.loaded.insert(page);
    }

    fn web_socket_message_sent(&self, page: PageId) {
        let mut state = self.state();
        if state.begun && state.pressed.contains_key(&page) {
            state.held.web_socket_messages = state.held.web_socket_messages.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_press_causes_ends_with_the_next_document() {
        let guard = ReadOnlyGuard::default();
        let pages: Vec<PageId> = (1..=2).map(PageId).collect();
        let post = |page: Option<PageId>, url: &'static str| PausedRequest {
            page,
            is_main_document: false,
            method: "POST",
            url,
            resource_type: "XHR",
            body: None,
            has_body: false,
        };
        let (page, popup) = (pages.first().copied(), pages.get(1).copied());
        assert!(
            guard.lets_through(&post(page, "https://a.example/x/delete")),
            "during the sign-in"
        );
        guard.document_came(page.expect("a page"));
        guard.begin();
        assert!(
            guard.lets_through(&post(page, "https://a.example/x/hello")),
            "by the page itself"
        );
        guard.will_press(page.expect("a page"), RequestCause::Unknown);
        for from in [page, popup, None] {
            assert!(!guard.lets_through(&post(from, "https://a.example/x/hello")));
        }
        guard.document_came(popup.expect("a page"));
        assert!(guard.lets_through(&post(popup, "https://a.example/x/hello")));
        guard.document_came(page.expect("a page"));
        assert!(guard.lets_through(&post(page, "https://a.example/x/hello")));
        assert!(guard.lets_through(&post(None, "https://a.example/x/hello")));
        assert_eq!(
            (guard.held().unclear_post, guard.held().may_hide_bills()),
            (3, 3)
        );
        guard.web_socket_message_sent(page.expect("a page"));
        assert_eq!(guard.held().web_socket_messages, 0);
        guard.will_press(page.expect("a page"), RequestCause::ReadingControl);
        guard.web_socket_message_sent(page.expect("a page"));
        assert_eq!(guard.held().web_socket_messages, 1);
    }
}
