//! The vault: what is sealed here opens for one row of one company, or of one organization, alone.
//!
//! Every sealed blob has a data key of its own (AES-256-GCM), and that key is wrapped by a master
//! key. The first master key of the list wraps; all of them unwrap, by the id in the blob.
//!
//! `blob = format 1 | master key id | wrap nonce [12] | wrapped data key [48] | nonce [12] | ciphertext and tag`

mod owner;
mod stream;

use aes_gcm::{
    Aes256Gcm, Key, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use shared::id::CompanyId;
use zeroize::{Zeroize as _, Zeroizing};

use crate::{
    clock::{Random, bytes},
    config::VaultKey,
};

pub use owner::Owner;
pub use stream::{SEGMENT_LEN, StreamOpener};

/// How a blob is laid out, with the label of its wrapped data key: neither opens as the other.
#[derive(Clone, Copy)]
struct Format {
    number: u8,
    key_label: &'static [u8],
}

/// Sealed in one piece.
const WHOLE: Format = Format {
    number: 1,
    key_label: b"key",
};
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;
const KEY_LEN: usize = 32;
const WRAPPED_LEN: usize = KEY_LEN + TAG_LEN;
const HEAD_LEN: usize = 2 + NONCE_LEN + WRAPPED_LEN + NONCE_LEN;

/// Encrypts (seals) and decrypts (opens) what a row keeps secret.
pub struct Vault {
    keys: Vec<MasterKey>,
}

struct MasterKey {
    id: u8,
    cipher: Aes256Gcm,
    /// Names content: see [`Vault::content_name`].
    naming: Zeroizing<[u8; KEY_LEN]>,
}

/// The row that a blob belongs to: it opens for this row alone. The encryption authenticates these values as its
/// associated data; they are not part of the blob.
#[derive(Debug, Clone, Copy)]
pub struct AssociatedData<'a> {
    /// The name of the table.
    pub table: &'a str,
    /// The id of the row.
    pub row: &'a str,
    /// Whose row it is.
    pub owner: Owner,
}

/// Encrypted bytes in the form in which they are stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedBlob {
    /// Format byte, wrapped data key and ciphertext, as the module describes.
    pub bytes: Vec<u8>,
}

/// Why a blob does not open or nothing can be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The configuration has no vault key.
    #[error("the configuration has no vault key")]
    NoKey,
    /// The master key that wrapped it is not configured any more.
    #[error("vault key {0} sealed this and is not configured")]
    UnknownKey(u8),
    /// It was changed, or belongs to another row or owner.
    #[error("the sealed data was changed or belongs elsewhere")]
    Refused,
}

impl Vault {
    /// A vault with these master keys: the first wraps, all unwrap.
    #[must_use]
    pub fn new(keys: &[VaultKey]) -> Self {
        let keys = keys
            .iter()
            .map(|key| MasterKey {
                id: key.id,
                cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.key.expose())),
                naming: naming_key(key.key.expose()),
            })
            .collect();
        Self { keys }
    }

    /// Seals `plaintext` for the row that `associated` names.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] when no master key is configured.
    pub fn seal(
        &self,
        random: &dyn Random,
        associated: AssociatedData<'_>,
        plaintext: &[u8],
    ) -> Result<SealedBlob, VaultError> {
        let master = self.keys.first().ok_or(VaultError::NoKey)?;
        let data_key = Zeroizing::new(bytes::<KEY_LEN>(random));
        let nonce = bytes::<NONCE_LEN>(random);
        let sealed = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*data_key))
            .encrypt(
                &Nonce::from(nonce),
                payload(plaintext, &encoded(WHOLE, associated, b"data", 0)),
            )
            .map_err(|_| VaultError::Refused)?;
        let mut blob = wrap(WHOLE, master, random, associated, &data_key)?;
        blob.extend_from_slice(&nonce);
        blob.extend_from_slice(&sealed);
        Ok(SealedBlob { bytes: blob })
    }

    /// Opens what was sealed for the row that `associated` names. The plaintext is wiped when it is dropped.
    ///
    /// # Errors
    /// When its key is gone, or it was changed, or it was sealed for another row.
    pub fn open(
        &self,
        associated: AssociatedData<'_>,
        blob: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let parts = Parts::of(blob).ok_or(VaultError::Refused)?;
        let data_key = self.unwrap_key(WHOLE, associated, &parts.key)?;
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*data_key))
            .decrypt(
                &Nonce::from(parts.nonce),
                payload(parts.sealed, &encoded(WHOLE, associated, b"data", 0)),
            )
            .map(Zeroizing::new)
            .map_err(|_| VaultError::Refused)
    }

    /// The same blob with its data key wrapped by the first master key, so that an older one can
    /// be retired. The plaintext is not touched.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn rewrap(
        &self,
        random: &dyn Random,
        associated: AssociatedData<'_>,
        blob: &[u8],
    ) -> Result<SealedBlob, VaultError> {
        let master = self.keys.first().ok_or(VaultError::NoKey)?;
        let parts = Parts::of(blob).ok_or(VaultError::Refused)?;
        let data_key = self.unwrap_key(WHOLE, associated, &parts.key)?;
        let mut bytes = wrap(WHOLE, master, random, associated, &data_key)?;
        bytes.extend_from_slice(&parts.nonce);
        bytes.extend_from_slice(parts.sealed);
        Ok(SealedBlob { bytes })
    }

    /// A name for content of this company, as 64 hex digits: in one period (a number that the caller chooses) the same
    /// content has the same name, and nobody without the first master key can tell which content a name belongs to.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] when no master key is configured.
    pub fn content_name(
        &self,
        company: CompanyId,
        period: i64,
        content: &[u8],
    ) -> Result<String, VaultError> {
        let master = self.keys.first().ok_or(VaultError::NoKey)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(master.naming.as_slice())
            .map_err(|_| VaultError::Refused)?;
        // Both have a fixed length, so no two triples are the same bytes.
        mac.update(company.as_bytes());
        mac.update(&period.to_be_bytes());
        mac.update(content);
        let name = mac.finalize().into_bytes();
        Ok(name.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn unwrap_key(
        &self,
        format: Format,
        associated: AssociatedData<'_>,
        wrapped: &WrappedKey<'_>,
    ) -> Result<Zeroizing<[u8; KEY_LEN]>, VaultError> {
        let master = self
            .keys
            .iter()
            .find(|key| key.id == wrapped.master)
            .ok_or(VaultError::UnknownKey(wrapped.master))?;
        let mut unwrapped = master
            .cipher
            .decrypt(
                &Nonce::from(wrapped.nonce),
                payload(
                    wrapped.sealed,
                    &encoded(format, associated, format.key_label, master.id),
                ),
            )
            .map_err(|_| VaultError::Refused)?;
        let mut key = Zeroizing::new([0; KEY_LEN]);
        let whole = unwrapped.len() == KEY_LEN;
        for (to, from) in key.iter_mut().zip(&unwrapped) {
            *to = *from;
        }
        unwrapped.zeroize();
        if whole {
            Ok(key)
        } else {
            Err(VaultError::Refused)
        }
    }
}

/// A data key as it stands at the start of a blob.
struct WrappedKey<'a> {
    master: u8,
    nonce: [u8; NONCE_LEN],
    sealed: &'a [u8],
}

impl<'a> WrappedKey<'a> {
    /// The wrapped key of a blob in this format, and what follows it.
    fn split(format: Format, blob: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (&[number, master], rest) = blob.split_first_chunk::<2>()?;
        if number != format.number {
            return None;
        }
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>()?;
        let (sealed, rest) = rest.split_first_chunk::<WRAPPED_LEN>()?;
        let key = Self {
            master,
            nonce: *nonce,
            sealed,
        };
        Some((key, rest))
    }
}

/// The parts of a blob that was sealed in one piece.
struct Parts<'a> {
    key: WrappedKey<'a>,
    nonce: [u8; NONCE_LEN],
    sealed: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(blob: &'a [u8]) -> Option<Self> {
        let (key, rest) = WrappedKey::split(WHOLE, blob)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        (sealed.len() >= TAG_LEN).then_some(Self {
            key,
            nonce: *nonce,
            sealed,
        })
    }
}

/// The key that names content, derived from a master key (HKDF-SHA256).
fn naming_key(master: &[u8; KEY_LEN]) -> Zeroizing<[u8; KEY_LEN]> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    // It fails only for more than 255 blocks, and this is one.
    let _ = Hkdf::<Sha256>::new(None, master).expand(b"magic-links content names", &mut *key);
    key
}

/// Format, master key id, wrap nonce and wrapped data key: the head of a blob.
fn wrap(
    format: Format,
    master: &MasterKey,
    random: &dyn Random,
    associated: AssociatedData<'_>,
    data_key: &[u8; KEY_LEN],
) -> Result<Vec<u8>, VaultError> {
    let nonce = bytes::<NONCE_LEN>(random);
    let wrapped = master
        .cipher
        .encrypt(
            &Nonce::from(nonce),
            payload(
                data_key,
                &encoded(format, associated, format.key_label, master.id),
            ),
        )
        .map_err(|_| VaultError::Refused)?;
    let mut head = Vec::with_capacity(HEAD_LEN + 256);
    head.extend_from_slice(&[format.number, master.id]);
    head.extend_from_slice(&nonce);
    head.extend_from_slice(&wrapped);
    Ok(head)
}

fn payload<'a>(msg: &'a [u8], aad: &'a [u8]) -> Payload<'a, 'a> {
    Payload { msg, aad }
}

/// Each part after its length, so that two different rows never have the same bytes.
fn encoded(format: Format, associated: AssociatedData<'_>, what: &[u8], key_id: u8) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    // A company's id stands alone, as it did before organizations had rows: one part more tells the two apart.
    let (owner, of): (&[u8], Option<&[u8]>) = match &associated.owner {
        Owner::Company(id) => (id.as_bytes(), None),
        Owner::Organization(id) => (id.as_bytes(), Some(b"organization")),
        Owner::Operator(id) => (id.as_bytes(), Some(b"operator")),
    };
    let parts: [&[u8]; 6] = [
        &[format.number],
        what,
        &[key_id],
        associated.table.as_bytes(),
        associated.row.as_bytes(),
        owner,
    ];
    for part in parts.into_iter().chain(of) {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use shared::id::OrganizationId;

    use super::*;
    use crate::{clock::TestRandom, config::Secret32};

    fn key(id: u8) -> VaultKey {
        VaultKey {
            id,
            key: Secret32::new([id; 32]),
        }
    }

    fn associated(row: &str) -> AssociatedData<'_> {
        AssociatedData {
            table: "credentials",
            row,
            owner: CompanyId::from_random([1; 16]).into(),
        }
    }

    #[test]
    fn opens_what_it_sealed_and_seals_it_differently_each_time() {
        let (vault, random) = (Vault::new(&[key(1)]), TestRandom::default());
        let one = vault
            .seal(&random, associated("a"), b"hunter2")
            .expect("seal");
        let two = vault
            .seal(&random, associated("a"), b"hunter2")
            .expect("seal");
        assert!(one != two);
        assert!(!one.bytes.windows(7).any(|part| part == b"hunter2"));
        for blob in [one, two] {
            let opened = vault.open(associated("a"), &blob.bytes).expect("open");
            assert_eq!(opened.as_slice(), b"hunter2");
        }
    }

    #[test]
    fn a_blob_moved_to_another_row_is_refused() {
        let (vault, random) = (Vault::new(&[key(1)]), TestRandom::default());
        let blob = vault
            .seal(&random, associated("a"), b"x")
            .expect("seal")
            .bytes;
        let elsewhere = [
            associated("b"),
            AssociatedData {
                table: "sessions",
                ..associated("a")
            },
            AssociatedData {
                owner: CompanyId::from_random([2; 16]).into(),
                ..associated("a")
            },
            AssociatedData {
                owner: OrganizationId::from_random([1; 16]).into(),
                ..associated("a")
            },
            // The same letters, cut elsewhere.
            AssociatedData {
                table: "credential",
                row: "sa",
                ..associated("a")
            },
        ];
        for other in elsewhere {
            assert_eq!(
                vault.open(other, &blob).err(),
                Some(VaultError::Refused),
                "{other:?}"
            );
        }
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_refused() {
        let (vault, random) = (Vault::new(&[key(1)]), TestRandom::default());
        let blob = vault
            .seal(&random, associated("a"), b"xy")
            .expect("seal")
            .bytes;
        for bit in 0..blob.len() * 8 {
            let mut changed = blob.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(vault.open(associated("a"), &changed).is_err(), "bit {bit}");
        }
        for length in 0..blob.len() {
            assert!(
                vault.open(associated("a"), &blob[..length]).is_err(),
                "length {length}"
            );
        }
    }

    #[test]
    fn keys_rotate() {
        let random = TestRandom::default();
        let blob = Vault::new(&[key(1)])
            .seal(&random, associated("a"), b"x")
            .expect("seal")
            .bytes;
        let both = Vault::new(&[key(2), key(1)]);
        assert!(both.open(associated("a"), &blob).is_ok(), "all unwrap");
        let new = both
            .seal(&random, associated("a"), b"x")
            .expect("seal")
            .bytes;
        let rewrapped = both
            .rewrap(&random, associated("a"), &blob)
            .expect("rewrap")
            .bytes;

        let only_new = Vault::new(&[key(2)]);
        assert_eq!(
            only_new.open(associated("a"), &blob).err(),
            Some(VaultError::UnknownKey(1))
        );
        assert!(
            only_new.open(associated("a"), &new).is_ok(),
            "the first wraps"
        );
        assert!(only_new.open(associated("a"), &rewrapped).is_ok());
        assert!(both.rewrap(&random, associated("b"), &blob).is_err());
        assert_eq!(
            Vault::new(&[]).seal(&random, associated("a"), b"x").err(),
            Some(VaultError::NoKey)
        );
    }

    #[test]
    fn content_is_named_by_company_period_content_and_first_key() {
        let (one, two) = (
            CompanyId::from_random([1; 16]),
            CompanyId::from_random([2; 16]),
        );
        let name = |keys: &[u8], company, period, content: &[u8]| {
            let keys: Vec<_> = keys.iter().map(|id| key(*id)).collect();
            Vault::new(&keys)
                .content_name(company, period, content)
                .expect("a name")
        };
        let named = name(&[1], one, 7, b"x");
        assert_eq!(named.len(), 64);
        assert_eq!(named, name(&[1, 2], one, 7, b"x"));
        for other in [
            name(&[2, 1], one, 7, b"x"),
            name(&[1], two, 7, b"x"),
            name(&[1], one, 8, b"x"),
            name(&[1], one, 7, b"y"),
        ] {
            assert_ne!(named, other);
        }
    }
}
