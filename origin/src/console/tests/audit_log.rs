//! The audit log, as owners read it.

use shared::{
    api_key::{ApiKeyEnvironment, ApiKeyScope},
    id::{ApiKeyId, AuditEventId},
    member::{AuditAction, MemberRole},
};

use super::on_both_consoles;
use crate::store::{
    StoreError,
    audit_events::{AuditActor, AuditEvent},
    keys::ApiKey,
    testing::{NOW, fresh},
};

#[tokio::test]
async fn the_log_is_read_in_pages_and_by_who_did_it() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let organization = client.organization;
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let key = ApiKey {
            id: ApiKeyId::from_random(fresh()),
            organization,
            name: "Billing <robot>".into(),
            prefix: "ml_production_a".into(),
            environment: ApiKeyEnvironment::Production,
            scopes: ApiKeyScope::ALL.to_vec(),
            expires_at: None,
            allowed_addresses: Vec::new(),
            created_at: NOW,
            last_used_at: None,
            revoked_at: None,
            version: 1,
        };
        let events: Vec<_> = (0..60)
            .map(|number| AuditEvent {
                id: AuditEventId::from_random(fresh()),
                organization,
                actor: AuditActor::Key(key.id),
                action: AuditAction::CompanyAdded,
                subject: Some(client.company.id.to_string()),
                detail: Some(format!("Company {number}.")),
                // Several of one moment, so that the id decides.
                at: NOW.plus(number / 4 - 100),
            })
            .collect();
        let (key, events) = (&key, &events);
        let writing = console.test.store.tx("test", |tx| {
            Box::pin(async move {
                tx.add_key(key, [9; 32]).await?;
                for event in events {
                    tx.add_audit_event(event).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        writing.await.expect("written");

        let path = format!("/console/audit-log?who=key:{}", key.id);
        let first = owner.get(&path).await;
        assert!(
            first.text.contains("Billing &#60;robot&#62;"),
            "{}",
            first.text
        );
        assert!(!first.text.contains("Signed in"), "of the key alone");
        let (_, more) = first.text.split_once("<p class=\"pages\">").expect("more");
        let more = more
            .split('"')
            .nth(3)
            .expect("its address")
            .replace("&#38;", "&");
        let second = owner.get(&more).await;
        for number in 0..60 {
            let told = format!("Company {number}.");
            let there = [&first, &second].map(|page| page.text.matches(&told).count());
            assert_eq!(there.iter().sum::<usize>(), 1, "{told} {more}");
        }
        assert!(second.text.contains("Newest") && !second.text.contains("Older"));
        let all = owner.get("/console/audit-log?who=").await;
        assert!(all.text.contains("Signed in"), "{}", all.text);
    })
    .await;
}
