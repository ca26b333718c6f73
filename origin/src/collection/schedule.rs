//! Claims collection jobs and runs them: so many at a time, one at a time for each provider host.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet};

use crate::store::{StoreError, jobs::Job};

use super::{
    again::spread,
    collect::{Collector, collect},
    sent::Sent,
};

/// How jobs are claimed.
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

/// A job whose host is busy comes back after about so long, in milliseconds.
const HOST_BUSY_MS: i64 = 15_000;
/// A node that stops waits so long for the answer to a password that it sent.
const ANSWER: Duration = Duration::from_secs(20);

type Hosts = Arc<Mutex<HashSet<String>>>;

/// Runs jobs until `stop` says true, then gives back what is running, as if it had never been claimed. A run that has
/// just sent a password first learns what came of it.
pub async fn run(collector: Collector, settings: Settings, mut stop: watch::Receiver<bool>) {
    let hosts = Hosts::default();
    let mut running = JoinSet::new();
    while !*stop.borrow() {
        let mut idle = settings.workers == 0 || running.len() >= settings.workers;
        if !idle {
            match claim(&collector, &settings, &hosts).await {
                Ok(Some((job, held))) => {
                    let (collector, settings, stop) =
                        (collector.clone(), settings.clone(), stop.clone());
                    running
                        .spawn(async move { work(&collector, &settings, job, held, stop).await });
                }
                Ok(None) => idle = true,
                Err(error) => {
                    tracing::error!(%error, "the job queue cannot be read");
                    idle = true;
                }
            }
        }
        while running.try_join_next().is_some() {}
        if idle {
            tokio::select! {
                () = tokio::time::sleep(settings.poll) => {}
                Some(_) = running.join_next(), if !running.is_empty() => {}
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
    }
    while running.join_next().await.is_some() {}
}

/// The next job whose host nobody is at.
async fn claim(
    collector: &Collector,
    settings: &Settings,
    hosts: &Hosts,
) -> Result<Option<(Job, HeldHost)>, StoreError> {
    let (store, clock) = (&collector.store, &collector.clock);
    let Some(job) = store
        .tx("collection.claim_job", |tx| {
            Box::pin(tx.claim_job(clock.now(), settings.lease_ms, &settings.name))
        })
        .await?
    else {
        return Ok(None);
    };
    let connection = store
        .read("collection.connection_of_company", |tx| {
            Box::pin(tx.connection_of_company(job.company, job.connection))
        })
        .await?;
    let host = connection
        .map(|connection| connection.provider_url.host().to_owned())
        .unwrap_or_default();
    match HeldHost::take(hosts, host) {
        Some(held) => Ok(Some((job, held))),
        None => {
            let later = HOST_BUSY_MS + spread(&*collector.random, HOST_BUSY_MS / 3);
            store
                .tx("collection.give_back_job", |tx| {
                    Box::pin(tx.give_back_job(&job, clock.now().plus(later)))
                })
                .await?;
            Ok(None)
        }
    }
}

/// Collects while holding the claim; lets go of everything when the claim is lost or the node stops.
async fn work(
    collector: &Collector,
    settings: &Settings,
    job: Job,
    held: HeldHost,
    mut stop: watch::Receiver<bool>,
) {
    let sent = Sent::default();
    let ended = tokio::select! {
        done = collect(collector, &job, &sent) => done,
        () = lose(collector, settings, &job) => {
            tracing::warn!(connection = %job.connection, "the claim was lost; the run is abandoned");
            Ok(())
        }
        () = stopped(&mut stop, &sent) => {
            tracing::info!(connection = %job.connection, "stopping: the run is given back");
            collector.store.tx("collection.give_back_job", |tx| Box::pin(tx.give_back_job(&job, collector.clock.now()))).await.map(drop)
        }
    };
    drop(held);
    if let Err(error) = ended {
        tracing::error!(connection = %job.connection, %error, "the run's end could not be written");
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>, sent: &Sent) {
    // A sender that is gone says stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
    // An answer that is later still is not known: the next claim reads that.
    let _ = tokio::time::timeout(ANSWER, sent.answered()).await;
}

/// Renews the claim; resolves when it was lost.
async fn lose(collector: &Collector, settings: &Settings, job: &Job) {
    let lease = u64::try_from(settings.lease_ms).unwrap_or(0);
    loop {
        tokio::time::sleep(Duration::from_millis(lease / 4)).await;
        match collector
            .store
            .tx("collection.renew_job", |tx| {
                Box::pin(tx.renew_job(job, collector.clock.now(), settings.lease_ms))
            })
            .await
        {
            Ok(true) => {}
            Ok(false) => return,
            // The lease outlasts a short trouble of the database.
            Err(error) => {
                tracing::warn!(connection = %job.connection, %error, "the claim could not be renewed")
            }
        }
    }
}

/// A provider host that a run is at; free again when dropped.
struct HeldHost {
    hosts: Hosts,
    host: String,
}

impl HeldHost {
    fn take(hosts: &Hosts, host: String) -> Option<Self> {
        let free = hosts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(host.clone());
        free.then(|| Self {
            hosts: Arc::clone(hosts),
            host,
        })
    }
}

impl Drop for HeldHost {
    fn drop(&mut self) {
        self.hosts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.host);
    }
}
