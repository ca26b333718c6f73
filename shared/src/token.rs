//! The link's encrypted secret.
//!
//! `token = base64url(no padding) of: format u8 | key id u8 | nonce [12] | AES-128-GCM ciphertext | tag [16]`.
//! Associated data, each part length-prefixed (u16 big-endian): format, key id, kind, public company id.
//! So a token moved to another company, or to the other path, does not open.
//!
//! `vectors/token.json` holds examples made by another implementation; they run natively and in wasm.

use aes_gcm::{
    Aes128Gcm, KeyInit,
    aead::{AeadInOut, inout::InOutBuf},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::{
    country::Country,
    id::{LinkId, PublicCompanyId},
    provider::ProviderUrl,
    status::LinkKind,
    time::UnixMillis,
};

/// Longest token, in characters: leaves at least 31 for `https://host` in a URL of 300.
pub const MAX_LEN: usize = 212;
/// Longest provider URL that a token carries, in bytes without its `https://` or `http://`.
pub const MAX_PROVIDER_LEN: usize = MAX_CLAIMS - 25;
/// Bytes of the nonce. It must never serve two different claims under one key.
pub const NONCE_LEN: usize = 12;

const FORMAT: u8 = 1;
const HEAD: usize = 2 + NONCE_LEN;
const TAG_LEN: usize = 16;
const MAX_BYTES: usize = MAX_LEN / 4 * 3;
const MAX_CLAIMS: usize = MAX_BYTES - HEAD - TAG_LEN;
/// Flags and link id: the least that claims can be.
const MIN_CLAIMS: usize = 17;
const MIN_LEN: usize = (HEAD + MIN_CLAIMS + TAG_LEN) * 4 / 3;

const HAS_EXPIRY: u8 = 1;
const HAS_COUNTRY: u8 = 2;
const HAS_HTTPS: u8 = 4;
const HAS_HTTP: u8 = 8;

/// What a token opens. Each kind has a path of its own, and a token opens on no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// The page of a link.
    Link(LinkKind),
    /// The page for the code of a sign-in that waits; its claims name a code request in the place of a link.
    Code,
    /// The page on which the owner of a connection ends reminders; its claims name a subscription in the place of a link.
    Unsubscribe,
}

impl TokenKind {
    /// As it stands in the associated data.
    fn as_str(self) -> &'static str {
        match self {
            Self::Link(kind) => kind.as_str(),
            Self::Code => "CODE",
            Self::Unsubscribe => "UNSUBSCRIBE",
        }
    }
}

impl From<LinkKind> for TokenKind {
    fn from(kind: LinkKind) -> Self {
        Self::Link(kind)
    }
}

/// What a token says. Everything else about a link lives in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The id of the link.
    pub link: LinkId,
    /// When the link stops to open; without a value it never does.
    pub expires: Option<UnixMillis>,
    /// The website that the first page fills in.
    pub provider: Option<ProviderUrl>,
    /// The country that the first page chooses.
    pub country: Option<Country>,
}

impl Claims {
    /// Whether the link's time has run out.
    #[must_use]
    pub fn expired(&self, now: UnixMillis) -> bool {
        self.expires.is_some_and(|expires| now >= expires)
    }
}

/// Seals claims with the first key. `nonce` must be fresh and random; keep it and
/// [`KeyRing::sealing_id`] in the link's row, and [`seal_with`] makes the same token again.
///
/// # Errors
/// [`SealError::TooLong`] when the provider URL is longer than [`MAX_PROVIDER_LEN`],
/// [`SealError::Expiry`] when the expiry is before 1970 or after the year 10000.
pub fn seal(
    ring: &KeyRing,
    kind: impl Into<TokenKind>,
    company: &PublicCompanyId,
    nonce: [u8; NONCE_LEN],
    claims: &Claims,
) -> Result<String, SealError> {
    seal_with(ring, ring.sealing_id(), kind, company, nonce, claims)
}

/// Seals with the key that has this id: the way to make a link's URL again from its row.
/// Claims of one nonce must never change.
///
/// # Errors
/// As [`seal`], and [`SealError::UnknownKey`] when the ring has no such key.
pub fn seal_with(
    ring: &KeyRing,
    key_id: u8,
    kind: impl Into<TokenKind>,
    company: &PublicCompanyId,
    nonce: [u8; NONCE_LEN],
    claims: &Claims,
) -> Result<String, SealError> {
    let key = ring.find(key_id).ok_or(SealError::UnknownKey)?;
    let mut bytes = Vec::with_capacity(MAX_BYTES);
    bytes.extend_from_slice(&[FORMAT, key_id]);
    bytes.extend_from_slice(&nonce);
    encode(claims, &mut bytes)?;
    if bytes.len() > MAX_BYTES - TAG_LEN {
        return Err(SealError::TooLong);
    }
    let body = bytes.get_mut(HEAD..).ok_or(SealError::TooLong)?;
    let tag = encrypt(
        &key.cipher,
        &nonce,
        &associated_data(key_id, kind.into(), company),
        body,
    )
    .ok_or(SealError::TooLong)?;
    bytes.extend_from_slice(&tag);
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Opens a token that stands in a URL of this company and kind. The caller asks
/// [`Claims::expired`]; whether the link is used or revoked only its row knows.
///
/// # Errors
/// [`OpenError`]; visitors never learn which.
pub fn open(
    ring: &KeyRing,
    kind: impl Into<TokenKind>,
    company: &PublicCompanyId,
    token: &str,
) -> Result<Claims, OpenError> {
    if !(MIN_LEN..=MAX_LEN).contains(&token.len()) {
        return Err(OpenError::Malformed);
    }
    let mut buffer = [0; MAX_BYTES];
    let length = URL_SAFE_NO_PAD
        .decode_slice(token, &mut buffer)
        .map_err(|_| OpenError::Malformed)?;
    let bytes = buffer.get_mut(..length).ok_or(OpenError::Malformed)?;
    let (head, rest) = bytes
        .split_first_chunk_mut::<HEAD>()
        .ok_or(OpenError::Malformed)?;
    let (body, tag) = rest
        .split_last_chunk_mut::<TAG_LEN>()
        .ok_or(OpenError::Malformed)?;
    let [FORMAT, key_id, nonce @ ..] = &*head else {
        return Err(OpenError::Malformed);
    };
    let key = ring.find(*key_id).ok_or(OpenError::UnknownKey)?;
    decrypt(
        &key.cipher,
        nonce,
        &associated_data(*key_id, kind.into(), company),
        body,
        tag,
    )
    .ok_or(OpenError::Forged)?;
    decode(body).ok_or(OpenError::Malformed)
}

/// The reasons why claims cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The provider URL does not fit into a link.
    #[error("the website address is too long for a link (at most {MAX_PROVIDER_LEN} characters)")]
    TooLong,
    /// The expiry is not a moment that a token can say.
    #[error("the expiry is out of range")]
    Expiry,
    /// The ring has no key with this id.
    #[error("no token key has this id")]
    UnknownKey,
}

/// The reasons why a token does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The text does not have the shape of a token.
    #[error("not a token")]
    Malformed,
    /// The token was sealed with a key that is not in the ring.
    #[error("sealed with an unknown key")]
    UnknownKey,
    /// The token was altered, or was made for another company or kind of link.
    #[error("not authentic here")]
    Forged,
}

/// The token keys: the first seals, all open.
pub struct KeyRing {
    /// Never empty, ids unique.
    keys: Vec<TokenKey>,
}

/// One key. Holds the expanded key only, which is wiped when dropped.
pub struct TokenKey {
    id: u8,
    cipher: Aes128Gcm,
}

impl TokenKey {
    /// A key and the id by which tokens name it.
    #[must_use]
    pub fn new(id: u8, key: &[u8; 16]) -> Self {
        let cipher = Aes128Gcm::new(key.into());
        Self { id, cipher }
    }
}

/// The reasons why a list of keys cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeyRing {
    /// The list has no key.
    #[error("no token key given (expected `id:32 hex digits`, comma-separated)")]
    Empty,
    /// One entry is not `id:32 hex digits`.
    #[error("entry {0} of the token keys is not `id:32 hex digits` with an id of 0 to 255")]
    Entry(usize),
    /// Two keys have one id.
    #[error("two token keys have the id {0}")]
    Twice(u8),
}

impl KeyRing {
    /// A ring of these keys; the first seals.
    ///
    /// # Errors
    /// When there is none, or two share an id.
    pub fn new(keys: Vec<TokenKey>) -> Result<Self, InvalidKeyRing> {
        if keys.is_empty() {
            return Err(InvalidKeyRing::Empty);
        }
        for (index, key) in keys.iter().enumerate() {
            if keys.iter().skip(index + 1).any(|other| other.id == key.id) {
                return Err(InvalidKeyRing::Twice(key.id));
            }
        }
        Ok(Self { keys })
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn sealing_id(&self) -> u8 {
        self.keys.first().map_or(0, |key| key.id)
    }

    /// Whether tokens sealed with this key id open.
    #[must_use]
    pub fn contains(&self, key_id: u8) -> bool {
        self.find(key_id).is_some()
    }

    fn find(&self, key_id: u8) -> Option<&TokenKey> {
        self.keys.iter().find(|key| key.id == key_id)
    }
}

impl std::str::FromStr for KeyRing {
    type Err = InvalidKeyRing;

    /// `id:hex,id:hex`, ids decimal, 32 hex digits each.
    fn from_str(text: &str) -> Result<Self, InvalidKeyRing> {
        if text.trim().is_empty() {
            return Err(InvalidKeyRing::Empty);
        }
        let parse = |(index, entry): (usize, &str)| {
            parse_key(entry.trim()).ok_or(InvalidKeyRing::Entry(index + 1))
        };
        let keys = text
            .split(',')
            .enumerate()
            .map(parse)
            .collect::<Result<_, _>>()?;
        Self::new(keys)
    }
}

fn parse_key(entry: &str) -> Option<TokenKey> {
    let (id, hex) = entry.split_once(':')?;
    let id = id.parse().ok()?;
    let mut key = Zeroizing::new([0; 16]);
    crate::hex::decode(hex, &mut *key)?;
    Some(TokenKey::new(id, &key))
}

/// `flags u8 | link [16] | expiry u48? | country [2]? | provider without its scheme, to the end`
fn encode(claims: &Claims, out: &mut Vec<u8>) -> Result<(), SealError> {
    let flags_at = out.len();
    let mut flags = 0;
    out.push(flags);
    out.extend_from_slice(claims.link.as_bytes());
    if let Some(expires) = claims.expires {
        let millis = u64::try_from(expires.0).map_err(|_| SealError::Expiry)?;
        let [0, 0, short @ ..] = millis.to_be_bytes() else {
            return Err(SealError::Expiry);
        };
        flags |= HAS_EXPIRY;
        out.extend_from_slice(&short);
    }
    if let Some(country) = claims.country {
        flags |= HAS_COUNTRY;
        out.extend_from_slice(country.as_str().as_bytes());
    }
    if let Some(provider) = &claims.provider {
        let url = provider.as_str();
        let rest = if let Some(rest) = url.strip_prefix("https://") {
            flags |= HAS_HTTPS;
            rest
        } else {
            flags |= HAS_HTTP;
            url.strip_prefix("http://").ok_or(SealError::TooLong)?
        };
        if rest.len() > MAX_PROVIDER_LEN {
            return Err(SealError::TooLong);
        }
        out.extend_from_slice(rest.as_bytes());
    }
    if let Some(first) = out.get_mut(flags_at) {
        *first = flags;
    }
    Ok(())
}

/// Reads exactly what [`encode`] writes: one byte more, or another spelling, is refused.
fn decode(bytes: &[u8]) -> Option<Claims> {
    let (&flags, rest) = bytes.split_first()?;
    if flags & !(HAS_EXPIRY | HAS_COUNTRY | HAS_HTTPS | HAS_HTTP) != 0 {
        return None;
    }
    let (link, mut rest) = rest.split_first_chunk::<16>()?;
    let mut expires = None;
    if flags & HAS_EXPIRY != 0 {
        let ([a, b, c, d, e, f], after) = rest.split_first_chunk::<6>()?;
        expires = Some(UnixMillis(i64::from_be_bytes([
            0, 0, *a, *b, *c, *d, *e, *f,
        ])));
        rest = after;
    }
    let mut country = None;
    if flags & HAS_COUNTRY != 0 {
        let (code, after) = rest.split_first_chunk::<2>()?;
        let parsed: Country = std::str::from_utf8(code).ok()?.parse().ok()?;
        if parsed.as_str().as_bytes() != code {
            return None;
        }
        country = Some(parsed);
        rest = after;
    }
    let scheme = match flags & (HAS_HTTPS | HAS_HTTP) {
        0 => None,
        HAS_HTTPS => Some("https://"),
        HAS_HTTP => Some("http://"),
        _ => return None,
    };
    let provider = match scheme {
        None if rest.is_empty() => None,
        None => return None,
        Some(scheme) => {
            let text = [scheme, std::str::from_utf8(rest).ok()?].concat();
            let parsed: ProviderUrl = text.parse().ok()?;
            if parsed.as_str() != text {
                return None;
            }
            Some(parsed)
        }
    };
    Some(Claims {
        link: LinkId::from_bytes(*link),
        expires,
        provider,
        country,
    })
}

/// Length-prefixed, so that no two different contexts give the same bytes.
fn associated_data(key_id: u8, kind: TokenKind, company: &PublicCompanyId) -> Vec<u8> {
    let mut data = Vec::with_capacity(48);
    let parts: [&[u8]; 4] = [
        &[FORMAT],
        &[key_id],
        kind.as_str().as_bytes(),
        company.as_bytes(),
    ];
    for part in parts {
        // Every part is far below 65536 bytes.
        let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
        data.extend_from_slice(&length.to_be_bytes());
        data.extend_from_slice(part);
    }
    data
}

fn encrypt(
    cipher: &Aes128Gcm,
    nonce: &[u8; NONCE_LEN],
    data: &[u8],
    body: &mut [u8],
) -> Option<[u8; TAG_LEN]> {
    let tag = cipher
        .encrypt_inout_detached(nonce.into(), data, InOutBuf::from(body))
        .ok()?;
    Some(tag.into())
}

fn decrypt(
    cipher: &Aes128Gcm,
    nonce: &[u8; NONCE_LEN],
    data: &[u8],
    body: &mut [u8],
    tag: &[u8; TAG_LEN],
) -> Option<()> {
    cipher
        .decrypt_inout_detached(nonce.into(), data, InOutBuf::from(body), tag.into())
        .ok()
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
