//! Where an organization wants to hear of changes.

use shared::{
    api_key::ApiKeyEnvironment,
    id::{CompanyId, OrganizationId, WebhookEndpointId},
    time::UnixMillis,
    webhook::{WebhookDisabledReason, WebhookEventType},
};
use sqlx::{AssertSqlSafe, any::AnyRow};
use url::Url;

use super::{Engine, Page, PageOf, StoreError, Tx, row};

/// The table whose rows the vault seals secrets for.
pub const TABLE: &str = "webhook_endpoints";

/// An address to which messages about changes are sent.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// The id of the endpoint.
    pub id: WebhookEndpointId,
    /// The organization that it belongs to.
    pub organization: OrganizationId,
    /// It is told what happens to companies of this environment.
    pub environment: ApiKeyEnvironment,
    /// Where messages are sent.
    pub url: Url,
    /// What the organization calls it.
    pub description: Option<String>,
    /// What it wants to hear of; nothing named means all.
    pub event_types: Vec<WebhookEventType>,
    /// What messages are signed with.
    pub secrets: SealedWebhookSecrets,
    /// Since when and why nothing is sent to it; `None` while it is used.
    pub disabled: Option<(UnixMillis, WebhookDisabledReason)>,
    /// Since when it took nothing that it was sent; `None` while it does.
    pub failing_since: Option<UnixMillis>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When the organization last changed it.
    pub updated_at: UnixMillis,
    /// Counts the changes that the organization makes.
    pub version: i64,
}

/// The secrets of an endpoint, sealed by the vault for its row.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedWebhookSecrets {
    /// The secret in use.
    pub current: Vec<u8>,
    /// The one before, and until when messages are signed with it as well.
    pub previous: Option<(Vec<u8>, UnixMillis)>,
}

/// An endpoint that is used, and what it wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookListener {
    /// The id of the endpoint.
    pub endpoint: WebhookEndpointId,
    /// What it wants to hear of; nothing named means all.
    pub event_types: Vec<WebhookEventType>,
    /// It took nothing that it was last sent.
    pub is_failing: bool,
}

impl WebhookListener {
    /// Whether it wants to hear of this.
    #[must_use]
    pub fn wants(&self, event: WebhookEventType) -> bool {
        self.event_types.is_empty() || self.event_types.contains(&event)
    }

    /// Whether somebody can be counted on to act on this: it is named, not only part of all, and the endpoint takes what
    /// it is sent.
    #[must_use]
    pub fn acts_on(&self, event: WebhookEventType) -> bool {
        !self.is_failing && self.event_types.contains(&event)
    }
}

impl WebhookEndpoint {
    /// What the audit log calls it: its host and what the organization calls it. The rest of an address may be a secret.
    #[must_use]
    pub fn audit_name(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match &self.description {
            Some(description) => format!("{description} ({host})"),
            None => host.to_owned(),
        }
    }
}

impl Tx<'_> {
    /// Adds an endpoint.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn add_webhook_endpoint(
        &mut self,
        endpoint: &WebhookEndpoint,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO webhook_endpoints (id, organization_id, url, description, event_types, secret, created_at, \
               updated_at, version, environment) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)",
        )
        .bind(endpoint.id.to_string())
        .bind(endpoint.organization.to_string())
        .bind(endpoint.url.to_string())
        .bind(endpoint.description.clone())
        .bind(row::to_json(&endpoint.event_types, "event_types")?)
        .bind(endpoint.secrets.current.clone())
        .bind(endpoint.created_at.0)
        .bind(endpoint.version)
        .bind(endpoint.environment.as_str())
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// A page of the organization's endpoints, oldest first: of one environment, or of both.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_endpoints(
        &mut self,
        organization: OrganizationId,
        environment: Option<ApiKeyEnvironment>,
        page: Page,
    ) -> Result<PageOf<WebhookEndpoint>, StoreError> {
        let environment = environment.map_or("", ApiKeyEnvironment::as_str).to_owned();
        let count = sqlx::query(
            "SELECT COUNT(*) AS total FROM webhook_endpoints \
             WHERE organization_id = $1 AND ($2 = '' OR environment = $2)",
        )
        .bind(organization.to_string())
        .bind(environment.clone())
        .fetch_one(self.sql())
        .await?;
        let rows = sqlx::query(
            "SELECT * FROM webhook_endpoints WHERE organization_id = $1 AND ($2 = '' OR environment = $2) \
             ORDER BY created_at, id LIMIT $3 OFFSET $4",
        )
        .bind(organization.to_string())
        .bind(environment)
        .bind(page.limit)
        .bind(page.offset())
        .fetch_all(self.sql())
        .await?;
        Ok(PageOf {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }

    /// Whether one of the organization's endpoints was switched off because of how it answers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_failed_webhook_endpoint(
        &mut self,
        organization: OrganizationId,
    ) -> Result<bool, StoreError> {
        let found = sqlx::query(
            "SELECT id FROM webhook_endpoints \
             WHERE organization_id = $1 AND disabled_reason IN ('GONE', 'FAILING') LIMIT 1",
        )
        .bind(organization.to_string())
        .fetch_optional(self.sql())
        .await?;
        Ok(found.is_some())
    }

    /// The organization's endpoint.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_endpoint(
        &mut self,
        organization: OrganizationId,
        id: WebhookEndpointId,
    ) -> Result<Option<WebhookEndpoint>, StoreError> {
        sqlx::query("SELECT * FROM webhook_endpoints WHERE id = $1 AND organization_id = $2")
            .bind(id.to_string())
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// The organization's endpoint, which nobody else changes before this transaction has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_webhook_endpoint(
        &mut self,
        organization: OrganizationId,
        id: WebhookEndpointId,
    ) -> Result<Option<WebhookEndpoint>, StoreError> {
        let lock = self.row_lock();
        let statement =
            format!("SELECT * FROM webhook_endpoints WHERE id = $1 AND organization_id = $2{lock}");
        sqlx::query(AssertSqlSafe(statement))
            .bind(id.to_string())
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// The endpoints that are used and told what happens to this company: those of its organization and environment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_listeners(
        &mut self,
        company: CompanyId,
    ) -> Result<Vec<WebhookListener>, StoreError> {
        sqlx::query(
            "SELECT e.id, e.event_types, e.failing_since FROM companies c JOIN webhook_endpoints e \
               ON e.organization_id = c.organization_id AND e.environment = c.environment \
             WHERE c.id = $1 AND e.disabled_at IS NULL ORDER BY e.created_at, e.id",
        )
        .bind(company.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| {
            Ok(WebhookListener {
                endpoint: row::parsed(found, "id")?,
                event_types: row::json(found, "event_types")?,
                is_failing: row::maybe_at(found, "failing_since")?.is_some(),
            })
        })
        .collect()
    }

    /// Writes what the organization may change of its endpoint: address, description, event types, and whether it is
    /// used. How long it has taken nothing is forgotten with another address, and where it is used again. False when its
    /// version is another one by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_webhook_endpoint(
        &mut self,
        endpoint: &WebhookEndpoint,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE webhook_endpoints SET url = $3, description = $4, event_types = $5, disabled_at = $6, \
               disabled_reason = $7, updated_at = $8, version = version + 1, failing_since = CASE \
                 WHEN url <> $3 OR (disabled_at IS NOT NULL AND CAST($6 AS BIGINT) IS NULL) THEN NULL \
                 ELSE failing_since END \
             WHERE id = $1 AND organization_id = $2 AND version = $9",
        )
        .bind(endpoint.id.to_string())
        .bind(endpoint.organization.to_string())
        .bind(endpoint.url.to_string())
        .bind(endpoint.description.clone())
        .bind(row::to_json(&endpoint.event_types, "event_types")?)
        .bind(endpoint.disabled.map(|(at, _)| at.0))
        .bind(endpoint.disabled.map(|(_, reason)| reason.as_str()))
        .bind(now.0)
        .bind(endpoint.version)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives the organization's endpoint another secret; the one before signs as well until `previous_until`. False
    /// when there is no such endpoint.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rotate_webhook_secret(
        &mut self,
        organization: OrganizationId,
        id: WebhookEndpointId,
        sealed: &[u8],
        previous_until: UnixMillis,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE webhook_endpoints SET previous_secret = secret, previous_secret_until = $4, secret = $3, \
               updated_at = $5, version = version + 1 WHERE id = $1 AND organization_id = $2",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .bind(sealed.to_vec())
        .bind(previous_until.0)
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes the organization's endpoint and all that was to be sent to it. False when there is no such endpoint.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_webhook_endpoint(
        &mut self,
        organization: OrganizationId,
        id: WebhookEndpointId,
    ) -> Result<bool, StoreError> {
        // PostgreSQL lets others add rows that name this one until it is locked as one that goes away.
        let lock = match self.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE",
        };
        let statement = format!(
            "SELECT id FROM webhook_endpoints WHERE id = $1 AND organization_id = $2{lock}"
        );
        let found = sqlx::query(AssertSqlSafe(statement))
            .bind(id.to_string())
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?;
        if found.is_none() {
            return Ok(false);
        }
        sqlx::query("DELETE FROM webhook_deliveries WHERE endpoint_id = $1")
            .bind(id.to_string())
            .execute(self.sql())
            .await?;
        let done =
            sqlx::query("DELETE FROM webhook_endpoints WHERE id = $1 AND organization_id = $2")
                .bind(id.to_string())
                .bind(organization.to_string())
                .execute(self.sql())
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Switches the organization's endpoint off, unless it is off already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn disable_webhook_endpoint(
        &mut self,
        organization: OrganizationId,
        id: WebhookEndpointId,
        reason: WebhookDisabledReason,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE webhook_endpoints SET disabled_at = $3, disabled_reason = $4, version = version + 1 \
             WHERE id = $1 AND organization_id = $2 AND disabled_at IS NULL",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .bind(now.0)
        .bind(reason.as_str())
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Notes whether the organization's endpoint takes what it is sent; how long it has not been doing so is kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_webhook_endpoint(
        &mut self,
        organization: OrganizationId,
        id: WebhookEndpointId,
        is_failing: bool,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let statement = if is_failing {
            "UPDATE webhook_endpoints SET failing_since = $3 \
             WHERE id = $1 AND organization_id = $2 AND failing_since IS NULL"
        } else {
            "UPDATE webhook_endpoints SET failing_since = NULL \
             WHERE id = $1 AND organization_id = $2 AND failing_since <= $3"
        };
        sqlx::query(statement)
            .bind(id.to_string())
            .bind(organization.to_string())
            .bind(now.0)
            .execute(self.sql())
            .await?;
        Ok(())
    }
}

fn read(found: &AnyRow) -> Result<WebhookEndpoint, StoreError> {
    let previous = row::maybe_blob(found, "previous_secret")?;
    let previous_until = row::maybe_at(found, "previous_secret_until")?;
    let disabled_at = row::maybe_at(found, "disabled_at")?;
    let disabled_reason = row::maybe_parsed(found, "disabled_reason")?;
    Ok(WebhookEndpoint {
        id: row::parsed(found, "id")?,
        organization: row::parsed(found, "organization_id")?,
        environment: row::parsed(found, "environment")?,
        url: row::parsed(found, "url")?,
        description: row::maybe_text(found, "description")?,
        event_types: row::json(found, "event_types")?,
        secrets: SealedWebhookSecrets {
            current: row::blob(found, "secret")?,
            previous: previous.zip(previous_until),
        },
        disabled: disabled_at.zip(disabled_reason),
        failing_since: row::maybe_at(found, "failing_since")?,
        created_at: row::at(found, "created_at")?,
        updated_at: row::at(found, "updated_at")?,
        version: row::number(found, "version")?,
    })
}
