use shared::id::ConnectionId;

use crate::store::{
    Page,
    bill_files::FileContent,
    bills::Stored,
    finish::FinishInput,
    testing::{NOW, finish, finish_input, fresh, new_bill, on_both},
};

#[tokio::test]
async fn a_bill_is_stored_once() {
    on_both(async |test| {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let bill = new_bill(client.company.id, connection, 1);
        assert_eq!(
            test.store
                .tx("test", |tx| Box::pin(tx.add_bill(&bill)))
                .await
                .expect("add"),
            Stored::New { duplicated: vec![] }
        );
        assert!(
            test.store
                .read("test", |tx| Box::pin(tx.has_bill_file(
                    client.company.id,
                    connection,
                    bill.content_hash
                )))
                .await
                .expect("has")
        );

        let mut same_bytes = new_bill(client.company.id, connection, 2);
        same_bytes.content_hash = bill.content_hash;
        let mut same_words = new_bill(client.company.id, connection, 3);
        same_words.natural_key = bill.natural_key.clone();
        for again in [&bill, &same_bytes, &same_words] {
            let mut again = again.clone();
            again.id = shared::id::BillId::from_random(fresh());
            assert_eq!(
                test.store
                    .tx("test", |tx| Box::pin(tx.add_bill(&again)))
                    .await
                    .expect("add"),
                Stored::Known
            );
        }
        assert_eq!(
            (
                test.rows("bills").await,
                test.rows("bill_files").await,
                test.rows("accounts").await
            ),
            (1, 0, 1),
            "files are in blobs"
        );

        let page = test
            .store
            .read("test", |tx| {
                Box::pin(tx.bills(client.organization, connection, Page::FIRST))
            })
            .await
            .expect("list");
        assert_eq!(page.total, 1);
        let stored = page.rows.first().expect("one");
        assert_eq!(
            (stored.id, &stored.content),
            (bill.id, &bill.content),
            "amounts come back as they were"
        );
        let file = test
            .store
            .read("test", |tx| {
                Box::pin(tx.bill_file(client.organization, bill.id))
            })
            .await
            .expect("get")
            .expect("found");
        assert_eq!(
            (file.name, file.content),
            (bill.file_name.clone(), FileContent::Blob(bill.blob.clone()))
        );
    })
    .await;
}

#[tokio::test]
async fn two_at_once_store_it_once() {
    on_both(async |test| {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let one = new_bill(client.company.id, connection, 1);
        let mut two = new_bill(client.company.id, connection, 1);
        two.account.now = NOW.plus(1);
        let (first, second) = tokio::join!(
            test.store.tx("test", |tx| Box::pin(tx.add_bill(&one))),
            test.store.tx("test", |tx| Box::pin(tx.add_bill(&two)))
        );
        let mut came_to = [first.expect("add"), second.expect("add")];
        came_to.sort_by_key(|stored| *stored == Stored::Known);
        assert_eq!(came_to, [Stored::New { duplicated: vec![] }, Stored::Known]);
        assert_eq!(test.rows("bills").await, 1);
    })
    .await;
}

#[tokio::test]
async fn bills_come_newest_first_in_pages_and_move_the_account_on() {
    on_both(async |test| {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        for number in [2, 5, 1, 4, 3] {
            test.store
                .tx("test", |tx| {
                    Box::pin(async move {
                        tx.add_bill(&new_bill(client.company.id, connection, number))
                            .await
                    })
                })
                .await
                .expect("add");
        }
        let page = Page {
            limit: 2,
            number: 2,
        };
        let page = test
            .store
            .read("test", |tx| {
                Box::pin(tx.bills(client.organization, connection, page))
            })
            .await
            .expect("list");
        assert_eq!(page.total, 5);
        let names: Vec<_> = page
            .rows
            .iter()
            .map(|bill| bill.file_name.as_str())
            .collect();
        assert_eq!(names, ["bill-3.pdf", "bill-2.pdf"]);
        let accounts = test
            .store
            .read("test", |tx| {
                Box::pin(tx.accounts(client.company.id, connection))
            })
            .await
            .expect("accounts");
        let [account] = accounts.as_slice() else {
            panic!("one account: {accounts:?}")
        };
        assert_eq!(
            account.last_service_date,
            Some(time::macros::date!(2026 - 01 - 05))
        );
        assert!(account.is_tracked && !account.is_duplicated);
    })
    .await;
}

#[tokio::test]
async fn a_bill_cannot_be_put_into_another_company() {
    on_both(async |test| {
        let client = test.client().await;
        let stranger = test.client().await;
        let connection = test.connect(&client).await;
        let bill = new_bill(stranger.company.id, connection, 1);
        assert!(
            test.store
                .tx("test", |tx| Box::pin(tx.add_bill(&bill)))
                .await
                .is_err()
        );
        assert_eq!(
            (test.rows("bills").await, test.rows("accounts").await),
            (0, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn an_account_that_two_connections_have_is_marked_in_both() {
    on_both(async |test| {
        let client = test.client().await;
        let input = finish_input(&client);
        let again = FinishInput {
            connection: ConnectionId::from_random(fresh()),
            ..input.clone()
        };
        for input in [&input, &again] {
            let made = test.store.tx("test", |tx| Box::pin(finish(tx, input)));
            made.await.expect("a connection");
        }
        let (first, second) = (input.connection, again.connection);
        let stranger = test.client().await;
        let theirs = test.connect(&stranger).await;
        let duplicated = async |company, connection| {
            let accounts = test
                .store
                .read("test", |tx| Box::pin(tx.accounts(company, connection)));
            let accounts = accounts.await.expect("accounts");
            accounts.iter().any(|account| account.is_duplicated)
        };
        let add = async |company, connection, number| {
            let bill = new_bill(company, connection, number);
            let added = test
                .store
                .tx("test", |tx| Box::pin(tx.add_bill(&bill)))
                .await;
            added.expect("add")
        };
        let (ours, other) = (client.company.id, stranger.company.id);
        let alone = Stored::New { duplicated: vec![] };
        assert_eq!(add(ours, first, 1).await, alone);
        assert_eq!(add(other, theirs, 1).await, alone);
        assert!(!duplicated(ours, first).await && !duplicated(other, theirs).await);
        let duplicated_first = Stored::New {
            duplicated: vec![first],
        };
        assert_eq!(add(ours, second, 2).await, duplicated_first);
        assert!(duplicated(ours, first).await && duplicated(ours, second).await);
        assert!(!duplicated(other, theirs).await, "of this company alone");
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_only_noted_is_tracked_once_a_bill_of_it_is_kept() {
    on_both(async |test| {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let bill = new_bill(client.company.id, connection, 1);
        let of = &bill.account;
        let note = async || {
            let noted = test
                .store
                .tx("test", |tx| Box::pin(tx.note_untracked_account(of)));
            noted.await.expect("a store")
        };
        let host = "utility.example";
        let known = async || {
            let known = test.store.read("test", |tx| {
                Box::pin(tx.accounts_at(client.company.id, host, 10))
            });
            known.await.expect("a store")
        };
        assert!(note().await && note().await);
        assert!(known().await.is_empty(), "nothing of it is connected");
        let added = test.store.tx("test", |tx| Box::pin(tx.add_bill(&bill)));
        assert_eq!(
            added.await.expect("a bill"),
            Stored::New { duplicated: vec![] }
        );
        assert!(!note().await, "its bills are kept");
        let known = known().await;
        assert_eq!(known.len(), 1);
        assert_eq!(known[0].connection.id, connection);
        assert_eq!(known[0].account_number, of.account_number);
    })
    .await;
}

#[tokio::test]
async fn two_files_of_one_bill_change_it_once() {
    on_both(async |test| {
        let client = test.client().await;
        let company = client.company.id;
        let connection = test.connect(&client).await;
        let first = new_bill(company, connection, 1);
        let mut other = first.clone();
        other.content_hash = [99; 32];
        other.content.invoice_id = Some("corrected".into());
        // What each of four runs does that finds one of them in turn.
        let mut changes = 0;
        for file in [&first, &other, &first, &other] {
            let (key, hash) = (&file.natural_key, file.content_hash);
            let did = test.store.tx("test", |tx| {
                Box::pin(async move {
                    if tx.has_bill_file(company, connection, hash).await? {
                        return Ok(false);
                    }
                    let content = &file.content;
                    let changed = tx.changed_bill(company, connection, key, content).await?;
                    match changed {
                        Some(id) => tx.change_bill(id, file).await,
                        None => tx.add_bill(file).await.map(|_| false),
                    }
                })
            });
            changes += usize::from(did.await.expect("a store"));
        }
        assert_eq!(changes, 1);
    })
    .await;
}
