//! Where a request comes from.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};

use super::door::ConsoleState;
use crate::client_address;

/// The address that a request comes from; `None` when a proxy does not say it in a way that can be read.
pub(super) struct CallerPlace(pub(super) Option<IpAddr>);

impl FromRequestParts<Arc<ConsoleState>> for CallerPlace {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<ConsoleState>,
    ) -> Result<Self, Infallible> {
        Ok(Self(client_address::of_call(parts, &console.door.proxies)))
    }
}
