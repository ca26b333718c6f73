//! API keys. The store sees their hashes alone.

use std::net::IpAddr;

use shared::{
    api_key::{ApiKeyEnvironment, ApiKeyScope},
    id::{ApiKeyId, OrganizationId},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{Page, PageOf, StoreError, Tx, row};
use crate::address_range::AddressRange;

/// A key that an organization calls the API with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The public id of the key.
    pub id: ApiKeyId,
    /// The organization that the key belongs to.
    pub organization: OrganizationId,
    /// The name that people gave the key.
    pub name: String,
    /// The first characters of the key, by which people tell keys apart.
    pub prefix: String,
    /// Whether it is for trying things out.
    pub environment: ApiKeyEnvironment,
    /// What it may be used for.
    pub scopes: Vec<ApiKeyScope>,
    /// From when on it is no longer valid; `None` for never.
    pub expires_at: Option<UnixMillis>,
    /// Where it may be used; nothing named means everywhere.
    pub allowed_addresses: Vec<AddressRange>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last used; the API writes this once a minute at most.
    pub last_used_at: Option<UnixMillis>,
    /// When it was revoked; `None` when it was not.
    pub revoked_at: Option<UnixMillis>,
    /// Counts the changes that the organization makes.
    pub version: i64,
}

impl ApiKey {
    /// Whether it was neither revoked nor has expired.
    #[must_use]
    pub fn is_valid(&self, now: UnixMillis) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| now < at)
    }

    /// Whether it may be used by who calls from there. An address that is not known is in no range.
    #[must_use]
    pub fn allows(&self, address: Option<IpAddr>) -> bool {
        let is_in = |range: &AddressRange| address.is_some_and(|address| range.contains(address));
        self.allowed_addresses.is_empty() || self.allowed_addresses.iter().any(is_in)
    }

    /// Whether it may be used for this.
    #[must_use]
    pub fn has(&self, scope: ApiKeyScope) -> bool {
        self.scopes.contains(&scope)
    }
}

impl Tx<'_> {
    /// Adds a key by the SHA-256 of its text.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn add_key(&mut self, key: &ApiKey, hash: [u8; 32]) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO api_keys (id, organization_id, name, prefix, hash, created_at, environment, scopes, expires_at, \
               allowed_addresses, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(key.id.to_string())
        .bind(key.organization.to_string())
        .bind(key.name.clone())
        .bind(key.prefix.clone())
        .bind(hash.to_vec())
        .bind(key.created_at.0)
        .bind(key.environment.as_str())
        .bind(row::to_json(&key.scopes, "scopes")?)
        .bind(key.expires_at.map(|at| at.0))
        .bind(row::to_json(&key.allowed_addresses, "allowed_addresses")?)
        .bind(key.version)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The key with this hash, if it exists and is not revoked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key_by_hash(&mut self, hash: [u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        sqlx::query("SELECT * FROM api_keys WHERE hash = $1 AND revoked_at IS NULL")
            .bind(hash.to_vec())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// Notes that the key was used at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_key_used(&mut self, key: ApiKeyId, now: UnixMillis) -> Result<(), StoreError> {
        sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1")
            .bind(key.to_string())
            .bind(now.0)
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// A page of the organization's keys, oldest first. Revoked ones are among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys(
        &mut self,
        organization: OrganizationId,
        page: Page,
    ) -> Result<PageOf<ApiKey>, StoreError> {
        let count =
            sqlx::query("SELECT COUNT(*) AS total FROM api_keys WHERE organization_id = $1")
                .bind(organization.to_string())
                .fetch_one(self.sql())
                .await?;
        let rows = sqlx::query(
            "SELECT * FROM api_keys WHERE organization_id = $1 ORDER BY created_at, id LIMIT $2 OFFSET $3",
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

    /// The organization's keys that were not revoked, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys_not_revoked(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<ApiKey>, StoreError> {
        sqlx::query(
            "SELECT * FROM api_keys WHERE organization_id = $1 AND revoked_at IS NULL ORDER BY created_at, id",
        )
        .bind(organization.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// The key with this id, if it is the organization's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key(
        &mut self,
        organization: OrganizationId,
        id: ApiKeyId,
    ) -> Result<Option<ApiKey>, StoreError> {
        sqlx::query("SELECT * FROM api_keys WHERE id = $1 AND organization_id = $2")
            .bind(id.to_string())
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// Writes what the organization may change of its key: name, expiry and addresses. False when it was revoked, or its
    /// version is another one by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_key(&mut self, key: &ApiKey) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE api_keys SET name = $3, expires_at = $4, allowed_addresses = $5, version = version + 1 \
             WHERE id = $1 AND organization_id = $2 AND version = $6 AND revoked_at IS NULL",
        )
        .bind(key.id.to_string())
        .bind(key.organization.to_string())
        .bind(key.name.clone())
        .bind(key.expires_at.map(|at| at.0))
        .bind(row::to_json(&key.allowed_addresses, "allowed_addresses")?)
        .bind(key.version)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Revokes a key. False when the organization has no such key, or it is revoked already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_key(
        &mut self,
        organization: OrganizationId,
        key: ApiKeyId,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE api_keys SET revoked_at = $3, version = version + 1 \
             WHERE id = $1 AND organization_id = $2 AND revoked_at IS NULL",
        )
        .bind(key.to_string())
        .bind(organization.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

pub(super) fn read(found: &AnyRow) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row::parsed(found, "id")?,
        organization: row::parsed(found, "organization_id")?,
        name: row::text(found, "name")?,
        prefix: row::text(found, "prefix")?,
        environment: row::parsed(found, "environment")?,
        scopes: row::json(found, "scopes")?,
        expires_at: row::maybe_at(found, "expires_at")?,
        allowed_addresses: row::json(found, "allowed_addresses")?,
        created_at: row::at(found, "created_at")?,
        last_used_at: row::maybe_at(found, "last_used_at")?,
        revoked_at: row::maybe_at(found, "revoked_at")?,
        version: row::number(found, "version")?,
    })
}
