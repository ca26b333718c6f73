//! The door for the edge. Only requests that the edge signed come in; anyone else gets 401 with an
//! empty body.

mod code;
mod flow;
mod mail;
mod problem;
mod signed;
mod unsubscribe;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::State,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use shared::{
    signing::{ReplayGuard, SigningKey},
    wire::BrandQuery,
};

use crate::{
    clock::Clock,
    codes::{CodePages, Inbox},
    flow::Flows,
    mail::Subscriptions,
    store::Store,
};
use problem::{EdgeApiProblem, parse_body};

/// How many requests are remembered to refuse replays: those of the two minutes in which a signature
/// is good.
const REPLAY_MEMORY: usize = 500_000;

/// The services that the door for the edge uses.
pub struct EdgeDoor {
    /// The node's number: requests must be signed for it.
    node: u8,
    flows: Flows,
    codes: CodePages,
    inbox: Arc<Inbox>,
    store: Store,
    clock: Arc<dyn Clock>,
    key: SigningKey,
    host: Option<String>,
    guard: Mutex<ReplayGuard>,
}

impl EdgeDoor {
    /// `host`: the only `Host` that is answered, when it is set.
    #[must_use]
    pub fn new(
        node: u8,
        flows: Flows,
        codes: CodePages,
        inbox: Arc<Inbox>,
        key: SigningKey,
        host: Option<String>,
    ) -> Self {
        Self {
            node,
            flows,
            store: codes.store.clone(),
            clock: Arc::clone(&codes.clock),
            codes,
            inbox,
            key,
            host,
            guard: Mutex::new(ReplayGuard::new(REPLAY_MEMORY)),
        }
    }
}

/// Makes the routes of the door, those that [`shared::wire`] lists.
pub fn router(door: EdgeDoor) -> Router {
    let door = Arc::new(door);
    Router::new()
        .route("/edge/flow/start", post(flow::start))
        .route("/edge/flow/view", post(flow::view))
        .route("/edge/flow/state", post(flow::state))
        .route("/edge/flow/act", post(flow::act))
        .route("/edge/flow/ticket", post(flow::ticket))
        .route("/edge/flow/progress", get(flow::progress))
        .route("/edge/flow/live", get(flow::live))
        .route("/edge/brand", post(brand))
        .fallback(async || EdgeApiProblem::NotFound)
        .method_not_allowed_fallback(async || EdgeApiProblem::NotFound)
        .merge(code::router(door.codes.clone()))
        .merge(unsubscribe::router(Subscriptions {
            store: door.store.clone(),
            token_keys: Arc::clone(&door.codes.token_keys),
            clock: Arc::clone(&door.clock),
        }))
        .merge(mail::router(Arc::clone(&door.inbox)))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&door),
            signed::require_signature,
        ))
        .with_state(door)
}

async fn brand(State(door): State<Arc<EdgeDoor>>, bytes: axum::body::Bytes) -> Response {
    let query: BrandQuery = match parse_body(&bytes) {
        Ok(query) => query,
        Err(problem) => return problem.into_response(),
    };
    match door
        .store
        .read("edge_api.brand_of_company", |tx| {
            Box::pin(tx.brand_of_company(query.public_company_id))
        })
        .await
    {
        Ok(Some(brand)) => Json(brand).into_response(),
        Ok(None) => EdgeApiProblem::NotFound.into_response(),
        Err(error) => EdgeApiProblem::store(&error).into_response(),
    }
}
