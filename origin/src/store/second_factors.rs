//! The authenticators with which members sign in beside their password, their recovery codes, and sign-ins that wait for
//! a code.

use shared::{
    id::{MemberId, OrganizationId},
    time::UnixMillis,
};
use sqlx::AssertSqlSafe;

use super::{StoreError, Tx, member_sessions::TokenHash, members, members::Member, row};

/// The table whose rows the vault seals authenticators for.
pub const TABLE: &str = "members";

/// A member's authenticator as its row has it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// Its secret, sealed by the vault for the member's row.
    pub sealed: Vec<u8>,
    /// When a code of it was first taken; `None` while it is set up.
    pub confirmed_at: Option<UnixMillis>,
    /// The newest time step whose code was taken.
    pub last_step: Option<i64>,
}

impl Tx<'_> {
    /// The member's authenticator, which nobody else changes before this transaction has ended; in one that only reads it
    /// is not locked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn second_factor(
        &mut self,
        member: &Member,
        is_locked: bool,
    ) -> Result<Option<SecondFactor>, StoreError> {
        let lock = if is_locked { self.row_lock() } else { "" };
        let statement = format!(
            "SELECT totp_sealed, totp_confirmed_at, totp_last_step FROM members \
             WHERE id = $1 AND organization_id = $2 AND removed_at IS NULL{lock}"
        );
        let found = sqlx::query(AssertSqlSafe(statement))
            .bind(member.id.to_string())
            .bind(member.organization.to_string())
            .fetch_optional(self.sql())
            .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let Some(sealed) = row::maybe_blob(&found, "totp_sealed")? else {
            return Ok(None);
        };
        Ok(Some(SecondFactor {
            sealed,
            confirmed_at: row::maybe_at(&found, "totp_confirmed_at")?,
            last_step: row::maybe_number(&found, "totp_last_step")?,
        }))
    }

    /// Begins to set an authenticator up, in the place of one that was not confirmed. One that was stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_second_factor(
        &mut self,
        member: &Member,
        sealed: Vec<u8>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE members SET totp_sealed = $3, totp_last_step = NULL \
             WHERE id = $1 AND organization_id = $2 AND totp_confirmed_at IS NULL",
        )
        .bind(member.id.to_string())
        .bind(member.organization.to_string())
        .bind(sealed)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// From now on the member signs in with the authenticator that was set up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn confirm_second_factor(
        &mut self,
        member: &Member,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE members SET totp_confirmed_at = $3 \
             WHERE id = $1 AND organization_id = $2 AND totp_sealed IS NOT NULL",
        )
        .bind(member.id.to_string())
        .bind(member.organization.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Takes the code of a time step: false when that one or a later one was taken before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_totp_step(&mut self, member: &Member, step: i64) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE members SET totp_last_step = $3 WHERE id = $1 AND organization_id = $2 \
               AND (totp_last_step IS NULL OR totp_last_step < $3)",
        )
        .bind(member.id.to_string())
        .bind(member.organization.to_string())
        .bind(step)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes the member's authenticator and recovery codes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_second_factor(&mut self, member: &Member) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE members SET totp_sealed = NULL, totp_confirmed_at = NULL, totp_last_step = NULL \
             WHERE id = $1 AND organization_id = $2",
        )
        .bind(member.id.to_string())
        .bind(member.organization.to_string())
        .execute(self.sql())
        .await?;
        self.set_recovery_codes(member, &[]).await?;
        self.end_member_sign_ins(member.id).await
    }

    /// Puts these recovery codes in the place of those that the member had.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_recovery_codes(
        &mut self,
        member: &Member,
        hashes: &[TokenHash],
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM member_recovery_codes WHERE member_id = $1")
            .bind(member.id.to_string())
            .execute(self.sql())
            .await?;
        for hash in hashes {
            sqlx::query("INSERT INTO member_recovery_codes (hash, member_id) VALUES ($1, $2)")
                .bind(hash.to_vec())
                .bind(member.id.to_string())
                .execute(self.sql())
                .await?;
        }
        Ok(())
    }

    /// Uses a recovery code of the member up, if it is one: of two that try, one is told true.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_recovery_code(
        &mut self,
        member: &Member,
        hash: TokenHash,
    ) -> Result<bool, StoreError> {
        let done =
            sqlx::query("DELETE FROM member_recovery_codes WHERE hash = $1 AND member_id = $2")
                .bind(hash.to_vec())
                .bind(member.id.to_string())
                .execute(self.sql())
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// How many recovery codes the member has left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recovery_codes_left(&mut self, member: &Member) -> Result<i64, StoreError> {
        let found =
            sqlx::query("SELECT COUNT(*) AS total FROM member_recovery_codes WHERE member_id = $1")
                .bind(member.id.to_string())
                .fetch_one(self.sql())
                .await?;
        row::number(&found, "total")
    }

    /// Adds a sign-in whose password was right, and which waits for a code until `expires_at`.
    ///
    /// # Errors
    /// When the member does not exist or the database fails.
    pub async fn add_member_sign_in(
        &mut self,
        hash: TokenHash,
        member: MemberId,
        expires_at: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO member_sign_ins (hash, member_id, tries, expires_at) VALUES ($1, $2, 0, $3)",
        )
        .bind(hash.to_vec())
        .bind(member.to_string())
        .bind(expires_at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The member whose sign-in waits for a code, while fewer than `most` were tried.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member_sign_in(
        &mut self,
        hash: TokenHash,
        most: i64,
        now: UnixMillis,
    ) -> Result<Option<Member>, StoreError> {
        sqlx::query(
            "SELECT m.* FROM member_sign_ins s JOIN members m ON m.id = s.member_id \
             WHERE s.hash = $1 AND s.tries < $2 AND s.expires_at > $3 AND m.removed_at IS NULL",
        )
        .bind(hash.to_vec())
        .bind(most)
        .bind(now.0)
        .fetch_optional(self.sql())
        .await?
        .map(|found| members::read(&found))
        .transpose()
    }

    /// Counts a code that is tried: false when as many as `most` were, or the sign-in is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_code_try(
        &mut self,
        hash: TokenHash,
        most: i64,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE member_sign_ins SET tries = tries + 1 \
             WHERE hash = $1 AND tries < $2 AND expires_at > $3",
        )
        .bind(hash.to_vec())
        .bind(most)
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a sign-in that waits: of two that try, one is told true.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_member_sign_in(&mut self, hash: TokenHash) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM member_sign_ins WHERE hash = $1")
            .bind(hash.to_vec())
            .execute(self.sql())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends all sign-ins of a member that wait.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_member_sign_ins(&mut self, member: MemberId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM member_sign_ins WHERE member_id = $1")
            .bind(member.to_string())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Whether all members of the organization must sign in with an authenticator.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_second_factor_required(
        &mut self,
        organization: OrganizationId,
    ) -> Result<bool, StoreError> {
        let found =
            sqlx::query("SELECT second_factor_required_at FROM organizations WHERE id = $1")
                .bind(organization.to_string())
                .fetch_optional(self.sql())
                .await?;
        let required = found.map(|found| row::maybe_at(&found, "second_factor_required_at"));
        Ok(required.transpose()?.flatten().is_some())
    }

    /// Says since when all members must sign in with an authenticator; `None` leaves it to them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_second_factor_required(
        &mut self,
        organization: OrganizationId,
        since: Option<UnixMillis>,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE organizations SET second_factor_required_at = $2 WHERE id = $1")
            .bind(organization.to_string())
            .bind(since.map(|since| since.0))
            .execute(self.sql())
            .await?;
        Ok(())
    }
}
