use shared::id::JobId;

use crate::store::{
    StoreError,
    jobs::{Job, KnownKind, NewJob},
    testing::{NOW, TestStore, fresh, on_both},
};

const SWEEP: KnownKind = KnownKind {
    name: "SWEEP",
    version: 1,
};
const MAIL: KnownKind = KnownKind {
    name: "MAIL",
    version: 2,
};

fn job(kind: KnownKind, work: &str, host: Option<&str>) -> NewJob {
    NewJob {
        id: JobId::from_random(fresh()),
        kind: kind.name,
        version: kind.version,
        dedupe_key: format!("{}:{work}", kind.name),
        exclusion_key: host.map(str::to_owned),
        company: None,
        payload: "null".into(),
        run_at: NOW,
        now: NOW,
    }
}

async fn queue(test: &TestStore, job: &NewJob) {
    let queued = test.store.tx("test", |tx| Box::pin(tx.enqueue(job)));
    queued.await.expect("queued");
}

async fn claim(test: &TestStore, kinds: &[KnownKind], after_ms: i64) -> Option<Job> {
    let now = NOW.plus(after_ms);
    let claimed = test
        .store
        .tx("test", |tx| Box::pin(tx.claim_job(kinds, now, 100, "w")));
    claimed.await.expect("claim")
}

#[tokio::test]
async fn a_build_claims_only_kinds_and_versions_that_it_knows() {
    on_both(async |test| {
        queue(test, &job(SWEEP, "a", None)).await;
        queue(test, &job(MAIL, "b", None)).await;
        let older = KnownKind { version: 1, ..MAIL };
        assert_eq!(claim(test, &[], 0).await, None);
        assert_eq!(claim(test, &[older], 0).await, None, "the payload is newer");
        let newer = KnownKind { version: 3, ..MAIL };
        let mail = claim(test, &[older, newer], 0)
            .await
            .expect("older ones are read");
        assert_eq!(
            (mail.kind.as_str(), mail.version, mail.company),
            ("MAIL", 2, None)
        );
        assert_eq!(claim(test, &[MAIL], 0).await, None);
        assert_eq!(claim(test, &[SWEEP], 0).await.expect("due").kind, "SWEEP");
    })
    .await;
}

#[tokio::test]
async fn of_jobs_with_one_exclusion_key_one_is_claimed_at_a_time() {
    on_both(async |test| {
        for work in ["a", "b"] {
            queue(test, &job(SWEEP, work, Some("host:one.example"))).await;
        }
        queue(test, &job(SWEEP, "c", Some("host:two.example"))).await;
        let first = claim(test, &[SWEEP], 0).await.expect("due");
        let second = claim(test, &[SWEEP], 0).await.expect("the other host's");
        assert_eq!(claim(test, &[SWEEP], 0).await, None, "both hosts are busy");
        let held = [&first, &second].map(|job| job.id);
        let done = test.store.tx("test", |tx| {
            let (first, second) = (&first, &second);
            Box::pin(async move {
                tx.complete_job(first).await?;
                tx.complete_job(second).await
            })
        });
        assert!(done.await.expect("complete"));
        let third = claim(test, &[SWEEP], 0).await.expect("a host is free");
        assert!(!held.contains(&third.id));

        // A node that died gives the host back with its lease.
        queue(test, &job(SWEEP, "d", Some("host:one.example"))).await;
        queue(test, &job(SWEEP, "e", Some("host:two.example"))).await;
        claim(test, &[SWEEP], 0).await.expect("one of them is free");
        assert_eq!(claim(test, &[SWEEP], 99).await, None);
        assert!(claim(test, &[SWEEP], 100).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn nodes_that_claim_at_once_never_share_an_exclusion_key() {
    on_both(async |test| {
        for work in 0..12 {
            let host = format!("host:{}.example", work % 3);
            queue(test, &job(SWEEP, &work.to_string(), Some(&host))).await;
        }
        for _ in 0..4 {
            let node = async || {
                let mut claimed = Vec::new();
                loop {
                    let next = test
                        .store
                        .tx("test", |tx| Box::pin(tx.claim_job(&[SWEEP], NOW, 100, "w")));
                    match next.await {
                        Ok(Some(job)) => claimed.push(job),
                        Ok(None) => return claimed,
                        Err(StoreError::Contended) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            };
            let (one, two, three, four) = tokio::join!(node(), node(), node(), node());
            let all = [one, two, three, four].concat();
            assert_eq!(all.len(), 3, "one for each host");
            let all = &all;
            let done = test.store.tx("test", |tx| {
                Box::pin(async move {
                    for job in all {
                        assert!(tx.complete_job(job).await?);
                    }
                    Ok::<_, StoreError>(())
                })
            });
            done.await.expect("complete");
        }
        assert_eq!(test.rows("jobs").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_parked_job_is_not_claimed_until_its_work_is_queued_anew() {
    on_both(async |test| {
        queue(test, &job(SWEEP, "a", None)).await;
        let first = claim(test, &[SWEEP], 0).await.expect("due");
        let park = async |job: &Job| {
            let parked = test.store.tx("test", |tx| {
                Box::pin(tx.park_job(job, "its payload is not JSON", NOW))
            });
            parked.await.expect("park")
        };
        assert!(park(&first).await);
        assert!(!park(&first).await, "the claim has ended");
        assert_eq!(claim(test, &[SWEEP], 1_000_000).await, None);
        let anew = NewJob {
            payload: "7".into(),
            ..job(SWEEP, "a", None)
        };
        queue(test, &anew).await;
        let second = claim(test, &[SWEEP], 0).await.expect("queued anew");
        assert_eq!((second.id, second.payload.as_str()), (first.id, "7"));
        assert!(park(&second).await);
        let removed = async |at| {
            let removed = test
                .store
                .tx("test", |tx| Box::pin(tx.remove_parked_jobs_before(at)));
            removed.await.expect("removed")
        };
        assert_eq!(removed(NOW).await, 0);
        assert_eq!(removed(NOW.plus(1)).await, 1);
    })
    .await;
}

#[tokio::test]
async fn enqueue_if_missing_changes_nothing_that_is_queued() {
    on_both(async |test| {
        let once = async |job: &NewJob| {
            let queued = test
                .store
                .tx("test", |tx| Box::pin(tx.enqueue_if_missing(job)));
            queued.await.expect("queued")
        };
        let later = NewJob {
            run_at: NOW.plus(500),
            ..job(SWEEP, "a", None)
        };
        assert!(once(&later).await);
        assert!(!once(&job(SWEEP, "a", None)).await);
        assert_eq!(claim(test, &[SWEEP], 499).await, None);
        assert_eq!(claim(test, &[SWEEP], 500).await.expect("due").id, later.id);
    })
    .await;
}

#[tokio::test]
async fn a_lockout_outlives_every_claim_and_is_the_connections_own() {
    on_both(async |test| {
        let client = test.client().await;
        let stranger = test.client().await;
        let connection = test.connect(&client).await;
        let company = client.company.id;
        let lockout = async |company| {
            let read = test
                .store
                .read("test", |tx| Box::pin(tx.lockout(company, connection)));
            read.await.expect("read")
        };
        let set = async |company, at| {
            test.store
                .tx("test", |tx| {
                    Box::pin(tx.set_lockout(company, connection, at))
                })
                .await
        };
        assert_eq!(lockout(company).await, None);
        set(company, NOW.plus(7)).await.expect("set");
        set(company, NOW.plus(9)).await.expect("set again");
        assert_eq!(lockout(company).await, Some(NOW.plus(9)));
        assert_eq!(lockout(stranger.company.id).await, None);
        let _ = set(stranger.company.id, NOW).await;
        assert_eq!(lockout(company).await, Some(NOW.plus(9)));
        let clear = async |company| {
            let cleared = test
                .store
                .tx("test", |tx| Box::pin(tx.clear_lockout(company, connection)));
            cleared.await.expect("cleared");
        };
        clear(stranger.company.id).await;
        assert_eq!(lockout(company).await, Some(NOW.plus(9)));
        clear(company).await;
        assert_eq!(lockout(company).await, None);
    })
    .await;
}
