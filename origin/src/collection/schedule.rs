//! The schedule of collections. A collection sets the time of its next run itself; this finds those that have none.

use std::sync::Arc;

use shared::id::JobId;

use super::job::{CollectBills, collect_job};
use crate::{
    clock::{Clock, Random, bytes},
    jobs::{Context, Kind as _, Periodic},
    store::{Store, StoreError},
};

/// Connections that are queued in one run at most; the rest follows with the next.
const AT_ONCE: i64 = 500;

/// Queues the collection of every connection that is due and has no job in the queue, once an hour.
pub struct QueueDueCollections {
    /// Connections and jobs.
    pub store: Store,
    /// Tells what is due.
    pub clock: Arc<dyn Clock>,
    /// Makes the ids of jobs.
    pub random: Arc<dyn Random>,
}

impl Periodic for QueueDueCollections {
    const NAME: &'static str = "QUEUE_DUE_COLLECTIONS";
    const EVERY_MS: i64 = 3_600_000;

    async fn run(&self, _context: &Context) -> Result<(), StoreError> {
        let (now, random) = (self.clock.now(), &*self.random);
        let queued = self.store.tx("collection.queue_due", |tx| {
            Box::pin(async move {
                let due = tx
                    .connections_without_job(CollectBills::NAME, now, AT_ONCE)
                    .await?;
                for connection in &due {
                    let job = collect_job(
                        JobId::from_random(bytes(random)),
                        connection.company,
                        connection.id,
                        &connection.provider_url,
                        now,
                        now,
                    )?;
                    tx.enqueue_if_missing(&job).await?;
                }
                Ok::<_, StoreError>(due.len())
            })
        });
        let queued = queued.await?;
        if queued > 0 {
            tracing::warn!(queued, "connections were due and had no job");
        }
        Ok(())
    }
}
