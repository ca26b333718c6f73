//! Signed requests between edge and origin: HMAC-SHA256 over length-prefixed parts.
//!
//! Signed are: direction, node, method, path and query, SHA-256 of the body, time, id, forwarded
//! client address, flow secret, ticket, and for a WebSocket upgrade its key where the sender knows it
//! (workerd does not tell a Worker, so the edge signs none). An absent part is told apart from an
//! empty one. A receiver asks [`verify`], then its [`ReplayGuard`].
//!
//! `vectors/signing.json` holds examples made by another implementation.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::time::UnixMillis;

/// The header that carries the signature: base64url, 43 characters.
pub const SIGNATURE_HEADER: &str = "x-edge-signature";
/// Carries the moment of signing: unix milliseconds, decimal.
pub const TIME_HEADER: &str = "x-edge-time";
/// Carries the request's id: 16 random bytes, base64url, 22 characters.
pub const ID_HEADER: &str = "x-edge-id";
/// Carries the address of the client that the request is made for.
pub const CLIENT_HEADER: &str = "x-edge-client";
/// Carries the node (decimal) of the origin that pushes. In the other direction the origin knows which it is.
pub const NODE_HEADER: &str = "x-edge-node";
/// How far the two clocks may be apart, in milliseconds either way.
pub const MAX_SKEW: i64 = 60_000;

/// What is signed of a request. The receiver fills it from what arrived, never from what was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// The direction of the request.
    pub direction: Direction,
    /// The origin node that asks or is asked.
    pub node: u8,
    /// The HTTP method: `GET`, `POST` or `PUT`.
    pub method: &'a str,
    /// As in the request line, with its query if it has one.
    pub path_and_query: &'a str,
    /// The whole body, empty when there is none.
    pub body: &'a [u8],
    /// The value of [`CLIENT_HEADER`].
    pub client: Option<&'a str>,
    /// The value of [`crate::wire::FLOW_HEADER`].
    pub flow: Option<&'a str>,
    /// The value of [`crate::wire::TICKET_HEADER`].
    pub ticket: Option<&'a str>,
    /// `Sec-WebSocket-Key`, when the sender knows it (see the edge's origin client).
    pub websocket_key: Option<&'a str>,
}

/// Who asks whom: a request of one direction is never good in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The edge forwards the request of a client.
    EdgeToOrigin,
    /// The origin pushes something to the edge.
    OriginToEdge,
}

/// Makes each request a request of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// When the request was signed.
    pub time: UnixMillis,
    /// The id of the request: 16 random bytes.
    pub id: [u8; 16],
}

/// The values of the three headers of a signed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof<'a> {
    /// The value of [`SIGNATURE_HEADER`].
    pub signature: &'a str,
    /// The value of [`TIME_HEADER`].
    pub time: &'a str,
    /// The value of [`ID_HEADER`].
    pub id: &'a str,
}

/// The three headers of a signed request, to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    /// The value of [`SIGNATURE_HEADER`].
    pub signature: String,
    /// The value of [`TIME_HEADER`].
    pub time: String,
    /// The value of [`ID_HEADER`].
    pub id: String,
}

impl SignedHeaders {
    /// The names of the three headers with their values.
    #[must_use]
    pub fn pairs(&self) -> [(&'static str, &str); 3] {
        [
            (SIGNATURE_HEADER, &self.signature),
            (TIME_HEADER, &self.time),
            (ID_HEADER, &self.id),
        ]
    }
}

/// Signs a request. `stamp.id` must be random: a second request with the same stamp is refused.
#[must_use]
pub fn sign(key: &SigningKey, message: &Message<'_>, stamp: &Stamp) -> SignedHeaders {
    let tag = mac(key, message, stamp).finalize().into_bytes();
    SignedHeaders {
        signature: URL_SAFE_NO_PAD.encode(tag),
        time: stamp.time.0.to_string(),
        id: URL_SAFE_NO_PAD.encode(stamp.id),
    }
}

/// Checks a request's signature in constant time, and that it was made within [`MAX_SKEW`] of `now`.
/// The stamp must then pass the [`ReplayGuard`].
///
/// # Errors
/// [`SigningError::Malformed`], [`SigningError::Time`] or [`SigningError::Forged`].
pub fn verify(
    key: &SigningKey,
    message: &Message<'_>,
    proof: &Proof<'_>,
    now: UnixMillis,
) -> Result<Stamp, SigningError> {
    let time = parse_time(proof.time).ok_or(SigningError::Malformed)?;
    let id: [u8; 16] = decode(proof.id).ok_or(SigningError::Malformed)?;
    let signature: [u8; 32] = decode(proof.signature).ok_or(SigningError::Malformed)?;
    if now.since(time).saturating_abs() > MAX_SKEW {
        return Err(SigningError::Time);
    }
    let stamp = Stamp { time, id };
    mac(key, message, &stamp)
        .verify_slice(&signature)
        .map_err(|_| SigningError::Forged)?;
    Ok(stamp)
}

/// Signs a text that is given to a browser and comes back from it. `purpose` keeps the texts of one use from being taken for
/// those of another.
#[must_use]
pub fn sign_text(key: &SigningKey, purpose: &str, text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text_mac(key, purpose, text).finalize().into_bytes())
}

/// Whether `signature` is what [`sign_text`] made of this text for this purpose; compared in constant time.
#[must_use]
pub fn verify_text(key: &SigningKey, purpose: &str, text: &str, signature: &str) -> bool {
    decode::<32>(signature).is_some_and(|signature| {
        text_mac(key, purpose, text)
            .verify_slice(&signature)
            .is_ok()
    })
}

/// Why a request is not believed. Its sender only hears 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// A header is missing or not of its shape.
    #[error("the signature headers are malformed")]
    Malformed,
    /// Signed too long ago, or in the future: one of the clocks may be wrong.
    #[error("signed more than a minute away from this clock")]
    Time,
    /// The request was not signed with this key, or was altered.
    #[error("the signature does not match")]
    Forged,
    /// A request with this id was accepted before.
    #[error("this request was seen before")]
    Replayed,
    /// More requests within two minutes than the guard remembers.
    #[error("too many requests to remember")]
    Full,
}

/// Remembers verified stamps for as long as they could be sent again. Bounded: when it is full it
/// refuses, which only senders that know the key can bring about.
#[derive(Debug)]
pub struct ReplayGuard {
    seen: BTreeSet<Stamp>,
    capacity: usize,
}

impl ReplayGuard {
    /// Remembers at most `capacity` stamps (about 60 bytes each).
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            seen: BTreeSet::new(),
            capacity,
        }
    }

    /// Takes a stamp that [`verify`] returned, once.
    ///
    /// # Errors
    /// [`SigningError::Replayed`] the second time, [`SigningError::Full`] when nothing more fits.
    pub fn admit(&mut self, stamp: Stamp, now: UnixMillis) -> Result<(), SigningError> {
        while let Some(oldest) = self.seen.first() {
            if now.since(oldest.time) <= MAX_SKEW {
                break;
            }
            self.seen.pop_first();
        }
        if self.seen.contains(&stamp) {
            return Err(SigningError::Replayed);
        }
        if self.seen.len() >= self.capacity {
            return Err(SigningError::Full);
        }
        self.seen.insert(stamp);
        Ok(())
    }
}

/// The key that edge and origin share: 32 bytes, wiped when dropped.
///
/// Kept padded with zeros to SHA-256's block, as HMAC pads it: that constructor cannot fail.
#[derive(Clone)]
pub struct SigningKey(Zeroizing<[u8; 64]>);

/// The text is not 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signing key (expected 64 hex digits)")]
pub struct InvalidSigningKey;

impl SigningKey {
    /// Makes a key of 32 random bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        let mut block = Zeroizing::new([0; 64]);
        for (to, from) in block.iter_mut().zip(bytes) {
            *to = *from;
        }
        Self(block)
    }
}

impl std::str::FromStr for SigningKey {
    type Err = InvalidSigningKey;

    /// Reads a key from 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, InvalidSigningKey> {
        let mut key = Zeroizing::new([0; 32]);
        crate::hex::decode(text.trim(), &mut *key).ok_or(InvalidSigningKey)?;
        Ok(Self::new(&key))
    }
}

const DOMAIN: &[u8] = b"magic-links/edge-origin/1";
const TEXT_DOMAIN: &[u8] = b"magic-links/text/1";

fn text_mac(key: &SigningKey, purpose: &str, text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new((&*key.0).into());
    for part in [TEXT_DOMAIN, purpose.as_bytes(), text.as_bytes()] {
        update(&mut mac, Some(part));
    }
    mac
}

fn mac(key: &SigningKey, message: &Message<'_>, stamp: &Stamp) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new((&*key.0).into());
    let direction: &[u8] = match message.direction {
        Direction::EdgeToOrigin => b"edge-to-origin",
        Direction::OriginToEdge => b"origin-to-edge",
    };
    let body: [u8; 32] = Sha256::digest(message.body).into();
    let parts: [&[u8]; 8] = [
        DOMAIN,
        direction,
        &[message.node],
        message.method.as_bytes(),
        message.path_and_query.as_bytes(),
        &body,
        &stamp.time.0.to_be_bytes(),
        &stamp.id,
    ];
    for part in parts {
        update(&mut mac, Some(part));
    }
    for part in [
        message.client,
        message.flow,
        message.ticket,
        message.websocket_key,
    ] {
        update(&mut mac, part.map(str::as_bytes));
    }
    mac
}

/// `length u32 big-endian | bytes`; an absent part is the length 0xffffffff alone.
fn update(mac: &mut Hmac<Sha256>, part: Option<&[u8]>) {
    let Some(bytes) = part else {
        mac.update(&u32::MAX.to_be_bytes());
        return;
    };
    // No part comes near 4 GiB.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX - 1);
    mac.update(&length.to_be_bytes());
    mac.update(bytes);
}

/// Digits alone, no sign, no leading zero: one spelling.
fn parse_time(text: &str) -> Option<UnixMillis> {
    let plain = (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok().map(UnixMillis)
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != (N * 4).div_ceil(3) {
        return None;
    }
    let mut bytes = [0; N];
    let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    (length == N).then_some(bytes)
}

#[cfg(test)]
#[path = "signing_tests.rs"]
mod tests;
