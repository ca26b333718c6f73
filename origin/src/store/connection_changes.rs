//! What an organization changes of a connection. Lock the connection first ([`Tx::lock_connection`]): what is written
//! here goes by what was read.

use shared::{
    id::{CompanyId, ConnectionId, SiteId},
    status::UtilityType,
    time::UnixMillis,
};

use super::{StoreError, Tx, connections::Connection, row};

/// What an organization may change of a connection, beside its sites and whether it is collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// The id that the organization uses for it in its own systems.
    pub external_id: Option<String>,
    /// What the wanted bills are for; empty means all.
    pub utility_types: Vec<UtilityType>,
    /// Whom to ask when the client must act.
    pub owner_email: Option<String>,
    /// `YYYY-MM-DD`: bills before it are not wanted.
    pub data_collection_start_date: Option<String>,
}

impl ConnectionSettings {
    /// Those that the connection has.
    #[must_use]
    pub fn of(connection: &Connection) -> Self {
        Self {
            external_id: connection.external_id.clone(),
            utility_types: connection.utility_types.clone(),
            owner_email: connection.owner_email.clone(),
            data_collection_start_date: connection.data_collection_start_date.clone(),
        }
    }
}

impl Tx<'_> {
    /// Writes the settings of the company's connection.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_connection_settings(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        settings: &ConnectionSettings,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE connections SET external_id = $3, utility_types = $4, owner_email = $5, \
               data_collection_start_date = $6, updated_at = $7, \
               types_changed_at = CASE WHEN utility_types = $4 THEN types_changed_at ELSE $7 END \
             WHERE id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(settings.external_id.clone())
        .bind(row::to_json(&settings.utility_types, "utility_types")?)
        .bind(settings.owner_email.clone())
        .bind(settings.data_collection_start_date.clone())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Puts these sites in the place of those that the company's connection had.
    ///
    /// # Errors
    /// When a site is not the company's or the database fails.
    pub async fn change_connection_sites(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        sites: &[SiteId],
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM connection_sites WHERE connection_id = $1 AND company_id = $2")
            .bind(connection.to_string())
            .bind(company.to_string())
            .execute(self.sql())
            .await?;
        for site in sites {
            sqlx::query(
                "INSERT INTO connection_sites (company_id, connection_id, site_id) VALUES ($1, $2, $3)",
            )
            .bind(company.to_string())
            .bind(connection.to_string())
            .bind(site.to_string())
            .execute(self.sql())
            .await?;
        }
        sqlx::query(
            "UPDATE connections SET sites_changed_at = $3, updated_at = $3 WHERE id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Switches the company's connection off: it is not collected from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn switch_connection_off(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE connections SET inactive_at = $3, next_collection_at = NULL, updated_at = $3 \
             WHERE id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Switches the company's connection on again. It has no next collection yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn switch_connection_on(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE connections SET inactive_at = NULL, updated_at = $3 WHERE id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Writes when the company's connection is collected next.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_next_collection(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        at: UnixMillis,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE connections SET next_collection_at = $3, updated_at = $4 WHERE id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(at.0)
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }
}
