//! What the door needs, and what it remembers.

use std::{net::IpAddr, sync::Arc};

use browser::Launcher;
use shared::{id::OperatorId, time::UnixMillis};
use url::Url;

use crate::{
    address_range::AddressRange,
    clock::{Clock, Random},
    console::Passwords,
    rate_limit::RateLimiter,
    store::Store,
    vault::Vault,
};

/// Where the operators' pages begin.
pub(super) const HOME: &str = "/operator/failures";
/// Where operators sign in.
pub(super) const SIGN_IN: &str = "/operator/sign-in";
/// How many sign-ins with one mail address may be tried at once from one place.
const SIGN_INS: i64 = 10;
/// Milliseconds after which one more may be tried.
const SIGN_IN_EARN_MS: i64 = 60_000;
/// How many sign-ins may be tried at once from one place, with whatever mail addresses.
const FROM_ONE_PLACE: i64 = 20;
/// Milliseconds after which one more may be tried.
const FROM_ONE_PLACE_EARN_MS: i64 = 20_000;
/// How many codes of one operator may be tried at once: who tries them knows the password.
const CODES: i64 = 10;
/// Milliseconds after which one more may be tried.
const CODES_EARN_MS: i64 = 60_000;

/// The services that the operators' pages use.
pub struct OperatorDoor {
    /// The database of this installation.
    pub store: Store,
    /// Opens the failures that were kept, and seals operators' authenticators.
    pub vault: Arc<Vault>,
    /// Tells how many browsers of this node are in use.
    pub launcher: Launcher,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness for ids, sessions and salts.
    pub random: Arc<dyn Random>,
    /// The address at which operators reach the pages.
    pub public_url: Url,
    /// The proxies before the pages, which say who calls.
    pub proxies: Vec<AddressRange>,
    /// The addresses that the pages are there for; empty means all.
    pub addresses: Vec<AddressRange>,
}

/// The door, and how often passwords and codes were tried.
pub(super) struct OperatorState {
    pub(super) door: OperatorDoor,
    pub(super) passwords: Passwords,
    sign_ins: RateLimiter<(String, Option<IpAddr>)>,
    places: RateLimiter<Option<IpAddr>>,
    codes: RateLimiter<OperatorId>,
}

impl OperatorState {
    pub(super) fn new(door: OperatorDoor) -> Self {
        Self {
            passwords: Passwords::new(Arc::clone(&door.random)),
            sign_ins: RateLimiter::new(SIGN_INS, SIGN_IN_EARN_MS),
            places: RateLimiter::new(FROM_ONE_PLACE, FROM_ONE_PLACE_EARN_MS),
            codes: RateLimiter::new(CODES, CODES_EARN_MS),
            door,
        }
    }

    /// Counts a try of the password that belongs to this mail address, from where `place` says; false when these were too many.
    pub(super) fn may_try(&self, email: &str, place: Option<IpAddr>, now: UnixMillis) -> bool {
        self.places.take(place, now).is_ok()
            && self.sign_ins.take((email.to_owned(), place), now).is_ok()
    }

    /// Counts a code that is tried for an operator, from wherever; false when these were too many.
    pub(super) fn may_try_code(&self, operator: OperatorId, now: UnixMillis) -> bool {
        self.codes.take(operator, now).is_ok()
    }
}
