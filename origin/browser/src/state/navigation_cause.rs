//! Why the document of a frame is replaced, from what Chromium tells before it comes.

use crate::{
    cdp_events::{NavigationRequested, NavigationStarted},
    event::NavigationCause,
};

/// What was told of a frame since its last document came.
#[derive(Default)]
pub(crate) struct PendingNavigation {
    /// The reason that a page gave, if it was a page that asked.
    requested: Option<String>,
    started: Option<NavigationStarted>,
}

impl PendingNavigation {
    /// A page asks for another document.
    pub fn requested(&mut self, request: NavigationRequested) {
        self.requested = Some(request.reason);
    }

    /// The browser begins to get it.
    pub fn started(&mut self, started: NavigationStarted) {
        self.started = Some(started);
    }

    /// The document that this loader brought is there: why it came.
    pub fn committed(&mut self, loader: &str, is_main: bool) -> NavigationCause {
        let requested = self.requested.take();
        let started = self.started.take();
        let kind = started
            .filter(|started| started.loader_id == loader)
            .map(|started| started.navigation_type)
            .unwrap_or_default();
        let by_page = requested.as_deref().map(cause_of_request);
        match kind.as_str() {
            // A request that came to nothing may be left over from before.
            "reload" | "reloadBypassingCache" => by_page
                .filter(|_| requested.as_deref() == Some("reload"))
                .unwrap_or(NavigationCause::Browser),
            kind if kind.starts_with("history") => NavigationCause::Browser,
            "" => by_page.unwrap_or(NavigationCause::Script),
            // The browser itself takes main frames alone to an address.
            _ if is_main => by_page.unwrap_or(NavigationCause::Browser),
            _ => by_page.unwrap_or(NavigationCause::Script),
        }
    }
}

fn cause_of_request(reason: &str) -> NavigationCause {
    match reason {
        "anchorClick" => NavigationCause::Link,
        "formSubmissionGet" | "formSubmissionPost" => NavigationCause::Form,
        "httpHeaderRefresh" | "metaTagRefresh" => NavigationCause::Timer,
        _ => NavigationCause::Script,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(reason: Option<&str>, kind: &str, is_main: bool) -> NavigationCause {
        let mut pending = PendingNavigation::default();
        if let Some(reason) = reason {
            pending.requested(NavigationRequested {
                frame_id: "f".to_owned(),
                reason: reason.to_owned(),
            });
        }
        if !kind.is_empty() {
            pending.started(NavigationStarted {
                frame_id: "f".to_owned(),
                navigation_type: kind.to_owned(),
                loader_id: "l".to_owned(),
            });
        }
        pending.committed("l", is_main)
    }

    #[test]
    fn a_page_says_why_and_what_it_did_not_ask_for_is_the_browsers() {
        use NavigationCause::{Browser, Form, Link, Script, Timer};
        let new = "differentDocument";
        let back = "historyDifferentDocument";
        for (reason, kind, is_main, expected) in [
            (Some("anchorClick"), new, true, Link),
            (Some("formSubmissionPost"), new, true, Form),
            (Some("formSubmissionGet"), new, false, Form),
            (Some("metaTagRefresh"), new, true, Timer),
            (Some("scriptInitiated"), new, true, Script),
            (Some("initialFrameNavigation"), new, false, Script),
            (None, new, true, Browser),
            (None, new, false, Script),
            (None, "reload", true, Browser),
            (Some("reload"), "reload", true, Script),
            (Some("scriptInitiated"), "reload", true, Browser),
            (None, back, true, Browser),
            (Some("anchorClick"), back, true, Browser),
            (None, "", true, Script),
        ] {
            assert_eq!(cause(reason, kind, is_main), expected, "{reason:?} {kind}");
        }
    }

    #[test]
    fn what_was_told_counts_for_one_document() {
        let mut pending = PendingNavigation::default();
        pending.requested(NavigationRequested {
            frame_id: "f".to_owned(),
            reason: "anchorClick".to_owned(),
        });
        assert_eq!(pending.committed("l", true), NavigationCause::Link);
        assert_eq!(pending.committed("l", true), NavigationCause::Script);
    }
}
