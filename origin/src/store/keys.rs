//! API keys. The store sees their hashes alone.

use shared::{
    id::{ApiKeyId, OrganizationId},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{Store, StoreError, row};

/// A key that an organization calls the API with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its public name.
    pub id: ApiKeyId,
    /// Whose.
    pub organization: OrganizationId,
    /// What people call it.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last seen, to the minute.
    pub last_used_at: Option<UnixMillis>,
    /// When it was taken back.
    pub revoked_at: Option<UnixMillis>,
}

/// How far `last_used_at` may lag: a write for every request would be the busiest row of all.
const LAST_USED_STEP_MS: i64 = 60_000;

impl Store {
    /// Adds a key by the SHA-256 of its text.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn add_key(&self, key: &ApiKey, hash: [u8; 32]) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO api_keys (id, organization_id, name, prefix, hash, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(key.id.to_string())
        .bind(key.organization.to_string())
        .bind(key.name.clone())
        .bind(key.prefix.clone())
        .bind(hash.to_vec())
        .bind(key.created_at.0)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The living key with this hash, noting that it was used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_key(
        &self,
        hash: [u8; 32],
        now: UnixMillis,
    ) -> Result<Option<ApiKey>, StoreError> {
        let found = sqlx::query("SELECT * FROM api_keys WHERE hash = $1 AND revoked_at IS NULL")
            .bind(hash.to_vec())
            .fetch_optional(&self.pool)
            .await?;
        let Some(key) = found.map(|found| read(&found)).transpose()? else {
            return Ok(None);
        };
        let stale = key
            .last_used_at
            .is_none_or(|last| now.since(last) >= LAST_USED_STEP_MS);
        if stale {
            sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1")
                .bind(key.id.to_string())
                .bind(now.0)
                .execute(&self.pool)
                .await?;
        }
        Ok(Some(key))
    }

    /// The organization's keys, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys(&self, organization: OrganizationId) -> Result<Vec<ApiKey>, StoreError> {
        sqlx::query("SELECT * FROM api_keys WHERE organization_id = $1 ORDER BY created_at, id")
            .bind(organization.to_string())
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// Takes a key back. False when the organization has no such living key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_key(
        &self,
        organization: OrganizationId,
        key: ApiKeyId,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE api_keys SET revoked_at = $3 \
             WHERE id = $1 AND organization_id = $2 AND revoked_at IS NULL",
        )
        .bind(key.to_string())
        .bind(organization.to_string())
        .bind(now.0)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn read(found: &AnyRow) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row::parsed(found, "id")?,
        organization: row::parsed(found, "organization_id")?,
        name: row::text(found, "name")?,
        prefix: row::text(found, "prefix")?,
        created_at: row::at(found, "created_at")?,
        last_used_at: row::maybe_at(found, "last_used_at")?,
        revoked_at: row::maybe_at(found, "revoked_at")?,
    })
}
