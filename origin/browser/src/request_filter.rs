//! Requests of a whole browser, judged before they leave: of pages, frames, pop-ups and workers of every kind.

use std::sync::Arc;

use chromiumoxide_cdp::cdp::browser_protocol::{
    fetch::{ContinueRequestParams, EnableParams, FailRequestParams, RequestPattern},
    network::{ErrorReason, SetBypassServiceWorkerParams},
};
use serde::Deserialize;

use super::{
    browser::Browser,
    cdp::DEADLINE,
    core::Core,
    types::{BrowserError, FrameId, PageId},
};

/// A request that waits for a decision.
#[derive(Debug, Clone, Copy)]
pub struct PausedRequest<'a> {
    /// The page that it belongs to; `None` for workers that pages share, and what is too new to be known.
    pub page: Option<PageId>,
    /// It brings the main document of a page.
    pub is_main_document: bool,
    /// HTTP method.
    pub method: &'a str,
    /// Where it goes.
    pub url: &'a str,
    /// Chromium's resource type: `Document`, `XHR`, `Ping` and so on.
    pub resource_type: &'a str,
    /// Its body, where Chromium says it.
    pub body: Option<&'a str>,
    /// It has a body, whether that is said or not.
    pub has_body: bool,
}

/// Judges the requests of a browser. Called where events are handled: must answer at once.
pub trait RequestFilter: Send + Sync {
    /// False: the request fails as if the client had blocked it, or given it up when it would bring a document.
    fn lets_through(&self, request: &PausedRequest<'_>) -> bool;
    /// The main frame of a page shows another document.
    fn document_came(&self, page: PageId);
    /// A message left over a WebSocket, which cannot be held.
    fn web_socket_message_sent(&self, page: PageId);
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestPaused {
    request_id: String,
    request: Request,
    #[serde(default)]
    frame_id: String,
    #[serde(default)]
    resource_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    url: String,
    method: String,
    post_data: Option<String>,
    #[serde(default)]
    has_post_data: bool,
}

/// All that is needed to answer a request that is not understood.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestIdOnly {
    request_id: String,
}

impl Browser {
    /// Has every request of this browser judged from now on. Call it before the first page is opened: documents
    /// that are open already are not covered. A second filter is refused by doing nothing.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn filter_requests(
        &self,
        filter: Arc<dyn RequestFilter>,
    ) -> Result<(), BrowserError> {
        if self.core.filter.set(filter).is_err() {
            return Ok(());
        }
        {
            let state = self.core.state();
            for session in state.sessions.keys() {
                self.core.bypass_service_workers(session);
            }
        }
        // On the browser's own session, so that nothing that is attached later can be too fast.
        let everything = RequestPattern {
            url_pattern: Some("*".to_owned()),
            resource_type: None,
            request_stage: None,
        };
        let enable = EnableParams {
            patterns: Some(vec![everything]),
            handle_auth_requests: None,
        };
        self.core.cdp.call(None, enable, DEADLINE).await.map(drop)
    }
}

impl Core {
    /// A service worker would answer or send for the page, now or later.
    pub(super) fn bypass_service_workers(&self, session: &str) {
        if self.filter.get().is_some() {
            self.cdp
                .send(Some(session), &SetBypassServiceWorkerParams::new(true));
        }
    }

    /// Answers every paused request; one that is not understood is failed.
    pub(super) fn request_paused(&self, session: &str, params: &str) {
        let to = Some(session).filter(|session| !session.is_empty());
        let fail = |id: String, reason: ErrorReason| {
            self.cdp.send(to, &FailRequestParams::new(id, reason));
        };
        let paused: RequestPaused = match serde_json::from_str(params) {
            Ok(paused) => paused,
            Err(_) => {
                tracing::warn!("a paused request was not understood");
                if let Ok(only) = serde_json::from_str::<RequestIdOnly>(params) {
                    fail(only.request_id, ErrorReason::BlockedByClient);
                }
                return;
            }
        };
        let (page, is_main) = {
            let state = self.state();
            let frame = FrameId(paused.frame_id);
            let of_frame = state.frames.get(&frame).map(|frame| frame.page);
            // A window that is just opened is no known frame yet.
            let is_main = of_frame.is_none_or(|page| state.is_main(page, &frame));
            (of_frame, is_main)
        };
        let request = PausedRequest {
            page,
            is_main_document: paused.resource_type == "Document" && is_main,
            method: &paused.request.method,
            url: &paused.request.url,
            resource_type: &paused.resource_type,
            body: paused.request.post_data.as_deref(),
            has_body: paused.request.has_post_data || paused.request.post_data.is_some(),
        };
        // Without a filter nothing would be paused.
        if self
            .filter
            .get()
            .is_none_or(|filter| filter.lets_through(&request))
        {
            self.cdp
                .send(to, &ContinueRequestParams::new(paused.request_id));
        } else {
            // A navigation that is given up leaves the page where it is, without a page of an error.
            let reason = if paused.resource_type == "Document" {
                ErrorReason::Aborted
            } else {
                ErrorReason::BlockedByClient
            };
            fail(paused.request_id, reason);
        }
    }

    /// Tells the filter that a message left over a WebSocket.
    pub(super) fn web_socket_message_sent(&self, session: &str) {
        let page = self.state().page_of(session);
        if let (Some(filter), Some(page)) = (self.filter.get(), page) {
            filter.web_socket_message_sent(page);
        }
    }
}
