//! What the client types, sealed in his page so that only the origin reads it: the edge carries
//! credentials that it cannot open.
//!
//! Both sides make a fresh P-256 key for each live view and tell the public half (uncompressed SEC1
//! point, base64url without padding).
//!
//! `key = HKDF-SHA256(ikm = ECDH x-coordinate, no salt, info = protocol | 0 | origin's public | viewer's public)`
//!
//! Message `n` counts from 0: AES-256-GCM under that key, nonce of 8 zero bytes and `n` as u32
//! big-endian, associated data `protocol | 0 | flowRef`, then base64url of ciphertext and tag.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey, elliptic_curve::sec1::ToSec1Point as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{id::FlowRef, live::PROTOCOL};

/// The length of a public key in bytes: an uncompressed point.
const PUBLIC_LEN: usize = 65;

/// The reasons why a sealed message does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// The public key is not a point of the curve, or a text is not base64url.
    #[error("malformed")]
    Malformed,
    /// A message with this number was opened before.
    #[error("replayed")]
    Replayed,
    /// It was not sealed for this view, or it was changed.
    #[error("forged")]
    Forged,
}

/// The key pair of one side, made for one live view.
pub struct SealingKey(SecretKey);

impl SealingKey {
    /// From fresh random bytes; `None` for the one in 2^32 that are no key: take others.
    #[must_use]
    pub fn from_random(bytes: &[u8; 32]) -> Option<Self> {
        SecretKey::from_slice(bytes).ok().map(Self)
    }

    /// The public key of the pair.
    #[must_use]
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.public_key().to_sec1_point(false))
    }

    /// The origin's side of a view.
    ///
    /// # Errors
    /// [`SealingError::Malformed`] when that is no public key.
    pub fn opener(&self, viewer: &str, flow: FlowRef) -> Result<Opener, SealingError> {
        let viewer = point(viewer)?;
        let cipher = self.agree(&viewer, &self.0.public_key(), &viewer);
        Ok(Opener(Channel::new(cipher, flow)))
    }

    /// The viewer's side of a view.
    ///
    /// # Errors
    /// [`SealingError::Malformed`] when that is no public key.
    pub fn sealer(&self, origin: &str, flow: FlowRef) -> Result<Sealer, SealingError> {
        let origin = point(origin)?;
        let cipher = self.agree(&origin, &origin, &self.0.public_key());
        Ok(Sealer(Channel::new(cipher, flow)))
    }

    fn agree(&self, other: &PublicKey, origin: &PublicKey, viewer: &PublicKey) -> Aes256Gcm {
        let secret = self.0.diffie_hellman(other);
        let mut key = Zeroizing::new([0; 32]);
        let (origin, viewer) = (origin.to_sec1_point(false), viewer.to_sec1_point(false));
        let info: [&[u8]; 4] = [
            PROTOCOL.as_bytes(),
            &[0],
            origin.as_bytes(),
            viewer.as_bytes(),
        ];
        let filled = Hkdf::<Sha256>::new(None, secret.raw_secret_bytes())
            .expand_multi_info(&info, &mut *key);
        // HKDF gives up to 8160 bytes; 32 always come.
        debug_assert!(filled.is_ok());
        Aes256Gcm::new((&*key).into())
    }
}

/// Opens messages, each number once and in rising order.
pub struct Opener(Channel);

impl Opener {
    /// Opens message `n`.
    ///
    /// # Errors
    /// [`SealingError`]; the opener stays usable.
    pub fn open(&mut self, n: u32, data: &str) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        if n < self.0.next {
            return Err(SealingError::Replayed);
        }
        let sealed = URL_SAFE_NO_PAD
            .decode(data)
            .map_err(|_| SealingError::Malformed)?;
        let payload = Payload {
            msg: &sealed,
            aad: &self.0.associated,
        };
        let opened = self.0.cipher.decrypt((&nonce(n)).into(), payload);
        let opened = opened.map_err(|_| SealingError::Forged)?;
        // A message after the last number could never be told from a replay.
        self.0.next = n.checked_add(1).ok_or(SealingError::Replayed)?;
        Ok(Zeroizing::new(opened))
    }
}

/// Seals messages and numbers them.
pub struct Sealer(Channel);

impl Sealer {
    /// Seals the next message: its number, and what travels.
    ///
    /// # Errors
    /// [`SealingError::Replayed`] when all numbers are used.
    pub fn seal(&mut self, plaintext: &[u8]) -> Result<(u32, String), SealingError> {
        let n = self.0.next;
        self.0.next = n.checked_add(1).ok_or(SealingError::Replayed)?;
        let payload = Payload {
            msg: plaintext,
            aad: &self.0.associated,
        };
        let sealed = self.0.cipher.encrypt((&nonce(n)).into(), payload);
        let sealed = sealed.map_err(|_| SealingError::Malformed)?;
        Ok((n, URL_SAFE_NO_PAD.encode(sealed)))
    }
}

struct Channel {
    cipher: Aes256Gcm,
    associated: Vec<u8>,
    next: u32,
}

impl Channel {
    fn new(cipher: Aes256Gcm, flow: FlowRef) -> Self {
        Self {
            cipher,
            associated: format!("{PROTOCOL}\0{flow}").into_bytes(),
            next: 0,
        }
    }
}

fn nonce(n: u32) -> [u8; 12] {
    let mut nonce = [0; 12];
    let (_, counter) = nonce.split_at_mut(8);
    counter.copy_from_slice(&n.to_be_bytes());
    nonce
}

fn point(text: &str) -> Result<PublicKey, SealingError> {
    let mut bytes = [0; PUBLIC_LEN];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(PUBLIC_LEN) => {}
        _ => return Err(SealingError::Malformed),
    }
    PublicKey::from_sec1_bytes(&bytes).map_err(|_| SealingError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Opener, Sealer) {
        let origin = SealingKey::from_random(&[1; 32]).unwrap();
        let viewer = SealingKey::from_random(&[2; 32]).unwrap();
        let flow = FlowRef::from_bytes([7; 16]);
        (
            origin.opener(&viewer.public(), flow).unwrap(),
            viewer.sealer(&origin.public(), flow).unwrap(),
        )
    }

    #[test]
    fn each_message_opens_once_and_in_order() {
        let (mut opener, mut sealer) = pair();
        let (n0, first) = sealer.seal(b"first").unwrap();
        let (n1, second) = sealer.seal(b"second").unwrap();
        let (n2, third) = sealer.seal(b"third").unwrap();
        assert_eq!(**opener.open(n0, &first).unwrap(), *b"first");
        assert_eq!(opener.open(n0, &first), Err(SealingError::Replayed));
        assert_eq!(opener.open(n2, &second), Err(SealingError::Forged));
        assert_eq!(**opener.open(n2, &third).unwrap(), *b"third");
        assert_eq!(opener.open(n1, &second), Err(SealingError::Replayed));
    }

    #[test]
    fn nothing_changed_and_nothing_of_another_flow_opens() {
        let (mut opener, mut sealer) = pair();
        let (n, sealed) = sealer.seal(b"secret").unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        for at in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[at / 8] ^= 1 << (at % 8);
            let changed = URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(opener.open(n, &changed), Err(SealingError::Forged));
        }
        for malformed in ["", "a", "*", "AA=="] {
            assert!(opener.open(n, malformed).is_err());
        }
        let origin = SealingKey::from_random(&[1; 32]).unwrap();
        let viewer = SealingKey::from_random(&[2; 32]).unwrap();
        let other = FlowRef::from_bytes([8; 16]);
        let mut elsewhere = origin.opener(&viewer.public(), other).unwrap();
        assert_eq!(elsewhere.open(n, &sealed), Err(SealingError::Forged));
        assert!(opener.open(n, &sealed).is_ok());
    }

    #[test]
    fn what_is_no_point_is_no_key() {
        let key = SealingKey::from_random(&[1; 32]).unwrap();
        let flow = FlowRef::from_bytes([7; 16]);
        let mut off_the_curve = [1; PUBLIC_LEN];
        off_the_curve[0] = 4;
        let zero = [0; PUBLIC_LEN];
        for bad in [
            "",
            "AAAA",
            &URL_SAFE_NO_PAD.encode(off_the_curve),
            &URL_SAFE_NO_PAD.encode(zero),
        ] {
            assert!(key.opener(bad, flow).is_err());
        }
        assert!(SealingKey::from_random(&[0; 32]).is_none());
        assert!(SealingKey::from_random(&[0xff; 32]).is_none());
    }
}
