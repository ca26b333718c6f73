//! The job that works the rows of a batch.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use shared::{
    batch::{BatchKind, RowOutcome},
    id::{BatchId, OrganizationId},
    token::KeyRing,
};
use url::Url;

use super::{company_rows::CompanyRows, directory::Directory, link_rows::LinkRows};
use crate::{
    clock::{Clock, Random},
    config::SandboxConfig,
    jobs::{Context, Ended, Kind},
    store::{Store, StoreError, Tx, batches::Batch},
};

/// Rows that are done in one transaction: others wait so long on SQLite, which lets one write at a time.
pub(super) const AT_ONCE: i64 = 50;
/// The pause after each, in which others write.
const PAUSE: Duration = Duration::from_millis(20);

/// Works the rows of a batch.
pub struct WorkBatch {
    /// The database with batches and companies.
    pub store: Store,
    /// The keys that seal tokens.
    pub token_keys: Arc<KeyRing>,
    /// The address with which all links begin.
    pub links_base: Url,
    /// The websites on which organizations try things out.
    pub sandbox: SandboxConfig,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness for ids and nonces.
    pub random: Arc<dyn Random>,
}

/// Names the batch whose rows are to be worked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkBatchPayload {
    /// The organization that sent the batch.
    pub organization: OrganizationId,
    /// The id of the batch.
    pub batch: BatchId,
}

impl Kind for WorkBatch {
    const NAME: &'static str = "WORK_BATCH";
    type Payload = WorkBatchPayload;

    fn dedupe_key(payload: &WorkBatchPayload) -> String {
        format!("WORK_BATCH:{}", payload.batch)
    }

    async fn run(
        &self,
        context: &Context,
        WorkBatchPayload {
            organization,
            batch,
        }: WorkBatchPayload,
    ) -> Result<Ended, StoreError> {
        let Some(mut directory) = self.begin(context, organization, batch).await? else {
            return Ok(Ended::Written);
        };
        while let Some(after) = self.step(context, organization, batch, &directory).await? {
            directory = after;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(Ended::Written)
    }
}

impl WorkBatch {
    /// Begins, or goes on where a run before was stopped. A dry run begins anew: what its rows would add was in the memory
    /// of that run. `None` where the job is another's, or there is nothing to do.
    pub(super) async fn begin(
        &self,
        context: &Context,
        organization: OrganizationId,
        id: BatchId,
    ) -> Result<Option<Directory>, StoreError> {
        let now = self.clock.now();
        let beginning = self.store.tx("batch.begin", |tx| {
            Box::pin(async move {
                if !tx.holds_job(&context.job).await? {
                    return Ok::<_, StoreError>(None);
                }
                let batch = tx.batch(organization, id).await?;
                let Some(batch) = batch.filter(|batch| batch.finished_at.is_none()) else {
                    tx.complete_job(&context.job).await?;
                    return Ok(None);
                };
                tx.start_batch(organization, id, now).await?;
                if batch.is_dry_run {
                    tx.forget_dry_run(id).await?;
                }
                Ok(Some(Directory::new(&batch)))
            })
        });
        beginning.await
    }

    /// Does the next rows. `None` when no row is left, or the job is another's.
    pub(super) async fn step(
        &self,
        context: &Context,
        organization: OrganizationId,
        id: BatchId,
        directory: &Directory,
    ) -> Result<Option<Directory>, StoreError> {
        let working = self.store.tx("batch.rows", |tx| {
            Box::pin(async move {
                let batch = match tx.holds_job(&context.job).await? {
                    true => tx.batch(organization, id).await?,
                    false => None,
                };
                let Some(batch) = batch else {
                    return Ok::<_, StoreError>(None);
                };
                let mut directory = directory.clone();
                let (good, failed) = self.work(tx, &batch, &mut directory).await?;
                let counted = (good, failed);
                tx.count_batch_rows(organization, id, counted).await?;
                if good + failed < AT_ONCE {
                    tx.finish_batch(organization, id, self.clock.now()).await?;
                    tx.complete_job(&context.job).await?;
                    return Ok(None);
                }
                Ok(Some(directory))
            })
        });
        working.await
    }

    /// Works the next rows: how many were good, and how many were not.
    async fn work(
        &self,
        tx: &mut Tx<'_>,
        batch: &Batch,
        directory: &mut Directory,
    ) -> Result<(i64, i64), StoreError> {
        let (now, random) = (self.clock.now(), &*self.random);
        let origins = tx.redirect_origins(batch.organization).await?;
        let links = LinkRows {
            batch,
            keys: &self.token_keys,
            base: &self.links_base,
            random,
            now,
            origins: &origins,
            sandbox: &self.sandbox,
        };
        let companies = CompanyRows { batch, random, now };
        let (mut good, mut failed) = (0, 0);
        let mut rows = tx.batch_rows_after(batch.id, batch.done(), AT_ONCE).await?;
        for row in &mut rows {
            match batch.kind {
                BatchKind::Links => links.work(tx, directory, row).await?,
                BatchKind::Companies => companies.work(tx, directory, row).await?,
            }
            match row.outcome {
                RowOutcome::Failed => failed += 1,
                _ => good += 1,
            }
        }
        tx.settle_batch_rows(batch.id, &rows).await?;
        Ok((good, failed))
    }
}
