//! The configuration: a TOML file, and the environment on top of it.
//!
//! Every setting has a place in the file (`[edge] listen = …`) and a variable
//! (`MAGIC_LINKS__EDGE__LISTEN`); the variable wins. `docs/origin.example.toml` explains them all.
//! Reading collects everything that is wrong instead of stopping at the first, and says where it is written.

mod blobs;
mod inbound;
mod location;
mod mail;
mod operator;
mod problem;
mod read;
mod reader;
mod sandbox;
mod secret;
mod settings;
#[cfg(test)]
mod tests;

use std::{net::SocketAddr, path::PathBuf};

use shared::{
    signing::SigningKey,
    token::{InvalidKeyRing, KeyRing},
};
use url::Url;

use crate::address_range::AddressRange;

pub use blobs::{BlobConfig, S3Config};
pub use browser::BrowserConfig;
pub use inbound::{InboundConfig, SmsConfig};
pub use location::Location;
pub use mail::{MailConfig, SmtpConfig, SmtpLogin, SmtpSecurity};
pub use operator::OperatorConfig;
pub use problem::{ConfigProblem, Problems};
pub use read::{MAX_LINK_BASE, PartialConfig, load, read, read_partial};
pub use reader::ENV_PREFIX;
pub use sandbox::SandboxConfig;
pub use secret::{InvalidSecret, Secret, Secret16, Secret32};

/// Everything that the origin is told before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address of the database: `sqlite:path` or `postgres://…`.
    pub database_url: DatabaseUrl,
    /// Where this node keeps files: the SQLite database.
    pub data_dir: PathBuf,
    /// This node's number: the first byte of every flow secret it gives out.
    pub node: u8,
    /// How the edge reaches this node, and how this node reaches the edge.
    pub edge: EdgeConfig,
    /// The settings of the JSON API for organizations.
    pub api: ApiConfig,
    /// Keys of link tokens: the first seals, all open. Never empty, ids unique.
    pub token_keys: Vec<TokenKeyConfig>,
    /// Master keys of the vault: the first wraps, all unwrap. Never empty, ids unique.
    pub vault_keys: Vec<VaultKey>,
    /// How Chromium is started, and what it may reach.
    pub browser: BrowserConfig,
    /// Where the files of bills are kept.
    pub blobs: BlobConfig,
    /// Where mail to the owners of connections goes.
    pub mail: MailConfig,
    /// What receives one-time codes.
    pub inbound: InboundConfig,
    /// Which websites are for trying things out.
    pub sandbox: SandboxConfig,
    /// From where the pages of the platform's operators can be reached.
    pub operator: OperatorConfig,
    /// The settings for collecting bills on this node.
    pub collection: CollectionConfig,
}

/// The address of the database. Its user name and password are never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(pub String);

/// How the edge reaches this node, and how this node reaches the edge.
#[derive(Debug, Clone)]
pub struct EdgeConfig {
    /// The address and port on which the origin listens for the edge.
    pub listen: SocketAddr,
    /// The only `Host` header that it answers to; `None` for any.
    pub host: Option<String>,
    /// The address with which all links begin.
    pub public_url: Url,
    /// Where brands are pushed to; `public_url` when not set.
    pub push_url: Option<Url>,
    /// Signs requests between edge and origin, both ways.
    pub signing_key: Secret32,
}

/// The settings of the JSON API for organizations.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    /// The address and port on which it listens.
    pub listen: SocketAddr,
    /// The only `Host` header that it answers to; `None` for any.
    pub host: Option<String>,
    /// The proxies before it, which say who calls.
    pub proxies: Vec<AddressRange>,
    /// How organizations reach it: the server named in the OpenAPI document.
    pub public_url: Url,
}

/// A token key with its id.
#[derive(Debug, Clone)]
pub struct TokenKeyConfig {
    /// The id that tokens name the key by.
    pub id: u8,
    /// The key itself, for AES-128.
    pub key: Secret16,
}

/// A master key of the vault.
#[derive(Debug, Clone)]
pub struct VaultKey {
    /// The id that sealed values name the key by.
    pub id: u8,
    /// The key itself, for AES-256.
    pub key: Secret32,
}

/// The settings for collecting bills on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CollectionConfig {
    /// How many collections run at a time on this node; 0 leaves them to other nodes.
    pub workers: usize,
}

impl Config {
    /// The token keys as a key ring.
    ///
    /// # Errors
    /// When there is no key, or two keys share an id. [`load`] refuses both, so this does not happen for a loaded configuration.
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

    /// The address to which brands are pushed.
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
