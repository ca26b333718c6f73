//! What the door needs, and what it remembers.

use std::{net::IpAddr, sync::Arc};

use shared::{id::MemberId, time::UnixMillis, token::KeyRing};
use tokio::sync::watch;
use url::Url;

use super::{open_streams::OpenStreams, password::Passwords};
use crate::{
    address_range::AddressRange,
    blobs::Blobs,
    clock::{Clock, Random},
    config::SandboxConfig,
    edge_push::EdgePush,
    links::LinkSources,
    mail::MailFolder,
    rate_limit::RateLimiter,
    store::Store,
    vault::Vault,
    webhooks::EndpointAddresses,
};

/// Where the console begins.
pub(super) const HOME: &str = "/console/connections";
/// Where open pages are told how far collections are.
pub(super) const EVENTS: &str = "/console/connections/events";
/// Where members add their authenticators.
pub(super) const AUTHENTICATOR: &str = "/console/account/authenticator";
/// How many sign-ins with one mail address may be tried at once from one place.
const SIGN_INS: i64 = 10;
/// Milliseconds after which one more may be tried.
const SIGN_IN_EARN_MS: i64 = 60_000;
/// How many sign-ins may be tried at once from one place, with whatever mail addresses.
const FROM_ONE_PLACE: i64 = 40;
/// Milliseconds after which one more may be tried.
const FROM_ONE_PLACE_EARN_MS: i64 = 10_000;

/// How many codes of one member may be tried at once: who tries them knows the password.
const CODES: i64 = 10;
/// Milliseconds after which one more may be tried.
const CODES_EARN_MS: i64 = 60_000;

/// The services that the console uses.
pub struct ConsoleDoor {
    /// The database of this installation.
    pub store: Store,
    /// Seals the secrets of webhook endpoints, of members' authenticators and of invitations by mail.
    pub vault: Arc<Vault>,
    /// Tells which addresses webhooks may be sent to.
    pub endpoints: Arc<EndpointAddresses>,
    /// Which websites are for trying things out.
    pub sandbox: SandboxConfig,
    /// The files of bills.
    pub blobs: Blobs,
    /// The folder that mail is laid into, where no mail server is set.
    pub mail_folder: Option<MailFolder>,
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
    /// The proxies before the console, which say who calls.
    pub proxies: Vec<AddressRange>,
    /// The client that pushes brands to the edge.
    pub edge: Arc<EdgePush>,
    /// Becomes true when the node stops: what would go on for minutes ends then.
    pub stopping: watch::Receiver<bool>,
}

impl ConsoleDoor {
    /// What links are made with.
    pub(super) fn link_sources(&self) -> LinkSources<'_> {
        LinkSources {
            keys: &self.token_keys,
            base: &self.links_base,
            sandbox: &self.sandbox,
        }
    }
}

/// The door, and how often passwords were tried. Those that a stranger tries elsewhere keep nobody out.
pub(super) struct ConsoleState {
    pub(super) door: ConsoleDoor,
    pub(super) passwords: Passwords,
    pub(super) streams: Arc<OpenStreams>,
    sign_ins: RateLimiter<(String, Option<IpAddr>)>,
    places: RateLimiter<Option<IpAddr>>,
    codes: RateLimiter<MemberId>,
}

impl ConsoleState {
    pub(super) fn new(door: ConsoleDoor) -> Self {
        Self {
            passwords: Passwords::new(Arc::clone(&door.random)),
            streams: Arc::default(),
            sign_ins: RateLimiter::new(SIGN_INS, SIGN_IN_EARN_MS),
            places: RateLimiter::new(FROM_ONE_PLACE, FROM_ONE_PLACE_EARN_MS),
            codes: RateLimiter::new(CODES, CODES_EARN_MS),
            door,
        }
    }

    /// Counts a code that is tried for a member who has given the password, from wherever; false when these were too many.
    pub(super) fn may_try_code(&self, member: MemberId, now: UnixMillis) -> bool {
        self.codes.take(member, now).is_ok()
    }

    /// Counts a try of the password that belongs to this mail address, from where `place` says; false when these were too many.
    pub(super) fn may_try(&self, email: &str, place: Option<IpAddr>, now: UnixMillis) -> bool {
        self.places.take(place, now).is_ok()
            && self.sign_ins.take((email.to_owned(), place), now).is_ok()
    }
}
