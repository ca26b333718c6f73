//! The operators' pages: where who runs the platform sees which connections of all organizations wait for them, and why.
//!
//! Operators are nobody's members: they have accounts, sessions and a log of their own. What they see leads to no bill, no
//! account and no credential. Pages are made as the console's are ([`console`]), and share its style sheet.

mod account;
mod connection;
mod door;
mod error;
mod failures;
mod invitation;
mod log;
mod page;
mod place;
mod queue;
mod session;
mod sign_in;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware,
    response::{IntoResponse as _, Redirect},
    routing::{get, post},
};
use tower_http::set_header::SetResponseHeaderLayer;

pub use door::OperatorDoor;
use door::OperatorState;
use error::OperatorError;
pub use invitation::{Invitation, new_invitation};
use session::Operating;

use crate::console;

/// Makes the routes of the operators' pages, all below `/operator`.
pub fn router(door: OperatorDoor) -> Router {
    let state = Arc::new(OperatorState::new(door));
    let set = SetResponseHeaderLayer::<HeaderValue>::overriding;
    Router::new()
        .route("/operator", get(async || Redirect::to(door::HOME)))
        .route(door::SIGN_IN, get(sign_in::show).post(sign_in::enter))
        .route(
            "/operator/sign-in/{token}",
            get(invitation::show).post(invitation::accept),
        )
        .route("/operator/sign-out", post(sign_in::leave))
        .route(door::HOME, get(failures::list))
        .route("/operator/connections/{id}", get(connection::show))
        .route(
            "/operator/connections/{id}/picture",
            get(connection::picture),
        )
        .route(
            "/operator/connections/{id}/collect",
            post(connection::collect),
        )
        .route("/operator/queue", get(queue::show))
        .route("/operator/log", get(log::show))
        .route("/operator/account", get(account::show))
        .route(
            "/operator/{*path}",
            get(async |_: Operating| OperatorError::NotFound.into_response()),
        )
        .method_not_allowed_fallback(console::lead_to_page)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&state),
            console::refuse_other_origins::<OperatorState>,
        ))
        .layer(DefaultBodyLimit::max(console::FORM_MAX))
        .layer(set(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(set(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(console::POLICY),
        ))
        // With `no-referrer` browsers would say `Origin: null` when a form is posted.
        .layer(set(
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&state),
            place::hide_elsewhere,
        ))
        .with_state(state)
}
