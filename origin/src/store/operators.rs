//! The people who run the platform. They belong to no organization.

use shared::{id::OperatorId, time::UnixMillis};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{StoreError, Tx, member_sessions::TokenHash, row};

/// The vault's name for the row of an operator's authenticator.
pub const TABLE: &str = "operators";

/// Somebody who runs the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The id of the operator.
    pub id: OperatorId,
    /// The mail address that the operator signs in with, in small letters.
    pub email: String,
    /// The name of the person.
    pub name: String,
    /// Whether the operator has accepted an invitation, and so has a password and an authenticator.
    pub can_sign_in: bool,
    /// When the operator was added.
    pub created_at: UnixMillis,
    /// When the operator last signed in.
    pub last_signed_in_at: Option<UnixMillis>,
}

/// What an operator signs in with.
#[derive(Clone, PartialEq, Eq)]
pub struct OperatorSecrets {
    /// The hash of the password, a PHC string.
    pub password_hash: String,
    /// The sealed authenticator. The vault opens it for [`TABLE`] and this operator.
    pub totp_sealed: Vec<u8>,
    /// The newest time step whose code was taken.
    pub totp_last_step: Option<i64>,
}

impl Tx<'_> {
    /// Adds an operator who cannot sign in yet. False, and nothing is written, when another one has the address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_operator(&mut self, operator: &Operator) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO operators (id, email, name, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(operator.id.to_string())
        .bind(operator.email.clone())
        .bind(operator.name.clone())
        .bind(operator.created_at.0)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// All operators, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operators(&mut self) -> Result<Vec<Operator>, StoreError> {
        sqlx::query("SELECT * FROM operators WHERE removed_at IS NULL ORDER BY created_at, id")
            .fetch_all(self.sql())
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// The operator with this address, written in small letters.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operator_by_email(&mut self, email: &str) -> Result<Option<Operator>, StoreError> {
        sqlx::query("SELECT * FROM operators WHERE email = $1 AND removed_at IS NULL")
            .bind(email.to_owned())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// What the operator signs in with, if they can; nobody else changes it before this transaction has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_operator_secrets(
        &mut self,
        id: OperatorId,
    ) -> Result<Option<OperatorSecrets>, StoreError> {
        let lock = self.row_lock();
        self.secrets_row(id, lock).await
    }

    /// What the operator signs in with, if they can.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operator_secrets(
        &mut self,
        id: OperatorId,
    ) -> Result<Option<OperatorSecrets>, StoreError> {
        self.secrets_row(id, "").await
    }

    async fn secrets_row(
        &mut self,
        id: OperatorId,
        lock: &str,
    ) -> Result<Option<OperatorSecrets>, StoreError> {
        let statement = format!(
            "SELECT password_hash, totp_sealed, totp_last_step FROM operators \
             WHERE id = $1 AND removed_at IS NULL AND password_hash IS NOT NULL AND totp_sealed IS NOT NULL{lock}"
        );
        sqlx::query(AssertSqlSafe(statement))
            .bind(id.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| {
                Ok(OperatorSecrets {
                    password_hash: row::text(&found, "password_hash")?,
                    totp_sealed: row::blob(&found, "totp_sealed")?,
                    totp_last_step: row::maybe_number(&found, "totp_last_step")?,
                })
            })
            .transpose()
    }

    /// Takes the code of a time step: false when that one or a later one was taken before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_operator_totp_step(
        &mut self,
        id: OperatorId,
        step: i64,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE operators SET totp_last_step = $2 \
             WHERE id = $1 AND (totp_last_step IS NULL OR totp_last_step < $2)",
        )
        .bind(id.to_string())
        .bind(step)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that an operator signed in at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_operator_signed_in(
        &mut self,
        id: OperatorId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE operators SET last_signed_in_at = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(now.0)
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Removes an operator with all sessions and ways in; the address is free again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_operator(
        &mut self,
        id: OperatorId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        self.end_operator_sessions(id).await?;
        self.remove_operator_invitation(id).await?;
        sqlx::query(
            "UPDATE operators SET removed_at = $2, password_hash = NULL, totp_sealed = NULL, totp_last_step = NULL \
             WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Gives an operator a way in until `expires_at`, with the sealed authenticator that is set up then. The one before ends.
    ///
    /// # Errors
    /// When the operator does not exist or the database fails.
    pub async fn set_operator_invitation(
        &mut self,
        id: OperatorId,
        hash: TokenHash,
        totp_sealed: Vec<u8>,
        expires_at: UnixMillis,
    ) -> Result<(), StoreError> {
        self.remove_operator_invitation(id).await?;
        sqlx::query(
            "INSERT INTO operator_invitations (operator_id, hash, totp_sealed, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(id.to_string())
        .bind(hash.to_vec())
        .bind(totp_sealed)
        .bind(expires_at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Whom an invitation is for, with the sealed authenticator, if it was not used and has not expired at `now`. Reading uses
    /// nothing up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operator_invitation(
        &mut self,
        hash: TokenHash,
        now: UnixMillis,
    ) -> Result<Option<(Operator, Vec<u8>)>, StoreError> {
        sqlx::query(
            "SELECT o.*, i.totp_sealed AS invited_with FROM operator_invitations i \
             JOIN operators o ON o.id = i.operator_id \
             WHERE i.hash = $1 AND i.expires_at > $2 AND o.removed_at IS NULL",
        )
        .bind(hash.to_vec())
        .bind(now.0)
        .fetch_optional(self.sql())
        .await?
        .map(|found| Ok((read(&found)?, row::blob(&found, "invited_with")?)))
        .transpose()
    }

    /// Uses an invitation up, and gives its operator this password, and the authenticator whose first code was that of
    /// `step`. What they signed in with before ends, with all sessions. Of two that try, one is told true.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accept_operator_invitation(
        &mut self,
        id: OperatorId,
        hash: TokenHash,
        (password_hash, totp_sealed, step): (&str, &[u8], i64),
    ) -> Result<bool, StoreError> {
        let used =
            sqlx::query("DELETE FROM operator_invitations WHERE hash = $1 AND operator_id = $2")
                .bind(hash.to_vec())
                .bind(id.to_string())
                .execute(self.sql())
                .await?;
        if used.rows_affected() != 1 {
            return Ok(false);
        }
        self.end_operator_sessions(id).await?;
        sqlx::query(
            "UPDATE operators SET password_hash = $2, totp_sealed = $3, totp_last_step = $4 WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(password_hash.to_owned())
        .bind(totp_sealed.to_vec())
        .bind(step)
        .execute(self.sql())
        .await?;
        Ok(true)
    }

    async fn remove_operator_invitation(&mut self, id: OperatorId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM operator_invitations WHERE operator_id = $1")
            .bind(id.to_string())
            .execute(self.sql())
            .await?;
        Ok(())
    }
}

pub(super) fn read(found: &AnyRow) -> Result<Operator, StoreError> {
    Ok(Operator {
        id: row::parsed(found, "id")?,
        email: row::text(found, "email")?,
        name: row::text(found, "name")?,
        can_sign_in: row::maybe_text(found, "password_hash")?.is_some(),
        created_at: row::at(found, "created_at")?,
        last_signed_in_at: row::maybe_at(found, "last_signed_in_at")?,
    })
}
