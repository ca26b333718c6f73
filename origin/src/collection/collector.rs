//! What collections are made with.

use std::{sync::Arc, time::Duration};

use browser::Launcher;
use shared::token::KeyRing;

use super::pdf_process::PdfReader;
use crate::{
    blobs::Blobs,
    clock::{Clock, Random},
    codes::CodeChannels,
    store::Store,
    vault::Vault,
};

/// What collections are made with. Cheap to clone.
#[derive(Clone)]
pub struct Collector {
    /// The database with jobs, connections and bills.
    pub store: Store,
    /// The blobs that hold the files of bills.
    pub blobs: Blobs,
    /// The vault that opens credentials.
    pub vault: Arc<Vault>,
    /// Starts the browser of a run.
    pub launcher: Launcher,
    /// Reads PDFs in a process of its own.
    pub reader: PdfReader,
    /// The keys of links: one is made when a connection needs its client.
    pub token_keys: Arc<KeyRing>,
    /// The clock that dates what is found.
    pub clock: Arc<dyn Clock>,
    /// The randomness for ids and for the jitter of retries.
    pub random: Arc<dyn Random>,
    /// How long one run may take at most.
    pub time_limit: Duration,
}

impl Collector {
    /// The channels that answer for connections without a person.
    #[must_use]
    pub fn code_channels(&self) -> CodeChannels {
        CodeChannels {
            store: self.store.clone(),
            vault: Arc::clone(&self.vault),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
        }
    }
}

/// Twenty minutes: hundreds of bills on a slow website.
pub const TIME_LIMIT: Duration = Duration::from_secs(20 * 60);
