//! The rows of organizations, which make the links.

use shared::{id::OrganizationId, time::UnixMillis};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{StoreError, Tx, row};

/// An organization: it makes links for the companies that are its clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// The id of the organization.
    pub id: OrganizationId,
    /// The name of the organization.
    pub name: String,
    /// When it was added.
    pub created_at: UnixMillis,
}

impl Tx<'_> {
    /// Writes the row of a new organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_organization(
        &mut self,
        organization: &Organization,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO organizations (id, name, created_at) VALUES ($1, $2, $3)")
            .bind(organization.id.to_string())
            .bind(organization.name.clone())
            .bind(organization.created_at.0)
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Nobody else locks the organization before this transaction has ended: what is counted of it stays so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_organization(&mut self, id: OrganizationId) -> Result<(), StoreError> {
        let lock = self.row_lock();
        let statement = format!("SELECT id FROM organizations WHERE id = $1{lock}");
        sqlx::query(AssertSqlSafe(statement))
            .bind(id.to_string())
            .fetch_optional(self.sql())
            .await?;
        Ok(())
    }

    /// The organization, if it exists.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organization(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        sqlx::query("SELECT id, name, created_at FROM organizations WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// All organizations, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn organizations(&mut self) -> Result<Vec<Organization>, StoreError> {
        sqlx::query("SELECT id, name, created_at FROM organizations ORDER BY created_at, id")
            .fetch_all(self.sql())
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// The origins to which links of the organization may lead clients afterwards.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn redirect_origins(
        &mut self,
        id: OrganizationId,
    ) -> Result<Vec<String>, StoreError> {
        let found = sqlx::query("SELECT redirect_origins FROM organizations WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(self.sql())
            .await?;
        let listed = found.map(|found| row::json(&found, "redirect_origins"));
        Ok(listed.transpose()?.unwrap_or_default())
    }

    /// Puts these origins in the place of those that the organization had listed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_redirect_origins(
        &mut self,
        id: OrganizationId,
        origins: &[String],
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE organizations SET redirect_origins = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(row::to_json(&origins, "redirect_origins")?)
            .execute(self.sql())
            .await?;
        Ok(())
    }
}

fn read(found: &AnyRow) -> Result<Organization, StoreError> {
    Ok(Organization {
        id: row::parsed(found, "id")?,
        name: row::text(found, "name")?,
        created_at: row::at(found, "created_at")?,
    })
}
