//! Flows: start, view, act, ticket, live view.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::{
        State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use shared::{
    live::PROTOCOL,
    proof::Proof,
    wire::{FLOW_HEADER, FlowAction, FlowStateQuery, Refusal, StartFlow, TICKET_HEADER},
};
use tokio::sync::watch;

use super::{
    EdgeDoor,
    problem::{EdgeApiProblem, parse_body},
};
use crate::flow::{StartError, live};

/// Longest message of a viewer: a pasted text of 4096 characters, sealed and in base64url.
const MAX_MESSAGE: usize = 64 * 1024;
/// A page that lost its line comes back after so long.
const COME_BACK: Duration = Duration::from_secs(3);
/// A line on which nothing happens is used this often, so that nobody on the way takes it for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) async fn start(State(door): State<Arc<EdgeDoor>>, bytes: Bytes) -> Response {
    let start: StartFlow = match parse_body(&bytes) {
        Ok(start) => start,
        Err(problem) => return problem.into_response(),
    };
    match door.flows.start(start).await {
        Ok(started) => (StatusCode::CREATED, Json(started)).into_response(),
        Err(StartError::Refused(refusal)) => (refused(refusal), Json(refusal)).into_response(),
        Err(StartError::Store(error)) => EdgeApiProblem::store(&error).into_response(),
    }
}

fn refused(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Used => StatusCode::GONE,
        Refusal::Busy => StatusCode::CONFLICT,
    }
}

pub(super) async fn view(State(door): State<Arc<EdgeDoor>>, headers: HeaderMap) -> Response {
    let Some(view) = door.flows.view(text(&headers, FLOW_HEADER)).await else {
        return EdgeApiProblem::NotFound.into_response();
    };
    Json(view).into_response()
}

pub(super) async fn state(
    State(door): State<Arc<EdgeDoor>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let query: FlowStateQuery = match parse_body(&bytes) {
        Ok(query) => query,
        Err(problem) => return problem.into_response(),
    };
    let state = door.flows.state(text(&headers, FLOW_HEADER), query.seen);
    let Some(state) = state.await else {
        return EdgeApiProblem::NotFound.into_response();
    };
    Json(state).into_response()
}

pub(super) async fn act(
    State(door): State<Arc<EdgeDoor>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let act: FlowAction = match parse_body(&bytes) {
        Ok(act) => act,
        Err(problem) => return problem.into_response(),
    };
    let Some(view) = door.flows.act(text(&headers, FLOW_HEADER), act).await else {
        return EdgeApiProblem::NotFound.into_response();
    };
    Json(view).into_response()
}

pub(super) async fn ticket(State(door): State<Arc<EdgeDoor>>, headers: HeaderMap) -> Response {
    match door.flows.ticket(text(&headers, FLOW_HEADER)).await {
        Some(Some(ticket)) => Json(ticket).into_response(),
        Some(None) => EdgeApiProblem::NoLiveView.into_response(),
        None => EdgeApiProblem::NotFound.into_response(),
    }
}

/// The first event is the proof as it is, each further one what it has become. The last is named `over` when nothing more
/// is to come.
pub(super) async fn progress(State(door): State<Arc<EdgeDoor>>, headers: HeaderMap) -> Response {
    match door.flows.watch_proof(text(&headers, FLOW_HEADER)).await {
        Some(Some(proof)) => Sse::new(stream::unfold(Some(proof), next_event))
            .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
            .into_response(),
        Some(None) => StatusCode::NO_CONTENT.into_response(),
        None => EdgeApiProblem::NotFound.into_response(),
    }
}

type ProofEvents = Option<watch::Receiver<Proof>>;

/// The next event, and what comes after it; `None` at the end.
async fn next_event(proof: ProofEvents) -> Option<(Result<Event, Infallible>, ProofEvents)> {
    let mut proof = proof?;
    // The first is marked as changed, so it is told at once. It is over when the flow is.
    proof.changed().await.ok()?;
    let now = proof.borrow_and_update().clone();
    let event = Event::default().retry(COME_BACK);
    let (event, rest) = if now.is_over() {
        (event.event("over"), None)
    } else {
        (event, Some(proof))
    };
    Some((Ok(event.json_data(&now).unwrap_or_default()), rest))
}

pub(super) async fn live(
    State(door): State<Arc<EdgeDoor>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade.protocols([PROTOCOL]),
        Err(rejection) => return rejection.into_response(),
    };
    // Before the ticket: a viewer of another version must not use it up.
    if upgrade.selected_protocol().is_none() {
        return EdgeApiProblem::Malformed.into_response();
    }
    let (flow, ticket) = (text(&headers, FLOW_HEADER), text(&headers, TICKET_HEADER));
    let Some(session) = door.flows.open_viewer_session(flow, ticket).await else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    upgrade
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .on_upgrade(|socket| live::serve(socket, session))
}

/// A header that is absent or not text is no secret of any flow.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
