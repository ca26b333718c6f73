//! What the door needs, and what it remembers.

use std::sync::Arc;

use shared::{id::ApiKeyId, token::KeyRing};
use url::Url;

use crate::{
    address_range::AddressRange,
    blobs::Blobs,
    clock::{Clock, Random},
    config::SandboxConfig,
    edge_push::EdgePush,
    links::LinkSources,
    rate_limit::RateLimiter,
    store::Store,
    vault::Vault,
    webhooks::EndpointAddresses,
};

/// The services that the API uses.
pub struct ApiDoor {
    /// The database of this installation.
    pub store: Store,
    /// Seals the secrets of webhook endpoints, and the answers that are kept with their idempotency keys.
    pub vault: Arc<Vault>,
    /// Tells which addresses webhooks may be sent to.
    pub endpoints: Arc<EndpointAddresses>,
    /// Which websites are for trying things out.
    pub sandbox: SandboxConfig,
    /// The files of bills.
    pub blobs: Blobs,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness for ids and nonces.
    pub random: Arc<dyn Random>,
    /// The keys that seal tokens.
    pub token_keys: Arc<KeyRing>,
    /// The address with which all links begin.
    pub links_base: Url,
    /// The client that pushes brands to the edge.
    pub edge: Arc<EdgePush>,
    /// The address at which organizations reach the API.
    pub public_url: Url,
    /// The only `Host` that is answered, when it is set.
    pub host: Option<String>,
    /// The proxies before the API, which say who calls.
    pub proxies: Vec<AddressRange>,
}

impl ApiDoor {
    /// What links are made with.
    pub(super) fn link_sources(&self) -> LinkSources<'_> {
        LinkSources {
            keys: &self.token_keys,
            base: &self.links_base,
            sandbox: &self.sandbox,
        }
    }
}

/// The door, and how often each key and address has called.
pub(super) struct ApiState {
    pub door: Arc<ApiDoor>,
    pub rate_limiter: RateLimiter<ApiKeyId>,
}
