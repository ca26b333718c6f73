//! Sites: the places of a company.

use shared::{
    id::{CompanyId, ConnectionId, OrganizationId, SiteId},
    time::UnixMillis,
};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{Page, PageOf, StoreError, Tx, row};

/// A place that uses energy or water.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The id of the site.
    pub id: SiteId,
    /// The company that the site belongs to.
    pub company: CompanyId,
    /// The name of the site.
    pub name: String,
    /// The postal address, if it is known.
    pub address: Option<String>,
    /// When it was added.
    pub created_at: UnixMillis,
}

impl Tx<'_> {
    /// Writes the row of a new site.
    ///
    /// # Errors
    /// When the company does not exist or the database fails.
    pub async fn add_site(&mut self, site: &Site) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sites (id, company_id, name, address, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(site.id.to_string())
        .bind(site.company.to_string())
        .bind(site.name.clone())
        .bind(site.address.clone())
        .bind(site.created_at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Writes name and address of the company's site, which was read in the same transaction as `before`.
    ///
    /// # Errors
    /// [`StoreError::Contended`] when somebody has changed it since; otherwise when the database fails.
    pub async fn change_site(&mut self, before: &Site, site: &Site) -> Result<(), StoreError> {
        let changed = sqlx::query(
            "UPDATE sites SET name = $3, address = $4 \
             WHERE id = $1 AND company_id = $2 AND name = $5 AND COALESCE(address, '') = $6",
        )
        .bind(site.id.to_string())
        .bind(site.company.to_string())
        .bind(site.name.clone())
        .bind(site.address.clone())
        .bind(before.name.clone())
        .bind(before.address.clone().unwrap_or_default())
        .execute(self.sql())
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Contended);
        }
        Ok(())
    }

    /// The site with this id, if it belongs to a company of the organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn site(
        &mut self,
        organization: OrganizationId,
        id: SiteId,
    ) -> Result<Option<Site>, StoreError> {
        sqlx::query(
            "SELECT s.* FROM sites s JOIN companies c ON c.id = s.company_id \
             WHERE s.id = $1 AND c.organization_id = $2",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| read(&found))
        .transpose()
    }

    /// The connections of the company that are for this site, among others or alone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connections_of_site(
        &mut self,
        site: &Site,
    ) -> Result<Vec<ConnectionId>, StoreError> {
        sqlx::query(
            "SELECT connection_id FROM connection_sites WHERE site_id = $1 AND company_id = $2 ORDER BY connection_id",
        )
        .bind(site.id.to_string())
        .bind(site.company.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| row::parsed(found, "connection_id"))
        .collect()
    }

    /// Removes the company's site: connections and accounts are no longer at it, and no link ticks it any more. False when
    /// it is gone already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_site(&mut self, site: &Site) -> Result<bool, StoreError> {
        let lock = self.removal_lock();
        let statement = format!("SELECT id FROM sites WHERE id = $1 AND company_id = $2{lock}");
        let found = sqlx::query(AssertSqlSafe(statement))
            .bind(site.id.to_string())
            .bind(site.company.to_string())
            .fetch_optional(self.sql())
            .await?;
        if found.is_none() {
            return Ok(false);
        }
        for statement in [
            "UPDATE accounts SET site_id = NULL WHERE site_id = $1 AND company_id = $2",
            "DELETE FROM connection_sites WHERE site_id = $1 AND company_id = $2",
            // A JSON array of ids: the entry goes with the comma beside it.
            "UPDATE links SET initial_sites = REPLACE(REPLACE(REPLACE(initial_sites, \
               '\"' || $1 || '\",', ''), ',\"' || $1 || '\"', ''), '\"' || $1 || '\"', '') \
             WHERE company_id = $2 AND initial_sites LIKE '%\"' || $1 || '\"%'",
            "DELETE FROM sites WHERE id = $1 AND company_id = $2",
        ] {
            sqlx::query(statement)
                .bind(site.id.to_string())
                .bind(site.company.to_string())
                .execute(self.sql())
                .await?;
        }
        Ok(true)
    }

    /// All sites of the company, oldest first. For a flow, whose company is proven by its token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sites_of(&mut self, company: CompanyId) -> Result<Vec<Site>, StoreError> {
        sqlx::query("SELECT * FROM sites WHERE company_id = $1 ORDER BY created_at, id")
            .bind(company.to_string())
            .fetch_all(self.sql())
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// A page of the sites of the organization's company, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sites(
        &mut self,
        organization: OrganizationId,
        company: CompanyId,
        page: Page,
    ) -> Result<PageOf<Site>, StoreError> {
        let count = sqlx::query(
            "SELECT COUNT(*) AS total FROM sites s JOIN companies c ON c.id = s.company_id \
             WHERE s.company_id = $1 AND c.organization_id = $2",
        )
        .bind(company.to_string())
        .bind(organization.to_string())
        .fetch_one(self.sql())
        .await?;
        let rows = sqlx::query(
            "SELECT s.* FROM sites s JOIN companies c ON c.id = s.company_id \
             WHERE s.company_id = $1 AND c.organization_id = $2 \
             ORDER BY s.created_at, s.id LIMIT $3 OFFSET $4",
        )
        .bind(company.to_string())
        .bind(organization.to_string())
        .bind(page.limit)
        .bind(page.offset())
        .fetch_all(self.sql())
        .await?;
        Ok(PageOf {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }
}

fn read(found: &AnyRow) -> Result<Site, StoreError> {
    Ok(Site {
        id: row::parsed(found, "id")?,
        company: row::parsed(found, "company_id")?,
        name: row::text(found, "name")?,
        address: row::maybe_text(found, "address")?,
        created_at: row::at(found, "created_at")?,
    })
}
