//! Requests of a whole browser, judged before they leave.

use std::sync::Arc;

use chromiumoxide_cdp::cdp::browser_protocol::{
    fetch::{
        ContinueRequestParams, EnableParams, FailRequestParams, FulfillRequestParams, HeaderEntry,
        RequestPattern,
    },
    network::{ErrorReason, SetBypassServiceWorkerParams},
};

use super::effect::Effect;
use crate::{
    cdp_events::{PausedRequestEvent, RequestPaused},
    ids::PageId,
    request_filter::{PausedRequest, RequestFilter},
};

/// Whoever judges the requests of a browser, where somebody does.
#[derive(Default)]
pub(crate) struct RequestJudge {
    filter: Option<Arc<dyn RequestFilter>>,
    /// The address of an empty document, for which no website is asked.
    empty: Option<String>,
}

/// Where a paused request comes from.
#[derive(Clone, Copy)]
pub(crate) struct RequestOrigin {
    /// The page of its frame, if that is known.
    pub page: Option<PageId>,
    /// Its frame is a page's main one, or a window that is just opened.
    pub is_main: bool,
}

/// Has every request paused; sent by the browser's own session, so that nothing that is attached later can be too fast.
/// Challenges are told of paused requests alone, and what is not told waits for ever in a window that nobody sees.
pub(crate) fn pause_everything() -> EnableParams {
    EnableParams {
        patterns: Some(vec![RequestPattern {
            url_pattern: Some("*".to_owned()),
            resource_type: None,
            request_stage: None,
        }]),
        handle_auth_requests: Some(true),
    }
}

impl RequestJudge {
    /// Judges by this filter from now on, in these sessions too. Does nothing when there is one already.
    pub fn set<'a>(
        &mut self,
        filter: Arc<dyn RequestFilter>,
        sessions: impl Iterator<Item = &'a str>,
    ) -> Vec<Effect> {
        if self.filter.is_some() {
            return Vec::new();
        }
        self.filter = Some(filter);
        sessions
            .filter_map(|session| self.set_up(session))
            .collect()
    }

    /// From now on this address brings an empty document; `None` ends that.
    pub fn expect_empty_document(&mut self, url: Option<String>) {
        self.empty = url;
    }

    /// What a session needs: a service worker would answer or send for the page, now or later.
    pub fn set_up(&self, session: &str) -> Option<Effect> {
        let bypass = SetBypassServiceWorkerParams::new(true);
        self.filter
            .is_some()
            .then(|| Effect::send(session, &bypass))
    }

    /// Answers a paused request; one that is not understood is failed.
    pub fn paused(
        &self,
        session: &str,
        paused: PausedRequestEvent,
        origin: impl FnOnce(&str) -> RequestOrigin,
    ) -> Option<Effect> {
        let paused = match paused {
            PausedRequestEvent::Understood(paused) => paused,
            PausedRequestEvent::NotUnderstood { request_id } => {
                tracing::warn!("a paused request was not understood");
                return request_id
                    .map(|request_id| fail(session, request_id, ErrorReason::BlockedByClient));
            }
        };
        let is_document = paused.resource_type == "Document";
        if is_document && self.empty.as_ref() == Some(&paused.request.url) {
            return Some(Effect::send(session, &empty_document(paused.request_id)));
        }
        let is_let_through = self.lets_through(&paused, origin(&paused.frame_id));
        Some(if is_let_through {
            Effect::send(session, &ContinueRequestParams::new(paused.request_id))
        } else {
            // A navigation that is given up leaves the page where it is, without a page of an error.
            let reason = if is_document {
                ErrorReason::Aborted
            } else {
                ErrorReason::BlockedByClient
            };
            fail(session, paused.request_id, reason)
        })
    }

    /// Without a filter everything may leave.
    fn lets_through(&self, paused: &RequestPaused, origin: RequestOrigin) -> bool {
        let request = PausedRequest {
            page: origin.page,
            is_main_document: paused.resource_type == "Document" && origin.is_main,
            method: &paused.request.method,
            url: &paused.request.url,
            resource_type: &paused.resource_type,
            body: paused.request.post_data.as_ref().map(|body| body.as_str()),
            has_body: paused.request.has_post_data || paused.request.post_data.is_some(),
        };
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.lets_through(&request))
    }

    /// The main frame of a page shows another document, of this URL.
    pub fn document_came(&self, page: PageId, url: &str) {
        if let Some(filter) = self.filter.as_ref().filter(|_| url.starts_with("http")) {
            filter.document_came(page);
        }
    }

    /// A message left over a WebSocket.
    pub fn web_socket_message_sent(&self, page: PageId) {
        if let Some(filter) = &self.filter {
            filter.web_socket_message_sent(page);
        }
    }
}

fn empty_document(request_id: String) -> FulfillRequestParams {
    let mut answer = FulfillRequestParams::new(request_id, 200);
    answer.response_headers = Some(vec![HeaderEntry::new("Content-Type", "text/html")]);
    answer
}

fn fail(session: &str, request_id: String, reason: ErrorReason) -> Effect {
    Effect::send(session, &FailRequestParams::new(request_id, reason))
}

#[cfg(test)]
mod tests {
    use super::{super::effect::lines, *};
    use crate::cdp_events::PausedRequestBody;

    struct NoPosts;

    impl RequestFilter for NoPosts {
        fn lets_through(&self, request: &PausedRequest<'_>) -> bool {
            request.method != "POST"
        }

        fn document_came(&self, _: PageId) {}

        fn web_socket_message_sent(&self, _: PageId) {}
    }

    fn paused(method: &str, resource_type: &str) -> PausedRequestEvent {
        PausedRequestEvent::Understood(RequestPaused {
            request_id: "7".to_owned(),
            request: PausedRequestBody {
                url: "https://utility.test/".to_owned(),
                method: method.to_owned(),
                post_data: None,
                has_post_data: false,
            },
            frame_id: String::new(),
            resource_type: resource_type.to_owned(),
        })
    }

    fn answer(judge: &RequestJudge, event: PausedRequestEvent) -> String {
        let origin = |_: &str| RequestOrigin {
            page: None,
            is_main: true,
        };
        format!("{:?}", judge.paused("", event, origin))
    }

    #[test]
    fn every_paused_request_is_answered_and_what_is_not_understood_fails() {
        let mut judge = RequestJudge::default();
        let set = judge.set(Arc::new(NoPosts), ["s"].into_iter());
        assert_eq!(lines(&set), ["s Network.setBypassServiceWorker"]);
        let second = judge.set(Arc::new(NoPosts), ["s"].into_iter());
        assert!(second.is_empty());
        assert!(answer(&judge, paused("GET", "XHR")).contains("- Fetch.continueRequest"));
        assert!(answer(&judge, paused("POST", "XHR")).contains("BlockedByClient"));
        assert!(answer(&judge, paused("POST", "Document")).contains("Aborted"));
        let unclear = |request_id| PausedRequestEvent::NotUnderstood { request_id };
        let failed = answer(&judge, unclear(Some("9".to_owned())));
        assert!(failed.contains("- Fetch.failRequest") && failed.contains("\"9\""));
        assert_eq!(answer(&judge, unclear(None)), "None");
    }
}
