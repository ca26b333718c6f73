use shared::{
    id::{CollectionId, CompanyId, ConnectionId},
    status::{ConnectionStatus, StatusDetail},
    time::UnixMillis,
};

use crate::store::{
    StoreError,
    collections::CollectionOutcome,
    connections::FoundStatus,
    investigations::{InvestigationCursor, InvestigationFilter},
    sign_in_failures::SealedFailure,
    testing::{Client, NOW, TestStore, finish, finish_input, fresh, on_both},
};

/// A connection at a website, whose only run ended like this; the run left a failure where `keeps` says so.
async fn ended(
    test: &TestStore,
    client: &Client,
    website: &str,
    (status, at, keeps): (ConnectionStatus, UnixMillis, bool),
) -> (CompanyId, ConnectionId) {
    let client = Client {
        link: test.link(client.organization, client.company.id).await,
        ..client.clone()
    };
    let mut input = finish_input(&client);
    input.provider_url = format!("https://{website}/login").parse().expect("one");
    let input = &input;
    let finishing = test.store.tx("test", |tx| Box::pin(finish(tx, input)));
    finishing.await.expect("finished");
    let (company, id) = (input.company, input.connection);
    run(test, (company, id), (status, at, keeps)).await;
    (company, id)
}

async fn run(
    test: &TestStore,
    (company, id): (CompanyId, ConnectionId),
    (status, at, keeps): (ConnectionStatus, UnixMillis, bool),
) {
    let running = test.store.tx("test", |tx| {
        Box::pin(async move {
            let run = CollectionId::from_random(fresh());
            tx.start_collection(company, id, run, at.plus(-10)).await?;
            if keeps {
                let failure = SealedFailure {
                    sealed: vec![1],
                    failed_at: at.plus(-5),
                };
                tx.keep_sign_in_failure(company, id, &failure).await?;
            }
            let outcome = CollectionOutcome {
                id: run,
                found: FoundStatus {
                    status,
                    detail: Some(StatusDetail::SiteChanged),
                    error_detail: None,
                },
                bills_found: 0,
                bills_new: 0,
                held_requests: 0,
                unproven: None,
                next_at: None,
                now: at,
            };
            tx.end_collection(company, id, &outcome).await?;
            Ok::<_, StoreError>(())
        })
    });
    running.await.expect("ended");
}

#[tokio::test]
async fn what_waits_for_an_operator_is_listed_by_website_newest_first() {
    on_both(async |test| {
        let (one, other) = (test.client().await, test.client().await);
        let at = |minutes: i64| NOW.plus(minutes * 60_000);
        let changed = ConnectionStatus::UnderInvestigation;
        let (_, first) = ended(test, &one, "portal.example", (changed, at(1), true)).await;
        let (_, second) = ended(test, &other, "portal.example", (changed, at(2), false)).await;
        let odd = ConnectionStatus::OtherError;
        let (_, third) = ended(test, &one, "other.example", (odd, at(3), false)).await;
        // A failure was kept, and a code is missing.
        let code = ConnectionStatus::MfaTokenExpired;
        let waits = ended(test, &one, "portal.example", (code, at(4), true)).await;
        // These wait for nobody: one works, one is the client's affair.
        let works = ConnectionStatus::Connected;
        let healed = ended(test, &one, "portal.example", (changed, at(5), true)).await;
        run(test, healed, (works, at(6), false)).await;
        let refused = ConnectionStatus::PasswordIncorrect;
        ended(test, &one, "portal.example", (refused, at(7), false)).await;

        let listed = async |filter: &InvestigationFilter, after| {
            let reading = test
                .store
                .read("test", |tx| Box::pin(tx.investigations(filter, after, 3)));
            reading.await.expect("listed")
        };
        let all = InvestigationFilter::default();
        let rows = listed(&all, None).await;
        let ids = |rows: &[crate::store::investigations::Investigation]| {
            rows.iter().map(|row| row.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(&rows), [waits.1, third, second]);
        assert_eq!(rows[0].failed_at, Some(at(4).plus(-5)));
        assert_eq!(rows[1].detail, Some(StatusDetail::SiteChanged));
        let after = InvestigationCursor {
            since: rows[2].since,
            id: rows[2].id,
        };
        assert_eq!(ids(&listed(&all, Some(after)).await), [first]);
        let at_portal = InvestigationFilter {
            website: Some("portal.example".into()),
            status: Some(changed),
        };
        assert_eq!(ids(&listed(&at_portal, None).await), [second, first]);
        let counting = test
            .store
            .read("test", |tx| Box::pin(tx.websites_under_investigation(5)));
        let websites = counting.await.expect("counted");
        let counts = websites.iter().map(|website| {
            let name = website.website.as_str();
            (name, website.connections, website.organizations)
        });
        let counts: Vec<_> = counts.collect();
        assert_eq!(counts, [("portal.example", 3, 2), ("other.example", 1, 1)]);

        // The failure that an older run kept says nothing of the newest one.
        run(test, waits, (refused, at(9), false)).await;
        assert_eq!(ids(&listed(&all, None).await), [third, second, first]);
    })
    .await;
}

#[tokio::test]
async fn the_queue_is_counted_by_kind() {
    on_both(async |test| {
        let client = test.client().await;
        test.connect(&client).await;
        test.connect(&Client {
            link: test.link(client.organization, client.company.id).await,
            ..client
        })
        .await;
        let counted = async |now: UnixMillis| {
            let reading = test.store.read("test", |tx| {
                Box::pin(async move {
                    let kinds = tx.queued_kinds(now).await?;
                    Ok::<_, StoreError>((kinds, tx.busy_workers(now).await?))
                })
            });
            reading.await.expect("counted")
        };
        let (kinds, workers) = counted(NOW).await;
        assert_eq!((kinds[0].later, kinds[0].due, workers.len()), (2, 0, 0));
        let due = NOW.plus(5_000);
        let claiming = test.store.tx("test", |tx| {
            Box::pin(tx.claim_job(&crate::store::testing::KINDS, due, 60_000, "node-7"))
        });
        assert!(claiming.await.expect("claimed").is_some());
        let (kinds, workers) = counted(due).await;
        let collect = &kinds[0];
        assert_eq!(collect.kind, "COLLECT");
        assert_eq!((collect.running, collect.due, collect.later), (1, 1, 0));
        assert_eq!(collect.oldest_due, Some(NOW.plus(1000)));
        assert_eq!((workers[0].name.as_str(), workers[0].jobs), ("node-7", 1));
    })
    .await;
}
