//! The mails and notices of an organization that were delivered, for whoever looks at the folder that they lie in.

use shared::{id::OrganizationId, time::UnixMillis};
use sqlx::any::AnyRow;

use super::{StoreError, Tx, row};

/// A mail or notice that was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredMail {
    /// The id of the mail or the notice, which names its file.
    pub id: String,
    /// Whom it went to.
    pub recipient: String,
    /// Whether it lets its reader in to the console.
    pub is_invitation: bool,
    /// When it was delivered.
    pub at: UnixMillis,
}

// $2: whether invitations are among them, 0 or 1. $3: one id, or nothing for all of them.
macro_rules! delivered {
    () => {
        "SELECT id, kind, recipient, delivered_at FROM outgoing_mails \
           WHERE organization_id = $1 AND delivered_at IS NOT NULL AND (kind <> 'INVITATION' OR $2 = 1) \
             AND ($3 = '' OR id = $3) \
         UNION ALL \
         SELECT n.id, n.kind, n.recipient, n.delivered_at FROM notices n \
           JOIN companies c ON c.id = n.company_id \
           WHERE c.organization_id = $1 AND n.delivered_at IS NOT NULL AND ($3 = '' OR n.id = $3) \
         ORDER BY delivered_at DESC, id LIMIT $4"
    };
}

impl Tx<'_> {
    /// The organization's mails that were delivered last, newest first; with those that let their reader in to the console,
    /// or without.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delivered_mails(
        &mut self,
        organization: OrganizationId,
        with_invitations: bool,
        most: i64,
    ) -> Result<Vec<DeliveredMail>, StoreError> {
        sqlx::query(delivered!())
            .bind(organization.to_string())
            .bind(i64::from(with_invitations))
            .bind(String::new())
            .bind(most)
            .fetch_all(self.sql())
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delivered_mail(
        &mut self,
        organization: OrganizationId,
        with_invitations: bool,
        id: &str,
    ) -> Result<Option<DeliveredMail>, StoreError> {
        if id.is_empty() {
            return Ok(None);
        }
        sqlx::query(delivered!())
            .bind(organization.to_string())
            .bind(i64::from(with_invitations))
            .bind(id.to_owned())
            .bind(1_i64)
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }
}

fn read(found: &AnyRow) -> Result<DeliveredMail, StoreError> {
    Ok(DeliveredMail {
        id: row::text(found, "id")?,
        recipient: row::text(found, "recipient")?,
        is_invitation: row::text(found, "kind")? == "INVITATION",
        at: row::at(found, "delivered_at")?,
    })
}
