//! What the door needs, and what it remembers.

use std::sync::Arc;

use shared::token::KeyRing;
use tokio::sync::Semaphore;
use url::Url;

use super::password::{HASHES_AT_ONCE, Passwords};
use crate::{
    blobs::Blobs,
    clock::{Clock, Random},
    edge_push::EdgePush,
    rate_limit::RateLimiter,
    store::Store,
};

/// Where the console begins.
pub(super) const HOME: &str = "/console/connections";
/// How many sign-ins of one address may be tried at once.
const SIGN_INS: i64 = 10;
/// Milliseconds after which one more may be tried.
const SIGN_IN_EARN_MS: i64 = 60_000;

/// The services that the console uses.
pub struct ConsoleDoor {
    /// The database of this installation.
    pub store: Store,
    /// The files of bills.
    pub blobs: Blobs,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness for ids, sessions and salts.
    pub random: Arc<dyn Random>,
    /// The keys that seal tokens.
    pub token_keys: Arc<KeyRing>,
    /// The address at which members reach the console.
    pub public_url: Url,
    /// The address with which all links begin.
    pub links_base: Url,
    /// The client that pushes brands to the edge.
    pub edge: Arc<EdgePush>,
}

/// The door, and how often each mail address was tried.
pub(super) struct ConsoleState {
    pub(super) door: ConsoleDoor,
    pub(super) passwords: Passwords,
    pub(super) sign_ins: RateLimiter<String>,
}

impl ConsoleState {
    pub(super) fn new(door: ConsoleDoor) -> Self {
        Self {
            passwords: Passwords::new(Arc::clone(&door.random), Semaphore::new(HASHES_AT_ONCE)),
            sign_ins: RateLimiter::new(SIGN_INS, SIGN_IN_EARN_MS),
            door,
        }
    }
}
