//! A stub of the origin's door for the edge. It checks the signature of every request, answers what a test told it to answer, and
//! records what it was asked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::Bytes,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message as WebSocketMessage, WebSocket},
    },
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::any,
};
use serde_json::Value;
use shared::{
    signing::{
        CLIENT_HEADER, Direction, ID_HEADER, Message, Proof, SIGNATURE_HEADER, SigningKey,
        TIME_HEADER, verify,
    },
    time::UnixMillis,
    wire::{FLOW_HEADER, TICKET_HEADER},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A request of the edge whose signature was good.
#[derive(Debug, Clone)]
pub struct ReceivedRequest {
    /// The path, without the query.
    pub path: String,
    /// The body as JSON; `null` when there was none.
    pub body: Value,
    /// The headers of the request.
    pub headers: HeaderMap,
}

/// A running stub. Dropping it stops the server.
pub struct OriginStub {
    /// `ORIGINS` for an edge that knows it as node 0.
    pub origins: String,
    stub: Arc<Stub>,
    server: JoinHandle<()>,
}

struct Stub {
    key: SigningKey,
    answers: Mutex<HashMap<String, (u16, Value)>>,
    delay: Mutex<Duration>,
    requests: Mutex<Vec<ReceivedRequest>>,
}

impl OriginStub {
    /// Starts a stub that answers 404 to everything.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(signing_key: &str) -> Self {
        let stub = Arc::new(Stub {
            key: signing_key.parse().expect("a key"),
            answers: Mutex::default(),
            delay: Mutex::default(),
            requests: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its number");
        let app = Router::new()
            .route("/edge/flow/live", any(live))
            .fallback(answer)
            .with_state(Arc::clone(&stub));
        let server = tokio::spawn(async move {
            // It ends when the task is aborted.
            let _ = axum::serve(listener, app).await;
        });
        Self {
            origins: format!(r#"{{"0":"http://{address}"}}"#),
            stub,
            server,
        }
    }

    /// Sets the status and the JSON body that requests of `path` get from now on.
    pub fn respond(&self, path: &str, status: u16, body: Value) {
        locked(&self.stub.answers).insert(path.to_owned(), (status, body));
    }

    /// Delays every answer from now on by `delay`.
    pub fn delay_answers(&self, delay: Duration) {
        *locked(&self.stub.delay) = delay;
    }

    /// Takes the requests that were recorded since the last call.
    #[must_use]
    pub fn take_requests(&self) -> Vec<ReceivedRequest> {
        std::mem::take(&mut locked(&self.stub.requests))
    }
}

impl Drop for OriginStub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(
    State(stub): State<Arc<Stub>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !signed(&stub, &method, &uri, &headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    record(&stub, &uri, headers, &body);
    let delay = *locked(&stub.delay);
    tokio::time::sleep(delay).await;
    let said = locked(&stub.answers).get(uri.path()).cloned();
    let (status, body) = said.unwrap_or((404, Value::Null));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, body.to_string()).into_response()
}

/// Sends every WebSocket message back unchanged.
async fn live(
    State(stub): State<Arc<Stub>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !signed(&stub, &method, &uri, &headers, b"") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    record(&stub, &uri, headers, b"");
    let upgrade = upgrade.protocols([shared::live::PROTOCOL]);
    upgrade.on_upgrade(|mut socket: WebSocket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if matches!(message, WebSocketMessage::Close(_)) || socket.send(message).await.is_err()
            {
                return;
            }
        }
    })
}

fn signed(stub: &Stub, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let message = Message {
        direction: Direction::EdgeToOrigin,
        node: 0,
        method: method.as_str(),
        path_and_query: uri.path_and_query().map_or("", |path| path.as_str()),
        body,
        client: header(CLIENT_HEADER),
        flow: header(FLOW_HEADER),
        ticket: header(TICKET_HEADER),
        websocket_key: None,
    };
    let proof = Proof {
        signature: header(SIGNATURE_HEADER).unwrap_or_default(),
        time: header(TIME_HEADER).unwrap_or_default(),
        id: header(ID_HEADER).unwrap_or_default(),
    };
    verify(&stub.key, &message, &proof, now()).is_ok()
}

fn record(stub: &Stub, uri: &Uri, headers: HeaderMap, body: &[u8]) {
    locked(&stub.requests).push(ReceivedRequest {
        path: uri.path().to_owned(),
        body: serde_json::from_slice(body).unwrap_or_default(),
        headers,
    });
}

/// The real time: the edge under test has no other.
///
/// # Panics
/// When this machine's clock stands before 1970.
#[must_use]
pub fn now() -> UnixMillis {
    #[expect(
        clippy::disallowed_methods,
        reason = "the edge under test signs with the real time"
    )]
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.expect("after 1970").as_millis();
    UnixMillis(i64::try_from(millis).expect("before the year 292 million"))
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
