//! The job queue: enqueue, claim with a lease, renew, settle, park.
//!
//! A claim is guarded by a fencing token: a number that grows with every claim of the job. Whoever holds a claim
//! shows its token with everything that it writes about the job, so a worker that lost its lease changes nothing.

use shared::{
    id::{CompanyId, JobId},
    time::UnixMillis,
};
use sqlx::{
    Any, AssertSqlSafe,
    any::{AnyArguments, AnyRow},
    query::Query,
};

use super::{
    Engine, StoreError, Tx,
    connections::{self, Connection},
    row,
};

// The beginning of both ways to queue a job.
macro_rules! insert {
    () => {
        "INSERT INTO jobs (id, kind, version, dedupe_key, exclusion_key, company_id, payload, run_at, attempts, claims, \
           created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9) "
    };
}

/// A job that is to be queued.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// The id it gets, if the same work is not queued already.
    pub id: JobId,
    /// The name of its kind.
    pub kind: &'static str,
    /// The version of the payload. Only a build that knows this version of the kind claims the job.
    pub version: i64,
    /// Names the work: the same work is never queued twice.
    pub dedupe_key: String,
    /// Of all jobs with the same key, one at a time is claimed, on all nodes together. `None` excludes no other job.
    pub exclusion_key: Option<String>,
    /// The company whose data the job works on, if it is about one.
    pub company: Option<CompanyId>,
    /// What to work on, as JSON.
    pub payload: String,
    /// The earliest time at which the job may run.
    pub run_at: UnixMillis,
    /// The time at which it is queued.
    pub now: UnixMillis,
}

/// A claimed job. Whoever holds it works alone on it until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The id of the job.
    pub id: JobId,
    /// The name of its kind.
    pub kind: String,
    /// The version of the payload.
    pub version: i64,
    /// The company whose data the job works on, if it is about one.
    pub company: Option<CompanyId>,
    /// What to work on, as JSON.
    pub payload: String,
    /// How often it was claimed since it last went well, this time included.
    pub attempts: i64,
    /// When the lease ends.
    pub lease_until: UnixMillis,
    /// How often the job was ever claimed: the fencing token.
    token: i64,
}

/// How some work is queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuedJob {
    /// The earliest time at which it may run.
    pub run_at: UnixMillis,
    /// When the lease of whoever works on it ends.
    pub lease_until: Option<UnixMillis>,
    /// It was set aside, and nobody claims it.
    pub is_parked: bool,
}

/// A kind of job that a build can run, with payloads up to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownKind {
    /// The name of the kind.
    pub name: &'static str,
    /// The newest version of its payload that the build reads. It reads all older ones, too.
    pub version: i64,
}

impl Tx<'_> {
    /// Queues a job. Work that is queued already moves to the earlier of the two times; if it was parked, it is
    /// queued anew.
    ///
    /// # Errors
    /// When the company does not exist or the database fails.
    pub async fn enqueue(&mut self, job: &NewJob) -> Result<(), StoreError> {
        let statement = concat!(
            insert!(),
            "ON CONFLICT (dedupe_key) DO UPDATE SET \
               run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END, \
               exclusion_key = CASE WHEN jobs.lease_until IS NULL THEN excluded.exclusion_key ELSE jobs.exclusion_key END, \
               version = CASE WHEN jobs.parked_at IS NULL THEN jobs.version ELSE excluded.version END, \
               payload = CASE WHEN jobs.parked_at IS NULL THEN jobs.payload ELSE excluded.payload END, \
               parked_at = NULL, parked_reason = NULL"
        );
        bind(sqlx::query(statement), job)
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Queues a job unless the same work is queued already; then nothing changes. True when it was queued.
    ///
    /// # Errors
    /// As [`Self::enqueue`].
    pub async fn enqueue_if_missing(&mut self, job: &NewJob) -> Result<bool, StoreError> {
        let statement = concat!(insert!(), "ON CONFLICT (dedupe_key) DO NOTHING");
        let done = bind(sqlx::query(statement), job)
            .execute(self.sql())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// How the work with this key is queued, and keeps it so until this transaction has ended; `None` when it is not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_job(&mut self, dedupe_key: &str) -> Result<Option<QueuedJob>, StoreError> {
        let lock = self.row_lock();
        let statement =
            format!("SELECT run_at, lease_until, parked_at FROM jobs WHERE dedupe_key = $1{lock}");
        let found = sqlx::query(AssertSqlSafe(statement))
            .bind(dedupe_key.to_owned())
            .fetch_optional(self.sql())
            .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        Ok(Some(QueuedJob {
            run_at: row::at(&found, "run_at")?,
            lease_until: row::maybe_at(&found, "lease_until")?,
            is_parked: row::maybe_at(&found, "parked_at")?.is_some(),
        }))
    }

    /// Takes the company's work with this key off the queue unless it is being done right now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_waiting_job(
        &mut self,
        company: CompanyId,
        dedupe_key: &str,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM jobs WHERE dedupe_key = $1 AND company_id = $2 \
             AND (lease_until IS NULL OR lease_until <= $3)",
        )
        .bind(dedupe_key.to_owned())
        .bind(company.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Claims the job that has waited longest, if one of these kinds is due and no job with the same exclusion key is
    /// claimed. A job whose lease ended is due again.
    ///
    /// # Errors
    /// [`StoreError::Contended`] when another claimed a job with the same exclusion key at the same moment; otherwise
    /// when the database fails.
    pub async fn claim_job(
        &mut self,
        kinds: &[KnownKind],
        now: UnixMillis,
        lease_ms: i64,
        worker: &str,
    ) -> Result<Option<Job>, StoreError> {
        if kinds.is_empty() {
            return Ok(None);
        }
        // A lease that ran out no longer excludes others. Its holder cannot write any more: it needs a lease for that.
        sqlx::query("UPDATE jobs SET lease_until = NULL, leased_by = NULL WHERE lease_until <= $1")
            .bind(now.0)
            .execute(self.sql())
            .await?;
        // PostgreSQL lets several claim at once and must be told to step over rows that another is claiming; SQLite
        // has one writer at a time.
        let lock = match self.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE OF j SKIP LOCKED",
        };
        let known: Vec<String> = (0..kinds.len())
            .map(|place| {
                format!(
                    "(j.kind = ${} AND j.version <= ${})",
                    2 * place + 4,
                    2 * place + 5
                )
            })
            .collect();
        let claim = format!(
            "UPDATE jobs SET lease_until = $2, leased_by = $3, attempts = attempts + 1, claims = claims + 1 \
             WHERE id = (SELECT j.id FROM jobs j WHERE j.run_at <= $1 AND j.lease_until IS NULL AND j.parked_at IS NULL \
               AND ({}) AND NOT EXISTS (SELECT 1 FROM jobs o \
                 WHERE o.exclusion_key = j.exclusion_key AND o.lease_until IS NOT NULL) \
               ORDER BY j.run_at, j.id LIMIT 1{lock}) RETURNING *",
            known.join(" OR "),
        );
        let mut claim = sqlx::query(AssertSqlSafe(claim))
            .bind(now.0)
            .bind(now.plus(lease_ms).0)
            .bind(worker.to_owned());
        for kind in kinds {
            claim = claim.bind(kind.name).bind(kind.version);
        }
        match claim.fetch_optional(self.sql()).await {
            Ok(claimed) => claimed.map(|found| read(&found)).transpose(),
            // The index on exclusion keys of claimed jobs: another was faster.
            Err(error) if is_taken(&error) => Err(StoreError::Contended),
            Err(error) => Err(error.into()),
        }
    }

    /// When the next job is due or its lease ends; `None` when nothing is queued.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_job_at(&mut self) -> Result<Option<UnixMillis>, StoreError> {
        let found = sqlx::query(
            "SELECT MIN(CASE WHEN lease_until IS NULL OR lease_until < run_at THEN run_at ELSE lease_until END) AS next_at \
             FROM jobs WHERE parked_at IS NULL",
        )
        .fetch_one(self.sql())
        .await?;
        row::maybe_at(&found, "next_at")
    }

    /// Whether the claim still holds. If so, nobody else can claim the job before this transaction has ended: what
    /// follows in it is written by the holder of the claim.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holds_job(&mut self, job: &Job) -> Result<bool, StoreError> {
        self.execute_for_claim(claim_statement(
            job,
            "UPDATE jobs SET claims = claims \
             WHERE id = $1 AND claims = $2 AND COALESCE(company_id, '') = $3 AND lease_until IS NOT NULL",
        ))
        .await
    }

    /// Holds a claimed job for longer. False when the claim was lost: stop working on it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_job(
        &mut self,
        job: &Job,
        now: UnixMillis,
        lease_ms: i64,
    ) -> Result<bool, StoreError> {
        let renew = claim_statement(
            job,
            "UPDATE jobs SET lease_until = $4 \
             WHERE id = $1 AND claims = $2 AND COALESCE(company_id, '') = $3 AND lease_until > $5",
        );
        self.execute_for_claim(renew.bind(now.plus(lease_ms).0).bind(now.0))
            .await
    }

    /// Takes a done job off the queue. False when the claim was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn complete_job(&mut self, job: &Job) -> Result<bool, StoreError> {
        self.execute_for_claim(claim_statement(
            job,
            "DELETE FROM jobs \
             WHERE id = $1 AND claims = $2 AND COALESCE(company_id, '') = $3 AND lease_until IS NOT NULL",
        ))
        .await
    }

    /// Gives back a claimed job that went well, to run again at `at`; its attempts start anew. False when the claim
    /// was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn repeat_job(&mut self, job: &Job, at: UnixMillis) -> Result<bool, StoreError> {
        let repeat = claim_statement(
            job,
            "UPDATE jobs SET run_at = $4, lease_until = NULL, leased_by = NULL, attempts = 0 \
             WHERE id = $1 AND claims = $2 AND COALESCE(company_id, '') = $3 AND lease_until IS NOT NULL",
        );
        self.execute_for_claim(repeat.bind(at.0)).await
    }

    /// Gives back a claimed job that did not go well, to run again at `at` with its attempts counted. False when the
    /// claim was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retry_job(&mut self, job: &Job, at: UnixMillis) -> Result<bool, StoreError> {
        let retry = claim_statement(
            job,
            "UPDATE jobs SET run_at = $4, lease_until = NULL, leased_by = NULL \
             WHERE id = $1 AND claims = $2 AND COALESCE(company_id, '') = $3 AND lease_until IS NOT NULL",
        );
        self.execute_for_claim(retry.bind(at.0)).await
    }

    /// Gives a claimed job back as if it had never been claimed, to run at `at`. False when the claim was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_back_job(&mut self, job: &Job, at: UnixMillis) -> Result<bool, StoreError> {
        let give_back = claim_statement(
            job,
            "UPDATE jobs SET run_at = $4, lease_until = NULL, leased_by = NULL, attempts = attempts - 1 \
             WHERE id = $1 AND claims = $2 AND COALESCE(company_id, '') = $3 AND lease_until IS NOT NULL",
        );
        self.execute_for_claim(give_back.bind(at.0)).await
    }

    /// Sets a claimed job aside, with the reason: nobody claims it again until the same work is queued anew. False
    /// when the claim was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn park_job(
        &mut self,
        job: &Job,
        reason: &str,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let park = claim_statement(
            job,
            "UPDATE jobs SET parked_at = $4, parked_reason = $5, lease_until = NULL, leased_by = NULL \
             WHERE id = $1 AND claims = $2 AND COALESCE(company_id, '') = $3 AND lease_until IS NOT NULL",
        );
        self.execute_for_claim(park.bind(now.0).bind(reason.to_owned()))
            .await
    }

    /// Removes jobs that were parked before `at`; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_parked_jobs_before(&mut self, at: UnixMillis) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM jobs WHERE parked_at < $1")
            .bind(at.0)
            .execute(self.sql())
            .await?;
        Ok(done.rows_affected())
    }

    /// Connections of all companies that are to be collected at `now` and have no job of this kind in the queue, those
    /// that are due longest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connections_without_job(
        &mut self,
        kind: &str,
        now: UnixMillis,
        limit: i64,
    ) -> Result<Vec<Connection>, StoreError> {
        sqlx::query(
            "SELECT n.* FROM connections n WHERE n.inactive_at IS NULL AND n.next_collection_at <= $1 \
               AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.dedupe_key = $2 || ':' || n.id) \
             ORDER BY n.next_collection_at, n.id LIMIT $3",
        )
        .bind(now.0)
        .bind(kind.to_owned())
        .bind(limit)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(connections::read)
        .collect()
    }

    /// Runs a statement that changes the job's row if the claim still holds, and tells whether it did.
    async fn execute_for_claim(&mut self, statement: Statement) -> Result<bool, StoreError> {
        Ok(statement.execute(self.sql()).await?.rows_affected() == 1)
    }
}

type Statement = Query<'static, Any, AnyArguments>;

/// A statement on a claimed job, whose id, fencing token and company are `$1` to `$3`.
fn claim_statement(job: &Job, sql: &'static str) -> Statement {
    sqlx::query(sql)
        .bind(job.id.to_string())
        .bind(job.token)
        .bind(job.company.map(|id| id.to_string()).unwrap_or_default())
}

fn bind(statement: Statement, job: &NewJob) -> Statement {
    statement
        .bind(job.id.to_string())
        .bind(job.kind)
        .bind(job.version)
        .bind(job.dedupe_key.clone())
        .bind(job.exclusion_key.clone())
        .bind(job.company.map(|id| id.to_string()))
        .bind(job.payload.clone())
        .bind(job.run_at.0)
        .bind(job.now.0)
}

fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

fn read(found: &AnyRow) -> Result<Job, StoreError> {
    Ok(Job {
        id: row::parsed(found, "id")?,
        kind: row::text(found, "kind")?,
        version: row::number(found, "version")?,
        company: row::maybe_parsed(found, "company_id")?,
        payload: row::text(found, "payload")?,
        attempts: row::number(found, "attempts")?,
        lease_until: row::at(found, "lease_until")?,
        token: row::number(found, "claims")?,
    })
}
