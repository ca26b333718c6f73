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
