//! A viewer over a real WebSocket, a real browser behind it.

mod viewer;
mod viewer_scripts;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::ws::WebSocketUpgrade,
    response::{Html, Response},
    routing::get,
};
use browser::{Browser, BrowserConfig, Launcher, Profile, Viewport};
use futures_util::{SinkExt as _, StreamExt as _};
use shared::{
    id::FlowRef,
    live::{EndReason, FrameHeader, PointerKind, ServerMessage, TypedMessage, ViewerMessage},
    sealing::{Sealer, SealingKey},
    status::{Phase, Step},
    wire::SignInView,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    time::{Instant, timeout},
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use crate::{
    clock::SystemRandom,
    flow::{ViewerSession, live::viewer_session::LiveState},
};

const SOON: Duration = Duration::from_secs(20);
const PAGE: &str = "<title>Sign in</title><style>body{margin:0}</style><input autofocus style='width:400px;height:60px'>\
    <div id=d style='position:absolute;top:200px;width:50px;height:50px;background:red'></div>\
    <script>let n = 0; (function step() { d.style.left = (n++ % 300) + 'px'; requestAnimationFrame(step) })()</script>";

/// A flow at SIGN_IN, its browser at a page, and a door for viewers.
struct Flow {
    browser: Arc<Browser>,
    sessions: Sessions,
    door: SocketAddr,
}

fn sign_in() -> SignInView {
    SignInView {
        phase: Phase::AwaitingInput,
        live: true,
        manual: false,
        entry: None,
        handed_over: false,
        not_sent: false,
        ask_signed_in: false,
        site_message: None,
        error_code: None,
    }
}

impl Flow {
    async fn new() -> Self {
        let site = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = site.local_addr().unwrap();
        let pages = Router::new().route("/", get(|| async { Html(PAGE) }));
        tokio::spawn(async move { axum::serve(site, pages).await });
        let launcher = Launcher::new(BrowserConfig {
            warm: 0,
            allowed_private_hosts: vec![address.to_string()],
            ..BrowserConfig::default()
        });
        let profile = Profile {
            country: "US".to_owned(),
            accept_language: None,
            viewport: Viewport::default(),
        };
        let browser = launcher.open(profile).await.unwrap();
        let url = format!("http://{address}/").parse().unwrap();
        let page = browser.page();
        page.navigate(&url).await.unwrap();
        until("focus", || async {
            let focused = "function () { return document.activeElement?.tagName === 'INPUT' }";
            page.call(&page.main_frame(), focused, &[]).await.unwrap()
        })
        .await;
        let browser = Arc::new(browser);
        let sessions = Sessions {
            state: watch::Sender::new(LiveState {
                version: 1,
                step: Step::SignIn,
                sign_in: Some(sign_in()),
                browser: Some(Arc::clone(&browser)),
                changes: 0,
                viewer: 0,
                closing: None,
            }),
            touched: watch::Sender::new(Instant::now()),
            cut: Arc::new(Notify::new()),
        };
        let door = open_door(sessions.clone()).await;
        Self {
            browser,
            sessions,
            door,
        }
    }

    async fn value(&self) -> String {
        let page = self.browser.page();
        let read = "function () { return document.querySelector('input').value }";
        page.call(&page.main_frame(), read, &[]).await.unwrap()
    }
}

async fn open_door(sessions: Sessions) -> SocketAddr {
    let upgrade = |upgrade: WebSocketUpgrade| async move { sessions.take(upgrade) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let door = listener.local_addr().unwrap();
    let router = Router::new().route("/live", get(upgrade));
    tokio::spawn(async move { axum::serve(listener, router).await });
    door
}

/// Every viewer that comes takes over, as a ticket's session does.
#[derive(Clone)]
struct Sessions {
    state: watch::Sender<LiveState>,
    touched: watch::Sender<Instant>,
    /// Breaks every line that there is.
    cut: Arc<Notify>,
}

impl Sessions {
    fn take(&self, upgrade: WebSocketUpgrade) -> Response {
        self.state.send_modify(|state| state.viewer += 1);
        let number = self.state.borrow().viewer;
        let session = ViewerSession::new(
            FlowRef::from_bytes([7; 16]),
            self.state.subscribe(),
            number,
            self.touched.clone(),
            Arc::new(SystemRandom),
        );
        let cut = Arc::clone(&self.cut);
        upgrade.on_upgrade(|socket| async move {
            tokio::select! {
                () = super::serve(socket, session) => {}
                () = cut.notified() => {}
            }
        })
    }
}

struct Viewer {
    socket: WebSocketStream<TcpStream>,
    sealer: Sealer,
    header: Option<FrameHeader>,
    cursor: String,
}

impl Viewer {
    async fn new(door: SocketAddr) -> Self {
        let stream = TcpStream::connect(door).await.unwrap();
        let url = format!("ws://{door}/live");
        let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        let Some(Ok(Message::Text(hello))) = socket.next().await else {
            panic!("no hello");
        };
        let ServerMessage::Hello {
            public_key,
            flow_ref,
        } = serde_json::from_str(&hello).unwrap()
        else {
            panic!("{hello} is no hello");
        };
        let key = SealingKey::from_random(&[9; 32]).unwrap();
        let sealer = key.sealer(&public_key, flow_ref).unwrap();
        let mut viewer = Self {
            socket,
            sealer,
            header: None,
            cursor: String::new(),
        };
        let public_key = key.public();
        viewer.send(&ViewerMessage::Key { public_key }).await;
        viewer
    }

    async fn send(&mut self, message: &ViewerMessage) {
        let text = serde_json::to_string(message).unwrap();
        // The other side may have ended already.
        let _ = self.socket.send(Message::text(text)).await;
    }

    async fn type_text(&mut self, text: &str) -> (u32, String) {
        let typed = TypedMessage::Text { text: text.into() };
        let (n, data) = self
            .sealer
            .seal(&serde_json::to_vec(&typed).unwrap())
            .unwrap();
        let message = ViewerMessage::Sealed {
            n,
            data: data.clone(),
        };
        self.send(&message).await;
        (n, data)
    }

    /// The next message; pictures are kept, and acknowledged when asked for. `None` at the end.
    async fn receive(&mut self, acks: bool) -> Option<Received> {
        loop {
            match timeout(SOON, self.socket.next())
                .await
                .expect("the server speaks")?
            {
                Ok(Message::Text(text)) => {
                    let said = serde_json::from_str(&text).unwrap();
                    if let ServerMessage::Cursor { cursor } = &said {
                        self.cursor.clone_from(cursor);
                    }
                    return Some(Received::Said(said));
                }
                Ok(Message::Binary(bytes)) => {
                    let seq = u32::from_be_bytes(bytes[4..8].try_into().unwrap());
                    assert_eq!(bytes[0], 1);
                    assert_eq!(bytes[16..18], [0xff, 0xd8], "a JPEG");
                    let short =
                        |at: usize| u16::from_be_bytes(bytes[at..at + 2].try_into().unwrap());
                    self.header = Some(FrameHeader {
                        scale: short(2),
                        seq,
                        page: 1,
                        width: short(12),
                        height: short(14),
                    });
                    if acks {
                        self.send(&ViewerMessage::Ack { seq }).await;
                    }
                    return Some(Received::Picture(seq));
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    async fn wait_for_message(&mut self, wanted: impl Fn(&ServerMessage) -> bool) -> ServerMessage {
        let wait = async {
            loop {
                match self.receive(true).await.expect("not over yet") {
                    Received::Said(said) if wanted(&said) => return said,
                    _ => {}
                }
            }
        };
        timeout(SOON, wait).await.expect("it is said")
    }

    async fn wait_for_end(&mut self) {
        let wait = async { while self.receive(true).await.is_some() {} };
        timeout(SOON, wait).await.expect("the end");
    }
}

enum Received {
    Said(ServerMessage),
    Picture(u32),
}

async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let wait = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, wait)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

fn ended(said: &ServerMessage) -> Option<EndReason> {
    match said {
        ServerMessage::Ended { reason } => Some(*reason),
        _ => None,
    }
}

#[tokio::test]
async fn a_viewer_sees_and_types() {
    let flow = Flow::new().await;
    let mut viewer = Viewer::new(flow.door).await;
    let state = viewer
        .wait_for_message(|said| matches!(said, ServerMessage::State { .. }))
        .await;
    let expected = ServerMessage::State {
        step: Step::SignIn,
        sign_in: Some(sign_in()),
    };
    assert_eq!(state, expected);
    viewer
        .wait_for_message(|said| matches!(said, ServerMessage::Remote { title, secure: false, .. } if title == "Sign in"))
        .await;
    viewer
        .send(&ViewerMessage::Resize {
            width: 640,
            height: 480,
        })
        .await;
    while viewer.header.is_none_or(|header| header.width != 640) {
        viewer.receive(true).await.unwrap();
    }
    let at = |kind, buttons| ViewerMessage::Pointer {
        kind,
        x: 100.0,
        y: 30.0,
        button: 0,
        buttons,
        clicks: 1,
        mods: 0,
    };
    viewer.send(&at(PointerKind::Move, 0)).await;
    viewer.send(&at(PointerKind::Down, 1)).await;
    viewer.send(&at(PointerKind::Up, 0)).await;
    viewer.type_text("s3cret ").await;
    viewer.type_text("wörd").await;
    until("typed", || async { flow.value().await == "s3cret wörd" }).await;
    // The engine may have looked under a pointer that never moved, and told it before.
    while viewer.cursor != "text" {
        viewer.receive(true).await.unwrap();
    }
}

#[tokio::test]
async fn only_what_is_sealed_in_order_is_typed() {
    let flow = Flow::new().await;
    // The same message again; one that was changed; one before any key.
    let mut viewer = Viewer::new(flow.door).await;
    let (n, data) = viewer.type_text("once").await;
    viewer
        .send(&ViewerMessage::Sealed {
            n,
            data: data.clone(),
        })
        .await;
    viewer.wait_for_end().await;
    let mut viewer = Viewer::new(flow.door).await;
    viewer.send(&ViewerMessage::Sealed { n: 0, data }).await;
    viewer.type_text("never").await;
    viewer.wait_for_end().await;
    let mut viewer = Viewer::new(flow.door).await;
    let typed = r#"{"t":"text","text":"plain"}"#;
    viewer.socket.send(Message::text(typed)).await.unwrap();
    viewer.wait_for_end().await;
    assert_eq!(flow.value().await, "once");
}

#[tokio::test]
async fn a_second_viewer_takes_over() {
    let flow = Flow::new().await;
    let mut first = Viewer::new(flow.door).await;
    while first.header.is_none() {
        first.receive(true).await.unwrap();
    }
    let mut second = Viewer::new(flow.door).await;
    let over = first.wait_for_message(|said| ended(said).is_some()).await;
    assert_eq!(ended(&over), Some(EndReason::TakenOver));
    first.type_text("not mine any more").await;
    first.wait_for_end().await;
    // The first one's end does not take the picture from the second.
    for _ in 0..5 {
        while !matches!(second.receive(true).await.unwrap(), Received::Picture(_)) {}
    }
    second.type_text("mine").await;
    until("typed", || async { flow.value().await == "mine" }).await;
}

#[tokio::test]
async fn after_the_sign_in_nothing_is_taken_any_more() {
    let flow = Flow::new().await;
    let mut viewer = Viewer::new(flow.door).await;
    viewer.type_text("before").await;
    until("typed", || async { flow.value().await == "before" }).await;
    flow.sessions.state.send_modify(|state| {
        state.step = Step::Sites;
        state.sign_in = None;
    });
    viewer.type_text("after").await;
    let moved = viewer
        .wait_for_message(
            |said| matches!(said, ServerMessage::State { step, .. } if *step == Step::Sites),
        )
        .await;
    assert!(matches!(moved, ServerMessage::State { sign_in: None, .. }));
    let over = viewer.wait_for_message(|said| ended(said).is_some()).await;
    assert_eq!(ended(&over), Some(EndReason::Finished));
    viewer.wait_for_end().await;
    assert_eq!(flow.value().await, "before");
}

#[tokio::test]
async fn a_browser_that_ends_ends_the_view() {
    let flow = Flow::new().await;
    let mut viewer = Viewer::new(flow.door).await;
    flow.sessions.state.send_modify(|state| {
        state.browser = None;
        state.closing = Some(EndReason::NodeStopping);
    });
    let over = viewer.wait_for_message(|said| ended(said).is_some()).await;
    assert_eq!(ended(&over), Some(EndReason::NodeStopping));
    viewer.wait_for_end().await;
    // Nobody but the test holds the browser now: it ends with the test.
    assert_eq!(Arc::strong_count(&flow.browser), 1);
}

#[tokio::test]
async fn pictures_wait_for_the_viewer_and_stop_when_he_looks_away() {
    let flow = Flow::new().await;
    let mut viewer = Viewer::new(flow.door).await;
    let mut pictures = Vec::new();
    let quiet = Duration::from_millis(800);
    // Not acknowledged: two travel, and no more come of a page that moves all the time.
    let wait = async {
        while let Ok(heard) = timeout(quiet, viewer.receive(false)).await {
            if let Some(Received::Picture(seq)) = heard {
                pictures.push(seq);
            }
        }
    };
    timeout(SOON, wait).await.expect("silence");
    assert!((1..=3).contains(&pictures.len()), "{pictures:?}");
    let last = *pictures.last().unwrap();
    viewer.send(&ViewerMessage::Ack { seq: last }).await;
    while !matches!(viewer.receive(true).await.unwrap(), Received::Picture(seq) if seq > last + 20)
    {
    }
    viewer
        .send(&ViewerMessage::Visible { visible: false })
        .await;
    let wait = async { while timeout(quiet, viewer.receive(true)).await.is_ok() {} };
    timeout(SOON, wait).await.expect("silence");
    viewer.send(&ViewerMessage::Visible { visible: true }).await;
    while !matches!(viewer.receive(true).await.unwrap(), Received::Picture(_)) {}
}
