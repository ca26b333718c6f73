//! Brands: one for each organization.

use shared::{
    brand::Brand,
    id::{OrganizationId, PublicCompanyId},
    time::UnixMillis,
};

use super::{StoreError, Tx, row};

impl Tx<'_> {
    /// Sets the organization's brand.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn set_brand(
        &mut self,
        organization: OrganizationId,
        brand: &Brand,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO brands (organization_id, brand, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (organization_id) DO UPDATE SET brand = excluded.brand, updated_at = excluded.updated_at",
        )
        .bind(organization.to_string())
        .bind(row::to_json(brand, "brand")?)
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The organization's brand, if it has one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn brand(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Option<Brand>, StoreError> {
        sqlx::query("SELECT brand FROM brands WHERE organization_id = $1")
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| row::json(&found, "brand"))
            .transpose()
    }

    /// The brand that the pages of the company's links show: its organization's, or the organization's name in the neutral
    /// look. The edge asks for it. `None` when there is no such company, or the name cannot be shown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn brand_of_company(
        &mut self,
        company: PublicCompanyId,
    ) -> Result<Option<Brand>, StoreError> {
        let found = sqlx::query(
            "SELECT o.name, b.brand FROM companies c JOIN organizations o ON o.id = c.organization_id \
             LEFT JOIN brands b ON b.organization_id = o.id WHERE c.public_id = $1",
        )
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        match row::maybe_text(&found, "brand")? {
            Some(_) => row::json(&found, "brand").map(Some),
            None => Ok(Brand::plain(&row::text(&found, "name")?)),
        }
    }

    /// The public ids of the organization's companies: their pages show its brand.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn branded_companies(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<PublicCompanyId>, StoreError> {
        sqlx::query("SELECT public_id FROM companies WHERE organization_id = $1 ORDER BY id")
            .bind(organization.to_string())
            .fetch_all(self.sql())
            .await?
            .iter()
            .map(|found| row::parsed(found, "public_id"))
            .collect()
    }
}
