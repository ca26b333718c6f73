//! How the job queue stands, for an operator.

use shared::time::UnixMillis;

use super::{StoreError, Tx, row};

/// The jobs of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedKind {
    /// The name of the kind.
    pub kind: String,
    /// How many are worked on.
    pub running: i64,
    /// How many are due and wait for a worker, or for another job at the same website.
    pub due: i64,
    /// How many are to run later.
    pub later: i64,
    /// How many were set aside.
    pub parked: i64,
    /// Since when the oldest one is due that waits.
    pub oldest_due: Option<UnixMillis>,
}

/// A worker of a node that works on jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyWorker {
    /// The name of the worker, which names its node.
    pub name: String,
    /// How many jobs it works on.
    pub jobs: i64,
}

impl Tx<'_> {
    /// The queue at `now`, by kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queued_kinds(&mut self, now: UnixMillis) -> Result<Vec<QueuedKind>, StoreError> {
        // A lease that ran out no longer holds the job.
        sqlx::query(
            "SELECT j.kind, \
               COUNT(CASE WHEN j.state = 'RUNNING' THEN 1 END) AS running, \
               COUNT(CASE WHEN j.state = 'DUE' THEN 1 END) AS due, \
               COUNT(CASE WHEN j.state = 'LATER' THEN 1 END) AS later, \
               COUNT(CASE WHEN j.state = 'PARKED' THEN 1 END) AS parked, \
               MIN(CASE WHEN j.state = 'DUE' THEN j.run_at END) AS oldest_due \
             FROM (SELECT kind, run_at, CASE WHEN parked_at IS NOT NULL THEN 'PARKED' \
                 WHEN lease_until > $1 THEN 'RUNNING' WHEN run_at <= $1 THEN 'DUE' ELSE 'LATER' END AS state \
               FROM jobs) j GROUP BY j.kind ORDER BY j.kind",
        )
        .bind(now.0)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| {
            Ok(QueuedKind {
                kind: row::text(found, "kind")?,
                running: row::number(found, "running")?,
                due: row::number(found, "due")?,
                later: row::number(found, "later")?,
                parked: row::number(found, "parked")?,
                oldest_due: row::maybe_at(found, "oldest_due")?,
            })
        })
        .collect()
    }

    /// The workers of all nodes that work on jobs at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn busy_workers(&mut self, now: UnixMillis) -> Result<Vec<BusyWorker>, StoreError> {
        sqlx::query(
            "SELECT COALESCE(leased_by, '') AS name, COUNT(*) AS total FROM jobs \
             WHERE lease_until > $1 GROUP BY COALESCE(leased_by, '') ORDER BY COALESCE(leased_by, '')",
        )
        .bind(now.0)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| {
            Ok(BusyWorker {
                name: row::text(found, "name")?,
                jobs: row::number(found, "total")?,
            })
        })
        .collect()
    }
}
