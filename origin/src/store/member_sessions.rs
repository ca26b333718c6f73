//! How members are let in: sessions of the console, and tokens that open one without a password. The store sees their hashes
//! alone.

use shared::{
    id::{MemberId, OrganizationId},
    time::UnixMillis,
};

use super::{StoreError, Tx, members, members::Member, row};

/// The SHA-256 of a session's or sign-in token's random bytes.
pub type TokenHash = [u8; 32];

/// A member's session at the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberSession {
    /// Who is signed in.
    pub member: Member,
    /// When it was last used; written now and then.
    pub last_used_at: UnixMillis,
    /// Whether the member came in by single sign-on.
    pub by_provider: bool,
}

impl Tx<'_> {
    /// Opens a session that ends at `expires_at` at the latest. `by_provider` says whether the member came in by single
    /// sign-on.
    ///
    /// # Errors
    /// When the member does not exist or the database fails.
    pub async fn add_member_session(
        &mut self,
        hash: TokenHash,
        (member, by_provider): (MemberId, bool),
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO member_sessions (hash, member_id, created_at, last_used_at, expires_at, by_provider) \
             VALUES ($1, $2, $3, $3, $4, $5)",
        )
        .bind(hash.to_vec())
        .bind(member.to_string())
        .bind(now.0)
        .bind(expires_at.0)
        .bind(i64::from(by_provider))
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The session with this hash, if it was used after `idle_since` and has not expired at `now`. One that was opened by a
    /// password is none where the member must use single sign-on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member_session(
        &mut self,
        hash: TokenHash,
        now: UnixMillis,
        idle_since: UnixMillis,
    ) -> Result<Option<MemberSession>, StoreError> {
        sqlx::query(
            "SELECT m.*, s.last_used_at, s.by_provider FROM member_sessions s JOIN members m ON m.id = s.member_id \
             WHERE s.hash = $1 AND s.expires_at > $2 AND s.last_used_at > $3 AND m.removed_at IS NULL \
               AND (s.by_provider = 1 OR m.role = 'OWNER' OR NOT EXISTS (SELECT 1 FROM single_sign_on o \
                 WHERE o.organization_id = m.organization_id AND o.required_at IS NOT NULL))",
        )
        .bind(hash.to_vec())
        .bind(now.0)
        .bind(idle_since.0)
        .fetch_optional(self.sql())
        .await?
        .map(|found| {
            Ok(MemberSession {
                member: members::read(&found)?,
                last_used_at: row::at(&found, "last_used_at")?,
                by_provider: row::flag(&found, "by_provider")?,
            })
        })
        .transpose()
    }

    /// Notes that a session was used at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_member_session_used(
        &mut self,
        hash: TokenHash,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE member_sessions SET last_used_at = $2 WHERE hash = $1")
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
    pub async fn end_member_session(&mut self, hash: TokenHash) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM member_sessions WHERE hash = $1")
            .bind(hash.to_vec())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Ends all sessions of a member, and what is to become one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_member_sessions(&mut self, member: MemberId) -> Result<(), StoreError> {
        self.end_member_sign_ins(member).await?;
        sqlx::query("DELETE FROM member_sessions WHERE member_id = $1")
            .bind(member.to_string())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Ends all sessions of a member but one, and what is to become another.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_other_member_sessions(
        &mut self,
        member: MemberId,
        kept: TokenHash,
    ) -> Result<(), StoreError> {
        self.end_member_sign_ins(member).await?;
        sqlx::query("DELETE FROM member_sessions WHERE member_id = $1 AND hash <> $2")
            .bind(member.to_string())
            .bind(kept.to_vec())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Ends the sessions that a password opened for the organization's members who are no owners, and what is to become one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_password_sessions(
        &mut self,
        organization: OrganizationId,
    ) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM member_sign_ins WHERE member_id IN \
               (SELECT id FROM members WHERE organization_id = $1 AND role <> 'OWNER')",
            "DELETE FROM member_sessions WHERE by_provider = 0 AND member_id IN \
               (SELECT id FROM members WHERE organization_id = $1 AND role <> 'OWNER')",
        ] {
            sqlx::query(statement)
                .bind(organization.to_string())
                .execute(self.sql())
                .await?;
        }
        Ok(())
    }

    /// Adds a token that lets a member in once, until `expires_at`.
    ///
    /// # Errors
    /// When the member does not exist or the database fails.
    pub async fn add_sign_in_token(
        &mut self,
        hash: TokenHash,
        member: MemberId,
        expires_at: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO member_sign_in_tokens (hash, member_id, expires_at) VALUES ($1, $2, $3)",
        )
        .bind(hash.to_vec())
        .bind(member.to_string())
        .bind(expires_at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The member whom a token lets in, if it was not used and has not expired at `now`. Reading uses nothing up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_in_token(
        &mut self,
        hash: TokenHash,
        now: UnixMillis,
    ) -> Result<Option<Member>, StoreError> {
        sqlx::query(
            "SELECT m.* FROM member_sign_in_tokens t JOIN members m ON m.id = t.member_id \
             WHERE t.hash = $1 AND t.expires_at > $2 AND m.removed_at IS NULL",
        )
        .bind(hash.to_vec())
        .bind(now.0)
        .fetch_optional(self.sql())
        .await?
        .map(|found| members::read(&found))
        .transpose()
    }

    /// Uses a token up, if it is still there: of two that try, one is told true.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_sign_in_token(&mut self, hash: TokenHash) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM member_sign_in_tokens WHERE hash = $1")
            .bind(hash.to_vec())
            .execute(self.sql())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes all tokens of a member that were not used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_sign_in_tokens(&mut self, member: MemberId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM member_sign_in_tokens WHERE member_id = $1")
            .bind(member.to_string())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Removes sessions, tokens and sign-ins that wait for a code or a provider, where they have expired at `now`, and tells how
    /// many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_expired_sessions(&mut self, now: UnixMillis) -> Result<u64, StoreError> {
        let sessions = sqlx::query("DELETE FROM member_sessions WHERE expires_at <= $1")
            .bind(now.0)
            .execute(self.sql())
            .await?;
        let tokens = sqlx::query("DELETE FROM member_sign_in_tokens WHERE expires_at <= $1")
            .bind(now.0)
            .execute(self.sql())
            .await?;
        let waiting = sqlx::query("DELETE FROM member_sign_ins WHERE expires_at <= $1")
            .bind(now.0)
            .execute(self.sql())
            .await?;
        let attempts = sqlx::query("DELETE FROM single_sign_on_attempts WHERE expires_at <= $1")
            .bind(now.0)
            .execute(self.sql())
            .await?;
        let done = [sessions, tokens, waiting, attempts];
        Ok(done.iter().map(|done| done.rows_affected()).sum())
    }
}
