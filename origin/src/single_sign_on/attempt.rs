//! One sign-in on its way to a provider and back.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::clock::{Random, bytes};

/// The secrets of one sign-in. All of them are made of one random text, which the browser keeps in a cookie: nothing that the
/// provider or the address bar sees leads to it or to another one.
pub struct Attempt(Zeroizing<String>);

impl Attempt {
    /// A new one, of 32 random bytes.
    #[must_use]
    pub fn new(random: &dyn Random) -> Self {
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes::<32>(random))))
    }

    /// That of the text which a browser kept.
    #[must_use]
    pub fn of(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text that the browser keeps.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether the provider sends this browser back, and no other.
    #[must_use]
    pub fn is_state(&self, state: &str) -> bool {
        state == self.made("state")
    }

    pub(super) fn state(&self) -> CsrfToken {
        CsrfToken::new(self.made("state"))
    }

    /// Ties the ID token to this sign-in.
    pub(super) fn nonce(&self) -> Nonce {
        Nonce::new(self.made("nonce"))
    }

    /// Ties the code to this sign-in.
    pub(super) fn verifier(&self) -> PkceCodeVerifier {
        PkceCodeVerifier::new(self.made("verifier"))
    }

    fn made(&self, what: &str) -> String {
        let hash = Sha256::new()
            .chain_update("single sign-on ")
            .chain_update(what)
            .chain_update([0])
            .chain_update(self.0.as_bytes())
            .finalize();
        URL_SAFE_NO_PAD.encode(hash)
    }
}
