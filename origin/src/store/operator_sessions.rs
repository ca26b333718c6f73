//! The sessions of the platform's operators, apart from those of members. The store sees their hashes alone.

use shared::{id::OperatorId, time::UnixMillis};

use super::{StoreError, Tx, member_sessions::TokenHash, operators, operators::Operator, row};

/// A session of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorSession {
    /// Who is signed in.
    pub operator: Operator,
    /// When it was last used; written now and then.
    pub last_used_at: UnixMillis,
}

impl Tx<'_> {
    /// Opens a session that ends at `expires_at` at the latest.
    ///
    /// # Errors
    /// When the operator does not exist or the database fails.
    pub async fn add_operator_session(
        &mut self,
        hash: TokenHash,
        operator: OperatorId,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO operator_sessions (hash, operator_id, created_at, last_used_at, expires_at) \
             VALUES ($1, $2, $3, $3, $4)",
        )
        .bind(hash.to_vec())
        .bind(operator.to_string())
        .bind(now.0)
        .bind(expires_at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The session with this hash, if it was used after `idle_since` and has not expired at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operator_session(
        &mut self,
        hash: TokenHash,
        now: UnixMillis,
        idle_since: UnixMillis,
    ) -> Result<Option<OperatorSession>, StoreError> {
        sqlx::query(
            "SELECT o.*, s.last_used_at FROM operator_sessions s JOIN operators o ON o.id = s.operator_id \
             WHERE s.hash = $1 AND s.expires_at > $2 AND s.last_used_at > $3 AND o.removed_at IS NULL",
        )
        .bind(hash.to_vec())
        .bind(now.0)
        .bind(idle_since.0)
        .fetch_optional(self.sql())
        .await?
        .map(|found| {
            Ok(OperatorSession {
                operator: operators::read(&found)?,
                last_used_at: row::at(&found, "last_used_at")?,
            })
        })
        .transpose()
    }

    /// Notes that a session was used at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_operator_session_used(
        &mut self,
        hash: TokenHash,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE operator_sessions SET last_used_at = $2 WHERE hash = $1")
            .bind(hash.to_vec())
            .bind(now.0)
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Ends the session with this hash, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_operator_session(&mut self, hash: TokenHash) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM operator_sessions WHERE hash = $1")
            .bind(hash.to_vec())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Ends all sessions of an operator.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_operator_sessions(&mut self, operator: OperatorId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM operator_sessions WHERE operator_id = $1")
            .bind(operator.to_string())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Removes operators' sessions and invitations that have expired at `now`, and tells how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_expired_operator_sessions(
        &mut self,
        now: UnixMillis,
    ) -> Result<u64, StoreError> {
        let sessions = sqlx::query("DELETE FROM operator_sessions WHERE expires_at <= $1")
            .bind(now.0)
            .execute(self.sql())
            .await?;
        let invitations = sqlx::query("DELETE FROM operator_invitations WHERE expires_at <= $1")
            .bind(now.0)
            .execute(self.sql())
            .await?;
        Ok(sessions.rows_affected() + invitations.rows_affected())
    }
}
