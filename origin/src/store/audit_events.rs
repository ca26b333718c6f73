//! Who changed what, at the console or by API.

use shared::{
    id::{ApiKeyId, AuditEventId, MemberId, OrganizationId},
    member::AuditAction,
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{StoreError, Tx, row};

/// What who runs the installation is called.
pub const COMMAND_LINE: &str = "Operator";

/// Who did what a line of the audit log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditActor {
    /// A member, at the console.
    Member(MemberId),
    /// A program of the organization, with this key.
    Key(ApiKeyId),
    /// Who runs the installation, at its command line.
    CommandLine,
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// The id of the line.
    pub id: AuditEventId,
    /// The organization whose log it stands in.
    pub organization: OrganizationId,
    /// Who did it.
    pub actor: AuditActor,
    /// The kind of change, or of sign-in.
    pub action: AuditAction,
    /// The id of what was changed.
    pub subject: Option<String>,
    /// The name that it had then.
    pub detail: Option<String>,
    /// When it was done.
    pub at: UnixMillis,
}

/// Where a page of the log ends: the next one begins after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCursor {
    /// When its last line was written.
    pub at: UnixMillis,
    /// The id of its last line.
    pub id: AuditEventId,
}

impl Tx<'_> {
    /// Adds a line to the audit log of its organization.
    ///
    /// # Errors
    /// When there is no such member or key or the database fails.
    pub async fn add_audit_event(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        let (member, key) = match event.actor {
            AuditActor::Member(id) => (Some(id.to_string()), None),
            AuditActor::Key(id) => (None, Some(id.to_string())),
            AuditActor::CommandLine => (None, None),
        };
        sqlx::query(
            "INSERT INTO audit_events (id, organization_id, member_id, key_id, action, subject, detail, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(event.id.to_string())
        .bind(event.organization.to_string())
        .bind(member)
        .bind(key)
        .bind(event.action.as_str())
        .bind(event.subject.clone())
        .bind(event.detail.clone())
        .bind(event.at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The organization's lines before `after`, newest first, `most` at most, each with the name of who did it: of one
    /// actor alone, or of all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_events(
        &mut self,
        organization: OrganizationId,
        actor: Option<AuditActor>,
        after: Option<AuditCursor>,
        most: i64,
    ) -> Result<Vec<(AuditEvent, String)>, StoreError> {
        // The actor's own index is used where one is asked for.
        let statement = match actor {
            None => {
                "SELECT a.*, COALESCE(m.name, k.name) AS actor_name FROM audit_events a \
                 LEFT JOIN members m ON m.id = a.member_id LEFT JOIN api_keys k ON k.id = a.key_id \
                 WHERE a.organization_id = $1 AND (a.at, a.id) < ($2, $3) \
                 ORDER BY a.at DESC, a.id DESC LIMIT $4"
            }
            Some(AuditActor::Member(_)) => {
                "SELECT a.*, m.name AS actor_name FROM audit_events a JOIN members m ON m.id = a.member_id \
                 WHERE a.organization_id = $1 AND (a.at, a.id) < ($2, $3) AND a.member_id = $5 \
                 ORDER BY a.at DESC, a.id DESC LIMIT $4"
            }
            Some(AuditActor::Key(_)) => {
                "SELECT a.*, k.name AS actor_name FROM audit_events a JOIN api_keys k ON k.id = a.key_id \
                 WHERE a.organization_id = $1 AND (a.at, a.id) < ($2, $3) AND a.key_id = $5 \
                 ORDER BY a.at DESC, a.id DESC LIMIT $4"
            }
            Some(AuditActor::CommandLine) => {
                "SELECT a.*, NULL AS actor_name FROM audit_events a \
                 WHERE a.organization_id = $1 AND (a.at, a.id) < ($2, $3) AND a.member_id IS NULL AND a.key_id IS NULL \
                 ORDER BY a.at DESC, a.id DESC LIMIT $4"
            }
        };
        let query = sqlx::query(statement)
            .bind(organization.to_string())
            .bind(after.map_or(i64::MAX, |after| after.at.0))
            .bind(after.map(|after| after.id.to_string()).unwrap_or_default())
            .bind(most);
        let query = match actor {
            None | Some(AuditActor::CommandLine) => query,
            Some(AuditActor::Member(id)) => query.bind(id.to_string()),
            Some(AuditActor::Key(id)) => query.bind(id.to_string()),
        };
        query
            .fetch_all(self.sql())
            .await?
            .iter()
            .map(|found| {
                let name = row::maybe_text(found, "actor_name")?;
                Ok((read(found)?, name.unwrap_or_else(|| COMMAND_LINE.into())))
            })
            .collect()
    }

    /// Who may stand in the organization's log, members before keys and each by name; 500 of both at most. Members who
    /// were removed and keys that were revoked are among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_actors(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<(AuditActor, String)>, StoreError> {
        sqlx::query(
            "SELECT id AS member_id, NULL AS key_id, name, 0 AS kind FROM members WHERE organization_id = $1 \
             UNION ALL SELECT NULL, id, name, 1 FROM api_keys WHERE organization_id = $1 \
             ORDER BY kind, name LIMIT 500",
        )
        .bind(organization.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| Ok((read_actor(found)?, row::text(found, "name")?)))
        .collect()
    }
}

fn read_actor(found: &AnyRow) -> Result<AuditActor, StoreError> {
    match row::maybe_parsed(found, "member_id")? {
        Some(member) => Ok(AuditActor::Member(member)),
        None => Ok(match row::maybe_parsed(found, "key_id")? {
            Some(key) => AuditActor::Key(key),
            None => AuditActor::CommandLine,
        }),
    }
}

fn read(found: &AnyRow) -> Result<AuditEvent, StoreError> {
    Ok(AuditEvent {
        id: row::parsed(found, "id")?,
        organization: row::parsed(found, "organization_id")?,
        actor: read_actor(found)?,
        action: row::parsed(found, "action")?,
        subject: row::maybe_text(found, "subject")?,
        detail: row::maybe_text(found, "detail")?,
        at: row::at(found, "at")?,
    })
}
