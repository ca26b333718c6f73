//! Where a request comes from: the pages may be there for some addresses alone, and forms of other websites do nothing.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Method, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{door::OperatorState, error::OperatorError};
use crate::{client_address, console::is_from_here};

/// The address that a request comes from; `None` when a proxy does not say it in a way that can be read.
pub(super) struct CallerPlace(pub(super) Option<IpAddr>);

impl FromRequestParts<Arc<OperatorState>> for CallerPlace {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<OperatorState>,
    ) -> Result<Self, Infallible> {
        Ok(Self(client_address::of_call(parts, &state.door.proxies)))
    }
}

/// Answers that nothing is there, where the configuration names addresses and the request comes from none of them.
pub(super) async fn hide_elsewhere(
    State(state): State<Arc<OperatorState>>,
    CallerPlace(place): CallerPlace,
    request: Request,
    next: Next,
) -> Response {
    let addresses = &state.door.addresses;
    let is_among = |place| addresses.iter().any(|range| range.contains(place));
    if addresses.is_empty() || place.is_some_and(is_among) {
        return next.run(request).await;
    }
    StatusCode::NOT_FOUND.into_response()
}

/// Refuses what changes something and does not come from a page of this host.
pub(super) async fn refuse_other_origins(
    State(state): State<Arc<OperatorState>>,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_from_here(request.headers(), &state.door.public_url) {
        return next.run(request).await;
    }
    OperatorError::OldForm.into_response()
}
