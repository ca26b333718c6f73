use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use shared::{id::JobId, time::UnixMillis};
use tokio::sync::{mpsc, watch};

use super::{Context, Ended, Kind, Periodic, Registry, Settings, Worker, new_job};
use crate::{
    clock::{TestClock, TestRandom},
    store::{
        StoreError,
        jobs::{Job, KnownKind, NewJob},
        testing::{NOW, TestStore, fresh, on_both},
    },
};

/// Tells what it was given, and then waits to be interrupted, if it is to.
struct Tell {
    told: mpsc::UnboundedSender<u32>,
    holds_on: bool,
    go_on: watch::Receiver<bool>,
}

impl Kind for Tell {
    const NAME: &'static str = "TELL";
    type Payload = u32;

    fn dedupe_key(payload: &u32) -> String {
        format!("TELL:{payload}")
    }

    async fn run(&self, context: &Context, payload: u32) -> Result<Ended, StoreError> {
        context.set_uninterruptible(self.holds_on);
        let _ = self.told.send(payload);
        let _ = self.go_on.clone().wait_for(|go_on| *go_on).await;
        Ok(Ended::Done)
    }
}

struct Count(Arc<AtomicU32>, mpsc::UnboundedSender<u32>);

impl Periodic for Count {
    const NAME: &'static str = "COUNT";
    const EVERY_MS: i64 = 1000;

    async fn run(&self, _context: &Context) -> Result<(), StoreError> {
        let _ = self.1.send(self.0.fetch_add(1, Ordering::SeqCst) + 1);
        Ok(())
    }
}

fn tell(payload: u32) -> NewJob {
    new_job::<Tell>(JobId::from_random(fresh()), &payload, NOW, NOW).expect("a job")
}

async fn queue(test: &TestStore, job: &NewJob) {
    let queued = test.store.tx("test", |tx| Box::pin(tx.enqueue(job)));
    queued.await.expect("queued");
}

async fn claim(test: &TestStore, kind: &'static str, now: UnixMillis) -> Option<Job> {
    let kinds = [KnownKind {
        name: kind,
        version: 1,
    }];
    let claimed = test
        .store
        .tx("test", |tx| Box::pin(tx.claim_job(&kinds, now, 1000, "w")));
    claimed.await.expect("claim")
}

fn worker(test: &TestStore, add: impl FnOnce(Registry) -> Registry) -> Worker {
    let clock = Arc::new(TestClock::at(NOW));
    let registry = add(Registry::new(
        clock.clone(),
        Arc::new(TestRandom::default()),
    ));
    Worker {
        store: test.store.clone(),
        clock,
        registry: Arc::new(registry),
        settings: Settings::new(2, "node".into()),
        waiting: crate::jobs::WaitingRuns::default(),
    }
}

#[tokio::test]
async fn a_payload_that_does_not_parse_is_parked_and_other_kinds_are_left_alone() {
    on_both(async |test| {
        let unreadable = NewJob {
            payload: "\"seven\"".into(),
            ..tell(7)
        };
        queue(test, &unreadable).await;
        let of_a_newer_build = NewJob {
            kind: "OF_A_NEWER_BUILD",
            dedupe_key: "n".into(),
            ..tell(8)
        };
        queue(test, &of_a_newer_build).await;
        queue(test, &tell(9)).await;
        let (told, mut heard) = mpsc::unbounded_channel();
        let (_go, go_on) = watch::channel(true);
        let node = worker(test, |registry| {
            registry.with(Tell {
                told,
                holds_on: false,
                go_on,
            })
        });
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(node.run(stopping));
        assert_eq!(heard.recv().await, Some(9));
        stop.send_replace(true);
        running.await.expect("it ends");
        assert!(heard.try_recv().is_err(), "nothing else ran");
        assert_eq!(
            claim(test, "TELL", NOW.plus(1_000_000)).await,
            None,
            "parked"
        );
        assert!(claim(test, "OF_A_NEWER_BUILD", NOW).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn periodic_work_is_queued_once_for_all_nodes_and_comes_back() {
    on_both(async |test| {
        let (ran, mut heard) = mpsc::unbounded_channel();
        let count = Arc::new(AtomicU32::new(0));
        let node = || {
            let (count, ran) = (Arc::clone(&count), ran.clone());
            worker(test, |registry| registry.with_periodic(Count(count, ran)))
        };
        let (stop, stopping) = watch::channel(false);
        let nodes = [node(), node()].map(|node| tokio::spawn(node.run(stopping.clone())));
        assert_eq!(heard.recv().await, Some(1));
        stop.send_replace(true);
        for node in nodes {
            node.await.expect("it ends");
        }
        assert_eq!(count.load(Ordering::SeqCst), 1, "once, not once a node");
        assert_eq!(test.rows("jobs").await, 1);
        assert_eq!(claim(test, "COUNT", NOW.plus(899)).await, None);
        let next = claim(test, "COUNT", NOW.plus(1100)).await;
        assert_eq!(next.expect("it comes back").attempts, 1);
    })
    .await;
}

#[tokio::test]
async fn a_stopping_worker_gives_back_what_may_be_interrupted_and_waits_for_the_rest() {
    on_both(async |test| {
        for (holds_on, jobs_left) in [(false, 1), (true, 0)] {
            queue(test, &tell(1)).await;
            let (told, mut heard) = mpsc::unbounded_channel();
            let (go, go_on) = watch::channel(false);
            let node = worker(test, |registry| {
                registry.with(Tell {
                    told,
                    holds_on,
                    go_on,
                })
            });
            let (stop, stopping) = watch::channel(false);
            let running = tokio::spawn(node.run(stopping));
            assert_eq!(heard.recv().await, Some(1));
            stop.send_replace(true);
            if holds_on {
                go.send_replace(true);
            }
            running.await.expect("it ends");
            assert_eq!(test.rows("jobs").await, jobs_left, "held on: {holds_on}");
        }
    })
    .await;
}
