//! An organization's own server, which takes webhooks.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

type Received = Arc<Mutex<Vec<Value>>>;

/// A server that keeps what is posted to it.
pub struct Receiver {
    port: u16,
    received: Received,
    server: JoinHandle<()>,
}

impl Receiver {
    /// Starts it on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start() -> Self {
        let received = Received::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its number").port();
        let routes = Router::new()
            .route("/", post(receive))
            .with_state(Arc::clone(&received));
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("served");
        });
        Self {
            port,
            received,
            server,
        }
    }

    /// Where it listens, as `127.0.0.1:port`.
    #[must_use]
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What was posted so far, oldest first.
    #[must_use]
    pub fn received(&self) -> Vec<Value> {
        self.received
            .lock()
            .map(|received| received.clone())
            .unwrap_or_default()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(State(received): State<Received>, body: Bytes) -> StatusCode {
    let Ok(message) = serde_json::from_slice(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    received.lock().expect("no test panics here").push(message);
    StatusCode::NO_CONTENT
}
