//! Lets a request in only when the edge signed it, and only once.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use shared::{
    inbound_mail::MAIL_MAX,
    signing::{
        CLIENT_HEADER, Direction, ID_HEADER, Message, Proof, SIGNATURE_HEADER, SigningError,
        TIME_HEADER, verify,
    },
    wire::{FLOW_HEADER, TICKET_HEADER},
};

use tokio::time::timeout;

use super::EdgeDoor;

/// Longest body of a request, in bytes. A page's form is far smaller.
const MAX_BODY: usize = 256 * 1024;
/// Longest body of a request that brings a mail, in bytes: its base64, and what is around it.
const MAX_MAIL_BODY: usize = MAIL_MAX / 3 * 4 + 4096;
/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Middleware: answers 401 with an empty body to whatever the edge did not sign.
pub(super) async fn require_signature(
    State(door): State<Arc<EdgeDoor>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let longest = if parts.uri.path() == "/edge/mail" {
        MAX_MAIL_BODY
    } else {
        MAX_BODY
    };
    let Ok(Ok(bytes)) = timeout(BODY_TIMEOUT, to_bytes(body, longest)).await else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    if let Err(reason) = check(&door, &parts, &bytes) {
        // Neither path nor headers: nobody knows what a stranger put there.
        tracing::warn!(%reason, "a request at the edge's door was not let in");
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(Request::from_parts(parts, Body::from(bytes)))
        .await
}

#[derive(Debug, thiserror::Error)]
enum Rejection {
    #[error("for another host")]
    Host,
    #[error("a header is there twice, or is not text")]
    Header,
    #[error(transparent)]
    Signing(#[from] SigningError),
}

fn check(door: &EdgeDoor, parts: &Parts, body: &Bytes) -> Result<(), Rejection> {
    let headers = &parts.headers;
    if let Some(host) = &door.host
        && single_header(headers, header::HOST.as_str())? != Some(host)
    {
        return Err(Rejection::Host);
    }
    let path_and_query = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let message = Message {
        direction: Direction::EdgeToOrigin,
        node: door.node,
        method: parts.method.as_str(),
        path_and_query,
        body,
        client: single_header(headers, CLIENT_HEADER)?,
        flow: single_header(headers, FLOW_HEADER)?,
        ticket: single_header(headers, TICKET_HEADER)?,
        // The Worker's runtime makes it after the edge signed; the ticket, good once, binds the upgrade.
        websocket_key: None,
    };
    let proof = Proof {
        signature: single_header(headers, SIGNATURE_HEADER)?.unwrap_or_default(),
        time: single_header(headers, TIME_HEADER)?.unwrap_or_default(),
        id: single_header(headers, ID_HEADER)?.unwrap_or_default(),
    };
    let now = door.clock.now();
    let stamp = verify(&door.key, &message, &proof, now)?;
    let mut guard = door.guard.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(guard.admit(stamp, now)?)
}

/// The value of a header. One that is there twice is refused: what was signed and what is read must
/// be the same.
fn single_header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Rejection> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Rejection::Header);
    }
    first
        .map(|value| value.to_str().map_err(|_| Rejection::Header))
        .transpose()
}
