use crate::store::testing::on_both;

#[tokio::test]
async fn redirect_origins_are_the_organizations_own() {
    on_both(async |test| {
        let (mine, other) = (test.client().await, test.client().await);
        let listed = vec!["https://acme.example".to_owned()];
        let setting = test.store.tx("test", |tx| {
            Box::pin(tx.set_redirect_origins(mine.organization, &listed))
        });
        setting.await.expect("set");
        for (organization, expected) in [
            (mine.organization, listed.clone()),
            (other.organization, Vec::new()),
        ] {
            let found = test
                .store
                .read("test", |tx| Box::pin(tx.redirect_origins(organization)));
            assert_eq!(found.await.expect("read"), expected);
        }
    })
    .await;
}

#[tokio::test]
async fn all_organizations_are_listed_oldest_first() {
    on_both(async |test| {
        let made = [test.client().await, test.client().await];
        let found = test.store.read("test", |tx| Box::pin(tx.organizations()));
        let found = found.await.expect("read");
        let places = made.map(|client| found.iter().position(|one| one.id == client.organization));
        assert!(places.iter().all(Option::is_some), "{places:?}");
        let in_order = found
            .iter()
            .is_sorted_by_key(|one| (one.created_at, one.id.to_string()));
        assert!(in_order, "{found:?}");
    })
    .await;
}
