//! What the door needs, and what it remembers.

use std::sync::Arc;

use shared::token::KeyRing;
use url::Url;

use super::rate_limit::RateLimiter;
use crate::{
    blobs::Blobs,
    clock::{Clock, Random},
    edge_push::EdgePush,
    store::Store,
};

/// What the door needs.
pub struct ApiDoor {
    /// The database.
    pub store: Store,
    /// The files of bills.
    pub blobs: Blobs,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids and nonces.
    pub random: Arc<dyn Random>,
    /// Seals the tokens.
    pub token_keys: Arc<KeyRing>,
    /// What links begin with.
    pub links_base: Url,
    /// Hands brands to the edge.
    pub edge: Arc<EdgePush>,
    /// How organizations reach this door.
    pub public_url: Url,
    /// The only `Host` that is answered, when it is set.
    pub host: Option<String>,
}

/// The door, and how often each key and address has called.
pub(super) struct ApiState {
    pub door: Arc<ApiDoor>,
    pub rate_limiter: RateLimiter,
}
