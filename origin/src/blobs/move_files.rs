//! Moves bill files out of the database, where earlier versions kept them.

use super::{Blobs, JobError};
use crate::{
    jobs::{Context, Periodic},
    store::{Store, StoreError},
};

/// Moves bill files from the database into blobs: at the start, and then every hour, because nodes of an earlier
/// version may still add some while they are replaced.
pub struct MoveBillFiles {
    /// The database that the files are moved out of.
    pub store: Store,
    /// The blobs that the files become.
    pub blobs: Blobs,
}

impl Periodic for MoveBillFiles {
    const NAME: &'static str = "MOVE_BILL_FILES";
    const EVERY_MS: i64 = 3_600_000;

    async fn run(&self, _context: &Context) -> Result<(), StoreError> {
        let moved = move_files(&self.store, &self.blobs).await;
        JobError::log(moved, "bill files were moved out of the database")
    }
}

/// Moves all bill files that are in the database into blobs, one after another, and returns how many. It may be
/// interrupted and run again, and run on several nodes at once.
///
/// # Errors
/// When the database or the storage fails; what was moved until then stays moved.
pub async fn move_files(store: &Store, blobs: &Blobs) -> Result<usize, JobError> {
    let mut moved = 0;
    loop {
        let file = store.read("blobs.file_to_move", |tx| Box::pin(tx.file_to_move()));
        let Some(file) = file.await? else {
            return Ok(moved);
        };
        let blob = blobs.put(file.company, &file.content).await?.to_string();
        let noted = store.tx("blobs.file_moved", |tx| {
            Box::pin(tx.file_moved(file.bill, &blob))
        });
        noted.await?;
        moved += 1;
    }
}
