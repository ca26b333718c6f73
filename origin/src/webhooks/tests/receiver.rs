//! An endpoint: a server on a port of this machine that keeps what it gets.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

/// What the server answers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reply {
    Status(u16),
    /// To another path of the same server.
    Redirect,
    /// Never.
    Nothing,
    /// The end of what it was sent.
    Echo,
    /// 500, once it is let go.
    Held,
}

/// A message as it came.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Received {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(super) fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).expect("a header");
        value.to_str().expect("text").to_owned()
    }
}

#[derive(Default)]
struct Shared {
    received: Vec<Received>,
    replies: VecDeque<Reply>,
    release: Arc<Notify>,
}

/// The server. It answers 204 when nothing else was asked for.
pub(super) struct Receiver {
    pub(super) host: String,
    shared: Arc<Mutex<Shared>>,
    server: JoinHandle<()>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let shared = Arc::<Mutex<Shared>>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let routes = Router::new()
            .fallback(post(receive))
            .with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("served");
        });
        Self {
            host,
            shared,
            server,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.host)
    }

    /// The next answers, in this order.
    pub(super) fn reply(&self, replies: &[Reply]) {
        self.shared.lock().expect("shared").replies.extend(replies);
    }

    /// Lets the answer go that was held.
    pub(super) fn release(&self) {
        self.shared.lock().expect("shared").release.notify_one();
    }

    /// What came so far.
    pub(super) fn received(&self) -> Vec<Received> {
        self.shared.lock().expect("shared").received.clone()
    }

    /// The types of what came so far.
    pub(super) fn types(&self) -> Vec<String> {
        let received = self.received();
        let types = received.iter().map(|one| one.json()["type"].clone());
        types
            .map(|text| text.as_str().expect("a type").to_owned())
            .collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(
    State(shared): State<Arc<Mutex<Shared>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let said = body.slice(body.len().saturating_sub(500)..);
    let (reply, release) = {
        let mut shared = shared.lock().expect("shared");
        shared.received.push(Received { headers, body });
        (shared.replies.pop_front(), Arc::clone(&shared.release))
    };
    match reply.unwrap_or(Reply::Status(204)) {
        Reply::Status(status) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, "what the endpoint says\n").into_response()
        }
        Reply::Redirect => Redirect::temporary("/elsewhere").into_response(),
        Reply::Echo => said.into_response(),
        Reply::Nothing => std::future::pending().await,
        Reply::Held => {
            release.notified().await;
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
