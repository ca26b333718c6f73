//! Passes the live view's WebSocket, `…/flow/{secret}/live`, through to the origin.

use worker::web_sys;

use crate::{
    error::EdgeError,
    origin,
    rate_limit::{self, Limit},
    request::Method,
    request_context::RequestContext,
    route::FlowAddress,
};

/// The longest ticket that is passed on, in characters. A real one is far shorter.
const MAX_TICKET: usize = 128;

/// Joins the viewer with the node that runs its flow.
pub async fn answer(
    ctx: &RequestContext<'_>,
    flow: &FlowAddress<'_>,
) -> Result<web_sys::Response, EdgeError> {
    if ctx.request.method() != Method::Get || !ctx.request.is_websocket() {
        return Err(EdgeError::Method("GET"));
    }
    // Browsers always name the page that opens a WebSocket.
    if ctx.request.header("origin").as_deref() != Some(ctx.request.own_origin()) {
        return Err(EdgeError::OtherOrigin);
    }
    let ticket = ctx
        .request
        .query("ticket")
        .filter(|ticket| ticket.len() <= MAX_TICKET);
    let ticket = ticket.ok_or(EdgeError::NotUnderstood)?;
    rate_limit::check(ctx, Limit::Flows).await?;
    let protocol = ctx.request.header("sec-websocket-protocol");
    let client = ctx.request.client();
    let response = origin::upgrade(
        &ctx.settings,
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
