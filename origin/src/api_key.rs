//! The text of an API key: how one is made, and what the database keeps of it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use shared::api_key::ApiKeyEnvironment;
use zeroize::Zeroizing;

use crate::clock::{Random, bytes};

/// How many characters behind the mark stay readable, to tell keys apart: too few to guess the rest.
const READABLE: usize = 5;

/// A new key, to be shown once: the database gets its hash and its first characters.
pub struct ApiKeySecret {
    text: Zeroizing<String>,
    mark: &'static str,
}

impl ApiKeySecret {
    /// A key of 256 random bits behind a mark that says what it is for.
    #[must_use]
    pub fn random(environment: ApiKeyEnvironment, random: &dyn Random) -> Self {
        let secret = Zeroizing::new(bytes::<32>(random));
        let mark = mark(environment);
        let text = format!("{mark}{}", URL_SAFE_NO_PAD.encode(*secret));
        Self {
            text: Zeroizing::new(text),
            mark,
        }
    }

    /// The whole key as its owner sends it, mark included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first characters of the key, by which people tell keys apart.
    #[must_use]
    pub fn prefix(&self) -> String {
        let readable = self.mark.len() + READABLE;
        self.text.chars().take(readable).collect()
    }

    /// What the database finds the key by.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        hash(self.text.as_bytes())
    }
}

/// The SHA-256 of a key's text: the text is random, so nothing slower is needed.
#[must_use]
pub fn hash(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// Every key begins with its mark, so that people and secret scanners recognise one and tell what it is for.
fn mark(environment: ApiKeyEnvironment) -> &'static str {
    match environment {
        ApiKeyEnvironment::Production => "ml_production_",
        ApiKeyEnvironment::Sandbox => "ml_sandbox_",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::TestRandom;

    #[test]
    fn a_key_says_what_it_is_for_and_shows_little_of_the_rest() {
        let random = TestRandom::default();
        let key = ApiKeySecret::random(ApiKeyEnvironment::Sandbox, &random);
        assert!(key.text().starts_with("ml_sandbox_"), "{}", key.text());
        assert_eq!(key.text().len(), "ml_sandbox_".len() + 43);
        assert_eq!(key.prefix(), key.text()[..16]);
        assert_eq!(key.hash(), hash(key.text().as_bytes()));
        let other = ApiKeySecret::random(ApiKeyEnvironment::Production, &random);
        assert!(other.text().starts_with("ml_production_"));
        assert_ne!(other.hash(), key.hash());
    }
}
