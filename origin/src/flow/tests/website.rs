//! A tiny website to sign in to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use browser::Browser;
use serde::Deserialize;
use serde_json::Value;

pub(super) const USER: &str = "ada@example.com";
pub(super) const PASSWORD: &str = "open sesame";
/// Another customer.
pub(super) const OTHER_USER: &str = "alan@example.com";
/// A customer who is asked for a code after the password.
pub(super) const CODE_USER: &str = "grace@example.com";
/// The code that she gets.
pub(super) const CODE: &str = "493021";
/// The secret of the authenticator that is set up at `/security`.
pub(super) const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// The website's own words.
pub(super) const WRONG: &str = "Wrong email or password.";

pub(crate) struct Website {
    pub host: String,
    down: Arc<AtomicBool>,
}

#[derive(Deserialize)]
struct SignIn {
    email: String,
    password: String,
}

impl Website {
    pub async fn open() -> Self {
        let down = Arc::new(AtomicBool::new(false));
        let routes = Router::new()
            .route("/login", get(login).post(sign_in))
            .route("/code", get(code_form).post(code))
            .route("/home", get(home))
            .route("/members", get(members))
            .route(
                "/.well-known/change-password",
                get(async || Redirect::to("/password")),
            )
            .route("/password", get(password))
            .route("/security", get(security))
            .route(
                "/security/qr",
                get(async || svg(include_str!("authenticator_qr.svg"))),
            )
            .route("/app", get(app))
            .route("/app/qr", get(async || svg(include_str!("other_qr.svg"))))
            .route("/quiet", get(quiet).post(thanks))
            .with_state(Arc::clone(&down));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { host, down }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// From now on `/login` answers 503, or does so no more.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }
}

async fn login(State(down): State<Arc<AtomicBool>>) -> Response {
    if down.load(Ordering::SeqCst) {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Html("<h1>Down for maintenance</h1>"),
        )
            .into_response();
    }
    form("").into_response()
}

fn form(message: &str) -> Html<String> {
    let alert = if message.is_empty() {
        String::new()
    } else {
        format!("<p role=alert>{message}</p>")
    };
    Html(format!(
        "<!doctype html><title>Sign in</title><h1>Sign in</h1>{alert}<form method=post action=/login>
         <label>Email <input id=email name=email type=email autocomplete=username></label>
         <label>Password <input id=password name=password type=password></label>
         <button>Sign in</button></form>"
    ))
}

async fn sign_in(Form(typed): Form<SignIn>) -> Response {
    match typed.email.as_str() {
        _ if typed.password != PASSWORD => form(WRONG).into_response(),
        USER | OTHER_USER => go_home(),
        CODE_USER => Redirect::to("/code").into_response(),
        _ => form(WRONG).into_response(),
    }
}

fn go_home() -> Response {
    let cookie = [(header::SET_COOKIE, "session=1; HttpOnly; Path=/")];
    (cookie, Redirect::to("/home")).into_response()
}

async fn code_form() -> Html<String> {
    code_page("")
}

fn code_page(message: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><title>Enter your code</title><h1>Enter the code</h1><div role=alert>{message}</div>
         <p>We sent a 6-digit verification code by text message to ***-***-0199.</p><form method=post action=/code>
         <label>Verification code <input id=code name=code inputmode=numeric autocomplete=one-time-code maxlength=6></label>
         <button>Verify</button></form>
         <form method=post action=/code><button name=resend value=1>Send a new code</button></form>",
    ))
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    code: String,
    resend: Option<String>,
}

async fn code(Form(typed): Form<Typed>) -> Response {
    if typed.code == CODE {
        return go_home();
    }
    let said = match typed.resend {
        Some(_) => "We sent you a new code.",
        None => "The code you entered is incorrect.",
    };
    code_page(said).into_response()
}

async fn home(headers: HeaderMap) -> Response {
    let known = headers
        .get(header::COOKIE)
        .is_some_and(|cookie| cookie == "session=1");
    if !known {
        return Redirect::to("/login").into_response();
    }
    Html(
        "<!doctype html><title>My account</title><nav><a href=/home>My account</a>
         <a href=/bills>Billing</a> <a href=/logout>Sign out</a></nav>
         <h1>Welcome back, Ada</h1><p>Account number 1234-5678. Current balance $ 12.30</p>",
    )
    .into_response()
}

/// Has the browser itself ask for user name and password.
async fn members(headers: HeaderMap) -> Response {
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|given| given.to_str().ok()?.strip_prefix("Basic "));
    let right = STANDARD.encode(format!("{USER}:{PASSWORD}"));
    if given == Some(right.as_str()) {
        return Html("<!doctype html><title>Meters</title><h1>Meters</h1>").into_response();
    }
    let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=members")];
    let page = Html("<!doctype html><title>Members</title><h1 id=strangers>Members only</h1>");
    (StatusCode::UNAUTHORIZED, challenge, page).into_response()
}

async fn password() -> Html<&'static str> {
    Html("<!doctype html><title>Your password</title><p id=new>Choose a new password.</p>")
}

/// Shows the QR code of an authenticator with [`SECRET`].
async fn security() -> Html<&'static str> {
    Html(
        "<!doctype html><title>Security</title><h1>Authenticator app</h1><img id=qr src=/security/qr>",
    )
}

/// Shows a QR code that leads to an app.
async fn app() -> Html<&'static str> {
    Html("<!doctype html><title>App</title><h1>Get our app</h1><img id=qr src=/app/qr>")
}

fn svg(picture: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml")], picture)
}

/// Says nothing about being signed in or not.
async fn thanks() -> Html<&'static str> {
    Html("<!doctype html><title>Page</title><p>Thank you.</p>")
}

async fn quiet() -> Html<&'static str> {
    Html(
        "<!doctype html><title>Page</title><p>Hello.</p><form method=post action=/quiet>
         <input id=email name=email type=text autocomplete=username>
         <input id=password name=password type=password><button>Go</button></form>",
    )
}

/// Types and sends the form once it is there, by mouse and keyboard.
pub(super) async fn type_in(browser: &Browser, email: &str, password: &str) {
    type_into(browser, &[("#email", email), ("#password", password)]).await;
}

/// Types and sends the code once it is asked for.
pub(super) async fn type_code(browser: &Browser, code: &str) {
    type_into(browser, &[("#code", code)]).await;
}

async fn type_into(browser: &Browser, fields: &[(&str, &str)]) {
    if let Some((first, _)) = fields.first() {
        until_there(browser, first).await;
    }
    let page = browser.page();
    let frame = page.main_frame();
    for (field, text) in fields.iter().copied() {
        let find = "function (selector) { const e = document.querySelector(selector); e.value = ''; return e; }";
        let field = [Value::from(field)];
        page.click(&frame, find, &field).await.expect("a field");
        page.type_text(text).await.expect("typed");
    }
    page.press("Enter").await.expect("sent");
}

/// Opens a page of the website, and waits until its picture is there.
pub(super) async fn open_picture(browser: &Browser, url: &str) {
    let url = url.parse().expect("an address");
    let opened = browser.page().navigate(&url).await.expect("opened");
    assert_eq!(opened.error, None);
    until_there(browser, "#qr").await;
}

/// Waits until the form is there and the page is quiet.
pub(super) async fn until_form(browser: &Browser) {
    until_there(browser, "#email").await;
}

pub(super) async fn until_there(browser: &Browser, selector: &str) {
    let page = browser.page();
    let there = async {
        loop {
            let form = "function (selector) { return document.querySelector(selector) !== null; }";
            let selector = [Value::from(selector)];
            // While the page changes there is nobody to ask.
            if page.call(&page.main_frame(), form, &selector).await == Ok(true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, there).await.expect("a form");
    page.settle(patience).await.expect("the page");
}
