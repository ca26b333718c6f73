use shared::{
    id::CollectionId,
    status::{ConnectionStatus, StatusDetail},
};

use crate::store::{
    Page,
    collections::CollectionOutcome,
    connections::{ConnectionFilter, FoundStatus},
    testing::{KINDS, NOW, end_run, fresh, on_both},
    works_unattended::BillCounts,
};

fn outcome(status: ConnectionStatus, at: i64) -> CollectionOutcome {
    CollectionOutcome {
        id: CollectionId::from_random(fresh()),
        found: FoundStatus {
            status,
            detail: None,
            error_detail: None,
        },
        bills_found: 3,
        bills_new: 2,
        held_requests: 4,
        unproven: None,
        next_at: Some(NOW.plus(at + 100_000)),
        now: NOW.plus(at),
    }
}

#[tokio::test]
async fn a_collection_moves_status_and_next_time_together() {
    on_both(async |test| {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let company = client.company.id;
        let get = async || {
            test.store
                .read("test", |tx| {
                    Box::pin(tx.connection(client.organization, connection))
                })
                .await
                .expect("get")
                .expect("found")
        };

        let job = test
            .store
            .tx("test", |tx| {
                Box::pin(tx.claim_job(&KINDS, NOW.plus(1000), 1000, "w"))
            })
            .await
            .expect("claim")
            .expect("due");
        let good = outcome(ConnectionStatus::Connected, 2000);
        let saw_bills = async || {
            test.store
                .read("test", |tx| {
                    Box::pin(tx.ever_saw_bills(company, connection))
                })
                .await
        };
        assert!(!saw_bills().await.expect("ever"));
        let id = good.id;
        let counts = BillCounts {
            found: 3,
            new: 2,
            expected: 4,
        };
        test.store
            .tx("test", |tx| {
                Box::pin(async move {
                    tx.start_collection(company, connection, id, NOW.plus(1000))
                        .await?;
                    tx.set_bill_counts(company, connection, id, counts).await
                })
            })
            .await
            .expect("start");
        let running = test
            .store
            .read("test", |tx| {
                Box::pin(tx.last_collection(company, connection))
            })
            .await
            .expect("last")
            .expect("one");
        assert_eq!((running.id, running.finished_at), (good.id, None));
        assert!(
            test.store
                .tx("test", |tx| Box::pin(end_run(tx, &job, connection, &good)))
                .await
                .expect("finish")
        );
        assert!(saw_bills().await.expect("ever"));
        let found = get().await;
        assert_eq!(
            (found.status, found.status_first_seen_at),
            (ConnectionStatus::Connected, NOW.plus(2000))
        );
        assert_eq!(found.next_collection_at, good.next_at);
        let last = test
            .store
            .read("test", |tx| {
                Box::pin(tx.last_collection(company, connection))
            })
            .await
            .expect("last")
            .expect("one");
        assert_eq!(
            (
                last.bills_found,
                last.bills_new,
                last.bills_expected,
                last.held_requests,
                last.finished_at
            ),
            (3, 2, 3, 4, Some(NOW.plus(2000))),
            "what was expected and not found was no bill"
        );

        // The same status again keeps its first time; the same claim cannot speak twice.
        let again = outcome(ConnectionStatus::OtherError, 3000);
        assert!(
            !test
                .store
                .tx("test", |tx| Box::pin(end_run(tx, &job, connection, &again)))
                .await
                .expect("lost")
        );
        let job = test
            .store
            .tx("test", |tx| {
                Box::pin(tx.claim_job(&KINDS, NOW.plus(102_000), 1000, "w"))
            })
            .await
            .expect("claim")
            .expect("due again");
        assert_eq!(job.attempts, 1, "a good run starts the count anew");
        let again = outcome(ConnectionStatus::Connected, 102_500);
        test.store
            .tx("test", |tx| {
                Box::pin(tx.start_collection(company, connection, again.id, NOW.plus(102_000)))
            })
            .await
            .expect("start");
        assert!(
            test.store
                .tx("test", |tx| Box::pin(end_run(tx, &job, connection, &again)))
                .await
                .expect("finish")
        );
        let found = get().await;
        assert_eq!(
            (found.status_first_seen_at, found.status_last_update_at),
            (NOW.plus(2000), NOW.plus(102_500))
        );

        // Somebody must act: nothing more is queued.
        let job = test
            .store
            .tx("test", |tx| {
                Box::pin(tx.claim_job(&KINDS, NOW.plus(300_000), 1000, "w"))
            })
            .await
            .expect("claim")
            .expect("due");
        let mut wrong = outcome(ConnectionStatus::PasswordIncorrect, 300_000);
        wrong.found.detail = Some(StatusDetail::AccountLocked);
        wrong.found.error_detail = Some("Your account is locked.".into());
        wrong.next_at = None;
        test.store
            .tx("test", |tx| {
                Box::pin(tx.start_collection(company, connection, wrong.id, NOW.plus(300_000)))
            })
            .await
            .expect("start");
        assert!(
            test.store
                .tx("test", |tx| Box::pin(end_run(tx, &job, connection, &wrong)))
                .await
                .expect("finish")
        );
        let found = get().await;
        assert_eq!(found.status_detail, Some(StatusDetail::AccountLocked));
        assert_eq!(
            found.status_error_detail.as_deref(),
            Some("Your account is locked.")
        );
        assert_eq!(
            (found.next_collection_at, test.rows("jobs").await),
            (None, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    on_both(async |test| {
        let client = test.client().await;
        let mut made = Vec::new();
        for _ in 0..3 {
            let link = test.link(client.organization, client.company.id).await;
            let again = crate::store::testing::Client {
                organization: client.organization,
                company: client.company.clone(),
                site: client.site.clone(),
                link,
            };
            made.push(test.connect(&again).await);
        }
        let list = async |filter: ConnectionFilter, page| {
            test.store
                .read("test", |tx| {
                    Box::pin(tx.connections(client.organization, client.company.id, &filter, page))
                })
                .await
                .expect("list")
        };
        let all = list(
            ConnectionFilter::default(),
            Page {
                limit: 2,
                number: 1,
            },
        )
        .await;
        assert_eq!((all.total, all.rows.len()), (3, 2));
        let rest = list(
            ConnectionFilter::default(),
            Page {
                limit: 2,
                number: 2,
            },
        )
        .await;
        assert_eq!((rest.total, rest.rows.len()), (3, 1));

        let with = |status| ConnectionFilter {
            statuses: vec![status],
            ..ConnectionFilter::default()
        };
        assert_eq!(
            list(with(ConnectionStatus::Pending), Page::FIRST)
                .await
                .total,
            3
        );
        assert_eq!(
            list(with(ConnectionStatus::Connected), Page::FIRST)
                .await
                .total,
            0
        );
        let either = ConnectionFilter {
            statuses: vec![ConnectionStatus::WebsiteDown, ConnectionStatus::Pending],
            sites: vec![shared::id::SiteId::from_random(fresh()), client.site.id],
            owner_email: Some("owner@client.example".into()),
        };
        assert_eq!(list(either, Page::FIRST).await.total, 3);
        let elsewhere = ConnectionFilter {
            sites: vec![shared::id::SiteId::from_random(fresh())],
            ..ConnectionFilter::default()
        };
        assert_eq!(list(elsewhere, Page::FIRST).await.total, 0);
        let nobody = ConnectionFilter {
            owner_email: Some("%".into()),
            ..ConnectionFilter::default()
        };
        assert_eq!(list(nobody, Page::FIRST).await.total, 0);
    })
    .await;
}
