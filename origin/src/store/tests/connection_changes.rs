use futures_util::future::join_all;
use shared::{
    id::{CodeChannelId, CollectionId, ConnectionId, LinkId},
    status::{CodeAnswerer, LinkStatus},
};

use crate::store::{
    Page, StoreError,
    bill_lists::BillFilter,
    browser_sessions::SealedSession,
    code_channels::CodeChannelRow,
    connection_changes::ConnectionSettings,
    connection_removal::BillsAfter,
    connections::ConnectionFilter,
    links::Link,
    sign_in_failures::SealedFailure,
    testing::{Client, KINDS, NOW, TestStore, finish, finish_input, fresh, new_bill, on_both},
};

/// Another connection of the client's company with a bill of the same account.
async fn connect_same_account(test: &TestStore, client: &Client) -> ConnectionId {
    let company = client.company.id;
    let link = test.link(client.organization, company).await;
    let mut input = finish_input(client);
    input.link = link.id;
    let (id, input) = (input.connection, &input);
    let finished = test.store.tx("test", |tx| Box::pin(finish(tx, input)));
    finished.await.expect("finish");
    let bill = &new_bill(company, id, 1);
    let added = test.store.tx("test", |tx| Box::pin(tx.add_bill(bill)));
    added.await.expect("bill");
    id
}

#[tokio::test]
async fn settings_sites_and_switch_are_written_and_nothing_else() {
    on_both(async |test| {
        let client = test.client().await;
        let id = test.connect(&client).await;
        let company = client.company.id;
        let site = test.site(company).await.id;
        let row = async || {
            let read = test
                .store
                .read("test", |tx| Box::pin(tx.connection_of_company(company, id)));
            read.await.expect("read").expect("a connection")
        };
        let before = row().await;
        let settings = &ConnectionSettings {
            external_id: None,
            utility_types: Vec::new(),
            owner_email: Some("new@client.example".into()),
            data_collection_start_date: None,
        };
        let now = NOW.plus(5000);
        let changed = test.store.tx("test", |tx| {
            Box::pin(tx.change_connection_settings(company, id, settings, now))
        });
        changed.await.expect("changed");
        let said = row().await;
        assert_eq!(
            (said.types_changed_at, said.sites_changed_at),
            (Some(now), None)
        );
        let changed = test.store.tx("test", |tx| {
            Box::pin(async move {
                tx.change_connection_sites(company, id, &[site], now)
                    .await?;
                tx.sites_of_connection(company, id).await
            })
        });
        assert_eq!(changed.await.expect("changed"), [site]);
        let changed = row().await;
        assert_eq!(&ConnectionSettings::of(&changed), settings);
        assert_eq!(
            (changed.next_collection_at, changed.updated_at),
            (before.next_collection_at, now)
        );
        assert_eq!(
            (before.types_changed_at, changed.sites_changed_at),
            (None, Some(now))
        );

        let off = test.store.tx("test", |tx| {
            Box::pin(tx.switch_connection_off(company, id, now))
        });
        off.await.expect("off");
        let off = row().await;
        assert_eq!((off.inactive_at, off.next_collection_at), (Some(now), None));
        assert_eq!(off.status, before.status);
        let on = test.store.tx("test", |tx| {
            Box::pin(async move {
                tx.switch_connection_on(company, id, now).await?;
                tx.set_next_collection(company, id, NOW.plus(9), now).await
            })
        });
        on.await.expect("on");
        let on = row().await;
        assert_eq!(
            (on.inactive_at, on.next_collection_at),
            (None, Some(NOW.plus(9)))
        );
    })
    .await;
}

#[tokio::test]
async fn who_changes_a_connection_at_the_same_time_loses_nothing() {
    on_both(async |test| {
        let client = test.client().await;
        let id = test.connect(&client).await;
        let company = client.company.id;
        let append = async || {
            let appended = test.store.tx("test", |tx| {
                Box::pin(async move {
                    let found = tx.lock_connection(company, id).await?;
                    let mut settings = ConnectionSettings::of(&found.expect("a connection"));
                    settings.external_id = settings.external_id.map(|text| text + "+");
                    tx.change_connection_settings(company, id, &settings, NOW)
                        .await
                })
            });
            appended.await.expect("appended");
        };
        join_all((0..8).map(|_| append())).await;
        let read = test
            .store
            .read("test", |tx| Box::pin(tx.connection_of_company(company, id)));
        let found = read.await.expect("read").expect("a connection");
        assert_eq!(found.external_id.as_deref(), Some("their-7++++++++"));
    })
    .await;
}

#[tokio::test]
async fn only_work_that_nobody_does_leaves_the_queue() {
    on_both(async |test| {
        let client = test.client().await;
        let id = test.connect(&client).await;
        let (company, key) = (client.company.id, &format!("COLLECT:{id}"));
        let claimed = test.store.tx("test", |tx| {
            Box::pin(tx.claim_job(&KINDS, NOW.plus(1000), 1000, "w"))
        });
        let job = &claimed.await.expect("claim").expect("due");
        let remove = async |at| {
            let removed = test.store.tx("test", |tx| {
                Box::pin(async move {
                    tx.remove_waiting_job(company, key, at).await?;
                    tx.lock_job(key).await
                })
            });
            removed.await.expect("removed")
        };
        let queued = remove(NOW.plus(1500)).await.expect("it is being done");
        assert_eq!(
            (queued.lease_until, queued.is_parked),
            (Some(NOW.plus(2000)), false)
        );
        let held = test.store.tx("test", |tx| Box::pin(tx.holds_job(job)));
        assert!(held.await.expect("held"));
        assert_eq!(remove(NOW.plus(2000)).await, None, "its lease ended");
        let held = test.store.tx("test", |tx| Box::pin(tx.holds_job(job)));
        assert!(!held.await.expect("lost"));
    })
    .await;
}

#[tokio::test]
async fn what_signs_in_goes_with_the_connection_and_bills_only_where_asked() {
    on_both(async |test| {
        for bills in [BillsAfter::Keep, BillsAfter::Delete] {
            let client = test.client().await;
            let (id, other) = (
                connect_same_account(test, &client).await,
                connect_same_account(test, &client).await,
            );
            let (company, organization) = (client.company.id, client.organization);
            let anew = &channel(&client, id);
            let before = test.rows("collections").await;
            let link = fill(test, &client, id).await;
            let claimed = test.store.tx("test", |tx| {
                Box::pin(tx.claim_job(&KINDS, NOW.plus(1000), 1000, "w"))
            });
            claimed.await.expect("claim").expect("one runs");
            let job = &format!("COLLECT:{id}");
            let now = NOW.plus(3000);
            let failure = &SealedFailure {
                sealed: vec![1],
                failed_at: now,
            };
            let hour = "7".parse().expect("an hour");
            let removal = test.store.tx("test", |tx| {
                Box::pin(async move {
                    assert!(tx.lock_connection(company, id).await?.is_some());
                    let removal = tx.remove_connection(company, id, job, bills, now).await?;
                    assert_eq!(tx.lock_connection(company, id).await?, None);
                    assert_eq!(tx.lock_job(job).await?, None);
                    assert!(tx.credentials(company, id).await?.is_none());
                    assert!(tx.browser_session(company, id).await?.is_none());
                    assert_eq!(tx.lockout(company, id).await?, None);
                    assert!(tx.code_channels(company, id).await?.is_empty());
                    assert!(!tx.put_code_channel(anew).await?);
                    assert!(!tx.keep_sign_in_failure(company, id, failure).await?);
                    tx.set_code_hour(company, id, Some(hour)).await?;
                    assert_eq!(tx.code_hour(company, id).await?, None);
                    Ok::<_, StoreError>(removal)
                })
            });
            let removal = removal.await.expect("removed");
            assert_eq!(removal.revoked, [link]);
            assert_eq!(removal.no_longer_duplicated, [other]);
            // Bills that were kept make no account of another connection a duplicate again.
            let bill = &new_bill(company, other, 2);
            let added = test.store.tx("test", |tx| Box::pin(tx.add_bill(bill)));
            added.await.expect("bill");
            let found = test.store.read("test", |tx| {
                Box::pin(async move {
                    let found = tx.link(organization, link).await?;
                    let filter = BillFilter::default();
                    let bills = tx
                        .bills_of_company(organization, company, &filter, Page::FIRST)
                        .await?;
                    let accounts = tx.accounts(company, other).await?;
                    Ok::<_, StoreError>((found, bills.total, accounts))
                })
            });
            let (found, total, accounts) = found.await.expect("read");
            let status = found.expect("the link").link.status(now);
            assert_eq!(status, LinkStatus::Revoked);
            let counted = test.store.read("test", |tx| {
                Box::pin(async move {
                    let all = ConnectionFilter::default();
                    let of_company = tx.connections(organization, company, &all, Page::FIRST);
                    let of_company = of_company.await?;
                    Ok::<_, StoreError>((of_company.total, of_company.rows.len()))
                })
            });
            let (total_connections, rows) = counted.await.expect("counted");
            assert_eq!(total_connections, i64::try_from(rows).expect("few"));
            let is_kept = bills == BillsAfter::Keep;
            assert_eq!(total, if is_kept { 3 } else { 2 });
            assert!(!accounts[0].is_duplicated);
            assert_eq!(test.rows("collections").await, before);
            for table in ["sign_in_failures", "proposed_credentials"] {
                assert_eq!(test.rows(table).await, 0, "{table}");
            }
        }
    })
    .await;
}

fn channel(client: &Client, id: ConnectionId) -> CodeChannelRow {
    CodeChannelRow {
        id: CodeChannelId::from_random(fresh()),
        company: client.company.id,
        connection: id,
        kind: CodeAnswerer::Authenticator,
        address: None,
        secret: Some(vec![1]),
        last_time_step: None,
        created_at: NOW,
        proven_at: None,
        waits_until: NOW,
        confirmation: None,
    }
}

/// Leaves all that a connection has while it is collected, and answers the link that repairs it.
async fn fill(test: &TestStore, client: &Client, id: ConnectionId) -> LinkId {
    let company = client.company.id;
    let channel = &channel(client, id);
    let filled = test.store.tx("test", |tx| {
        Box::pin(async move {
            let run = CollectionId::from_random(fresh());
            tx.start_collection(company, id, run, NOW).await?;
            tx.set_lockout(company, id, NOW).await?;
            assert!(tx.put_code_channel(channel).await?);
            let session = SealedSession {
                sealed: vec![1],
                saved_at: NOW,
            };
            tx.save_browser_session(company, id, &[1, 2, 3], &session)
                .await?;
            let failure = SealedFailure {
                sealed: vec![1],
                failed_at: NOW,
            };
            tx.keep_sign_in_failure(company, id, &failure).await?;
            let connection = tx.connection_of_company(company, id).await?;
            let connection = connection.expect("a connection");
            let link = LinkId::from_random(fresh());
            let link = Link::for_update(link, &connection, 3, [8; 12], NOW);
            tx.add_link(client.organization, &link).await?;
            Ok::<_, StoreError>(link.id)
        })
    });
    filled.await.expect("filled")
}
