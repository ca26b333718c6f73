//! Mails from a mail server of the operator.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use shared::inbound_mail::MAIL_MAX;

use super::{InboundDoor, read};
use crate::{
    codes::{Envelope, Received},
    config::Secret32,
};

/// The header that carries the recipient of the mail's envelope.
const RECIPIENT: &str = "x-envelope-recipient";
/// The header that carries the sender of the envelope; not needed.
const SENDER: &str = "x-envelope-sender";
/// The header that carries the IP address of the host that brought the mail; not needed.
const CLIENT: &str = "x-client-address";
/// A sender's address is no longer than that (RFC 5321, 4.5.3.1.3).
const SENDER_MAX: usize = 254;

/// `POST /inbound/mail`: the body is the mail as it was received. 204 when it was taken, whatever became of it; 404 when
/// nobody has the address; 413, 429 and 503 as they say.
pub(super) async fn receive(State(door): State<Arc<InboundDoor>>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    if !door
        .secret
        .as_ref()
        .is_some_and(|secret| shows(&parts.headers, secret))
    {
        return StatusCode::UNAUTHORIZED;
    }
    let Some(envelope) = envelope(&parts.headers) else {
        return StatusCode::BAD_REQUEST;
    };
    let raw = match read(body, MAIL_MAX).await {
        Ok(raw) => raw,
        Err(status) => return status,
    };
    match door.inbox.mail(&envelope, &raw).await {
        Ok(received) => status(received),
        Err(error) => {
            tracing::error!(%error, "a mail could not be taken");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// The envelope that the headers tell of, if they name a recipient.
fn envelope(headers: &HeaderMap) -> Option<Envelope> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let sender = header(SENDER).map(|sender| sender.trim().trim_matches(['<', '>']));
    let sender = sender.filter(|sender| !sender.is_empty() && sender.len() <= SENDER_MAX);
    Some(Envelope {
        recipient: header(RECIPIENT)?.to_owned(),
        sender: sender.map(str::to_owned),
        client: header(CLIENT).and_then(|address| address.trim().parse().ok()),
    })
}

/// The status that tells what became of a message.
pub(super) fn status(received: Received) -> StatusCode {
    match received {
        Received::Code(_) | Received::Confirmation | Received::Bounce | Received::Nothing => {
            StatusCode::NO_CONTENT
        }
        Received::NoSuchAddress => StatusCode::NOT_FOUND,
        Received::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Received::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

/// Whether the request shows the secret. Compared by what each makes of the same text, so that the time tells nothing.
fn shows(headers: &HeaderMap, secret: &Secret32) -> bool {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .and_then(|text| text.trim().parse::<Secret32>().ok());
    let mac = |secret: &Secret32| Hmac::<Sha256>::new_from_slice(secret.expose()).ok();
    let (Some(shown), Some(wanted)) = (shown.as_ref().and_then(mac), mac(secret)) else {
        return false;
    };
    wanted.verify_slice(&shown.finalize().into_bytes()).is_ok()
}
