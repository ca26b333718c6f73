//! What keys do stands in the organization's audit log, beside what its members do at the console.

use std::sync::Arc;

use shared::{
    id::{ApiKeyId, OrganizationId},
    member::AuditAction,
    time::UnixMillis,
};

use super::state::ApiDoor;
use crate::{
    audit::Author,
    store::{StoreError, Tx, audit_events::AuditActor, webhook_endpoints::WebhookEndpoint},
};

/// Writes lines of the audit log for one call.
pub(super) struct Audit {
    pub(super) door: Arc<ApiDoor>,
    pub(super) organization: OrganizationId,
    pub(super) key: ApiKeyId,
    pub(super) now: UnixMillis,
}

impl Audit {
    /// The key, as the one who does what other rooms write down.
    pub(super) fn author(&self) -> Author<'_> {
        Author {
            organization: self.organization,
            actor: AuditActor::Key(self.key),
            now: self.now,
            random: &*self.door.random,
        }
    }

    /// Tells what was done with what has this id and name, in the transaction that does it.
    pub(super) async fn did(
        &self,
        tx: &mut Tx<'_>,
        action: AuditAction,
        subject: Option<String>,
        name: Option<String>,
    ) -> Result<(), StoreError> {
        self.author().did(tx, action, subject, name).await
    }

    /// Tells that all bills of what has this id were taken away, before they are.
    pub(super) async fn exported(&self, of: String) -> Result<(), StoreError> {
        let of = Some(of);
        let writing = self.door.store.tx("api.export_bills", |tx| {
            Box::pin(self.did(tx, AuditAction::BillsExported, of.clone(), None))
        });
        writing.await
    }

    /// The same of a webhook endpoint.
    pub(super) async fn endpoint(
        &self,
        tx: &mut Tx<'_>,
        action: AuditAction,
        endpoint: &WebhookEndpoint,
    ) -> Result<(), StoreError> {
        let id = endpoint.id.to_string();
        self.did(tx, action, Some(id), Some(endpoint.audit_name()))
            .await
    }
}
