use shared::{
    id::{ConnectionId, FlowRef},
    status::{LinkStatus, UnattendedReason},
    time::UnixMillis,
};

use crate::store::{
    StoreError,
    browser_sessions::SealedSession,
    link_changes::Revocation,
    links::Link,
    proposed_credentials::{Renewal, RenewalInput},
    testing::{Client, NOW, TestStore, finish_input, fresh, new_bill, on_both},
};

/// A link that repairs the connection.
async fn update_link(test: &TestStore, client: &Client, connection: ConnectionId) -> Link {
    let company = client.company.id;
    let row = test.store.read("test", |tx| {
        Box::pin(tx.connection_of_company(company, connection))
    });
    let row = row.await.expect("read").expect("a connection");
    let id = shared::id::LinkId::from_random(fresh());
    let link = Link::for_update(id, &row, 3, [8; 12], NOW);
    let added = test.store.tx("test", |tx| {
        Box::pin(tx.add_link(client.organization, &link))
    });
    assert!(added.await.expect("added"));
    link
}

async fn renew(test: &TestStore, link: &Link, sealed: &[u8], now: UnixMillis) -> Renewal {
    let input = RenewalInput {
        company: link.company,
        connection: link.connection.expect("an update link"),
        link: link.id,
        flow_ref: FlowRef::from_random([9; 16]),
        sealed: sealed.to_vec(),
        recipe: "{}".into(),
        username_masked: Some("new…".into()),
        session: Some(SealedSession {
            sealed: b"a session".to_vec(),
            saved_at: now,
        }),
        now,
    };
    let renewed = test
        .store
        .tx("test", |tx| Box::pin(tx.renew_credentials(&input)));
    renewed.await.expect("renewed")
}

#[tokio::test]
async fn a_connection_that_worked_keeps_its_credentials_until_new_ones_are_accepted() {
    on_both(async |test| {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let company = client.company.id;
        let bill = new_bill(company, connection, 1);
        let added = test.store.tx("test", |tx| Box::pin(tx.add_bill(&bill)));
        added.await.expect("a bill");
        let link = update_link(test, &client, connection).await;
        let (first, second) = (NOW.plus(1), NOW.plus(2));
        assert_eq!(renew(test, &link, b"first", first).await, Renewal::Proposed);
        assert_eq!(
            renew(test, &link, b"second", second).await,
            Renewal::Proposed
        );
        let accept = async |at| {
            let accepted = test.store.tx("test", |tx| {
                Box::pin(tx.accept_proposed_credentials(company, connection, at, NOW.plus(3)))
            });
            accepted.await.expect("a store")
        };
        let own = async || {
            let read = test.store.read("test", |tx| {
                Box::pin(async move {
                    let own = tx.credentials(company, connection).await?;
                    let session = tx.browser_session(company, connection).await?;
                    Ok::<_, StoreError>((own.map(|own| own.sealed), session.is_some()))
                })
            });
            read.await.expect("read")
        };
        assert!(!accept(first).await, "another took its place");
        assert_eq!(own().await, (Some(vec![1, 2, 3]), false));
        assert!(accept(second).await);
        assert!(!accept(second).await, "once");
        assert_eq!(own().await, (Some(b"second".to_vec()), true));
        let row = test.store.read("test", |tx| {
            Box::pin(tx.connection_of_company(company, connection))
        });
        let row = row.await.expect("read").expect("a connection");
        assert_eq!(row.username_masked.as_deref(), Some("new…"));
        let works = row.works_unattended.expect("proven");
        assert_eq!(works.reason, None::<UnattendedReason>);
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_is_switched_off_is_not_renewed() {
    on_both(async |test| {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let company = client.company.id;
        let link = update_link(test, &client, connection).await;
        let off = test.store.tx("test", |tx| {
            Box::pin(tx.switch_connection_off(company, connection, NOW.plus(1)))
        });
        off.await.expect("off");
        assert_eq!(
            renew(test, &link, b"new", NOW.plus(2)).await,
            Renewal::SwitchedOff
        );
        let kept = test
            .store
            .read("test", |tx| Box::pin(tx.credentials(company, connection)));
        let kept = kept.await.expect("read").expect("credentials");
        assert_eq!(kept.sealed, finish_input(&client).sealed);
    })
    .await;
}

#[tokio::test]
async fn a_link_that_was_revoked_renews_nothing() {
    on_both(async |test| {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let link = update_link(test, &client, connection).await;
        let revoked = test.store.tx("test", |tx| {
            Box::pin(tx.revoke_link(client.organization, link.id, None, NOW.plus(1)))
        });
        assert_eq!(revoked.await.expect("revoked"), Revocation::Revoked);
        assert_eq!(
            renew(test, &link, b"new", NOW.plus(2)).await,
            Renewal::Revoked
        );
        assert_eq!(test.rows("proposed_credentials").await, 0);
        let found = test
            .store
            .read("test", |tx| Box::pin(tx.link(client.organization, link.id)));
        let found = found.await.expect("read").expect("the link");
        assert_eq!(found.link.status(NOW.plus(3)), LinkStatus::Revoked);
    })
    .await;
}
