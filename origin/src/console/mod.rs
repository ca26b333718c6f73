//! The console: where the people of an organization look after their links and connections, in a browser.
//!
//! Every page works without JavaScript: forms are posted, and answered by a redirect. A handler takes a [`SignedIn`]
//! (who asks, and when), reads its form, calls one function and renders a template of `origin/templates/console/`.

mod account;
mod account_site;
mod assets;
mod audit_log;
mod batch_page;
mod batches;
mod bill;
mod bill_words;
mod bills;
mod brand;
mod chart;
mod companies;
mod company_actions;
mod connection;
mod connection_actions;
mod connection_edit;
mod connections;
mod door;
mod edit;
mod error;
mod form;
mod guides;
mod keys;
mod link_actions;
mod link_list;
mod link_words;
mod links;
mod live;
mod mail;
mod new_link;
mod notifications;
mod once;
mod open_streams;
mod page;
mod password;
mod place;
mod post;
mod qr_code;
mod redirect_origins;
mod refusal;
mod sandbox;
mod saved_views;
mod second_factor;
mod send_link;
mod session;
mod sign_in;
mod sign_in_code;
mod sign_in_provider;
mod single_sign_on;
mod team;
mod team_rules;
#[cfg(test)]
mod tests;
mod timeline;
mod upload;
mod webhook;
mod webhook_delivery;
mod webhook_words;
mod webhooks;
mod words;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware,
    response::{IntoResponse as _, Redirect},
    routing::{get, post as posted},
};
use shared::batch::BatchKind;
use tower_http::set_header::SetResponseHeaderLayer;

// The operators' pages look the same, and are signed in to by the same means.
pub(crate) use assets::version as assets_version;
pub use door::ConsoleDoor;
use door::ConsoleState;
use error::ConsoleError;
pub(crate) use form::{FORM_MAX, Form, Wrong, told_at};
pub(crate) use password::{HashFailed, PASSWORD_MAX, PASSWORD_MIN, Passwords};
pub(crate) use place::{CallerPlace, Reached};
pub(crate) use post::{lead_to_page, refuse_other_origins};
pub(crate) use qr_code::qr_code;
pub(crate) use second_factor::grouped;
use session::SignedIn;
pub(crate) use session::{CSRF_FIELD, cookie_in, csrf_of, hash_of, secret_cookie};
pub(crate) use words::{Moment, StatusWords, collect_words, status_words};

/// Pages run their own scripts and styles alone, and stand in no frame; the file of a bill is shown inside of one.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Makes the routes of the console, all below `/console`.
pub fn router(door: ConsoleDoor) -> Router {
    let console = Arc::new(ConsoleState::new(door));
    let pages = Router::new()
        .route("/console", get(async || Redirect::to(door::HOME)))
        .route("/console/sign-in", get(sign_in::show).post(sign_in::enter))
        .route(
            "/console/sign-in/code",
            get(sign_in_code::show).post(sign_in_code::enter),
        )
        .route(
            "/console/sign-in/{token}",
            get(sign_in::show_invitation).post(sign_in::accept_invitation),
        )
        .route("/console/sign-out", posted(sign_in::leave))
        .route("/console/connections", get(connections::list))
        .route(door::EVENTS, get(live::events))
        .route("/console/connections/{id}", get(connection::show))
        .merge(actions())
        .merge(batches::router(BatchKind::Links))
        .merge(batches::router(BatchKind::Companies))
        .route("/console/guides", get(guides::list))
        .route("/console/guides/{name}", get(guides::show))
        .route("/console/bills", get(bills::list))
        .route("/console/bills/export", get(bills::export))
        .route("/console/bills/{id}", get(bill::show))
        .route("/console/bills/{id}/file", get(bill::file))
        .route("/console/links", get(link_list::list))
        .merge(webhook_pages())
        .route("/console/sandbox", get(sandbox::show))
        .merge(second_factor_pages())
        .merge(single_sign_on_pages())
        .route("/console/views", posted(saved_views::add))
        .route(
            "/console/views/{id}",
            get(saved_views::show).post(saved_views::change),
        )
        .route("/console/views/{id}/remove", posted(saved_views::remove))
        .merge(appearance())
        .route(
            "/console/links/new",
            get(new_link::show).post(new_link::make),
        )
        .route("/console/links/{id}", get(links::show))
        .route("/console/links/{id}/revoke", posted(link_actions::revoke))
        .route("/console/links/{id}/extend", posted(link_actions::extend))
        .route("/console/links/{id}/send", posted(send_link::send))
        .route("/console/team", get(team::list).post(team::invite))
        .route("/console/accounts/{id}/site", posted(account_site::put))
        .route("/console/team/{id}/invitation", posted(team::invite_again))
        .route("/console/team/{id}/role", posted(team::set_role))
        .route("/console/team/{id}/remove", posted(team::remove))
        .route("/console/keys", get(keys::list).post(keys::add))
        .route("/console/keys/{id}/revoke", posted(keys::revoke))
        .route("/console/audit-log", get(audit_log::show))
        .route("/console/mail", get(mail::list))
        .route("/console/mail/{id}", get(mail::show))
        .route("/console/mail/{id}/html", get(mail::show_html))
        .route(
            "/console/notifications",
            get(notifications::show).post(notifications::save),
        )
        .route("/console/account", get(account::show))
        .route(
            "/console/account/password",
            posted(account::change_password),
        )
        .route(
            "/console/companies",
            get(companies::list).post(companies::add),
        )
        .route("/console/companies/{id}", get(companies::show))
        .route(
            "/console/companies/{id}/delete",
            posted(company_actions::remove_company),
        )
        .route(
            "/console/sites/{id}/delete",
            posted(company_actions::remove_site_of_company),
        )
        .route(
            "/console/companies/{id}/edit",
            get(edit::company).post(edit::change_company),
        )
        .route(
            "/console/sites/{id}/edit",
            get(edit::site).post(edit::change_site),
        )
        .route("/console/companies/{id}/sites", posted(companies::add_site))
        .route(
            "/console/{*path}",
            get(async |_: SignedIn| ConsoleError::NotFound.into_response()),
        )
        .method_not_allowed_fallback(lead_to_page)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&console),
            refuse_other_origins::<ConsoleState>,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&console),
            refusal::show,
        ))
        .layer(DefaultBodyLimit::max(FORM_MAX))
        .layer(set(header::CACHE_CONTROL, "no-store"))
        // The file of a bill has a stricter one of its own.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ))
        // With `no-referrer` browsers would say `Origin: null` when a form is posted.
        .layer(set(header::REFERRER_POLICY, "same-origin"));
    pages.merge(assets::router()).with_state(console)
}

/// What is done with a connection by hand.
fn actions() -> Router<Arc<ConsoleState>> {
    let at = |what: &str| format!("/console/connections/{{id}}/{what}");
    Router::new()
        .route(
            &at("edit"),
            get(connection_edit::show).post(connection_edit::change),
        )
        .route(&at("link"), posted(connection::make_update_link))
        .route(&at("collect"), posted(connection_actions::collect))
        .route(&at("pause"), posted(connection_actions::pause))
        .route(&at("resume"), posted(connection_actions::resume))
        .route(&at("delete"), posted(connection_actions::remove))
}

/// The authenticator of the member who is signed in, and what owners say of those of others.
fn second_factor_pages() -> Router<Arc<ConsoleState>> {
    let at = |what: &str| format!("{}/{what}", door::AUTHENTICATOR);
    Router::new()
        .route(door::AUTHENTICATOR, get(second_factor::show))
        .route(&at("begin"), posted(second_factor::begin))
        .route(&at("confirm"), posted(second_factor::confirm))
        .route(&at("codes"), posted(second_factor::renew))
        .route(&at("remove"), posted(second_factor::remove))
        .route("/console/team/authenticators", posted(team_rules::require))
        .route(
            "/console/team/{id}/authenticator",
            posted(team_rules::take_second_factor),
        )
}

/// The organization's own provider, and the way to it and back.
fn single_sign_on_pages() -> Router<Arc<ConsoleState>> {
    let at = |what: &str| format!("/console/single-sign-on/{what}");
    Router::new()
        .route(
            sign_in_provider::PAGE,
            get(sign_in_provider::show).post(sign_in_provider::begin),
        )
        .route(sign_in_provider::CALLBACK, get(sign_in_provider::come_back))
        .route(
            single_sign_on::PAGE,
            get(single_sign_on::show).post(single_sign_on::save),
        )
        .route(&at("rule"), posted(single_sign_on::set_rule))
        .route(&at("remove"), posted(single_sign_on::remove))
        .route(&at("{id}/reset"), posted(single_sign_on::reset))
}

/// What clients see, and where they are led afterwards.
fn appearance() -> Router<Arc<ConsoleState>> {
    Router::new()
        .route(
            "/console/brand",
            get(brand::show)
                .post(brand::save)
                .layer(DefaultBodyLimit::max(brand::FORM_MAX)),
        )
        .route("/console/brand/saved", get(brand::show_saved))
        .route(
            "/console/redirects",
            get(redirect_origins::show).post(redirect_origins::save),
        )
        .route(
            "/console/redirects/saved",
            get(redirect_origins::show_saved),
        )
}

/// The routes of the pages at Settings > Webhooks.
fn webhook_pages() -> Router<Arc<ConsoleState>> {
    let at = |what: &str| format!("/console/webhooks/{{id}}/{what}");
    Router::new()
        .route("/console/webhooks", get(webhooks::list).post(webhooks::add))
        .route(
            "/console/webhooks/{id}",
            get(webhook::show).post(webhook::save),
        )
        .route(&at("switch"), posted(webhook::switch))
        .route(&at("secret"), posted(webhook::rotate))
        .route(&at("test"), posted(webhook::test))
        .route(&at("remove"), posted(webhook::remove))
        .route(&at("deliveries/{delivery_id}"), get(webhook_delivery::show))
        .route(
            &at("deliveries/{delivery_id}/replay"),
            posted(webhook_delivery::replay),
        )
}

fn set(name: header::HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}
