//! The newest failure of each connection's sign-in, for the operator.

use shared::{
    id::{CompanyId, ConnectionId},
    time::UnixMillis,
};

use super::{StoreError, Tx, row};

/// The vault's name for the row of a connection's failure.
pub const TABLE: &str = "sign_in_failures";

/// The newest failure of a connection's sign-in, as it is stored.
#[derive(Clone)]
pub struct SealedFailure {
    /// The sealed failure. The vault opens it for [`TABLE`], this connection and this company.
    pub sealed: Vec<u8>,
    /// When the sign-in ended.
    pub failed_at: UnixMillis,
}

impl Tx<'_> {
    /// The newest failure of the sign-in of the company's connection, if there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_in_failure(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Option<SealedFailure>, StoreError> {
        sqlx::query(
            "SELECT sealed, failed_at FROM sign_in_failures WHERE connection_id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| {
            Ok(SealedFailure {
                sealed: row::blob(&found, "sealed")?,
                failed_at: row::at(&found, "failed_at")?,
            })
        })
        .transpose()
    }

    /// Keeps a failure of the sign-in of the company's connection in the place of the one before. False when the company
    /// has no such connection.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_sign_in_failure(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        failure: &SealedFailure,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO sign_in_failures (connection_id, company_id, sealed, failed_at) \
             SELECT id, company_id, $3, $4 FROM connections WHERE id = $1 AND company_id = $2 AND deleted_at IS NULL \
             ON CONFLICT (connection_id) DO UPDATE SET sealed = excluded.sealed, failed_at = excluded.failed_at",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(failure.sealed.clone())
        .bind(failure.failed_at.0)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
