//! Mails that the edge received.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use shared::inbound_mail::InboundMail;

use super::problem::{EdgeApiProblem, parse_body};
use crate::codes::{Envelope, Inbox, Received};

/// The route of mails.
pub(super) fn router<S: Clone + Send + Sync + 'static>(inbox: Arc<Inbox>) -> Router<S> {
    Router::new()
        .route("/edge/mail", post(receive))
        .with_state(inbox)
}

async fn receive(State(inbox): State<Arc<Inbox>>, bytes: Bytes) -> Response {
    let mail: InboundMail = match parse_body(&bytes) {
        Ok(mail) => mail,
        Err(problem) => return problem.into_response(),
    };
    let Ok(raw) = STANDARD.decode(&mail.raw) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let envelope = Envelope {
        recipient: mail.recipient,
        ..Envelope::default()
    };
    match inbox.mail(&envelope, &raw.into()).await {
        Ok(Received::Code(_) | Received::Confirmation | Received::Bounce | Received::Nothing) => {
            StatusCode::NO_CONTENT.into_response()
        }
        Ok(Received::NoSuchAddress) => EdgeApiProblem::NotFound.into_response(),
        Ok(Received::TooMany) => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Ok(Received::TooLong) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(error) => EdgeApiProblem::store(&error).into_response(),
    }
}
