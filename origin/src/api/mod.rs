//! The organization's door: the JSON API below `/v2.2`, its OpenAPI document, and `/docs` to read it.
//!
//! A handler takes a [`Call`] (who asks, when, one transaction), parses with [`fields`], calls one
//! function and renders. Errors are `application/problem+json` and name every wrong field at once.

mod accounts;
mod audit;
mod batches;
mod bills;
mod brand;
mod call;
mod collect_now;
mod collections;
mod common_answers;
mod companies;
mod company_bills;
mod company_removal;
mod connection_change;
mod connection_removal;
mod connections;
mod deadline;
mod etag;
mod fields;
mod host;
mod idempotency;
mod key_body;
mod keys;
mod link_body;
mod links;
mod log;
mod make_link;
mod members;
mod openapi;
mod paging;
mod problem;
mod reach;
mod reader;
mod redirect_origins;
mod scopes;
mod send_link;
mod sites;
mod state;
#[cfg(test)]
mod tests;
mod webhook_body;
mod webhook_deliveries;
mod webhooks;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderValue, header},
    middleware,
    routing::{get, post},
};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::{api_types::schema, rate_limit::RateLimiter};
use call::Call;
use problem::ApiProblem;
pub use state::ApiDoor;
use state::ApiState;

/// How many calls of a key may come at once.
const BURST: i64 = 200;
/// Milliseconds in which a key earns one more call: 20 a second.
const EARN_MS: i64 = 50;

/// Makes the routes of the API. `pages` are served beside them, on the same host and no other.
pub fn router(door: ApiDoor, pages: Router) -> Router {
    let document = openapi::document(&door.public_url);
    let api = Arc::new(ApiState {
        door: Arc::new(door),
        rate_limiter: RateLimiter::new(BURST, EARN_MS),
    });
    Router::new()
        .route("/v2.2/company", get(companies::list).post(companies::add))
        .route(
            "/v2.2/company/{id}",
            get(companies::get)
                .patch(companies::change)
                .delete(company_removal::remove_company),
        )
        .route(
            "/v2.2/site/{id}",
            get(sites::get)
                .patch(sites::change)
                .delete(company_removal::remove_site_of_company),
        )
        .route(
            "/v2.2/site/company/{company_id}",
            get(sites::list).post(sites::add),
        )
        .route(
            "/v2.2/connection/company/{company_id}/link",
            post(links::make),
        )
        .route(
            "/v2.2/connection/{id}/link",
            post(links::make_for_connection),
        )
        .route("/v2.2/link/company/{company_id}", get(links::list))
        .route("/v2.2/link/{id}", get(links::get))
        .route(
            idempotency::LONG_BODIES,
            get(batches::list).post(batches::add),
        )
        .route("/v2.2/link/batch/{batch_id}", get(batches::get))
        .route("/v2.2/link/batch/{batch_id}/results", get(batches::results))
        .route("/v2.2/link/{id}/extend", post(links::extend))
        .route("/v2.2/link/{id}/revoke", post(links::revoke))
        .route("/v2.2/link/{id}/send", post(send_link::send))
        .route(
            "/v2.2/connection/company/{company_id}",
            get(connections::list),
        )
        .route(
            "/v2.2/connection/{id}",
            get(connections::get)
                .patch(connection_change::change)
                .delete(connection_removal::remove),
        )
        .route("/v2.2/connection/{id}/collect", post(collect_now::collect))
        .route("/v2.2/connection/{id}/collections", get(collections::list))
        .route("/v2.2/bill/connection/{connection_id}", get(bills::list))
        .route("/v2.2/bill/company/{company_id}", get(company_bills::list))
        .route("/v2.2/bill/{id}", get(bills::get))
        .route("/v2.2/bill/{id}/file", get(bills::file))
        .route(
            "/v2.2/redirect-origins",
            get(redirect_origins::get).put(redirect_origins::set),
        )
        .route("/v2.2/account/company/{company_id}", get(accounts::list))
        .route(
            "/v2.2/account/{id}",
            get(accounts::get).patch(accounts::change),
        )
        .route("/v2.2/brand", get(brand::get).put(brand::set))
        .merge(webhook_routes())
        .merge(key_routes())
        .merge(member_routes())
        .fallback(async |_: Call| ApiProblem::NotFound)
        .method_not_allowed_fallback(async || ApiProblem::MethodNotAllowed)
        .layer(middleware::from_fn(idempotency::read))
        .layer(no_store())
        .layer(middleware::from_fn(log::log_call))
        .merge(reader::pages(document))
        .merge(pages.with_state(()))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&api),
            host::require_host,
        ))
        .layer(middleware::from_fn(deadline::enforce))
        .layer(SetResponseHeaderLayer::overriding(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .with_state(api)
}

fn webhook_routes() -> Router<Arc<ApiState>> {
    Router::new()
        .route("/v2.2/webhook", get(webhooks::list).post(webhooks::add))
        .route(
            "/v2.2/webhook/{id}",
            get(webhooks::get)
                .patch(webhooks::change)
                .delete(webhooks::remove),
        )
        .route("/v2.2/webhook/{id}/secret", post(webhooks::rotate))
        .route("/v2.2/webhook/{id}/test", post(webhook_deliveries::test))
        .route(
            "/v2.2/webhook/{id}/deliveries",
            get(webhook_deliveries::list),
        )
        .route(
            "/v2.2/webhook/{id}/deliveries/{delivery_id}/replay",
            post(webhook_deliveries::replay),
        )
}

fn key_routes() -> Router<Arc<ApiState>> {
    Router::new()
        .route("/v2.2/key", get(keys::list).post(keys::add))
        .route("/v2.2/key/{id}", get(keys::get).patch(keys::change))
        .route("/v2.2/key/{id}/revoke", post(keys::revoke))
}

fn member_routes() -> Router<Arc<ApiState>> {
    Router::new()
        .route("/v2.2/member", get(members::list).post(members::invite))
        .route(
            "/v2.2/member/{id}",
            get(members::get)
                .patch(members::change)
                .delete(members::remove),
        )
        .route("/v2.2/member/{id}/invitation", post(members::invite_again))
}

fn no_store() -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}
