//! One line for each call: which route, what came of it. Never ids, queries or keys.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};

/// Notes the call when it is answered.
pub(super) async fn log_call(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let began = Instant::now();
    let response = next.run(request).await;
    let route = path.as_ref().map_or("(none)", MatchedPath::as_str);
    let status = response.status().as_u16();
    let millis = began.elapsed().as_millis();
    tracing::info!(%method, route, status, millis, "api");
    response
}
