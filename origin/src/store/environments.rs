//! To which environment what an organization has belongs: that of its company, or one of its own.

use shared::{api_key::ApiKeyEnvironment, id::OrganizationId};

use super::{Page, PageOf, StoreError, Tx, companies, companies::Company, row};

/// What has an id of its own and belongs to one environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfEnvironment {
    /// The company itself, by its private id.
    Company,
    /// A site of it.
    Site,
    /// A link of it.
    Link,
    /// A connection of it.
    Connection,
    /// An account of it.
    Account,
    /// A bill of it.
    Bill,
    /// A batch whose rows name companies of one environment.
    Batch,
    /// A webhook endpoint, which is told of companies of one environment.
    Webhook,
}

impl Tx<'_> {
    /// The environment of what has this id, if it is the organization's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn environment_of(
        &mut self,
        organization: OrganizationId,
        what: OfEnvironment,
        id: &str,
    ) -> Result<Option<ApiKeyEnvironment>, StoreError> {
        let statement = match what {
            OfEnvironment::Company => {
                "SELECT c.environment FROM companies c WHERE c.id = $1 AND c.organization_id = $2"
            }
            OfEnvironment::Site => {
                "SELECT c.environment FROM sites s JOIN companies c ON c.id = s.company_id \
                 WHERE s.id = $1 AND c.organization_id = $2"
            }
            OfEnvironment::Link => {
                "SELECT c.environment FROM links l JOIN companies c ON c.id = l.company_id \
                 WHERE l.id = $1 AND c.organization_id = $2"
            }
            OfEnvironment::Connection => {
                "SELECT c.environment FROM connections n JOIN companies c ON c.id = n.company_id \
                 WHERE n.id = $1 AND c.organization_id = $2"
            }
            OfEnvironment::Account => {
                "SELECT c.environment FROM accounts a JOIN companies c ON c.id = a.company_id \
                 WHERE a.id = $1 AND c.organization_id = $2"
            }
            OfEnvironment::Batch => {
                "SELECT environment FROM batches WHERE id = $1 AND organization_id = $2"
            }
            OfEnvironment::Webhook => {
                "SELECT environment FROM webhook_endpoints WHERE id = $1 AND organization_id = $2"
            }
            OfEnvironment::Bill => {
                "SELECT c.environment FROM bills b JOIN companies c ON c.id = b.company_id \
                 WHERE b.id = $1 AND c.organization_id = $2"
            }
        };
        sqlx::query(statement)
            .bind(id.to_owned())
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| row::parsed(&found, "environment"))
            .transpose()
    }

    /// The organization's companies of one environment, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn companies_of(
        &mut self,
        organization: OrganizationId,
        environment: ApiKeyEnvironment,
        page: Page,
    ) -> Result<PageOf<Company>, StoreError> {
        let count = sqlx::query(
            "SELECT COUNT(*) AS total FROM companies WHERE organization_id = $1 AND environment = $2",
        )
        .bind(organization.to_string())
        .bind(environment.as_str())
        .fetch_one(self.sql())
        .await?;
        let rows = sqlx::query(
            "SELECT * FROM companies WHERE organization_id = $1 AND environment = $2 \
             ORDER BY created_at, id LIMIT $3 OFFSET $4",
        )
        .bind(organization.to_string())
        .bind(environment.as_str())
        .bind(page.limit)
        .bind(page.offset())
        .fetch_all(self.sql())
        .await?;
        Ok(PageOf {
            rows: rows.iter().map(companies::read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }
}
