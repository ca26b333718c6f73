//! Requests: told to listeners, counted for those who wait for quiet, and why documents fail.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use super::{
    cdp_events::{RequestOver, RequestWillBeSent, ResponseReceived},
    core::Core,
    types::{BrowserEvent, FrameId, NetError, PageId, RequestId},
};

/// A request that runs longer is a stream or a long poll, not loading.
const LOADING: Duration = Duration::from_secs(8);
const MAX_RUNNING: usize = 512;

/// Requests of one page.
pub(super) struct Requests {
    running: HashMap<String, Running>,
    quiet_since: Instant,
    /// The last answer to a request for a document.
    pub document: Option<(String, u16)>,
    /// Whether the main document is the answer to a POST.
    pub posted: bool,
}

struct Running {
    since: Instant,
    url: String,
    method: String,
    frame: Option<FrameId>,
    /// The document that asked.
    loader: String,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            running: HashMap::new(),
            quiet_since: Instant::now(),
            document: None,
            posted: false,
        }
    }
}

impl Requests {
    /// How long nothing has been loading.
    pub fn quiet_for(&self) -> Duration {
        let busy = self
            .running
            .values()
            .any(|one| one.since.elapsed() < LOADING);
        if busy {
            return Duration::ZERO;
        }
        self.quiet_since.elapsed()
    }

    /// A frame shows the document of this loader. What the one before it has asked for is not waited for any longer:
    /// Chromium does not tell the end of it, as of the answer to a `fetch` that no script has read.
    pub fn document_came(&mut self, frame: &FrameId, is_main: bool, loader: &str) {
        self.running.retain(|_, one| {
            let gone = is_main || one.frame.as_ref() == Some(frame);
            !gone || one.loader == loader
        });
    }
}

impl Core {
    pub(super) fn request_sent(&self, session: &str, sent: RequestWillBeSent) {
        let is_document = sent.kind == "Document";
        let counts = !matches!(
            sent.kind.as_str(),
            "EventSource" | "WebSocket" | "Ping" | "Prefetch"
        );
        let frame = sent.frame_id.map(FrameId);
        let (page, before) = {
            let mut state = self.state();
            let Some(page) = state.page_of(session) else {
                return;
            };
            let Some(of) = state.pages.get_mut(&page) else {
                return;
            };
            let before = of.requests.running.remove(&sent.request_id);
            if counts && of.requests.running.len() < MAX_RUNNING {
                let now = Running {
                    since: Instant::now(),
                    url: sent.request.url.clone(),
                    method: sent.request.method.clone(),
                    frame: frame.clone(),
                    loader: sent.loader_id,
                };
                of.requests.running.insert(sent.request_id.clone(), now);
            }
            (page, before)
        };
        if let Some(redirect) = sent.redirect_response {
            self.tell(BrowserEvent::Response {
                page,
                frame: frame.clone(),
                url: redirect.url,
                status: status(redirect.status),
                is_document,
                // A redirected POST goes on as a GET: this answers the request before.
                method: before.map_or_else(|| "GET".to_owned(), |before| before.method),
                request_id: RequestId(sent.request_id.clone()),
            });
        }
        self.tell(BrowserEvent::RequestSent {
            page,
            frame,
            url: sent.request.url,
            method: sent.request.method,
            request_id: RequestId(sent.request_id),
            is_document,
            has_post: sent.request.has_post_data,
        });
    }

    pub(super) fn response(&self, session: &str, received: ResponseReceived) {
        let is_document = received.kind == "Document";
        let status = status(received.response.status);
        let (page, method) = {
            let mut state = self.state();
            let Some(page) = state.page_of(session) else {
                return;
            };
            let Some(of) = state.pages.get_mut(&page) else {
                return;
            };
            if is_document {
                of.requests.document = Some((received.request_id.clone(), status));
            }
            let running = of.requests.running.get(&received.request_id);
            let method = running.map(|one| one.method.clone());
            if is_document && received.frame_id.as_ref() == Some(&of.main.0) {
                of.requests.posted = method.as_deref() == Some("POST");
            }
            (page, method)
        };
        self.tell(BrowserEvent::Response {
            page,
            frame: received.frame_id.map(FrameId),
            url: received.response.url,
            status,
            is_document,
            method: method.unwrap_or_else(|| "GET".to_owned()),
            request_id: RequestId(received.request_id),
        });
    }

    pub(super) fn request_over(&self, session: &str, over: RequestOver, failed: bool) {
        let (page, was) = {
            let mut state = self.state();
            let Some(page) = state.page_of(session) else {
                return;
            };
            let Some(of) = state.pages.get_mut(&page) else {
                return;
            };
            let was = of.requests.running.remove(&over.request_id);
            if was.is_some() {
                of.requests.quiet_since = Instant::now();
            }
            (page, was)
        };
        if failed {
            self.tell(BrowserEvent::RequestFailed {
                page,
                request_id: RequestId(over.request_id),
            });
        }
        if let Some(was) = was
            && failed
            && over.kind == "Document"
            && !over.canceled
        {
            let error = self.why(&over.error_text, &was.url);
            self.tell(BrowserEvent::LoadFailed {
                page,
                frame: was.frame,
                url: was.url,
                error,
            });
        }
    }

    /// What Chromium's error means. Behind the guard every failure to connect looks alike to it, so
    /// the guard is asked.
    pub(super) fn why(&self, error_text: &str, url: &str) -> NetError {
        let from_guard = || {
            let url = url::Url::parse(url).ok()?;
            self.egress
                .failure(url.host_str()?, url.port_or_known_default()?)
        };
        match error_text.strip_prefix("net::").unwrap_or(error_text) {
            "ERR_TUNNEL_CONNECTION_FAILED"
            | "ERR_EMPTY_RESPONSE"
            | "ERR_PROXY_CONNECTION_FAILED" => from_guard().unwrap_or(NetError::Refused),
            "ERR_NAME_NOT_RESOLVED" => NetError::Dns,
            "ERR_CONNECTION_REFUSED" | "ERR_CONNECTION_CLOSED" | "ERR_CONNECTION_RESET" => {
                NetError::Refused
            }
            "ERR_TIMED_OUT" | "ERR_CONNECTION_TIMED_OUT" => NetError::Timeout,
            text if text.starts_with("ERR_CERT_") || text.starts_with("ERR_SSL_") => NetError::Tls,
            _ => NetError::Other,
        }
    }

    pub(super) fn quiet_for(&self, page: PageId) -> Option<Duration> {
        let state = self.state();
        let of = state.pages.get(&page)?;
        Some(if of.loading {
            Duration::ZERO
        } else {
            of.requests.quiet_for()
        })
    }
}

fn status(number: f64) -> u16 {
    // Numbers of the protocol are floats; a float casts to the nearest u16.
    number as u16
}
