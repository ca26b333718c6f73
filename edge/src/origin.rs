//! The origin, as the edge reaches it: signed requests to the nodes of a closed table.

use shared::{
    signing::{CLIENT_HEADER, Direction, Message, Stamp, sign},
    wire::{FLOW_HEADER, TICKET_HEADER},
};
use wasm_bindgen::{JsCast, JsValue};
use worker::{
    js_sys,
    wasm_bindgen_futures::JsFuture,
    web_sys::{AbortSignal, Headers, RequestInit, RequestRedirect, Response, WorkerGlobalScope},
};

use crate::{error::EdgeError, runtime, settings::Settings};

/// A `POST` request to one node of the origin.
pub struct OriginRequest<'a> {
    /// The number of the node that is asked.
    pub node: u8,
    /// The path below the node's base address.
    pub path: &'static str,
    /// The body: JSON, or empty.
    pub body: String,
    /// The flow's secret, when the request is about a flow.
    pub flow: Option<&'a str>,
    /// The visitor's IP address, when the origin must know it.
    pub client: Option<&'a str>,
    /// How long to wait for the answer, in milliseconds.
    pub timeout_ms: u32,
}

/// The origin's answer to an [`OriginRequest`].
pub struct OriginResponse {
    /// The HTTP status that the origin answered with.
    pub status: u16,
    /// The body: JSON, or empty.
    pub body: String,
}

impl OriginResponse {
    /// Parses the body as JSON. An answer of another shape is an error.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, EdgeError> {
        serde_json::from_str(&self.body)
            .map_err(|_| EdgeError::Origin(format!("answered {} with something else", self.status)))
    }

    /// The error for an answer that is none of those that were agreed.
    pub fn unexpected(&self) -> EdgeError {
        EdgeError::Origin(format!("answered {}", self.status))
    }
}

/// Sends a signed request to a node and reads its answer.
pub async fn call(
    settings: &Settings,
    call: &OriginRequest<'_>,
) -> Result<OriginResponse, EdgeError> {
    let message = Message {
        direction: Direction::EdgeToOrigin,
        node: call.node,
        method: "POST",
        path_and_query: call.path,
        body: call.body.as_bytes(),
        client: call.client,
        flow: call.flow,
        ticket: None,
        websocket_key: None,
    };
    let init = RequestInit::new();
    init.set_method("POST");
    let headers = signed(settings, &message)?;
    if !call.body.is_empty() {
        headers
            .set("content-type", "application/json")
            .map_err(worker::Error::from)?;
        init.set_body_opt_str(Some(&call.body));
    }
    init.set_headers_headers(&headers);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(call.timeout_ms)));
    let response = fetch(settings, &message, &init).await?;
    let status = response.status();
    let text = response.text().map_err(worker::Error::from)?;
    let text = JsFuture::from(text)
        .await
        .map_err(|error| gone(call.node, &error))?;
    Ok(OriginResponse {
        status,
        body: text.as_string().unwrap_or_default(),
    })
}

/// Opens the live view's WebSocket. The response goes back untouched, so that the runtime joins the
/// two connections and no message passes through this program.
///
/// The runtime makes the upstream handshake's `Sec-WebSocket-Key` itself (one that is set on the
/// request is replaced), so the edge cannot know it and it is not signed. What binds the upgrade to
/// its viewer instead is signed: the flow's secret and the ticket, which serves once.
pub async fn upgrade(
    settings: &Settings,
    node: u8,
    flow: &str,
    ticket: &str,
    client: Option<&str>,
    protocol: Option<&str>,
) -> Result<Response, EdgeError> {
    let message = Message {
        direction: Direction::EdgeToOrigin,
        node,
        method: "GET",
        path_and_query: "/edge/flow/live",
        body: b"",
        client,
        flow: Some(flow),
        ticket: Some(ticket),
        websocket_key: None,
    };
    let headers = signed(settings, &message)?;
    headers
        .set("upgrade", "websocket")
        .map_err(worker::Error::from)?;
    if let Some(protocol) = protocol {
        headers
            .set("sec-websocket-protocol", protocol)
            .map_err(worker::Error::from)?;
    }
    let init = RequestInit::new();
    init.set_headers_headers(&headers);
    fetch(settings, &message, &init).await
}

/// Opens the stream of events about a flow's first collection. The body is handed on as it comes; after `timeout_ms`
/// it breaks off.
pub async fn events(
    settings: &Settings,
    node: u8,
    flow: &str,
    client: Option<&str>,
    timeout_ms: u32,
) -> Result<Response, EdgeError> {
    let message = Message {
        direction: Direction::EdgeToOrigin,
        node,
        method: "GET",
        path_and_query: "/edge/flow/progress",
        body: b"",
        client,
        flow: Some(flow),
        ticket: None,
        websocket_key: None,
    };
    let init = RequestInit::new();
    init.set_headers_headers(&signed(settings, &message)?);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(timeout_ms)));
    fetch(settings, &message, &init).await
}

/// Every header that the origin checks.
fn signed(settings: &Settings, message: &Message<'_>) -> Result<Headers, EdgeError> {
    let stamp = Stamp {
        time: runtime::now(),
        id: runtime::random()?,
    };
    let signed = sign(&settings.signing, message, &stamp);
    let headers = Headers::new().map_err(worker::Error::from)?;
    let optional = [
        (CLIENT_HEADER, message.client),
        (FLOW_HEADER, message.flow),
        (TICKET_HEADER, message.ticket),
    ];
    let present = optional
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    for (name, value) in signed.pairs().into_iter().chain(present) {
        headers.set(name, value).map_err(worker::Error::from)?;
    }
    Ok(headers)
}

async fn fetch(
    settings: &Settings,
    message: &Message<'_>,
    init: &RequestInit,
) -> Result<Response, EdgeError> {
    let base = settings
        .origins
        .base(message.node)
        .ok_or(EdgeError::FlowGone)?;
    // A redirect would carry the signed headers elsewhere.
    init.set_redirect(RequestRedirect::Manual);
    let worker: WorkerGlobalScope = js_sys::global().unchecked_into();
    let url = [base, message.path_and_query].concat();
    let response = JsFuture::from(worker.fetch_with_str_and_init(&url, init)).await;
    let response = response.map_err(|error| gone(message.node, &error))?;
    Ok(response.unchecked_into())
}

/// Why a node did not answer: the runtime names what its own clock ended.
fn gone(node: u8, error: &JsValue) -> EdgeError {
    let name = js_sys::Reflect::get(error, &JsValue::from_str("name"));
    if name.is_ok_and(|name| name == "TimeoutError") {
        EdgeError::TimedOut(node)
    } else {
        EdgeError::Origin(format!("node {node} does not answer"))
    }
}
