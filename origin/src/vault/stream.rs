//! Content that is sealed in segments, so that it can be opened piece by piece.
//!
//! `blob = format 2 | master key id | wrap nonce [12] | wrapped data key [48] | nonce prefix [7] | segments`
//!
//! A segment is 64 KiB of content and a tag; the last one may be shorter. The segments follow the STREAM construction
//! (AES-256-GCM, 32-bit counter, last-segment flag): none can be changed, moved, left out or added unnoticed. Content
//! from a segment that opened is genuine even before the last one came.

use aead_stream::{DecryptorBE32, EncryptorBE32};
use aes_gcm::{Aes256Gcm, Key, KeyInit as _};
use zeroize::Zeroizing;

use super::{
    AssociatedData, Format, KEY_LEN, NONCE_LEN, TAG_LEN, Vault, VaultError, WRAPPED_LEN,
    WrappedKey, encoded, payload, wrap,
};
use crate::clock::{Random, bytes};

/// Bytes of content in every segment but the last.
pub const SEGMENT_LEN: usize = 64 * 1024;

const SEGMENTS: Format = Format {
    number: 2,
    key_label: b"stream key",
};
/// The rest of a nonce is the counter (4 bytes) and the flag of the last segment (1 byte).
const PREFIX_LEN: usize = NONCE_LEN - 5;

/// Opens a sealed stream, segment by segment.
pub struct StreamOpener {
    decryptor: DecryptorBE32<Aes256Gcm>,
    associated: Vec<u8>,
}

impl StreamOpener {
    /// Bytes before the first segment.
    pub const HEAD_LEN: usize = 2 + NONCE_LEN + WRAPPED_LEN + PREFIX_LEN;
    /// Bytes of every sealed segment but the last, which has one tag at least and this at most.
    pub const SEALED_SEGMENT_LEN: usize = SEGMENT_LEN + TAG_LEN;

    /// How long the content of a sealed stream of `sealed` bytes is; `None` when no content makes this length.
    #[must_use]
    pub fn content_len(sealed: u64) -> Option<u64> {
        let body = sealed.checked_sub(Self::HEAD_LEN as u64)?;
        let segments = body.div_ceil(Self::SEALED_SEGMENT_LEN as u64);
        let last = body.checked_sub(segments.checked_sub(1)? * Self::SEALED_SEGMENT_LEN as u64)?;
        (last >= TAG_LEN as u64).then(|| body - segments * TAG_LEN as u64)
    }

    /// Opens the next segment, which is not the last one.
    ///
    /// # Errors
    /// [`VaultError::Refused`] when it is not exactly this segment of this stream.
    pub fn next(&mut self, segment: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.decryptor
            .decrypt_next(payload(segment, &self.associated))
            .map_err(|_| VaultError::Refused)
    }

    /// Opens the last segment.
    ///
    /// # Errors
    /// [`VaultError::Refused`] when it is not exactly the last segment of this stream.
    pub fn last(self, segment: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.decryptor
            .decrypt_last(payload(segment, &self.associated))
            .map_err(|_| VaultError::Refused)
    }
}

impl Vault {
    /// Seals `content` as a stream bound to `aad`: its pieces in order, none longer than a sealed segment.
    ///
    /// # Errors
    /// [`VaultError::NoKey`] when no master key is configured.
    pub fn seal_stream(
        &self,
        random: &dyn Random,
        aad: AssociatedData<'_>,
        content: &[u8],
    ) -> Result<Vec<Vec<u8>>, VaultError> {
        let master = self.keys.first().ok_or(VaultError::NoKey)?;
        let data_key = Zeroizing::new(bytes::<KEY_LEN>(random));
        let prefix = bytes::<PREFIX_LEN>(random);
        let mut head = wrap(SEGMENTS, master, random, aad, &data_key)?;
        head.extend_from_slice(&prefix);

        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*data_key));
        let mut encryptor = EncryptorBE32::from_aead(cipher, &prefix.into());
        let associated = encoded(SEGMENTS, aad, b"segment", 0);
        let mut pieces = vec![head];
        let mut rest = content;
        while let Some((segment, after)) = rest.split_at_checked(SEGMENT_LEN)
            && !after.is_empty()
        {
            let sealed = encryptor
                .encrypt_next(payload(segment, &associated))
                .map_err(|_| VaultError::Refused)?;
            pieces.push(sealed);
            rest = after;
        }
        let last = encryptor
            .encrypt_last(payload(rest, &associated))
            .map_err(|_| VaultError::Refused)?;
        pieces.push(last);
        Ok(pieces)
    }

    /// Begins to open a stream that was sealed for `aad`. `head` is its first [`StreamOpener::HEAD_LEN`] bytes.
    ///
    /// # Errors
    /// When its key is gone, or the head was changed, or belongs to other data.
    pub fn open_stream(
        &self,
        aad: AssociatedData<'_>,
        head: &[u8],
    ) -> Result<StreamOpener, VaultError> {
        let (key, prefix) = WrappedKey::split(SEGMENTS, head).ok_or(VaultError::Refused)?;
        let prefix: [u8; PREFIX_LEN] = prefix.try_into().map_err(|_| VaultError::Refused)?;
        let data_key = self.unwrap_key(SEGMENTS, aad, &key)?;
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*data_key));
        Ok(StreamOpener {
            decryptor: DecryptorBE32::from_aead(cipher, &prefix.into()),
            associated: encoded(SEGMENTS, aad, b"segment", 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use shared::id::CompanyId;

    use super::*;
    use crate::{
        clock::TestRandom,
        config::{Secret32, VaultKey},
    };

    fn vault(ids: &[u8]) -> Vault {
        let keys: Vec<_> = ids
            .iter()
            .map(|id| VaultKey {
                id: *id,
                key: Secret32::new([*id; 32]),
            })
            .collect();
        Vault::new(&keys)
    }

    fn aad(row: &str) -> AssociatedData<'_> {
        AssociatedData {
            table: "blobs",
            row,
            owner: CompanyId::from_random([1; 16]).into(),
        }
    }

    fn seal(vault: &Vault, content: &[u8]) -> Vec<u8> {
        vault
            .seal_stream(&TestRandom::default(), aad("a"), content)
            .expect("sealed")
            .concat()
    }

    fn open(vault: &Vault, aad: AssociatedData<'_>, blob: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (head, mut rest) = blob
            .split_at_checked(StreamOpener::HEAD_LEN)
            .ok_or(VaultError::Refused)?;
        let mut opener = vault.open_stream(aad, head)?;
        let mut content = Vec::new();
        while rest.len() > StreamOpener::SEALED_SEGMENT_LEN {
            let (segment, after) = rest.split_at(StreamOpener::SEALED_SEGMENT_LEN);
            content.extend(opener.next(segment)?);
            rest = after;
        }
        content.extend(opener.last(rest)?);
        Ok(content)
    }

    #[test]
    fn content_of_every_length_opens_with_its_own_length() {
        let vault = vault(&[1]);
        for length in [
            0,
            1,
            SEGMENT_LEN - 1,
            SEGMENT_LEN,
            SEGMENT_LEN + 1,
            3 * SEGMENT_LEN,
            3 * SEGMENT_LEN + 7,
        ] {
            let content: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let sealed = seal(&vault, &content);
            assert_eq!(
                StreamOpener::content_len(sealed.len() as u64),
                Some(length as u64)
            );
            assert_eq!(open(&vault, aad("a"), &sealed), Ok(content), "{length}");
        }
        assert_eq!(StreamOpener::content_len(0), None);
        assert_eq!(
            StreamOpener::content_len(StreamOpener::HEAD_LEN as u64),
            None
        );
    }

    #[test]
    fn a_stream_that_was_changed_cut_swapped_or_extended_is_refused() {
        let vault = vault(&[1]);
        let sealed = seal(&vault, &vec![7; 2 * SEGMENT_LEN + 100]);
        let head = StreamOpener::HEAD_LEN;
        let whole = StreamOpener::SEALED_SEGMENT_LEN;
        for at in (0..head).chain([head, head + whole, sealed.len() - 1]) {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&vault, aad("a"), &changed).is_err(), "byte {at}");
        }
        for length in [0, head, head + whole, head + 2 * whole, sealed.len() - 1] {
            assert!(
                open(&vault, aad("a"), &sealed[..length]).is_err(),
                "length {length}"
            );
        }
        let swapped = [
            &sealed[..head],
            &sealed[head + whole..head + 2 * whole],
            &sealed[head..head + whole],
            &sealed[head + 2 * whole..],
        ]
        .concat();
        assert!(open(&vault, aad("a"), &swapped).is_err());
        let extended = [sealed.as_slice(), &sealed[head..head + whole]].concat();
        assert!(open(&vault, aad("a"), &extended).is_err());
    }

    #[test]
    fn a_stream_opens_for_its_own_row_and_format_alone() {
        let vault = vault(&[1]);
        let sealed = seal(&vault, b"x");
        assert!(open(&vault, aad("b"), &sealed).is_err());
        let other = AssociatedData {
            owner: CompanyId::from_random([2; 16]).into(),
            ..aad("a")
        };
        assert!(open(&vault, other, &sealed).is_err());
        assert!(vault.open(aad("a"), &sealed).is_err());
    }

    #[test]
    fn the_first_key_seals_and_all_open() {
        let sealed = seal(&vault(&[1]), b"x");
        assert_eq!(open(&vault(&[2, 1]), aad("a"), &sealed), Ok(b"x".to_vec()));
        assert_eq!(
            open(&vault(&[2]), aad("a"), &sealed),
            Err(VaultError::UnknownKey(1))
        );
    }
}
