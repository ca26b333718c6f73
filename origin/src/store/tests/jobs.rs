use shared::time::UnixMillis;

use crate::store::{
    jobs::{Job, NewJob},
    testing::{Client, KINDS, NOW, TestStore, finish_input, first_job, on_both},
};

async fn queued(test: &TestStore) -> (Client, NewJob) {
    let client = test.client().await;
    let connection = test.connect(&client).await;
    let mut input = finish_input(&client);
    input.connection = connection;
    let job = NewJob {
        run_at: NOW.plus(1000),
        now: NOW,
        ..first_job(&input)
    };
    (client, job)
}

const DUE: UnixMillis = UnixMillis(NOW.0 + 1000);

#[tokio::test]
async fn two_workers_never_claim_the_same_job() {
    on_both(async |test| {
        for _ in 0..10 {
            queued(test).await;
        }
        let worker = async |name: &str| {
            let mut claimed = Vec::new();
            while let Some(job) = test
                .store
                .tx("test", |tx| {
                    Box::pin(tx.claim_job(&KINDS, DUE, 60_000, name))
                })
                .await
                .expect("claim")
            {
                claimed.push(job.id);
            }
            claimed
        };
        let (one, two) = tokio::join!(worker("one"), worker("two"));
        let mut all = [one, two].concat();
        assert_eq!(all.len(), 10);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 10, "each once");
    })
    .await;
}

#[tokio::test]
async fn a_job_waits_for_its_time_and_its_lease() {
    on_both(async |test| {
        queued(test).await;
        assert_eq!(
            test.store
                .read("test", |tx| Box::pin(tx.next_job_at()))
                .await
                .expect("next"),
            Some(DUE)
        );
        assert_eq!(
            test.store
                .tx("test", |tx| Box::pin(tx.claim_job(
                    &KINDS,
                    DUE.plus(-1),
                    100,
                    "w"
                )))
                .await
                .expect("claim"),
            None,
            "not due"
        );
        let first = test
            .store
            .tx("test", |tx| Box::pin(tx.claim_job(&KINDS, DUE, 100, "w")))
            .await
            .expect("claim")
            .expect("due");
        assert_eq!((first.attempts, first.lease_until), (1, DUE.plus(100)));
        assert_eq!(
            test.store
                .read("test", |tx| Box::pin(tx.next_job_at()))
                .await
                .expect("next"),
            Some(DUE.plus(100))
        );
        assert_eq!(
            test.store
                .tx("test", |tx| Box::pin(tx.claim_job(
                    &KINDS,
                    DUE.plus(99),
                    100,
                    "v"
                )))
                .await
                .expect("claim"),
            None,
            "leased"
        );
        assert!(
            test.store
                .tx("test", |tx| Box::pin(tx.renew_job(
                    &first,
                    DUE.plus(50),
                    100
                )))
                .await
                .expect("renew")
        );
        assert_eq!(
            test.store
                .tx("test", |tx| Box::pin(tx.claim_job(
                    &KINDS,
                    DUE.plus(149),
                    100,
                    "v"
                )))
                .await
                .expect("claim"),
            None,
            "renewed"
        );

        // The worker died: another takes over, and the first can no longer speak for the job.
        let second = test
            .store
            .tx("test", |tx| {
                Box::pin(tx.claim_job(&KINDS, DUE.plus(150), 100, "v"))
            })
            .await
            .expect("claim")
            .expect("lease ended");
        assert_eq!((second.id, second.attempts), (first.id, 2));
        assert!(
            !test
                .store
                .tx("test", |tx| Box::pin(tx.renew_job(
                    &first,
                    DUE.plus(151),
                    100
                )))
                .await
                .expect("renew")
        );
        assert!(
            !test
                .store
                .tx("test", |tx| Box::pin(tx.complete_job(&first)))
                .await
                .expect("complete")
        );
        assert!(
            !test
                .store
                .tx("test", |tx| Box::pin(tx.retry_job(&first, DUE)))
                .await
                .expect("retry")
        );
        assert!(
            !test
                .store
                .tx("test", |tx| Box::pin(tx.renew_job(
                    &second,
                    DUE.plus(250),
                    100
                )))
                .await
                .expect("renew"),
            "too late"
        );
        assert!(
            test.store
                .tx("test", |tx| Box::pin(tx.complete_job(&second)))
                .await
                .expect("complete")
        );
        assert_eq!(
            test.store
                .read("test", |tx| Box::pin(tx.next_job_at()))
                .await
                .expect("next"),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn a_retried_job_comes_back_with_its_attempts() {
    on_both(async |test| {
        queued(test).await;
        let job = test
            .store
            .tx("test", |tx| Box::pin(tx.claim_job(&KINDS, DUE, 100, "w")))
            .await
            .expect("claim")
            .expect("due");
        assert!(
            test.store
                .tx("test", |tx| Box::pin(tx.retry_job(&job, DUE.plus(5000))))
                .await
                .expect("retry")
        );
        assert_eq!(
            test.store
                .tx("test", |tx| Box::pin(tx.claim_job(
                    &KINDS,
                    DUE.plus(4999),
                    100,
                    "w"
                )))
                .await
                .expect("claim"),
            None
        );
        assert!(
            !test
                .store
                .tx("test", |tx| Box::pin(tx.retry_job(&job, DUE)))
                .await
                .expect("retry"),
            "given back"
        );
        assert!(
            !test
                .store
                .tx("test", |tx| Box::pin(tx.complete_job(&job)))
                .await
                .expect("complete"),
            "given back"
        );
        let again = test
            .store
            .tx("test", |tx| {
                Box::pin(tx.claim_job(&KINDS, DUE.plus(5000), 100, "w"))
            })
            .await
            .expect("claim")
            .expect("due again");
        assert_eq!((again.id, again.attempts), (job.id, 2));
    })
    .await;
}

#[tokio::test]
async fn a_job_given_back_was_never_claimed() {
    on_both(async |test| {
        queued(test).await;
        let claim = async |now| {
            test.store
                .tx("test", |tx| Box::pin(tx.claim_job(&KINDS, now, 100, "w")))
                .await
                .expect("claim")
        };
        let job = claim(DUE).await.expect("due");
        let back = test
            .store
            .tx("test", |tx| Box::pin(tx.give_back_job(&job, DUE.plus(50))))
            .await;
        assert!(back.expect("give back"));
        assert_eq!(claim(DUE.plus(49)).await, None);
        let again = claim(DUE.plus(50)).await.expect("due again");
        assert_eq!((again.id, again.attempts), (job.id, 1));
        let late = test
            .store
            .tx("test", |tx| Box::pin(tx.give_back_job(&job, DUE)))
            .await;
        assert!(!late.expect("give back"), "another's claim by now");
        let twice = test
            .store
            .tx("test", |tx| Box::pin(tx.give_back_job(&again, DUE)))
            .await;
        assert!(twice.expect("give back"));
        let twice = test
            .store
            .tx("test", |tx| Box::pin(tx.give_back_job(&again, DUE)))
            .await;
        assert!(!twice.expect("give back"), "once is enough");
    })
    .await;
}

#[tokio::test]
async fn a_job_is_settled_for_its_company_alone() {
    on_both(async |test| {
        let (mine, _) = queued(test).await;
        let sister = test.company(mine.organization).await;
        let claimed = test
            .store
            .tx("test", |tx| Box::pin(tx.claim_job(&KINDS, DUE, 100, "w")))
            .await
            .expect("claim");
        let job = claimed.expect("due");
        let mut stray = job.clone();
        stray.company = Some(sister.id);
        let settle = async |job: &Job, next| {
            let settled = test.store.tx("test", |tx| {
                Box::pin(async move {
                    match next {
                        None => tx.complete_job(job).await,
                        Some(at) => tx.retry_job(job, at).await,
                    }
                })
            });
            settled.await.expect("settle")
        };
        assert!(!settle(&stray, None).await);
        assert!(!settle(&stray, Some(NOW)).await);
        let holds = test
            .store
            .tx("test", |tx| Box::pin(tx.holds_job(&stray)))
            .await;
        assert!(!holds.expect("holds"));
        assert!(settle(&job, None).await);
        assert_eq!(test.rows("jobs").await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_same_work_is_queued_once_at_the_earlier_time() {
    on_both(async |test| {
        let (_, job) = queued(test).await;
        let later = NewJob {
            run_at: DUE.plus(9000),
            ..job.clone()
        };
        test.store
            .tx("test", |tx| Box::pin(tx.enqueue(&later)))
            .await
            .expect("enqueue");
        assert_eq!(
            test.store
                .read("test", |tx| Box::pin(tx.next_job_at()))
                .await
                .expect("next"),
            Some(DUE)
        );
        let sooner = NewJob {
            run_at: DUE.plus(-500),
            ..job.clone()
        };
        test.store
            .tx("test", |tx| Box::pin(tx.enqueue(&sooner)))
            .await
            .expect("enqueue");
        assert_eq!(
            test.store
                .read("test", |tx| Box::pin(tx.next_job_at()))
                .await
                .expect("next"),
            Some(DUE.plus(-500))
        );
        assert_eq!(test.rows("jobs").await, 1);
    })
    .await;
}
