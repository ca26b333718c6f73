//! What judges requests before they leave: of pages, frames, pop-ups and workers of every kind.

use super::ids::PageId;

/// A request that Chromium has paused until it is judged.
#[derive(Debug, Clone, Copy)]
pub struct PausedRequest<'a> {
    /// The page that it belongs to. It is `None` for workers that pages share, and for a window that is just opened.
    pub page: Option<PageId>,
    /// Whether it brings the main document of a page.
    pub is_main_document: bool,
    /// The HTTP method, as Chromium writes it.
    pub method: &'a str,
    /// The URL that it asks for.
    pub url: &'a str,
    /// Chromium's resource type: `Document`, `XHR`, `Ping` and so on.
    pub resource_type: &'a str,
    /// The body, where Chromium gives it.
    pub body: Option<&'a str>,
    /// Whether it has a body, given or not.
    pub has_body: bool,
}

/// Judges the requests of a browser. It is called while an event is handled and the browser's state is locked, so it
/// must answer at once, and it must not call the browser or its pages.
pub trait RequestFilter: Send + Sync {
    /// Whether the request may leave. When it may not, it fails: a document as a navigation that was given up, and
    /// everything else as a request that the client blocked.
    fn lets_through(&self, request: &PausedRequest<'_>) -> bool;
    /// Is told that the main frame of a page shows another document.
    fn document_came(&self, page: PageId);
    /// Is told that a message left over a WebSocket of a page. Such messages cannot be held.
    fn web_socket_message_sent(&self, page: PageId);
}
