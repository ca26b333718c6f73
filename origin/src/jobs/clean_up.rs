//! Clean-up: removes rows that nobody needs any more.

use std::sync::Arc;

use shared::time::UnixMillis;

use super::kind::{Context, Periodic};
use crate::{
    clock::Clock,
    store::{Store, StoreError, idempotency::IDEMPOTENCY_MS},
};

const DAY_MS: i64 = 24 * 3_600_000;
/// Past runs of a connection are kept for so long, in milliseconds.
const COLLECTIONS_MS: i64 = 400 * DAY_MS;
/// Parked jobs are kept for so long, in milliseconds, so that somebody can look at them.
const PARKED_JOBS_MS: i64 = 90 * DAY_MS;

/// Notices, other mails, and codes that were asked for, are kept for so long, in milliseconds.
const NOTICES_MS: i64 = 90 * DAY_MS;

/// Webhooks that were sent, or given up, are kept for so long, in milliseconds.
const WEBHOOKS_MS: i64 = 30 * DAY_MS;
/// Those that an endpoint which is switched off never got, in milliseconds.
const UNSENT_WEBHOOKS_MS: i64 = 90 * DAY_MS;
/// Files of rows are kept for so long, in milliseconds, with what became of each row.
const BATCHES_MS: i64 = 90 * DAY_MS;
/// Webhooks that are removed at a time.
const SLICE: i64 = 1000;

/// Removes old runs of collections, old parked jobs, old notices, old webhooks, old batches, old idempotency keys and expired sessions of members, once a day. What later runs ask about
/// stays: each connection's last run, and its last run that saw bills.
pub struct CleanUp {
    /// The database that is cleaned up.
    pub store: Store,
    /// Tells what is old.
    pub clock: Arc<dyn Clock>,
}

impl Periodic for CleanUp {
    const NAME: &'static str = "CLEAN_UP";
    const EVERY_MS: i64 = DAY_MS;

    async fn run(&self, _context: &Context) -> Result<(), StoreError> {
        let now = self.clock.now();
        let removed = self.store.tx("jobs.clean_up", |tx| {
            Box::pin(async move {
                let runs = tx
                    .remove_collections_before(now.plus(-COLLECTIONS_MS))
                    .await?;
                let jobs = tx
                    .remove_parked_jobs_before(now.plus(-PARKED_JOBS_MS))
                    .await?;
                let old = now.plus(-NOTICES_MS);
                let notices = tx.remove_notices_before(old).await?;
                let mails = tx.remove_mails_before(old).await?;
                let keys = tx
                    .remove_idempotency_keys_before(now.plus(-IDEMPOTENCY_MS))
                    .await?;
                let sessions = tx.remove_expired_sessions(now).await?
                    + tx.remove_expired_operator_sessions(now).await?;
                tx.fill_in_organizations().await?;
                tx.count_connections_anew().await?;
                Ok::<_, StoreError>((runs, jobs, notices + mails, keys, sessions))
            })
        });
        let (runs, jobs, notices, keys, sessions) = removed.await?;
        let webhooks = self.remove_webhooks(now).await?;
        let batches = self.remove_batches(now.plus(-BATCHES_MS)).await?;
        tracing::info!(
            runs,
            jobs,
            notices,
            webhooks,
            batches,
            keys,
            sessions,
            "old rows were removed"
        );
        Ok(())
    }
}

impl CleanUp {
    /// One at a time: each may have thousands of rows.
    async fn remove_batches(&self, before: UnixMillis) -> Result<u64, StoreError> {
        let mut removed = 0;
        loop {
            let one = self.store.tx("jobs.clean_up_batches", |tx| {
                Box::pin(tx.remove_batch_before(before))
            });
            if !one.await? {
                return Ok(removed);
            }
            removed += 1;
        }
    }

    /// There may be very many of them: so many at a time that others need not wait.
    async fn remove_webhooks(&self, now: UnixMillis) -> Result<u64, StoreError> {
        let (ended, all) = (now.plus(-WEBHOOKS_MS), now.plus(-UNSENT_WEBHOOKS_MS));
        let mut removed = 0;
        loop {
            let slice = self.store.tx("jobs.clean_up_webhooks", |tx| {
                Box::pin(tx.remove_webhook_events(ended, all, SLICE))
            });
            let (messages, events) = slice.await?;
            removed += messages;
            if messages == 0 && events == 0 {
                return Ok(removed);
            }
        }
    }
}

/// Forgets what messages brought and nobody took: codes after two minutes, confirmations once nobody sets their channel up.
pub struct ForgetMessages {
    /// The database that is cleaned up.
    pub store: Store,
    /// Tells what is old.
    pub clock: Arc<dyn Clock>,
}

impl Periodic for ForgetMessages {
    const NAME: &'static str = "FORGET_MESSAGES";
    const EVERY_MS: i64 = 2 * 60_000;

    async fn run(&self, _context: &Context) -> Result<(), StoreError> {
        let now = self.clock.now();
        let forgotten = self.store.tx("jobs.forget_messages", |tx| {
            Box::pin(tx.forget_unused_messages(now))
        });
        forgotten.await.map(|_| ())
    }
}
