//! API keys: found by their hash, changed by version, and their organization's alone.

use shared::{
    api_key::{ApiKeyEnvironment, ApiKeyScope},
    id::{ApiKeyId, OrganizationId},
};
use sqlx::AssertSqlSafe;

use crate::store::{
    Page, StoreError, Tx,
    keys::ApiKey,
    testing::{NOW, TestStore, fresh, on_both},
};

fn key(organization: OrganizationId) -> ApiKey {
    ApiKey {
        id: ApiKeyId::from_random(fresh()),
        organization,
        name: "server".into(),
        prefix: "ml_sandbox_abcde".into(),
        environment: ApiKeyEnvironment::Sandbox,
        scopes: vec![ApiKeyScope::Read, ApiKeyScope::Admin],
        expires_at: Some(NOW.plus(5)),
        allowed_addresses: vec!["203.0.113.0/24".parse().expect("a range")],
        created_at: NOW,
        last_used_at: None,
        revoked_at: None,
        version: 1,
    }
}

async fn by_hash(test: &TestStore, hash: [u8; 32]) -> Option<ApiKey> {
    let found = test
        .store
        .read("test", |tx| Box::pin(tx.key_by_hash(hash)))
        .await;
    found.expect("read")
}

#[tokio::test]
async fn a_key_opens_its_organization_until_it_is_revoked() {
    on_both(async |test| {
        let (mine, other) = (test.client().await, test.client().await);
        let key = key(mine.organization);
        let added = test
            .store
            .tx("test", |tx| Box::pin(tx.add_key(&key, [7; 32])));
        added.await.expect("added");
        assert_eq!(by_hash(test, [8; 32]).await, None);
        assert_eq!(by_hash(test, [7; 32]).await, Some(key.clone()));
        let used = test
            .store
            .tx("test", |tx| Box::pin(tx.set_key_used(key.id, NOW)));
        used.await.expect("used");
        let lists = test.store.read("test", |tx| {
            Box::pin(async move {
                let mine = tx.keys(mine.organization, Page::FIRST).await?;
                Ok::<_, StoreError>((mine, tx.keys(other.organization, Page::FIRST).await?))
            })
        });
        let (listed, theirs) = lists.await.expect("lists");
        assert_eq!((listed.total, listed.rows.len()), (1, 1));
        assert_eq!(listed.rows[0].last_used_at, Some(NOW));
        assert_eq!((theirs.total, theirs.rows.len()), (0, 0));

        let revoke = |organization| {
            let revoked = test.store.tx("test", move |tx| {
                Box::pin(tx.revoke_key(organization, key.id, NOW))
            });
            async { revoked.await.expect("revoked") }
        };
        assert!(!revoke(other.organization).await);
        assert!(revoke(mine.organization).await);
        assert!(!revoke(mine.organization).await, "once");
        assert_eq!(by_hash(test, [7; 32]).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_changed_by_version_and_by_its_organization_alone() {
    on_both(async |test| {
        let (mine, other) = (test.client().await, test.client().await);
        let key = key(mine.organization);
        let added = test
            .store
            .tx("test", |tx| Box::pin(tx.add_key(&key, [7; 32])));
        added.await.expect("added");
        let change = async |key: &ApiKey| {
            let changed = test
                .store
                .tx("test", |tx| Box::pin(tx.change_key(key)))
                .await;
            changed.expect("written")
        };
        let new = ApiKey {
            name: "other server".into(),
            expires_at: None,
            allowed_addresses: Vec::new(),
            ..key.clone()
        };
        let theirs = ApiKey {
            organization: other.organization,
            ..new.clone()
        };
        assert!(!change(&theirs).await, "another organization's");
        assert!(change(&new).await);
        assert!(!change(&new).await, "out of date");
        let found = by_hash(test, [7; 32]).await;
        assert_eq!(found, Some(ApiKey { version: 2, ..new }));
        let read = async |organization| {
            let read = test
                .store
                .read("test", |tx| Box::pin(tx.key(organization, key.id)));
            read.await.expect("read")
        };
        assert_eq!(read(mine.organization).await, found);
        assert_eq!(read(other.organization).await, None);

        let revoked = test.store.tx("test", |tx| {
            Box::pin(async move {
                tx.revoke_key(mine.organization, key.id, NOW).await?;
                tx.keys_not_revoked(mine.organization).await
            })
        });
        assert_eq!(revoked.await.expect("revoked"), []);
        let revoked = read(mine.organization).await.expect("it stays");
        assert!(!change(&revoked).await, "it was revoked");
    })
    .await;
}

/// A node of the version before makes keys beside this one, and those that are there were made by it.
#[tokio::test]
async fn a_key_of_the_version_before_may_do_everything() {
    on_both(async |test| {
        let client = test.client().await;
        let id = ApiKeyId::from_random(fresh());
        let organization = client.organization;
        let old = test.store.tx("test", |tx| {
            Box::pin(async move { insert_old(tx, id, organization).await })
        });
        old.await.expect("written");
        let found = test
            .store
            .read("test", |tx| Box::pin(tx.key(organization, id)));
        let found = found.await.expect("read").expect("there");
        assert_eq!(found.scopes, ApiKeyScope::ALL);
        assert_eq!(found.environment, ApiKeyEnvironment::Production);
        assert!(found.is_valid(NOW) && found.allows(None));
        assert_eq!(found.version, 1);
    })
    .await;
}

async fn insert_old(
    tx: &mut Tx<'_>,
    id: ApiKeyId,
    organization: OrganizationId,
) -> Result<(), StoreError> {
    let statement = format!(
        "INSERT INTO api_keys (id, organization_id, name, prefix, hash, created_at) \
         VALUES ('{id}', '{organization}', 'old', 'ml_abcde', $1, 0)"
    );
    sqlx::query(AssertSqlSafe(statement))
        .bind(vec![9u8; 32])
        .execute(tx.sql())
        .await?;
    Ok(())
}

#[test]
fn a_key_is_valid_until_it_expires_and_where_it_is_allowed() {
    let mut key = key(OrganizationId::from_random(fresh()));
    assert!(key.is_valid(NOW.plus(4)) && !key.is_valid(NOW.plus(5)));
    let address = |text: &str| text.parse().ok();
    assert!(key.allows(address("203.0.113.9")));
    assert!(!key.allows(address("198.51.100.1")) && !key.allows(None));
    key.allowed_addresses.clear();
    assert!(key.allows(None));
    key.revoked_at = Some(NOW);
    assert!(!key.is_valid(NOW));
}
