//! Where a request comes from.

use std::{convert::Infallible, net::IpAddr, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse as _, Response},
};
use url::Url;

use super::{door::ConsoleState, error::ConsoleError};
use crate::{address_range::AddressRange, client_address};

/// What pages know of the addresses at which they are reached.
pub(crate) trait Reached: Send + Sync + 'static {
    /// The proxies before the pages, which say who calls.
    fn proxies(&self) -> &[AddressRange];

    /// The address at which people reach the pages.
    fn public_url(&self) -> &Url;

    /// What a form is told that was posted from another website.
    fn other_origin() -> Response;
}

impl Reached for ConsoleState {
    fn proxies(&self) -> &[AddressRange] {
        &self.door.proxies
    }

    fn public_url(&self) -> &Url {
        &self.door.public_url
    }

    fn other_origin() -> Response {
        ConsoleError::OtherOrigin.into_response()
    }
}

/// The address that a request comes from; `None` when a proxy does not say it in a way that can be read.
pub(crate) struct CallerPlace(pub(crate) Option<IpAddr>);

impl<S: Reached> FromRequestParts<Arc<S>> for CallerPlace {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, pages: &Arc<S>) -> Result<Self, Infallible> {
        Ok(Self(client_address::of_call(parts, pages.proxies())))
    }
}
