//! Claims jobs and runs them, so many at a time.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};

use super::kind::{Context, Ended, NotRun, Registry, WaitingRuns};
use crate::{
    clock::Clock,
    store::{
        Store, StoreError,
        jobs::{Job, KnownKind},
    },
};

/// How many jobs are claimed, how often and for how long.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Runs at a time; 0 runs none.
    pub workers: usize,
    /// Names this node in the queue.
    pub name: String,
    /// A claim that is not renewed for this long is another's to take, in milliseconds.
    pub lease_ms: i64,
    /// How often the queue is asked when nothing is due.
    pub poll: Duration,
}

impl Settings {
    /// The usual ones: a lease of two minutes, asked every second.
    #[must_use]
    pub fn new(workers: usize, name: String) -> Self {
        Self {
            workers,
            name,
            lease_ms: 120_000,
            poll: Duration::from_secs(1),
        }
    }
}

/// A node that stops waits so long for a run that must not be interrupted.
const PATIENCE: Duration = Duration::from_secs(20);
/// A parked job keeps so much of its reason, in characters.
const REASON_CHARS_MAX: usize = 500;

/// Runs the jobs of this node. Cheap to clone.
#[derive(Clone)]
pub struct Worker {
    /// The database that holds the queue.
    pub store: Store,
    /// Tells when jobs are due.
    pub clock: Arc<dyn Clock>,
    /// The kinds of jobs that are run.
    pub registry: Arc<Registry>,
    /// How many jobs are claimed, how often and for how long.
    pub settings: Settings,
    /// The runs that wait for a person.
    pub waiting: WaitingRuns,
}

impl Worker {
    /// Runs jobs until `stop` says true, then gives back what is running, as if it had never been claimed. A run that
    /// says that it must not be interrupted is waited for, 20 s at most.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let kinds = self.registry.known();
        let mut running = JoinSet::new();
        let mut periodic_queued = false;
        while !*stop.borrow() {
            let mut idle = self.settings.workers == 0 || {
                // Who waits takes nobody's place.
                running.len() >= self.settings.workers + self.waiting.count()
            };
            if !idle {
                if !periodic_queued {
                    periodic_queued = self.queue_periodic().await;
                }
                match self.claim(&kinds).await {
                    Ok(Some(job)) => {
                        let (worker, stop) = (self.clone(), stop.clone());
                        running.spawn(async move { worker.work(job, stop).await });
                    }
                    Ok(None) => idle = true,
                    Err(error) => {
                        tracing::error!(%error, "the job queue cannot be read");
                        idle = true;
                    }
                }
            }
            while let Some(ended) = running.try_join_next() {
                note_panic(ended);
            }
            if idle {
                tokio::select! {
                    () = tokio::time::sleep(self.settings.poll) => {}
                    Some(ended) = running.join_next(), if !running.is_empty() => note_panic(ended),
                    changed = stop.changed() => if changed.is_err() { break },
                }
            }
        }
        while let Some(ended) = running.join_next().await {
            note_panic(ended);
        }
    }

    /// True when every periodic job is in the queue.
    async fn queue_periodic(&self) -> bool {
        let jobs = self.registry.periodic_jobs(self.clock.now());
        let jobs = &jobs;
        let queued = self.store.tx("jobs.queue_periodic", |tx| {
            Box::pin(async move {
                for job in jobs {
                    tx.enqueue_if_missing(job).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        match queued.await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "periodic jobs cannot be queued");
                false
            }
        }
    }

    async fn claim(&self, kinds: &[KnownKind]) -> Result<Option<Job>, StoreError> {
        let (now, settings) = (self.clock.now(), &self.settings);
        let claimed = self.store.tx("jobs.claim", |tx| {
            Box::pin(tx.claim_job(kinds, now, settings.lease_ms, &settings.name))
        });
        match claimed.await {
            // Other nodes claim faster: they have work, and this one asks again soon.
            Err(StoreError::Contended) => Ok(None),
            claimed => claimed,
        }
    }

    /// Runs one claimed job to its end while holding the claim. Lets go of everything when the claim is lost, and gives
    /// the job back when `stop` says true.
    pub async fn work(&self, job: Job, mut stop: watch::Receiver<bool>) {
        let context = Context::new(job, self.waiting.clone());
        let (job, kind) = (context.job.id, context.job.kind.as_str());
        let written = tokio::select! {
            ended = self.registry.run(&context) => self.write_end(&context.job, ended).await,
            () = self.claim_lost(&context.job) => {
                tracing::warn!(%job, kind, "the claim was lost; the run is abandoned");
                Ok(())
            }
            () = stopped(&mut stop, &context) => {
                tracing::info!(%job, kind, "stopping: the run is given back");
                let now = self.clock.now();
                let back = self.store.tx("jobs.give_back", |tx| {
                    Box::pin(tx.give_back_job(&context.job, now))
                });
                back.await.map(drop)
            }
        };
        if let Err(error) = written {
            tracing::error!(%job, kind, %error, "the run's end could not be written");
        }
    }

    async fn write_end(&self, job: &Job, ended: Result<Ended, NotRun>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let store = &self.store;
        let held = match ended {
            Ok(Ended::Written) => true,
            Ok(Ended::Done) => {
                let done = store.tx("jobs.complete", |tx| Box::pin(tx.complete_job(job)));
                done.await?
            }
            Ok(Ended::Repeat(at)) => {
                let repeat = store.tx("jobs.repeat", |tx| Box::pin(tx.repeat_job(job, at)));
                repeat.await?
            }
            Ok(Ended::Retry(at)) => {
                let retry = store.tx("jobs.retry", |tx| Box::pin(tx.retry_job(job, at)));
                retry.await?
            }
            Err(NotRun::Payload(reason)) => {
                tracing::error!(job = %job.id, kind = job.kind, "the job's payload cannot be read; it is parked");
                let reason: String = reason.chars().take(REASON_CHARS_MAX).collect();
                let park = store.tx("jobs.park", |tx| Box::pin(tx.park_job(job, &reason, now)));
                park.await?
            }
            Err(NotRun::Store(error)) => return Err(error),
        };
        if !held {
            tracing::warn!(job = %job.id, kind = job.kind, "the claim was lost before the run's end");
        }
        Ok(())
    }

    /// Renews the claim; resolves when it was lost.
    async fn claim_lost(&self, job: &Job) {
        let lease_ms = self.settings.lease_ms;
        let pause = Duration::from_millis(u64::try_from(lease_ms).unwrap_or(0) / 4);
        loop {
            tokio::time::sleep(pause).await;
            let now = self.clock.now();
            let renewed = self.store.tx("jobs.renew", |tx| {
                Box::pin(tx.renew_job(job, now, lease_ms))
            });
            match renewed.await {
                Ok(true) => {}
                Ok(false) => return,
                // The lease outlasts a short trouble of the database.
                Err(error) => {
                    tracing::warn!(job = %job.id, %error, "the claim could not be renewed");
                }
            }
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>, context: &Context) {
    // A sender that is gone says stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
    // What takes longer is interrupted all the same: the run has written down what the next one must know.
    let _ = tokio::time::timeout(PATIENCE, context.interruptible()).await;
}

fn note_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a job's run broke off; its claim ends by itself");
    }
}
