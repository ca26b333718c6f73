//! The viewer's own JavaScript in a real browser, looking at another one.

use std::{
    net::TcpListener as Socket,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::ws::WebSocketUpgrade,
    http::header,
    response::Html,
    routing::{get, post},
};
use browser::{
    Browser, BrowserConfig, KeyPress, Launcher, Pointer, PointerKind, Profile, Viewport,
};
use serde_json::json;
use shared::{
    live::PROTOCOL,
    status::{ErrorCode, Step},
};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{Flow, until, viewer_scripts::SCRIPTS};

/// What the scripts find on the edge's page, in its place.
const PAGE: &str = "<!doctype html><title>viewer</title><style>
    body { margin: 0; min-height: 1000px } [hidden] { display: none } .stage { display: grid; height: 400px; width: 600px; position: relative }
    .picture { grid-area: 1/1; width: 100%; height: 100%; object-fit: contain; object-position: top }
    .typing { position: absolute; opacity: 0; pointer-events: none } .waiting { grid-area: 1/1; margin: 0; place-self: center } </style>
    <div data-trouble=CREDENTIALS_INVALID hidden></div><div data-trouble=ACCOUNT_LOCKED hidden></div>
    <div data-message hidden><q></q></div><div data-closing hidden><button type=button>Go on</button></div>
    <p data-aloud></p><form data-ask hidden></form>
    <section id=live data-path=/flow data-step=SIGN_IN data-idle=720 data-warning=120 aria-label='The website'>
    <span hidden data-text=connection-lost>Reconnecting</span><span hidden data-text=cannot-seal>cannot send what you type</span>
    <span hidden data-text=taken-over>another tab</span><span hidden data-text=go-on-here>Go on here</span>
    <span hidden data-text=opening>Opening</span><span hidden data-text=connection-blocked>no connection</span><span hidden data-text=please-answer>Are you signed in?</span>
    <div class=stage data-stage><p class=waiting data-status role=status>Opening… <span data-late>Nothing appears?</span></p></div>
    <button type=button data-go=back aria-disabled=true>back</button><button type=button data-go=reload>reload</button>
    <span data-secure hidden>lock</span><span data-host></span></section>
    <a id=after href=#>after</a><script type=module src=/live.js></script>";

/// The page, its door to the flow, and how often it was loaded.
struct Viewer {
    client: Browser,
    socket: Socket,
    loads: Arc<AtomicUsize>,
    server: JoinHandle<()>,
    router: Router,
}

impl Viewer {
    async fn new(flow: &Flow) -> Self {
        let loads = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&loads);
        let sessions = flow.sessions.clone();
        let mut router = Router::new()
            .route(
                "/flow/ticket",
                post(|| async { Json(json!({ "ticket": "t" })) }),
            )
            .route(
                "/flow/live",
                get(move |upgrade: WebSocketUpgrade| {
                    let sessions = sessions.clone();
                    async move { sessions.take(upgrade.protocols([PROTOCOL])) }
                }),
            )
            .route(
                "/flow",
                get(move || {
                    count.fetch_add(1, Ordering::SeqCst);
                    async { Html(PAGE) }
                }),
            );
        for (path, script) in SCRIPTS.iter().copied() {
            let kind = [(header::CONTENT_TYPE, "text/javascript")];
            router = router.route(path, get(move || async move { (kind, script) }));
        }
        let socket = Socket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let port = socket.local_addr().unwrap().port();
        let server = serve(router.clone(), &socket);
        let launcher = Launcher::new(BrowserConfig {
            warm: 0,
            allowed_private_hosts: vec![format!("localhost:{port}")],
            ..BrowserConfig::default()
        });
        let profile = Profile {
            country: "US".to_owned(),
            accept_language: None,
            viewport: Viewport {
                width: 700,
                height: 500,
            },
        };
        let client = launcher.open(profile).await.unwrap();
        let url = format!("http://localhost:{port}/flow").parse().unwrap();
        client.page().navigate(&url).await.unwrap();
        let viewer = Self {
            client,
            socket,
            loads,
            server,
            router,
        };
        until("the picture", || async { viewer.status().await.is_empty() }).await;
        until("its size", || async { flow.size().await == (600, 400) }).await;
        viewer
    }

    /// From now on whoever connects is hung up on.
    async fn hang_up(&mut self) {
        self.stop().await;
        let listener = listener_of(&self.socket);
        self.server = tokio::spawn(async move {
            loop {
                drop(listener.accept().await);
            }
        });
    }

    async fn answer_again(&mut self) {
        self.stop().await;
        self.server = serve(self.router.clone(), &self.socket);
    }

    async fn stop(&mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }

    async fn eval<T: serde::de::DeserializeOwned>(&self, expression: &str) -> T {
        let page = self.client.page();
        let function = format!("function () {{ return {expression} }}");
        page.call(&page.main_frame(), &function, &[]).await.unwrap()
    }

    /// Runs as the page's own script does; [`Self::eval`] shares only the document with it.
    async fn run(&self, script: &str) {
        let add = "document.head.appendChild(document.createElement('script'))";
        self.eval::<i64>(&format!("({add}.textContent = `{script}`, 1)"))
            .await;
    }

    /// What the client reads over the picture; empty while there is only the picture.
    async fn status(&self) -> String {
        // A page that has only begun to arrive has no status yet.
        let told = "document.querySelector('[data-status]')?.textContent";
        let picture = "document.querySelector('canvas')?.width > 300 ? '' : 'no picture'";
        self.eval(&format!("{told} || ({picture})")).await
    }

    fn point(&self, kind: PointerKind, x: f64, y: f64, buttons: u8, clicks: u8) {
        let button = if kind == PointerKind::Move { -1 } else { 0 };
        self.client.input().pointer(Pointer {
            kind,
            x,
            y,
            button,
            buttons,
            clicks,
            mods: 0,
        });
    }

    fn click(&self, x: f64, y: f64, clicks: u8) {
        self.point(PointerKind::Move, x, y, 0, 0);
        self.point(PointerKind::Down, x, y, 1, clicks);
        self.point(PointerKind::Up, x, y, 0, clicks);
    }

    fn key(&self, key: &str, code: &str, mods: u8) {
        for down in [true, false] {
            self.client.input().key(KeyPress {
                down,
                key,
                code,
                mods,
                repeat: false,
            });
        }
    }
}

/// One more handle of a socket that listens, so that nobody else gets its port in between.
fn listener_of(socket: &Socket) -> TcpListener {
    TcpListener::from_std(socket.try_clone().unwrap()).unwrap()
}

fn serve(router: Router, socket: &Socket) -> JoinHandle<()> {
    let listener = listener_of(socket);
    tokio::spawn(async move {
        let _ = axum::serve(listener, router).await;
    })
}

impl Flow {
    async fn size(&self) -> (u32, u32) {
        let page = self.browser.page();
        let ask = "function () { return [innerWidth, innerHeight] }";
        page.call(&page.main_frame(), ask, &[]).await.unwrap()
    }
}

#[tokio::test]
async fn pointer_and_keys_on_the_picture_reach_the_website() {
    let flow = Flow::new().await;
    let viewer = Viewer::new(&flow).await;
    viewer.click(100.0, 30.0, 1);
    until("the keyboard's place", || async {
        viewer
            .eval::<bool>("document.activeElement.className === 'typing'")
            .await
    })
    .await;
    for (key, code) in [("H", "KeyH"), ("i", "KeyI"), ("!", "Digit1")] {
        viewer.key(key, code, 0);
    }
    until("keys", || async { flow.value().await == "Hi!" }).await;
    // An input method, or dictation.
    viewer.client.input().text(" wörld");
    until("text", || async { flow.value().await == "Hi! wörld" }).await;
    // Select by double click, and type over it; select all by keyboard, and delete.
    viewer.click(10.0, 30.0, 1);
    viewer.click(10.0, 30.0, 2);
    viewer.key("Y", "KeyY", 0);
    until("typed over a word", || async {
        flow.value().await.starts_with('Y')
    })
    .await;
    viewer.key("a", "KeyA", 2);
    viewer.key("Backspace", "Backspace", 0);
    until("nothing left", || async { flow.value().await.is_empty() }).await;
    let paste = "(() => { const data = new DataTransfer(); data.setData('text/plain', 'pa$te\\u{1f511}');\
        document.querySelector('.typing').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })); return 1 })()";
    viewer.eval::<i64>(paste).await;
    until("pasted", || async {
        flow.value().await == "pa$te\u{1f511}"
    })
    .await;
    // Nothing of it stays in the client's own page.
    assert_eq!(
        viewer
            .eval::<String>("document.querySelector('.typing').value")
            .await,
        ""
    );
    until("the cursor", || async {
        viewer
            .eval::<String>("document.querySelector('canvas').style.cursor")
            .await
            == "text"
    })
    .await;
    let strip: String = viewer
        .eval("document.querySelector('[data-host]').textContent")
        .await;
    assert!(strip.starts_with("127.0.0.1:"), "{strip}");
}

#[tokio::test]
async fn wheel_reload_and_back_reach_the_website() {
    let flow = Flow::new().await;
    let viewer = Viewer::new(&flow).await;
    let at_site = async |expression: &str| -> i64 {
        let page = flow.browser.page();
        let function = format!("function () {{ return Math.round({expression}) }}");
        let answer = page.call(&page.main_frame(), &function, &[]).await;
        // Between two documents nobody answers.
        answer.unwrap_or(-1)
    };
    let taller = "(document.body.style.height = '3000px', 1)";
    until("a page to scroll", || async { at_site(taller).await == 1 }).await;
    viewer.client.input().wheel(100.0, 100.0, 0.0, 240.0, 0);
    until("scrolled", || async { at_site("scrollY").await > 100 }).await;

    assert_eq!(at_site("(globalThis.old = 1)").await, 1);
    let click = async |to: &str| {
        let expression = format!("(document.querySelector('[data-go={to}]').click(), true)");
        assert!(viewer.eval::<bool>(&expression).await);
    };
    click("reload").await;
    until("loaded again", || async {
        at_site("globalThis.old ?? 0").await == 0
    })
    .await;

    let page = flow.browser.page();
    let second = format!("{}?second", page.url()).parse().unwrap();
    page.navigate(&second).await.unwrap();
    let may = "document.querySelector('[data-go=back]').matches(':disabled, [aria-disabled=true]')";
    until("a way back", || async { !viewer.eval::<bool>(may).await }).await;
    click("back").await;
    until("back", || async { !page.url().ends_with("second") }).await;
}

#[tokio::test]
async fn escape_then_tab_moves_the_focus_out_of_the_picture() {
    let flow = Flow::new().await;
    let viewer = Viewer::new(&flow).await;
    viewer.click(100.0, 30.0, 1);
    viewer.key("x", "KeyX", 0);
    until("typed", || async { flow.value().await == "x" }).await;
    viewer.key("Tab", "Tab", 0);
    let inside = "document.activeElement.className === 'typing'";
    until("Tab went to the website", || async {
        let page = flow.browser.page();
        let left = "function () { return document.activeElement === document.body }";
        page.call(&page.main_frame(), left, &[]).await.unwrap()
    })
    .await;
    assert!(viewer.eval::<bool>(inside).await);
    viewer.key("Escape", "Escape", 0);
    viewer.key("Tab", "Tab", 0);
    until("out", || async { !viewer.eval::<bool>(inside).await }).await;
}

#[tokio::test]
async fn a_lost_connection_is_opened_again_and_a_second_viewer_takes_over() {
    let flow = Flow::new().await;
    let mut viewer = Viewer::new(&flow).await;
    viewer.hang_up().await;
    flow.sessions.state.send_modify(|state| state.viewer += 1);
    // Taken over by nobody's viewer: the client may come back here.
    until("told", || async {
        viewer.status().await.contains("another tab")
    })
    .await;
    viewer.answer_again().await;
    viewer
        .eval::<i64>("(document.querySelector('[data-status] button').click(), 1)")
        .await;
    until("here again", || async { viewer.status().await.is_empty() }).await;
    viewer.click(100.0, 30.0, 1);
    viewer.key("x", "KeyX", 0);
    until("typed", || async { flow.value().await == "x" }).await;
    // Now the line itself breaks: nobody answers for a while.
    viewer.hang_up().await;
    flow.sessions.cut.notify_waiters();
    until("lost", || async {
        viewer.status().await.contains("Reconnecting")
    })
    .await;
    viewer.answer_again().await;
    until("back", || async { viewer.status().await.is_empty() }).await;
    viewer.key("y", "KeyY", 0);
    until("typed again", || async { flow.value().await == "xy" }).await;
    // A line that may be dead is taken up anew before it is known to be broken.
    let before = flow.sessions.state.borrow().viewer;
    viewer
        .eval::<bool>("dispatchEvent(new Event('online'))")
        .await;
    until("a new line", || async {
        flow.sessions.state.borrow().viewer > before
    })
    .await;
    until("typed on it", || async {
        viewer.key("z", "KeyZ", 0);
        flow.value().await.ends_with('z')
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_cannot_seal_says_so_for_good() {
    let flow = Flow::new().await;
    let viewer = Viewer::new(&flow).await;
    viewer
        .run("Object.defineProperty(crypto, 'subtle', { value: undefined }); dispatchEvent(new Event('online'))")
        .await;
    let cannot = async || viewer.status().await.contains("cannot send what you type");
    until("told", &cannot).await;
    // Pictures come, and do not hide it.
    let pixel = "[...document.querySelector('canvas').getContext('2d').getImageData(5, 120, 1, 1).data].join()";
    let page = flow.browser.page();
    let red = "function () { document.body.style.background = 'red' }";
    let before: String = viewer.eval(pixel).await;
    page.call::<()>(&page.main_frame(), red, &[]).await.unwrap();
    until("another picture", || async {
        viewer.eval::<String>(pixel).await != before
    })
    .await;
    assert!(cannot().await);
}

#[tokio::test]
async fn an_idle_viewer_is_warned_before_the_window_closes() {
    let flow = Flow::new().await;
    let viewer = Viewer::new(&flow).await;
    let asked = async || {
        !viewer
            .eval::<bool>("document.querySelector('[data-closing]').hidden")
            .await
    };
    let touched = *flow.sessions.touched.borrow();
    // Eleven minutes pass for the page alone.
    viewer
        .run("const now = Date.now; Date.now = () => now() + 11 * 60_000")
        .await;
    until("asked", &asked).await;
    assert_eq!(*flow.sessions.touched.borrow(), touched);
    viewer
        .eval::<i64>("(document.querySelector('[data-closing] button').click(), 1)")
        .await;
    until("the origin heard", || async {
        *flow.sessions.touched.borrow() > touched
    })
    .await;
    assert!(!asked().await);
}

#[tokio::test]
async fn the_page_follows_the_flow() {
    let flow = Flow::new().await;
    let viewer = Viewer::new(&flow).await;
    let top = "document.querySelector('canvas').getBoundingClientRect().top";
    let before: f64 = viewer.eval(top).await;
    flow.sessions.state.send_modify(|state| {
        if let Some(sign_in) = &mut state.sign_in {
            sign_in.site_message = Some("A word before.".to_owned());
        }
    });
    let told = "document.querySelector('[data-message]').offsetHeight";
    until("told", || async { viewer.eval::<f64>(told).await > 0.0 }).await;
    // A click that is under way lands where it was meant to.
    assert_eq!(viewer.eval::<f64>(top).await, before);
    flow.sessions.state.send_modify(|state| {
        if let Some(sign_in) = &mut state.sign_in {
            sign_in.error_code = Some(ErrorCode::AccountLocked);
            sign_in.ask_signed_in = true;
            sign_in.site_message = Some("Wrong <password>.".to_owned());
        }
    });
    until("asked", || async {
        !viewer
            .eval::<bool>("document.querySelector('[data-ask]').hidden")
            .await
    })
    .await;
    let words: String = viewer
        .eval("document.querySelector('[data-message] q').textContent")
        .await;
    assert_eq!(words, "Wrong <password>.");
    let aloud: String = viewer
        .eval("document.querySelector('[data-aloud]').textContent")
        .await;
    assert!(aloud.starts_with("Are you signed in?"), "{aloud}");
    let troubles = "[...document.querySelectorAll('[data-trouble]:not([hidden])')].map(box => box.dataset.trouble).join()";
    assert_eq!(viewer.eval::<String>(troubles).await, "ACCOUNT_LOCKED");
    flow.sessions.state.send_modify(|state| {
        if let Some(sign_in) = &mut state.sign_in {
            sign_in.error_code = None;
        }
    });
    until("no trouble", || async {
        viewer.eval::<String>(troubles).await.is_empty()
    })
    .await;
    let loads = viewer.loads.load(Ordering::SeqCst);
    flow.sessions.state.send_modify(|state| {
        state.step = Step::Sites;
        state.sign_in = None;
    });
    until("loaded again", || async {
        viewer.loads.load(Ordering::SeqCst) == loads + 1
    })
    .await;
}
