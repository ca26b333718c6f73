//! What belongs to one organization is nobody else's, through any function of the store.

use crate::store::{
    Page,
    browser_sessions::SealedSession,
    connections::ConnectionFilter,
    link_changes::Revocation,
    links::LinkFilter,
    testing::{NOW, fresh, new_bill, new_link, on_both},
};

#[tokio::test]
async fn another_organization_finds_nothing() {
    on_both(async |test| {
        let mine = test.client().await;
        let connection = test.connect(&mine).await;
        let bill = new_bill(mine.company.id, connection, 1);
        test.store
            .tx("test", |tx| Box::pin(tx.add_bill(&bill)))
            .await
            .expect("bill");
        let other = test.client().await;
        let store = &test.store;
        let (they, company) = (other.organization, mine.company.id);

        assert_eq!(
            store
                .read("test", |tx| Box::pin(tx.company(they, company)))
                .await
                .expect("company"),
            None
        );
        let companies = store
            .read("test", |tx| Box::pin(tx.companies(they, Page::FIRST)))
            .await
            .expect("companies");
        assert_eq!(
            (companies.total, companies.rows),
            (1, vec![other.company.clone()])
        );
        let sites = store
            .read("test", |tx| Box::pin(tx.sites(they, company, Page::FIRST)))
            .await
            .expect("sites");
        assert_eq!((sites.total, sites.rows.len()), (0, 0));
        assert_eq!(
            store
                .read("test", |tx| Box::pin(tx.link(they, mine.link.id)))
                .await
                .expect("link"),
            None
        );
        let all = LinkFilter::default();
        let links = store
            .read("test", |tx| {
                Box::pin(tx.links(they, company, &all, NOW, Page::FIRST))
            })
            .await
            .expect("links");
        assert_eq!((links.total, links.rows.len()), (0, 0));
        assert_eq!(
            store
                .read("test", |tx| Box::pin(tx.link_events(they, mine.link.id)))
                .await
                .expect("events"),
            []
        );
        assert_eq!(
            store
                .tx("test", |tx| Box::pin(tx.revoke_link(
                    they,
                    mine.link.id,
                    None,
                    NOW
                )))
                .await
                .expect("revoke"),
            Revocation::Unknown
        );
        assert!(
            !store
                .tx("test", |tx| Box::pin(async move {
                    tx.add_link(they, &new_link(company)).await
                }))
                .await
                .expect("add")
        );
        assert_eq!(
            store
                .read("test", |tx| Box::pin(tx.connection(they, connection)))
                .await
                .expect("connection"),
            None
        );
        let connections = store
            .read("test", |tx| {
                Box::pin(async move {
                    tx.connections(they, company, &ConnectionFilter::default(), Page::FIRST)
                        .await
                })
            })
            .await
            .expect("list");
        assert_eq!((connections.total, connections.rows.len()), (0, 0));
        let bills = store
            .read("test", |tx| {
                Box::pin(tx.bills(they, connection, Page::FIRST))
            })
            .await
            .expect("bills");
        assert_eq!((bills.total, bills.rows.len()), (0, 0));
        assert_eq!(
            store
                .read("test", |tx| Box::pin(tx.bill(they, bill.id)))
                .await
                .expect("bill"),
            None
        );
        assert!(
            store
                .read("test", |tx| Box::pin(tx.bill_file(they, bill.id)))
                .await
                .expect("file")
                .is_none()
        );
        assert_eq!(
            store
                .read("test", |tx| Box::pin(tx.brand(they)))
                .await
                .expect("brand"),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn another_company_of_the_same_organization_finds_nothing() {
    on_both(async |test| {
        let mine = test.client().await;
        let connection = test.connect(&mine).await;
        let bill = new_bill(mine.company.id, connection, 1);
        test.store
            .tx("test", |tx| Box::pin(tx.add_bill(&bill)))
            .await
            .expect("bill");
        let sister = test.company(mine.organization).await;
        let store = &test.store;

        assert_eq!(
            store
                .read("test", |tx| Box::pin(
                    tx.link_for_flow(mine.link.id, sister.public_id)
                ))
                .await
                .expect("link"),
            None
        );
        assert_eq!(
            store
                .read("test", |tx| Box::pin(
                    tx.connection_of_company(sister.id, connection)
                ))
                .await
                .expect("get"),
            None
        );
        assert_eq!(
            store
                .read("test", |tx| Box::pin(
                    tx.connections_of_link(sister.id, mine.link.id)
                ))
                .await
                .expect("list"),
            []
        );
        assert_eq!(
            store
                .read("test", |tx| Box::pin(
                    tx.sites_of_connection(sister.id, connection)
                ))
                .await
                .expect("sites"),
            []
        );
        assert_eq!(
            store
                .read("test", |tx| Box::pin(tx.sites_of(sister.id)))
                .await
                .expect("sites"),
            []
        );
        assert!(
            store
                .read("test", |tx| Box::pin(tx.credentials(sister.id, connection)))
                .await
                .expect("get")
                .is_none()
        );
        let company = mine.company.id;
        let credentials = store.read("test", |tx| Box::pin(tx.credentials(company, connection)));
        let sealed = credentials.await.expect("get").expect("credentials").sealed;
        let session = SealedSession {
            sealed: vec![1],
            saved_at: NOW,
        };
        assert!(
            !store
                .tx("test", |tx| Box::pin(tx.save_browser_session(
                    sister.id, connection, b"sealed", &session
                )))
                .await
                .expect("save")
        );
        assert!(
            !store
                .tx("test", |tx| Box::pin(
                    tx.set_recipe(sister.id, connection, &sealed, "{}", NOW)
                ))
                .await
                .expect("set")
        );
        assert_eq!(
            store
                .read("test", |tx| Box::pin(tx.accounts(sister.id, connection)))
                .await
                .expect("accounts"),
            []
        );
        assert!(
            !store
                .read("test", |tx| Box::pin(tx.has_bill_file(
                    sister.id,
                    connection,
                    bill.content_hash
                )))
                .await
                .expect("has")
        );
        assert_eq!(
            store
                .read("test", |tx| Box::pin(
                    tx.last_collection(sister.id, connection)
                ))
                .await
                .expect("last"),
            None
        );
        let id = shared::id::CollectionId::from_random(fresh());
        assert!(
            store
                .tx("test", |tx| Box::pin(
                    tx.start_collection(sister.id, connection, id, NOW)
                ))
                .await
                .is_err()
        );
    })
    .await;
}

#[tokio::test]
async fn a_brand_is_found_by_the_public_company_id() {
    on_both(async |test| {
        let client = test.client().await;
        let brand: shared::brand::Brand = serde_json::from_value(serde_json::json!({
            "name": "Acme", "accent": "#004488", "onAccent": "#ffffff"
        }))
        .expect("a brand");
        let get = async || {
            test.store
                .read("test", |tx| {
                    Box::pin(tx.brand_of_company(client.company.public_id))
                })
                .await
                .expect("get")
        };
        let plain = get().await.expect("its name, until one is set");
        assert_eq!((plain.name.as_str(), plain.logo), ("Acme Energy", None));
        test.store
            .tx("test", |tx| {
                Box::pin(tx.set_brand(client.organization, &brand, NOW))
            })
            .await
            .expect("set");
        test.store
            .tx("test", |tx| {
                Box::pin(tx.set_brand(client.organization, &brand, NOW))
            })
            .await
            .expect("set again");
        assert_eq!(get().await, Some(brand));
        let public = test
            .store
            .read("test", |tx| {
                Box::pin(tx.branded_companies(client.organization))
            })
            .await
            .expect("list");
        assert_eq!(public, [client.company.public_id]);
    })
    .await;
}
