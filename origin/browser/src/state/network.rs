//! Requests: told to listeners, counted for those who wait for quiet, and why documents fail.

use std::{collections::HashMap, time::Duration};

use chromiumoxide_cdp::cdp::browser_protocol::network::EnableParams;
use tokio::time::Instant;
use url::Url;

use super::effect::Effect;
use crate::{
    cdp_events::{RequestOver, RequestWillBeSent, ResponseReceived},
    error::NetError,
    event::BrowserEvent,
    ids::{FrameId, PageId, RequestId},
};

/// A request that runs longer is a stream or a long poll, not loading.
const LOADING: Duration = Duration::from_secs(8);
/// Requests of one page that are counted at a time.
const MAX_RUNNING: usize = 512;

/// Why the egress guard could not reach this host and port lately.
pub(crate) type GuardFailure<'a> = &'a dyn Fn(&str, u16) -> Option<NetError>;

/// The requests of every page.
#[derive(Default)]
pub(crate) struct Network {
    pages: HashMap<PageId, Requests>,
}

/// Requests of one page.
struct Requests {
    running: HashMap<String, Running>,
    quiet_since: Instant,
    /// The last answer to a request for a document: request and status.
    document: Option<(String, u16)>,
    /// Whether the main document is the answer to a POST.
    posted: bool,
}

struct Running {
    since: Instant,
    url: String,
    method: String,
    frame: Option<FrameId>,
    /// The document that asked.
    loader: String,
}

/// What a session needs: it tells its requests.
pub(crate) fn set_up(session: &str) -> Effect {
    Effect::send(session, &EnableParams::default())
}

impl Network {
    /// A page is there; nothing loads yet.
    pub fn page_opened(&mut self, page: PageId, now: Instant) {
        let requests = Requests {
            running: HashMap::new(),
            quiet_since: now,
            document: None,
            posted: false,
        };
        self.pages.insert(page, requests);
    }

    /// A page is gone, and its requests with it.
    pub fn page_closed(&mut self, page: PageId) {
        self.pages.remove(&page);
    }

    /// A request leaves, perhaps because another one was redirected.
    pub fn request_sent(
        &mut self,
        page: PageId,
        sent: RequestWillBeSent,
        now: Instant,
    ) -> Vec<Effect> {
        let Some(of) = self.pages.get_mut(&page) else {
            return Vec::new();
        };
        let is_document = sent.kind == "Document";
        let counts = !matches!(
            sent.kind.as_str(),
            "EventSource" | "WebSocket" | "Ping" | "Prefetch"
        );
        let frame = sent.frame_id.map(FrameId);
        let before = of.running.remove(&sent.request_id);
        if counts && of.running.len() < MAX_RUNNING {
            let running = Running {
                since: now,
                url: sent.request.url.clone(),
                method: sent.request.method.clone(),
                frame: frame.clone(),
                loader: sent.loader_id,
            };
            of.running.insert(sent.request_id.clone(), running);
        }
        let redirect = sent.redirect_response.map(|redirect| {
            Effect::Emit(BrowserEvent::Response {
                page,
                frame: frame.clone(),
                url: redirect.url,
                status: status(redirect.status),
                is_document,
                // A redirected POST goes on as a GET: this answers the request before.
                method: before.map_or_else(|| "GET".to_owned(), |before| before.method),
                request_id: RequestId(sent.request_id.clone()),
            })
        });
        let request = Effect::Emit(BrowserEvent::RequestSent {
            page,
            frame,
            url: sent.request.url,
            method: sent.request.method,
            request_id: RequestId(sent.request_id),
            is_document,
            has_post: sent.request.has_post_data,
            has_authorization: sent.request.headers.has_authorization,
        });
        redirect.into_iter().chain([request]).collect()
    }

    /// An answer's head came. `main` is the page's main frame.
    pub fn response(
        &mut self,
        page: PageId,
        main: &FrameId,
        received: ResponseReceived,
    ) -> Vec<Effect> {
        let Some(of) = self.pages.get_mut(&page) else {
            return Vec::new();
        };
        let is_document = received.kind == "Document";
        let status = status(received.response.status);
        if is_document {
            of.document = Some((received.request_id.clone(), status));
        }
        let running = of.running.get(&received.request_id);
        let method = running.map(|one| one.method.clone());
        if is_document && received.frame_id.as_ref() == Some(&main.0) {
            of.posted = method.as_deref() == Some("POST");
        }
        vec![Effect::Emit(BrowserEvent::Response {
            page,
            frame: received.frame_id.map(FrameId),
            url: received.response.url,
            status,
            is_document,
            method: method.unwrap_or_else(|| "GET".to_owned()),
            request_id: RequestId(received.request_id),
        })]
    }

    /// A frame shows the document of this loader. What the one before it has asked for is not waited for any longer:
    /// Chromium does not tell the end of it, as of the answer to a `fetch` that no script has read.
    pub fn document_came(&mut self, page: PageId, frame: &FrameId, is_main: bool, loader: &str) {
        if let Some(of) = self.pages.get_mut(&page) {
            of.running.retain(|_, one| {
                let gone = is_main || one.frame.as_ref() == Some(frame);
                !gone || one.loader == loader
            });
        }
    }

    /// A request has ended well.
    pub fn finished(&mut self, page: PageId, over: &RequestOver, now: Instant) {
        self.ended(page, over, now);
    }

    /// A request ended without an answer, or was given up.
    pub fn failed(
        &mut self,
        page: PageId,
        over: RequestOver,
        now: Instant,
        guard: GuardFailure<'_>,
    ) -> Vec<Effect> {
        if !self.pages.contains_key(&page) {
            return Vec::new();
        }
        let was = self.ended(page, &over, now);
        let is_document = over.kind == "Document" && !over.canceled;
        let document = was.filter(|_| is_document).map(|was| {
            let error = net_error(&over.error_text, &was.url, guard);
            Effect::Emit(BrowserEvent::LoadFailed {
                page,
                frame: was.frame,
                url: was.url,
                error,
            })
        });
        let request = Effect::Emit(BrowserEvent::RequestFailed {
            page,
            request_id: RequestId(over.request_id),
        });
        [request].into_iter().chain(document).collect()
    }

    fn ended(&mut self, page: PageId, over: &RequestOver, now: Instant) -> Option<Running> {
        let of = self.pages.get_mut(&page)?;
        let was = of.running.remove(&over.request_id)?;
        of.quiet_since = now;
        Some(was)
    }

    /// How long nothing of the page has been loading; `None` when there is no such page.
    pub fn quiet_for(&self, page: PageId, now: Instant) -> Option<Duration> {
        let of = self.pages.get(&page)?;
        let mut running = of.running.values();
        let busy = running.any(|one| now.duration_since(one.since) < LOADING);
        Some(if busy {
            Duration::ZERO
        } else {
            now.duration_since(of.quiet_since)
        })
    }

    /// The status of the document that this request brought, when it was the page's last.
    pub fn document_status(&self, page: PageId, request: &str) -> Option<u16> {
        let (of, status) = self.pages.get(&page)?.document.as_ref()?;
        (of == request).then_some(*status)
    }

    /// Whether the page's main document is the answer to a POST.
    pub fn posted(&self, page: PageId) -> bool {
        self.pages.get(&page).is_some_and(|of| of.posted)
    }
}

/// What Chromium's error means. Behind the guard every failure to connect looks alike to it, so
/// the guard is asked.
pub(crate) fn net_error(error_text: &str, url: &str, guard: GuardFailure<'_>) -> NetError {
    let from_guard = || {
        let url = Url::parse(url).ok()?;
        guard(url.host_str()?, url.port_or_known_default()?)
    };
    match error_text.strip_prefix("net::").unwrap_or(error_text) {
        "ERR_TUNNEL_CONNECTION_FAILED" | "ERR_EMPTY_RESPONSE" | "ERR_PROXY_CONNECTION_FAILED" => {
            from_guard().unwrap_or(NetError::Refused)
        }
        "ERR_NAME_NOT_RESOLVED" => NetError::Dns,
        "ERR_CONNECTION_REFUSED" | "ERR_CONNECTION_CLOSED" | "ERR_CONNECTION_RESET" => {
            NetError::Refused
        }
        "ERR_TIMED_OUT" | "ERR_CONNECTION_TIMED_OUT" => NetError::Timeout,
        text if text.starts_with("ERR_CERT_") || text.starts_with("ERR_SSL_") => NetError::Tls,
        _ => NetError::Other,
    }
}

fn status(number: f64) -> u16 {
    // Numbers of the protocol are floats; a float casts to the nearest u16.
    number as u16
}

#[cfg(test)]
mod tests;
