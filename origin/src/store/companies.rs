//! Companies: an organization's clients.

use shared::{
    api_key::ApiKeyEnvironment,
    id::{CompanyId, OrganizationId, PublicCompanyId},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{
    Page, PageOf, StoreError, Tx, row,
    search::{Patterns, found_in},
};

/// A client of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// The private id. It never appears in the URL of a link.
    pub id: CompanyId,
    /// The public id, which stands in the URLs of the company's links.
    pub public_id: PublicCompanyId,
    /// The organization whose client this is.
    pub organization: OrganizationId,
    /// The name of the company.
    pub name: String,
    /// The id that the organization uses for it in its own systems.
    pub external_id: Option<String>,
    /// Whether it is for trying things out.
    pub environment: ApiKeyEnvironment,
    /// When it was added.
    pub created_at: UnixMillis,
}

macro_rules! by_name {
    ($select:literal, $end:literal) => {
        concat!(
            $select,
            " FROM companies WHERE organization_id = $1 AND ",
            found_in!(
                "name || ' ' || COALESCE(external_id, '')",
                ["$2", "$3", "$4", "$5"],
                ""
            ),
            $end
        )
    };
}

impl Tx<'_> {
    /// Writes the row of a new company.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn add_company(&mut self, company: &Company) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO companies (id, public_id, organization_id, name, external_id, created_at, environment) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(company.id.to_string())
        .bind(company.public_id.to_string())
        .bind(company.organization.to_string())
        .bind(company.name.clone())
        .bind(company.external_id.clone())
        .bind(company.created_at.0)
        .bind(company.environment.as_str())
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Whether another company of the organization and environment has this one's own id. It stays so until the
    /// transaction ends: all ask this before they give a company an id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_external_id_taken(&mut self, company: &Company) -> Result<bool, StoreError> {
        let Some(external_id) = &company.external_id else {
            return Ok(false);
        };
        self.lock_organization(company.organization).await?;
        let found = sqlx::query(
            "SELECT id FROM companies WHERE organization_id = $1 AND environment = $2 \
             AND external_id = $3 AND id <> $4 LIMIT 1",
        )
        .bind(company.organization.to_string())
        .bind(company.environment.as_str())
        .bind(external_id.clone())
        .bind(company.id.to_string())
        .fetch_optional(self.sql())
        .await?;
        Ok(found.is_some())
    }

    /// Writes name and external id of the organization's company, which was read in the same transaction as `before`.
    ///
    /// # Errors
    /// [`StoreError::Contended`] when somebody has changed it since; otherwise when the database fails.
    pub async fn change_company(
        &mut self,
        before: &Company,
        company: &Company,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query(
            "UPDATE companies SET name = $3, external_id = $4 \
             WHERE id = $1 AND organization_id = $2 AND name = $5 AND COALESCE(external_id, '') = $6",
        )
        .bind(company.id.to_string())
        .bind(company.organization.to_string())
        .bind(company.name.clone())
        .bind(company.external_id.clone())
        .bind(before.name.clone())
        .bind(before.external_id.clone().unwrap_or_default())
        .execute(self.sql())
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Contended);
        }
        Ok(())
    }

    /// The organization's company with this private id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn company(
        &mut self,
        organization: OrganizationId,
        id: CompanyId,
    ) -> Result<Option<Company>, StoreError> {
        sqlx::query("SELECT * FROM companies WHERE id = $1 AND organization_id = $2")
            .bind(id.to_string())
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// The organization's companies that a text of somebody else may mean: by private id, by the organization's own id, or
    /// by name, which may be written in large or small letters (those of ASCII, on any database). Only those of one
    /// environment are meant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn companies_called(
        &mut self,
        (organization, environment): (OrganizationId, ApiKeyEnvironment),
        text: &str,
    ) -> Result<Vec<Company>, StoreError> {
        let id = text.parse::<CompanyId>().map(|id| id.to_string());
        sqlx::query(
            "SELECT * FROM companies WHERE organization_id = $1 AND environment = $3 \
             AND (id = $4 OR external_id = $2 OR LOWER(name) = LOWER($2)) ORDER BY created_at, id LIMIT 1000",
        )
        .bind(organization.to_string())
        .bind(text.to_owned())
        .bind(environment.as_str())
        .bind(id.unwrap_or_default())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// The company that a link's URL names. Its token must open before anything is shown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn company_by_public_id(
        &mut self,
        id: PublicCompanyId,
    ) -> Result<Option<Company>, StoreError> {
        sqlx::query("SELECT * FROM companies WHERE public_id = $1")
            .bind(id.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// The company with this private id, whoever's it is: for the operator's command line.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn company_for_operator(
        &mut self,
        id: CompanyId,
    ) -> Result<Option<Company>, StoreError> {
        sqlx::query("SELECT * FROM companies WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// Whether the organization has a company.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_companies(
        &mut self,
        organization: OrganizationId,
    ) -> Result<bool, StoreError> {
        let found = sqlx::query("SELECT id FROM companies WHERE organization_id = $1 LIMIT 1")
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?;
        Ok(found.is_some())
    }

    /// The organization's companies by name, those alone in whose name or own id this stands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn companies_by_name(
        &mut self,
        organization: OrganizationId,
        search: &str,
        page: Page,
    ) -> Result<PageOf<Company>, StoreError> {
        let [typed, small, capital, title] = Patterns::of(search).spellings;
        let count = sqlx::query(by_name!("SELECT COUNT(*) AS total", ""))
            .bind(organization.to_string())
            .bind(typed.clone())
            .bind(small.clone())
            .bind(capital.clone())
            .bind(title.clone())
            .fetch_one(self.sql())
            .await?;
        let rows = sqlx::query(by_name!(
            "SELECT *",
            " ORDER BY LOWER(name), id LIMIT $6 OFFSET $7"
        ))
        .bind(organization.to_string())
        .bind(typed)
        .bind(small)
        .bind(capital)
        .bind(title)
        .bind(page.limit)
        .bind(page.offset())
        .fetch_all(self.sql())
        .await?;
        Ok(PageOf {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }

    /// The organization's companies, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn companies(
        &mut self,
        organization: OrganizationId,
        page: Page,
    ) -> Result<PageOf<Company>, StoreError> {
        let count =
            sqlx::query("SELECT COUNT(*) AS total FROM companies WHERE organization_id = $1")
                .bind(organization.to_string())
                .fetch_one(self.sql())
                .await?;
        let rows = sqlx::query(
            "SELECT * FROM companies WHERE organization_id = $1 \
             ORDER BY created_at, id LIMIT $2 OFFSET $3",
        )
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

pub(super) fn read(found: &AnyRow) -> Result<Company, StoreError> {
    Ok(Company {
        id: row::parsed(found, "id")?,
        public_id: row::parsed(found, "public_id")?,
        organization: row::parsed(found, "organization_id")?,
        name: row::text(found, "name")?,
        external_id: row::maybe_text(found, "external_id")?,
        environment: row::parsed(found, "environment")?,
        created_at: row::at(found, "created_at")?,
    })
}
