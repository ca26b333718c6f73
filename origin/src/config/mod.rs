//! The configuration: a TOML file, and the environment on top of it.
//!
//! Every setting has a place in the file (`[edge] listen = …`) and a variable
//! (`MAGIC_LINKS__EDGE__LISTEN`); the variable wins. `docs/origin.example.toml` explains them all.
//! Reading collects everything that is wrong instead of stopping at the first.

mod read;
mod reader;
mod secret;
#[cfg(test)]
mod tests;

use std::{net::SocketAddr, path::PathBuf};

use shared::{
    signing::SigningKey,
    token::{InvalidKeyRing, KeyRing},
};
use url::Url;

pub use crate::browser::BrowserConfig;
pub use read::{ENV_PREFIX, Ground, MAX_LINK_BASE, Problem, Problems, load, read, survey};
pub use secret::{InvalidSecret, Secret, Secret16, Secret32};

/// Everything that the origin is told before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite:path` or `postgres://…`.
    pub database_url: DatabaseUrl,
    /// Where this node keeps files: the SQLite database.
    pub data_dir: PathBuf,
    /// This node's number: the first byte of every flow secret it gives out.
    pub node: u8,
    /// The door for the edge.
    pub edge: EdgeConfig,
    /// The door for organizations.
    pub api: ApiConfig,
    /// Keys of link tokens: the first seals, all open. Never empty, ids unique.
    pub token_keys: Vec<TokenKeyConfig>,
    /// Master keys of the vault: the first wraps, all unwrap. Never empty, ids unique.
    pub vault_keys: Vec<VaultKey>,
    /// Chromium.
    pub browser: BrowserConfig,
    /// The collection of bills.
    pub collection: CollectionConfig,
}

/// A database address; its password is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(pub String);

/// The door for the edge, and how to reach the edge.
#[derive(Debug, Clone)]
pub struct EdgeConfig {
    /// Where the origin listens for the edge.
    pub listen: SocketAddr,
    /// The only `Host` it answers to, when set.
    pub host: Option<String>,
    /// What links begin with.
    pub public_url: Url,
    /// Where brands are pushed to; `public_url` when not set.
    pub push_url: Option<Url>,
    /// Signs requests between edge and origin, both ways.
    pub signing_key: Secret32,
}

/// The door for organizations.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The only `Host` it answers to, when set.
    pub host: Option<String>,
    /// How organizations reach it: the server named in the OpenAPI document.
    pub public_url: Url,
}

/// A token key.
#[derive(Debug, Clone)]
pub struct TokenKeyConfig {
    /// The id in the token.
    pub id: u8,
    /// AES-128.
    pub key: Secret16,
}

/// A master key of the vault.
#[derive(Debug, Clone)]
pub struct VaultKey {
    /// The id in the sealed blob.
    pub id: u8,
    /// AES-256.
    pub key: Secret32,
}

/// The collection of bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CollectionConfig {
    /// Runs at a time on this node; 0 leaves collection to other nodes.
    pub workers: usize,
}

impl Config {
    /// The token keys as `shared` wants them.
    ///
    /// # Errors
    /// When there is none, or two share an id; [`load`] has asked that already.
    pub fn key_ring(&self) -> Result<KeyRing, InvalidKeyRing> {
        let keys = self
            .token_keys
            .iter()
            .map(|key| shared::token::TokenKey::new(key.id, key.key.expose()))
            .collect();
        KeyRing::new(keys)
    }
}

impl EdgeConfig {
    /// The key that signs requests between edge and origin.
    #[must_use]
    pub fn key(&self) -> SigningKey {
        SigningKey::new(self.signing_key.expose())
    }

    /// Where brands are pushed to.
    #[must_use]
    pub fn push_base(&self) -> &Url {
        self.push_url.as_ref().unwrap_or(&self.public_url)
    }
}

impl DatabaseUrl {
    /// The address for [`crate::store::Store::open`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for DatabaseUrl {
    /// Without user and password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.starts_with("sqlite:") {
            return f.write_str(&self.0);
        }
        match Url::parse(&self.0) {
            Ok(url) => {
                let host = url.host_str().unwrap_or_default();
                write!(f, "{}://{host}{}", url.scheme(), url.path())
            }
            Err(_) => f.write_str("(not a database address)"),
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}
