//! Who changes something of an organization, and the lines of its audit log that tell of it.

use shared::{id::AuditEventId, id::OrganizationId, member::AuditAction, time::UnixMillis};

use crate::{
    clock::{Random, bytes},
    store::{
        StoreError, Tx,
        audit_events::{AuditActor, AuditEvent},
    },
};

/// Who changes something of an organization, and when.
#[derive(Clone, Copy)]
pub struct Author<'a> {
    /// The organization that it is done for.
    pub organization: OrganizationId,
    /// Who does it.
    pub actor: AuditActor,
    /// When it is done.
    pub now: UnixMillis,
    /// The source of randomness for ids.
    pub random: &'a dyn Random,
}

impl Author<'_> {
    /// Tells what was done with what has this id and name, in the transaction that does it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn did(
        &self,
        tx: &mut Tx<'_>,
        action: AuditAction,
        subject: Option<String>,
        name: Option<String>,
    ) -> Result<(), StoreError> {
        let event = AuditEvent {
            id: AuditEventId::from_random(bytes(self.random)),
            organization: self.organization,
            actor: self.actor,
            action,
            subject,
            detail: name,
            at: self.now,
        };
        tx.add_audit_event(&event).await
    }
}
