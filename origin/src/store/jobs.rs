//! The job queue: claim with a lease, renew, complete, retry.

use serde::{Deserialize, Serialize};
use shared::{
    id::{CompanyId, ConnectionId, JobId},
    time::UnixMillis,
};
use sqlx::{
    Any,
    any::{AnyArguments, AnyRow},
    query::Query,
};

use super::{Engine, StoreError, Tx, row};

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    /// Collects the bills of a connection.
    Collect,
}

impl JobKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Collect => "COLLECT",
        }
    }
}

/// A job to queue.
#[derive(Debug, Clone, Copy)]
pub struct NewJob {
    /// The id it gets, if the same work is not queued already.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// For whom.
    pub company: CompanyId,
    /// On what.
    pub connection: ConnectionId,
    /// When it may run.
    pub run_at: UnixMillis,
    /// Now.
    pub now: UnixMillis,
}

/// A claimed job. Whoever holds it works alone on it until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// For whom.
    pub company: CompanyId,
    /// On what.
    pub connection: ConnectionId,
    /// How often it was claimed since it last went well, this time included.
    pub attempts: i64,
    /// When the lease ends.
    pub lease_until: UnixMillis,
    /// An earlier run sent the password and the sign-in was not proven: not to be sent again before this time.
    pub resend_at: Option<UnixMillis>,
    /// How often it was ever claimed: tells this claim from a later one.
    claims: i64,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    connection: ConnectionId,
}

// The two engines differ in one thing: PostgreSQL lets several claim at once and must be told to
// step over rows that another is claiming; SQLite has one writer at a time.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "UPDATE jobs SET lease_until = $2, leased_by = $3, attempts = attempts + 1, claims = claims + 1 ",
            "WHERE id = (SELECT id FROM jobs WHERE run_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) ",
            "ORDER BY run_at, id LIMIT 1",
            $lock,
            ") RETURNING *"
        )
    };
}
const CLAIM_SQLITE: &str = claim!("");
const CLAIM_POSTGRES: &str = claim!(" FOR UPDATE SKIP LOCKED");

impl Tx<'_> {
    /// Queues a job. Work that is queued already moves to the earlier of the two times.
    ///
    /// # Errors
    /// When the company does not exist or the database fails.
    pub async fn enqueue(&mut self, job: &NewJob) -> Result<(), StoreError> {
        let payload = Payload {
            connection: job.connection,
        };
        sqlx::query(
        "INSERT INTO jobs (id, kind, dedupe_key, company_id, payload, run_at, attempts, claims, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7) \
         ON CONFLICT (dedupe_key) DO UPDATE SET run_at = \
           CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END",
    )
    .bind(job.id.to_string())
    .bind(job.kind.as_str())
    .bind(format!("{}:{}", job.kind.as_str(), job.connection))
    .bind(job.company.to_string())
    .bind(row::to_json(&payload, "payload")?)
    .bind(job.run_at.0)
    .bind(job.now.0)
    .execute(self.sql())
    .await?;
        Ok(())
    }

    /// The claim is over and went well: the job waits for `next`, or is gone. False when the claim was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_job(
        &mut self,
        job: &Job,
        next: Option<UnixMillis>,
        keep_attempts: bool,
    ) -> Result<bool, StoreError> {
        let done = match next {
        None => sqlx::query(
            "DELETE FROM jobs WHERE id = $1 AND claims = $2 AND lease_until IS NOT NULL AND company_id = $3",
        )
        .bind(job.id.to_string())
        .bind(job.claims)
        .bind(job.company.to_string()),
        Some(next) => sqlx::query(
            "UPDATE jobs SET run_at = $4, lease_until = NULL, leased_by = NULL, attempts = attempts * $5 \
             WHERE id = $1 AND claims = $2 AND lease_until IS NOT NULL AND company_id = $3",
        )
        .bind(job.id.to_string())
        .bind(job.claims)
        .bind(job.company.to_string())
        .bind(next.0)
        .bind(i64::from(keep_attempts)),
    };
        Ok(done.execute(self.sql()).await?.rows_affected() == 1)
    }

    /// Claims the job that has waited longest, if any is due. A job whose lease ended is due again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_job(
        &mut self,
        now: UnixMillis,
        lease_ms: i64,
        worker: &str,
    ) -> Result<Option<Job>, StoreError> {
        let claim = match self.engine() {
            Engine::Sqlite => CLAIM_SQLITE,
            Engine::Postgres => CLAIM_POSTGRES,
        };
        let claimed = sqlx::query(claim)
            .bind(now.0)
            .bind(now.plus(lease_ms).0)
            .bind(worker.to_owned())
            .fetch_optional(self.sql())
            .await?;
        claimed.map(|found| read(&found)).transpose()
    }

    /// When the next job is due or its lease ends; `None` when nothing is queued.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_job_at(&mut self) -> Result<Option<UnixMillis>, StoreError> {
        let found = sqlx::query(
            "SELECT MIN(CASE WHEN lease_until IS NULL OR lease_until < run_at THEN run_at ELSE lease_until END) AS next_at \
             FROM jobs",
        )
        .fetch_one(self.sql())
        .await?;
        row::maybe_at(&found, "next_at")
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
        let renew = claimed(
            job,
            "UPDATE jobs SET lease_until = $4 \
             WHERE id = $1 AND claims = $2 AND company_id = $3 AND lease_until > $5",
        );
        self.still_ours(renew.bind(now.plus(lease_ms).0).bind(now.0))
            .await
    }

    /// Writes down when the password may be sent again: before it is sent, and `None` once the sign-in is proven.
    /// However the run ends, the next claim reads it. False when the claim was lost: do not send it then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_resend_at(
        &mut self,
        job: &Job,
        at: Option<UnixMillis>,
    ) -> Result<bool, StoreError> {
        let set = claimed(
            job,
            "UPDATE jobs SET resend_at = $4 \
             WHERE id = $1 AND claims = $2 AND company_id = $3 AND lease_until IS NOT NULL",
        );
        self.still_ours(set.bind(at.map(|at| at.0))).await
    }

    /// Takes a done job off the queue. False when the claim was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn complete_job(&mut self, job: &Job) -> Result<bool, StoreError> {
        let complete = claimed(
            job,
            "DELETE FROM jobs WHERE id = $1 AND claims = $2 AND company_id = $3 AND lease_until IS NOT NULL",
        );
        self.still_ours(complete).await
    }

    /// Gives a claimed job back, to run again at `at` with its attempts counted. False when the claim was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retry_job(&mut self, job: &Job, at: UnixMillis) -> Result<bool, StoreError> {
        let retry = claimed(
            job,
            "UPDATE jobs SET run_at = $4, lease_until = NULL, leased_by = NULL \
             WHERE id = $1 AND claims = $2 AND company_id = $3 AND lease_until IS NOT NULL",
        );
        self.still_ours(retry.bind(at.0)).await
    }

    /// Gives a claimed job back as if it had never been claimed, to run at `at`. False when the claim was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_back_job(&mut self, job: &Job, at: UnixMillis) -> Result<bool, StoreError> {
        let give_back = claimed(
            job,
            "UPDATE jobs SET run_at = $4, lease_until = NULL, leased_by = NULL, attempts = attempts - 1 \
             WHERE id = $1 AND claims = $2 AND company_id = $3 AND lease_until IS NOT NULL",
        );
        self.still_ours(give_back.bind(at.0)).await
    }

    async fn still_ours(&mut self, statement: Statement) -> Result<bool, StoreError> {
        let done = statement.execute(self.sql()).await?;
        Ok(done.rows_affected() == 1)
    }
}

type Statement = Query<'static, Any, AnyArguments>;

/// A statement on a claimed job, whose id, claim and company are `$1` to `$3`.
fn claimed(job: &Job, sql: &'static str) -> Statement {
    sqlx::query(sql)
        .bind(job.id.to_string())
        .bind(job.claims)
        .bind(job.company.to_string())
}

fn read(found: &AnyRow) -> Result<Job, StoreError> {
    let payload: Payload = row::json(found, "payload")?;
    let kind = match row::text(found, "kind")?.as_str() {
        "COLLECT" => JobKind::Collect,
        _ => return Err(StoreError::Corrupt { column: "kind" }),
    };
    Ok(Job {
        id: row::parsed(found, "id")?,
        kind,
        company: row::parsed(found, "company_id")?,
        connection: payload.connection,
        attempts: row::number(found, "attempts")?,
        lease_until: row::at(found, "lease_until")?,
        resend_at: row::maybe_at(found, "resend_at")?,
        claims: row::number(found, "claims")?,
    })
}
