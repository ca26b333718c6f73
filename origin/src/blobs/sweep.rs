//! Deletes blobs that no row names.

use std::{collections::HashSet, sync::Arc};

use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::ObjectStoreExt as _;
use shared::time::UnixMillis;

use super::{BlobError, BlobName, Blobs, JobError, NAME_PERIOD_MS};
use crate::{
    clock::Clock,
    jobs::{Context, Periodic},
    store::{Store, StoreError},
};

/// From the last time that a blob can be written to the first time that it can be deleted: so long a writer may take
/// to write the row, and so much may the clocks of nodes and storage differ.
const GRACE_MS: i64 = 24 * 3_600_000;
/// A blob of this age is an orphan when no row names it. It is written for the last time when its name's period ends.
pub(super) const ORPHAN_AGE_MS: i64 = NAME_PERIOD_MS + GRACE_MS;
/// Names that the database is asked for at a time.
const BATCH: usize = 200;

/// Deletes orphans, once a day: blobs whose row was never written. See [`sweep`].
pub struct SweepBlobs {
    /// Knows which blobs are named.
    pub store: Store,
    /// The blobs, old and young, that are swept.
    pub blobs: Blobs,
    /// Tells which blobs are old.
    pub clock: Arc<dyn Clock>,
}

impl Periodic for SweepBlobs {
    const NAME: &'static str = "SWEEP_BLOBS";
    const EVERY_MS: i64 = 24 * 3_600_000;

    async fn run(&self, _context: &Context) -> Result<(), StoreError> {
        let swept = sweep(&self.store, &self.blobs, self.clock.now()).await;
        JobError::log(swept, "orphaned blobs were deleted")
    }
}

/// Deletes the blobs that no row names and that are older than two days, and returns how many. A blob that is being
/// written is never among them, as nothing is written under an old name: see [`Blobs::put`]. What another
/// installation sealed in the same storage is left alone.
///
/// # Errors
/// When the database or the storage fails; what was deleted until then stays deleted.
pub async fn sweep(store: &Store, blobs: &Blobs, now: UnixMillis) -> Result<usize, JobError> {
    let before = now.plus(-ORPHAN_AGE_MS).0;
    let mut old = blobs
        .objects
        .list(None)
        .try_filter(|object| std::future::ready(object.last_modified.timestamp_millis() < before))
        .map_err(BlobError::Storage)
        .try_chunks(BATCH);
    let mut deleted = 0;
    while let Some(batch) = old.next().await {
        let names: Vec<BlobName> = batch
            .map_err(|chunk| chunk.1)?
            .iter()
            // What does not look like a blob was not written by this program.
            .filter_map(|object| object.location.as_ref().parse().ok())
            .collect();
        for orphan in without_row(store, names).await? {
            match delete(blobs, &orphan).await {
                Ok(is_deleted) => deleted += usize::from(is_deleted),
                // One that is broken or held must not keep the others.
                Err(error) => tracing::warn!(blob = %orphan, %error, "an orphaned blob stays"),
            }
        }
    }
    Ok(deleted)
}

async fn without_row(store: &Store, names: Vec<BlobName>) -> Result<Vec<BlobName>, StoreError> {
    let texts: Vec<String> = names.iter().map(BlobName::to_string).collect();
    let named = store.read("blobs.named", |tx| Box::pin(tx.blobs_with_row(&texts)));
    let named: HashSet<String> = named.await?.into_iter().collect();
    let orphans = names.into_iter().zip(texts);
    Ok(orphans
        .filter_map(|(name, text)| (!named.contains(&text)).then_some(name))
        .collect())
}

/// Whether it was deleted: not when another installation sealed it, or another node was quicker.
async fn delete(blobs: &Blobs, name: &BlobName) -> Result<bool, BlobError> {
    let deleted = async {
        if !blobs.sealed(name).await? {
            return Ok(false);
        }
        let deleted = blobs.objects.delete(&name.path()).await;
        deleted.map_err(|error| name.error(error)).map(|()| true)
    };
    match deleted.await {
        Err(BlobError::Missing(_)) => Ok(false),
        deleted => deleted,
    }
}
