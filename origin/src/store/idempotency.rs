//! Calls with an Idempotency-Key, and what they were answered.

use shared::{id::OrganizationId, time::UnixMillis};

use super::{StoreError, Tx, row};

/// The name of the table: sealed answers are bound to it.
pub const TABLE: &str = "idempotency_keys";
/// A key is remembered for so long, in milliseconds: a day.
pub const IDEMPOTENCY_MS: i64 = 24 * 3_600_000;

/// A call that was made with a key before, as it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredCall {
    /// SHA-256 of what was called.
    pub request_hash: [u8; 32],
    /// The HTTP status of the answer.
    pub status: i64,
    /// The body of the answer, sealed.
    pub body_sealed: Vec<u8>,
}

impl Tx<'_> {
    /// Takes a key for a call. `None` when it is new: the caller does its work and calls [`Self::keep_answer`] in the same
    /// transaction. Another call with this key waits for the end of that transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_idempotency_key(
        &mut self,
        organization: OrganizationId,
        key_hash: [u8; 32],
        request_hash: [u8; 32],
        now: UnixMillis,
    ) -> Result<Option<AnsweredCall>, StoreError> {
        sqlx::query(
            "DELETE FROM idempotency_keys \
             WHERE organization_id = $1 AND key_hash = $2 AND created_at <= $3",
        )
        .bind(organization.to_string())
        .bind(key_hash.to_vec())
        .bind(now.plus(-IDEMPOTENCY_MS).0)
        .execute(self.sql())
        .await?;
        let taken = sqlx::query(
            "INSERT INTO idempotency_keys (organization_id, key_hash, request_hash, created_at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(organization.to_string())
        .bind(key_hash.to_vec())
        .bind(request_hash.to_vec())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        if taken.rows_affected() == 1 {
            return Ok(None);
        }
        let known = sqlx::query(
            "SELECT request_hash, status, body_sealed FROM idempotency_keys \
             WHERE organization_id = $1 AND key_hash = $2",
        )
        .bind(organization.to_string())
        .bind(key_hash.to_vec())
        .fetch_one(self.sql())
        .await?;
        let request_hash = row::blob(&known, "request_hash")?;
        Ok(Some(AnsweredCall {
            request_hash: request_hash.try_into().map_err(|_| StoreError::Corrupt {
                column: "request_hash",
            })?,
            status: row::number(&known, "status")?,
            body_sealed: row::blob(&known, "body_sealed")?,
        }))
    }

    /// Keeps what the call that took a key is answered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_answer(
        &mut self,
        organization: OrganizationId,
        key_hash: [u8; 32],
        status: u16,
        body_sealed: Vec<u8>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE idempotency_keys SET status = $3, body_sealed = $4 \
             WHERE organization_id = $1 AND key_hash = $2",
        )
        .bind(organization.to_string())
        .bind(key_hash.to_vec())
        .bind(i64::from(status))
        .bind(body_sealed)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Forgets keys that were taken before this moment. How many these were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_idempotency_keys_before(
        &mut self,
        before: UnixMillis,
    ) -> Result<u64, StoreError> {
        let removed = sqlx::query("DELETE FROM idempotency_keys WHERE created_at <= $1")
            .bind(before.0)
            .execute(self.sql())
            .await?;
        Ok(removed.rows_affected())
    }
}
