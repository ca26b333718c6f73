//! Keys from the configuration: wiped when dropped, never printed.

use std::{fmt, str::FromStr};

use zeroize::Zeroizing;

/// A secret of `N` bytes, wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Secret<const N: usize>(Zeroizing<[u8; N]>);

/// A secret of 16 bytes.
pub type Secret16 = Secret<16>;
/// A secret of 32 bytes.
pub type Secret32 = Secret<32>;

/// The text is not a key of this length. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {0} hex digits")]
pub struct InvalidSecret(usize);

impl<const N: usize> Secret<N> {
    /// Makes a secret of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; N]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for the cipher that needs them.
    #[must_use]
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> FromStr for Secret<N> {
    type Err = InvalidSecret;

    /// Reads a secret from exactly `2 * N` hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, InvalidSecret> {
        let mut bytes = Zeroizing::new([0; N]);
        shared::hex::decode(text, &mut *bytes).ok_or(InvalidSecret(2 * N))?;
        Ok(Self(bytes))
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
