use shared::{
    id::SiteId,
    status::{ConnectionStatus, LinkEventKind, LinkStatus},
};

use crate::store::{
    finish::{FinishError, FinishInput},
    testing::{
        Client, KINDS, NOW, TestStore, finish, finish_input, first_job, fresh, new_link, on_both,
    },
};

/// Every table that a finish writes to.
const WRITTEN: [&str; 4] = ["connections", "connection_sites", "credentials", "jobs"];

async fn assert_nothing_written(test: &TestStore, client: &Client) {
    for table in WRITTEN {
        assert_eq!(test.rows(table).await, 0, "{table}");
    }
    let found = test
        .store
        .read("test", |tx| {
            Box::pin(tx.link(client.organization, client.link.id))
        })
        .await
        .expect("link")
        .expect("found");
    assert_eq!(found.link, client.link, "the link is as it was");
    assert_eq!(test.rows("link_events").await, 1, "only CREATED");
}

#[tokio::test]
async fn writes_everything_at_once() {
    on_both(async |test| {
        let client = test.client().await;
        let input = finish_input(&client);
        test.store
            .tx("test", |tx| Box::pin(finish(tx, &input)))
            .await
            .expect("finish");

        let connection = test
            .store
            .read("test", |tx| {
                Box::pin(tx.connection(client.organization, input.connection))
            })
            .await
            .expect("get")
            .expect("found");
        assert_eq!(connection.status, ConnectionStatus::Pending);
        assert_eq!(connection.provider_name, "utility.example");
        assert_eq!(connection.owner_email, client.link.owner_email);
        assert_eq!(
            connection.data_collection_start_date.as_deref(),
            Some("2025-01-01")
        );
        assert_eq!(connection.external_id.as_deref(), Some("their-7"));
        assert_eq!(connection.next_collection_at, Some(input.now));
        assert_eq!(connection.utility_types, input.utility_types);
        let sites = test
            .store
            .read("test", |tx| {
                Box::pin(tx.sites_of_connection(client.company.id, input.connection))
            })
            .await
            .expect("sites");
        assert_eq!(sites, [client.site.id]);
        let stored = test
            .store
            .read("test", |tx| {
                Box::pin(tx.credentials(client.company.id, input.connection))
            })
            .await
            .expect("get")
            .expect("found");
        assert_eq!(
            (stored.sealed, stored.recipe),
            (vec![1, 2, 3], "{}".to_owned())
        );

        let link = test
            .store
            .read("test", |tx| {
                Box::pin(tx.link(client.organization, client.link.id))
            })
            .await
            .expect("get")
            .expect("found")
            .link;
        assert_eq!(link.status(input.now), LinkStatus::Fulfilled);
        assert_eq!(
            (link.use_count, link.fulfilled_flow),
            (1, Some(input.flow_ref))
        );
        let events = test
            .store
            .read("test", |tx| {
                Box::pin(tx.link_events(client.organization, link.id))
            })
            .await
            .expect("events");
        assert_eq!(
            events.iter().map(|event| event.kind).collect::<Vec<_>>(),
            [LinkEventKind::Created, LinkEventKind::Fulfilled]
        );

        let job = test
            .store
            .tx("test", |tx| {
                Box::pin(tx.claim_job(&KINDS, input.now, 1000, "w"))
            })
            .await
            .expect("claim")
            .expect("the first collection");
        assert_eq!(
            (job.id, job.company, job.payload),
            (
                first_job(&input).id,
                Some(client.company.id),
                format!("{{\"connection\":\"{}\"}}", input.connection)
            )
        );
    })
    .await;
}

#[tokio::test]
async fn of_two_flows_one_wins() {
    on_both(async |test| {
        for _ in 0..5 {
            let client = test.client().await;
            let (one, two) = (finish_input(&client), finish_input(&client));
            let before = test.rows("connections").await;
            let (first, second) = tokio::join!(
                test.store.tx("test", |tx| Box::pin(finish(tx, &one))),
                test.store.tx("test", |tx| Box::pin(finish(tx, &two)))
            );
            let (winner, loser) = if first.is_ok() {
                (&one, second)
            } else {
                (&two, first)
            };
            assert!(matches!(loser, Err(FinishError::Used)), "{loser:?}");
            assert_eq!(test.rows("connections").await, before + 1);
            let made = test
                .store
                .read("test", |tx| {
                    Box::pin(tx.connections_of_link(client.company.id, client.link.id))
                })
                .await
                .expect("list");
            assert_eq!(
                made.iter()
                    .map(|connection| connection.id)
                    .collect::<Vec<_>>(),
                [winner.connection]
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_same_flow_may_add_more() {
    on_both(async |test| {
        let client = test.client().await;
        let first = finish_input(&client);
        test.store
            .tx("test", |tx| Box::pin(finish(tx, &first)))
            .await
            .expect("first");
        let mut more = finish_input(&client);
        more.flow_ref = first.flow_ref;
        test.store
            .tx("test", |tx| Box::pin(finish(tx, &more)))
            .await
            .expect("more");
        let link = test
            .store
            .read("test", |tx| {
                Box::pin(tx.link(client.organization, client.link.id))
            })
            .await
            .expect("get")
            .expect("found")
            .link;
        assert_eq!((link.use_count, link.fulfilled_at), (1, Some(first.now)));
        assert_eq!(test.rows("jobs").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_link_for_two_is_used_by_two_flows_and_no_third() {
    on_both(async |test| {
        let mut client = test.client().await;
        client.link = new_link(client.company.id);
        client.link.max_uses = 2;
        let (organization, link) = (client.organization, &client.link);
        let adding = test
            .store
            .tx("test", |tx| Box::pin(tx.add_link(organization, link)));
        assert!(adding.await.expect("add"));
        let finish = async |input: &FinishInput| {
            test.store.tx("test", |tx| Box::pin(tx.finish(input))).await
        };
        let read = async || {
            let reading = test
                .store
                .read("test", |tx| Box::pin(tx.link(organization, link.id)));
            reading.await.expect("read").expect("the link").link
        };
        let more = |first: &FinishInput| FinishInput {
            flow_ref: first.flow_ref,
            ..finish_input(&client)
        };

        let first = finish_input(&client);
        let made = finish(&first).await.expect("first").expect("new");
        assert_eq!(made.fulfilled, None);
        finish(&more(&first)).await.expect("more").expect("new");
        let used_once = read().await;
        assert_eq!(used_once.use_count, 1);
        assert_eq!(used_once.status(first.now), LinkStatus::Active);

        // Of two that come at once, one gets the last use.
        let (one, two) = (finish_input(&client), finish_input(&client));
        let (done_one, done_two) = tokio::join!(finish(&one), finish(&two));
        let (won, lost) = if done_one.is_ok() {
            (done_one, done_two)
        } else {
            (done_two, done_one)
        };
        let won = won.expect("a winner").expect("new");
        assert_eq!(won.fulfilled, Some(link.id));
        assert!(matches!(lost, Err(FinishError::Used)), "{lost:?}");

        // The first flow, which is not the last that used it, still adds.
        let added = finish(&more(&first)).await.expect("more").expect("new");
        assert_eq!(added.fulfilled, None);
        let used_up = read().await;
        assert_eq!((used_up.use_count, used_up.max_uses), (2, 2));
        assert_eq!(used_up.status(first.now), LinkStatus::Fulfilled);
    })
    .await;
}

#[tokio::test]
async fn a_refused_finish_leaves_nothing() {
    on_both(async |test| {
        let client = test.client().await;
        let stranger = test.client().await;

        // A site of another company: found out after the connection was already inserted.
        for site in [stranger.site.id, SiteId::from_random(fresh())] {
            let mut input = finish_input(&client);
            input.sites.push(site);
            assert!(matches!(
                test.store
                    .tx("test", |tx| Box::pin(finish(tx, &input)))
                    .await,
                Err(FinishError::UnknownSite)
            ));
        }
        // A connection id that is taken fails inside the database itself.
        let mut of_another_company = finish_input(&client);
        of_another_company.company = stranger.company.id;
        assert!(matches!(
            test.store
                .tx("test", |tx| Box::pin(finish(tx, &of_another_company)))
                .await,
            Err(FinishError::UnknownLink)
        ));

        for table in WRITTEN {
            assert_eq!(test.rows(table).await, 0, "{table}");
        }
        let found = test
            .store
            .read("test", |tx| {
                Box::pin(tx.link(client.organization, client.link.id))
            })
            .await
            .expect("get")
            .expect("found");
        assert_eq!(found.link, client.link);
    })
    .await;
}

#[tokio::test]
async fn a_database_failure_in_the_middle_leaves_nothing() {
    on_both(async |test| {
        let client = test.client().await;
        let taken = test.client().await;
        let connection = test.connect(&taken).await;
        let before = [
            test.rows("connections").await,
            test.rows("credentials").await,
            test.rows("jobs").await,
        ];
        let mut input = finish_input(&client);
        input.connection = connection;
        assert!(matches!(
            test.store
                .tx("test", |tx| Box::pin(finish(tx, &input)))
                .await,
            Err(FinishError::Store(_))
        ));
        let after = [
            test.rows("connections").await,
            test.rows("credentials").await,
            test.rows("jobs").await,
        ];
        assert_eq!(before, after);
        let found = test
            .store
            .read("test", |tx| {
                Box::pin(tx.link(client.organization, client.link.id))
            })
            .await
            .expect("get")
            .expect("found");
        assert_eq!(found.link, client.link, "not used up");
    })
    .await;
}

#[tokio::test]
async fn a_revoked_link_finishes_nothing_but_one_that_ran_out_meanwhile_does() {
    on_both(async |test| {
        let client = test.client().await;
        test.store
            .tx("test", |tx| {
                Box::pin(tx.revoke_link(client.organization, client.link.id, None, NOW))
            })
            .await
            .expect("revoke");
        let input = finish_input(&client);
        let refused = test
            .store
            .tx("test", |tx| Box::pin(finish(tx, &input)))
            .await;
        assert!(matches!(refused, Err(FinishError::Revoked)), "{refused:?}");
        assert_eq!(test.rows("connections").await, 0);

        let mut late = test.client().await;
        late.link = crate::store::testing::new_link(late.company.id);
        late.link.expires_at = Some(NOW.plus(10));
        assert!(
            test.store
                .tx("test", |tx| Box::pin(
                    tx.add_link(late.organization, &late.link)
                ))
                .await
                .expect("add")
        );
        assert_eq!(late.link.status(NOW.plus(9)), LinkStatus::Active);
        assert_eq!(late.link.status(NOW.plus(10)), LinkStatus::Expired);
        let input = finish_input(&late);
        test.store
            .tx("test", |tx| Box::pin(finish(tx, &input)))
            .await
            .expect("started in time");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_written_before_the_finish() {
    on_both(async |test| {
        let client = test.client().await;
        assert_nothing_written(test, &client).await;
    })
    .await;
}
