//! To which environment what an organization has belongs: that of its company, or one of its own.

use shared::{api_key::ApiKeyEnvironment, id::OrganizationId};

use super::{Page, PageOf, StoreError, Tx, companies, companies::Company, keys, keys::ApiKey, row};

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

/// A SELECT of the key with a hash, and of the environment of what has an id and is the key's organization's.
macro_rules! key_and_environment_of {
    ($environment:literal) => {
        concat!(
            "SELECT k.*, (",
            $environment,
            ") AS environment_of_what FROM api_keys k WHERE k.hash = $1 AND k.revoked_at IS NULL",
        )
    };
}

impl Tx<'_> {
    /// The key with this hash, if it exists and is not revoked, and the environment of what has this id, if it is the
    /// organization's. It is one statement, as every call begins with it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key_and_environment_of(
        &mut self,
        hash: [u8; 32],
        what: OfEnvironment,
        id: &str,
    ) -> Result<Option<(ApiKey, Option<ApiKeyEnvironment>)>, StoreError> {
        let statement = match what {
            OfEnvironment::Company => key_and_environment_of!(
                "SELECT c.environment FROM companies c \
                 WHERE c.id = $2 AND c.organization_id = k.organization_id"
            ),
            OfEnvironment::Site => key_and_environment_of!(
                "SELECT c.environment FROM sites s JOIN companies c ON c.id = s.company_id \
                 WHERE s.id = $2 AND c.organization_id = k.organization_id"
            ),
            OfEnvironment::Link => key_and_environment_of!(
                "SELECT c.environment FROM links l JOIN companies c ON c.id = l.company_id \
                 WHERE l.id = $2 AND c.organization_id = k.organization_id"
            ),
            OfEnvironment::Connection => key_and_environment_of!(
                "SELECT c.environment FROM connections n JOIN companies c ON c.id = n.company_id \
                 WHERE n.id = $2 AND c.organization_id = k.organization_id"
            ),
            OfEnvironment::Account => key_and_environment_of!(
                "SELECT c.environment FROM accounts a JOIN companies c ON c.id = a.company_id \
                 WHERE a.id = $2 AND c.organization_id = k.organization_id"
            ),
            OfEnvironment::Bill => key_and_environment_of!(
                "SELECT c.environment FROM bills b JOIN companies c ON c.id = b.company_id \
                 WHERE b.id = $2 AND c.organization_id = k.organization_id"
            ),
            OfEnvironment::Batch => key_and_environment_of!(
                "SELECT t.environment FROM batches t \
                 WHERE t.id = $2 AND t.organization_id = k.organization_id"
            ),
            OfEnvironment::Webhook => key_and_environment_of!(
                "SELECT e.environment FROM webhook_endpoints e \
                 WHERE e.id = $2 AND e.organization_id = k.organization_id"
            ),
        };
        let found = sqlx::query(statement)
            .bind(hash.to_vec())
            .bind(id.to_owned())
            .fetch_optional(self.sql())
            .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let environment = row::maybe_parsed(&found, "environment_of_what")?;
        Ok(Some((keys::read(&found)?, environment)))
    }

    /// The organization's companies of one environment, oldest first. `external_id` leaves those with this id of the
    /// organization's own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn companies_of(
        &mut self,
        (organization, environment): (OrganizationId, ApiKeyEnvironment),
        external_id: Option<&str>,
        page: Page,
    ) -> Result<PageOf<Company>, StoreError> {
        let external_id = external_id.unwrap_or_default().to_owned();
        let count = sqlx::query(
            "SELECT COUNT(*) AS total FROM companies WHERE organization_id = $1 AND environment = $2 \
             AND ($3 = '' OR external_id = $3)",
        )
        .bind(organization.to_string())
        .bind(environment.as_str())
        .bind(external_id.clone())
        .fetch_one(self.sql())
        .await?;
        let rows = sqlx::query(
            "SELECT * FROM companies WHERE organization_id = $1 AND environment = $2 \
             AND ($3 = '' OR external_id = $3) ORDER BY created_at, id LIMIT $4 OFFSET $5",
        )
        .bind(organization.to_string())
        .bind(environment.as_str())
        .bind(external_id)
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
