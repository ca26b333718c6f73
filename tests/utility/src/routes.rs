//! The website's router, and a handler for each page: it parses the request, asks for data and renders a view.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use crate::{
    Options, bill_pdf,
    bills::bills_of,
    customers::Customer,
    session::{Session, Sessions, SignIn, clear_cookie},
    views,
};

struct Site {
    options: Options,
    sessions: Sessions,
}

type Shared = State<Arc<Site>>;

/// Makes the routes of all pages.
pub fn router(options: Options) -> Router {
    let site = Arc::new(Site {
        options,
        sessions: Sessions::default(),
    });
    let trap = crate::trap::router(site.options.clone());
    Router::new()
        .nest_service("/trap", trap)
        .route("/", get(home))
        .route("/outages", get(outages))
        .route("/help", get(help))
        .route("/login", get(login_form).post(login))
        .route("/code", get(crate::code::ask).post(crate::code::check))
        .route("/forgot", get(forgot))
        .route("/sign-out", get(sign_out))
        .route("/account", get(dashboard))
        .route("/account/billing", get(billing))
        .route("/account/billing/{invoice}", get(bill))
        .route("/account/billing/{invoice}/pdf", get(bill_pdf))
        .route("/account/usage", get(usage))
        .route("/account/profile", get(profile))
        .route("/account/pay", get(pay).post(pay))
        .route(
            "/account/stop-service",
            get(stop_service).post(stop_service),
        )
        .route(
            "/style.css",
            get(|| asset("text/css", include_str!("../assets/style.css"))),
        )
        .route(
            "/logo.svg",
            get(|| asset("image/svg+xml", include_str!("../assets/logo.svg"))),
        )
        .route(
            "/favicon.ico",
            get(|| asset("image/svg+xml", include_str!("../assets/logo.svg"))),
        )
        .fallback(|| async {
            (
                StatusCode::NOT_FOUND,
                Html(views::plain(
                    "Page not found",
                    "We could not find that page. It may have moved.",
                )),
            )
        })
        .layer(middleware::from_fn_with_state(site.clone(), down))
        .with_state(site)
}

async fn down(State(site): Shared, request: Request, next: Next) -> Response {
    if site.options.switches.is_down() {
        let page = views::plain(
            "We will be right back",
            "Riverbend online services are temporarily unavailable.",
        );
        return (StatusCode::SERVICE_UNAVAILABLE, Html(page)).into_response();
    }
    next.run(request).await
}

async fn asset(content_type: &'static str, body: &'static str) -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, content_type),
            (header::CACHE_CONTROL, "max-age=3600"),
        ],
        body,
    )
}

async fn home() -> Html<String> {
    Html(views::home())
}

async fn outages() -> Html<String> {
    Html(views::plain(
        "Outage centre",
        "No outages are reported in our service area. Call (555) 010-0199 to report one, day or night.",
    ))
}

async fn help() -> Html<String> {
    Html(views::plain(
        "Help and contact",
        "Customer care answers on weekdays from 8 a.m. to 6 p.m. at (555) 010-0100.",
    ))
}

async fn forgot() -> Html<String> {
    Html(views::plain(
        "Reset your password",
        "Call customer care at (555) 010-0100 and we will send you a letter with a new password.",
    ))
}

#[derive(Deserialize)]
struct AfterLogin {
    next: Option<String>,
}

async fn login_form(
    State(site): Shared,
    headers: HeaderMap,
    Query(query): Query<AfterLogin>,
) -> Response {
    if let Some(Session {
        person: Some(_), ..
    }) = site.sessions.of(&headers)
    {
        return Redirect::to("/account").into_response();
    }
    let session = site
        .sessions
        .of(&headers)
        .unwrap_or_else(|| site.sessions.begin());
    form(&session, "", after(query.next.as_deref()), None)
}

#[derive(Deserialize)]
struct Login {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    csrf: String,
    next: Option<String>,
}

async fn login(State(site): Shared, headers: HeaderMap, Form(login): Form<Login>) -> Response {
    let next = after(login.next.as_deref());
    let session = match site.sessions.of(&headers) {
        Some(session) if session.csrf == login.csrf => session,
        // A stale form: show a fresh one, and do not look at the password.
        _ => {
            return form(
                &site.sessions.begin(),
                &login.email,
                next,
                Some("Your session has expired. Please sign in again."),
            );
        }
    };
    let switches = &site.options.switches;
    let came_to = site
        .sessions
        .sign_in(&session, &login.email, &login.password, switches);
    switches.released().await;
    if switches.is_broken() {
        let page = views::plain("Something went wrong", "Please try again later.");
        return (StatusCode::INTERNAL_SERVER_ERROR, Html(page)).into_response();
    }
    match came_to {
        SignIn::In(session) if switches.asks_code() => crate::code::begin(&session.id),
        SignIn::In(session) => (
            [(header::SET_COOKIE, session.set_cookie())],
            Redirect::to(next),
        )
            .into_response(),
        SignIn::Wrong => form(
            &session,
            &login.email,
            next,
            Some("The email address or password you entered is incorrect. Please try again."),
        ),
        SignIn::Locked => form(
            &session,
            &login.email,
            next,
            Some(
                "Your account has been locked after too many unsuccessful attempts. Try again in 15 minutes or call (555) 010-0100.",
            ),
        ),
    }
}

fn form(session: &Session, email: &str, next: &str, error: Option<&str>) -> Response {
    (
        [(header::SET_COOKIE, session.set_cookie())],
        Html(views::login(&session.csrf, email, next, error)),
    )
        .into_response()
}

/// Only pages of the account: anything else would be an open redirect.
fn after(next: Option<&str>) -> &str {
    next.filter(|next| *next == "/account" || next.starts_with("/account/"))
        .unwrap_or("/account")
}

async fn sign_out(State(site): Shared, headers: HeaderMap) -> Response {
    if let Some(session) = site.sessions.of(&headers) {
        site.options.switches.count_harm();
        site.sessions.sign_out(&session);
    }
    ([(header::SET_COOKIE, clear_cookie())], Redirect::to("/")).into_response()
}

/// Runs a page for whoever is signed in; sends everybody else to the sign-in form.
fn signed_in(
    site: &Site,
    headers: &HeaderMap,
    path: &str,
    page: impl FnOnce(&'static Customer) -> Response,
) -> Response {
    if site.options.switches.take_sessions_end() {
        site.sessions.end_all();
    }
    match site.sessions.of(headers).and_then(|session| session.person) {
        Some(person) => page(person),
        None => Redirect::to(&format!("/login?next={path}")).into_response(),
    }
}

async fn dashboard(State(site): Shared, headers: HeaderMap) -> Response {
    signed_in(&site, &headers, "/account", |person| {
        Html(views::dashboard(
            person,
            &bills_of(person.email, &site.options),
        ))
        .into_response()
    })
}

#[derive(Deserialize)]
struct BillingQuery {
    account: Option<String>,
    page: Option<usize>,
}

async fn billing(
    State(site): Shared,
    headers: HeaderMap,
    Query(query): Query<BillingQuery>,
) -> Response {
    signed_in(&site, &headers, "/account/billing", |person| {
        let bills = bills_of(person.email, &site.options);
        Html(views::billing(
            person,
            &bills,
            query.account.as_deref(),
            query.page.unwrap_or(1),
        ))
        .into_response()
    })
}

async fn bill(State(site): Shared, headers: HeaderMap, Path(invoice): Path<String>) -> Response {
    signed_in(
        &site,
        &headers,
        "/account/billing",
        |person| match bills_of(person.email, &site.options)
            .into_iter()
            .find(|bill| bill.invoice == invoice)
        {
            Some(bill) => Html(views::bill(person, &bill)).into_response(),
            None => (
                StatusCode::NOT_FOUND,
                Html(views::plain(
                    "Bill not found",
                    "We could not find that bill.",
                )),
            )
                .into_response(),
        },
    )
}

async fn bill_pdf(
    State(site): Shared,
    headers: HeaderMap,
    Path(invoice): Path<String>,
) -> Response {
    signed_in(&site, &headers, "/account/billing", |person| {
        let bills = bills_of(person.email, &site.options);
        let Some(bill) = bills.iter().find(|bill| bill.invoice == invoice) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        match bill_pdf::draw(person, bill, &bills) {
            Some(bytes) => (
                [
                    (header::CONTENT_TYPE, "application/pdf".to_owned()),
                    (
                        header::CONTENT_DISPOSITION,
                        format!("attachment; filename=\"Riverbend-{}.pdf\"", bill.invoice),
                    ),
                    (header::CACHE_CONTROL, "private, no-store".to_owned()),
                ],
                bytes,
            )
                .into_response(),
            None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    })
}

async fn usage(State(site): Shared, headers: HeaderMap) -> Response {
    signed_in(&site, &headers, "/account/usage", |person| {
        Html(views::usage(person, &bills_of(person.email, &site.options))).into_response()
    })
}

async fn profile(State(site): Shared, headers: HeaderMap) -> Response {
    signed_in(&site, &headers, "/account/profile", |person| {
        Html(views::profile(person)).into_response()
    })
}

async fn pay(State(site): Shared, headers: HeaderMap) -> Response {
    signed_in(&site, &headers, "/account", |person| {
        site.options.switches.count_harm();
        Html(views::notice(person, "Pay my bill", "Online payments are being upgraded. Please pay by mail, or by phone at (555) 010-0100.")).into_response()
    })
}

async fn stop_service(State(site): Shared, headers: HeaderMap) -> Response {
    signed_in(&site, &headers, "/account", |person| {
        site.options.switches.count_harm();
        Html(views::notice(
            person,
            "Stop service",
            "Your request was received. A representative will call you within one business day.",
        ))
        .into_response()
    })
}
