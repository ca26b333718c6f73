//! What judges requests before they leave: of pages, frames, pop-ups and workers of every kind.

use super::ids::PageId;

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
