//! The website's router, and a handler for each page: it parses the request, asks for data and renders a view.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

use crate::{
    Options, bill_pdf,
    bills::bills_of,
    customers::Customer,
    makes::Place,
    sandbox,
    session::{Session, Sessions},
    sign_in,
    site::{Shared, Site},
    steps, views,
};

/// Makes the routes of all pages.
pub fn router(options: Options) -> Router {
    let site = Arc::new(Site {
        options,
        sessions: Sessions::default(),
    });
    let trap = crate::trap::router(site.options.clone());
    Router::new()
        .nest_service("/trap", trap)
        .route("/", get(sign_in::home))
        .route("/outages", get(outages))
        .route("/help", get(help))
        .route("/login", get(sign_in::page).post(sign_in::post))
        .route(
            views::CHANGED.address,
            get(sign_in::page).post(sign_in::post),
        )
        .route("/api/login", post(sign_in::api))
        .route("/step", get(steps::ask).post(steps::answer))
        .route("/return", get(sign_in::way_back).post(sign_in::way_back))
        .route("/enter", get(sign_in::enter))
        .route("/forgot", get(forgot))
        .route("/sign-out", get(sign_in::sign_out))
        .route("/account", get(dashboard))
        .route("/account/billing", get(billing))
        .route("/account/billing/{invoice}", get(bill))
        .route("/account/billing/{invoice}/pdf", get(bill_pdf))
        .route("/account/usage", get(usage))
        .route("/account/profile", get(profile))
        .route("/account/authenticator", get(authenticator))
        .route("/account/authenticator/code.svg", get(authenticator_code))
        .route("/account/pay", get(pay).post(pay))
        .route(
            "/account/stop-service",
            get(stop_service).post(stop_service),
        )
        .merge(sandbox::routes())
        .merge(assets())
        .fallback(|| async {
            (
                StatusCode::NOT_FOUND,
                Html(views::plain(
                    "Page not found",
                    "We could not find that page. It may have moved.",
                )),
            )
        })
        .layer(middleware::from_fn_with_state(
            site.clone(),
            sign_in::by_make,
        ))
        .layer(middleware::from_fn_with_state(
            site.clone(),
            sign_in::faults,
        ))
        .with_state(site)
}

fn assets() -> Router<Arc<Site>> {
    let script = |text| get(move || asset("text/javascript", text));
    let logo = || get(|| asset("image/svg+xml", include_str!("../assets/logo.svg")));
    Router::new()
        .route(
            "/style.css",
            get(|| asset("text/css", include_str!("../assets/style.css"))),
        )
        .route("/logo.svg", logo())
        .route("/favicon.ico", logo())
        .route("/page.js", script(include_str!("../assets/page.js")))
        .route("/shadow.js", script(include_str!("../assets/shadow.js")))
        .route(
            "/script-built.js",
            script(include_str!("../assets/script-built.js")),
        )
        .route(
            "/single-page.js",
            script(include_str!("../assets/single-page.js")),
        )
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
    let session = site.sessions.of(headers);
    // At the host of a form there is no account, only the way back.
    if Place::of(headers).at_login_host {
        return Redirect::to("/return").into_response();
    }
    match session.as_ref().and_then(Session::signed_in) {
        Some(person) => page(person),
        None if session.is_some_and(|session| session.step.is_some()) => {
            Redirect::to("/step").into_response()
        }
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

async fn authenticator(State(site): Shared, headers: HeaderMap) -> Response {
    signed_in(&site, &headers, "/account/authenticator", |person| {
        Html(views::authenticator(person)).into_response()
    })
}

async fn authenticator_code(State(site): Shared, headers: HeaderMap) -> Response {
    signed_in(&site, &headers, "/account/authenticator", |person| {
        let picture = crate::authenticator::picture(person.email);
        ([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response()
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
