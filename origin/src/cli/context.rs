//! What the commands work with, and how they end.

use std::sync::Arc;

use crate::{
    clock::{Clock, Random},
    config::Config,
    store::Store,
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
    /// Fresh random bytes for a new id.
    pub(super) fn new_id(&self) -> [u8; 16] {
        crate::clock::bytes(&*self.random)
    }
}
