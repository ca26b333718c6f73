//! Who changed what at the console.

use shared::{
    id::{AuditEventId, MemberId, OrganizationId},
    member::AuditAction,
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{StoreError, Tx, row};

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// The id of the line.
    pub id: AuditEventId,
    /// The organization whose log it stands in.
    pub organization: OrganizationId,
    /// The member who did it.
    pub member: MemberId,
    /// The kind of change, or of sign-in.
    pub action: AuditAction,
    /// The id of what was changed.
    pub subject: Option<String>,
    /// The name that it had then.
    pub detail: Option<String>,
    /// When it was done.
    pub at: UnixMillis,
}

impl Tx<'_> {
    /// Adds a line to the audit log of its organization.
    ///
    /// # Errors
    /// When the member does not exist or the database fails.
    pub async fn add_audit_event(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO audit_events (id, organization_id, member_id, action, subject, detail, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(event.id.to_string())
        .bind(event.organization.to_string())
        .bind(event.member.to_string())
        .bind(event.action.as_str())
        .bind(event.subject.clone())
        .bind(event.detail.clone())
        .bind(event.at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The newest `most` lines of the organization, newest first, each with the name of who did it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_events(
        &mut self,
        organization: OrganizationId,
        most: i64,
    ) -> Result<Vec<(AuditEvent, String)>, StoreError> {
        sqlx::query(
            "SELECT a.*, m.name AS member_name FROM audit_events a JOIN members m ON m.id = a.member_id \
             WHERE a.organization_id = $1 ORDER BY a.at DESC, a.id DESC LIMIT $2",
        )
        .bind(organization.to_string())
        .bind(most)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| Ok((read(found)?, row::text(found, "member_name")?)))
        .collect()
    }
}

fn read(found: &AnyRow) -> Result<AuditEvent, StoreError> {
    Ok(AuditEvent {
        id: row::parsed(found, "id")?,
        organization: row::parsed(found, "organization_id")?,
        member: row::parsed(found, "member_id")?,
        action: row::parsed(found, "action")?,
        subject: row::maybe_text(found, "subject")?,
        detail: row::maybe_text(found, "detail")?,
        at: row::at(found, "at")?,
    })
}
