//! Files of rows that are worked through: what was sent, and how far it is. Their rows are in `batch_rows`.

use std::collections::BTreeMap;

use shared::{
    api_key::ApiKeyEnvironment,
    batch::{BatchKind, BatchStatus},
    id::{BatchId, OrganizationId},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{Page, PageOf, StoreError, Tx, row};

/// A file that an organization sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The id of the batch.
    pub id: BatchId,
    /// The organization that sent it.
    pub organization: OrganizationId,
    /// The environment of the companies that its rows name.
    pub environment: ApiKeyEnvironment,
    /// What its rows are.
    pub kind: BatchKind,
    /// The name of the file, if it came with one.
    pub file_name: Option<String>,
    /// What the file calls the columns that are known, by our names.
    pub columns: BTreeMap<String, String>,
    /// Whether it is only told what would become of each row.
    pub is_dry_run: bool,
    /// Whether companies and sites are added that rows name and that are not there.
    pub creates_missing: bool,
    /// How many rows it has.
    pub total: i64,
    /// How many rows are done and good.
    pub good: i64,
    /// How many rows are done and not good.
    pub failed: i64,
    /// When it was sent.
    pub created_at: UnixMillis,
    /// When its first row was looked at.
    pub started_at: Option<UnixMillis>,
    /// When its last row was done.
    pub finished_at: Option<UnixMillis>,
    /// The batch that does what this dry run checked.
    pub followed_by: Option<BatchId>,
}

impl Batch {
    /// How far it is.
    #[must_use]
    pub fn status(&self) -> BatchStatus {
        match (self.started_at, self.finished_at) {
            (_, Some(_)) => BatchStatus::Done,
            (Some(_), None) => BatchStatus::Running,
            (None, None) => BatchStatus::Pending,
        }
    }

    /// How many rows are done: those from the first on.
    #[must_use]
    pub fn done(&self) -> i64 {
        self.good + self.failed
    }
}

impl Tx<'_> {
    /// Writes a batch without its rows.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn add_batch(&mut self, batch: &Batch) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO batches (id, organization_id, kind, file_name, columns, is_dry_run, creates_missing, total, \
               good, failed, created_at, started_at, finished_at, followed_by, environment) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(batch.id.to_string())
        .bind(batch.organization.to_string())
        .bind(batch.kind.as_str())
        .bind(batch.file_name.clone())
        .bind(row::to_json(&batch.columns, "columns")?)
        .bind(i64::from(batch.is_dry_run))
        .bind(i64::from(batch.creates_missing))
        .bind(batch.total)
        .bind(batch.good)
        .bind(batch.failed)
        .bind(batch.created_at.0)
        .bind(batch.started_at.map(|at| at.0))
        .bind(batch.finished_at.map(|at| at.0))
        .bind(batch.followed_by.map(|id| id.to_string()))
        .bind(batch.environment.as_str())
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// How many batches of the organization are not done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfinished_batches(
        &mut self,
        organization: OrganizationId,
    ) -> Result<i64, StoreError> {
        let found = sqlx::query(
            "SELECT COUNT(*) AS total FROM batches WHERE organization_id = $1 AND finished_at IS NULL",
        )
        .bind(organization.to_string())
        .fetch_one(self.sql())
        .await?;
        row::number(&found, "total")
    }

    /// The organization's batch with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn batch(
        &mut self,
        organization: OrganizationId,
        id: BatchId,
    ) -> Result<Option<Batch>, StoreError> {
        sqlx::query("SELECT * FROM batches WHERE id = $1 AND organization_id = $2")
            .bind(id.to_string())
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// A page of the organization's batches of this kind, newest first: of one environment, or of all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn batches(
        &mut self,
        organization: OrganizationId,
        kind: BatchKind,
        environment: Option<ApiKeyEnvironment>,
        page: Page,
    ) -> Result<PageOf<Batch>, StoreError> {
        let environment = environment.map_or("", ApiKeyEnvironment::as_str).to_owned();
        let count = sqlx::query(
            "SELECT COUNT(*) AS total FROM batches WHERE organization_id = $1 AND kind = $2 \
               AND ($3 = '' OR environment = $3)",
        )
        .bind(organization.to_string())
        .bind(kind.as_str())
        .bind(environment.clone())
        .fetch_one(self.sql())
        .await?;
        let rows = sqlx::query(
            "SELECT * FROM batches WHERE organization_id = $1 AND kind = $2 \
               AND ($3 = '' OR environment = $3) ORDER BY created_at DESC, id DESC LIMIT $4 OFFSET $5",
        )
        .bind(organization.to_string())
        .bind(kind.as_str())
        .bind(environment.clone())
        .bind(page.limit)
        .bind(page.offset())
        .fetch_all(self.sql())
        .await?;
        Ok(PageOf {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }

    /// Notes that the first row is looked at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start_batch(
        &mut self,
        organization: OrganizationId,
        id: BatchId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE batches SET started_at = $3 \
             WHERE id = $1 AND organization_id = $2 AND started_at IS NULL",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Counts rows of a batch that are done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_batch_rows(
        &mut self,
        organization: OrganizationId,
        id: BatchId,
        (good, failed): (i64, i64),
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE batches SET good = good + $3, failed = failed + $4 \
             WHERE id = $1 AND organization_id = $2",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .bind(good)
        .bind(failed)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Notes that every row has its outcome.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_batch(
        &mut self,
        organization: OrganizationId,
        id: BatchId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE batches SET finished_at = $3 WHERE id = $1 AND organization_id = $2")
            .bind(id.to_string())
            .bind(organization.to_string())
            .bind(now.0)
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Notes which batch does what a dry run checked. False when another does already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow_batch(
        &mut self,
        organization: OrganizationId,
        dry_run: BatchId,
        by: BatchId,
    ) -> Result<bool, StoreError> {
        let followed = sqlx::query(
            "UPDATE batches SET followed_by = $3 \
             WHERE id = $1 AND organization_id = $2 AND followed_by IS NULL",
        )
        .bind(dry_run.to_string())
        .bind(organization.to_string())
        .bind(by.to_string())
        .execute(self.sql())
        .await?;
        Ok(followed.rows_affected() == 1)
    }

    /// Removes the oldest batch that was sent before this moment, with its rows; what its rows made stays. False when
    /// there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_batch_before(&mut self, before: UnixMillis) -> Result<bool, StoreError> {
        let oldest = sqlx::query(
            "SELECT id FROM batches WHERE created_at <= $1 ORDER BY created_at, id LIMIT 1",
        )
        .bind(before.0)
        .fetch_optional(self.sql())
        .await?;
        let Some(oldest) = oldest else {
            return Ok(false);
        };
        let id = row::text(&oldest, "id")?;
        for statement in [
            "DELETE FROM batch_rows WHERE batch_id = $1",
            "DELETE FROM batches WHERE id = $1",
        ] {
            sqlx::query(statement)
                .bind(id.clone())
                .execute(self.sql())
                .await?;
        }
        Ok(true)
    }
}

fn read(found: &AnyRow) -> Result<Batch, StoreError> {
    Ok(Batch {
        id: row::parsed(found, "id")?,
        organization: row::parsed(found, "organization_id")?,
        environment: row::parsed(found, "environment")?,
        kind: row::parsed(found, "kind")?,
        file_name: row::maybe_text(found, "file_name")?,
        columns: row::json(found, "columns")?,
        is_dry_run: row::flag(found, "is_dry_run")?,
        creates_missing: row::flag(found, "creates_missing")?,
        total: row::number(found, "total")?,
        good: row::number(found, "good")?,
        failed: row::number(found, "failed")?,
        created_at: row::at(found, "created_at")?,
        started_at: row::maybe_at(found, "started_at")?,
        finished_at: row::maybe_at(found, "finished_at")?,
        followed_by: row::maybe_parsed(found, "followed_by")?,
    })
}
