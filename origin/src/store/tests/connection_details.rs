use shared::id::{CollectionId, CompanyId, ConnectionId};

use crate::store::{
    Page, StoreError, Tx,
    connections::ConnectionFilter,
    links::LinkFilter,
    testing::{Client, NOW, TestStore, fresh, new_bill, on_both},
};

/// A connection of the client's company with a site, an account and two runs.
async fn connected(test: &TestStore, client: &Client, number: u8) -> ConnectionId {
    let link = test.link(client.organization, client.company.id).await;
    let client = Client {
        organization: client.organization,
        company: client.company.clone(),
        site: client.site.clone(),
        link,
    };
    let connection = test.connect(&client).await;
    let company = client.company.id;
    let bill = &new_bill(company, connection, number);
    let runs = [NOW.plus(1), NOW.plus(2)].map(|at| (CollectionId::from_random(fresh()), at));
    test.store
        .tx("test", |tx| {
            Box::pin(async move {
                tx.add_bill(bill).await?;
                for (id, at) in runs {
                    tx.start_collection(company, connection, id, at).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await
        .expect("bill and runs");
    connection
}

/// What a page of the company's connections costs, in statements, and how many connections it has.
async fn page(tx: &mut Tx<'_>, client: &Client) -> Result<(u32, usize), StoreError> {
    let filter = ConnectionFilter::default();
    let found = tx
        .connections(client.organization, client.company.id, &filter, Page::FIRST)
        .await?;
    let ids: Vec<_> = found.rows.iter().map(|row| row.id).collect();
    let details = tx.connection_details(client.company.id, &ids).await?;
    assert_eq!(details.len(), ids.len());
    Ok((tx.statements(), ids.len()))
}

#[tokio::test]
async fn a_page_of_connections_costs_the_same_statements_however_many_there_are() {
    on_both(async |test| {
        let client = test.client().await;
        let mut costs = Vec::new();
        for number in 1..=12 {
            connected(test, &client, number).await;
            let read = test.store.read("test", |tx| Box::pin(page(tx, &client)));
            let (cost, connections) = read.await.expect("a page");
            assert_eq!(connections, usize::from(number));
            costs.push(cost);
        }
        assert_eq!(costs, [5; 12]);
    })
    .await;
}

#[tokio::test]
async fn details_are_those_of_each_connection_alone() {
    on_both(async |test| {
        let client = test.client().await;
        let stranger = test.client().await;
        let company = client.company.id;
        let one = connected(test, &client, 1).await;
        let two = connected(test, &client, 2).await;
        let bare = test.connect(&client).await;
        let theirs = connected(test, &stranger, 3).await;
        let read = async |company: CompanyId, ids: &[ConnectionId]| {
            let read = test
                .store
                .read("test", |tx| Box::pin(tx.connection_details(company, ids)));
            read.await.expect("details")
        };
        let details = read(company, &[one, two, bare, theirs]).await;
        assert!(!details.contains_key(&theirs), "of another company");
        assert_eq!(details[&bare].sites, [client.site.id]);
        assert_eq!(
            (
                &details[&bare].accounts[..],
                &details[&bare].last_collection
            ),
            (&[][..], &None)
        );
        for id in [one, two] {
            let expected = test.store.read("test", |tx| {
                Box::pin(async move {
                    Ok::<_, StoreError>((
                        tx.sites_of_connection(company, id).await?,
                        tx.accounts(company, id).await?,
                        tx.last_collection(company, id).await?,
                    ))
                })
            });
            let (sites, accounts, last) = expected.await.expect("one by one");
            let found = &details[&id];
            assert_eq!(found.sites, sites);
            assert_eq!((found.accounts.len(), &found.accounts), (1, &accounts));
            let last = last.expect("a run");
            assert_eq!(last.started_at, NOW.plus(2), "the later one");
            assert_eq!(found.last_collection.as_ref(), Some(&last));
        }
        assert!(read(company, &[]).await.is_empty());
        assert!(read(stranger.company.id, &[one, two]).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn connections_of_several_links_come_in_one_statement() {
    on_both(async |test| {
        let client = test.client().await;
        let stranger = test.client().await;
        connected(test, &client, 1).await;
        connected(test, &client, 2).await;
        connected(test, &stranger, 3).await;
        let read = test.store.read("test", |tx| {
            Box::pin(async move {
                let company = client.company.id;
                let links = tx
                    .links(
                        client.organization,
                        company,
                        &LinkFilter::default(),
                        NOW,
                        Page::FIRST,
                    )
                    .await?;
                let ids: Vec<_> = links.rows.iter().map(|link| link.id).collect();
                let before = tx.statements();
                let made = tx.connections_of_links(company, &ids).await?;
                assert_eq!(tx.statements() - before, 1);
                for link in ids {
                    let alone = tx.connections_of_link(company, link).await?;
                    let together: Vec<_> = made.iter().filter(|made| made.link == link).collect();
                    assert_eq!(together, alone.iter().collect::<Vec<_>>());
                }
                Ok::<_, StoreError>(made.len())
            })
        });
        assert_eq!(read.await.expect("connections"), 2);
    })
    .await;
}
