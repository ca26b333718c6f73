//! What the commands work with, and how they end.

use std::sync::Arc;

use shared::{id::OrganizationId, token::KeyRing};

use crate::{
    audit::Author,
    blobs::Blobs,
    clock::{Clock, Random},
    config::Config,
    edge_push::EdgePush,
    links::LinkSources,
    serve,
    store::{Store, audit_events::AuditActor},
    vault::Vault,
};

/// How a command ends. An error is a sentence or more for the operator: it goes to standard error, with the exit code 1.
pub(super) type Outcome<T = ()> = Result<T, String>;

/// What a command needs once its configuration is good.
pub(super) struct CommandContext {
    /// The configuration that was read.
    pub(super) config: Config,
    /// The database, its schema up to date.
    pub(super) store: Store,
    /// The keys that seal tokens.
    pub(super) token_keys: Arc<KeyRing>,
    /// The clock of this machine.
    pub(super) clock: Arc<dyn Clock>,
    /// The random numbers of this machine.
    pub(super) random: Arc<dyn Random>,
}

impl CommandContext {
    /// Who runs the installation, as the one who changes something of this organization now.
    pub(super) fn author(&self, organization: OrganizationId) -> Author<'_> {
        Author {
            organization,
            actor: AuditActor::CommandLine,
            now: self.clock.now(),
            random: &*self.random,
        }
    }

    /// Fresh random bytes for a new id.
    pub(super) fn new_id(&self) -> [u8; 16] {
        crate::clock::bytes(&*self.random)
    }

    /// What links are made with.
    pub(super) fn link_sources(&self) -> LinkSources<'_> {
        LinkSources {
            keys: &self.token_keys,
            base: &self.config.edge.public_url,
            sandbox: &self.config.sandbox,
        }
    }

    /// What seals and opens secrets.
    pub(super) fn vault(&self) -> Arc<Vault> {
        Arc::new(Vault::new(&self.config.vault_keys))
    }

    /// The files of bills.
    pub(super) fn blobs(&self) -> Outcome<Blobs> {
        serve::open_blobs(&self.config, &self.vault()).map_err(|error| error.to_string())
    }

    /// The way to the edge.
    pub(super) fn edge(&self) -> Outcome<EdgePush> {
        serve::edge_push(&self.config, &self.clock, &self.random).map_err(|error| error.to_string())
    }
}
