//! Limits how long a call may take.

use std::time::Duration;

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use super::problem::ApiProblem;

const LONGEST: Duration = Duration::from_secs(30);

/// Ends a call that takes too long.
pub(super) async fn enforce(request: Request, next: Next) -> Response {
    match timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiProblem::TooSlow.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::{Router, middleware, routing::get};
    use serde_json::Value;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_that_never_ends_is_ended() {
        let router = Router::new()
            .route("/", get(pending::<()>))
            .layer(middleware::from_fn(enforce));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = reqwest::Client::builder().build().expect("a client");
        let ask = client.get(format!("http://{address}/"));
        let answer = ask.send().await.expect("an answer");
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.expect("a problem");
        assert_eq!(problem["status"], 503);
    }
}
