//! Saved browser sessions: what a collection comes in by without the password.

use shared::{
    id::{CompanyId, ConnectionId},
    time::UnixMillis,
};

use super::{StoreError, Tx, row};

/// The vault's name for the row of a connection's browser session.
pub const TABLE: &str = "browser_sessions";

/// The browser session of a connection as it is stored.
#[derive(Debug, Clone)]
pub struct SealedSession {
    /// The sealed session. The vault opens it for [`TABLE`], this connection and this company.
    pub sealed: Vec<u8>,
    /// When the session was read from its browser.
    pub saved_at: UnixMillis,
}

impl Tx<'_> {
    /// The saved browser session of the company's connection, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn browser_session(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Option<SealedSession>, StoreError> {
        sqlx::query(
            "SELECT sealed, saved_at FROM browser_sessions WHERE connection_id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| {
            Ok(SealedSession {
                sealed: row::blob(&found, "sealed")?,
                saved_at: row::at(&found, "saved_at")?,
            })
        })
        .transpose()
    }

    /// Saves the browser session of the company's connection in the place of the one before. False, and nothing
    /// changes, when the connection has other credentials than these by now: the session is not theirs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_browser_session(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        credentials: &[u8],
        session: &SealedSession,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO browser_sessions (connection_id, company_id, sealed, saved_at) \
             SELECT connection_id, company_id, $3, $4 FROM credentials \
             WHERE connection_id = $1 AND company_id = $2 AND sealed = $5 \
             ON CONFLICT (connection_id) DO UPDATE SET sealed = excluded.sealed, saved_at = excluded.saved_at",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(session.sealed.clone())
        .bind(session.saved_at.0)
        .bind(credentials.to_vec())
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes the saved browser session of the company's connection, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_browser_session(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM browser_sessions WHERE connection_id = $1 AND company_id = $2")
            .bind(connection.to_string())
            .bind(company.to_string())
            .execute(self.sql())
            .await?;
        Ok(())
    }
}
