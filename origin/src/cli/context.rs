//! What the commands work with, and how they end.

use std::sync::Arc;

use shared::id::OrganizationId;

use crate::{
    audit::Author,
    clock::{Clock, Random},
    config::Config,
    store::{Store, audit_events::AuditActor},
};

/// How a command ends. An error is a sentence or more for the operator: it goes to standard error, with the exit code 1.
pub(super) type Outcome<T = ()> = Result<T, String>;

/// What a command needs once its configuration is good.
pub(super) struct CommandContext {
    /// The configuration that was read.
    pub(super) config: Config,
    /// The database, its schema up to date.
    pub(super) store: Store,
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
}
