//! A stand-in for the origin's edge door: checks signatures, answers what it is told, remembers what it was asked.

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

/// What it was asked, once the signature was found good.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The path.
    pub path: String,
    /// The body, `null` when there was none.
    pub body: Value,
    /// Its headers.
    pub headers: HeaderMap,
}

/// The stand-in; gone when dropped.
pub struct StandIn {
    /// `ORIGINS` for an edge that knows it as node 0.
    pub origins: String,
    told: Arc<Told>,
    server: JoinHandle<()>,
}

struct Told {
    key: SigningKey,
    answers: Mutex<HashMap<String, (u16, Value)>>,
    delay: Mutex<Duration>,
    asked: Mutex<Vec<Asked>>,
}

impl StandIn {
    /// Starts one that answers 404 to everything.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(signing_key: &str) -> Self {
        let told = Arc::new(Told {
            key: signing_key.parse().expect("a key"),
            answers: Mutex::default(),
            delay: Mutex::default(),
            asked: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its number");
        let app = Router::new()
            .route("/edge/flow/live", any(live))
            .fallback(answer)
            .with_state(Arc::clone(&told));
        let server = tokio::spawn(async move {
            // It ends when the task is aborted.
            let _ = axum::serve(listener, app).await;
        });
        Self {
            origins: format!(r#"{{"0":"http://{address}"}}"#),
            told,
            server,
        }
    }

    /// From now on it answers this to requests of that path.
    pub fn say(&self, path: &str, status: u16, body: Value) {
        locked(&self.told.answers).insert(path.to_owned(), (status, body));
    }

    /// From now on every answer takes so long.
    pub fn dawdle(&self, delay: Duration) {
        *locked(&self.told.delay) = delay;
    }

    /// What it was asked since the last time.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut locked(&self.told.asked))
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(
    State(told): State<Arc<Told>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !signed(&told, &method, &uri, &headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    remember(&told, &uri, headers, &body);
    let delay = *locked(&told.delay);
    tokio::time::sleep(delay).await;
    let said = locked(&told.answers).get(uri.path()).cloned();
    let (status, body) = said.unwrap_or((404, Value::Null));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, body.to_string()).into_response()
}

/// Says every message back.
async fn live(
    State(told): State<Arc<Told>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !signed(&told, &method, &uri, &headers, b"") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    remember(&told, &uri, headers, b"");
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

fn signed(told: &Told, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> bool {
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
    verify(&told.key, &message, &proof, now()).is_ok()
}

fn remember(told: &Told, uri: &Uri, headers: HeaderMap, body: &[u8]) {
    locked(&told.asked).push(Asked {
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
