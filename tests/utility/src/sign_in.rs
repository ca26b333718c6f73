//! Signing in on every make: its page, and where the password goes.

use std::sync::Arc;

use axum::{
    Form, Json,
    body::Body,
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::{
    customers::{After, find},
    faults::Fault,
    makes::{Place, Return, Style},
    options::Tried,
    session::{Session, clear_cookie},
    site::{Shared, Site},
    steps::{self, after_password},
    views::{self, Asks, SignInForm},
};

const WRONG: &str = "The email address or password you entered is incorrect. Please try again.";
const LOCKED: &str = "Your account has been locked after too many unsuccessful attempts. Try again in 15 minutes or call (555) 010-0100.";
const STALE: &str = "Your session has expired. Please sign in again.";

impl Place {
    /// Where a session goes that nothing is in the way of: to its page, or back to the host that it came from.
    pub(crate) fn after_sign_in<'a>(&self, next: &'a str) -> &'a str {
        if self.at_login_host { "/return" } else { next }
    }
}

/// What came of a user name and a password.
enum Came {
    /// A session; it goes on at this page.
    In(Session, String),
    /// The website's words.
    Refused(&'static str),
    /// Something else.
    Answer(Response),
}

async fn sign_in(
    site: &Site,
    place: &Place,
    headers: &HeaderMap,
    old: Option<&Session>,
    user: &str,
    password: &str,
    next: &str,
) -> Came {
    let switches = &site.options.switches;
    switches.count_sign_in();
    let tried = find(user).map(|person| (switches.try_password(person, password), person));
    switches.released().await;
    if switches.is(Fault::Broken) {
        return Came::Answer(views::broken());
    }
    let person = match tried {
        Some((Tried::Right, person)) => person,
        Some((Tried::Locked, _)) => return Came::Refused(LOCKED),
        Some((Tried::Wrong, _)) | None => return Came::Refused(WRONG),
    };
    match after_password(site, headers, person).await {
        steps::Next::Session(step) => {
            if let Some(old) = old {
                site.sessions.end(old);
            }
            let to = match &step {
                Some(_) => "/step",
                None => place.after_sign_in(next),
            };
            let to = to.to_owned();
            Came::In(site.sessions.open(Some(person), step, next.to_owned()), to)
        }
        steps::Next::Answer(response) => Came::Answer(response),
    }
}

/// Only pages of the account: anything else would be an open redirect.
fn after(next: Option<&str>) -> &str {
    next.filter(|next| *next == "/account" || next.starts_with("/account/"))
        .unwrap_or("/account")
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    next: Option<String>,
}

/// The page to sign in, of whatever make. While its address has changed, it is elsewhere.
pub(crate) async fn page(
    State(site): Shared,
    place: Place,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
    request: Request,
) -> Response {
    let is_changed = site.options.switches.is(Fault::Changed);
    let names = views::names(is_changed);
    let next = after(wanted.next.as_deref());
    if request.uri().path() != names.address {
        return Redirect::to(&format!("{}?next={next}", names.address)).into_response();
    }
    let session = site.sessions.of(&headers);
    if session.as_ref().is_some_and(|of| of.signed_in().is_some()) {
        return Redirect::to(place.after_sign_in("/account")).into_response();
    }
    match place.style() {
        Style::Basic => Redirect::to(next).into_response(),
        Style::Script(name) => Html(views::script(name)).into_response(),
        Style::Elsewhere(host, way) => {
            let host = format!("//{host}.{}/login", place.base);
            match way {
                Return::Consent => Redirect::to(&host).into_response(),
                Return::Frame => Html(views::frame(&host)).into_response(),
                Return::Window => Html(views::window(&host)).into_response(),
            }
        }
        Style::Form | Style::TwoPages | Style::Dialog | Style::SinglePage => {
            let session = session.unwrap_or_else(|| site.sessions.begin());
            form(&site, &place, &session, "", next, None, Asks::first(&place))
        }
    }
}

fn form(
    site: &Site,
    place: &Place,
    session: &Session,
    user: &str,
    next: &str,
    error: Option<&str>,
    asks: Asks,
) -> Response {
    let form = SignInForm {
        csrf: &session.csrf,
        user,
        next,
        error,
        asks,
        names: views::names(site.options.switches.is(Fault::Changed)),
    };
    let page = match place.style() {
        Style::Dialog => views::home_at_sign_in(form),
        _ => views::sign_in(form),
    };
    ([(header::SET_COOKIE, session.set_cookie())], Html(page)).into_response()
}

/// The front page; one make has its form there.
pub(crate) async fn home(State(site): Shared, place: Place, headers: HeaderMap) -> Response {
    if place.style() != Style::Dialog {
        return Html(views::home(None)).into_response();
    }
    let session = site.sessions.of(&headers);
    let session = session.unwrap_or_else(|| site.sessions.begin());
    let form = SignInForm {
        csrf: &session.csrf,
        user: "",
        next: "/account",
        error: None,
        asks: Asks::Both,
        names: views::names(site.options.switches.is(Fault::Changed)),
    };
    let page = Html(views::home(Some(form)));
    ([(header::SET_COOKIE, session.set_cookie())], page).into_response()
}

#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default, alias = "customerMail")]
    email: String,
    #[serde(alias = "secret")]
    password: Option<String>,
    #[serde(default)]
    csrf: String,
    next: Option<String>,
}

/// Takes the form of a page of HTML.
pub(crate) async fn post(
    State(site): Shared,
    place: Place,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Response {
    let next = after(typed.next.as_deref());
    let show = |session: &Session, error, asks| {
        form(&site, &place, session, &typed.email, next, error, asks)
    };
    let first = Asks::first(&place);
    let session = match site.sessions.of(&headers) {
        Some(session) if session.csrf == typed.csrf => session,
        // A stale form: show a fresh one, and do not look at the password.
        _ => return show(&site.sessions.begin(), Some(STALE), first),
    };
    let Some(password) = &typed.password else {
        return show(&session, None, Asks::Password);
    };
    let (user, old) = (&typed.email, Some(&session));
    match sign_in(&site, &place, &headers, old, user, password, next).await {
        Came::In(session, to) => (
            [(header::SET_COOKIE, session.set_cookie())],
            Redirect::to(&to),
        )
            .into_response(),
        Came::Refused(words) => show(&session, Some(words), first),
        Came::Answer(response) => response,
    }
}

#[derive(Deserialize)]
pub(crate) struct Posted {
    #[serde(default)]
    user: String,
    #[serde(default)]
    password: String,
}

/// What a script is told.
#[derive(Serialize, Default)]
struct Told<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

/// Takes what a script posts. A single-page app gets a token, the others a cookie.
pub(crate) async fn api(
    State(site): Shared,
    place: Place,
    headers: HeaderMap,
    Json(posted): Json<Posted>,
) -> Response {
    let (user, password) = (&posted.user, &posted.password);
    match sign_in(&site, &place, &headers, None, user, password, "/account").await {
        Came::In(session, to) => {
            let is_token = place.style() == Style::SinglePage;
            let told = Told {
                next: Some(&to),
                token: is_token.then_some(&session.id),
                error: None,
            };
            let mut response = Json(told).into_response();
            if !is_token {
                let cookie = session.set_cookie();
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Came::Refused(words) => {
            let told = Told {
                error: Some(words),
                ..Told::default()
            };
            (StatusCode::UNAUTHORIZED, Json(told)).into_response()
        }
        // A script follows no redirect to a page by itself.
        Came::Answer(response) => match response.headers().get(header::LOCATION) {
            Some(to) => Json(Told {
                next: to.to_str().ok(),
                ..Told::default()
            })
            .into_response(),
            None => response,
        },
    }
}

/// Leads back from the host of a form: at once, or once the client has consented.
pub(crate) async fn way_back(
    State(site): Shared,
    place: Place,
    headers: HeaderMap,
    method: Method,
) -> Response {
    let session = site.sessions.of(&headers);
    let person = session.and_then(|session| session.signed_in());
    let (Some(way), Some(person)) = (place.way_back(), person) else {
        return Redirect::to("/login").into_response();
    };
    let home = format!("//{}", place.make.host(&place.base));
    let to = |ticket: String| format!("{home}/enter?ticket={ticket}");
    match way {
        Return::Consent if method == Method::GET => Html(views::consent(person)).into_response(),
        Return::Consent => Redirect::to(&to(site.sessions.ticket(person))).into_response(),
        Return::Frame => {
            Html(views::back("parent", &to(site.sessions.ticket(person)))).into_response()
        }
        Return::Window => {
            Html(views::back("opener", &to(site.sessions.ticket(person)))).into_response()
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Ticket {
    #[serde(default)]
    ticket: String,
}

/// Lets in who comes back from the host of the form.
pub(crate) async fn enter(State(site): Shared, Query(ticket): Query<Ticket>) -> Response {
    match site.sessions.redeem(&ticket.ticket) {
        Some(person) => {
            let session = site
                .sessions
                .open(Some(person), None, "/account".to_owned());
            let cookie = session.set_cookie();
            ([(header::SET_COOKIE, cookie)], Redirect::to("/account")).into_response()
        }
        None => Redirect::to("/login").into_response(),
    }
}

/// Signs out.
pub(crate) async fn sign_out(State(site): Shared, headers: HeaderMap) -> Response {
    if let Some(session) = site.sessions.of(&headers) {
        site.options.switches.count_harm();
        site.sessions.end(&session);
    }
    ([(header::SET_COOKIE, clear_cookie())], Redirect::to("/")).into_response()
}

/// Whether a page or file is the same on every make.
fn is_common(path: &str) -> bool {
    path.starts_with("/sandbox") || (path.contains('.') && !path.starts_with("/account"))
}

/// What whole makes do before any page: one page for all, or the browser's own question.
pub(crate) async fn by_make(
    State(site): State<Arc<Site>>,
    place: Place,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    match place.style() {
        _ if is_common(path) => next.run(request).await,
        Style::SinglePage if path.starts_with("/api/") => next.run(request).await,
        Style::SinglePage => {
            if !request.headers().contains_key(header::AUTHORIZATION) {
                return Html(views::single_page()).into_response();
            }
            let mut response = next.run(request).await;
            response.headers_mut().remove(header::SET_COOKIE);
            response
        }
        Style::Basic if path.starts_with("/account") => basic(&site, &place, request, next).await,
        _ => next.run(request).await,
    }
}

async fn basic(site: &Site, place: &Place, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if site
        .sessions
        .of(headers)
        .is_some_and(|of| of.person.is_some())
    {
        return next.run(request).await;
    }
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let given = given.and_then(|value| String::from_utf8(STANDARD.decode(value).ok()?).ok());
    let question =
        HeaderValue::from_static("Basic realm=\"Riverbend Power & Water\", charset=\"UTF-8\"");
    let ask = |words: &str| {
        let page = Html(views::plain("Sign in", words));
        let head = [(header::WWW_AUTHENTICATE, question.clone())];
        (StatusCode::UNAUTHORIZED, head, page).into_response()
    };
    let Some((user, password)) = given.as_deref().and_then(|given| given.split_once(':')) else {
        return ask("Please sign in to see your account.");
    };
    let path = request.uri().path().to_owned();
    match sign_in(site, place, headers, None, user, password, &path).await {
        Came::In(session, to) => (
            [(header::SET_COOKIE, session.set_cookie())],
            Redirect::to(&to),
        )
            .into_response(),
        Came::Refused(words) if words == LOCKED => (
            StatusCode::FORBIDDEN,
            Html(views::plain("Account locked", words)),
        )
            .into_response(),
        Came::Refused(words) => ask(words),
        Came::Answer(response) => response,
    }
}

/// What faults do to every page but the sandbox's own.
pub(crate) async fn faults(
    State(site): State<Arc<Site>>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let switches = &site.options.switches;
    let path = request.uri().path();
    if path.starts_with("/sandbox") {
        return next.run(request).await;
    }
    if switches.is(Fault::Down) {
        return views::down();
    }
    let session = site.sessions.of(request.headers());
    let is_moved = session
        .and_then(|session| session.person)
        .is_some_and(|person| person.after == After::Gone);
    if is_moved || switches.is(Fault::Gone) {
        return Redirect::to(views::NO_HOST).into_response();
    }
    if switches.is(Fault::Slow) && !is_common(path) {
        tokio::time::sleep(SLOW_PAGE).await;
    }
    next.run(request).await
}

/// As long as a page of a slow website takes.
const SLOW_PAGE: std::time::Duration = std::time::Duration::from_secs(5);
