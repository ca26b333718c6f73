//! What collection signs in with: sealed credentials and the recipe.

use shared::{
    id::{CompanyId, ConnectionId, FlowRef},
    time::UnixMillis,
};

use super::{
    StoreError, Tx,
    connections::{self, Connection},
    row,
};

/// The vault's name for the row of a connection's credentials.
pub const TABLE: &str = "credentials";

/// The credentials of a connection as they are stored: sealed, with the recipe.
#[derive(Clone)]
pub struct SealedCredentials {
    /// The sealed credentials. The vault opens them for [`TABLE`], this connection and this company.
    pub sealed: Vec<u8>,
    /// The recipe as JSON.
    pub recipe: String,
}

impl Tx<'_> {
    /// The credentials of the company's connection.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Option<SealedCredentials>, StoreError> {
        sqlx::query(
            "SELECT sealed, recipe FROM credentials WHERE connection_id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| {
            Ok(SealedCredentials {
                sealed: row::blob(&found, "sealed")?,
                recipe: row::text(&found, "recipe")?,
            })
        })
        .transpose()
    }

    /// The newest connections of the company at this website that are not switched off, at most `limit`, with their
    /// sealed credentials.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials_at(
        &mut self,
        company: CompanyId,
        provider_name: &str,
        limit: i64,
    ) -> Result<Vec<(Connection, Vec<u8>)>, StoreError> {
        sqlx::query(
            "SELECT n.*, k.sealed FROM connections n \
             JOIN credentials k ON k.connection_id = n.id AND k.company_id = n.company_id \
             WHERE n.company_id = $1 AND n.provider_name = $2 AND n.inactive_at IS NULL \
             ORDER BY n.created_at DESC, n.id LIMIT $3",
        )
        .bind(company.to_string())
        .bind(provider_name.to_owned())
        .bind(limit)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| Ok((connections::read(found)?, row::blob(found, "sealed")?)))
        .collect()
    }

    /// Replaces the recipe of the company's connection: the site moved and the new way was proven with these sealed
    /// credentials. False when the connection has other ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_recipe(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        sealed: &[u8],
        recipe: &str,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE credentials SET recipe = $3, updated_at = $4 \
             WHERE connection_id = $1 AND company_id = $2 AND sealed = $5",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(recipe.to_owned())
        .bind(now.0)
        .bind(sealed.to_vec())
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The flow whose client renewed the credentials of the company's connection last, if any did.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn renewed_by(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Option<FlowRef>, StoreError> {
        let found = sqlx::query(
            "SELECT flow_ref FROM credentials WHERE connection_id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?;
        match found {
            Some(found) => row::maybe_parsed(&found, "flow_ref"),
            None => Ok(None),
        }
    }

    /// Replaces the credentials of the company's connection. Nothing changes when there is no such connection.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn set_credentials(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        credentials: &SealedCredentials,
        flow_ref: FlowRef,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE credentials SET sealed = $3, recipe = $4, updated_at = $5, flow_ref = $6 \
             WHERE connection_id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(credentials.sealed.clone())
        .bind(credentials.recipe.clone())
        .bind(now.0)
        .bind(flow_ref.to_string())
        .execute(self.sql())
        .await?;
        Ok(())
    }
}
