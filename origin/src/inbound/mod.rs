//! The door for messages that bring codes: mails from a mail server of the operator, text messages from an SMS provider.
//! Mails that the edge receives come by its own door ([`crate::edge_api`]); what is done with them is the same
//! ([`Inbox`]).

mod mail;
mod sms;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::StatusCode,
    routing::post,
};
use tokio::time::timeout;

use crate::{
    codes::Inbox,
    config::{Secret32, SmsConfig},
};

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The services that the door uses.
pub struct InboundDoor {
    /// Reads the messages.
    pub inbox: Arc<Inbox>,
    /// What a mail server must show; without it no mail is taken here.
    pub secret: Option<Secret32>,
    /// The SMS provider's webhook; without it no text message is taken.
    pub sms: Option<SmsConfig>,
}

/// Makes the routes of the door.
pub fn router(door: InboundDoor) -> Router {
    Router::new()
        .route("/inbound/mail", post(mail::receive))
        .route("/inbound/sms", post(sms::receive))
        .fallback(async || StatusCode::NOT_FOUND)
        .with_state(Arc::new(door))
}

/// The body of a request, if it is short enough and comes in time.
async fn read(body: Body, longest: usize) -> Result<Bytes, StatusCode> {
    match timeout(BODY_TIMEOUT, to_bytes(body, longest)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}
