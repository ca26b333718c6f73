//! API keys. The store sees their hashes alone.

use shared::{
    id::{ApiKeyId, OrganizationId},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{StoreError, Tx, row};

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
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it was last used; the API writes this once a minute at most.
    pub last_used_at: Option<UnixMillis>,
    /// When it was revoked; `None` while it is valid.
    pub revoked_at: Option<UnixMillis>,
}

impl Tx<'_> {
    /// Adds a key by the SHA-256 of its text.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn add_key(&mut self, key: &ApiKey, hash: [u8; 32]) -> Result<(), StoreError> {
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

    /// The organization's keys, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys(&mut self, organization: OrganizationId) -> Result<Vec<ApiKey>, StoreError> {
        sqlx::query("SELECT * FROM api_keys WHERE organization_id = $1 ORDER BY created_at, id")
            .bind(organization.to_string())
            .fetch_all(self.sql())
            .await?
            .iter()
            .map(read)
            .collect()
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
            "UPDATE api_keys SET revoked_at = $3 \
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
