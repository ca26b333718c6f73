//! What an organization changes of a link: it takes it back, or gives it a later end.

use shared::{
    id::{LinkId, OrganizationId},
    status::LinkEventKind,
    time::UnixMillis,
};

use super::{StoreError, Tx, links::LinkEvent};

/// The result of revoking a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// It is revoked now, or was before.
    Revoked,
    /// It has made its connection already and is not revoked.
    Fulfilled,
    /// The organization has no such link.
    Unknown,
}

/// A later end of a link, and what its new token is sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaterEnd {
    /// From this time on it cannot be started.
    pub expires_at: UnixMillis,
    /// The id of the token key.
    pub key_id: u8,
    /// The token's nonce, which no token before had.
    pub nonce: [u8; 12],
}

impl Tx<'_> {
    /// Revokes the organization's link; the reason is for the organization alone. Doing it again changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_link(
        &mut self,
        organization: OrganizationId,
        id: LinkId,
        reason: Option<&str>,
        now: UnixMillis,
    ) -> Result<Revocation, StoreError> {
        let done = sqlx::query(
            "UPDATE links SET revoked_at = $3, revoked_reason = $4 \
             WHERE id = $1 AND revoked_at IS NULL AND fulfilled_at IS NULL \
               AND company_id IN (SELECT id FROM companies WHERE organization_id = $2)",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .bind(now.0)
        .bind(reason.map(str::to_owned))
        .execute(self.sql())
        .await?;
        if done.rows_affected() == 1 {
            let revoked = LinkEvent {
                kind: LinkEventKind::Revoked,
                flow_ref: None,
                detail: reason.map(str::to_owned),
                at: now,
            };
            self.append_event(id, &revoked).await?;
            return Ok(Revocation::Revoked);
        }
        Ok(match self.link(organization, id).await? {
            None => Revocation::Unknown,
            Some(found) if found.link.revoked_at.is_some() => Revocation::Revoked,
            Some(_) => Revocation::Fulfilled,
        })
    }

    /// Gives the organization's link a later end. False, and nothing is changed, when it is revoked or fulfilled, when it
    /// never ends, or when it ends later already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn extend_link(
        &mut self,
        organization: OrganizationId,
        id: LinkId,
        end: LaterEnd,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE links SET expires_at = $3, key_id = $4, nonce = $5 \
             WHERE id = $1 AND revoked_at IS NULL AND fulfilled_at IS NULL AND expires_at < $3 \
               AND company_id IN (SELECT id FROM companies WHERE organization_id = $2)",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .bind(end.expires_at.0)
        .bind(i64::from(end.key_id))
        .bind(end.nonce.to_vec())
        .execute(self.sql())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let extended = LinkEvent {
            kind: LinkEventKind::Extended,
            flow_ref: None,
            detail: None,
            at: now,
        };
        self.append_event(id, &extended).await?;
        Ok(true)
    }
}
