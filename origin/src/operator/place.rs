//! Where a request comes from: the pages may be there for some addresses alone.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use url::Url;

use super::{door::OperatorState, error::OperatorError};
use crate::{
    address_range::AddressRange,
    console::{CallerPlace, Reached},
};

impl Reached for OperatorState {
    fn proxies(&self) -> &[AddressRange] {
        &self.door.proxies
    }

    fn public_url(&self) -> &Url {
        &self.door.public_url
    }

    fn other_origin() -> Response {
        OperatorError::OldForm.into_response()
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
