use crate::store::{
    Page, StoreError,
    bill_lists::{BillFilter, BillsOf},
    connections::ConnectionFilter,
    testing::{new_bill, on_both},
};

#[tokio::test]
async fn what_an_older_version_left_out_is_filled_in() {
    on_both(async |test| {
        let client = test.client().await;
        let (organization, company) = (client.organization, client.company.id);
        let connection = test.connect(&client).await;
        let bill = &new_bill(company, connection, 1);
        let added = test.store.tx("test", |tx| Box::pin(tx.add_bill(bill)));
        added.await.expect("bill");
        let seen = async || {
            let reading = test.store.read("test", |tx| {
                Box::pin(async move {
                    let all = ConnectionFilter::default();
                    let connections = tx.connections(organization, company, &all, Page::FIRST);
                    let total = connections.await?.total;
                    let all = BillFilter::default();
                    let of = BillsOf::Organization;
                    let bills = tx.bills_after(organization, of, &all, (None, 9)).await?;
                    Ok::<_, StoreError>((total, bills.len()))
                })
            });
            reading.await.expect("read")
        };
        assert_eq!(seen().await, (1, 1));
        for statement in [
            "UPDATE companies SET connection_count = 0",
            "UPDATE bills SET organization_id = NULL",
        ] {
            let older = sqlx::query(statement).execute(&test.store.pool).await;
            older.expect("as an older version writes");
        }
        assert_eq!(seen().await, (0, 0));
        let filling = test.store.tx("test", |tx| {
            Box::pin(async move {
                tx.fill_in_organizations().await?;
                tx.count_connections_anew().await
            })
        });
        filling.await.expect("filled in");
        assert_eq!(seen().await, (1, 1));
    })
    .await;
}
