//! The server that both post to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use tokio::net::TcpListener;
use xtask::Outcome;

/// A request, to be posted once more.
pub struct Request {
    /// The headers that its sender chose.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

type Kept = Arc<Mutex<Option<Vec<Request>>>>;

/// A server that answers 204 to everything.
pub struct Receiver {
    host: String,
    kept: Kept,
}

impl Receiver {
    /// Starts it on a free port; it runs until the program ends.
    pub async fn start() -> Outcome<Self> {
        let failed = |error| format!("A server for webhooks does not start: {error}.");
        let kept = Kept::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let host = listener.local_addr().map_err(failed)?.to_string();
        let routes = Router::new()
            .route("/", post(receive))
            .with_state(Arc::clone(&kept));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { host, kept })
    }

    /// Where it listens, as `127.0.0.1:port`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Where requests are posted.
    pub fn url(&self) -> String {
        format!("http://{}/", self.host)
    }

    /// Keeps requests from now on.
    pub fn keep_requests(&self) {
        *lock(&self.kept) = Some(Vec::new());
    }

    /// The requests since then.
    pub fn take_requests(&self) -> Vec<Request> {
        lock(&self.kept).take().unwrap_or_default()
    }
}

fn lock(kept: &Kept) -> MutexGuard<'_, Option<Vec<Request>>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn receive(State(kept): State<Kept>, mut headers: HeaderMap, body: Bytes) -> StatusCode {
    // Whoever posts it again says these for itself.
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    if let Some(kept) = lock(&kept).as_mut() {
        kept.push(Request { headers, body });
    }
    StatusCode::NO_CONTENT
}
