//! When a connection's password may be sent again. The policy is sign-in's; this is its row.

use shared::{
    id::{CompanyId, ConnectionId},
    time::UnixMillis,
};

use super::{StoreError, Tx, row};

impl Tx<'_> {
    /// The time before which the password of the company's connection must not be sent; `None` when its last sign-in
    /// was proven, or there was none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lockout(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Option<UnixMillis>, StoreError> {
        sqlx::query(
            "SELECT resend_at FROM sign_in_lockouts WHERE connection_id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| row::at(&found, "resend_at"))
        .transpose()
    }

    /// Writes down that the password of the company's connection must not be sent before `resend_at`.
    ///
    /// # Errors
    /// When the connection is not the company's or the database fails.
    pub async fn set_lockout(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        resend_at: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sign_in_lockouts (connection_id, company_id, resend_at) VALUES ($1, $2, $3) \
             ON CONFLICT (connection_id) DO UPDATE SET resend_at = excluded.resend_at \
             WHERE sign_in_lockouts.company_id = excluded.company_id",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(resend_at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Removes the lockout of the company's connection, because its sign-in was proven.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clear_lockout(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sign_in_lockouts WHERE connection_id = $1 AND company_id = $2")
            .bind(connection.to_string())
            .bind(company.to_string())
            .execute(self.sql())
            .await?;
        Ok(())
    }
}
