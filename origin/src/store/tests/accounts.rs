use crate::store::{
    Page,
    accounts::AccountFilter,
    testing::{new_bill, on_both},
};

#[tokio::test]
async fn an_account_is_listed_where_it_was_put() {
    on_both(async |test| {
        let (mine, other) = (test.client().await, test.client().await);
        let connection = test.connect(&mine).await;
        let bill = new_bill(mine.company.id, connection, 1);
        let (mine, other, bill) = (&mine, &other, &bill);
        let store = &test.store;
        let work = store.tx("test", |tx| {
            Box::pin(async move {
                tx.add_bill(bill).await?;
                let all = AccountFilter::default();
                let (organization, company) = (mine.organization, mine.company.id);
                let found = tx.accounts_of_company(organization, company, &all, Page::FIRST);
                let [account] = &found.await?.rows[..] else {
                    panic!("one account");
                };
                let foreign = other.organization;
                let found = tx.accounts_of_company(foreign, company, &all, Page::FIRST);
                assert_eq!(found.await?.total, 0);
                assert!(tx.account(foreign, account.account.id).await?.is_none());

                // Who was put nowhere is at its connection's sites.
                let at = AccountFilter {
                    connection: Some(connection),
                    site: Some(mine.site.id),
                    utility_type: None,
                };
                let found = tx.accounts_of_company(organization, company, &at, Page::FIRST);
                let before = found.await?.total;
                assert!(!tx.set_account_site(account, Some(other.site.id)).await?);
                assert!(tx.set_account_site(account, Some(mine.site.id)).await?);
                let found = tx.accounts_of_company(organization, company, &at, Page::FIRST);
                assert_eq!(found.await?.total, 1);
                let placed = tx.account(organization, account.account.id).await?;
                let placed = placed.expect("the account");
                assert_eq!(placed.site, Some(mine.site.id));
                let stale = tx.set_account_site(account, None).await;
                assert!(stale.is_err(), "somebody else has put it elsewhere");
                assert!(tx.set_account_site(&placed, None).await?);
                let found = tx.accounts_of_company(organization, company, &at, Page::FIRST);
                assert_eq!(found.await?.total, before);
                Ok::<_, crate::store::StoreError>(())
            })
        });
        work.await.expect("the store");
    })
    .await;
}
