//! `…/flow/{secret}/live`: the live view's WebSocket, passed through.

use worker::web_sys;

use crate::{
    At,
    error::EdgeError,
    limit::{self, Limit},
    origin,
    request::Method,
    route::FlowAddress,
};

/// base64url of a ticket is far shorter.
const MAX_TICKET: usize = 128;

/// Joins the viewer with the node that runs its flow.
pub async fn answer(at: &At<'_>, flow: &FlowAddress<'_>) -> Result<web_sys::Response, EdgeError> {
    if at.visit.method() != Method::Get || !at.visit.is_websocket() {
        return Err(EdgeError::Method("GET"));
    }
    // Browsers always name the page that opens a WebSocket.
    if at.visit.header("origin").as_deref() != Some(at.visit.own_origin()) {
        return Err(EdgeError::OtherOrigin);
    }
    let ticket = at
        .visit
        .query("ticket")
        .filter(|ticket| ticket.len() <= MAX_TICKET);
    let ticket = ticket.ok_or(EdgeError::NotUnderstood)?;
    limit::count(at, Limit::Flows).await?;
    let protocol = at.visit.header("sec-websocket-protocol");
    let client = at.visit.client();
    let response = origin::upgrade(
        &at.settings,
        flow.node,
        flow.secret,
        ticket,
        client.as_deref(),
        protocol.as_deref(),
    )
    .await?;
    match response.status() {
        101 => Ok(response),
        401 | 404 => Err(EdgeError::FlowGone),
        status => Err(EdgeError::Origin(format!(
            "answered {status} to an upgrade"
        ))),
    }
}
